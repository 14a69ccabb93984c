//! Mutation testing of the proofs: which changes of the code no theorem notices.

use crate::session::{Mutation, Op};
use crate::theorem::{operations, prove, refutes, Theorem};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::Duration;

/// Long enough to find the counterexamples there are; a survivor is a question, not a proof.
const PATIENCE_MS: u32 = 3_000;
/// Theorems slower than this repeat smaller ones for more positions, and are left out.
const SLOWEST: Duration = Duration::from_secs(8);

/// Changes every operation of the formulas in turn, at its place in the source, and asks the theorems
/// that execute it. Prints the changes that none refutes.
///
/// Here any obligation counts, also an overflow or an unexpected error: each fails its theorem. A
/// survivor is not always a gap: two alternatives may be equal wherever the difference could show.
pub fn survey(theorems: &[Theorem], workers: usize) {
    let mut known: BTreeMap<(Op, String), Vec<&Theorem>> = BTreeMap::new();
    let mut timed: Vec<_> = theorems
        .iter()
        .map(|theorem| (prove(theorem).time, theorem))
        .collect();
    timed.sort_by_key(|(time, _)| *time);
    for (time, theorem) in timed {
        if time > SLOWEST {
            println!("left out: {} ({:.0} s)", theorem.name, time.as_secs_f64());
            continue;
        }
        for operation in operations(theorem) {
            known.entry(operation).or_default().push(theorem);
        }
    }
    let work: Vec<_> = known.into_iter().collect();
    let (next, survivors) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(((op, place), by)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let change = || Some(Mutation::At(*op, place.clone()));
                    if !by
                        .iter()
                        .any(|theorem| refutes(theorem.body, change(), PATIENCE_MS, |_| true))
                    {
                        println!("survives: {place} {op:?}");
                        survivors
                            .lock()
                            .expect("no worker panics")
                            .push(place.clone());
                    }
                }
            });
        }
    });
    let survived = survivors.into_inner().expect("no worker panics").len();
    println!(
        "{} operations changed, {} refuted, {survived} survived",
        work.len(),
        work.len() - survived
    );
}
