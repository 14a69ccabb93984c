//! How costs grow: with accounts, with markets, with resting orders, with validators that report.
//!
//! Blocks of the compiled runtime are executed in one piece, as an importing node does, over a database in memory; `docs/
//! performance.md` has the method and the figures. Each curve is a [`table`](table::Table), printed, written as CSV and drawn.

pub mod accounts;
pub mod book;
pub mod cli;
pub mod columns;
pub mod error;
pub mod import;
pub mod markets;
pub mod overhead;
pub mod plot;
pub mod progress;
pub mod reporters;
pub mod rounds;
pub mod size;
pub mod sync;
pub mod table;

use caisson_chain_harness::Chain;

/// A chain without markets and collateral: what they do in each block is not the cost of what is measured on it.
fn without_markets() -> Chain {
    Chain::from_preset_with("local_testnet", |genesis| {
        genesis["markets"]["markets"] = serde_json::json!([]);
        genesis["margin"]["collaterals"] = serde_json::json!([]);
    })
}
