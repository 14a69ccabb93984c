//! What the engine costs.
//!
//! Every function is linear in its parameters and has a benchmark of its name. In those with `m` the last of `a` (or `n`)
//! accounts of one market is in `m` markets more: so what comes out for `a` is what an account costs beyond what all of a
//! market read and write together, and for `m` what a position costs with all that is its market's.
//!
//! The figures of [`MeasuredWeight`] are estimates: the database's part is counted, that of the processor taken from
//! measurements of the whole. `runtime/tests/it/safety_cost.rs` measures hooks and fails when they take more than is claimed.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

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

/// Weights on the reference machine.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// A microsecond of processor time, in picoseconds.
const MICROSECOND: u64 = 1_000_000;

/// So many microseconds, reads and writes.
fn weight<T: frame_system::Config>(microseconds: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(microseconds.saturating_mul(MICROSECOND), 0)
        .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

/// The same for each of `p`.
fn each<T: frame_system::Config>(p: u32, microseconds: u64, reads: u64, writes: u64) -> Weight {
    weight::<T>(microseconds, reads, writes).saturating_mul(p.into())
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet() -> Weight {
        // Number of unsafe accounts, backlog, work list, terms; the backlog.
        weight::<T>(5, 4, 1)
    }

    fn recover(a: u32, m: u32) -> Weight {
        // Contract, prices, bound, latencies, the breaker's pressure, trips, levels and terms, two counts; of an account its
        // record, its progress and two keys.
        weight::<T>(40, 10, 7)
            .saturating_add(each::<T>(a, 60, 4, 4))
            .saturating_add(each::<T>(m, 40, 5, 3))
    }

    fn offer(p: u32) -> Weight {
        // The account, its progress, the terms; what the breaker keeps.
        weight::<T>(60, 7, 4).saturating_add(each::<T>(p, 30, 3, 0))
    }

    fn buy(a: u32, m: u32) -> Weight {
        Self::take_over(a, m)
    }

    fn take_over(a: u32, m: u32) -> Weight {
        // Contract, prices, bound, book, the inventory's number and account, its work, the work list, open interest, totals,
        // latencies, the ledger, the breaker's pressure, trips, levels and terms; and what of that is written.
        let shared = weight::<T>(40, 18, 12);
        shared
            .saturating_add(each::<T>(a, 140, 4, 5))
            .saturating_add(shared.saturating_mul(m.into()))
            .saturating_add(each::<T>(m, 60, 1, 1))
    }

    fn fund(n: u32, m: u32) -> Weight {
        // The terms, bounds, pots and record of the fund, the breaker's deficits and outflow, and what a take-over touches of
        // the market. When the market is given up: the market, the list of those that settle, the settlement. Of a holder two
        // keys and its record, looked at twice.
        weight::<T>(230, 34, 26)
            .saturating_add(each::<T>(n, 130, 4, 4))
            .saturating_add(each::<T>(m, 80, 5, 3))
    }

    fn unwind() -> Weight {
        // Twenty orders with their keys.
        weight::<T>(100, 48, 6)
    }

    fn set_terms() -> Weight {
        weight::<T>(10, 1, 1)
    }
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
