//! Weights of `pallet_collective` (`Council`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_collective`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_collective::WeightInfo for WeightInfo<D> {
    /// `m` was 0 to 21.
    /// `p` was 0 to 50.
    /// `n` was 0 to 21.
    fn set_members(m: u32, _n: u32, p: u32) -> Weight {
        Weight::from_parts(12_169_000, 0)
            // Standard error 585_320.
            .saturating_add(Weight::from_parts(5_271_325, 0).saturating_mul(m.into()))
            // Standard error 246_686.
            .saturating_add(Weight::from_parts(6_302_029, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(p.into())))
    }
    /// `b` was 2 to 1024.
    /// `m` was 1 to 21.
    fn execute(b: u32, m: u32) -> Weight {
        Weight::from_parts(20_473_133, 0)
            // Standard error 208.
            .saturating_add(Weight::from_parts(1_502, 0).saturating_mul(b.into()))
            // Standard error 10_462.
            .saturating_add(Weight::from_parts(18_468, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
    }
    /// `b` was 2 to 1024.
    /// `m` was 1 to 21.
    fn propose_execute(b: u32, m: u32) -> Weight {
        Weight::from_parts(24_308_070, 0)
            // Standard error 273.
            .saturating_add(Weight::from_parts(1_753, 0).saturating_mul(b.into()))
            // Standard error 13_706.
            .saturating_add(Weight::from_parts(11_882, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
    }
    /// `b` was 2 to 1024.
    /// `m` was 2 to 21.
    /// `p` was 1 to 50.
    fn propose_proposed(b: u32, m: u32, p: u32) -> Weight {
        Weight::from_parts(29_498_804, 0)
            // Standard error 455.
            .saturating_add(Weight::from_parts(6_030, 0).saturating_mul(b.into()))
            // Standard error 24_172.
            .saturating_add(Weight::from_parts(7_361, 0).saturating_mul(m.into()))
            // Standard error 9_402.
            .saturating_add(Weight::from_parts(469_343, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    /// `m` was 5 to 21.
    fn vote(m: u32) -> Weight {
        Weight::from_parts(29_120_000, 0)
            // Standard error 18_123.
            .saturating_add(Weight::from_parts(15_261, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// `p` was 1 to 50.
    /// `m` was 4 to 21.
    fn close_early_disapproved(m: u32, p: u32) -> Weight {
        Weight::from_parts(32_251_790, 0)
            // Standard error 22_096.
            .saturating_add(Weight::from_parts(40_977, 0).saturating_mul(m.into()))
            // Standard error 7_889.
            .saturating_add(Weight::from_parts(385_702, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    /// `b` was 2 to 1024.
    fn close_early_approved(b: u32, _m: u32, p: u32) -> Weight {
        Weight::from_parts(52_124_115, 0)
            // Standard error 498.
            .saturating_add(Weight::from_parts(1_101, 0).saturating_mul(b.into()))
            // Standard error 10_280.
            .saturating_add(Weight::from_parts(452_863, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    fn close_disapproved(_m: u32, p: u32) -> Weight {
        Weight::from_parts(35_742_119, 0)
            // Standard error 7_330.
            .saturating_add(Weight::from_parts(337_787, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    /// `b` was 2 to 1024.
    fn close_approved(b: u32, m: u32, p: u32) -> Weight {
        Weight::from_parts(53_941_043, 0)
            // Standard error 636.
            .saturating_add(Weight::from_parts(509, 0).saturating_mul(b.into()))
            // Standard error 36_817.
            .saturating_add(Weight::from_parts(83_255, 0).saturating_mul(m.into()))
            // Standard error 13_146.
            .saturating_add(Weight::from_parts(406_969, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().writes(3))
    }
    /// `p` was 1 to 50.
    fn disapprove_proposal(p: u32) -> Weight {
        Weight::from_parts(18_406_184, 0)
            // Standard error 6_565.
            .saturating_add(Weight::from_parts(286_562, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(3))
    }
    /// `d` was 0 to 1.
    /// `p` was 1 to 50.
    fn kill(d: u32, p: u32) -> Weight {
        Weight::from_parts(25_813_376, 0)
            // Standard error 344_545.
            .saturating_add(Weight::from_parts(1_494_678, 0).saturating_mul(d.into()))
            // Standard error 10_015.
            .saturating_add(Weight::from_parts(373_941, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    fn release_proposal_cost() -> Weight {
        Weight::from_parts(16_623_000, 0).saturating_add(D::get().reads(2))
    }
}
