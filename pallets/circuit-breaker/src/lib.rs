//! # Circuit breaker
//!
//! How strict the chain is with each market, why, and how much may leave a compartment.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. The exchange asks through
//! [`CallGuard`](caisson_primitives::trading::CallGuard), margin through
//! [`WithdrawalGate`](caisson_primitives::trading::WithdrawalGate), the markets through
//! [`MarginStress`](caisson_primitives::trading::MarginStress); liquidation and the funds report through
//! [`SafetySignals`](caisson_primitives::trading::SafetySignals). [`Pallet`] implements all four. Clients read through
//! the view functions and [`api`].
//!
//! ## Overview
//!
//! A *scope* is a market, a compartment, or the chain. Each has a list of *trips*, at most one for each cause; its level is the
//! strictest of them, and a market stands under the strictest of its own level, its compartment's and the chain's. What a
//! level permits is one table, [`Level::permits`](caisson_primitives::trading::Level::permits).
//!
//! Triggers raise: price bands over several horizons, the health of the index, gaps between blocks, order flow, open interest,
//! liquidations, payments of the funds. So do guardians, for a time. Levels come down by one step at a time, when the condition is
//! clear and a cool-down has passed; only a referendum lowers earlier.
//!
//! Withdrawals pass two leaky buckets, of an hour and of a day; what doesn't fit waits. Nothing leaves while a deficit is open.
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections.
//!
//! ## Low-level
//!
//! - [`machine`]: trips and levels, without storage; [`trips`]: the same in storage, with events; [`levels`]: what is asked;
//! - [`block`]: the step of each block; [`gaps`], [`prices`], [`interest`], [`flow`], [`pressure`]: the triggers;
//! - [`calls`]: the exchange's questions; [`signals`]: what the others report;
//! - [`withdrawals`], [`deficits`]: what may leave;
//! - [`terms`], [`types`]: parameters and records; [`api`]: what clients ask.

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
pub mod calls;
pub mod deficits;
pub mod flow;
pub mod gaps;
pub mod interest;
pub mod levels;
pub mod machine;
pub mod pressure;
pub mod prices;
pub mod signals;
pub mod terms;
pub mod trips;
pub mod types;
pub mod weights;
pub mod withdrawals;

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
pub const LOG_TARGET: &str = "circuit-breaker";

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
    use alloc::{boxed::Box, vec::Vec};
    use caisson_primitives::{
        oracle::{BlockTime, PriceFeeds},
        trading::{
            Cash, CompartmentFunds, CompartmentId, Level, LotPrice, MarketId, Markets, Scope,
        },
        BlockNumber, Moment,
    };
    use caisson_risk::breaker::LeakyBucket;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    use crate::{
        api::WithdrawalsLeft,
        block, levels,
        machine::{Cause, Machine, Trip},
        terms::Terms,
        trips,
        types::{Beat, Deficit, Flow, MaxScopes, Outflow, Reason, Restriction, Watch},
        weights::WeightInfo,
        withdrawals,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// May raise levels, for a time. Never lower them.
        type GuardianOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// May lower levels before their time, ratify what guardians raised, and set the terms: a referendum.
        type LoosenOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The markets.
        type Markets: Markets;
        /// The volatility of their feeds.
        type Feeds: PriceFeeds;
        /// What compartments hold: value in custody, fund, backers.
        type Funds: CompartmentFunds<Self::AccountId>;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// The most markets there are records of.
        #[pallet::constant]
        type MaxMarkets: Get<u32>;
        /// The most compartments.
        #[pallet::constant]
        type MaxCompartments: Get<u16>;
        /// How long a guardian's trip holds unless it is renewed or ratified, in milliseconds.
        #[pallet::constant]
        type GuardianTripMs: Get<Moment>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    /// The breaker.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// The terms, once a referendum set some; until then the defaults.
    #[pallet::storage]
    pub type StoredTerms<T> = StorageValue<_, Terms>;

    /// The scopes that are restricted, in their order. One value and normally empty, so that asking for a market's level is
    /// one read.
    #[pallet::storage]
    pub type Levels<T: Config> = StorageValue<_, BoundedVec<Restriction, MaxScopes<T>>, ValueQuery>;

    /// Why they are. `Twox64Concat`: scopes are numbered by the chain.
    #[pallet::storage]
    pub type Trips<T> = StorageMap<_, Twox64Concat, Scope, Machine>;

    /// The markets that were live when the block began, ascending: those with records here.
    #[pallet::storage]
    pub type Watched<T: Config> = StorageValue<_, BoundedVec<MarketId, T::MaxMarkets>, ValueQuery>;

    /// Past marks and open interest of live markets. `Twox64Concat`: numbered by the chain.
    #[pallet::storage]
    pub type Watches<T> = StorageMap<_, Twox64Concat, MarketId, Watch, ValueQuery>;

    /// What the calls of live markets were like.
    #[pallet::storage]
    pub type Flows<T> = StorageMap<_, Twox64Concat, MarketId, Flow, ValueQuery>;

    /// The notional that was liquidated and has not drained. Kept only where something was.
    #[pallet::storage]
    pub type Pressures<T> = StorageMap<_, Twox64Concat, MarketId, LeakyBucket, ValueQuery>;

    /// What left compartments. `Twox64Concat`: numbered by the chain.
    #[pallet::storage]
    pub type Outflows<T> = StorageMap<_, Twox64Concat, CompartmentId, Outflow, ValueQuery>;

    /// The deficits that nobody covered yet, by compartment and market. One value and normally empty.
    #[pallet::storage]
    pub type Deficits<T: Config> = StorageValue<_, BoundedVec<Deficit, T::MaxMarkets>, ValueQuery>;

    /// The last block.
    #[pallet::storage]
    pub type LastBeat<T> = StorageValue<_, Beat>;

    /// What happened. Money is in quanta, 10^-12 of the settlement asset. Figures and limits are in the unit of their cause:
    /// SPEC 4.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// A cause demands `after` of a scope where it demanded `before`, because of a figure beyond a limit; the scope is at
        /// `level` now. No call ends before the block `hold`.
        Raised {
            scope: Scope,
            cause: Cause,
            before: Level,
            after: Level,
            level: Level,
            figure: i128,
            limit: i128,
            hold: BlockNumber,
        },
        /// Guardians demand `after` of a scope where they demanded `before`, until a time; the scope is at `level` now.
        GuardiansRaised {
            scope: Scope,
            before: Level,
            after: Level,
            level: Level,
            expires_at: Moment,
            reason: Reason,
        },
        /// A cause demands one level less of a scope, which is at `level` now.
        Recovered {
            scope: Scope,
            cause: Cause,
            before: Level,
            after: Level,
            level: Level,
        },
        /// What guardians raised stays until a referendum lowers it.
        Ratified {
            scope: Scope,
            before: Level,
            after: Level,
        },
        /// A referendum lowered a scope.
        Lowered {
            scope: Scope,
            before: Level,
            after: Level,
        },
        /// A market ended: nothing is held for it any more.
        Forgotten { market: MarketId, before: Level },
        /// A price was outside the band of a horizon for so long that it is let through. It is the reference of the horizons whose
        /// bands it left from now on.
        LetThrough {
            market: MarketId,
            price: LotPrice,
            since: Moment,
        },
        /// A loss of a market is not covered: nothing leaves the compartment.
        DeficitOpened {
            compartment: CompartmentId,
            market: MarketId,
            open: Cash,
        },
        /// It is covered. If it was the compartment's last, withdrawals go on at a time.
        DeficitCovered {
            compartment: CompartmentId,
            market: MarketId,
            before: Cash,
            reopens_at: Option<Moment>,
        },
        /// There are other terms.
        TermsSet {
            before: Box<Terms>,
            after: Box<Terms>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// Guardians already demand more than that here, or the level is open: they only raise. A referendum lowers.
        GuardiansOnlyRaise,
        /// No live market, or no compartment, has this number.
        NoSuchScope,
        /// Guardians raised nothing here, or it has come down already.
        NothingToRatify,
        /// The scope is not stricter than that.
        NothingToLower,
        /// Nothing may leave the compartment while it, or the chain, is halted. Try again when it isn't.
        WithdrawalsHalted,
        /// Nothing may leave the compartment while a loss is not covered, and for a time after. `withdrawals_left` says until
        /// when.
        WithdrawalsGated,
        /// Horizons must ascend and last from a second to thirty days; bands must be narrowest <= band <= widest < one, and all
        /// above zero.
        BadBands,
        /// Long calls and extensions last from one block to 100,000.
        BadCalls,
        /// Gaps must ascend, begin at two slots, and calls not fall; both last at most thirty days.
        BadGaps,
        /// Times must be above zero and at most thirty days.
        BadTimes,
        /// Order flow: memory from 2 calls, a score from one deviation, deviations above zero, margin from one to tenfold.
        BadFlow,
        /// Open interest: a window of at most thirty days, a rise above zero, a multiple of at most a thousand.
        BadInterest,
        /// Liquidation: 0 < first share <= second share <= 1, a least notional of a million quanta, a backlog above zero.
        BadPressure,
        /// The share of drawdown must be above zero and at most one.
        BadDrawdown,
        /// Withdrawals: the hour's floor and share must not be above the day's, shares at most one, and a small withdrawal must fit
        /// the small bucket.
        BadWithdrawals,
        /// The arithmetic left its proved range. This is a defect: please report it.
        Arithmetic,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            block::begin::<T>()
        }

        fn integrity_test() {
            assert!(T::MaxMarkets::get() > 0, "there must be room for a market");
            assert!(
                T::GuardianTripMs::get() > 0,
                "what guardians raise must hold for a time"
            );
            assert!(T::Time::slot_millis() > 0, "time must pass");
            assert!(
                Terms::default().validate::<T>().is_ok(),
                "the default terms must be such as could be set"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Raises a scope to a level, or renews what guardians raised there, for `GuardianTripMs`. After that it comes down one
        /// level at a time.
        ///
        /// Origin: `GuardianOrigin`. Emits `GuardiansRaised`. Errors: `GuardiansOnlyRaise`, `NoSuchScope`. SPEC 6.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::raise())]
        pub fn raise(
            origin: OriginFor<T>,
            scope: Scope,
            level: Level,
            reason: Reason,
        ) -> DispatchResult {
            T::GuardianOrigin::ensure_origin(origin)?;
            trips::guardians_raise::<T>(scope, level, reason)
        }

        /// Keeps what guardians raised in a scope until it is lowered.
        ///
        /// Origin: `LoosenOrigin`. Emits `Ratified`. Errors: `NothingToRatify`. SPEC 6.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::ratify())]
        pub fn ratify(origin: OriginFor<T>, scope: Scope) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            trips::ratify::<T>(scope)
        }

        /// Lowers all trips of a scope to a level at once, whatever their cool-downs. Triggers whose condition still holds raise
        /// it again in the next block.
        ///
        /// Origin: `LoosenOrigin`. Emits `Lowered`. Errors: `NothingToLower`. SPEC 6.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::lower())]
        pub fn lower(origin: OriginFor<T>, scope: Scope, level: Level) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            trips::lower::<T>(scope, level)
        }

        /// Sets the terms. They hold from now on; what has tripped keeps its hold and its expiry.
        ///
        /// Origin: `LoosenOrigin`. Emits `TermsSet`. Errors: those that say what is wrong with the terms. SPEC 5.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_terms())]
        pub fn set_terms(origin: OriginFor<T>, terms: Box<Terms>) -> DispatchResult {
            T::LoosenOrigin::ensure_origin(origin)?;
            terms.validate::<T>()?;
            let before = Box::new(Self::terms());
            StoredTerms::<T>::put(&*terms);
            Self::deposit_event(Event::TermsSet {
                before,
                after: terms,
            });
            Ok(())
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The level a market stands under: the strictest of its own, its compartment's and the chain's.
        pub fn level(market: MarketId) -> Level {
            levels::of_market::<T>(market).level
        }

        /// Why a scope is restricted.
        pub fn trips(scope: Scope) -> Vec<Trip> {
            trips::load::<T>(scope).trips().to_vec()
        }

        /// What may leave a compartment now, in quanta.
        pub fn withdrawals_left(compartment: CompartmentId) -> WithdrawalsLeft {
            withdrawals::left::<T>(compartment)
        }

        /// The terms that hold now.
        pub fn terms() -> Terms {
            StoredTerms::<T>::get().unwrap_or_default()
        }
    }
}
