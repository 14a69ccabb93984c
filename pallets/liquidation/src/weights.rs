//! What the engine costs.
//!
//! The processor's part is an estimate from the parts of margin and the exchange that were measured; the database's part is
//! counted. `runtime/tests/it/safety_cost.rs` measures hooks and fails when they take more than is claimed.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// A block without unsafe accounts and without work for a fund.
    fn quiet() -> Weight;
    /// Reading the bounds of `m` markets, and the first account in `b` of their buckets.
    fn heads(m: u32, b: u32) -> Weight;
    /// Finding the next of the most endangered accounts.
    fn find() -> Weight;
    /// What accounts have in common that are liquidated in one market in one block: read and written once.
    fn shared() -> Weight;
    /// Assessing an account in `p` markets and storing it; its orders come on top.
    fn visit(p: u32) -> Weight;
    /// The fund taking over an account in `p` markets, or buying of it in as many.
    fn take_over(p: u32) -> Weight;
    /// Seizing the other collateral of an account.
    fn seize() -> Weight;
    /// The work of a fund without its counterparties.
    fn fund() -> Weight;
    /// Looking at one holder, in `p` markets, and changing it.
    fn holder(p: u32) -> Weight;
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

/// The same for each of `p` markets.
fn each<T: frame_system::Config>(p: u32, microseconds: u64, reads: u64, writes: u64) -> Weight {
    weight::<T>(microseconds, reads, writes).saturating_mul(p.into())
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet() -> Weight {
        // Number of unsafe accounts, backlog, work list, terms; the backlog.
        weight::<T>(5, 4, 1)
    }

    fn heads(m: u32, b: u32) -> Weight {
        // The list of markets, that of collateral with four bounds, and the first debt.
        weight::<T>(20, 7, 0)
            .saturating_add(each::<T>(m, 2, 1, 0))
            .saturating_add(each::<T>(b, 5, 1, 0))
    }

    fn find() -> Weight {
        // A key.
        weight::<T>(10, 1, 0)
    }

    fn shared() -> Weight {
        // Contract, prices, bound, book, the inventory's number and account, its work, the work list, open interest, totals,
        // latencies, the ledger, the breaker's pressure, trips, levels and terms; and what of that is written.
        weight::<T>(40, 18, 12)
    }

    fn visit(p: u32) -> Weight {
        // The account and its progress; of each position two keys. What the market has is in `shared`.
        weight::<T>(60, 3, 2).saturating_add(each::<T>(p, 40, 2, 2))
    }

    fn take_over(p: u32) -> Weight {
        // On top of the visit nothing is read or written but what is in `shared`.
        weight::<T>(40, 0, 0).saturating_add(each::<T>(p, 60, 0, 0))
    }

    fn seize() -> Weight {
        // The list, and four keys.
        weight::<T>(80, 5, 5)
    }

    fn fund() -> Weight {
        // The terms, bounds, pots and record of the fund, the breaker's deficits and outflow; 20 orders with their keys for the
        // depth. When the market is given up: the market, the list of those that settle, the settlement.
        weight::<T>(250, 16 + 40, 14).saturating_add(Self::shared())
    }

    fn holder(p: u32) -> Weight {
        // As a visit; its key is found first.
        weight::<T>(80, 3, 2).saturating_add(each::<T>(p, 50, 2, 2))
    }

    fn set_terms() -> Weight {
        weight::<T>(10, 1, 1)
    }
}

/// For tests.
impl WeightInfo for () {
    fn quiet() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn heads(_m: u32, _b: u32) -> Weight {
        Weight::from_parts(3, 0)
    }
    fn find() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn shared() -> Weight {
        Weight::zero()
    }
    fn visit(_p: u32) -> Weight {
        Weight::from_parts(100, 0)
    }
    fn take_over(_p: u32) -> Weight {
        Weight::from_parts(100, 0)
    }
    fn seize() -> Weight {
        Weight::zero()
    }
    fn fund() -> Weight {
        Weight::from_parts(100, 0)
    }
    fn holder(_p: u32) -> Weight {
        Weight::from_parts(100, 0)
    }
    fn set_terms() -> Weight {
        Weight::from_parts(1, 0)
    }
}
