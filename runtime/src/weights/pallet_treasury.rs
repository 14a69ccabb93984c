//! Weights of `pallet_treasury` (`Treasury`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_treasury`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_treasury::WeightInfo for WeightInfo<D> {
    fn spend_local() -> Weight {
        Weight::from_parts(17_204_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    fn remove_approval() -> Weight {
        Weight::from_parts(8_484_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// `p` was 0 to 99.
    fn on_initialize_proposals(p: u32) -> Weight {
        Weight::from_parts(20_458_333, 0)
            // Standard error 4_007.
            .saturating_add(Weight::from_parts(77_256, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn spend() -> Weight {
        Weight::from_parts(15_369_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(2))
    }
    fn payout() -> Weight {
        Weight::from_parts(79_846_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    fn check_status() -> Weight {
        Weight::from_parts(16_818_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn void_spend() -> Weight {
        Weight::from_parts(15_769_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
