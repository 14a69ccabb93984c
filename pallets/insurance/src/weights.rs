//! What calls and hooks cost.
//!
//! These are estimates from counted storage accesses, with a guess of the processor's part on top, until they are
//! measured. What the pallets behind `Funds`, `Gate` and `Signals` read and write is counted as of today's
//! implementations.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// A block: coverage of a compartment with `m` live markets, beside `l` of other compartments.
    fn look(l: u32, m: u32) -> Weight;
    /// Paying for a loss from all layers, with the end of a series of shares.
    fn cover() -> Weight;
    /// Other terms.
    fn set_terms() -> Weight;
    /// Another limit of a market.
    fn set_sub_limit() -> Weight;
    /// A stake, with shares struck off and an orphaned pot claimed.
    fn back() -> Weight;
    /// The cool-down begins.
    fn leave() -> Weight;
    /// The cool-down is called off.
    fn stay() -> Weight;
    /// A stake is paid out.
    fn redeem() -> Weight;
    /// A gift.
    fn donate() -> Weight;
    /// The backstop is spent on something else.
    fn spend_backstop() -> Weight;
}

/// The weights, estimated as said above.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// So many microseconds of the processor, and so many reads and writes.
fn cost<T: frame_system::Config>(micros: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(micros.saturating_mul(1_000_000), 0)
        .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    // The contract of each live market; price and open interest of those of the compartment, and up to sixteen losses for
    // each. Turn, time, the list of markets, two compartments, terms, pots and the coverage before.
    fn look(l: u32, m: u32) -> Weight {
        let (others, own) = (u64::from(l), u64::from(m));
        cost::<T>(30, 9, 2)
            .saturating_add(cost::<T>(3, 1, 0).saturating_mul(others))
            .saturating_add(cost::<T>(15, 3, 0).saturating_mul(own))
    }

    // Terms, own limit, record, time, ledger, compartment, series; asset and two accounts with their balances; and what the
    // breaker keeps of a drawdown.
    fn cover() -> Weight {
        cost::<T>(200, 18, 12)
    }

    fn set_terms() -> Weight {
        cost::<T>(60, 2, 1)
    }

    fn set_sub_limit() -> Weight {
        cost::<T>(60, 3, 1)
    }

    // Compartment, terms, ledger, series, backing; asset and two accounts with their balances.
    fn back() -> Weight {
        cost::<T>(180, 11, 9)
    }

    fn leave() -> Weight {
        cost::<T>(60, 6, 1)
    }

    fn stay() -> Weight {
        cost::<T>(40, 2, 1)
    }

    // As a stake, with time and what the gate keeps.
    fn redeem() -> Weight {
        cost::<T>(200, 18, 12)
    }

    fn donate() -> Weight {
        cost::<T>(120, 8, 6)
    }

    // Asset and two accounts with their balances.
    fn spend_backstop() -> Weight {
        cost::<T>(100, 5, 5)
    }
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn look(l: u32, m: u32) -> Weight {
        Weight::from_parts(l.into(), m.into())
    }
    fn cover() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn set_terms() -> Weight {
        Weight::zero()
    }
    fn set_sub_limit() -> Weight {
        Weight::zero()
    }
    fn back() -> Weight {
        Weight::zero()
    }
    fn leave() -> Weight {
        Weight::zero()
    }
    fn stay() -> Weight {
        Weight::zero()
    }
    fn redeem() -> Weight {
        Weight::zero()
    }
    fn spend_backstop() -> Weight {
        Weight::zero()
    }
    fn donate() -> Weight {
        Weight::zero()
    }
}
