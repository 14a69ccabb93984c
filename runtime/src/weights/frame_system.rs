//! Weights of `frame_system` (`SystemCalls::<Runtime>`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only frame_system`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 10 steps,
//! 20 repetitions, wasm Compiled, analysis MinSquares, no proof recording.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> frame_system::WeightInfo for WeightInfo<D> {
    /// `b` was 0 to 3670016.
    fn remark(b: u32) -> Weight {
        Weight::from_parts(3_930_838, 0)
            // Standard error 9.
            .saturating_add(Weight::from_parts(677, 0).saturating_mul(b.into()))
    }
    /// `b` was 0 to 3670016.
    fn remark_with_event(b: u32) -> Weight {
        Weight::from_parts(157_261_337, 0)
            // Standard error 75.
            .saturating_add(Weight::from_parts(2_331, 0).saturating_mul(b.into()))
    }
    /// Storage: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
    fn set_heap_pages() -> Weight {
        Weight::from_parts(9_549_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `MultiBlockMigrations::Cursor` (r:1 w:0)
    /// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
    fn set_code() -> Weight {
        Weight::from_parts(217_421_845_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Skipped::Metadata` (r:0 w:0)
    /// `i` was 0 to 1000.
    fn set_storage(i: u32) -> Weight {
        Weight::from_parts(33_162_278, 0)
            // Standard error 43_286.
            .saturating_add(Weight::from_parts(1_585_980, 0).saturating_mul(i.into()))
            .saturating_add(D::get().writes(1_u64.saturating_mul(i.into())))
    }
    /// Storage: `Skipped::Metadata` (r:0 w:0)
    /// `i` was 0 to 1000.
    fn kill_storage(i: u32) -> Weight {
        Weight::from_parts(4_014_000, 0)
            // Standard error 27_015.
            .saturating_add(Weight::from_parts(1_421_020, 0).saturating_mul(i.into()))
            .saturating_add(D::get().writes(1_u64.saturating_mul(i.into())))
    }
    /// Storage: `Skipped::Metadata` (r:0 w:0)
    /// `p` was 0 to 1000.
    fn kill_prefix(p: u32) -> Weight {
        Weight::from_parts(10_241_000, 0)
            // Standard error 22_076.
            .saturating_add(Weight::from_parts(3_108_245, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(p.into())))
    }
    /// Storage: `System::AuthorizedUpgrade` (r:0 w:1)
    fn authorize_upgrade() -> Weight {
        Weight::from_parts(49_078_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `System::AuthorizedUpgrade` (r:1 w:1)
    /// Storage: `MultiBlockMigrations::Cursor` (r:1 w:0)
    /// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
    fn apply_authorized_upgrade() -> Weight {
        Weight::from_parts(218_350_240_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
}
