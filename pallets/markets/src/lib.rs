//! # Markets
//!
//! What is traded, by which rules, and at which prices positions are valued in each block.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. Other pallets use
//! [`Markets`](caisson_primitives::trading::Markets), which [`Pallet`] implements; clients the runtime API
//! `MarketsApi`, for which there are [`Pallet::market_views`] and [`Pallet::market_view`], or the view functions.
//!
//! ## Overview
//!
//! A market is a contract (lot, tick, tiers, fees, limits) on the index of an oracle feed. At the start of each
//! block every live market gets its prices once: index, mark, stable price, funding index, and the margins of one lot
//! for each size tier. All that accounts are worth and owe follows from these integers; nothing about money is
//! computed from anything else. When the index can't be trusted they stand still and say so.
//!
//! A market is proposed, opens with a call, trades, settles at an average of its index, and is settled.
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections. The arithmetic is that of
//! `caisson-risk`, where it is proved.
//!
//! ## Low-level
//!
//! - [`block`]: what happens to each market in `on_initialize`;
//! - [`index`], [`pricing`], [`margins`], [`funding`]: how its prices come about;
//! - [`settlement`]: how it ends;
//! - [`listing`], [`parameters`], [`validation`], [`genesis`]: what governance does, and may do;
//! - [`feeds_in_use`]: what the oracle asks before it removes a feed;
//! - [`api`]: what other pallets and clients ask.

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
pub mod block;
pub mod feeds_in_use;
pub mod funding;
pub mod genesis;
pub mod index;
pub mod listing;
pub mod margins;
pub mod parameters;
pub mod pricing;
pub mod settlement;
pub mod types;
pub mod validation;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;

pub use feeds_in_use::FeedsInUse;
pub use pallet::*;
pub use weights::WeightInfo;

/// The target of this pallet's log lines.
pub const LOG_TARGET: &str = "markets";

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
        oracle::{BlockTime, FeedId, PriceFeeds},
        trading::{
            CallSource, CompartmentSource, Contract, LotPrice, MarginStress, MarketId,
            MarketPrices, OpenInterestSource, Phase, MAX_MARKET_ID,
        },
        Moment,
    };
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    use crate::{
        block, genesis, listing, parameters,
        types::{
            Fees, Freeze, Limits, Proposal, RiskParameters, SettlementList, SettlementSource,
            Symbol, TierBounds, TierRatios, Trace,
        },
        weights::WeightInfo,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// May propose, open, delist and remove markets.
        type ListingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// May set parameters, fees, limits and, before the opening, size tiers.
        type RiskOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Where indices come from.
        type Feeds: PriceFeeds;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// The state of the markets' calls.
        type Calls: CallSource;
        /// The markets' open interest.
        type OpenInterest: OpenInterestSource;
        /// Which compartments there are.
        type Compartments: CompartmentSource;
        /// By how much initial margins are raised for the moment.
        type Stress: MarginStress;
        /// The most markets there are records of, in any phase. Each live one costs time in every block.
        #[pallet::constant]
        type MaxMarkets: Get<u32>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
        /// Makes a surrounding in which calls can be measured.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;
    }

    /// The markets.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    // Identifiers are counted up, feeds are below 64, and symbols come from governance: nobody can choose keys that
    // crowd one place of the trie, so `Twox64Concat` is safe throughout, and keys can be listed.

    /// What traders agree to. Read for each order; counted, so that there are at most `MaxMarkets`.
    #[pallet::storage]
    pub type Contracts<T> = CountedStorageMap<_, Twox64Concat, MarketId, Contract>;

    /// What markets are called. Not read in blocks.
    #[pallet::storage]
    pub type Symbols<T> = StorageMap<_, Twox64Concat, MarketId, Symbol>;

    /// The market of each symbol. Not read in blocks.
    #[pallet::storage]
    pub type MarketsBySymbol<T> = StorageMap<_, Twox64Concat, Symbol, MarketId>;

    /// How prices are computed; of all markets that aren't settled. Apart from the contract, which orders decode.
    #[pallet::storage]
    pub type Parameters<T> = StorageMap<_, Twox64Concat, MarketId, RiskParameters>;

    /// The prices of this block; of live markets from their first price on.
    #[pallet::storage]
    pub type Prices<T> = StorageMap<_, Twox64Concat, MarketId, MarketPrices>;

    /// What the price computation remembers of each live market; apart from the prices, which consumers decode.
    #[pallet::storage]
    pub type Traces<T> = StorageMap<_, Twox64Concat, MarketId, Trace>;

    /// The live markets, ascending: one value, because every block walks all of them.
    #[pallet::storage]
    pub type Live<T: Config> =
        StorageValue<_, BoundedVec<MarketId, <T as Config>::MaxMarkets>, ValueQuery>;

    /// The markets whose positions are being closed, with the price: one value, because every block asks.
    #[pallet::storage]
    pub type Settling<T: Config> =
        StorageValue<_, SettlementList<<T as Config>::MaxMarkets>, ValueQuery>;

    /// The settlement price of each market that has one. Not read in blocks.
    #[pallet::storage]
    pub type SettlementPrices<T> = StorageMap<_, Twox64Concat, MarketId, LotPrice>;

    /// How many markets that aren't settled depend on each feed.
    #[pallet::storage]
    pub type FeedUsers<T> = StorageMap<_, Twox64Concat, FeedId, u32>;

    /// The identifier of the next market.
    #[pallet::storage]
    pub type NextMarket<T> = StorageValue<_, MarketId, ValueQuery>;

    /// The markets a chain starts with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The markets, numbered from zero; they trade at once.
        pub markets: Vec<genesis::GenesisMarket>,
        /// Ties the genesis to its runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for market in &self.markets {
                genesis::build::<T>(market);
            }
        }
    }

    /// What happened to markets. Prices are in quanta for one lot, times in milliseconds since the epoch.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// A market is proposed under this identifier and symbol.
        MarketProposed { market: MarketId, symbol: Symbol },
        /// A proposed market is none any more.
        ProposalWithdrawn { market: MarketId, symbol: Symbol },
        /// The opening call of a market began; it clears from `trades_from` on, once the index is live.
        MarketOpened {
            market: MarketId,
            trades_from: Moment,
        },
        /// The calls of a market clear from now on; its index is `index`.
        TradingStarted { market: MarketId, index: LotPrice },
        /// Trading in a market ends at `after`; before that it was to end at `before`, if ever.
        EndScheduled {
            market: MarketId,
            before: Option<Moment>,
            after: Moment,
        },
        /// The settlement window of a market began: its index goes over into the average of the time until
        /// `ends_at`.
        SettlementWindowBegan { market: MarketId, ends_at: Moment },
        /// No orders are taken any more; positions are closed once the settlement price is known.
        TradingEnded { market: MarketId },
        /// Positions are closed at this price, which comes from `source`.
        SettlementPriced {
            market: MarketId,
            price: LotPrice,
            source: SettlementSource,
        },
        /// No position is left in a market.
        MarketSettled { market: MarketId },
        /// The record of a settled market is gone.
        MarketRemoved { market: MarketId, symbol: Symbol },
        /// The mark of a market stands still at `mark`, zero if there is none yet, for this reason; so do funding and
        /// margins.
        MarkFrozen {
            market: MarketId,
            reason: Freeze,
            mark: LotPrice,
        },
        /// The mark of a market follows its index again.
        MarkThawed { market: MarketId, mark: LotPrice },
        /// A market has other risk parameters.
        RiskParametersSet {
            market: MarketId,
            before: RiskParameters,
            after: RiskParameters,
        },
        /// A market has other fees.
        FeesSet {
            market: MarketId,
            before: Fees,
            after: Fees,
        },
        /// A market has other limits.
        LimitsSet {
            market: MarketId,
            before: Limits,
            after: Limits,
        },
        /// A proposed market has other size tiers.
        TiersSet {
            market: MarketId,
            before: TierBounds,
            after: TierBounds,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No market has this identifier. `markets` of the runtime API `MarketsApi` lists them.
        NoSuchMarket,
        /// There are records of as many markets as there can be: remove settled ones, or withdraw proposals.
        TooManyMarkets,
        /// Every identifier of a market has been given; they aren't given twice.
        NoIdentifierLeft,
        /// Only a market that was proposed and hasn't opened can be opened or withdrawn.
        MarketIsNotProposed,
        /// Only the record of a settled market can be removed.
        MarketIsNotSettled,
        /// Only a market that is opening or trading can be given an end.
        MarketDoesNotTrade,
        /// The market settles, or is settled: its terms are final.
        MarketHasEnded,
        /// Size tiers never change once a market has opened: positions and their triggers are sorted by them.
        TiersAreFixed,
        /// An opening call lasts at least one block and at most a day of them.
        BadOpeningBlocks,
        /// The end must be at least the settlement window from now, so that no part of the average is known yet.
        EndTooSoon,
        /// A future ends at its expiry at the latest.
        EndAfterExpiry,
        /// The settlement window has begun: when the market ends is settled.
        SettlementWindowHasBegun,
        /// A symbol is 1 to 24 ASCII capitals, digits and dashes, beginning and ending with none, such as `BTC-PERP`.
        BadSymbol,
        /// Another market has this symbol already.
        SymbolTaken,
        /// No feed has this identifier. Register one with the oracle first.
        NoSuchFeed,
        /// No compartment has this identifier.
        NoSuchCompartment,
        /// A lot must be more than nothing.
        LotSizeIsZero,
        /// A lot must be worth less than 2^60 quanta at ten times the index: make it smaller.
        LotTooLarge,
        /// A tick must be at least one quantum.
        TickIsZero,
        /// The index must be at least a thousand ticks: make the tick smaller, or the lot larger.
        TickTooCoarse,
        /// Order prices of 32 bits must reach ten times the index: make the tick larger.
        TickTooFine,
        /// A market needs at least one size tier.
        NoTiers,
        /// The bounds of size tiers must be positive and ascend.
        TiersNotAscending,
        /// A position is at most 2^48 - 1 lots.
        TierTooLarge,
        /// Every size tier has one add-on, no more.
        BadAddOnCount,
        /// Add-ons don't fall with size.
        AddOnsNotAscending,
        /// The floor of the maintenance ratio must be above zero.
        FloorIsZero,
        /// The multiple of volatility is at most a hundred.
        VolatilityFactorTooHigh,
        /// By how much a ratio may rise and fall in an hour must be above zero, and at most one.
        BadRatioSteps,
        /// At the floor the maintenance ratio of every tier must be below one.
        RatioTooHigh,
        /// The liquidation penalty is at most a twentieth, and below the floor of the maintenance ratio: margin must cover
        /// it.
        PenaltyTooHigh,
        /// The initial ratio is at least one time, and at most a hundred times, the maintenance ratio.
        BadInitialFactor,
        /// At the floor the initial ratio of every tier must be above its maintenance ratio.
        InitialNotAboveMaintenance,
        /// The open interest at which initial margin is the whole must be above that up to which it is the base.
        OpenInterestNotAscending,
        /// An open interest is at most 2^48 - 1 lots.
        OpenInterestTooLarge,
        /// The mark's band must be above zero and below one.
        BadMarkBand,
        /// The cap of a sample of the basis must be above zero and at most the mark's band.
        BadBasisCap,
        /// The widest spread whose mid counts must be above zero and below one.
        BadSpread,
        /// The stable price must move, and by at most one in an hour.
        BadStableRate,
        /// Interest and spread of funding are at most one per cent for eight hours.
        FundingTermTooHigh,
        /// Funding of eight hours must be less than the gap between the two margins.
        FundingCapTooHigh,
        /// Time constants, ages, windows and horizons must be above zero.
        TimeIsZero,
        /// Time constants, ages, windows and horizons are at most a week.
        TimeTooLong,
        /// A settlement window is at most an hour.
        SettlementWindowTooLong,
        /// An order is at least one lot, and at most 2^48 - 1.
        BadOrderSize,
        /// The least value of an order must be above zero, and at most 2^115 quanta.
        BadMinNotional,
        /// The band of orders must be above zero and below one.
        BadBand,
        /// An ordinary call lasts at least one block and at most 600.
        BadCallBlocks,
        /// A market needs at least one tier of fees.
        NoFees,
        /// Tiers of fees must ascend in volume, and the first begin at zero.
        FeesNotAscending,
        /// Fees and rebates are at most a tenth.
        FeeTooHigh,
        /// The highest rebate must not be more than the lowest taker fee: trading must never cost the protocol.
        RebateAboveFee,
        /// The shares of fees must not sum to more than one.
        SplitAboveWhole,
        /// A future must trade for longer than its settlement window.
        BadExpiry,
        /// The settlement price of the market could not be made final: its record is corrupted.
        CorruptedSettlement,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            block::begin::<T>()
        }

        fn integrity_test() {
            assert!(T::MaxMarkets::get() > 0, "there must be room for a market");
            assert!(
                T::MaxMarkets::get() <= u32::from(MAX_MARKET_ID),
                "every market needs an identifier"
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
        /// Lists a market without opening it; it gets the next identifier.
        ///
        /// Origin: `ListingOrigin`. Emits `MarketProposed`. Errors: `TooManyMarkets`, `NoIdentifierLeft`,
        /// `SymbolTaken`, and all that say what is wrong with the proposal. SPEC 2, 3.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::propose())]
        pub fn propose(origin: OriginFor<T>, proposal: Box<Proposal>) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            listing::propose::<T>(*proposal).map(drop)
        }

        /// Drops a proposed market.
        ///
        /// Origin: `ListingOrigin`. Emits `ProposalWithdrawn`. Errors: `NoSuchMarket`, `MarketIsNotProposed`.
        /// SPEC 2.3.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::withdraw_proposal())]
        pub fn withdraw_proposal(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            listing::withdraw::<T>(market)
        }

        /// Begins the opening call of a proposed market, which lasts for at least so many slots.
        ///
        /// Origin: `ListingOrigin`. Emits `MarketOpened`, and a later block `TradingStarted`. Errors: `NoSuchMarket`,
        /// `MarketIsNotProposed`, `BadOpeningBlocks`, `NoSuchFeed`, `NoSuchCompartment`, `BadExpiry`, and those of
        /// lot and tick, because the index has moved since. SPEC 2.4.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::open())]
        pub fn open(origin: OriginFor<T>, market: MarketId, opening_blocks: u32) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            listing::open::<T>(market, opening_blocks)
        }

        /// Sets when trading ends, in milliseconds since the epoch; may be called again until the settlement
        /// window begins.
        ///
        /// Origin: `ListingOrigin`. Emits `EndScheduled`, and later blocks `TradingEnded` and `SettlementPriced`.
        /// Errors: `NoSuchMarket`, `MarketDoesNotTrade`, `SettlementWindowHasBegun`, `EndTooSoon`, `EndAfterExpiry`.
        /// SPEC 8.1.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::delist())]
        pub fn delist(origin: OriginFor<T>, market: MarketId, at: Moment) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            listing::delist::<T>(market, at)
        }

        /// Drops the record of a settled market, so that its symbol can be used again.
        ///
        /// Origin: `ListingOrigin`. Emits `MarketRemoved`. Errors: `NoSuchMarket`, `MarketIsNotSettled`. SPEC 2.5.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::remove())]
        pub fn remove(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            listing::remove::<T>(market)
        }

        /// Sets how prices and margins of a market are computed, from the next block on. Maintenance ratios move
        /// there no faster than the new steps allow.
        ///
        /// Origin: `RiskOrigin`. Emits `RiskParametersSet`. Errors: `NoSuchMarket`, `MarketHasEnded`, and those of
        /// parameters. SPEC 3.4.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_risk_parameters())]
        pub fn set_risk_parameters(
            origin: OriginFor<T>,
            market: MarketId,
            parameters: Box<RiskParameters>,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            parameters::set_risk::<T>(market, *parameters)
        }

        /// Sets the fees of a market.
        ///
        /// Origin: `RiskOrigin`. Emits `FeesSet`. Errors: `NoSuchMarket`, `MarketHasEnded`, and those of fees.
        /// SPEC 3.6.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_fees())]
        pub fn set_fees(origin: OriginFor<T>, market: MarketId, fees: Box<Fees>) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            parameters::set_fees::<T>(market, *fees)
        }

        /// Sets what bounds the orders of a market.
        ///
        /// Origin: `RiskOrigin`. Emits `LimitsSet`. Errors: `NoSuchMarket`, `MarketHasEnded`, and those of limits.
        /// SPEC 3.5.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_limits())]
        pub fn set_limits(
            origin: OriginFor<T>,
            market: MarketId,
            limits: Limits,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            parameters::set_limits::<T>(market, limits)
        }

        /// Sets the size tiers of a market that hasn't opened, with an add-on for each.
        ///
        /// Origin: `RiskOrigin`. Emits `TiersSet`. Errors: `NoSuchMarket`, `MarketHasEnded`, `TiersAreFixed`, and
        /// those of tiers and parameters. SPEC 3.3.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_tiers())]
        pub fn set_tiers(
            origin: OriginFor<T>,
            market: MarketId,
            bounds: TierBounds,
            add_ons_ppm: TierRatios,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            parameters::set_tiers::<T>(market, bounds, add_ons_ppm)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The prices of a market in this block, if it has any.
        pub fn prices(market: MarketId) -> Option<MarketPrices> {
            Prices::<T>::get(market)
        }

        /// How far a market is in its life.
        pub fn phase(market: MarketId) -> Option<Phase> {
            Contracts::<T>::get(market).map(|contract| contract.phase)
        }

        /// The market of a symbol.
        pub fn market_of(symbol: Symbol) -> Option<MarketId> {
            MarketsBySymbol::<T>::get(symbol)
        }

        /// When trading in a market ends, if that is set.
        pub fn ends_at(market: MarketId) -> Option<Moment> {
            Traces::<T>::get(market).and_then(|trace| trace.ends_at)
        }

        /// The price at which the positions of a market are, or were, closed.
        pub fn settlement_price(market: MarketId) -> Option<LotPrice> {
            SettlementPrices::<T>::get(market)
        }
    }
}
