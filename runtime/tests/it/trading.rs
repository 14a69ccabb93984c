//! Traders with money, accounts and prices. All of it is shared with other programs that run blocks without a network.

pub use caisson_chain_harness::trading::*;
