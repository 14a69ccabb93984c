//! The columns that every curve of acts has.

use caisson_chain_harness::{acts::Acts, timing::micros};

use crate::table::{column, Column};

/// What grows, the acts, and what a curve has besides.
pub fn of_acts(grows: Column, besides: &[Column]) -> Vec<Column> {
    let acts = [
        column("quiet block, us", 0),
        column("transfer, us", 1),
        column("place, transfers", 2),
        column("cancel, transfers", 2),
        column("ladder of 50, transfers", 2),
        column("fill, transfers", 2),
    ];
    [&[grows], &acts[..], besides].concat()
}

/// The figures of these columns.
pub fn row(grown: u32, acts: &Acts, besides: &[f64]) -> Vec<f64> {
    let figures = [
        f64::from(grown),
        micros(acts.quiet),
        micros(acts.transfer),
        acts.in_transfers(acts.place),
        acts.in_transfers(acts.cancel),
        acts.in_transfers(acts.ladder),
        acts.in_transfers(acts.fill),
    ];
    [&figures[..], besides].concat()
}
