//! The level machine of the circuit breaker by itself, exhaustively: every state that small numbers reach.

use caisson_primitives::trading::Level;
use pallet_circuit_breaker::machine::{Cause, Clock, Machine, Raise, Recovery};
use std::collections::{BTreeSet, VecDeque};

const RECOVERY: Recovery = Recovery {
    cool_down_ms: 3,
    reopen_blocks: 1,
};

/// How long a guardian's trip holds.
const GUARDIAN_MS: u64 = 4;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A block, in which the index demands a level and everything else nothing.
    Block(Level),
    /// A block after a gap: calls are held for two blocks.
    Gap,
    Guardian(Level),
    Ratify,
    Lower(Level),
}

fn alphabet() -> Vec<Act> {
    let strict = &Level::ALL[1..];
    let mut acts = vec![Act::Gap, Act::Ratify];
    acts.extend(Level::ALL.map(Act::Block));
    acts.extend(strict.iter().copied().map(Act::Guardian));
    acts.extend(Level::ALL[..4].iter().copied().map(Act::Lower));
    acts
}

/// What the machine does from here on depends on times only as far as they are ahead, and on ages only up to the cool-down: two states
/// with the same key behave alike for ever.
type Key = Vec<(Cause, Level, u64, u32, u64)>;

fn key(machine: &Machine, clock: Clock) -> Key {
    machine
        .trips()
        .iter()
        .map(|trip| {
            let age = (clock.now - trip.renewed_at).min(RECOVERY.cool_down_ms);
            (
                trip.cause,
                trip.level,
                if trip.cause == Cause::Ratified {
                    0
                } else {
                    age
                },
                trip.hold.saturating_sub(clock.block),
                trip.expires_at.map_or(0, |at| at.saturating_sub(clock.now)),
            )
        })
        .collect()
}

fn demands(act: Act, clock: Clock) -> Vec<Raise> {
    match act {
        Act::Block(level) => vec![Raise::new(Cause::OracleHealth, level, 1, 1)],
        Act::Gap => vec![Raise {
            hold: clock.block + 2,
            ..Raise::new(Cause::BlockGap, Level::LongCalls, 1, 1)
        }],
        _ => vec![],
    }
}

/// A block as `trips::examine` makes it: each cause is looked at once.
fn look(machine: &mut Machine, clock: Clock, found: &[Raise]) {
    for cause in Cause::ALL {
        let demand = found.iter().find(|raise| raise.cause == cause);
        machine.observe(
            &demand.copied().unwrap_or(Raise::clear(cause)),
            clock,
            RECOVERY,
        );
    }
}

fn apply(machine: &Machine, clock: Clock, act: Act) -> (Machine, Clock) {
    let (mut machine, mut clock) = (machine.clone(), clock);
    match act {
        Act::Block(_) | Act::Gap => {
            clock.now += 1;
            clock.block += 1;
            let found = demands(act, clock);
            look(&mut machine, clock, &found);
        }
        Act::Guardian(level) => {
            // Looser than before is refused by the call.
            let before = machine.trip(Cause::Guardian).map(|trip| trip.level);
            if Some(level) >= before {
                let raise = Raise {
                    expires_at: Some(clock.now + GUARDIAN_MS),
                    ..Raise::new(Cause::Guardian, level, 0, 0)
                };
                machine.raise_to(&raise, clock.now);
            }
        }
        Act::Ratify => {
            machine.ratify(clock.now);
        }
        Act::Lower(level) => {
            machine.lower(level, clock, RECOVERY.reopen_blocks);
        }
    }
    (machine, clock)
}

fn of(machine: &Machine, cause: Cause) -> Level {
    machine.trip(cause).map_or(Level::Open, |trip| trip.level)
}

fn check_step(act: Act, before: (&Machine, Clock), after: (&Machine, Clock)) {
    let ((old, _), (new, clock)) = (before, after);
    let said = || format!("{act:?}: {old:?} became {new:?}");
    match act {
        Act::Guardian(level) => {
            assert!(
                new.level() >= old.level().max(of(old, Cause::Guardian)),
                "{}",
                said()
            );
            assert!(
                new.level() >= level || level < of(old, Cause::Guardian),
                "{}",
                said()
            );
            assert!(new.hold() >= old.hold(), "{}", said());
            for cause in Cause::ALL {
                assert!(of(new, cause) >= of(old, cause), "{}", said());
            }
        }
        Act::Ratify => assert_eq!(new.level(), old.level(), "{}", said()),
        Act::Lower(level) => {
            assert!(new.level() <= level, "{}", said());
            for cause in Cause::ALL {
                assert!(
                    of(new, cause) <= of(old, cause),
                    "a referendum raises nothing"
                );
            }
        }
        Act::Block(_) | Act::Gap => {
            for cause in Cause::ALL {
                check_recovery(act, cause, old, new, clock);
            }
        }
    }
    assert!(new.trips().is_sorted_by(|a, b| a.cause < b.cause));
    assert!(new.trips().iter().all(|trip| trip.level > Level::Open));
}

/// A cause comes down by one step at most, only when its condition is clear, its cool-down, its hold and its expiry have passed.
fn check_recovery(act: Act, cause: Cause, old: &Machine, new: &Machine, clock: Clock) {
    let (was, is) = (of(old, cause), of(new, cause));
    if is >= was {
        return;
    }
    let trip = old.trip(cause).expect("it was stricter");
    let demanded = demands(act, clock)
        .iter()
        .find(|raise| raise.cause == cause)
        .map_or(Level::Open, |raise| raise.level);
    assert_eq!(is, was.loosened(), "one step");
    assert_ne!(cause, Cause::Ratified);
    assert!(demanded < was);
    assert!(trip.renewed_at + RECOVERY.cool_down_ms <= clock.now);
    assert!(trip.hold <= clock.block);
    assert!(trip.expires_at.is_none_or(|at| at <= clock.now));
    if let Some(left) = new.trip(cause) {
        assert_eq!(
            left.renewed_at, clock.now,
            "the next step waits as long again"
        );
        assert!(
            is != Level::LongCalls || left.hold > clock.block,
            "reopens with a call"
        );
    }
}

/// Time alone opens what a referendum did not ratify; a referendum opens all.
fn check_way_down(machine: &Machine, clock: Clock) {
    let (mut quiet, mut later) = (machine.clone(), clock);
    let steps = 4 * (RECOVERY.cool_down_ms + u64::from(RECOVERY.reopen_blocks)) + GUARDIAN_MS + 2;
    for _ in 0..steps {
        (quiet, later) = apply(&quiet, later, Act::Block(Level::Open));
    }
    assert_eq!(quiet.level(), of(machine, Cause::Ratified), "{machine:?}");
    let (open, _) = apply(machine, clock, Act::Lower(Level::Open));
    assert!(open.trips().is_empty());
}

#[test]
fn no_sequence_of_events_should_loosen_but_by_time_or_referendum() {
    let clock = Clock { now: 10, block: 10 };
    let acts = alphabet();
    let mut seen = BTreeSet::from([key(&Machine::default(), clock)]);
    let mut queue = VecDeque::from([(Machine::default(), clock, 0u32)]);
    let (mut transitions, mut deepest) = (0u64, 0);
    while let Some((machine, clock, depth)) = queue.pop_front() {
        deepest = depth;
        check_way_down(&machine, clock);
        for act in &acts {
            let (next, later) = apply(&machine, clock, *act);
            transitions += 1;
            check_step(*act, (&machine, clock), (&next, later));
            if seen.insert(key(&next, later)) {
                queue.push_back((next, later, depth + 1));
            }
        }
    }
    println!(
        "level machine: all {} states, {transitions} transitions, {deepest} events deep",
        seen.len()
    );
    assert!(deepest >= 8);
}
