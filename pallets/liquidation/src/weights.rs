//! What the engine costs.
//!
//! The processor's part is an estimate from the parts of margin and the exchange that were measured; the database's part is
//! counted. `runtime/tests/it/safety_cost.rs` measures hooks and fails when they take more than is claimed.

use caisson_primitives::trading::MAX_POSITIONS;
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// A block without unsafe accounts and without work for a fund.
    fn quiet() -> Weight;
    /// Finding the next of the most endangered accounts.
    fn find() -> Weight;
    /// Assessing an account in `p` markets and storing it; its orders come on top.
    fn visit(p: u32) -> Weight;
    /// The fund taking over an account in `p` markets.
    fn take_over(p: u32) -> Weight;
    /// The work of a fund without its counterparties.
    fn fund() -> Weight;
    /// Looking at one holder, in up to [`MAX_POSITIONS`] markets, and changing it.
    fn holder() -> Weight;
    /// Setting the terms.
    fn set_terms() -> Weight;
}

/// Weights on the reference machine.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// A microsecond of processor time, in picoseconds.
const MICROSECOND: u64 = 1_000_000;

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet() -> Weight {
        // Terms, work list, backlog, number of unsafe accounts.
        Weight::from_parts(5 * MICROSECOND, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn find() -> Weight {
        Weight::from_parts(4 * MICROSECOND, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    fn visit(p: u32) -> Weight {
        // The account and its progress; of each market the prices are hot, its key may move.
        Weight::from_parts(25 * MICROSECOND, 0)
            .saturating_add(Weight::from_parts(6 * MICROSECOND, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads_writes(2, 4))
            .saturating_add(
                T::DbWeight::get()
                    .reads_writes(2, 0)
                    .saturating_mul(p.into()),
            )
    }

    fn take_over(p: u32) -> Weight {
        // Of each market: the inventory's account, open interest, two keys and a bound.
        Weight::from_parts(30 * MICROSECOND, 0)
            .saturating_add(Weight::from_parts(20 * MICROSECOND, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads_writes(4, 5))
            .saturating_add(
                T::DbWeight::get()
                    .reads_writes(4, 6)
                    .saturating_mul(p.into()),
            )
    }

    fn fund() -> Weight {
        Weight::from_parts(150 * MICROSECOND, 0)
            .saturating_add(T::DbWeight::get().reads_writes(12, 12))
            .saturating_add(T::DbWeight::get().reads(20))
    }

    fn holder() -> Weight {
        Self::visit(MAX_POSITIONS).saturating_add(T::DbWeight::get().reads_writes(1, 3))
    }

    fn set_terms() -> Weight {
        Weight::from_parts(10 * MICROSECOND, 0)
            .saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }
}

/// For tests.
impl WeightInfo for () {
    fn quiet() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn find() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn visit(_p: u32) -> Weight {
        Weight::from_parts(100, 0)
    }
    fn take_over(_p: u32) -> Weight {
        Weight::from_parts(100, 0)
    }
    fn fund() -> Weight {
        Weight::from_parts(100, 0)
    }
    fn holder() -> Weight {
        Weight::from_parts(100, 0)
    }
    fn set_terms() -> Weight {
        Weight::from_parts(1, 0)
    }
}
