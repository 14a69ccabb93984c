//! Runs blocks of the compiled runtime over an in-memory state, without a network: for tests and scenarios.
//!
//! Blocks go the way they go in a node (`Core_initialize_block`, the timestamp inherent, transactions
//! with signatures, `BlockBuilder_finalize_block`), through the executor a node uses. Whoever looks at the result
//! reads the state through the pallets. After every block all pallets' invariants are checked, unless
//! [`Chain::set_checks`] says otherwise.
//!
//! What goes wrong panics: a chain that can't make a block has nothing to hand back.
//!
//! What most of them need besides is here too: signed [`reports`] of the oracle, traders and prices ([`trading`]), crowds of
//! accounts ([`crowd`]), a [`crash`] that they meet, what they do ([`acts`]), and how long that takes ([`timing`]).

pub mod acts;
mod cached;
mod chain;
pub mod crash;
pub mod crowd;
mod dissection;
pub mod reports;
pub mod timing;
pub mod trading;

pub use chain::{error, merge, wasm, Chain, Checks};
pub use dissection::{Dissection, Phase};
