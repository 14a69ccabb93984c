//! SPEC 3: the level machine without storage.

use caisson_primitives::trading::{Level, Permit};
use proptest::prelude::*;
use Level::{CancelOnly, Halted, LongCalls, Open, ReduceOnly};

use crate::machine::{Cause, Change, Clock, Machine, Raise, Recovery};

const RECOVERY: Recovery = Recovery {
    cool_down_ms: 10,
    reopen_blocks: 3,
};

fn at(now: u64) -> Clock {
    Clock {
        now,
        block: u32::try_from(now).unwrap(),
    }
}

fn raised(cause: Cause, level: Level, now: u64) -> Machine {
    let mut machine = Machine::default();
    machine.raise_to(&Raise::new(cause, level, 5, 4), now);
    machine
}

#[test]
fn levels_should_permit_what_the_table_says() {
    use Permit::*;
    // SPEC 2.2, row by row.
    let table = [
        (Place, [true, true, false, false, false]),
        (Increase, [true, true, true, false, false]),
        (Reduce, [true, true, true, true, false]),
        (Cancel, [true; 5]),
        (Deposit, [true; 5]),
        (Withdraw, [true, true, true, true, false]),
        (Liquidate, [true; 5]),
        (Fund, [true; 5]),
        (Settle, [true; 5]),
    ];
    assert_eq!(table.len(), Permit::ALL.len());
    for (permit, row) in table {
        for (level, expected) in Level::ALL.into_iter().zip(row) {
            assert_eq!(level.permits(permit), expected, "{level:?} {permit:?}");
        }
    }
}

#[test]
fn machine_should_hold_the_strictest_of_its_trips() {
    let mut machine = raised(Cause::OpenInterest, ReduceOnly, 0);
    machine.raise_to(&Raise::new(Cause::PriceBand, LongCalls, 1, 1), 0);
    assert_eq!(machine.level(), ReduceOnly);
    let causes: Vec<_> = machine.trips().iter().map(|trip| trip.cause).collect();
    assert_eq!(causes, [Cause::PriceBand, Cause::OpenInterest]);
}

#[test]
fn raising_should_never_lower_when_less_is_demanded() {
    let mut machine = raised(Cause::LiquidationPressure, ReduceOnly, 5);
    let before = machine.clone();
    let less = Raise::new(Cause::LiquidationPressure, LongCalls, 9, 9);
    assert_eq!(machine.raise_to(&less, 8), None);
    assert_eq!(machine, before, "not even the cool-down begins anew");
    assert_eq!(machine.raise_to(&Raise::clear(Cause::Guardian), 8), None);
    assert_eq!(machine, before);
}

#[test]
fn renewal_should_restart_the_cool_down_without_a_change_when_the_level_stays() {
    let mut machine = raised(Cause::PriceBand, LongCalls, 0);
    let again = Raise::new(Cause::PriceBand, LongCalls, 7, 4);
    assert_eq!(machine.raise_to(&again, 6), None);
    let trip = *machine.trip(Cause::PriceBand).unwrap();
    assert_eq!((trip.raised_at, trip.renewed_at, trip.figure), (0, 6, 7));
    assert_eq!(
        machine.recover(Cause::PriceBand, Open, at(15), RECOVERY),
        None
    );
    let change = machine.recover(Cause::PriceBand, Open, at(16), RECOVERY);
    assert_eq!(
        change,
        Some(Change {
            before: LongCalls,
            after: Open
        })
    );
    assert!(machine.trips().is_empty());
}

#[test]
fn recovery_should_go_one_step_for_each_cool_down_and_reopen_with_a_call() {
    let mut machine = raised(Cause::OracleHealth, CancelOnly, 0);
    let step = |machine: &mut Machine, now| {
        machine.recover(Cause::OracleHealth, Open, at(now), RECOVERY);
        machine.level()
    };
    assert_eq!(step(&mut machine, 9), CancelOnly);
    assert_eq!(step(&mut machine, 10), ReduceOnly);
    assert_eq!(step(&mut machine, 19), ReduceOnly);
    assert_eq!(machine.hold(), 0);
    assert_eq!(step(&mut machine, 100), LongCalls);
    assert_eq!(machine.hold(), 103, "trading resumes with a call");
    assert_eq!(step(&mut machine, 109), LongCalls);
    assert_eq!(step(&mut machine, 110), Open);
}

#[test]
fn recovery_should_stop_at_what_is_demanded_and_at_the_hold() {
    let mut machine = raised(Cause::OracleHealth, CancelOnly, 0);
    let demand = Raise::new(Cause::OracleHealth, ReduceOnly, 1, 1);
    machine.observe(&demand, at(10), RECOVERY);
    assert_eq!(machine.level(), ReduceOnly);
    machine.observe(&demand, at(50), RECOVERY);
    assert_eq!(
        machine.level(),
        ReduceOnly,
        "the condition of this level holds"
    );

    let mut machine = Machine::default();
    let held = Raise {
        hold: 40,
        ..Raise::new(Cause::BlockGap, LongCalls, 1, 1)
    };
    machine.raise_to(&held, 0);
    assert_eq!(
        machine.recover(Cause::BlockGap, Open, at(39), RECOVERY),
        None
    );
    assert!(machine
        .recover(Cause::BlockGap, Open, at(40), RECOVERY)
        .is_some());
}

#[test]
fn ratifying_should_keep_the_level_and_let_guardians_raise_for_a_time_again() {
    let mut machine = Machine::default();
    assert_eq!(machine.ratify(0), None);
    let guardian = |level, expires_at| Raise {
        expires_at: Some(expires_at),
        ..Raise::new(Cause::Guardian, level, 0, 0)
    };
    machine.raise_to(&guardian(ReduceOnly, 100), 0);
    let change = machine.ratify(1).unwrap();
    assert_eq!((change.before, change.after), (Open, ReduceOnly));
    machine.raise_to(&guardian(Halted, 50), 2);
    assert_eq!(machine.level(), Halted);
    for now in [60, 70, 80, 90, 1_000, 2_000] {
        for cause in Cause::ALL {
            machine.recover(cause, Open, at(now), RECOVERY);
        }
    }
    assert_eq!(machine.level(), ReduceOnly, "what is ratified stays");
    assert!(machine.lower(Open, at(3_000), 3));
    assert_eq!(machine.level(), Open);
    assert!(!machine.lower(Open, at(3_000), 3));
}

#[test]
fn lowering_should_lower_all_that_is_stricter_and_nothing_else() {
    let mut machine = raised(Cause::OracleHealth, Halted, 0);
    machine.raise_to(&Raise::new(Cause::PriceBand, LongCalls, 1, 1), 0);
    let untouched = *machine.trip(Cause::PriceBand).unwrap();
    assert!(machine.lower(LongCalls, at(5), 3));
    assert_eq!(machine.level(), LongCalls);
    assert_eq!(machine.trip(Cause::PriceBand), Some(&untouched));
    assert_eq!(machine.hold(), 8);
}

/// What may happen to a machine without a referendum.
#[derive(Clone, Copy, Debug)]
enum Event {
    Raise(Raise),
    Observe(Raise),
    Ratify,
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let raise = (0..8usize, 0..5usize, 0..30u32).prop_map(|(cause, level, hold)| Raise {
        hold,
        ..Raise::new(Cause::ALL[cause], Level::ALL[level], 1, 1)
    });
    let guardian = (0..5usize, 0..60u64).prop_map(|(level, expires_at)| Raise {
        expires_at: Some(expires_at),
        ..Raise::new(Cause::Guardian, Level::ALL[level], 0, 0)
    });
    let any = prop_oneof![
        2 => raise.clone().prop_map(Event::Raise),
        2 => guardian.prop_map(Event::Raise),
        8 => raise.prop_map(Event::Observe),
        4 => (8..10usize).prop_map(|cause| Event::Observe(Raise::clear(Cause::ALL[cause]))),
        1 => Just(Event::Ratify),
    ];
    proptest::collection::vec((0..8u64, any), 0..80)
}

proptest! {
    /// SPEC 3.3, 3.5, 6.2: only observing loosens, by one step, and not again before a cool-down; a raise never does.
    #[test]
    fn level_should_never_drop_more_than_a_step_in_a_cool_down(events in events()) {
        let mut machine = Machine::default();
        let mut now = 0;
        let mut last_drop: Option<u64> = None;
        for (elapsed, event) in events {
            now += elapsed;
            let before = machine.clone();
            match event {
                Event::Raise(raise) => {
                    machine.raise_to(&raise, now);
                    prop_assert!(machine.hold() >= before.hold());
                    for trip in before.trips() {
                        let after = machine.trip(trip.cause).unwrap();
                        prop_assert!(after.level >= trip.level && after.hold >= trip.hold);
                        prop_assert!(after.expires_at >= trip.expires_at);
                        prop_assert!(after.renewed_at >= trip.renewed_at);
                    }
                }
                Event::Observe(raise) => {
                    machine.observe(&raise, at(now), RECOVERY);
                }
                Event::Ratify => {
                    machine.ratify(now);
                    prop_assert_eq!(machine.level(), before.level());
                    prop_assert!(machine.hold() >= before.hold());
                }
            }
            prop_assert!(machine.level() >= before.level().loosened());
            if machine.level() < before.level() {
                prop_assert!(matches!(event, Event::Observe(_)));
                let is_cool = last_drop.is_none_or(|at| now >= at + RECOVERY.cool_down_ms);
                prop_assert!(is_cool, "dropped at {:?} and at {}", last_drop, now);
                last_drop = Some(now);
            }
            for permit in [Permit::Cancel, Permit::Deposit, Permit::Liquidate] {
                prop_assert!(machine.level().permits(permit));
            }
            prop_assert!(machine.trips().is_sorted_by(|a, b| a.cause < b.cause));
        }
    }
}
