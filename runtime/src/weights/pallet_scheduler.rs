//! Weights of `pallet_scheduler` (`Scheduler`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_scheduler`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 10 steps,
//! 20 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_scheduler::WeightInfo for WeightInfo<D> {
    fn service_agendas_base() -> Weight {
        Weight::from_parts(8_155_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// `s` was 0 to 50.
    fn service_agenda_base(s: u32) -> Weight {
        Weight::from_parts(9_930_000, 0)
            // Standard error 9_828.
            .saturating_add(Weight::from_parts(527_654, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn service_task_base() -> Weight {
        Weight::from_parts(4_994_000, 0)
    }
    /// `s` was 128 to 4194304.
    fn service_task_fetched(s: u32) -> Weight {
        Weight::from_parts(25_522_000, 0)
            // Standard error 6.
            .saturating_add(Weight::from_parts(1_472, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    fn service_task_named() -> Weight {
        Weight::from_parts(7_216_000, 0).saturating_add(D::get().writes(1))
    }
    fn service_task_periodic() -> Weight {
        Weight::from_parts(4_843_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        Weight::from_parts(6_502_000, 0).saturating_add(D::get().reads(1))
    }
    fn execute_dispatch_unsigned() -> Weight {
        Weight::from_parts(3_590_000, 0)
    }
    /// `s` was 0 to 49.
    fn schedule(s: u32) -> Weight {
        Weight::from_parts(18_827_727, 0)
            // Standard error 10_831.
            .saturating_add(Weight::from_parts(649_633, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// `s` was 1 to 50.
    fn cancel(s: u32) -> Weight {
        Weight::from_parts(25_202_095, 0)
            // Standard error 9_130.
            .saturating_add(Weight::from_parts(872_402, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(3))
    }
    /// `s` was 0 to 49.
    fn schedule_named(s: u32) -> Weight {
        Weight::from_parts(24_961_409, 0)
            // Standard error 12_975.
            .saturating_add(Weight::from_parts(693_788, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// `s` was 1 to 50.
    fn cancel_named(s: u32) -> Weight {
        Weight::from_parts(27_788_250, 0)
            // Standard error 9_018.
            .saturating_add(Weight::from_parts(935_055, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    /// `s` was 1 to 50.
    fn schedule_retry(s: u32) -> Weight {
        Weight::from_parts(14_686_554, 0)
            // Standard error 2_808.
            .saturating_add(Weight::from_parts(63_166, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(2))
    }
    fn set_retry() -> Weight {
        Weight::from_parts(39_936_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn set_retry_named() -> Weight {
        Weight::from_parts(47_908_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn cancel_retry() -> Weight {
        Weight::from_parts(38_784_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn cancel_retry_named() -> Weight {
        Weight::from_parts(47_075_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
}
