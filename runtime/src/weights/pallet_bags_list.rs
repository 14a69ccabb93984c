//! Weights of `pallet_bags_list` (`VoterList`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_bags_list`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 10 steps,
//! 20 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_bags_list::WeightInfo for WeightInfo<D> {
    fn rebag_non_terminal() -> Weight {
        Weight::from_parts(90_342_000, 0)
            .saturating_add(D::get().reads(9))
            .saturating_add(D::get().writes(6))
    }
    fn rebag_terminal() -> Weight {
        Weight::from_parts(87_609_000, 0)
            .saturating_add(D::get().reads(9))
            .saturating_add(D::get().writes(6))
    }
    fn put_in_front_of() -> Weight {
        Weight::from_parts(96_026_000, 0)
            .saturating_add(D::get().reads(11))
            .saturating_add(D::get().writes(6))
    }
    fn on_idle_rebag() -> Weight {
        Weight::from_parts(86_956_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(7))
    }
}
