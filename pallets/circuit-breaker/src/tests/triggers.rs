//! SPEC 4: each trigger trips and recovers.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, Level, MarketId, SafetySignals, Scope},
};
use Level::{CancelOnly, LongCalls, Open, ReduceOnly};

use crate::{
    machine::{Cause, Trip},
    mock::*,
    pallet::{Event, LastBeat, Pressures, Watches},
    terms::Terms,
    types::Ring,
};

fn trip_of(scope: Scope, cause: Cause) -> Option<Trip> {
    let trips = Breaker::trips(scope);
    trips.into_iter().find(|trip| trip.cause == cause)
}

fn level_of(market: MarketId) -> Level {
    Breaker::level(market)
}

/// Runs until the level falls, and says how long that took.
fn recovers_after() -> u64 {
    let before = level_of(MARKET);
    let start = now();
    while level_of(MARKET) == before {
        assert!(now() < start + 30 * HOUR, "it never recovers");
        next_block();
    }
    assert_eq!(level_of(MARKET), before.loosened());
    now() - start
}

#[test]
fn ring_should_keep_the_last_eight_samples_and_name_the_oldest_inside() {
    let mut ring = Ring::default();
    for step in 0..=20 {
        let now = step * 10;
        assert!(ring.is_due(now, 80));
        ring.push(now, step, 80);
        assert!(!ring.is_due(now + 9, 80));
        let kept = u64::try_from(ring.samples().len()).unwrap();
        assert_eq!(kept, (step + 1).min(8));
        assert_eq!(ring.samples().last().map(|sample| sample.at), Some(now));
        assert_eq!(ring.oldest(now, 80), Some(step.saturating_sub(7)));
        assert_eq!(ring.lowest(now + 75, 80), Some(step), "others are too old");
    }
    assert_eq!(ring.oldest(1_000, 80), None);
}

#[test]
fn price_band_should_trip_on_the_mark_and_recover_when_references_moved() {
    new_test(|| {
        run_for(2 * MINUTE);
        set_mark(MARKET, 1_030_000);
        next_block();
        assert_eq!(level_of(MARKET), Open, "the edge is inside");
        set_mark(MARKET, 1_030_001);
        events();
        next_block();
        assert_eq!(
            events(),
            [Event::Raised {
                scope: scope(),
                cause: Cause::PriceBand,
                before: Open,
                after: LongCalls,
                level: LongCalls,
                figure: 30_001,
                limit: 30_000,
                hold: 0,
            }]
        );
        assert_eq!(level_of(OTHER), Open);
        // The oldest reference inside a minute is at the new price after at most a minute; then the cool-down runs.
        let cool_down = Terms::default().cool_downs.price_band_ms;
        let took = recovers_after();
        assert!(
            (cool_down..=cool_down + MINUTE).contains(&took),
            "{took} ms"
        );
        assert!(matches!(
            events().as_slice(),
            [Event::Recovered {
                cause: Cause::PriceBand,
                ..
            }]
        ));
    });
}

#[test]
fn price_band_should_hold_slow_moves_against_longer_horizons() {
    new_test(|| {
        run_for(HOUR);
        // Two per cent in two minutes, again and again: inside a minute's band, but not inside five minutes'.
        let mut ppm = 1_000_000;
        while level_of(MARKET) == Open {
            ppm += 20_000;
            assert!(ppm < 1_100_000);
            set_mark(MARKET, ppm);
            run_for(90 * SECOND);
        }
        let trip = trip_of(scope(), Cause::PriceBand).unwrap();
        assert_eq!((ppm, trip.limit), (1_060_000, 50_000));
    });
}

#[test]
fn price_band_should_scale_with_volatility_inside_its_bounds() {
    for (volatility, inside, outside) in [
        (None, 1_030_000, 1_030_001),
        (Some(830), 1_030_000, 1_030_001),
        (Some(1_245), 1_045_000, 1_045_001),
        (Some(1), 1_015_000, 1_015_001),
        (Some(1_000_000), 1_060_000, 1_060_001),
    ] {
        for (mark, expected) in [(inside, Open), (outside, LongCalls)] {
            new_test(|| {
                run_for(MINUTE);
                world(|world| world.volatility_ppm = volatility);
                // The bands of longer horizons are wider than this one's at any volatility.
                set_mark(MARKET, mark);
                next_block();
                assert_eq!(level_of(MARKET), expected, "{volatility:?} {mark}");
            });
        }
    }
}

#[test]
fn oracle_health_should_demand_more_the_worse_and_the_older_it_is() {
    new_test(|| {
        let patience = Terms::default().stale_patience_ms;
        for (status, level) in [
            (FeedStatus::Guarded, LongCalls),
            (FeedStatus::Uncertain, LongCalls),
            (FeedStatus::Stale, ReduceOnly),
        ] {
            set_status(MARKET, status);
            next_block();
            assert_eq!(level_of(MARKET), level, "{status:?}");
        }
        run_for(patience - 3 * SECOND);
        assert_eq!(level_of(MARKET), ReduceOnly);
        next_block();
        assert_eq!(level_of(MARKET), CancelOnly, "stale for too long");
        let trip = trip_of(scope(), Cause::OracleHealth).unwrap();
        assert_eq!((trip.figure, trip.limit), (300_000, 300_000));
        run_for(HOUR);
        assert_eq!(level_of(MARKET), CancelOnly);

        set_status(MARKET, FeedStatus::Live);
        let cool_down = Terms::default().cool_downs.oracle_health_ms;
        for _ in 0..3 {
            assert_eq!(recovers_after(), cool_down);
        }
        assert_eq!(Watches::<Test>::get(MARKET).untrusted_since, None);

        set_status(MARKET, FeedStatus::Down);
        next_block();
        assert_eq!(level_of(MARKET), CancelOnly, "down at once");
    });
}

#[test]
fn block_gap_should_make_calls_longer_the_longer_it_was() {
    for (gap, call) in [
        (9 * SECOND, None),
        (10 * SECOND, Some(MINUTE)),
        (59 * SECOND, Some(MINUTE)),
        (MINUTE, Some(5 * MINUTE)),
        (10 * MINUTE, Some(15 * MINUTE)),
        (HOUR, Some(HOUR)),
        (30 * HOUR, Some(6 * HOUR)),
    ] {
        new_test(|| {
            next_block_after(gap);
            let trip = trip_of(Scope::Chain, Cause::BlockGap);
            let hold = trip.map(|trip| u64::from(trip.hold) - System::block_number());
            assert_eq!(hold, call.map(|ms| ms / SECOND), "{gap}");
            let Some(call) = call else { return };
            assert_eq!(level_of(FAR), LongCalls);
            assert_eq!(recovers_after(), call);
        });
    }
}

#[test]
fn runtime_upgrade_should_make_calls_longer() {
    new_test(|| {
        LastBeat::<Test>::mutate(|beat| beat.as_mut().unwrap().spec_version = 17);
        next_block();
        let trip = trip_of(Scope::Chain, Cause::RuntimeUpgrade).unwrap();
        assert_eq!((trip.level, trip.limit), (LongCalls, 17));
        assert_eq!(recovers_after(), MINUTE);
    });
}

#[test]
fn open_interest_should_not_grow_when_it_surges_beyond_the_fund() {
    // The fund of a million allows twenty million.
    for (lots, fund, expected) in [
        (150_000, 0, Open),
        (200_000, 1_000_000, Open),
        (200_001, 1_000_000, ReduceOnly),
        (200_001, 1_000_005, Open),
        (150_001, 0, ReduceOnly),
    ] {
        new_test(|| {
            run_for(10 * MINUTE);
            world(|world| world.pots.get_mut(&HOME).unwrap().insurance = Cash(fund * ONE));
            change(MARKET, |_, prices| prices.open_interest = lots);
            next_block();
            assert_eq!(level_of(MARKET), expected, "{lots} {fund}");
            if expected == ReduceOnly {
                let trip = trip_of(scope(), Cause::OpenInterest).unwrap();
                assert_eq!(trip.figure, i128::from(lots) * MARK);
                // While the surge is in the window it holds; then a cool-down for each step.
                let first = recovers_after();
                assert!((80 * MINUTE..=121 * MINUTE).contains(&first), "{first}");
                assert_eq!(recovers_after(), HOUR);
            }
        });
    }
}

#[test]
fn small_market_should_grow_however_fast() {
    new_test(|| {
        change(MARKET, |_, prices| prices.open_interest = 0);
        run_for(2 * HOUR);
        world(|world| world.pots.get_mut(&HOME).unwrap().insurance = Cash(0));
        change(MARKET, |_, prices| prices.open_interest = 50_000);
        next_block();
        assert_eq!(level_of(MARKET), Open, "five million are the floor");
    });
}

#[test]
fn liquidations_should_make_calls_longer_then_stop_what_adds_risk() {
    new_test(|| {
        // Open interest is worth ten million: half a million, then one and a half.
        Breaker::liquidated(MARKET, Cash(500_000 * ONE));
        assert_eq!(level_of(MARKET), Open);
        Breaker::liquidated(MARKET, Cash(1));
        assert_eq!(level_of(MARKET), LongCalls);
        Breaker::liquidated(MARKET, Cash(1_000_000 * ONE));
        assert_eq!(level_of(MARKET), ReduceOnly);
        let trip = trip_of(scope(), Cause::LiquidationPressure).unwrap();
        assert_eq!(
            (trip.figure, trip.limit),
            (1_500_000 * ONE + 1, 1_500_000 * ONE)
        );
        // It drains at once below the second limit, and below the first in two thirds of the window.
        let cool_down = Terms::default().cool_downs.liquidation_pressure_ms;
        let took = recovers_after();
        assert!(
            (cool_down..=cool_down + 2 * SECOND).contains(&took),
            "{took}"
        );
        assert_eq!(recovers_after(), cool_down);
    });
}

#[test]
fn liquidations_should_be_forgotten_in_four_windows_however_large() {
    new_test(|| {
        for _ in 0..3 {
            Breaker::liquidated(MARKET, Cash(caisson_risk::limits::MAX_CASH));
        }
        Breaker::liquidated(MARKET, Cash(-5));
        let bucket = Pressures::<Test>::get(MARKET);
        assert_eq!(bucket.level, Cash(4 * 1_500_000 * ONE));
        let cool_down = Terms::default().cool_downs.liquidation_pressure_ms;
        let took = recovers_after();
        assert!(
            (cool_down..=cool_down + 31 * MINUTE).contains(&took),
            "{took}"
        );
    });
}

#[test]
fn backlog_should_make_all_calls_longer() {
    new_test(|| {
        Breaker::backlog(500);
        assert_eq!(level_of(FAR), Open);
        Breaker::backlog(501);
        assert_eq!(level_of(FAR), LongCalls);
        events();
        Breaker::backlog(600);
        assert!(events().is_empty(), "a renewal is no news");
        let cool_down = Terms::default().cool_downs.liquidation_pressure_ms;
        assert_eq!(recovers_after(), cool_down);
    });
}

#[test]
fn drawdown_should_stop_what_adds_risk_in_the_market() {
    new_test(|| {
        Breaker::drawdown(HOME, MARKET, Cash(1), 499_999);
        assert_eq!(level_of(MARKET), Open);
        Breaker::drawdown(HOME, MARKET, Cash(1), 500_000);
        assert_eq!(level_of(MARKET), ReduceOnly);
        assert_eq!(level_of(OTHER), Open);
        assert_eq!(recovers_after(), HOUR);
        assert_eq!(level_of(MARKET), LongCalls, "it reopens with a call");
        assert_eq!(recovers_after(), HOUR);
    });
}

#[test]
fn referendum_should_not_silence_a_condition_that_holds() {
    new_test(|| {
        set_status(MARKET, FeedStatus::Stale);
        next_block();
        Breaker::lower(RuntimeOrigin::root(), scope(), Open).unwrap();
        assert_eq!(level_of(MARKET), Open);
        next_block();
        assert_eq!(level_of(MARKET), ReduceOnly);
    });
}
