//! Weights of `pallet_collective` (`TechnicalCommittee`), as measured on the compiled runtime.
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
    fn set_members(m: u32, n: u32, p: u32) -> Weight {
        Weight::from_parts(11_177_000, 0)
            // Standard error 393_914.
            .saturating_add(Weight::from_parts(3_243_712, 0).saturating_mul(m.into()))
            // Standard error 393_914.
            .saturating_add(Weight::from_parts(325_117, 0).saturating_mul(n.into()))
            // Standard error 166_017.
            .saturating_add(Weight::from_parts(5_999_437, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(p.into())))
    }
    /// `b` was 2 to 1024.
    /// `m` was 1 to 21.
    fn execute(b: u32, m: u32) -> Weight {
        Weight::from_parts(19_284_646, 0)
            // Standard error 228.
            .saturating_add(Weight::from_parts(1_521, 0).saturating_mul(b.into()))
            // Standard error 11_437.
            .saturating_add(Weight::from_parts(12_345, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
    }
    /// `b` was 2 to 1024.
    /// `m` was 1 to 21.
    fn propose_execute(b: u32, m: u32) -> Weight {
        Weight::from_parts(21_738_934, 0)
            // Standard error 260.
            .saturating_add(Weight::from_parts(2_354, 0).saturating_mul(b.into()))
            // Standard error 13_086.
            .saturating_add(Weight::from_parts(56_656, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
    }
    /// `b` was 2 to 1024.
    /// `m` was 2 to 21.
    /// `p` was 1 to 50.
    fn propose_proposed(b: u32, _m: u32, p: u32) -> Weight {
        Weight::from_parts(30_347_827, 0)
            // Standard error 444.
            .saturating_add(Weight::from_parts(6_159, 0).saturating_mul(b.into()))
            // Standard error 9_172.
            .saturating_add(Weight::from_parts(432_757, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    /// `m` was 5 to 21.
    fn vote(m: u32) -> Weight {
        Weight::from_parts(26_895_000, 0)
            // Standard error 15_616.
            .saturating_add(Weight::from_parts(55_000, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// `p` was 1 to 50.
    /// `m` was 4 to 21.
    fn close_early_disapproved(m: u32, p: u32) -> Weight {
        Weight::from_parts(34_024_193, 0)
            // Standard error 25_593.
            .saturating_add(Weight::from_parts(44_866, 0).saturating_mul(m.into()))
            // Standard error 9_138.
            .saturating_add(Weight::from_parts(348_103, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    /// `b` was 2 to 1024.
    fn close_early_approved(b: u32, m: u32, p: u32) -> Weight {
        Weight::from_parts(42_895_124, 0)
            // Standard error 574.
            .saturating_add(Weight::from_parts(6_745, 0).saturating_mul(b.into()))
            // Standard error 33_237.
            .saturating_add(Weight::from_parts(232_499, 0).saturating_mul(m.into()))
            // Standard error 11_868.
            .saturating_add(Weight::from_parts(420_545, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    fn close_disapproved(m: u32, p: u32) -> Weight {
        Weight::from_parts(35_233_397, 0)
            // Standard error 23_105.
            .saturating_add(Weight::from_parts(9_857, 0).saturating_mul(m.into()))
            // Standard error 8_249.
            .saturating_add(Weight::from_parts(376_541, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 4 to 21.
    /// `p` was 1 to 50.
    /// `b` was 2 to 1024.
    fn close_approved(b: u32, _m: u32, p: u32) -> Weight {
        Weight::from_parts(51_543_682, 0)
            // Standard error 528.
            .saturating_add(Weight::from_parts(3_383, 0).saturating_mul(b.into()))
            // Standard error 10_917.
            .saturating_add(Weight::from_parts(496_454, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().writes(3))
    }
    /// `p` was 1 to 50.
    fn disapprove_proposal(p: u32) -> Weight {
        Weight::from_parts(17_646_142, 0)
            // Standard error 5_350.
            .saturating_add(Weight::from_parts(294_180, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(3))
    }
    /// `d` was 0 to 1.
    /// `p` was 1 to 50.
    fn kill(d: u32, p: u32) -> Weight {
        Weight::from_parts(26_025_363, 0)
            // Standard error 281_967.
            .saturating_add(Weight::from_parts(917_723, 0).saturating_mul(d.into()))
            // Standard error 8_196.
            .saturating_add(Weight::from_parts(338_881, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    fn release_proposal_cost() -> Weight {
        Weight::from_parts(16_162_000, 0).saturating_add(D::get().reads(2))
    }
}
