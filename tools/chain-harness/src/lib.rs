//! Runs blocks of the compiled runtime over an in-memory state, without a network: for tests and scenarios.
//!
//! Blocks go the way they go in a node (`Core_initialize_block`, the timestamp inherent, transactions
//! with signatures, `BlockBuilder_finalize_block`), through the executor a node uses. Whoever looks at the result
//! reads the state through the pallets. After every block all pallets' invariants are checked, unless
//! [`Chain::set_checks`] says otherwise.
//!
//! What goes wrong panics: a chain that can't make a block has nothing to hand back.

mod chain;

pub use chain::{error, merge, wasm, Chain, Checks};
