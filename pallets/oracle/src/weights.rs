//! What calls and hooks cost.
//!
//! They are not the bencher's: it measures the closing of one feed in an instance of the wasm that has touched no memory yet, and
//! claims three times what the closing of many takes. The processor's part of a closing is about twice what
//! `runtime/tests/it/oracle_cost.rs` measures at the worst case, in transfers of the same run (`docs/performance.md` has the figures):
//! on a machine that others use too, it came to 1.5 times the least now and then. The database's part is counted. That test fails
//! when something takes more than is claimed here.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet; `v` is the number of reporters, `f` that of prices.
///
/// Closing a round is metered: the panel once, then each feed, then each offence that was found. A product of reporters and
/// feeds has no place in a weight that is linear in each.
pub trait WeightInfo {
    /// `on_initialize` with nothing due and all statuses changing.
    fn close_nothing() -> Weight;
    /// The weights of the first session.
    fn snapshot(v: u32) -> Weight;
    /// Reading the reports of a panel and writing them back, whatever number of feeds is closed.
    fn panel(v: u32) -> Weight;
    /// Closing one feed.
    fn close_feed(v: u32) -> Weight;
    /// Queueing the offence of a reporter with too many outliers.
    fn queue_offence() -> Weight;
    /// Handing an offence over, without what the staking system does.
    fn hand_over_offence() -> Weight;
    /// Storing a report of `f` prices.
    fn report(f: u32) -> Weight;
    /// Checking a report.
    fn authorize_report() -> Weight;
    /// A proof of equivocation among `v` validators; the offence waits.
    fn report_equivocation(v: u32) -> Weight;
    /// A new feed.
    fn register_feed() -> Weight;
    /// Other parameters.
    fn set_parameters() -> Weight;
    /// Other sources.
    fn set_sources() -> Weight;
    /// One feed less.
    fn remove_feed() -> Weight;
}

/// What the database costs when `f` feeds are closed with `v` reporters: a read of each reporter's record and,
/// at worst, a write; for each feed its latest price, and now and then its checkpoints.
pub fn close_database<T: frame_system::Config>(v: u32, f: u32) -> Weight {
    let (v, f) = (u64::from(v), u64::from(f));
    let writes = v.saturating_add(f.saturating_mul(2)).saturating_add(4);
    T::DbWeight::get().reads_writes(v.saturating_add(f), writes)
}

/// The measured weights.
pub struct MeasuredWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn close_nothing() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(7, 1))
    }

    fn snapshot(v: u32) -> Weight {
        let reads = u64::from(v).saturating_mul(3).saturating_add(3);
        Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(reads, 4))
    }

    fn panel(v: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(v.into()))
            .saturating_add(close_database::<T>(v, 0))
    }

    fn close_feed(v: u32) -> Weight {
        Weight::from_parts(40_000_000, 0)
            .saturating_add(Weight::from_parts(1_400_000, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads_writes(1, 2))
    }

    fn queue_offence() -> Weight {
        Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn hand_over_offence() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn report(f: u32) -> Weight {
        Weight::from_parts(60_000_000, 0)
            .saturating_add(Weight::from_parts(1_000_000, 0).saturating_mul(f.into()))
            .saturating_add(T::DbWeight::get().reads_writes(5, 3))
    }

    fn authorize_report() -> Weight {
        Weight::from_parts(110_000_000, 0).saturating_add(T::DbWeight::get().reads(5))
    }

    // The proof of the session that goes on is checked against the keys of all its validators.
    fn report_equivocation(v: u32) -> Weight {
        let reads = u64::from(v).saturating_add(8);
        Weight::from_parts(350_000_000, 0)
            .saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads_writes(reads, 3))
    }

    fn register_feed() -> Weight {
        Weight::from_parts(400_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(66, 3))
    }

    fn set_parameters() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 2))
    }

    fn set_sources() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }

    fn remove_feed() -> Weight {
        Weight::from_parts(3_000_000_000, 0)
            .saturating_add(T::DbWeight::get().reads_writes(180, 180))
    }
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn close_nothing() -> Weight {
        Weight::zero()
    }
    fn snapshot(_: u32) -> Weight {
        Weight::zero()
    }
    fn panel(_: u32) -> Weight {
        Weight::zero()
    }
    fn close_feed(v: u32) -> Weight {
        Weight::from_parts(v.into(), 0)
    }
    fn queue_offence() -> Weight {
        Weight::from_parts(0, 1)
    }
    fn hand_over_offence() -> Weight {
        Weight::zero()
    }
    fn report(_: u32) -> Weight {
        Weight::zero()
    }
    fn authorize_report() -> Weight {
        Weight::zero()
    }
    fn report_equivocation(_: u32) -> Weight {
        Weight::zero()
    }
    fn register_feed() -> Weight {
        Weight::zero()
    }
    fn set_parameters() -> Weight {
        Weight::zero()
    }
    fn set_sources() -> Weight {
        Weight::zero()
    }
    fn remove_feed() -> Weight {
        Weight::zero()
    }
}
