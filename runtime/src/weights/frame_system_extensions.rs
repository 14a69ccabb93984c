//! Weights of `frame_system_extensions` (`SystemExtensions::<Runtime>`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only frame_system_extensions`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> frame_system::ExtensionsWeightInfo for WeightInfo<D> {
    fn check_genesis() -> Weight {
        Weight::from_parts(7_036_000, 0)
    }
    fn check_mortality_mortal_transaction() -> Weight {
        Weight::from_parts(11_629_000, 0)
    }
    fn check_mortality_immortal_transaction() -> Weight {
        Weight::from_parts(9_724_000, 0)
    }
    fn check_non_zero_sender() -> Weight {
        Weight::from_parts(1_498_000, 0)
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn check_nonce() -> Weight {
        Weight::from_parts(18_348_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn check_spec_version() -> Weight {
        Weight::from_parts(1_078_000, 0)
    }
    fn check_tx_version() -> Weight {
        Weight::from_parts(1_854_000, 0)
    }
    fn check_weight() -> Weight {
        Weight::from_parts(10_030_000, 0)
    }
    fn weight_reclaim() -> Weight {
        Weight::from_parts(9_049_000, 0)
    }
}
