//! Weights of `pallet_circuit_breaker` (`CircuitBreaker`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_circuit_breaker`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 6 steps,
//! 8 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_circuit_breaker::WeightInfo for WeightInfo<D> {
    fn raise() -> Weight {
        Weight::from_parts(93_191_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn ratify() -> Weight {
        Weight::from_parts(75_973_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn lower() -> Weight {
        Weight::from_parts(93_246_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn set_terms() -> Weight {
        Weight::from_parts(18_787_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn begin() -> Weight {
        Weight::from_parts(142_388_000, 0)
            .saturating_add(D::get().reads(7))
            .saturating_add(D::get().writes(4))
    }
    /// `m` was 1 to 50.
    fn look_quiet(m: u32) -> Weight {
        Weight::from_parts(161_822_000, 0)
            // Standard error 746_064.
            .saturating_add(Weight::from_parts(129_194_448, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
    }
    /// `m` was 1 to 50.
    fn look_written(m: u32) -> Weight {
        Weight::from_parts(48_048_000, 0)
            // Standard error 1_117_532.
            .saturating_add(Weight::from_parts(134_092_708, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(m.into())))
    }
    /// `m` was 1 to 50.
    fn look_examined(m: u32) -> Weight {
        Weight::from_parts(90_370_000, 0)
            // Standard error 1_455_684.
            .saturating_add(Weight::from_parts(190_074_414, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().reads(5_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(3_u64.saturating_mul(m.into())))
    }
    fn examine_scope() -> Weight {
        Weight::from_parts(93_316_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    fn forget() -> Weight {
        Weight::from_parts(59_805_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(5))
    }
}
