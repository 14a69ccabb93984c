//! Each step at its worst case: all scopes restricted, every trigger tripping, every record full and written.

use alloc::{boxed::Box, vec};
use core::ops::Range;

use caisson_primitives::{
    oracle::{BlockTime, FeedStatus, PriceFeeds},
    trading::{
        CallGuard, Cash, CompartmentFunds, CompartmentId, Level, LotPrice, MarketId, Markets, Scope,
    },
    Moment,
};
use caisson_risk::breaker::LeakyBucket;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};

use crate::{
    block, levels,
    machine::{Cause, Clock, Raise},
    pallet::{
        Call, Config, Flows, LastBeat, Levels, Pallet, Pressures, StoredTerms, Trips, Watched,
        Watches,
    },
    terms::{Band, Terms},
    trips,
    types::{Beat, Flow, MaxScopes, Reason, Watch, MAX_REASON, RING_SAMPLES},
};

const COMPARTMENT: CompartmentId = 0;
const MARKET: MarketId = 20_000;
/// Others that are live and restricted, so that the lists of both are full.
const OTHERS: MarketId = 21_000;
const MARK: i128 = 1_000_000_000_000;
/// So much open interest is worth less than any floor, and so much more than any fund.
const FEW_LOTS: u64 = 1_000;
const MANY_LOTS: u64 = 1_000_000_000;
/// Longer than all horizons, windows and cool-downs.
const LONG_MS: Moment = 10 * 24 * 3_600_000;

/// A time at which all of the past that is kept fits before, and all cool-downs are over.
fn later<T: Config>() -> Clock {
    let before = levels::clock::<T>();
    Clock {
        now: before.now.saturating_add(LONG_MS),
        block: before.block.saturating_add(1_000_000),
    }
}

/// So many markets at a mark, with so much open interest each and a status.
fn markets<T: Config>(count: u32, lots: u64, status: FeedStatus) -> Range<MarketId> {
    T::Feeds::benchmark_feeds();
    T::Funds::benchmark_funds(COMPARTMENT, Cash(MARK), Cash(MARK));
    let markets = MARKET..MARKET.saturating_add(count as MarketId);
    for market in markets.clone() {
        T::Markets::benchmark_market(market, COMPARTMENT, LotPrice(MARK), |contract, prices| {
            contract.band_ppm = 500_000;
            prices.open_interest = lots;
            prices.status = status;
        });
    }
    markets
}

/// One of them.
fn market<T: Config>(lots: u64, status: FeedStatus) {
    markets::<T>(1, lots, status);
}

/// As many markets live as there can be, and as many scopes restricted.
fn crowd<T: Config>() {
    market::<T>(FEW_LOTS, FeedStatus::Live);
    let most = T::MaxMarkets::get();
    for number in 0..most {
        if T::Markets::live().len() < most as usize {
            let other = OTHERS.saturating_add(number as MarketId);
            T::Markets::benchmark_market(other, COMPARTMENT, LotPrice(MARK), |_, _| ());
        }
    }
    let raise = Raise::new(Cause::PriceBand, Level::LongCalls, 1, 1);
    for market in T::Markets::live() {
        trips::raise::<T>(Scope::Market(market), &raise);
    }
    for compartment in 0..T::MaxCompartments::get() {
        trips::raise::<T>(Scope::Compartment(compartment), &raise);
    }
    trips::raise::<T>(Scope::Chain, &raise);
    assert_eq!(Levels::<T>::get().len(), MaxScopes::<T>::get() as usize);
}

/// A cause holds in a scope.
fn trip<T: Config>(scope: Scope, cause: Cause) {
    let expires_at = (cause == Cause::Guardian).then(T::Time::now_ms);
    let raise = Raise {
        expires_at,
        ..Raise::new(cause, Level::LongCalls, 1, 1)
    };
    trips::raise::<T>(scope, &raise);
}

/// Every cause holds in a scope.
fn trip_all<T: Config>(scope: Scope) {
    for cause in Cause::ALL {
        trip::<T>(scope, cause);
    }
}

/// Fills all records of the past of a market: marks by their horizon, and open interest that has grown since. The next
/// samples are due at a time, or later.
fn remember<T: Config>(market: MarketId, due: Moment, mark: impl Fn(&Band) -> i128) {
    let terms = Terms::default();
    let mut watch = Watch::default();
    let past = |span: Moment| {
        let spacing = span / Moment::from(RING_SAMPLES);
        (1..=Moment::from(RING_SAMPLES))
            .rev()
            .map(move |age| due - age * spacing)
    };
    for (band, ring) in terms.bands.iter().zip(watch.marks.iter_mut()) {
        for at in past(band.horizon_ms) {
            ring.push(at, mark(band) as u64, band.horizon_ms);
        }
    }
    for at in past(terms.interest.window_ms) {
        watch
            .interest
            .push(at, FEW_LOTS / 10, terms.interest.window_ms);
    }
    Watches::<T>::insert(market, watch);
}

/// A past mark from which that of now is so far away that the volatility decides, but inside the band.
fn near(band: &Band) -> i128 {
    MARK - MARK * i128::from(band.band_ppm) / 4 * 3 / 1_000_000
}

/// The same, but for the longest horizon, whose band is left.
fn far(band: &Band) -> i128 {
    match Terms::default().bands.last() {
        Some(last) if last == band => MARK / 2,
        _ => near(band),
    }
}

/// Looks at markets one after the other; says what the last look did.
fn look_at<T: Config>(
    markets: Range<MarketId>,
    is_restricted: bool,
    clock: Clock,
) -> block::Looked {
    let terms = Terms::default();
    markets
        .map(|market| block::look::<T>(market, is_restricted, &terms, clock))
        .last()
        .unwrap_or_default()
}

fn reason() -> Reason {
    Reason::truncate_from(vec![b'x'; MAX_REASON as usize])
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn raise() -> Result<(), BenchmarkError> {
        crowd::<T>();
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
        crowd::<T>();
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
        crowd::<T>();
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
        StoredTerms::<T>::put(Terms::default());
        let origin =
            T::LoosenOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let terms = Terms {
            long_call_blocks: 1,
            ..Terms::default()
        };
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Box::new(terms.clone()));
        assert_eq!(StoredTerms::<T>::get(), Some(terms));
        Ok(())
    }

    /// The chain stood still, has another runtime, and markets are new.
    #[benchmark]
    fn begin() {
        crowd::<T>();
        trip_all::<T>(Scope::Chain);
        StoredTerms::<T>::put(Terms::default());
        Watched::<T>::kill();
        LastBeat::<T>::put(Beat {
            at: 0,
            spec_version: u32::MAX,
        });
        let clock = later::<T>();
        #[block]
        {
            block::prepare::<T>(clock);
        }
        assert_eq!(LastBeat::<T>::get().map(|beat| beat.at), Some(clock.now));
        assert_eq!(Watched::<T>::get().into_inner(), T::Markets::live());
        let chain = trips::load::<T>(Scope::Chain);
        assert!(chain.hold() > clock.block);
    }

    #[benchmark]
    fn look_quiet(m: Linear<1, 50>) {
        let clock = later::<T>();
        let markets = markets::<T>(m.min(T::MaxMarkets::get()), FEW_LOTS, FeedStatus::Live);
        for market in markets.clone() {
            remember::<T>(market, clock.now + 1, near);
        }
        let looked;
        #[block]
        {
            looked = look_at::<T>(markets, false, clock);
        }
        assert!(!looked.wrote && !looked.examined);
    }

    #[benchmark]
    fn look_written(m: Linear<1, 50>) {
        let clock = later::<T>();
        let markets = markets::<T>(m.min(T::MaxMarkets::get()), FEW_LOTS, FeedStatus::Live);
        for market in markets.clone() {
            remember::<T>(market, clock.now, near);
        }
        let looked;
        #[block]
        {
            looked = look_at::<T>(markets, false, clock);
        }
        assert!(looked.wrote && !looked.examined);
    }

    /// Markets that have tripped for all causes, and trip for all that are measured.
    #[benchmark]
    fn look_examined(m: Linear<1, 50>) {
        let m = m.min(T::MaxMarkets::get());
        // Before the others, or there would be no room for them.
        markets::<T>(m, FEW_LOTS, FeedStatus::Live);
        crowd::<T>();
        let markets = markets::<T>(m, MANY_LOTS, FeedStatus::Stale);
        let clock = later::<T>();
        let bucket = LeakyBucket {
            level: Cash(MARK * i128::from(MANY_LOTS) * 4),
            at_ms: clock.now.saturating_sub(1_000).into(),
        };
        for market in markets.clone() {
            trip_all::<T>(Scope::Market(market));
            remember::<T>(market, clock.now, far);
            Pressures::<T>::insert(market, bucket);
        }
        let looked;
        #[block]
        {
            looked = look_at::<T>(markets, true, clock);
        }
        assert!(looked.wrote && looked.examined);
        let machine = trips::load::<T>(Scope::Market(MARKET));
        let raised = |cause| machine.trip(cause).is_some_and(|trip| trip.limit > 1);
        for cause in [
            Cause::PriceBand,
            Cause::OracleHealth,
            Cause::OpenInterest,
            Cause::LiquidationPressure,
        ] {
            assert!(raised(cause));
        }
        assert!(machine.trip(Cause::OrderFlow).is_none());
    }

    /// All of its trips recover, and it is open again.
    #[benchmark]
    fn examine_scope() {
        crowd::<T>();
        let scope = Scope::Compartment(COMPARTMENT);
        // What was ratified would stay.
        for cause in Cause::ALL.iter().filter(|one| **one != Cause::Ratified) {
            trip::<T>(scope, *cause);
        }
        let (terms, clock) = (Terms::default(), later::<T>());
        let changed;
        #[block]
        {
            changed = trips::examine::<T>(scope, &[], &terms, clock);
        }
        assert!(changed);
        assert!(!Trips::<T>::contains_key(scope));
        assert_eq!(Levels::<T>::get().len() + 1, MaxScopes::<T>::get() as usize);
    }

    /// A market with everything there can be of it.
    #[benchmark]
    fn forget() {
        crowd::<T>();
        trip_all::<T>(Scope::Market(MARKET));
        remember::<T>(MARKET, later::<T>().now, near);
        Flows::<T>::insert(MARKET, Flow::default());
        Pressures::<T>::insert(MARKET, LeakyBucket::default());
        #[block]
        {
            block::forget::<T>(MARKET);
        }
        assert!(!Watches::<T>::contains_key(MARKET));
        assert_eq!(Levels::<T>::get().len() + 1, MaxScopes::<T>::get() as usize);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
