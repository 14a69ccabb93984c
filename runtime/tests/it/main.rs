//! Tests of the real runtime: blocks executed by the compiled wasm, from the genesis presets on.
//!
//! One binary, so that the wasm is compiled to machine code once.

#![allow(missing_docs)]

mod accounts;
mod chain;
mod council;
mod election_size;
mod emergency;
mod fees;
mod full_block;
mod genesis;
mod referenda;
mod sessions;
mod upgrade;
