//! # Exchange
//!
//! Orders, and the call auctions in which they trade.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. Markets read the state of calls through
//! [`CallSource`](caisson_primitives::trading::CallSource), margin cancels orders through
//! [`OpenOrdersSource`](caisson_primitives::trading::OpenOrdersSource), liquidation enters orders through
//! [`ForcedOrders`](caisson_primitives::trading::ForcedOrders), all of which [`Pallet`] implements; clients
//! ask through the runtime API `ExchangeApi`, whose bodies are in [`api`].
//!
//! ## Overview
//!
//! A market trades in calls. During a call orders are collected; when it ends the market clears once, at one price. A call
//! is a block by default, and longer when the market opens or when the guard (the circuit breaker) says so. So two orders
//! of one block have no order between them, a cancel always beats a fill of the same block, and a liquidation meets the
//! whole market at one price.
//!
//! The book is the trie: a storage item for each order, whose key sorts by price and rank. An account's own orders are in
//! one list beside it.
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections.
//!
//! ## Low-level
//!
//! - [`calls`]: who may change what; [`desk`]: an account's orders in a market, in memory;
//! - [`placement`], [`refusals`]: when an order is taken in; [`cancelling`]: cancel, amend, replace;
//! - [`keys`], [`types`]: what is stored, and where; [`summary`]: calls, best prices, what is to be looked at;
//! - [`uncross`]: matching without storage; [`floor`]: where its orders come from; [`commit`]: booking it;
//!   [`clearing`]: the end of a block; [`flow`]: what the circuit breaker is told of it;
//! - [`forced`]: orders that the chain enters, to liquidate;
//! - [`dormant`]: stops and take-profits; [`deadlines`]: the dead-man switch; [`expiry`]; [`draining`]: markets that end;
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
pub mod calls;
pub mod cancelling;
pub mod clearing;
pub mod commit;
pub mod deadlines;
pub mod desk;
pub mod dormant;
pub mod draining;
pub mod expiry;
pub mod floor;
pub mod flow;
pub mod forced;
pub mod keys;
pub mod placement;
pub mod refusals;
pub mod summary;
pub mod types;
pub mod uncross;
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
pub const LOG_TARGET: &str = "exchange";

/// Calls, storage, events and errors.
// What FRAME's macros expand to holds these; nothing that is written here does.
#[allow(
    clippy::expect_used,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::panic
)]
#[frame_support::pallet]
pub mod pallet {
    use caisson_primitives::{
        oracle::BlockTime,
        trading::{
            AccountIndex, CallGuard, CallSource, CallState, Cash, ClientOrderId, LotPrice,
            MarketId, Markets, OpenOrdersSource, OrderNumber, OrderRef, OrderRequest, Side, Ticks,
            TradingAccounts, Trigger, MAX_POSITIONS,
        },
        BlockNumber, Moment,
    };
    use frame_support::{pallet_prelude::*, weights::WeightMeter};
    use frame_system::pallet_prelude::*;

    use crate::{
        calls, cancelling, clearing, deadlines, dormant, draining, expiry,
        keys::{BookKey, DeadlineKey, DormantKey},
        refusals::{EntryResults, Refusal},
        types::{
            BookSummary, CancelReason, DormantOrder, FirstTriggers, Listed, Numbers, Order, Quote,
            TouchedMarket, MAX_BATCH, MAX_QUOTES,
        },
        weights::{self, WeightInfo},
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The markets.
        type Markets: Markets;
        /// The margin accounts.
        type Accounts: TradingAccounts<Self::AccountId>;
        /// Asked what each market lets through, when its calls may clear, and about each clearing price before anything is
        /// committed; told what cleared: the circuit breaker.
        type Guard: CallGuard;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// What lots are drawn with: a number of this block that nobody knew before it and its author could not choose.
        /// BABE's VRF pre-output of the block's own pre-digest.
        type Lottery: Get<[u8; 32]>;
        /// The most markets that have orders at a time.
        #[pallet::constant]
        type MaxMarkets: Get<u32>;
        /// The most orders of an account in a market, dormant ones among them; at most 100.
        #[pallet::constant]
        type MaxOrdersPerMarket: Get<u32>;
        /// The most immediate orders of a market in a call: more than a block has room for, so that only a long call can
        /// be full.
        #[pallet::constant]
        type MaxImmediates: Get<u32>;
        /// How many orders any account may have, in all markets together.
        #[pallet::constant]
        type BaseOpenOrders: Get<u16>;
        /// How much equity allows one more; positive.
        #[pallet::constant]
        type EquityPerOrder: Get<Cash>;
        /// How many orders an account may have whatever its equity.
        #[pallet::constant]
        type MaxOpenOrders: Get<u16>;
        /// How many orders an account may place or amend in a block. Cancels are not counted.
        #[pallet::constant]
        type MaxActsPerBlock: Get<u16>;
        /// How many orders the sweep for expired ones looks at in a block.
        #[pallet::constant]
        type MaxSwept: Get<u32>;
        /// What the clearings of a block may take: reserved when it begins.
        type ClearingBudget: Get<Weight>;
        /// What computing indicative prices of long calls may take, in addition.
        type IndicativeBudget: Get<Weight>;
        /// What deadlines, draining and triggered orders may take when a block begins.
        type HousekeepingBudget: Get<Weight>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    /// Orders and their calls.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// The books of all markets. `Identity` keeps the order of the keys, which is the point; see [`BookKey`] for why nobody
    /// can unbalance the trie.
    #[pallet::storage]
    pub type Book<T> = StorageMap<_, Identity, BookKey, Order>;

    /// The orders of an account in a market. `Identity`: both numbers are given by the chain, in sequence.
    #[pallet::storage]
    pub type OrdersOf<T: Config> = StorageDoubleMap<
        _,
        Identity,
        AccountIndex,
        Identity,
        MarketId,
        BoundedVec<Listed, T::MaxOrdersPerMarket>,
        ValueQuery,
    >;

    /// Each market's book in short. `Identity`: numbers given by the chain.
    #[pallet::storage]
    pub type Books<T> = StorageMap<_, Identity, MarketId, BookSummary, ValueQuery>;

    /// The markets to be looked at when the block ends, sorted: something may cross, a best price may be gone, immediate
    /// orders came in or were cancelled by their owners, or a long call goes on.
    #[pallet::storage]
    // Paid for once when the block begins: `weights::clearing_once`.
    #[pallet::whitelist_storage]
    pub type Touched<T: Config> =
        StorageValue<_, BoundedVec<TouchedMarket, T::MaxMarkets>, ValueQuery>;

    /// The market that is served first when the block ends.
    #[pallet::storage]
    // As `Touched`.
    #[pallet::whitelist_storage]
    pub type Cursor<T> = StorageValue<_, MarketId, ValueQuery>;

    /// The immediate orders of a market's call. Appended to without being read.
    #[pallet::storage]
    pub type Immediates<T: Config> =
        StorageMap<_, Identity, MarketId, BoundedVec<BookKey, T::MaxImmediates>, ValueQuery>;

    /// Orders that sleep until the mark reaches their trigger. `Identity` keeps the order of the keys; see [`DormantKey`].
    #[pallet::storage]
    pub type Dormant<T> = StorageMap<_, Identity, DormantKey, DormantOrder>;

    /// A bound on the first trigger of each market: what a quiet block reads.
    #[pallet::storage]
    pub type Firsts<T> = StorageMap<_, Identity, MarketId, FirstTriggers, ValueQuery>;

    /// When accounts' orders are to be cancelled. `Identity` keeps the order of the keys: a time can be chosen freely, but
    /// an account has only one.
    #[pallet::storage]
    pub type Deadlines<T> = StorageMap<_, Identity, DeadlineKey, ()>;

    /// The order that the sweep for expired ones looked at last.
    #[pallet::storage]
    pub type SweepCursor<T> = StorageValue<_, BookKey>;

    /// The settling markets without any order left.
    #[pallet::storage]
    pub type Drained<T: Config> = StorageValue<_, BoundedVec<MarketId, T::MaxMarkets>, ValueQuery>;

    /// What the exchange says happened. Prices are in quanta for one lot, limits and triggers in ticks, times in
    /// milliseconds since the epoch.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// An order was placed under this number. It stands in the book at `limit`, or sleeps until `trigger`.
        Placed {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            client_id: Option<ClientOrderId>,
            side: Side,
            lots: u64,
            limit: Option<Ticks>,
            trigger: Option<Trigger>,
        },
        /// Orders were placed or refused, as `results` says in the order of the call: each one's number, or why not.
        BatchPlaced {
            account: AccountIndex,
            market: MarketId,
            results: EntryResults,
        },
        /// An order has another limit or size; it kept its place in the book or not.
        Amended {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            price: Ticks,
            lots: u64,
            kept_place: bool,
        },
        /// What was left of an order was cancelled, for this reason.
        Cancelled {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            reason: CancelReason,
        },
        /// Orders were cancelled, as `results` says in the order of the call: each one's number, or why not.
        BatchCancelled {
            account: AccountIndex,
            market: MarketId,
            results: EntryResults,
        },
        /// All orders of an account in this market were cancelled, dormant ones among them, for this reason.
        AllCancelled {
            account: AccountIndex,
            market: MarketId,
            numbers: Numbers,
            reason: CancelReason,
        },
        /// A ladder was replaced: these orders were cancelled, and `results` says of each quote which order it is, or why
        /// there is none.
        Replaced {
            account: AccountIndex,
            market: MarketId,
            cancelled: Numbers,
            results: EntryResults,
        },
        /// All orders of the account will be cancelled at this time; nothing if that was called off.
        CancelScheduled {
            account: AccountIndex,
            at: Option<Moment>,
        },
        /// The mark reached the trigger of a dormant order; it is in the book now.
        Triggered {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            side: Side,
        },
        /// The mark reached the trigger of a dormant order, but it could not enter the book, and is gone.
        TriggerRefused {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            side: Side,
            reason: Refusal,
        },
        /// An order traded so many lots at the clearing price, paid a fee (negative is a rebate), realised a profit or loss
        /// before the fee, and has `remaining` lots left. `maker`: it rested before the call. `forced`: the chain entered it.
        Filled {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            side: Side,
            lots: u64,
            price: LotPrice,
            fee: Cash,
            realised: Cash,
            remaining: u64,
            maker: bool,
            forced: bool,
        },
        /// The chain entered an immediate order for an account that can't carry its risk, or for a fund that sells what it
        /// took over. It only reduces the position, and takes part in the next clearing.
        Forced {
            account: AccountIndex,
            market: MarketId,
            number: OrderNumber,
            side: Side,
            lots: u64,
            limit: Ticks,
        },
        /// For the fills of forced orders in this clearing the account paid a penalty to the insurance fund: what was due, but
        /// at most its equity.
        Penalised {
            account: AccountIndex,
            market: MarketId,
            penalty: Cash,
        },
        /// A call cleared: so many lots changed hands in so many orders. What the marginal order of each side did not get
        /// although its limit allowed it is `bid_left` and `ask_left`. Not `complete`: the block had no room for more,
        /// and the call goes on.
        Cleared {
            market: MarketId,
            price: LotPrice,
            lots: u64,
            orders: u32,
            bid_left: u64,
            ask_left: u64,
            complete: bool,
        },
        /// The call that would have cleared so many lots at this price goes on until the block `ends`.
        CallExtended {
            market: MarketId,
            since: BlockNumber,
            ends: BlockNumber,
            price: LotPrice,
            lots: u64,
        },
        /// A clearing could not be booked, and nothing of it was. If it was for an account, its orders in this market are
        /// cancelled; the market clears without them in the next block.
        ClearingFailed {
            market: MarketId,
            account: Option<AccountIndex>,
            error: DispatchError,
        },
        /// No order is left in this settling market.
        Drained { market: MarketId },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No account has this number. `accounts_of` of the runtime API `MarginApi` lists yours.
        NoSuchAccount,
        /// This account belongs to someone else. Sign with its owner's key, or as its proxy.
        NotOwner,
        /// No market has this number. `markets` of the runtime API `MarketsApi` lists them.
        NoSuchMarket,
        /// The market belongs to another compartment than the account. Use an account of that compartment.
        WrongCompartment,
        /// The market takes no orders: it is not open yet, or it settles. Orders can still be cancelled.
        MarketClosed,
        /// This market, or another one the account is in, has no price yet. Try again when it has.
        NoPrice,
        /// The price can't be trusted enough to take risk on it. Orders that only reduce the position are taken; for
        /// others wait until the price is live again.
        PriceNotTrusted,
        /// The price is zero. Prices are in ticks, from one up.
        ZeroPrice,
        /// The order has no lots. Order at least one.
        ZeroLots,
        /// More lots than one order may have, or than a position may reach with all orders filled. Order less.
        TooLarge,
        /// The order is worth less than the market's minimum. Order more; only an order that closes the whole position may
        /// be smaller, with `reduce_only`.
        BelowMinimum,
        /// The limit is further from the mark than the market's band allows. Move it closer, or lower the slippage.
        OutsideBand,
        /// Not enough free initial margin. Deposit collateral, order less, or cancel other orders; `preview` of the runtime
        /// API `ExchangeApi` says what is missing.
        NotEnoughMargin,
        /// The account has the most orders it may have in this market. Cancel one first.
        TooManyOrders,
        /// The account has as many orders as its equity allows. Cancel some, or deposit collateral.
        TooManyOpenOrders,
        /// The account placed or amended as many orders as it may in a block. Try again in the next.
        TooManyActs,
        /// The account is in the most markets it may be in. Close one, or use another account.
        TooManyMarkets,
        /// Open interest is at the market's cap. Only orders that reduce a position are taken.
        OpenInterestCap,
        /// A reduce-only order needs a position on the other side. There is none to reduce.
        WouldNotReduce,
        /// The time is over: the order's expiry, the time to set, or the account's scheduled cancel. Choose a later one.
        ExpiryPassed,
        /// A live order of the account in this market has this client identifier. Choose another.
        DuplicateClientId,
        /// The account has no such order in this market. It may have been filled or cancelled.
        NoSuchOrder,
        /// The market's call can't take more immediate orders. Place a resting order, or wait for the call to end.
        CallFull,
        /// A trigger needs a price, in ticks, from one up.
        BadTrigger,
        /// The account is short of maintenance margin. Deposit collateral; meanwhile it can't place orders.
        AccountUnsafe,
        /// A dormant order can't be amended. Cancel it and place another.
        OrderIsDormant,
        /// A number left the range in which margin is computed. Order less.
        OutOfRange,
        /// The account gave out all its order numbers. Use another account.
        NumbersExhausted,
        /// Corrupted state: an order is in its account's list but not in the book. Please report it.
        CorruptedBook,
        /// The circuit breaker lets in only orders that reduce a position. Set `reduce_only`, or wait until the market's
        /// level is lower. Orders can be cancelled at any time.
        OnlyReducing,
        /// The circuit breaker lets in only immediate orders that reduce a position. Set `reduce_only` and make the order
        /// immediate-or-cancel or a market order, or wait until the market's level is lower. Orders can be cancelled at any
        /// time.
        OnlyImmediateReducing,
        /// The circuit breaker halted the market: no call clears and no order is taken. Wait until its level is lower; orders
        /// can be cancelled meanwhile.
        MarketHalted,
        /// The chain entered this order to liquidate the position; only the chain removes it. It leaves after the next
        /// clearing, or when the account has its maintenance margin again: deposit collateral.
        OrderIsForced,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            let mut meter = WeightMeter::with_limit(T::HousekeepingBudget::get());
            deadlines::run::<T>(&mut meter);
            draining::run::<T>(&mut meter);
            dormant::fire::<T>(&mut meter);
            meter
                .consumed()
                // The first deadline, the markets that live or settle.
                .saturating_add(T::WeightInfo::quiet_market(0))
                .saturating_add(Self::reserved())
        }

        fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            expiry::sweep::<T>(remaining)
        }

        fn on_finalize(_now: BlockNumberFor<T>) {
            clearing::run::<T>();
        }

        fn integrity_test() {
            assert!(
                (1..=MAX_QUOTES).contains(&T::MaxOrdersPerMarket::get()),
                "an event has room for all orders of a list"
            );
            assert!(T::EquityPerOrder::get().0 > 0, "equity is divided by it");
            assert!(
                T::BaseOpenOrders::get() <= T::MaxOpenOrders::get(),
                "the base is under the cap"
            );
            let visits =
                weights::each(T::WeightInfo::visit).saturating_mul(T::MaxMarkets::get().into());
            // One pair: two orders met and the next of each side, both accounts, both fills.
            let pair = weights::each(T::WeightInfo::order_met)
                .saturating_mul(4)
                .saturating_add(T::WeightInfo::account_met(MAX_POSITIONS).saturating_mul(2))
                .saturating_add(weights::filling::<T>(true).saturating_mul(2))
                .saturating_add(weights::each(T::WeightInfo::conclude))
                .saturating_add(T::WeightInfo::remove(1));
            assert!(
                T::ClearingBudget::get().all_gte(visits.saturating_add(pair)),
                "a clearing must get on in every block"
            );
            let act = T::WeightInfo::deadline()
                .saturating_add(T::WeightInfo::drain())
                .saturating_add(T::WeightInfo::clear_market(T::MaxOrdersPerMarket::get()))
                .saturating_add(
                    weights::each(T::WeightInfo::quiet_market)
                        .saturating_mul(T::MaxMarkets::get().into()),
                )
                .saturating_add(T::WeightInfo::fire(MAX_POSITIONS));
            assert!(
                T::HousekeepingBudget::get().all_gte(act),
                "housekeeping must get on in every block"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Places an order.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `Placed`. With a trigger the order sleeps until the mark
        /// reaches it. Errors: `NoSuchAccount`, `NotOwner`, `NoSuchMarket`, `WrongCompartment`, and why the order is
        /// refused. Cost: linear in the markets that the account is in; what it is not in is given back. SPEC 5.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::placing::<T>(request, MAX_POSITIONS))]
        pub fn place(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            request: OrderRequest,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            calls::place::<T>(&who, account, market, &request)
        }

        /// Places up to 50 orders in a market. Each is taken or refused by itself.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `BatchPlaced`. Errors: `NoSuchAccount`, `NotOwner`,
        /// `NoSuchMarket`, `WrongCompartment`, `MarketClosed`, `NoPrice`. Cost: linear in the orders, and in the markets that
        /// the account is in; what is not needed is given back. SPEC 5.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::placing_all::<T>(requests))]
        pub fn place_batch(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            requests: BoundedVec<OrderRequest, ConstU32<MAX_BATCH>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            calls::place_batch::<T>(&who, account, market, &requests)
        }

        /// Gives an order another limit or size. Less at the same limit keeps its place in the book; anything else is
        /// judged like a new order and takes a new place. If it is refused the order stays as it was.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `Amended`. Errors: as `place`, `NoSuchOrder`,
        /// `OrderIsDormant`, `OrderIsForced`. Cost: constant. SPEC 5.10.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::amend(MAX_POSITIONS))]
        pub fn amend(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            order: OrderRef,
            price: Ticks,
            #[pallet::compact] lots: u64,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            calls::amend::<T>(&who, account, market, &order, price, lots)
        }

        /// Cancels an order. It takes effect before the block's clearing.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `Cancelled`. Errors: `NoSuchAccount`, `NotOwner`,
        /// `NoSuchOrder`, `OrderIsForced`. Cost: constant. SPEC 5.9.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            order: OrderRef,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            calls::cancel::<T>(&who, account, market, &order)
        }

        /// Cancels up to 50 orders in a market. Those that aren't there are reported.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `BatchCancelled`. Errors: `NoSuchAccount`, `NotOwner`.
        /// Cost: linear in the orders. SPEC 5.9.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::cancel_batch(orders.len() as u32))]
        pub fn cancel_batch(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            orders: BoundedVec<OrderRef, ConstU32<MAX_BATCH>>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            calls::cancel_batch::<T>(&who, account, market, &orders)
        }

        /// Cancels all orders of the account, dormant ones among them, in a market or in all; not those that the chain entered.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `AllCancelled` for each market with orders. Errors:
        /// `NoSuchAccount`, `NotOwner`. Cost: linear in the orders and their markets; what is not needed is refunded. SPEC 5.9.
        #[pallet::call_index(5)]
        #[pallet::weight(weights::cancelling::<T>(market.is_some()))]
        pub fn cancel_all(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: Option<MarketId>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            calls::cancel_all::<T>(&who, account, market)
        }

        /// Replaces all orders of the account in the market's book by up to 100 quotes, good till cancelled. An order that is
        /// just what a quote asks for, in side, price, lots and client identifier, keeps its place. Dormant orders stay.
        /// Each quote is taken or refused by itself.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `Replaced`. Errors: as `place_batch`. Cost: linear in the
        /// orders cancelled, kept and placed, and in the markets that the account is in; what is not needed is refunded. SPEC
        /// 5.11.
        #[pallet::call_index(6)]
        #[pallet::weight(weights::replacing::<T>(quotes.len() as u32))]
        pub fn replace_all(
            origin: OriginFor<T>,
            account: AccountIndex,
            market: MarketId,
            quotes: BoundedVec<Quote, ConstU32<MAX_QUOTES>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            calls::replace_all::<T>(&who, account, market, &quotes)
        }

        /// Has all orders of the account cancelled at a time, unless it is set again before: a dead-man switch. Nothing
        /// calls it off.
        ///
        /// Origin: the owner of the account, or its proxy. Emits `CancelScheduled`. Errors: `NoSuchAccount`, `NotOwner`,
        /// `ExpiryPassed`. Cost: constant. SPEC 8.1.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::schedule_cancel())]
        pub fn schedule_cancel(
            origin: OriginFor<T>,
            account: AccountIndex,
            at: Option<Moment>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            calls::schedule_cancel::<T>(&who, account, at)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// A market's book in short, as of the last block.
        pub fn book(market: MarketId) -> BookSummary {
            Books::<T>::get(market)
        }

        /// The first trigger prices of a market, or earlier ones.
        pub fn first_triggers(market: MarketId) -> FirstTriggers {
            Firsts::<T>::get(market)
        }
    }

    impl<T: Config> Pallet<T> {
        /// What is set aside when a block begins for the clearings at its end.
        pub fn reserved() -> Weight {
            T::ClearingBudget::get()
                .saturating_add(T::IndicativeBudget::get())
                // An account whose fill can't be booked: once in a block.
                .saturating_add(T::WeightInfo::clear_market(T::MaxOrdersPerMarket::get()))
                .saturating_add(weights::clearing_once::<T>())
        }
    }

    impl<T: Config> CallSource for Pallet<T> {
        fn call(market: MarketId) -> CallState {
            let summary = Books::<T>::get(market);
            CallState {
                best_bid: summary.best_bid,
                best_ask: summary.best_ask,
                cleared: summary.cleared,
                long_call: summary.call.is_some(),
            }
        }
    }

    impl<T: Config> OpenOrdersSource for Pallet<T> {
        fn drained(market: MarketId) -> bool {
            draining::is_drained::<T>(market)
        }

        fn cancel_all(account: AccountIndex) -> Result<u32, DispatchError> {
            let loaded = T::Accounts::load(account).ok_or(Error::<T>::NoSuchAccount)?;
            let (_, cancelled) =
                cancelling::clear_account::<T>(account, loaded, CancelReason::Unsafe)?;
            Ok(cancelled)
        }

        fn closed(account: AccountIndex) -> DispatchResult {
            if let Some(loaded) = T::Accounts::load(account) {
                deadlines::forget::<T>(account, &loaded);
            }
            Ok(())
        }
    }
}
