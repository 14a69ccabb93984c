//! # Margin
//!
//! Accounts that hold collateral and positions, and the index that finds those that became unsafe.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. The exchange trades for accounts through
//! [`TradingAccounts`](caisson_primitives::trading::TradingAccounts), which [`Pallet`] implements; clients read
//! through the runtime API `MarginApi` or the view functions.
//!
//! ## Overview
//!
//! Accounts belong to a compartment, which has its own custody account, its own ledger and its own markets: a loss stays
//! where it arose. An owner has several accounts in a compartment; one with a single market is isolated margin, one
//! with several is cross margin.
//!
//! Everything is whole quanta of the settlement asset. A trade moves the same number out of one account and into another;
//! money is rounded once per market and block, never per account.
//!
//! The trigger index answers, in each block, which accounts just fell short of maintenance margin. Slack (equity minus
//! maintenance margin) is linear in one coordinate for each market, side and tier; each position waits on its coordinate with
//! a trigger, and the index keeps them sorted. An account is looked at when a trigger of it is crossed, and not before. That
//! nobody unsafe is missed is a theorem, proved in `caisson-risk`.
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections.
//!
//! ## Low-level
//!
//! - [`custody`]: deposits, withdrawals, transfers, closing;
//! - [`fills`]: what a trade does to an account;
//! - [`health`]: equity, slack, initial health, liquidation price;
//! - [`triggers`]: arming an account; [`sweep`]: the step of each block;
//! - [`collateral`]: what assets besides the settlement asset count for;
//! - [`queue`]: withdrawals that wait; [`seized`]: collateral taken from liquidated accounts;
//! - [`settlement`]: closing positions of markets that ended; [`insolvency`]: of those with a deficit;
//! - [`waterfall`]: what the liquidation engine asks; [`inventory`]: what the funds of markets hold; [`funds`]: the money of
//!   compartments besides that of accounts;
//! - [`governance`]: compartments and collateral assets;
//! - [`trading`]: what the exchange uses; [`api`]: what clients ask.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

pub mod api;
pub mod collateral;
pub mod custody;
pub mod fills;
pub mod funds;
pub mod governance;
pub mod health;
pub mod insolvency;
pub mod inventory;
pub mod queue;
pub mod risk_figures;
pub mod seized;
pub mod settlement;
pub mod sweep;
pub mod trading;
pub mod triggers;
pub mod types;
pub mod waterfall;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;

pub use pallet::*;
pub use weights::WeightInfo;

/// The target of this pallet's log lines.
pub const LOG_TARGET: &str = "margin";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;
    use caisson_primitives::{
        oracle::{BlockTime, FeedId, PriceFeeds},
        trading::{
            Account, AccountIndex, Cash, CompartmentId, LotPrice, Lots, MarketId, Markets,
            OpenOrdersSource, SafetyObserver, WithdrawalGate,
        },
        AssetId, Balance, BlockNumber,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::fungibles::{self, metadata},
        weights::WeightMeter,
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::SaturatedConversion;

    use crate::{
        collateral, custody, governance,
        insolvency::{self, Shortfall},
        queue::{self, QueuedWithdrawal},
        seized, settlement, sweep, triggers,
        types::{
            Bests, CollateralList, CollateralTerms, Compartment, CompartmentTerms, Exposure,
            Ledger, TriggerKey,
        },
        weights::{WeightInfo, MAX_LEGS},
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// May create compartments and list collateral assets.
        type ListingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// May set their terms.
        type RiskOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The assets that are deposited.
        type Assets: fungibles::Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>
            + metadata::Inspect<Self::AccountId>;
        /// The markets.
        type Markets: Markets;
        /// The prices of collateral assets.
        type Feeds: PriceFeeds;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// The orders.
        type Orders: OpenOrdersSource;
        /// Asked before money leaves a compartment.
        type Gate: WithdrawalGate;
        /// Told when an account comes to safety.
        type Observer: SafetyObserver;
        /// Where the treasury's part of fees is paid to.
        type Treasury: Get<Self::AccountId>;
        /// From which the custody accounts are derived.
        #[pallet::constant]
        type CustodyId: Get<PalletId>;
        /// The most accounts of an owner in a compartment: sub-numbers are below it.
        #[pallet::constant]
        type MaxSubaccounts: Get<u8>;
        /// The most compartments.
        #[pallet::constant]
        type MaxCompartments: Get<u16>;
        /// The most accounts of several positions and almost no slack that are looked at in every block.
        #[pallet::constant]
        type MaxWatched: Get<u32>;
        /// The most withdrawals of a compartment that wait in its queue.
        #[pallet::constant]
        type MaxQueued: Get<u32>;
        /// Slack below this share of notional, in parts per million, is almost none.
        #[pallet::constant]
        type WatchStepPpm: Get<u32>;
        /// What the sweep, the queues and settlement may take of a block.
        type HookBudget: Get<Weight>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    /// The accounts and their index.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// The compartments. `Twox64Concat`: their numbers are given by the chain.
    #[pallet::storage]
    pub type Compartments<T> = StorageMap<_, Twox64Concat, CompartmentId, Compartment>;

    /// What compartments hold that belongs to no account.
    #[pallet::storage]
    pub type Ledgers<T> = StorageMap<_, Twox64Concat, CompartmentId, Ledger, ValueQuery>;

    /// The number of the next compartment.
    #[pallet::storage]
    pub type NextCompartment<T> = StorageValue<_, CompartmentId, ValueQuery>;

    /// The collateral assets: one value, because pricing needs all of them and there are few.
    #[pallet::storage]
    pub type Collaterals<T> = StorageValue<_, CollateralList, ValueQuery>;

    /// The accounts. `Identity` over a number that the chain gives in sequence: its first byte is the lowest, so the
    /// trie is filled evenly and nobody can choose where an account lies.
    #[pallet::storage]
    pub type Accounts<T: Config> = StorageMap<_, Identity, AccountIndex, Account<T::AccountId>>;

    /// The number of an owner's account. `Blake2_128Concat`: owners are chosen by users.
    #[pallet::storage]
    pub type AccountIndices<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Twox64Concat,
        (CompartmentId, u8),
        AccountIndex,
    >;

    /// The number of the next account.
    #[pallet::storage]
    pub type NextAccount<T> = StorageValue<_, AccountIndex, ValueQuery>;

    /// The account in which the fund of a market holds what it took over. `Twox64Concat`: markets are numbered by the chain.
    #[pallet::storage]
    pub type Inventories<T> = StorageMap<_, Twox64Concat, MarketId, AccountIndex>;

    /// The trigger index. `Identity` keeps the order of the keys, which is the point. An attacker chooses triggers only by
    /// paying for positions, and at most 64 levels of 4 bits lie below a bucket, so no branch gets deeper than others by
    /// more than that.
    #[pallet::storage]
    pub type TriggerIndex<T> = StorageMap<_, Identity, TriggerKey, ()>;

    /// A bound on the first trigger of each bucket: what a quiet block reads.
    #[pallet::storage]
    pub type BestTriggers<T> = StorageMap<_, Identity, Exposure, Bests, ValueQuery>;

    /// How many accounts are watched.
    #[pallet::storage]
    pub type WatchedAccounts<T> = StorageValue<_, u32, ValueQuery>;

    /// Whether the budget ended before all crossed triggers were looked at in this block.
    #[pallet::storage]
    pub type SweepIncomplete<T> = StorageValue<_, bool, ValueQuery>;

    /// The lots held long in each market, which equal those held short.
    #[pallet::storage]
    pub type OpenInterest<T> = StorageMap<_, Twox64Concat, MarketId, u64, ValueQuery>;

    /// The withdrawals that wait, by compartment and number. `Identity` over the number, big-endian: the first key is that of
    /// who came first. The chain numbers them.
    #[pallet::storage]
    pub type Queued<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        CompartmentId,
        Identity,
        [u8; 8],
        QueuedWithdrawal<T::AccountId>,
    >;

    /// How many wait in each compartment; no record where nobody does.
    #[pallet::storage]
    pub type Queues<T> = StorageMap<_, Twox64Concat, CompartmentId, u32, ValueQuery>;

    /// The number of the next withdrawal that waits, in any compartment.
    #[pallet::storage]
    pub type NextQueued<T> = StorageValue<_, u64, ValueQuery>;

    /// Withdrawals whose owners could not be paid when it was their turn. `Twox64Concat`: the chain numbers them.
    #[pallet::storage]
    pub type Parked<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        CompartmentId,
        Twox64Concat,
        u64,
        QueuedWithdrawal<T::AccountId>,
    >;

    /// The markets that settle with a deficit, and how far that is.
    #[pallet::storage]
    pub type Shortfalls<T> = StorageMap<_, Twox64Concat, MarketId, Shortfall>;

    /// The profits that a deficit is shared among, by market and account. `Twox64Concat`: the chain numbers both.
    #[pallet::storage]
    pub type Claims<T> =
        StorageDoubleMap<_, Twox64Concat, MarketId, Twox64Concat, AccountIndex, Cash, ValueQuery>;

    /// The compartments a chain starts with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Settlement asset and terms of each, numbered from zero.
        pub compartments: Vec<(AssetId, CompartmentTerms)>,
        /// Compartment, asset, feed, smallest units in a lot, and terms.
        pub collaterals: Vec<(CompartmentId, AssetId, FeedId, Balance, CollateralTerms)>,
        /// Ties the genesis to its runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (asset, terms) in &self.compartments {
                governance::create_compartment::<T>(*asset, *terms)
                    .expect("genesis: a compartment's asset and terms are valid");
            }
            for (compartment, asset, feed, lot_units, terms) in &self.collaterals {
                governance::list_collateral::<T>(*compartment, *asset, *feed, *lot_units, *terms)
                    .expect("genesis: a collateral asset's terms are valid");
            }
        }
    }

    /// What happened. Money is in quanta, 10^-12 of the settlement asset; units are the asset's smallest.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// An owner has a new account of this number.
        AccountOpened {
            account: AccountIndex,
            owner: T::AccountId,
            compartment: CompartmentId,
            sub: u8,
        },
        /// An account is gone. So many units of the settlement asset were paid out, or wait (`WithdrawalQueued` says so), and
        /// `dust` stayed with the compartment.
        AccountClosed {
            account: AccountIndex,
            owner: T::AccountId,
            units: Balance,
            dust: Cash,
        },
        /// Money came in: the account had `before` and has `after`.
        Deposited {
            account: AccountIndex,
            asset: AssetId,
            units: Balance,
            before: Cash,
            after: Cash,
        },
        /// Money left.
        Withdrawn {
            account: AccountIndex,
            asset: AssetId,
            units: Balance,
            before: Cash,
            after: Cash,
        },
        /// Units of another asset came in as collateral.
        Pledged {
            account: AccountIndex,
            asset: AssetId,
            units: Balance,
        },
        /// Units of another asset left.
        Unpledged {
            account: AccountIndex,
            asset: AssetId,
            units: Balance,
        },
        /// Money moved between two accounts of an owner.
        Transferred {
            from: AccountIndex,
            to: AccountIndex,
            units: Balance,
        },
        /// An account uses at most this leverage, zero for what the market allows.
        LeverageSet {
            account: AccountIndex,
            before: u8,
            after: u8,
        },
        /// An account fell short of maintenance margin: its equity, and how much it is short as a negative slack.
        BecameUnsafe {
            account: AccountIndex,
            equity: Cash,
            slack: Cash,
        },
        /// An account that was short since a block has its maintenance margin again.
        BecameSafe {
            account: AccountIndex,
            slack: Cash,
            since: BlockNumber,
        },
        /// An account was due a penalty for what the liquidation engine closed in a call, and paid of it what equity it had. It is
        /// in the insurance fund.
        PenaltyPaid {
            account: AccountIndex,
            paid: Cash,
            due: Cash,
        },
        /// The fund of a market has an account of this number for what it takes over.
        InventoryOpened {
            account: AccountIndex,
            market: MarketId,
        },
        /// A position was closed at the settlement price of its market.
        PositionSettled {
            account: AccountIndex,
            market: MarketId,
            lots: Lots,
            price: LotPrice,
            realised: Cash,
        },
        /// A withdrawal of so many units of the settlement asset left the account, and waits under this number until it can be
        /// paid.
        WithdrawalQueued {
            account: AccountIndex,
            owner: T::AccountId,
            compartment: CompartmentId,
            units: Balance,
            number: u64,
        },
        /// So many units of a withdrawal that waited were paid, and so many are left.
        QueuedWithdrawalPaid {
            owner: T::AccountId,
            compartment: CompartmentId,
            number: u64,
            units: Balance,
            left: Balance,
        },
        /// It was the turn of a withdrawal, but its owner can't receive the asset. `claim_withdrawal` pays it when that is put right.
        WithdrawalParked {
            owner: T::AccountId,
            compartment: CompartmentId,
            number: u64,
            units: Balance,
            error: DispatchError,
        },
        /// What was left of a withdrawal went back into its account.
        WithdrawalCancelled {
            account: AccountIndex,
            owner: T::AccountId,
            compartment: CompartmentId,
            number: u64,
            units: Balance,
        },
        /// Lots of a collateral asset, which count for `value`, were taken from a liquidated account.
        CollateralSeized {
            account: AccountIndex,
            asset: AssetId,
            lots: Lots,
            value: Cash,
        },
        /// Seized lots, which are so many units of the asset, were sold for so many units of the settlement asset. What was paid is
        /// in the insurance fund.
        SeizedSold {
            compartment: CompartmentId,
            asset: AssetId,
            buyer: T::AccountId,
            lots: u64,
            units: Balance,
            cost: Balance,
            paid: Cash,
        },
        /// A market settles with this deficit, which is shared among these profits.
        SharingBegan {
            market: MarketId,
            deficit: Cash,
            profits: Cash,
        },
        /// An account gave up this share of its profit to the deficit of its market.
        ProfitShared {
            account: AccountIndex,
            market: MarketId,
            profit: Cash,
            share: Cash,
        },
        /// A market is settled, and its deficit was paid out of its profits.
        ShortfallShared { market: MarketId, shared: Cash },
        /// A market is settled, and more was lost in it than was won: the rest of its deficit stays open.
        ShortfallLeft {
            market: MarketId,
            shared: Cash,
            left: Cash,
        },
        /// An account could not be assessed, so it was left as it is. This should never be.
        CouldNotAssess {
            account: AccountIndex,
            error: DispatchError,
        },
        /// There is a new compartment.
        CompartmentCreated {
            compartment: CompartmentId,
            settlement_asset: AssetId,
            terms: CompartmentTerms,
        },
        /// A compartment has other terms.
        CompartmentTermsSet {
            compartment: CompartmentId,
            before: CompartmentTerms,
            after: CompartmentTerms,
        },
        /// An asset counts as collateral in a compartment.
        CollateralListed {
            compartment: CompartmentId,
            asset: AssetId,
            terms: CollateralTerms,
        },
        /// A collateral asset has other terms.
        CollateralTermsSet {
            compartment: CompartmentId,
            asset: AssetId,
            before: CollateralTerms,
            after: CollateralTerms,
        },
        /// So many units of fees were paid to the treasury.
        FeesCollected {
            compartment: CompartmentId,
            units: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No account has this number. `accounts_of` of the runtime API `MarginApi` lists an owner's.
        NoSuchAccount,
        /// The account belongs to someone else. An agent calls through `proxy`.
        NotOwner,
        /// The account holds what a market's fund took over: only the chain acts for it.
        FundAccount,
        /// The pot of the compartment holds less than that.
        NotEnoughFunds,
        /// No compartment has this number.
        NoSuchCompartment,
        /// The owner has an account of this sub-number in the compartment already: deposit into it, or take another.
        AccountExists,
        /// The sub-number is too high: see `MaxSubaccounts`.
        TooManySubaccounts,
        /// The chain has as many accounts as it can number.
        TooManyAccounts,
        /// The first deposit is less than the compartment's `min_deposit`.
        BelowMinimumDeposit,
        /// The amount is zero, or there is nothing to collect.
        ZeroAmount,
        /// A number leaves the range in which money is exact, or the position would be larger than the market's last tier.
        TooLarge,
        /// The account holds less of the asset than that.
        NotEnoughCollateral,
        /// What would stay is less than what positions and orders must hold: cancel orders, close positions, or take less.
        /// `health` of the runtime API `MarginApi` says how much can leave.
        NotEnoughMargin,
        /// The price of a market or a collateral asset of the account is not fresh, so nothing can leave now. Try again when
        /// its feed is live.
        PriceNotTrusted,
        /// More has left the compartment lately than may leave at once, and what is asked for can't wait in a queue, which only
        /// money can, and no less of it than opens an account: take another amount, or try again later.
        MustWait,
        /// As many withdrawals wait as can: try again later.
        QueueFull,
        /// No withdrawal of this number waits, or none is set aside that could be claimed. It was paid or cancelled.
        NoSuchWithdrawal,
        /// The compartment has fewer seized lots of this asset for sale.
        NotSeized,
        /// The lots cost more than `max_cost` by now.
        CostsMore,
        /// The asset is no collateral in this compartment.
        NotCollateral,
        /// The amount is not a whole number of the asset's collateral lots.
        NotWholeLots,
        /// The compartment holds as much of this asset as it takes.
        CollateralCap,
        /// The account has as many kinds of collateral as it can have.
        TooManyPledges,
        /// The account is in as many markets as it can be: close a position or cancel orders elsewhere first.
        TooManyMarkets,
        /// From and to are the same account.
        SameAccount,
        /// The accounts are of different compartments: withdraw from one and deposit into the other.
        OtherCompartment,
        /// The account has positions, orders, other collateral or a debt: close, cancel and withdraw them first.
        AccountInUse,
        /// The account holds more than the compartment's `dust`.
        NotDust,
        /// No market has this number.
        NoSuchMarket,
        /// The market has no price yet, or no more.
        NoPrice,
        /// There is no room for another compartment.
        TooManyCompartments,
        /// There is no room for another collateral asset.
        TooManyCollaterals,
        /// The asset is a collateral asset of this compartment, or its settlement asset, already.
        AlreadyListed,
        /// The asset does not exist, or has more than twelve decimal places.
        UnsuitableAsset,
        /// `min_deposit` must be at least one unit and not below `dust`, shares at most one whole.
        BadTerms,
        /// No feed of this number ever had a price.
        NoSuchFeed,
        /// The leverage is higher than 200.
        TooMuchLeverage,
        /// The arithmetic left its proved range. This is a defect: please report it.
        Arithmetic,
        /// The trigger index names an account that is not there. This is a defect: please report it.
        CorruptedIndex,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            let mut meter = WeightMeter::with_limit(T::HookBudget::get());
            let mut fixed = Weight::zero();
            let assets = Collaterals::<T>::decode_len().unwrap_or_default();
            if assets > 0 {
                collateral::reprice::<T>();
                fixed = T::WeightInfo::reprice(assets.saturated_into());
            }
            let looked_at = sweep::run::<T>(now, &mut meter);
            fixed.saturating_accrue(T::WeightInfo::quiet_markets(looked_at));
            queue::run::<T>(&mut meter);
            fixed.saturating_accrue(settlement::run::<T>(&mut meter));
            fixed.saturating_add(meter.consumed())
        }

        fn integrity_test() {
            assert!(T::MaxQueued::get() > 0, "somebody must be able to wait");
            let budget = T::HookBudget::get();
            let steps = [
                T::WeightInfo::look(1, MAX_LEGS.saturating_sub(1)),
                T::WeightInfo::pay_queued(),
                settlement::largest_step::<T>(),
                insolvency::largest_step::<T>(),
            ];
            assert!(
                steps.iter().all(|step| budget.all_gte(*step)),
                "the budget must have room for each step of the hook"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Opens an account in a compartment with a first deposit of its settlement asset, in that asset's smallest units. `sub`
        /// tells the owner's accounts in the compartment apart; markets traded in different ones don't share margin.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::open_account())]
        pub fn open_account(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            sub: u8,
            #[pallet::compact] units: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            custody::open::<T>(who, compartment, sub, units)
        }

        /// Brings more of the settlement asset, or whole lots of another collateral asset, into an account of the caller.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::deposit(MAX_LEGS))]
        pub fn deposit(
            origin: OriginFor<T>,
            account: AccountIndex,
            asset: AssetId,
            #[pallet::compact] units: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let legs = custody::deposit::<T>(&who, account, asset, units)?;
            Ok(Some(T::WeightInfo::deposit(legs)).into())
        }

        /// Takes collateral out of an account of the caller. What stays must hold what positions and orders need, and at
        /// least the compartment's transfer margin. When more has left the compartment lately than may leave at once, money waits
        /// in a queue, and is paid when its turn comes.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw(MAX_LEGS))]
        pub fn withdraw(
            origin: OriginFor<T>,
            account: AccountIndex,
            asset: AssetId,
            #[pallet::compact] units: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let legs = custody::withdraw::<T>(&who, account, asset, units)?;
            Ok(Some(T::WeightInfo::withdraw(legs)).into())
        }

        /// Moves money between two accounts of the caller in one compartment, under the rules of a withdrawal.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::transfer(MAX_LEGS, MAX_LEGS))]
        pub fn transfer(
            origin: OriginFor<T>,
            from: AccountIndex,
            to: AccountIndex,
            #[pallet::compact] units: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let (source, target) = custody::transfer::<T>(&who, from, to, units)?;
            Ok(Some(T::WeightInfo::transfer(source, target)).into())
        }

        /// Closes an account of the caller that holds nothing but money, and pays it out in whole units, now or when its turn
        /// comes.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::close_account())]
        pub fn close_account(origin: OriginFor<T>, account: AccountIndex) -> DispatchResult {
            let who = ensure_signed(origin)?;
            custody::close::<T>(&who, account)
        }

        /// Closes anyone's account that holds less than the compartment's dust and nothing else, to free its record.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::close_account())]
        pub fn sweep_dust(origin: OriginFor<T>, account: AccountIndex) -> DispatchResult {
            ensure_signed(origin)?;
            custody::sweep_dust::<T>(account)
        }

        /// Chooses the most leverage an account takes: its initial margin is at least notional over leverage. Zero takes what the
        /// markets allow. Open orders and positions must fit at once.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_leverage(MAX_LEGS))]
        pub fn set_leverage(
            origin: OriginFor<T>,
            account: AccountIndex,
            leverage: u8,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let looked_at = governance::set_leverage::<T>(&who, account, leverage)?;
            Ok(Some(T::WeightInfo::set_leverage(looked_at)).into())
        }

        /// Makes a compartment that settles in an asset.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::create_compartment())]
        pub fn create_compartment(
            origin: OriginFor<T>,
            settlement_asset: AssetId,
            terms: CompartmentTerms,
        ) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            governance::create_compartment::<T>(settlement_asset, terms)?;
            Ok(())
        }

        /// Gives a compartment other terms.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_compartment_terms())]
        pub fn set_compartment_terms(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            terms: CompartmentTerms,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            governance::set_compartment_terms::<T>(compartment, terms)
        }

        /// Lets an asset count as collateral in a compartment. `feed` prices it in the settlement asset; `lot_units` are the
        /// smallest units in a collateral lot.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::list_collateral())]
        pub fn list_collateral(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            asset: AssetId,
            feed: FeedId,
            #[pallet::compact] lot_units: Balance,
            terms: CollateralTerms,
        ) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            governance::list_collateral::<T>(compartment, asset, feed, lot_units, terms)
        }

        /// Gives a collateral asset other terms. They hold from the next block.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_collateral_terms())]
        pub fn set_collateral_terms(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            asset: AssetId,
            terms: CollateralTerms,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            governance::set_collateral_terms::<T>(compartment, asset, terms)
        }

        /// Pays the fees that a compartment owes to the treasury, in whole units. Anyone may ask for it.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::collect_fees())]
        pub fn collect_fees(origin: OriginFor<T>, compartment: CompartmentId) -> DispatchResult {
            ensure_signed(origin)?;
            let units = custody::collect_fees::<T>(compartment)?;
            Self::deposit_event(Event::FeesCollected { compartment, units });
            Ok(())
        }

        /// Pays a withdrawal of the caller that was set aside because the caller could not receive it, as far as it may leave
        /// now.
        ///
        /// Emits `QueuedWithdrawalPaid`. Errors: `NoSuchWithdrawal`, `NotOwner`, `MustWait`, or what the asset refuses with.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::claim_withdrawal())]
        pub fn claim_withdrawal(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            #[pallet::compact] number: u64,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            queue::claim::<T>(&who, compartment, number)
        }

        /// Puts what is left of a withdrawal of the caller that waits, or was set aside, back into the account it came from.
        ///
        /// Emits `WithdrawalCancelled`. Errors: `NoSuchWithdrawal`, `NotOwner`, `NoSuchAccount` when that account is closed.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::cancel_withdrawal(MAX_LEGS))]
        pub fn cancel_withdrawal(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            #[pallet::compact] number: u64,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let legs = queue::cancel::<T>(&who, compartment, number)?;
            Ok(Some(T::WeightInfo::cancel_withdrawal(legs)).into())
        }

        /// Buys collateral that was seized from liquidated accounts, for what it counts for after its haircut, rounded up to
        /// whole units of the settlement asset; for at most `max_cost` of them. Anyone may.
        ///
        /// Emits `SeizedSold`. Errors: `NoSuchCompartment`, `NotCollateral`, `ZeroAmount`, `PriceNotTrusted`, `NotSeized`,
        /// `CostsMore`, or what the asset refuses with.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::buy_seized())]
        pub fn buy_seized(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            asset: AssetId,
            #[pallet::compact] lots: u64,
            #[pallet::compact] max_cost: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            seized::buy::<T>(&who, compartment, asset, lots, max_cost)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// An account, as it is stored.
        pub fn account(account: AccountIndex) -> Option<Account<T::AccountId>> {
            Accounts::<T>::get(account)
        }

        /// The number of an owner's account.
        pub fn account_of(
            owner: T::AccountId,
            compartment: CompartmentId,
            sub: u8,
        ) -> Option<AccountIndex> {
            AccountIndices::<T>::get(owner, (compartment, sub))
        }

        /// The account that holds a compartment's assets.
        pub fn custody(compartment: CompartmentId) -> T::AccountId {
            custody::custody_account::<T>(compartment)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Stores an account after a change of its money or positions, for the pallets that act on it.
        pub fn settle_account(
            index: AccountIndex,
            account: Account<T::AccountId>,
        ) -> DispatchResult {
            triggers::settle::<T>(index, account)
        }
    }
}
