//! Costs by how many markets there are.

use caisson_chain_harness::{
    acts::{self, Effort, PRICE},
    timing::micros,
    trading::chain_of,
    Chain,
};
use caisson_runtime::configs::MAX_MARKETS;

use crate::{
    progress::Progress,
    table::{column, Table},
};

/// How many markets are measured, up to as many as there can be.
const STEPS: [u32; 6] = [1, 10, 25, 50, 100, MAX_MARKETS];

/// From one market to as many as there can be, all perpetuals of bitcoin in one compartment.
pub fn measure(effort: Effort, progress: &Progress) -> Table {
    let mut table = Table::new(
        "markets",
        "Costs by markets",
        &[
            column("markets", 0),
            column("quiet block, us", 0),
            column("transfer, us", 1),
            column("place, transfers", 2),
            column("cancel, transfers", 2),
            column("ladder of 50, transfers", 2),
            column("fill, transfers", 2),
        ],
    );
    for markets in STEPS {
        progress.say(&format!("{markets} markets"));
        let acts = acts::measure(&mut chain_of(markets, PRICE), effort);
        table.push(vec![
            f64::from(markets),
            micros(acts.quiet),
            micros(acts.transfer),
            acts.in_transfers(acts.place),
            acts.in_transfers(acts.cancel),
            acts.in_transfers(acts.ladder),
            acts.in_transfers(acts.fill),
        ]);
    }
    table
}
