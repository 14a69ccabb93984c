//! Weights of `pallet_price_oracle` (`Oracle`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_price_oracle`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 4 steps,
//! 4 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_price_oracle::WeightInfo for WeightInfo<D> {
    fn close_nothing() -> Weight {
        Weight::from_parts(386_858_000, 0)
            .saturating_add(D::get().reads(7))
            .saturating_add(D::get().writes(1))
    }
    /// `v` was 1 to 100.
    fn snapshot(v: u32) -> Weight {
        Weight::from_parts(99_330_443, 0)
            // Standard error 293_464.
            .saturating_add(Weight::from_parts(11_772_256, 0).saturating_mul(v.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(2_u64.saturating_mul(v.into())))
            .saturating_add(D::get().writes(3))
    }
    /// `v` was 1 to 100.
    fn panel(v: u32) -> Weight {
        Weight::from_parts(70_957_793, 0)
            // Standard error 1_234_290.
            .saturating_add(Weight::from_parts(18_778_306, 0).saturating_mul(v.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(v.into())))
            .saturating_add(D::get().writes(3))
            .saturating_add(D::get().writes(1_u64.saturating_mul(v.into())))
    }
    /// `v` was 1 to 100.
    fn close_feed(v: u32) -> Weight {
        Weight::from_parts(57_342_909, 0)
            // Standard error 66_571.
            .saturating_add(Weight::from_parts(3_809_812, 0).saturating_mul(v.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(2))
    }
    fn queue_offence() -> Weight {
        Weight::from_parts(56_966_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(1))
    }
    fn hand_over_offence() -> Weight {
        Weight::from_parts(322_037_000, 0)
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().writes(8))
    }
    /// `f` was 1 to 64.
    fn report(_f: u32) -> Weight {
        Weight::from_parts(167_363_761, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(3))
    }
    fn authorize_report() -> Weight {
        Weight::from_parts(209_105_000, 0).saturating_add(D::get().reads(5))
    }
    /// `v` was 1 to 100.
    fn report_equivocation(v: u32) -> Weight {
        Weight::from_parts(761_428_268, 0)
            // Standard error 2_916_939.
            .saturating_add(Weight::from_parts(24_321_636, 0).saturating_mul(v.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(1_u64.saturating_mul(v.into())))
            .saturating_add(D::get().writes(1))
    }
    fn register_feed() -> Weight {
        Weight::from_parts(445_707_000, 0)
            .saturating_add(D::get().reads(65))
            .saturating_add(D::get().writes(3))
    }
    fn set_parameters() -> Weight {
        Weight::from_parts(153_197_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn set_sources() -> Weight {
        Weight::from_parts(161_589_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn remove_feed() -> Weight {
        Weight::from_parts(2_108_262_000, 0)
            .saturating_add(D::get().reads(172))
            .saturating_add(D::get().writes(171))
    }
}
