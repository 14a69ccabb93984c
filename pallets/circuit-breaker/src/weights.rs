//! What calls and hooks cost.
//!
//! Nothing here is measured yet. The database's part is counted from the storage items that each step touches; the
//! processor's part is an estimate from like steps of the markets pallet, to be replaced by a measurement.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
pub trait WeightInfo {
    /// `on_initialize` with `l` live markets, of which `w` remembered something; `e` scopes whose trips were looked at; `f`
    /// markets that were forgotten.
    fn on_initialize(l: u32, w: u32, e: u32, f: u32) -> Weight;
    /// Guardians raise.
    fn raise() -> Weight;
    /// A referendum ratifies.
    fn ratify() -> Weight;
    /// A referendum lowers.
    fn lower() -> Weight;
    /// Other terms.
    fn set_terms() -> Weight;
}

/// The weights, estimated as said above.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// A call that reads and writes so many items.
fn call<T: frame_system::Config>(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    // Once: terms, last block, list of live markets, watched ones, levels, deficits, slot; the last block is written, and the
    // watched ones, levels and trips of the chain may be. Each market reads contract and prices, which the markets pallet has
    // just read or written, and its watch; and, when its mark or its open interest moved much, variances of all feeds and its
    // fund, which others read too. Examining reads pressure and trips, twice, and writes pressure, trips and levels. Forgetting reads levels, deficits and outflow, and writes eight items.
    fn on_initialize(l: u32, w: u32, e: u32, f: u32) -> Weight {
        let (live, written) = (u64::from(l), u64::from(w));
        let (examined, forgotten) = (u64::from(e), u64::from(f));
        let reads = live
            .saturating_mul(5)
            .saturating_add(examined.saturating_mul(5))
            .saturating_add(forgotten.saturating_mul(3))
            .saturating_add(8);
        let writes = written
            .saturating_add(examined.saturating_mul(3))
            .saturating_add(forgotten.saturating_mul(8))
            .saturating_add(4);
        Weight::from_parts(40_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(live))
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(written))
            .saturating_add(Weight::from_parts(50_000_000, 0).saturating_mul(examined))
            .saturating_add(Weight::from_parts(50_000_000, 0).saturating_mul(forgotten))
            .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
    }

    fn raise() -> Weight {
        call::<T>(4, 2)
    }

    fn ratify() -> Weight {
        call::<T>(3, 2)
    }

    fn lower() -> Weight {
        call::<T>(4, 2)
    }

    fn set_terms() -> Weight {
        call::<T>(2, 1)
    }
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn on_initialize(l: u32, w: u32, e: u32, f: u32) -> Weight {
        Weight::from_parts(
            u64::from(l).saturating_add(w.into()),
            u64::from(e).saturating_add(f.into()),
        )
    }
    fn raise() -> Weight {
        Weight::zero()
    }
    fn ratify() -> Weight {
        Weight::zero()
    }
    fn lower() -> Weight {
        Weight::zero()
    }
    fn set_terms() -> Weight {
        Weight::zero()
    }
}
