//! Weights of `pallet_markets` (`Markets`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_markets`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 5 steps,
//! 8 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_markets::WeightInfo for WeightInfo<D> {
    /// `c` was 0 to 100.
    /// `l` was 1 to 100.
    fn on_initialize(l: u32, c: u32) -> Weight {
        Weight::from_parts(3_556_081_000, 0)
            // Standard error 2_566_828.
            .saturating_add(Weight::from_parts(39_290_567, 0).saturating_mul(l.into()))
            // Standard error 2_566_847.
            .saturating_add(Weight::from_parts(54_201_320, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().reads(5_u64.saturating_mul(l.into())))
            .saturating_add(D::get().reads(5_u64.saturating_mul(c.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(2_u64.saturating_mul(l.into())))
            .saturating_add(D::get().writes(4_u64.saturating_mul(c.into())))
    }
    fn propose() -> Weight {
        Weight::from_parts(136_877_000, 0)
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().writes(6))
    }
    fn withdraw_proposal() -> Weight {
        Weight::from_parts(85_031_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(5))
    }
    fn open() -> Weight {
        Weight::from_parts(114_249_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(2))
    }
    fn delist() -> Weight {
        Weight::from_parts(69_218_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn remove() -> Weight {
        Weight::from_parts(66_973_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(4))
    }
    fn set_risk_parameters() -> Weight {
        Weight::from_parts(74_628_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn set_fees() -> Weight {
        Weight::from_parts(65_334_000, 0)
    }
    fn set_limits() -> Weight {
        Weight::from_parts(60_527_000, 0)
    }
    fn set_tiers() -> Weight {
        Weight::from_parts(85_870_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
