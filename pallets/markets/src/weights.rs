//! What calls and hooks cost.
//!
//! Every function here has a benchmark of its name, whose components are its parameters.
//!
//! The processor's part is about five times what an unoptimised native build takes for 200 markets (4.5 microseconds
//! for each); the database's part is counted.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// `on_initialize` with `l` live markets that go on, and `c` that enter another phase or settle.
    fn on_initialize(l: u32, c: u32) -> Weight;
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
    // Each market reads contract, parameters, trace, call, open interest and stress, and its prices when they stand still or
    // it settles; it writes prices and trace. Another phase is a contract, a settlement price, and the list of markets
    // that settle. The list of live ones, the slot, prices and variances are read once.
    fn on_initialize(l: u32, c: u32) -> Weight {
        let (live, changed) = (u64::from(l), u64::from(c));
        let reads = live
            .saturating_mul(7)
            .saturating_add(changed.saturating_mul(10));
        let writes = live
            .saturating_mul(2)
            .saturating_add(changed.saturating_mul(5));
        Weight::from_parts(20_000_000, 0)
            .saturating_add(Weight::from_parts(32_000_000, 0).saturating_mul(live))
            .saturating_add(Weight::from_parts(57_000_000, 0).saturating_mul(changed))
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
        call::<T>(2, 2)
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
    fn on_initialize(l: u32, c: u32) -> Weight {
        Weight::from_parts(l.into(), c.into())
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
