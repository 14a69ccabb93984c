//! Each step at its worst case: all scopes restricted, every trigger tripping, every record written.

use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        CallFlow, CallGuard, Cash, CompartmentFunds, CompartmentId, Level, LotPrice, MarketId,
        Markets, SafetySignals, Scope, WithdrawalGate,
    },
};
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};

use crate::{
    block, levels,
    machine::{Cause, Clock, Raise},
    pallet::{Call, Config, Flows, Levels, Outflows, Pallet, Trips, Watches},
    terms::Terms,
    trips,
    types::{Flow, Reason, MAX_REASON},
};

const COMPARTMENT: CompartmentId = 0;
const MARKET: MarketId = 20_000;
/// Others that are restricted, so that the list of levels is full.
const OTHERS: MarketId = 21_000;
const MARK: i128 = 1_000_000_000_000;

fn clock<T: Config>() -> Clock {
    levels::clock::<T>()
}

/// A market at a mark, with so much open interest and a status.
fn market<T: Config>(mark: i128, lots: u64, status: FeedStatus) {
    T::Funds::benchmark_funds(COMPARTMENT, Cash(MARK), Cash(MARK));
    T::Markets::benchmark_market(MARKET, COMPARTMENT, LotPrice(mark), |contract, prices| {
        contract.band_ppm = 500_000;
        prices.open_interest = lots;
        prices.status = status;
    });
}

fn calm<T: Config>() {
    market::<T>(MARK, 1_000, FeedStatus::Live);
}

/// As many scopes restricted as there can be, but for the market and the compartment of benchmarks.
fn fill_levels<T: Config>() {
    let raise = Raise::new(Cause::PriceBand, Level::LongCalls, 1, 1);
    for number in 0..T::MaxMarkets::get().saturating_sub(1) {
        let market = OTHERS.saturating_add(number as MarketId);
        trips::raise::<T>(Scope::Market(market), &raise);
    }
    trips::raise::<T>(Scope::Chain, &raise);
}

/// Every cause holds in a scope.
fn trip_all<T: Config>(scope: Scope) {
    for cause in Cause::ALL {
        let expires_at = (cause == Cause::Guardian).then(T::Time::now_ms);
        let raise = Raise {
            expires_at,
            ..Raise::new(cause, Level::LongCalls, 1, 1)
        };
        trips::raise::<T>(scope, &raise);
    }
}

/// A market that was looked at a while ago, and then jumped.
fn jumped<T: Config>() -> Clock {
    calm::<T>();
    let before = clock::<T>();
    block::look::<T>(MARKET, false, &Terms::default(), before);
    market::<T>(MARK / 10 * 14, 1_000_000_000, FeedStatus::Stale);
    Clock {
        now: before.now.saturating_add(50_000),
        block: before.block.saturating_add(50),
    }
}

fn reason() -> Reason {
    Reason::truncate_from(alloc::vec![b'x'; MAX_REASON as usize])
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn raise() -> Result<(), BenchmarkError> {
        calm::<T>();
        fill_levels::<T>();
        let scope = Scope::Market(MARKET);
        trip_all::<T>(scope);
        let origin =
            T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, scope, Level::Halted, reason());
        assert_eq!(<Pallet<T> as CallGuard>::level(MARKET), Level::Halted);
        Ok(())
    }

    #[benchmark]
    fn ratify() -> Result<(), BenchmarkError> {
        calm::<T>();
        fill_levels::<T>();
        let scope = Scope::Market(MARKET);
        trip_all::<T>(scope);
        let origin =
            T::LoosenOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, scope);
        assert!(trips::load::<T>(scope).trip(Cause::Guardian).is_none());
        Ok(())
    }

    #[benchmark]
    fn lower() -> Result<(), BenchmarkError> {
        calm::<T>();
        fill_levels::<T>();
        let scope = Scope::Market(MARKET);
        trip_all::<T>(scope);
        let origin =
            T::LoosenOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, scope, Level::Open);
        assert!(!Trips::<T>::contains_key(scope));
        Ok(())
    }

    #[benchmark]
    fn set_terms() -> Result<(), BenchmarkError> {
        let origin =
            T::LoosenOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let terms = alloc::boxed::Box::new(Terms::default());
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, terms);
        Ok(())
    }

    /// What a block costs before any market.
    #[benchmark]
    fn begin() {
        #[block]
        {
            block::begin::<T>();
        }
    }

    /// A live market in which nothing is due.
    #[benchmark]
    fn look_quiet() {
        calm::<T>();
        let terms = Terms::default();
        block::look::<T>(MARKET, false, &terms, clock::<T>());
        let looked;
        #[block]
        {
            looked = block::look::<T>(MARKET, false, &terms, clock::<T>());
        }
        assert_eq!(looked, block::Looked::default());
    }

    /// A live market in which every sample is due.
    #[benchmark]
    fn look_written() {
        calm::<T>();
        let terms = Terms::default();
        let looked;
        #[block]
        {
            looked = block::look::<T>(MARKET, false, &terms, clock::<T>());
        }
        assert!(looked.wrote && !looked.examined);
    }

    /// A market that has tripped for all causes and trips for all that are measured.
    #[benchmark]
    fn look_examined() {
        let later = jumped::<T>();
        fill_levels::<T>();
        trip_all::<T>(Scope::Market(MARKET));
        let looked;
        #[block]
        {
            looked = block::look::<T>(MARKET, true, &Terms::default(), later);
        }
        assert!(looked.wrote && looked.examined);
        let machine = trips::load::<T>(Scope::Market(MARKET));
        assert!(machine.level() >= Level::ReduceOnly);
    }

    /// A market that ended, with everything there can be of it.
    #[benchmark]
    fn forget() {
        calm::<T>();
        fill_levels::<T>();
        trip_all::<T>(Scope::Market(MARKET));
        block::look::<T>(MARKET, true, &Terms::default(), clock::<T>());
        #[block]
        {
            block::forget::<T>(MARKET);
        }
        assert!(!Watches::<T>::contains_key(MARKET));
    }

    /// A clearing price that leaves a band of the past.
    #[benchmark]
    fn admit_call() {
        calm::<T>();
        block::look::<T>(MARKET, false, &Terms::default(), clock::<T>());
        fill_levels::<T>();
        #[block]
        {
            let price = LotPrice(MARK / 10 * 14);
            let _ = <Pallet<T> as CallGuard>::admit(MARKET, price, 1);
        }
        assert!(Watches::<T>::get(MARKET).extension.is_some());
    }

    /// A call that cleared, after an extension, unlike any before.
    #[benchmark]
    fn cleared() {
        calm::<T>();
        block::look::<T>(MARKET, false, &Terms::default(), clock::<T>());
        let _ = <Pallet<T> as CallGuard>::admit(MARKET, LotPrice(MARK / 10 * 14), 1);
        fill_levels::<T>();
        let flow = Flow {
            calls: u32::MAX,
            ..Default::default()
        };
        Flows::<T>::insert(MARKET, flow);
        let call = CallFlow {
            lots: 1 << 40,
            price: LotPrice(MARK),
            bid_lots: 1 << 40,
            ask_lots: 1,
            fills: 1,
            cancels: 1_000,
            largest_lots: 1 << 40,
        };
        #[block]
        {
            <Pallet<T> as CallGuard>::cleared(MARKET, &call);
        }
        let machine = trips::load::<T>(Scope::Market(MARKET));
        assert!(machine.trip(Cause::OrderFlow).is_some());
    }

    /// A liquidation that trips.
    #[benchmark]
    fn liquidated() {
        calm::<T>();
        fill_levels::<T>();
        #[block]
        {
            Pallet::<T>::liquidated(MARKET, Cash(1 << 100));
        }
        assert!(Trips::<T>::contains_key(Scope::Market(MARKET)));
    }

    /// A small withdrawal, which is counted in all buckets.
    #[benchmark]
    fn admit_withdrawal() {
        calm::<T>();
        fill_levels::<T>();
        #[block]
        {
            <Pallet<T> as WithdrawalGate>::admit(COMPARTMENT, Cash(1), true).expect("is open");
        }
        assert_eq!(Outflows::<T>::get(COMPARTMENT).small.level, Cash(1));
        assert!(Levels::<T>::decode_len().unwrap_or_default() > 1);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
