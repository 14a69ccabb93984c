//! SPEC 7: buckets, small withdrawals, deficits, halts.

use caisson_primitives::trading::{Admission, Cash, Level, SafetySignals, Scope, WithdrawalGate};
use frame_support::assert_noop;
use sp_runtime::DispatchError;

use crate::{
    mock::*,
    pallet::{Error, Event, Outflows},
    types::Reason,
};

/// A million an hour, ten a day, a hundred thousand of small ones an hour: a hundred million are in custody.
const HOUR_CAPACITY: i128 = 1_000_000;
const DAY_CAPACITY: i128 = 10_000_000;
const SMALL_CAPACITY: i128 = 100_000;

fn admit_if(whole: i128, others_wait: bool) -> Result<Admission, DispatchError> {
    <Breaker as WithdrawalGate>::admit(HOME, Cash(whole * ONE), others_wait)
}

fn admit(whole: i128) -> Admission {
    admit_if(whole, false).unwrap()
}

fn release(whole: i128) -> i128 {
    Breaker::release(HOME, Cash(whole * ONE)).0 / ONE
}

fn custody(whole: i128) {
    world(|world| world.pots.get_mut(&HOME).unwrap().custody = Cash(whole * ONE));
}

#[test]
fn withdrawal_should_leave_now_when_both_buckets_have_room() {
    new_test(|| {
        assert_eq!(admit(HOUR_CAPACITY + 1), Admission::Queue);
        assert_eq!(admit(600_000), Admission::Now);
        assert_eq!(admit(400_001), Admission::Queue);
        assert_eq!(admit(400_000), Admission::Now);
        assert_eq!(admit(2_000), Admission::Queue);
        run_for(6 * MINUTE);
        assert_eq!(admit(100_001), Admission::Queue);
        assert_eq!(admit(100_000), Admission::Now);
        let left = Breaker::withdrawals_left(HOME);
        assert_eq!(left.hour, Cash(0));
        assert_eq!(left.hour_capacity, Cash(HOUR_CAPACITY * ONE));
        assert_eq!(left.day_capacity, Cash(DAY_CAPACITY * ONE));
        assert_eq!(left.small_capacity, Cash(SMALL_CAPACITY * ONE));
        assert!(left.open && left.day < Cash(9_000_000 * ONE));
        assert_eq!(
            Breaker::withdrawals_left(AWAY).hour,
            Cash(HOUR_CAPACITY * ONE),
            "compartments have their own"
        );
    });
}

#[test]
fn day_should_bound_what_hours_let_through() {
    new_test(|| {
        let mut left = 0;
        for _ in 0..24 {
            left += release(HOUR_CAPACITY);
            next_block_after(HOUR);
        }
        // A full bucket, and what drained of it in 23 hours, rounded down.
        let most = DAY_CAPACITY + DAY_CAPACITY * 23 / 24;
        assert!((most - 1_000..=most).contains(&left), "{left}");
        assert!(left < 24 * HOUR_CAPACITY);
    });
}

#[test]
fn floor_should_hold_when_little_is_in_custody() {
    new_test(|| {
        custody(5);
        let left = Breaker::withdrawals_left(HOME);
        assert_eq!(left.hour, Cash(100_000 * ONE));
        assert_eq!(left.day, Cash(1_000_000 * ONE));
        custody(0);
        assert_eq!(Breaker::withdrawals_left(HOME).hour, Cash(100_000 * ONE));
    });
}

#[test]
fn large_withdrawal_should_wait_behind_others_and_be_paid_in_parts() {
    new_test(|| {
        assert_eq!(admit_if(5_000, true), Ok(Admission::Queue));
        assert_eq!(
            admit_if(1_000, true),
            Ok(Admission::Now),
            "small ones don't"
        );
        assert_eq!(release(3_000_000), HOUR_CAPACITY - 1_000);
        assert_eq!(release(3_000_000), 0);
        run_for(6 * MINUTE);
        assert_eq!(release(3_000_000), 100_000);
        run_for(6 * MINUTE);
        assert_eq!(release(7), 7);
        assert_eq!(Breaker::release(HOME, Cash(-1)), Cash(0));
    });
}

#[test]
fn splitting_should_gain_no_more_than_the_small_bucket() {
    new_test(|| {
        // One who wants everything out now: first in one piece, then in small ones.
        assert_eq!(admit(HOUR_CAPACITY), Admission::Now);
        let mut small = 0;
        let start = now();
        while now() < start + HOUR {
            while admit_if(1_000, true) == Ok(Admission::Now) {
                small += 1_000;
            }
            next_block();
        }
        // SPEC 7.3: the bucket, and what drains of it in an hour.
        assert!(small <= 2 * SMALL_CAPACITY, "{small}");
        assert!(small > SMALL_CAPACITY);
        // They were counted: what large ones could take is less by as much.
        let hour = Breaker::withdrawals_left(HOME).hour.0 / ONE;
        assert!((hour - (HOUR_CAPACITY - small)).abs() <= 1_000, "{hour}");
    });
}

#[test]
fn small_withdrawals_should_wait_like_others_when_their_bucket_is_full() {
    new_test(|| {
        for _ in 0..100 {
            assert_eq!(admit_if(1_000, true), Ok(Admission::Now));
        }
        assert_eq!(admit_if(1_000, true), Ok(Admission::Queue));
        assert_eq!(admit(1_000), Admission::Now, "while nobody waits");
        assert_eq!(admit(1_001), Admission::Now);
    });
}

#[test]
fn nothing_should_leave_while_a_deficit_is_open_and_for_a_time_after() {
    new_test(|| {
        Breaker::deficit(HOME, MARKET, Cash(10));
        Breaker::deficit(HOME, OTHER, Cash(20));
        events();
        Breaker::deficit(HOME, MARKET, Cash(11));
        Breaker::deficit(HOME, FAR, Cash(0));
        assert!(events().is_empty(), "only opening and covering is news");
        let gated = Error::<Test>::WithdrawalsGated;
        assert_noop!(admit_if(1, false), gated);
        assert_eq!(release(1), 0);
        assert_eq!(
            <Breaker as WithdrawalGate>::admit(AWAY, Cash(1), false),
            Ok(Admission::Now)
        );
        Breaker::deficit(HOME, MARKET, Cash(0));
        assert_noop!(admit_if(1, false), Error::<Test>::WithdrawalsGated);
        Breaker::deficit(HOME, OTHER, Cash(0));
        let reopens_at = now() + HOUR;
        assert_eq!(
            events().last(),
            Some(&Event::DeficitCovered {
                compartment: HOME,
                market: OTHER,
                before: Cash(20),
                reopens_at: Some(reopens_at)
            })
        );
        run_for(HOUR - SECOND);
        assert_noop!(admit_if(1, false), Error::<Test>::WithdrawalsGated);
        let left = Breaker::withdrawals_left(HOME);
        assert_eq!((left.open, left.gated_until), (false, Some(reopens_at)));
        next_block();
        assert_eq!(admit(1), Admission::Now);
    });
}

#[test]
fn nothing_should_leave_when_compartment_or_chain_is_halted() {
    new_test(|| {
        let raise = |scope, level| {
            Breaker::raise(
                RuntimeOrigin::signed(GUARDIAN),
                scope,
                level,
                Reason::default(),
            )
            .unwrap()
        };
        raise(scope(), Level::Halted);
        raise(Scope::Compartment(HOME), Level::CancelOnly);
        raise(Scope::Compartment(AWAY), Level::Halted);
        assert_eq!(
            admit(1),
            Admission::Now,
            "a market's level is not its money's"
        );
        assert_noop!(
            <Breaker as WithdrawalGate>::admit(AWAY, Cash(1), false),
            Error::<Test>::WithdrawalsHalted
        );
        raise(Scope::Chain, Level::Halted);
        assert_noop!(admit_if(1, false), Error::<Test>::WithdrawalsHalted);
        assert_eq!(release(1), 0);
    });
}

#[test]
fn queue_should_move_again_when_custody_shrank_under_full_buckets() {
    new_test(|| {
        assert_eq!(admit(HOUR_CAPACITY), Admission::Now);
        custody(1_000);
        // The hour's bucket holds a million, and now drains a tenth of that in an hour: room in nine.
        assert_eq!(admit(50_000), Admission::Queue);
        let start = now();
        while release(50_000) == 0 {
            assert!(now() < start + 10 * HOUR, "the queue is stuck");
            next_block_after(9 * SECOND);
        }
        assert!(now() >= start + 9 * HOUR - MINUTE);
    });
}

#[test]
fn refused_withdrawal_should_not_be_counted() {
    new_test(|| {
        assert_eq!(admit(HOUR_CAPACITY + 1), Admission::Queue);
        let outflow = Outflows::<Test>::get(HOME);
        for bucket in [outflow.hour, outflow.day, outflow.small] {
            assert_eq!(bucket.level, Cash(0));
        }
        assert_noop!(
            <Breaker as WithdrawalGate>::admit(HOME, Cash(-1), false),
            Error::<Test>::Arithmetic
        );
    });
}
