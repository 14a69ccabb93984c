//! What calls and hooks cost.
//!
//! The processor's part is about 1.6 times what `runtime/tests/it/oracle_cost.rs` measures at the worst case,
//! in transfers of the same run (`docs/performance.md` has the figures); the database's part is counted. That
//! test fails when something takes more than is claimed here.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet; `v` is the number of reporters, `f` that of feeds or prices.
pub trait WeightInfo {
    /// `on_initialize` with nothing due: statuses only.
    fn close_nothing() -> Weight;
    /// The weights of the first session.
    fn snapshot() -> Weight;
    /// `on_initialize` with `f` feeds due, in addition.
    fn close(v: u32, f: u32) -> Weight;
    /// Handing an offence over, without what the staking system does.
    fn hand_over_offence() -> Weight;
    /// Storing a report of `f` prices.
    fn report(f: u32) -> Weight;
    /// Checking a report.
    fn authorize_report() -> Weight;
    /// A proof of equivocation among `v` validators, without what the staking system does.
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

    fn snapshot() -> Weight {
        Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(303, 4))
    }

    fn close(v: u32, f: u32) -> Weight {
        let (reporters, feeds) = (u64::from(v), u64::from(f));
        Weight::from_parts(60_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(reporters))
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(feeds))
            .saturating_add(
                Weight::from_parts(900_000, 0).saturating_mul(reporters.saturating_mul(feeds)),
            )
            .saturating_add(close_database::<T>(v, f))
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

    fn report_equivocation(v: u32) -> Weight {
        Weight::from_parts(350_000_000, 0)
            .saturating_add(Weight::from_parts(200_000, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads_writes(8, 3))
    }

    fn register_feed() -> Weight {
        Weight::from_parts(400_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(66, 3))
    }

    fn set_parameters() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(2, 1))
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
    fn snapshot() -> Weight {
        Weight::zero()
    }
    fn close(v: u32, f: u32) -> Weight {
        Weight::from_parts(u64::from(v).saturating_mul(f.into()), 0)
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
