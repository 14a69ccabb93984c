//! Weights of `pallet_balances` (`Balances`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_balances`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 10 steps,
//! 50 repetitions, wasm Compiled, analysis MinSquares, no proof recording.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_balances::WeightInfo for WeightInfo<D> {
    /// Storage: `System::Account` (r:2 w:2)
    fn transfer_allow_death() -> Weight {
        Weight::from_parts(140_175_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer_keep_alive() -> Weight {
        Weight::from_parts(76_933_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn force_set_balance_creating() -> Weight {
        Weight::from_parts(44_741_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn force_set_balance_killing() -> Weight {
        Weight::from_parts(41_420_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:3 w:3)
    fn force_transfer() -> Weight {
        Weight::from_parts(124_823_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer_all() -> Weight {
        Weight::from_parts(92_829_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn force_unreserve() -> Weight {
        Weight::from_parts(29_662_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:1000 w:1000)
    /// `u` was 1 to 1000.
    fn upgrade_accounts(u: u32) -> Weight {
        Weight::from_parts(1_396_324_079, 0)
            // Standard error 695_240.
            .saturating_add(Weight::from_parts(27_990_815, 0).saturating_mul(u.into()))
            .saturating_add(D::get().reads(1_u64.saturating_mul(u.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(u.into())))
    }
    fn force_adjust_total_issuance() -> Weight {
        Weight::from_parts(10_554_000, 0)
    }
    /// Storage: `System::Account` (r:1 w:1)
    fn burn_allow_death() -> Weight {
        Weight::from_parts(80_490_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn burn_keep_alive() -> Weight {
        Weight::from_parts(36_218_000, 0)
    }
}
