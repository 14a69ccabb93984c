//! Weights of `pallet_transaction_payment` (`TransactionPayment`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_transaction_payment`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_transaction_payment::WeightInfo for WeightInfo<D> {
    /// Storage: `System::Account` (r:1 w:1)
    fn charge_transaction_payment() -> Weight {
        Weight::from_parts(158_135_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
