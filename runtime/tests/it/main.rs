//! Tests of the real runtime: blocks executed by the compiled wasm, from the genesis presets on.
//!
//! One binary, so that the wasm is compiled to machine code once.

#![allow(missing_docs)]

mod accounts;
mod breaker;
mod chain;
mod council;
mod crash;
mod election_size;
mod emergency;
mod fees;
mod full_block;
mod genesis;
mod guide_figures;
mod hook_weights;
mod incidents_failures;
mod incidents_manipulation;
mod native;
mod oracle;
mod oracle_abuse;
mod oracle_cost;
mod referenda;
mod safety_cost;
mod sessions;
mod stage;
mod trading;
mod trading_accounts;
mod trading_calls;
mod trading_cost;
mod trading_machine;
mod trading_worst;
mod upgrade;
