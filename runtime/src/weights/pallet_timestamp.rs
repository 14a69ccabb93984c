//! Weights of `pallet_timestamp` (`Timestamp`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_timestamp`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 8 steps,
//! 12 repetitions, wasm Compiled, analysis MinSquares, no proof recording.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_timestamp::WeightInfo for WeightInfo<D> {
    /// Storage: `Timestamp::Now` (r:1 w:1)
    /// Storage: `Babe::CurrentSlot` (r:1 w:0)
    fn set() -> Weight {
        Weight::from_parts(10_511_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn on_finalize() -> Weight {
        Weight::from_parts(1_871_000, 0)
    }
}
