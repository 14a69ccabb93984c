//! The compiled runtime over an in-memory state. All of it is shared with other programs that run blocks without a network.

pub use caisson_chain_harness::*;
