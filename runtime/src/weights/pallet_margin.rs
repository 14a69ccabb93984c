//! Weights of `pallet_margin` (`Margin`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_margin`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 8 steps,
//! 8 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_margin::WeightInfo for WeightInfo<D> {
    /// `m` was 10 to 200.
    fn quiet_markets(m: u32) -> Weight {
        Weight::from_parts(51_680_777, 0)
            // Standard error 104_925.
            .saturating_add(Weight::from_parts(9_148_074, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(2_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
    }
    /// `c` was 1 to 31.
    fn reprice(c: u32) -> Weight {
        Weight::from_parts(42_015_222, 0)
            // Standard error 293_120.
            .saturating_add(Weight::from_parts(17_440_607, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(c.into())))
            .saturating_add(D::get().writes(1))
    }
    /// `n` was 1 to 64.
    /// `m` was 0 to 35.
    fn look(n: u32, m: u32) -> Weight {
        Weight::from_parts(118_504_552, 0)
            // Standard error 1_122_725.
            .saturating_add(Weight::from_parts(28_858_260, 0).saturating_mul(n.into()))
            // Standard error 2_020_906.
            .saturating_add(Weight::from_parts(23_492_966, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(3_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(3_u64.saturating_mul(m.into())))
    }
    /// `m` was 10 to 200.
    /// `n` was 1 to 64.
    /// `b` was 1 to 16.
    fn endangered(m: u32, b: u32, n: u32) -> Weight {
        Weight::from_parts(246_171_000, 0)
            // Standard error 48_351.
            .saturating_add(Weight::from_parts(2_508_172, 0).saturating_mul(m.into()))
            // Standard error 602_712.
            .saturating_add(Weight::from_parts(8_478_500, 0).saturating_mul(b.into()))
            // Standard error 148_906.
            .saturating_add(Weight::from_parts(1_761_857, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().reads(1_u64.saturating_mul(m.into())))
            .saturating_add(D::get().reads(1_u64.saturating_mul(b.into())))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
    }
    /// `g` was 1 to 4.
    fn seize(g: u32) -> Weight {
        Weight::from_parts(57_288_133, 0)
            // Standard error 1_209_820.
            .saturating_add(Weight::from_parts(5_165_000, 0).saturating_mul(g.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(1_u64.saturating_mul(g.into())))
    }
    fn open_account() -> Weight {
        Weight::from_parts(143_684_000, 0)
            .saturating_add(D::get().reads(8))
            .saturating_add(D::get().writes(7))
    }
    /// `l` was 2 to 36.
    fn deposit(l: u32) -> Weight {
        Weight::from_parts(201_289_138, 0)
            // Standard error 998_886.
            .saturating_add(Weight::from_parts(13_217_425, 0).saturating_mul(l.into()))
            .saturating_add(D::get().reads(8))
            .saturating_add(D::get().reads(1_u64.saturating_mul(l.into())))
            .saturating_add(D::get().writes(5))
            .saturating_add(D::get().writes(2_u64.saturating_mul(l.into())))
    }
    /// `l` was 2 to 36.
    fn withdraw(l: u32) -> Weight {
        Weight::from_parts(209_599_832, 0)
            // Standard error 1_089_015.
            .saturating_add(Weight::from_parts(22_193_150, 0).saturating_mul(l.into()))
            .saturating_add(D::get().reads(12))
            .saturating_add(D::get().reads(1_u64.saturating_mul(l.into())))
            .saturating_add(D::get().writes(6))
            .saturating_add(D::get().writes(3_u64.saturating_mul(l.into())))
    }
    /// `f` was 2 to 36.
    /// `t` was 2 to 36.
    fn transfer(f: u32, t: u32) -> Weight {
        Weight::from_parts(572_876_000, 0)
            // Standard error 2_032_825.
            .saturating_add(Weight::from_parts(43_098_800, 0).saturating_mul(f.into()))
            // Standard error 2_032_825.
            .saturating_add(Weight::from_parts(17_594_800, 0).saturating_mul(t.into()))
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().reads(1_u64.saturating_mul(f.into())))
            .saturating_add(D::get().reads(1_u64.saturating_mul(t.into())))
            .saturating_add(D::get().writes(3))
            .saturating_add(D::get().writes(3_u64.saturating_mul(f.into())))
            .saturating_add(D::get().writes(2_u64.saturating_mul(t.into())))
    }
    fn close_account() -> Weight {
        Weight::from_parts(282_331_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(8))
    }
    /// `l` was 2 to 36.
    fn set_leverage(l: u32) -> Weight {
        Weight::from_parts(72_785_338, 0)
            // Standard error 515_138.
            .saturating_add(Weight::from_parts(8_516_083, 0).saturating_mul(l.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn create_compartment() -> Weight {
        Weight::from_parts(60_063_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(3))
    }
    fn set_compartment_terms() -> Weight {
        Weight::from_parts(27_566_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn list_collateral() -> Weight {
        Weight::from_parts(972_780_000, 0)
            .saturating_add(D::get().reads(37))
            .saturating_add(D::get().writes(1))
    }
    fn set_collateral_terms() -> Weight {
        Weight::from_parts(45_493_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    fn collect_fees() -> Weight {
        Weight::from_parts(184_183_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
    fn pay_queued() -> Weight {
        Weight::from_parts(243_179_000, 0)
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().writes(7))
    }
    fn claim_withdrawal() -> Weight {
        Weight::from_parts(220_281_000, 0)
            .saturating_add(D::get().reads(9))
            .saturating_add(D::get().writes(6))
    }
    /// `l` was 2 to 36.
    fn cancel_withdrawal(l: u32) -> Weight {
        Weight::from_parts(184_893_870, 0)
            // Standard error 779_931.
            .saturating_add(Weight::from_parts(11_814_705, 0).saturating_mul(l.into()))
            .saturating_add(D::get().reads(7))
            .saturating_add(D::get().reads(1_u64.saturating_mul(l.into())))
            .saturating_add(D::get().writes(4))
            .saturating_add(D::get().writes(2_u64.saturating_mul(l.into())))
    }
    fn buy_seized() -> Weight {
        Weight::from_parts(194_966_000, 0)
            .saturating_add(D::get().reads(9))
            .saturating_add(D::get().writes(8))
    }
    fn settling_market() -> Weight {
        Weight::from_parts(18_168_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    /// `n` was 1 to 64.
    /// `m` was 0 to 35.
    fn close_position(n: u32, m: u32) -> Weight {
        Weight::from_parts(707_302_000, 0)
            // Standard error 970_489.
            .saturating_add(Weight::from_parts(27_375_444, 0).saturating_mul(n.into()))
            // Standard error 1_777_582.
            .saturating_add(Weight::from_parts(18_939_914, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(2_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(3_u64.saturating_mul(m.into())))
    }
    fn finish_market() -> Weight {
        Weight::from_parts(47_969_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(9))
    }
    /// `n` was 1 to 64.
    fn weigh(n: u32) -> Weight {
        Weight::from_parts(34_596_000, 0)
            // Standard error 543_188.
            .saturating_add(Weight::from_parts(16_172_296, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    fn open_sharing() -> Weight {
        Weight::from_parts(249_126_000, 0)
            .saturating_add(D::get().reads(23))
            .saturating_add(D::get().writes(3))
    }
    /// `m` was 0 to 35.
    /// `n` was 1 to 64.
    fn share(n: u32, m: u32) -> Weight {
        Weight::from_parts(798_868_000, 0)
            // Standard error 1_029_743.
            .saturating_add(Weight::from_parts(40_920_333, 0).saturating_mul(n.into()))
            // Standard error 1_886_114.
            .saturating_add(Weight::from_parts(22_065_100, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(3))
            .saturating_add(D::get().writes(3_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(3_u64.saturating_mul(m.into())))
    }
}
