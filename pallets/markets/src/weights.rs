//! What calls and hooks cost.
//!
//! The processor's part is an estimate, several times what the native tests take; the database's part is counted.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// `on_initialize` with `l` live markets, `a` of which ask the oracle for an average.
    fn on_initialize(l: u32, a: u32) -> Weight;
    /// A new proposal.
    fn propose() -> Weight;
    /// One proposal less.
    fn withdraw_proposal() -> Weight;
    /// The opening call begins.
    fn open() -> Weight;
    /// When trading ends.
    fn delist() -> Weight;
    /// One record less.
    fn remove() -> Weight;
    /// Other parameters.
    fn set_risk_parameters() -> Weight;
    /// Other fees.
    fn set_fees() -> Weight;
    /// Other limits.
    fn set_limits() -> Weight;
    /// Other size tiers.
    fn set_tiers() -> Weight;
}

/// The measured weights.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// A call that reads and writes so many items.
fn call<T: frame_system::Config>(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    // Each market reads contract, parameters, trace, call and open interest, and its prices when they stand still; it
    // writes prices and trace, and its contract when it enters a phase. The list, the time, prices and variances
    // are read once. An average is three reads, one of 4 KiB, the settlement list and its price.
    fn on_initialize(l: u32, a: u32) -> Weight {
        let (live, averages) = (u64::from(l), u64::from(a));
        let reads = live.saturating_mul(6).saturating_add(averages.saturating_mul(4));
        let writes = live.saturating_mul(2).saturating_add(averages.saturating_mul(3));
        Weight::from_parts(20_000_000, 0)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(live))
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(averages))
            .saturating_add(T::DbWeight::get().reads_writes(reads.saturating_add(4), writes))
    }

    fn propose() -> Weight {
        call::<T>(7, 7)
    }

    fn withdraw_proposal() -> Weight {
        call::<T>(4, 6)
    }

    fn open() -> Weight {
        call::<T>(6, 3)
    }

    fn delist() -> Weight {
        call::<T>(4, 1)
    }

    fn remove() -> Weight {
        call::<T>(3, 5)
    }

    fn set_risk_parameters() -> Weight {
        call::<T>(2, 1)
    }

    fn set_fees() -> Weight {
        call::<T>(1, 1)
    }

    fn set_limits() -> Weight {
        call::<T>(1, 1)
    }

    fn set_tiers() -> Weight {
        call::<T>(2, 2)
    }
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn on_initialize(l: u32, a: u32) -> Weight {
        Weight::from_parts(l.into(), a.into())
    }
    fn propose() -> Weight {
        Weight::zero()
    }
    fn withdraw_proposal() -> Weight {
        Weight::zero()
    }
    fn open() -> Weight {
        Weight::zero()
    }
    fn delist() -> Weight {
        Weight::zero()
    }
    fn remove() -> Weight {
        Weight::zero()
    }
    fn set_risk_parameters() -> Weight {
        Weight::zero()
    }
    fn set_fees() -> Weight {
        Weight::zero()
    }
    fn set_limits() -> Weight {
        Weight::zero()
    }
    fn set_tiers() -> Weight {
        Weight::zero()
    }
}
