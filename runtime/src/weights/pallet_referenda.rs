//! Weights of `pallet_referenda` (`Referenda`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_referenda`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 10 steps,
//! 10 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_referenda::WeightInfo for WeightInfo<D> {
    fn submit() -> Weight {
        Weight::from_parts(52_355_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    fn place_decision_deposit_preparing() -> Weight {
        Weight::from_parts(75_656_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    fn place_decision_deposit_queued() -> Weight {
        Weight::from_parts(95_007_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    fn place_decision_deposit_not_queued() -> Weight {
        Weight::from_parts(94_200_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    fn place_decision_deposit_passing() -> Weight {
        Weight::from_parts(87_573_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(5))
    }
    fn place_decision_deposit_failing() -> Weight {
        Weight::from_parts(87_164_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(5))
    }
    fn refund_decision_deposit() -> Weight {
        Weight::from_parts(39_918_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn refund_submission_deposit() -> Weight {
        Weight::from_parts(37_252_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn cancel() -> Weight {
        Weight::from_parts(37_277_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    fn kill() -> Weight {
        Weight::from_parts(118_089_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    fn one_fewer_deciding_queue_empty() -> Weight {
        Weight::from_parts(21_023_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn one_fewer_deciding_failing() -> Weight {
        Weight::from_parts(67_322_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    fn one_fewer_deciding_passing() -> Weight {
        Weight::from_parts(72_988_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    fn nudge_referendum_requeued_insertion() -> Weight {
        Weight::from_parts(37_817_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn nudge_referendum_requeued_slide() -> Weight {
        Weight::from_parts(36_481_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn nudge_referendum_queued() -> Weight {
        Weight::from_parts(45_170_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_not_queued() -> Weight {
        Weight::from_parts(44_818_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_no_deposit() -> Weight {
        Weight::from_parts(36_860_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_preparing() -> Weight {
        Weight::from_parts(35_504_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_timed_out() -> Weight {
        Weight::from_parts(24_349_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn nudge_referendum_begin_deciding_failing() -> Weight {
        Weight::from_parts(47_735_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    fn nudge_referendum_begin_deciding_passing() -> Weight {
        Weight::from_parts(50_406_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    fn nudge_referendum_begin_confirming() -> Weight {
        Weight::from_parts(41_799_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_end_confirming() -> Weight {
        Weight::from_parts(43_266_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_continue_not_confirming() -> Weight {
        Weight::from_parts(41_001_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_continue_confirming() -> Weight {
        Weight::from_parts(39_689_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn nudge_referendum_approved() -> Weight {
        Weight::from_parts(58_130_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    fn nudge_referendum_rejected() -> Weight {
        Weight::from_parts(42_358_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn set_some_metadata() -> Weight {
        Weight::from_parts(28_592_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn clear_metadata() -> Weight {
        Weight::from_parts(23_249_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
}
