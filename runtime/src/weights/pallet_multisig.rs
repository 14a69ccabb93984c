//! Weights of `pallet_multisig` (`Multisig`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_multisig`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_multisig::WeightInfo for WeightInfo<D> {
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `z` was 0 to 10000.
    fn as_multi_threshold_1(z: u32) -> Weight {
        Weight::from_parts(43_425_639, 0)
            // Standard error 161.
            .saturating_add(Weight::from_parts(3_915, 0).saturating_mul(z.into()))
            .saturating_add(D::get().reads(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 2 to 100.
    /// `z` was 0 to 10000.
    fn as_multi_create(s: u32, z: u32) -> Weight {
        Weight::from_parts(55_817_097, 0)
            // Standard error 10_557.
            .saturating_add(Weight::from_parts(192_389, 0).saturating_mul(s.into()))
            // Standard error 103.
            .saturating_add(Weight::from_parts(3_322, 0).saturating_mul(z.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 3 to 100.
    /// `z` was 0 to 10000.
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(24_148_956, 0)
            // Standard error 18_008.
            .saturating_add(Weight::from_parts(286_428, 0).saturating_mul(s.into()))
            // Standard error 175.
            .saturating_add(Weight::from_parts(4_250, 0).saturating_mul(z.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `s` was 2 to 100.
    /// `z` was 0 to 10000.
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(68_706_155, 0)
            // Standard error 55_630.
            .saturating_add(Weight::from_parts(250_580, 0).saturating_mul(s.into()))
            // Standard error 545.
            .saturating_add(Weight::from_parts(4_803, 0).saturating_mul(z.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 2 to 100.
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(58_792_534, 0)
            // Standard error 75_176.
            .saturating_add(Weight::from_parts(905_712, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 2 to 100.
    fn approve_as_multi_approve(_s: u32) -> Weight {
        Weight::from_parts(48_338_367, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 2 to 100.
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(48_975_805, 0)
            // Standard error 13_727.
            .saturating_add(Weight::from_parts(248_305, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Multisig::Multisigs` (r:1 w:1)
    /// `s` was 2 to 100.
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(49_078_580, 0)
            // Standard error 14_116.
            .saturating_add(Weight::from_parts(230_376, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
