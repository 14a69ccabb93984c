//! Weights of `pallet_tx_pause` (`TxPause`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_tx_pause`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_tx_pause::WeightInfo for WeightInfo<D> {
    fn pause() -> Weight {
        Weight::from_parts(18_096_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn unpause() -> Weight {
        Weight::from_parts(28_484_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
