//! What the benches share.
//!
//! The matching of calls is the exchange's own file, compiled here without the chain around it: what it needs of other crates
//! is declared below under the same names.

extern crate self as caisson_primitives;

pub mod book;
pub mod random;

/// What `uncross` takes from `caisson-primitives`.
pub mod trading {
    pub use caisson_risk::Side;

    /// A price in ticks.
    pub type Ticks = u32;
}

/// What `uncross` takes from its own crate.
pub mod types {
    /// Why an order is removed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CancelReason {
        /// It may only add liquidity, and would take some.
        WouldTake,
        /// It may only reduce, and there is nothing to reduce.
        WouldNotReduce,
    }
}

#[path = "../../../pallets/exchange/src/uncross.rs"]
pub mod uncross;
