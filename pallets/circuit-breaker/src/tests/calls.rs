//! SPEC 4.1, 4.4: calls that are about to clear, and those that did.

use caisson_primitives::trading::{CallDecision, CallFlow, CallGuard, Level, MarginStress};

use crate::{
    machine::Cause,
    mock::*,
    pallet::{Event, Flows, Watches},
    terms::Terms,
};

fn admit(ppm: i128) -> CallDecision {
    <Breaker as CallGuard>::admit(MARKET, price(ppm), 10)
}

fn extend() -> CallDecision {
    CallDecision::Extend(Terms::default().extension_blocks)
}

#[test]
fn clearing_price_should_be_near_the_mark() {
    new_test(|| {
        change(MARKET, |contract, _| contract.band_ppm = 20_000);
        assert_eq!(admit(1_020_000), CallDecision::Commit);
        assert_eq!(admit(980_000), CallDecision::Commit);
        assert_eq!(admit(1_020_001), extend());
        assert_eq!(admit(979_999), extend());
        assert_eq!(
            Breaker::level(MARKET),
            Level::Open,
            "the call goes on, no more"
        );
        assert_eq!(
            <Breaker as CallGuard>::admit(99, price(1_000_000), 10),
            extend(),
            "no market, no price"
        );
    });
}

#[test]
fn clearing_price_should_trip_and_extend_when_it_leaves_a_band_of_the_past() {
    new_test(|| {
        run_for(MINUTE);
        assert_eq!(admit(1_030_000), CallDecision::Commit);
        events();
        assert_eq!(admit(969_999), extend());
        assert_eq!(Breaker::level(MARKET), Level::LongCalls);
        assert!(matches!(
            events().as_slice(),
            [Event::Raised {
                cause: Cause::PriceBand,
                figure: 30_001,
                limit: 30_000,
                ..
            }]
        ));
        run_for(30 * SECOND);
        assert_eq!(admit(1_000_000), CallDecision::Commit);
    });
}

#[test]
fn clearing_price_should_be_let_through_when_it_stays() {
    new_test(|| {
        run_for(MINUTE);
        let first = now();
        let most = Terms::default().max_extension_ms;
        let mut extensions = 0;
        while admit(1_050_000) == extend() {
            extensions += 1;
            run_for(30 * SECOND);
        }
        assert_eq!(now() - first, most);
        assert_eq!(extensions, most / (30 * SECOND));
        assert!(events().contains(&Event::LetThrough {
            market: MARKET,
            price: price(1_050_000),
            since: first
        }));
        assert_eq!(Breaker::level(MARKET), Level::LongCalls, "calls stay long");
        Breaker::cleared(MARKET, &CallFlow::default());
        assert_eq!(Watches::<Test>::get(MARKET).extension, None);
        assert_eq!(
            admit(1_050_000),
            CallDecision::Commit,
            "it is the reference now"
        );
        assert_eq!(admit(1_081_501), extend(), "the next call begins anew");
        assert_eq!(admit(1_100_001), extend(), "never beyond the mark's band");
    });
}

#[test]
fn market_should_trade_again_after_one_long_call_when_the_price_fell_for_good() {
    new_test(|| {
        run_for(HOUR);
        set_mark(MARKET, 850_000);
        next_block();
        let start = now();
        while admit(850_000) == extend() {
            run_for(30 * SECOND);
        }
        assert_eq!(now() - start, Terms::default().max_extension_ms);
        Breaker::cleared(MARKET, &CallFlow::default());
        for _ in 0..120 {
            run_for(30 * SECOND);
            assert_eq!(admit(850_000), CallDecision::Commit);
            Breaker::cleared(MARKET, &CallFlow::default());
        }
        assert_eq!(Breaker::level(MARKET), Level::Open);
    });
}

#[test]
fn extension_should_begin_anew_when_the_call_was_another() {
    new_test(|| {
        run_for(MINUTE);
        assert_eq!(admit(1_050_000), extend());
        // The orders went away, and come back later.
        run_for(11 * MINUTE);
        assert_eq!(admit(1_050_000), extend());
        let extension = Watches::<Test>::get(MARKET).extension.unwrap();
        assert_eq!(extension.since, now());
    });
}

fn usual(round: u32) -> CallFlow {
    CallFlow {
        lots: 1_000 + u64::from(round % 7) * 10,
        price: price(1_000_000),
        bid_lots: 1_500 + u64::from(round % 5) * 10,
        ask_lots: 1_500,
        fills: 40,
        cancels: 20 + round % 3,
        largest_lots: 300,
    }
}

fn seen(calls: u32) {
    for round in 0..calls {
        Breaker::cleared(MARKET, &usual(round));
    }
}

#[test]
fn order_flow_should_trip_when_two_figures_are_unusual() {
    new_test(|| {
        seen(300);
        assert_eq!(Breaker::level(MARKET), Level::Open);
        let strange = CallFlow {
            bid_lots: 100_000,
            largest_lots: 1_000,
            ..usual(0)
        };
        let lone = CallFlow {
            largest_lots: usual(0).largest_lots,
            ..strange
        };
        Breaker::cleared(MARKET, &lone);
        assert_eq!(Breaker::level(MARKET), Level::Open, "one is not enough");
        let volume = CallFlow {
            lots: 20_000,
            largest_lots: 20_000,
            ..usual(0)
        };
        Breaker::cleared(MARKET, &volume);
        // Two of four: volume and concentration.
        assert_eq!(Breaker::level(MARKET), Level::LongCalls);
        assert_eq!(Breaker::trips(scope())[0].cause, Cause::OrderFlow);
        assert_eq!(Breaker::initial_margin_ppm(MARKET), 1_500_000);
        assert_eq!(Breaker::initial_margin_ppm(OTHER), 1_000_000);
        run_for(Terms::default().cool_downs.order_flow_ms);
        assert_eq!(Breaker::level(MARKET), Level::Open);
        assert_eq!(Breaker::initial_margin_ppm(MARKET), 1_000_000);
    });
}

#[test]
fn order_flow_should_not_trip_before_enough_calls_or_without_trades() {
    new_test(|| {
        let strange = CallFlow {
            lots: 20_000,
            cancels: 4_000,
            largest_lots: 20_000,
            ..usual(0)
        };
        seen(Terms::default().flow.min_calls - 1);
        Breaker::cleared(MARKET, &strange);
        assert_eq!(Breaker::level(MARKET), Level::Open);
        Breaker::cleared(MARKET, &CallFlow { lots: 0, ..strange });
        assert_eq!(Breaker::level(MARKET), Level::Open);
        assert_eq!(
            Flows::<Test>::get(MARKET).calls,
            Terms::default().flow.min_calls
        );
        Breaker::cleared(MARKET, &strange);
        assert_eq!(Breaker::level(MARKET), Level::LongCalls);
    });
}

#[test]
fn order_flow_should_not_learn_much_from_one_wild_call() {
    new_test(|| {
        seen(300);
        let before = Flows::<Test>::get(MARKET).usual[3];
        let wild = CallFlow {
            lots: 1 << 47,
            ..usual(0)
        };
        Breaker::cleared(MARKET, &wild);
        let after = Flows::<Test>::get(MARKET).usual[3];
        assert!(after.centre > before.centre);
        // At most the score's reach over the memory: six times a quarter over 128.
        assert!(after.centre < before.centre + before.centre / 50);
    });
}
