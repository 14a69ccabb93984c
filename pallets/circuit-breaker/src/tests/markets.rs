//! SPEC 7.6: markets that end are forgotten.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, Level, Phase, SafetySignals, Scope, WithdrawalGate},
};
use frame_support::assert_ok;

use crate::{
    mock::*,
    pallet::{Deficits, Event, Flows, Levels, Outflows, Pressures, Trips, Watched, Watches},
};

#[test]
fn nothing_but_a_deficit_should_be_kept_when_a_market_ended() {
    new_test(|| {
        Breaker::liquidated(MARKET, Cash(10_000_000 * ONE));
        Breaker::deficit(HOME, MARKET, Cash(5));
        next_block();
        assert!(Trips::<Test>::contains_key(scope()));
        assert!(Pressures::<Test>::contains_key(MARKET));
        change(MARKET, |contract, _| contract.phase = Phase::Settled);
        events();
        next_block();
        assert_eq!(
            events(),
            [Event::Forgotten {
                market: MARKET,
                before: Level::ReduceOnly
            }]
        );
        assert!(!Levels::<Test>::exists());
        assert!(!Watches::<Test>::contains_key(MARKET));
        assert!(!Flows::<Test>::contains_key(MARKET));
        assert!(!Pressures::<Test>::contains_key(MARKET));
        assert_eq!(Watched::<Test>::get().into_inner(), [OTHER, FAR]);
        // What is owed is owed until it is paid.
        assert_eq!(Deficits::<Test>::get().len(), 1);
        Breaker::deficit(HOME, MARKET, Cash(0));
        assert!(!Deficits::<Test>::exists());
        assert_eq!(Outflows::<Test>::get(HOME).covered_at, Some(now()));
    });
}

#[test]
fn settling_market_should_not_trip_on_its_prices() {
    new_test(|| {
        run_for(10 * SECOND);
        change(MARKET, |contract, prices| {
            contract.phase = Phase::Settling;
            prices.status = FeedStatus::Down;
            prices.mark = price(500_000);
        });
        next_block();
        assert_eq!(Breaker::level(MARKET), Level::Open);
    });
}

#[test]
fn signals_should_restrict_nothing_when_the_market_is_not_live() {
    new_test(|| {
        Breaker::liquidated(99, Cash(10_000_000 * ONE));
        Breaker::drawdown(HOME, 99, Cash(1), 1_000_000);
        assert!(!Trips::<Test>::contains_key(Scope::Market(99)));
        Breaker::deficit(HOME, 99, Cash(5));
        assert!(<Breaker as WithdrawalGate>::admit(HOME, Cash(1), false).is_err());
        next_block();
        assert!(<Breaker as WithdrawalGate>::admit(HOME, Cash(1), false).is_err());
        Breaker::deficit(HOME, 99, Cash(0));
        run_for(HOUR);
        assert_ok!(<Breaker as WithdrawalGate>::admit(HOME, Cash(1), false));
    });
}
