//! What calls and hooks cost.
//!
//! Figures are those of the reference machine that `docs/performance.md` describes, at the worst case: all
//! 64 feeds with a report of every validator, each report replaced in the same block.

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
        let (v, f) = (u64::from(v), u64::from(f));
        let pairs = v.saturating_mul(f);
        Weight::from_parts(60_000_000, 0)
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(v))
            .saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(f))
            .saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(pairs))
            // A reporter's record is written only when it has something new; at worst each has.
            .saturating_add(T::DbWeight::get().reads_writes(v.saturating_add(f), v))
            // The latest price of each feed, and now and then its checkpoints.
            .saturating_add(T::DbWeight::get().writes(f.saturating_mul(2).saturating_add(4)))
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
