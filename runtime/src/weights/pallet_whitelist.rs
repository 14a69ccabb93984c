//! Weights of `pallet_whitelist` (`Whitelist`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_whitelist`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_whitelist::WeightInfo for WeightInfo<D> {
    fn whitelist_call() -> Weight {
        Weight::from_parts(27_321_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn remove_whitelisted_call() -> Weight {
        Weight::from_parts(25_085_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    /// `n` was 1 to 10000.
    fn defer_dispatch(n: u32) -> Weight {
        Weight::from_parts(22_621_486, 0)
            // Standard error 38.
            .saturating_add(Weight::from_parts(1_517, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn remove_deferred_dispatch() -> Weight {
        Weight::from_parts(18_196_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// `n` was 1 to 4194294.
    fn dispatch_whitelisted_call(n: u32) -> Weight {
        Weight::from_parts(52_434_000, 0)
            // Standard error 6.
            .saturating_add(Weight::from_parts(1_419, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    /// `n` was 1 to 10000.
    fn dispatch_whitelisted_call_with_preimage(n: u32) -> Weight {
        Weight::from_parts(41_490_912, 0)
            // Standard error 46.
            .saturating_add(Weight::from_parts(1_479, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
}
