//! SPEC 6: guardians raise, a referendum lowers.

use caisson_primitives::trading::{Level, Scope};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::BadOrigin, DispatchResult};
use Level::{CancelOnly, Halted, LongCalls, Open, ReduceOnly};

use crate::{
    machine::Cause,
    mock::*,
    pallet::{Error, Event},
    terms::Terms,
    types::Reason,
};

fn raise(scope: Scope, level: Level) -> DispatchResult {
    Breaker::raise(RuntimeOrigin::signed(GUARDIAN), scope, level, reason())
}

fn reason() -> Reason {
    b"strange trades".to_vec().try_into().unwrap()
}

fn cool_down() -> u64 {
    Terms::default().cool_downs.guardian_ms
}

#[test]
fn guardians_should_raise_and_renew_but_not_lower() {
    new_test(|| {
        assert_ok!(raise(scope(), ReduceOnly));
        let expires_at = now() + TRIP_MS;
        assert_eq!(
            events(),
            [Event::GuardiansRaised {
                scope: scope(),
                before: Open,
                after: ReduceOnly,
                level: ReduceOnly,
                expires_at,
                reason: reason(),
            }]
        );
        for level in [Open, LongCalls] {
            assert_noop!(raise(scope(), level), Error::<Test>::GuardiansOnlyRaise);
        }
        next_block();
        assert_ok!(raise(scope(), ReduceOnly));
        let trip = Breaker::trips(scope())[0];
        assert_eq!(trip.expires_at, Some(expires_at + SECOND));
        assert_ok!(raise(scope(), Halted));
        assert_eq!(Breaker::level(MARKET), Halted);
    });
}

#[test]
fn guardians_trip_should_come_down_step_by_step_when_it_expired() {
    new_test(|| {
        assert_ok!(raise(Scope::Chain, CancelOnly));
        run_for(TRIP_MS - SECOND);
        assert_eq!(Breaker::level(MARKET), CancelOnly);
        events();
        next_block();
        assert_eq!(Breaker::level(MARKET), ReduceOnly);
        assert_eq!(
            events(),
            [Event::Recovered {
                scope: Scope::Chain,
                cause: Cause::Guardian,
                before: CancelOnly,
                after: ReduceOnly,
                level: ReduceOnly,
            }]
        );
        run_for(cool_down() - SECOND);
        assert_eq!(Breaker::level(MARKET), ReduceOnly);
        next_block();
        assert_eq!(Breaker::level(MARKET), LongCalls);
        run_for(cool_down());
        assert_eq!(Breaker::level(MARKET), Open);
    });
}

#[test]
fn ratified_trip_should_stay_until_a_referendum_lowers_it() {
    new_test(|| {
        assert_noop!(
            Breaker::ratify(RuntimeOrigin::root(), scope()),
            Error::<Test>::NothingToRatify
        );
        assert_ok!(raise(scope(), ReduceOnly));
        assert_ok!(Breaker::ratify(RuntimeOrigin::root(), scope()));
        run_for(TRIP_MS + 3 * cool_down());
        assert_eq!(Breaker::level(MARKET), ReduceOnly);
        events();
        assert_ok!(Breaker::lower(RuntimeOrigin::root(), scope(), Open));
        assert_eq!(
            events(),
            [Event::Lowered {
                scope: scope(),
                before: ReduceOnly,
                after: Open
            }]
        );
        assert_noop!(
            Breaker::lower(RuntimeOrigin::root(), scope(), Open),
            Error::<Test>::NothingToLower
        );
    });
}

#[test]
fn only_the_right_origins_should_pass() {
    new_test(|| {
        let guardian = || RuntimeOrigin::signed(GUARDIAN);
        let anyone = || RuntimeOrigin::signed(1);
        let terms = || Box::new(Terms::default());
        for origin in [anyone(), RuntimeOrigin::root()] {
            assert_noop!(Breaker::raise(origin, scope(), Halted, reason()), BadOrigin);
        }
        for origin in [guardian, anyone] {
            assert_noop!(Breaker::ratify(origin(), scope()), BadOrigin);
            assert_noop!(Breaker::lower(origin(), scope(), Open), BadOrigin);
            assert_noop!(Breaker::set_terms(origin(), terms()), BadOrigin);
        }
    });
}

#[test]
fn raising_should_be_refused_when_there_is_no_such_scope() {
    new_test(|| {
        for scope in [Scope::Market(99), Scope::Compartment(99)] {
            assert_noop!(raise(scope, Halted), Error::<Test>::NoSuchScope);
        }
        assert_ok!(raise(Scope::Compartment(AWAY), Halted));
        assert_eq!(Breaker::level(FAR), Halted);
        assert_eq!(Breaker::level(MARKET), Open);
    });
}

#[test]
fn terms_should_be_refused_when_they_make_no_sense() {
    fn refused(expected: Error<Test>, spoil: impl FnOnce(&mut Terms)) {
        let mut terms = Terms::default();
        spoil(&mut terms);
        assert_noop!(
            Breaker::set_terms(RuntimeOrigin::root(), Box::new(terms)),
            expected
        );
    }
    new_test(|| {
        use Error::*;
        refused(BadBands, |terms| terms.bands[1].horizon_ms = 60_000);
        refused(BadBands, |terms| terms.bands[0].narrowest_ppm = 40_000);
        refused(BadBands, |terms| terms.bands[3].widest_ppm = 1_000_000);
        refused(BadCalls, |terms| terms.extension_blocks = 0);
        refused(BadGaps, |terms| terms.gaps[0].gap_ms = SECOND);
        refused(BadGaps, |terms| terms.gaps[1].gap_ms = 10 * SECOND);
        refused(BadTimes, |terms| terms.cool_downs.guardian_ms = 0);
        refused(BadFlow, |terms| terms.flow.initial_margin_ppm = 999_999);
        refused(BadInterest, |terms| terms.interest.rise_ppm = 0);
        refused(BadPressure, |terms| terms.pressure.first_ppm = 150_001);
        refused(BadDrawdown, |terms| terms.drawdown_ppm = 1_000_001);
        refused(BadWithdrawals, |terms| terms.withdrawals.small_ppm = 1);
        refused(BadWithdrawals, |terms| terms.withdrawals.hour_ppm = 100_001);
        let terms = Terms {
            long_call_blocks: 5,
            ..Terms::default()
        };
        assert_ok!(Breaker::set_terms(
            RuntimeOrigin::root(),
            Box::new(terms.clone())
        ));
        assert_eq!(Breaker::terms(), terms);
    });
}
