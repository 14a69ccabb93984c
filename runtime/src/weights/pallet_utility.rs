//! Weights of `pallet_utility` (`Utility`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_utility`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_utility::WeightInfo for WeightInfo<D> {
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `c` was 0 to 1000.
    fn batch(c: u32) -> Weight {
        Weight::from_parts(7_580_000, 0)
            // Standard error 184_539.
            .saturating_add(Weight::from_parts(6_250_699, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(1))
    }
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    fn as_derivative() -> Weight {
        Weight::from_parts(15_648_000, 0).saturating_add(D::get().reads(1))
    }
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `c` was 0 to 1000.
    fn batch_all(c: u32) -> Weight {
        Weight::from_parts(77_515_262, 0)
            // Standard error 211_720.
            .saturating_add(Weight::from_parts(9_897_687, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(1))
    }
    fn dispatch_as() -> Weight {
        Weight::from_parts(16_000_000, 0)
    }
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `c` was 0 to 1000.
    fn force_batch(c: u32) -> Weight {
        Weight::from_parts(605_107_337, 0)
            // Standard error 339_657.
            .saturating_add(Weight::from_parts(6_449_572, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(1))
    }
    fn dispatch_as_fallible() -> Weight {
        Weight::from_parts(12_090_000, 0)
    }
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    fn if_else() -> Weight {
        Weight::from_parts(17_859_000, 0).saturating_add(D::get().reads(1))
    }
}
