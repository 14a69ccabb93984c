//! Weights of `pallet_membership` (`TechnicalMembership`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_membership`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_membership::WeightInfo for WeightInfo<D> {
    /// `m` was 1 to 20.
    fn add_member(m: u32) -> Weight {
        Weight::from_parts(16_074_705, 0)
            // Standard error 12_277.
            .saturating_add(Weight::from_parts(67_400, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 2 to 21.
    fn remove_member(m: u32) -> Weight {
        Weight::from_parts(19_574_666, 0)
            // Standard error 14_055.
            .saturating_add(Weight::from_parts(43_956, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 2 to 21.
    fn swap_member(m: u32) -> Weight {
        Weight::from_parts(19_521_185, 0)
            // Standard error 14_645.
            .saturating_add(Weight::from_parts(61_333, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 1 to 21.
    fn reset_members(m: u32) -> Weight {
        Weight::from_parts(19_428_090, 0)
            // Standard error 11_455.
            .saturating_add(Weight::from_parts(181_272, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 1 to 21.
    fn change_key(m: u32) -> Weight {
        Weight::from_parts(20_677_389, 0)
            // Standard error 10_222.
            .saturating_add(Weight::from_parts(36_870, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(4))
    }
    /// `m` was 1 to 21.
    fn set_prime(m: u32) -> Weight {
        Weight::from_parts(8_804_923, 0)
            // Standard error 4_988.
            .saturating_add(Weight::from_parts(5_615, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(2))
    }
    fn clear_prime() -> Weight {
        Weight::from_parts(4_201_000, 0).saturating_add(D::get().writes(2))
    }
}
