//! # Insurance
//!
//! Insurance funds: what compartments pay losses from, and who backs them.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. The liquidation engine pays losses and books
//! income through [`InsuranceFunds`](caisson_primitives::trading::InsuranceFunds), which [`Pallet`] implements; clients
//! read through the functions of [`api`] or the view functions.
//!
//! ## Overview
//!
//! Each compartment has two pots in its own custody. The *insurance* pot is the chain's: penalties, a share of fees, and
//! what unwinding inventory earned. The *backers'* pot is that of people who stake the settlement asset for shares; fees
//! raise the share price, losses lower it, and who leaves waits, at risk, for a cool-down. Behind both stands the
//! treasury's *backstop*, one account for all compartments.
//!
//! A loss that the liquidation engine reports is paid by the insurance pot, then the backers, then the backstop; each
//! pays one market only so much in a window, so no market takes all of it. Nothing else pays anything, and a loss in one
//! compartment touches no pot of another.
//!
//! Each block looks at one compartment: what its funds should hold (a stress test of its open interest), and whether they
//! do.
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections. The arithmetic is that of
//! `caisson-risk`, where it is proved.
//!
//! ## Low-level
//!
//! - [`cover`]: the layers that pay, and what bounds a market's inventory; [`limits`]: their windows;
//! - [`backers`]: stakes, shares, leaving; [`coverage`]: target and coverage;
//! - [`terms`]: what governance sets; [`money`]: units, quanta, the backstop's account;
//! - [`api`]: what clients ask.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]
// Hooks run this code: whatever could panic or wrap is refused at compile time.
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

pub mod api;
pub mod backers;
pub mod cover;
pub mod coverage;
pub mod limits;
pub mod money;
pub mod terms;
pub mod types;
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
pub const LOG_TARGET: &str = "insurance";

/// Calls, storage, events and errors.
// What the macro expands to; the bodies are in the modules above.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::{boxed::Box, vec::Vec};
    use caisson_primitives::{
        oracle::BlockTime,
        trading::{
            Cash, CompartmentFunds, CompartmentId, MarketId, Markets, OpenInterestSource,
            SafetySignals, WithdrawalGate,
        },
        AssetId, Balance, Moment,
    };
    use caisson_risk::RiskError;
    use frame_support::{pallet_prelude::*, traits::fungibles, PalletId};
    use frame_system::pallet_prelude::*;

    use crate::{
        backers, coverage, money, terms,
        types::{Backing, Coverage, FundTerms, MarketRecord, ShareSeries, Shares, SubLimit},
        weights::WeightInfo,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The pots of compartments, and their custody.
        type Funds: CompartmentFunds<Self::AccountId>;
        /// Told when the funds pay.
        type Signals: SafetySignals;
        /// Asked before backers' money leaves a compartment.
        type Gate: WithdrawalGate;
        /// The assets that the backstop holds.
        type Assets: fungibles::Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>;
        /// The markets.
        type Markets: Markets;
        /// Their open interest.
        type OpenInterest: OpenInterestSource;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// May set terms and limits.
        type RiskOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// May spend the treasury's backstop: those whose it is.
        type SpendOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// From which the backstop's account is derived.
        #[pallet::constant]
        type BackstopId: Get<PalletId>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    /// The funds and their backers.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    // Compartments and markets are numbered by the chain, so `Twox64Concat` is safe for them, and keys can be listed.

    /// What governance set for compartments; [`FundTerms::standard`] for those that nothing was set for.
    #[pallet::storage]
    pub type Terms<T> = StorageMap<_, Twox64Concat, CompartmentId, FundTerms, ValueQuery>;

    /// Tighter limits of single markets.
    #[pallet::storage]
    pub type SubLimits<T> =
        StorageDoubleMap<_, Twox64Concat, CompartmentId, Twox64Concat, MarketId, SubLimit>;

    /// What markets took and brought. At most one for each market that ever was, and there are at most 2^15.
    #[pallet::storage]
    pub type Records<T> = StorageDoubleMap<
        _,
        Twox64Concat,
        CompartmentId,
        Twox64Concat,
        MarketId,
        MarketRecord,
        ValueQuery,
    >;

    /// The shares of backers that count, by compartment.
    #[pallet::storage]
    pub type Series<T> = StorageMap<_, Twox64Concat, CompartmentId, ShareSeries, ValueQuery>;

    /// What backers hold: one record for an account in a compartment, which costs at least the least stake.
    /// `Blake2_128Concat`: accounts are chosen by users.
    #[pallet::storage]
    pub type Backings<T: Config> =
        StorageDoubleMap<_, Twox64Concat, CompartmentId, Blake2_128Concat, T::AccountId, Backing>;

    /// The last look at each compartment.
    #[pallet::storage]
    pub type Coverages<T> = StorageMap<_, Twox64Concat, CompartmentId, Coverage>;

    /// The compartment that is looked at next.
    #[pallet::storage]
    pub type Turn<T> = StorageValue<_, CompartmentId, ValueQuery>;

    /// What compartments start with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Terms of compartments that shall not have the standard ones.
        pub terms: Vec<(CompartmentId, FundTerms)>,
        /// Units of the settlement asset that an account gives to a compartment's insurance fund.
        pub seeds: Vec<(CompartmentId, T::AccountId, Balance)>,
        /// Ties the genesis to its runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        // The compartment isn't looked up for terms: the pallet that has it may be built later. `try_state` does. For seeds it
        // must be there.
        fn build(&self) {
            for (compartment, terms) in &self.terms {
                assert!(
                    terms::check::<T>(terms).is_ok(),
                    "genesis: terms of compartment {compartment} are not valid"
                );
                Terms::<T>::insert(compartment, terms);
            }
            for (compartment, donor, units) in &self.seeds {
                backers::donate::<T>(donor, *compartment, *units)
                    .expect("genesis: the donor of a seed holds it, and its compartment exists");
            }
        }
    }

    /// What happened. Money is in quanta, 10^-12 of the settlement asset; units are the asset's smallest; times are in
    /// milliseconds since the epoch.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// Of a loss of a market so much was paid by the insurance fund, the backers and the treasury's backstop; `left` is
        /// not covered.
        LossCovered {
            compartment: CompartmentId,
            market: MarketId,
            loss: Cash,
            insurance: Cash,
            backers: Cash,
            treasury: Cash,
            left: Cash,
        },
        /// A backer staked units for shares, and holds so many in all.
        Backed {
            compartment: CompartmentId,
            backer: T::AccountId,
            units: Balance,
            shares: Shares,
            held: Shares,
        },
        /// Shares can be redeemed from `at` on; until they are they bear losses and income.
        Leaves {
            compartment: CompartmentId,
            backer: T::AccountId,
            shares: Shares,
            at: Moment,
        },
        /// Shares that were to leave stay.
        Stays {
            compartment: CompartmentId,
            backer: T::AccountId,
            shares: Shares,
        },
        /// Shares were paid out as units; the backer holds so many more.
        Redeemed {
            compartment: CompartmentId,
            backer: T::AccountId,
            shares: Shares,
            units: Balance,
            held: Shares,
        },
        /// A loss took what the shares of a series were worth, but for `left`. The next series has begun.
        BackersWipedOut {
            compartment: CompartmentId,
            series: u32,
            shares: Shares,
            left: Cash,
        },
        /// A backer's shares of a series that was wiped out are forgotten.
        SharesStruckOff {
            compartment: CompartmentId,
            backer: T::AccountId,
            series: u32,
            shares: Shares,
        },
        /// What was in the backers' pot while nobody had shares went to the insurance fund.
        OrphanedPotClaimed {
            compartment: CompartmentId,
            amount: Cash,
        },
        /// Someone gave units to the insurance fund: so many quanta.
        Donated {
            compartment: CompartmentId,
            donor: T::AccountId,
            units: Balance,
            amount: Cash,
        },
        /// The funds hold less than they should.
        FundBelowTarget {
            compartment: CompartmentId,
            target: Cash,
            fund: Cash,
        },
        /// The funds hold what they should again.
        FundReachedTarget {
            compartment: CompartmentId,
            target: Cash,
            fund: Cash,
        },
        /// Units of the treasury's backstop were spent on something else.
        BackstopSpent {
            asset: AssetId,
            to: T::AccountId,
            units: Balance,
        },
        /// A compartment has other terms.
        TermsSet {
            compartment: CompartmentId,
            before: FundTerms,
            after: FundTerms,
        },
        /// A market has another limit of its own, or none.
        SubLimitSet {
            compartment: CompartmentId,
            market: MarketId,
            before: Option<SubLimit>,
            after: Option<SubLimit>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No compartment has this number.
        NoSuchCompartment,
        /// No market has this number.
        NoSuchMarket,
        /// The market belongs to another compartment.
        OtherCompartment,
        /// The amount is zero.
        ZeroAmount,
        /// A stake is at least the compartment's `min_backing`: bring more.
        BelowMinimumBacking,
        /// The amount buys less than one share: bring more.
        NoShares,
        /// The account has no shares in this compartment: `back` it first.
        NotABacker,
        /// A loss took all that these shares were worth, and a new series has begun. `redeem` forgets them, `back` buys new
        /// ones.
        WipedOut,
        /// The account has less shares than that, or none were asked for.
        NotEnoughShares,
        /// What stays would be worth less than the compartment's `min_backing`: leave with all, or with less.
        StaysTooLittle,
        /// Shares leave already: `redeem` them, or `stay` first.
        AlreadyLeaving,
        /// No shares leave: `leave` first.
        NotLeaving,
        /// The cool-down is not over: try again when it is. Until then the shares bear losses.
        CoolingDown,
        /// More has left the compartment lately than may leave at once: try again later. The shares stay redeemable.
        MustWait,
        /// Inventory is at most a hundred times the insurance pot.
        InventoryTooLarge,
        /// A share of a pot is at most one whole.
        ShareAboveWhole,
        /// The window of drawdowns lasts at least a minute and at most thirty days.
        BadWindow,
        /// The cap on the backstop must not be negative, and is at most 2^115 quanta.
        BadBackstopCap,
        /// The cool-down lasts at least an hour and at most thirty days.
        BadCoolDown,
        /// The least stake must be above zero, and is at most 10^24 quanta.
        BadMinimumBacking,
        /// A jump is a fall of at most all, or a rise of at most ten times, the price; and not nothing.
        BadJump,
        /// The tail must be at least one scenario, and there must be as many jumps.
        BadTail,
        /// A market's own limit must not be above its compartment's terms: it only tightens.
        LimitAboveTerms,
        /// A number leaves the range in which money is exact.
        TooLarge,
        /// A number left its range in the middle of a computation. This should never be.
        Arithmetic,
        /// The pots did not change by what was asked for. This should never be.
        CorruptedFunds,
    }

    impl<T> From<RiskError> for Error<T> {
        fn from(_: RiskError) -> Self {
            Self::Arithmetic
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            coverage::take_turn::<T>()
        }

        fn integrity_test() {
            assert!(
                terms::check::<T>(&FundTerms::standard()).is_ok(),
                "the standard terms must be valid"
            );
            assert!(T::Time::slot_millis() > 0, "time must pass");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Stakes units of a compartment's settlement asset for shares of its backers' pot, at the price of the moment.
        ///
        /// Origin: signed. Emits `Backed`, and `OrphanedPotClaimed` or `SharesStruckOff` if there was something to tidy.
        /// Errors: `NoSuchCompartment`, `BelowMinimumBacking`, `NoShares`, `TooLarge`. SPEC 6.2.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::back())]
        pub fn back(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            #[pallet::compact] units: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            backers::back::<T>(&who, compartment, units)
        }

        /// Begins the cool-down of some of the caller's shares. They bear losses and income until they are redeemed.
        ///
        /// Origin: signed. Emits `Leaves`. Errors: `NotABacker`, `WipedOut`, `AlreadyLeaving`, `NotEnoughShares`,
        /// `StaysTooLittle`. SPEC 6.3.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::leave())]
        pub fn leave(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            shares: Shares,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            backers::leave::<T>(&who, compartment, shares)
        }

        /// Calls the cool-down of the caller's shares off.
        ///
        /// Origin: signed. Emits `Stays`. Errors: `NotABacker`, `WipedOut`, `NotLeaving`. SPEC 6.3.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::stay())]
        pub fn stay(origin: OriginFor<T>, compartment: CompartmentId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            backers::stay::<T>(&who, compartment)
        }

        /// Pays out the caller's shares whose cool-down is over, in whole units, rounded down. Shares of a series that was
        /// wiped out are forgotten instead.
        ///
        /// Origin: signed. Emits `Redeemed` or `SharesStruckOff`. Errors: `NotABacker`, `NotLeaving`, `CoolingDown`,
        /// `MustWait`, and what the gate refuses with. SPEC 6.4.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::redeem())]
        pub fn redeem(origin: OriginFor<T>, compartment: CompartmentId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            backers::redeem::<T>(&who, compartment)
        }

        /// Gives units of a compartment's settlement asset to its insurance fund.
        ///
        /// Origin: signed. Emits `Donated`. Errors: `ZeroAmount`, and those of the transfer. SPEC 6.6.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::donate())]
        pub fn donate(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            #[pallet::compact] units: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            backers::donate::<T>(&who, compartment, units)
        }

        /// Gives a compartment's funds other terms, from now on. Cool-downs that run keep their end.
        ///
        /// Origin: `RiskOrigin`. Emits `TermsSet`. Errors: `NoSuchCompartment`, and those that say which term is wrong.
        /// SPEC 3.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_terms())]
        pub fn set_terms(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            terms: Box<FundTerms>,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            terms::set::<T>(compartment, *terms)
        }

        /// Gives a market a tighter limit than its compartment's terms, or takes it away.
        ///
        /// Origin: `RiskOrigin`. Emits `SubLimitSet`. Errors: `NoSuchMarket`, `OtherCompartment`, `LimitAboveTerms`,
        /// `BadBackstopCap`. SPEC 3.3.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_sub_limit())]
        pub fn set_sub_limit(
            origin: OriginFor<T>,
            compartment: CompartmentId,
            market: MarketId,
            limit: Option<SubLimit>,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            terms::set_sub_limit::<T>(compartment, market, limit)
        }

        /// Spends units of the treasury's backstop on something else. Money goes in by an ordinary transfer to the backstop's
        /// account.
        ///
        /// Origin: `SpendOrigin`. Emits `BackstopSpent`. Errors: `ZeroAmount`, and those of the transfer. SPEC 3.4.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::spend_backstop())]
        pub fn spend_backstop(
            origin: OriginFor<T>,
            asset: AssetId,
            to: T::AccountId,
            #[pallet::compact] units: Balance,
        ) -> DispatchResult {
            T::SpendOrigin::ensure_origin(origin)?;
            ensure!(units > 0, Error::<T>::ZeroAmount);
            money::spend_backstop::<T>(asset, &to, units)?;
            Self::deposit_event(Event::BackstopSpent { asset, to, units });
            Ok(())
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// What governance set for a compartment's funds.
        pub fn terms(compartment: CompartmentId) -> FundTerms {
            Terms::<T>::get(compartment)
        }

        /// The last look at how well a compartment's funds cover what they may have to pay.
        pub fn coverage(compartment: CompartmentId) -> Option<Coverage> {
            Coverages::<T>::get(compartment)
        }

        /// What a backer holds in a compartment.
        pub fn backing(compartment: CompartmentId, backer: T::AccountId) -> Option<Backing> {
            Backings::<T>::get(compartment, backer)
        }
    }
}
