//! What the engine costs.
//!
//! Every function is linear in its parameters and has a benchmark of its name. In those with `m` the last of `a` (or `n`)
//! accounts of one market is in `m` markets more: so what comes out for `a` is what an account costs beyond what all of a
//! market read and write together, and for `m` what a position costs with all that is its market's.
//!
//! `runtime/tests/it/safety_cost.rs` measures hooks and fails when they take more than is claimed.

use frame_support::weights::Weight;

/// The weights of this pallet.
pub trait WeightInfo {
    /// A block without unsafe accounts and without work for a fund.
    fn quiet() -> Weight;
    /// Finding that accounts have recovered, and arming them anew.
    fn recover(a: u32, m: u32) -> Weight;
    /// Planning orders for an account in `p` markets. What the exchange does with them comes on top.
    fn offer(p: u32) -> Weight;
    /// The funds buying all positions of accounts at the engine's limits.
    fn buy(a: u32, m: u32) -> Weight;
    /// The funds taking accounts over.
    fn take_over(a: u32, m: u32) -> Weight;
    /// The work of a fund, with `n` holders whose lots are closed and whose profits are cut.
    fn fund(n: u32, m: u32) -> Weight;
    /// A fund offering a slice.
    fn unwind() -> Weight;
    /// Setting the terms.
    fn set_terms() -> Weight;
}

/// For tests of the rules: every account costs a hundred, with whatever it has in however many markets.
impl WeightInfo for () {
    fn quiet() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn recover(a: u32, _m: u32) -> Weight {
        hundreds(a)
    }
    fn offer(_p: u32) -> Weight {
        hundreds(1)
    }
    fn buy(a: u32, _m: u32) -> Weight {
        hundreds(a)
    }
    fn take_over(a: u32, _m: u32) -> Weight {
        hundreds(a)
    }
    fn fund(n: u32, _m: u32) -> Weight {
        hundreds(n).saturating_add(hundreds(1))
    }
    fn unwind() -> Weight {
        Weight::from_parts(10, 0)
    }
    fn set_terms() -> Weight {
        Weight::from_parts(1, 0)
    }
}

fn hundreds(count: u32) -> Weight {
    Weight::from_parts(100, 0).saturating_mul(count.into())
}
