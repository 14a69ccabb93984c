//! What calls and hooks cost. Every function has a benchmark of its name; `runtime/tests/it/oracle_cost.rs` fails when
//! something takes more than is claimed.

use frame_support::weights::Weight;

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
