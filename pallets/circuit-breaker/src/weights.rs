//! What calls and hooks cost.
//!
//! Nothing here is measured yet. The database's part is counted from the storage items that each step touches; the
//! processor's part is an estimate from like steps of the markets pallet, to be replaced by a measurement.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet.
///
/// `on_initialize` adds up what it did: `begin`, one `look_*` for each live market, `examine_scope` for each compartment that is
/// restricted and for the chain if it is, and `forget` for each market that ended. What the exchange, the funds and the
/// liquidation engine ask and report is part of their weights.
pub trait WeightInfo {
    /// What a block costs before any market: the gap since the last one, who is live, who is restricted.
    fn begin() -> Weight;
    /// A look at a live market in which no sample is due and nothing demands a level.
    fn look_quiet() -> Weight;
    /// The same, with all samples due.
    fn look_written() -> Weight;
    /// The same, with its trips looked at.
    fn look_examined() -> Weight;
    /// A look at the trips of a compartment, or of the chain.
    fn examine_scope() -> Weight;
    /// Dropping what is known of a market that ended.
    fn forget() -> Weight;
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

/// So many microseconds of the processor, and so many reads and writes.
fn cost<T: frame_system::Config>(micros: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(micros.saturating_mul(1_000_000), 0)
        .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    // Terms, last block, list of live markets, watched ones, levels, deficits, slot, trips of the chain; the last block is
    // written, and the watched ones, levels and trips of the chain may be.
    fn begin() -> Weight {
        cost::<T>(40, 8, 4)
    }

    // Contract and prices, which the markets pallet has just read or written, and its watch; and, when its mark or its open
    // interest moved much, variances of all feeds and its fund, which others read too.
    fn look_quiet() -> Weight {
        cost::<T>(20, 5, 0)
    }

    fn look_written() -> Weight {
        cost::<T>(30, 5, 1)
    }

    // And pressure, trips, levels.
    fn look_examined() -> Weight {
        cost::<T>(80, 10, 4)
    }

    fn examine_scope() -> Weight {
        cost::<T>(50, 5, 3)
    }

    fn forget() -> Weight {
        cost::<T>(50, 3, 8)
    }

    fn raise() -> Weight {
        cost::<T>(60, 4, 2)
    }

    fn ratify() -> Weight {
        cost::<T>(60, 3, 2)
    }

    fn lower() -> Weight {
        cost::<T>(60, 4, 2)
    }

    fn set_terms() -> Weight {
        cost::<T>(60, 2, 1)
    }
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn begin() -> Weight {
        Weight::zero()
    }
    fn look_quiet() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn look_written() -> Weight {
        Weight::from_parts(2, 0)
    }
    fn look_examined() -> Weight {
        Weight::from_parts(2, 1)
    }
    fn examine_scope() -> Weight {
        Weight::from_parts(0, 1)
    }
    fn forget() -> Weight {
        Weight::from_parts(0, 1)
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
