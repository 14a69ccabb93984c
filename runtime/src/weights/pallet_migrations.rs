//! Weights of `pallet_migrations` (`MultiBlockMigrations`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_migrations`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_migrations::WeightInfo for WeightInfo<D> {
    fn onboard_new_mbms() -> Weight {
        Weight::from_parts(9_817_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn progress_mbms_none() -> Weight {
        Weight::from_parts(2_977_000, 0).saturating_add(D::get().reads(1))
    }
    fn exec_migration_completed() -> Weight {
        Weight::from_parts(7_024_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn exec_migration_skipped_historic() -> Weight {
        Weight::from_parts(13_765_000, 0).saturating_add(D::get().reads(2))
    }
    fn exec_migration_advance() -> Weight {
        Weight::from_parts(14_657_000, 0).saturating_add(D::get().reads(2))
    }
    fn exec_migration_complete() -> Weight {
        Weight::from_parts(15_947_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn exec_migration_fail() -> Weight {
        Weight::from_parts(24_149_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn on_init_loop() -> Weight {
        Weight::from_parts(318_000, 0)
    }
    fn force_set_cursor() -> Weight {
        Weight::from_parts(4_706_000, 0).saturating_add(D::get().writes(1))
    }
    fn force_set_active_cursor() -> Weight {
        Weight::from_parts(5_276_000, 0).saturating_add(D::get().writes(1))
    }
    fn force_onboard_mbms() -> Weight {
        Weight::from_parts(7_337_000, 0).saturating_add(D::get().reads(2))
    }
    /// `n` was 0 to 256.
    fn clear_historic(n: u32) -> Weight {
        Weight::from_parts(28_551_315, 0)
            // Standard error 7_402.
            .saturating_add(Weight::from_parts(1_560_060, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `n` was 0 to 2048.
    fn reset_pallet_migration(n: u32) -> Weight {
        Weight::from_parts(13_065_613, 0)
            // Standard error 5_011.
            .saturating_add(Weight::from_parts(990_220, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
}
