//! Costs by how many markets there are.

use caisson_chain_harness::{
    acts::{Bench, Effort, PRICE},
    trading::chain_of,
};
use caisson_runtime::configs::MAX_MARKETS;

use crate::{
    columns,
    progress::Progress,
    rounds::in_rounds,
    table::{column, Table},
};

/// How many markets are measured, up to as many as there can be.
const STEPS: [u32; 6] = [1, 10, 25, 50, 100, MAX_MARKETS];

/// From one market to as many as there can be, all perpetuals of bitcoin in one compartment.
pub fn measure(effort: Effort, progress: &Progress) -> Table {
    let mut table = Table::new(
        "markets",
        "Costs by markets",
        &columns::of_acts(column("markets", 0), &[]),
    );
    let mut rows = STEPS.map(|markets| {
        progress.say(&format!("{markets} markets"));
        Bench::new(chain_of(markets, PRICE), effort.many)
    });
    in_rounds(&mut rows, effort, progress, Bench::round);
    for (markets, bench) in STEPS.into_iter().zip(&rows) {
        table.push(columns::row(markets, &bench.acts(), &[]));
    }
    table
}
