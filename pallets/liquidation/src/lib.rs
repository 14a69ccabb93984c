//! # Liquidation
//!
//! The engine that brings unsafe accounts back to safety in each block, and the waterfall that pays for what they can't.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. There is one call for everyone,
//! [`liquidate`](pallet::Pallet::liquidate); clients read through the runtime API `RiskApi`, whose bodies are in [`api`].
//!
//! ## Overview
//!
//! No keeper and no off-chain worker: the step runs in `on_initialize`, after prices, margins and the trigger index have moved, in
//! a budget of its own. What does not fit is first in the next block, the most endangered in front.
//!
//! | step | what happens | where |
//! |---|---|---|
//! | 1 | the account's orders are cancelled | [`visit`] |
//! | 2 | its riskiest positions are offered in this block's call, as many lots as restore it, at a limit that gives way | [`plan`] |
//! | 3 | the market's fund buys what is offered, or takes the account over at mark | [`purchase`], [`takeover`] |
//! | 4 | the fund sells its inventory in slices of what others show | [`unwinding`] |
//! | 5 | the insurance fund, its backers and the treasury's backstop pay | [`fund`] |
//! | 6 | what the fund may not hold is closed at mark against the other side; what nobody paid is cut from profits | [`deleveraging`], [`haircuts`] |
//! | 7 | the market is given up: it settles at mark, and the rest is shared | margin |
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections.
//!
//! ## Low-level
//!
//! - [`engine`]: the step of each block, the budget, the backlog; [`metering`]: what visits cost;
//! - [`latency`]: how long accounts were unsafe.

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
pub mod deleveraging;
pub mod engine;
pub mod fund;
pub mod haircuts;
pub mod latency;
pub mod metering;
pub mod plan;
pub mod purchase;
pub mod takeover;
pub mod types;
pub mod unwinding;
pub mod visit;
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
pub const LOG_TARGET: &str = "liquidation";

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
            AccountIndex, CallSource, Cash, ForcedOrders, InsuranceFunds, LiquidationAccounts,
            LotPrice, MarketId, Markets, OpenOrdersSource, SafetyObserver, SafetySignals, Side,
        },
        BlockNumber,
    };
    use caisson_risk::RiskError;
    use frame_support::{pallet_prelude::*, BoundedVec};
    use frame_system::pallet_prelude::*;
    use sp_runtime::SaturatedConversion;

    use crate::{
        engine, fund, metering,
        types::{Backlog, FundWork, Latencies, Progress, Terms, Totals},
        visit,
        weights::WeightInfo,
    };

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// May set the terms.
        type RiskOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The markets.
        type Markets: Markets;
        /// The margin accounts.
        type Accounts: LiquidationAccounts<Self::AccountId>;
        /// The order book.
        type Orders: ForcedOrders + OpenOrdersSource;
        /// Whether calls go on for longer than a block.
        type Calls: CallSource;
        /// The insurance funds.
        type Funds: InsuranceFunds;
        /// The circuit breaker.
        type Signals: SafetySignals;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// The most markets.
        #[pallet::constant]
        type MaxMarkets: Get<u32>;
        /// The most orders an account may have.
        #[pallet::constant]
        type MaxOrders: Get<u32>;
        /// What visits to accounts may take of a block.
        type AccountBudget: Get<Weight>;
        /// What the work of funds may take of a block.
        type FundBudget: Get<Weight>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    /// The engine and the waterfall.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What governance set.
    #[pallet::storage]
    pub type CurrentTerms<T> = StorageValue<_, Terms, ValueQuery>;

    /// How many accounts are short of maintenance margin: what a quiet block reads.
    #[pallet::storage]
    pub type UnsafeAccounts<T> = StorageValue<_, u32, ValueQuery>;

    /// How far the liquidation of an account is. `Identity`: the numbers are the chain's own.
    #[pallet::storage]
    pub type InProgress<T> = StorageMap<_, Identity, AccountIndex, Progress>;

    /// The markets whose fund has work, sorted.
    #[pallet::storage]
    pub type Working<T: Config> = StorageValue<_, BoundedVec<MarketId, T::MaxMarkets>, ValueQuery>;

    /// What the fund of a market has to do. `Twox64Concat`: markets are numbered by governance.
    #[pallet::storage]
    pub type Work<T> = StorageMap<_, Twox64Concat, MarketId, FundWork>;

    /// The market whose fund is first when not all fit a block.
    #[pallet::storage]
    pub type Cursor<T> = StorageValue<_, MarketId, ValueQuery>;

    /// What was left when the last step ended.
    #[pallet::storage]
    pub type BacklogState<T> = StorageValue<_, Backlog, ValueQuery>;

    /// How long accounts were unsafe, by the market in which they were liquidated.
    #[pallet::storage]
    pub type LatenciesOf<T> = StorageMap<_, Twox64Concat, MarketId, Latencies, ValueQuery>;

    /// What the waterfall did in each market since it began.
    #[pallet::storage]
    pub type TotalsOf<T> = StorageMap<_, Twox64Concat, MarketId, Totals, ValueQuery>;

    /// What happened. Money is in quanta, 10^-12 of the settlement asset; prices are quanta for one lot.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// An order of the engine is in the market's call: `lots` at `limit` or better, the `attempt`th time. Decided on the
        /// account's equity and slack (equity minus maintenance margin).
        OrderEntered {
            account: AccountIndex,
            market: MarketId,
            side: Side,
            lots: u64,
            limit: LotPrice,
            attempt: u8,
            equity: Cash,
            slack: Cash,
        },
        /// The exchange took no order of the engine: the market is halted, or its call is full. It is tried again.
        OrderNotEntered {
            account: AccountIndex,
            market: MarketId,
            error: DispatchError,
        },
        /// The market's fund bought so many lots of an account at the limit of the engine, because no call ends soon enough or
        /// orders were tried in enough blocks. `side` is that of the account's order.
        Bought {
            account: AccountIndex,
            market: MarketId,
            side: Side,
            lots: u64,
            price: LotPrice,
            attempt: u8,
            equity: Cash,
            slack: Cash,
        },
        /// An account that was unsafe since a block is restored, or has nothing any more, after `blocks`.
        Restored {
            account: AccountIndex,
            market: MarketId,
            since: BlockNumber,
            blocks: u32,
        },
        /// The funds took over all positions of an account at mark, its other collateral (which counted for `seized`) and its
        /// money. `market`'s fund answers for it: `loss` is what the account fell short of nothing.
        TakenOver {
            account: AccountIndex,
            market: MarketId,
            positions: u32,
            equity: Cash,
            maintenance: Cash,
            seized: Cash,
            loss: Cash,
            unsafe_since: Option<BlockNumber>,
        },
        /// A fund offers a slice of its inventory.
        Unwinding {
            market: MarketId,
            side: Side,
            lots: u64,
            limit: LotPrice,
            inventory: u64,
        },
        /// Lots of an account were closed at mark against a fund that may not hold them; `left` stay. Its equity is what it
        /// was.
        Deleveraged {
            account: AccountIndex,
            market: MarketId,
            side: Side,
            lots: u64,
            left: u64,
            price: LotPrice,
        },
        /// A part of an account's profit paid for a deficit in the market.
        ProfitCut {
            account: AccountIndex,
            market: MarketId,
            profit: Cash,
            cut: Cash,
        },
        /// The deficit of a market that nobody covered.
        DeficitChanged {
            market: MarketId,
            before: Cash,
            after: Cash,
        },
        /// No profit can be cut any more and a deficit is left: the market ends at its mark.
        GivenUp {
            market: MarketId,
            deficit: Cash,
            mark: LotPrice,
        },
        /// An account could not be liquidated, so it was left as it is; the others were not kept waiting. This should never
        /// be.
        CouldNotLiquidate {
            account: AccountIndex,
            error: DispatchError,
        },
        /// The work of a fund could not be done in this block. This should never be.
        FundFailed {
            market: MarketId,
            error: DispatchError,
        },
        /// The engine has other terms.
        TermsSet { before: Terms, after: Terms },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No account has this number. `accounts_of` of the runtime API `MarginApi` lists an owner's.
        NoSuchAccount,
        /// The account has its maintenance margin: there is nothing to liquidate. `health` of the runtime API `MarginApi` says
        /// how it stands.
        NotUnsafe,
        /// The account was visited in this block: its orders are in the call. Try again in the next block.
        VisitedAlready,
        /// The terms contradict each other: shares must be between zero and one, the target at least one, the least slice no
        /// more than the most.
        BadTerms,
        /// No market has this number.
        NoSuchMarket,
        /// The market has no price yet, or no more.
        NoPrice,
        /// More markets than there can be. This is a defect: please report it.
        TooManyMarkets,
        /// A market's fund has no inventory account. This is a defect: please report it.
        NoInventory,
        /// The arithmetic left its proved range. This is a defect: please report it.
        Arithmetic,
    }

    impl<T> From<RiskError> for Error<T> {
        fn from(_error: RiskError) -> Self {
            Self::Arithmetic
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            engine::run::<T>()
        }

        fn integrity_test() {
            assert!(
                T::AccountBudget::get().all_gte(engine::least::<T>()),
                "the engine must get on in every block"
            );
            assert!(
                T::FundBudget::get().all_gte(fund::least::<T>()),
                "a fund must get on in every block"
            );
            assert!(Terms::default().are_valid(), "the default terms are valid");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Liquidates an account that is short of maintenance margin, as the engine would in its step of the next block. Free
        /// if it did something; the engine finds such accounts by itself, so this is for the case that it can't keep up.
        ///
        /// Origin: anyone. Errors: `NoSuchAccount`, `NotUnsafe`, `VisitedAlready`. Cost: linear in the account's markets and
        /// orders. SPEC 7.
        #[pallet::call_index(0)]
        #[pallet::weight((metering::worst_unmarked::<T>(), DispatchClass::Operational))]
        pub fn liquidate(
            origin: OriginFor<T>,
            account: AccountIndex,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let outcome = visit::on_demand::<T>(account)?;
            let pays = match outcome.has_acted {
                true => Pays::No,
                false => Pays::Yes,
            };
            Ok((Some(metering::single::<T>(&outcome.visited)), pays).into())
        }

        /// Sets the terms of the engine. They hold from the next step.
        ///
        /// Origin: the risk admin. Errors: `BadTerms`. Cost: constant. SPEC 2.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_terms())]
        pub fn set_terms(origin: OriginFor<T>, terms: Terms) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            ensure!(terms.are_valid(), Error::<T>::BadTerms);
            let before = CurrentTerms::<T>::get();
            CurrentTerms::<T>::put(terms);
            Self::deposit_event(Event::TermsSet {
                before,
                after: terms,
            });
            Ok(())
        }
    }

    impl<T: Config> SafetyObserver for Pallet<T> {
        fn became_unsafe(_account: AccountIndex) {
            UnsafeAccounts::<T>::mutate(|count| *count = count.saturating_add(1));
        }

        /// SPEC 8: the time counts in the market in which the engine acted last; an account that recovered before the engine
        /// came to it is in no market's figures.
        fn became_safe(account: AccountIndex, since: BlockNumber) {
            UnsafeAccounts::<T>::mutate(|count| *count = count.saturating_sub(1));
            if let Some(progress) = InProgress::<T>::take(account) {
                let now: BlockNumber = frame_system::Pallet::<T>::block_number().saturated_into();
                visit::tell::<T>(&progress);
                let blocks = now.saturating_sub(since);
                LatenciesOf::<T>::mutate(progress.market, |latencies| latencies.note(blocks));
                Self::deposit_event(Event::Restored {
                    account,
                    market: progress.market,
                    since,
                    blocks,
                });
            }
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The terms of the engine.
        pub fn terms() -> Terms {
            CurrentTerms::<T>::get()
        }

        /// How far the liquidation of an account is.
        pub fn progress(account: AccountIndex) -> Option<Progress> {
            InProgress::<T>::get(account)
        }

        /// What the fund of a market has to do, if it has.
        pub fn fund_work(market: MarketId) -> Option<FundWork> {
            Work::<T>::get(market)
        }
    }
}
