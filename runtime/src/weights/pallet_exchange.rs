//! Weights of `pallet_exchange` (`Exchange`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_exchange`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_exchange::WeightInfo for WeightInfo<D> {
    /// `m` was 4 to 200.
    fn quiet_market(m: u32) -> Weight {
        Weight::from_parts(27_175_428, 0)
            // Standard error 57_315.
            .saturating_add(Weight::from_parts(11_098_060, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
    }
    /// `p` was 1 to 31.
    fn place(p: u32) -> Weight {
        Weight::from_parts(67_166_624, 0)
            // Standard error 75_980.
            .saturating_add(Weight::from_parts(5_909_207, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    /// `n` was 1 to 50.
    /// `p` was 1 to 32.
    fn place_batch(n: u32, p: u32) -> Weight {
        Weight::from_parts(61_156_378, 0)
            // Standard error 74_575.
            .saturating_add(Weight::from_parts(2_895_651, 0).saturating_mul(n.into()))
            // Standard error 116_664.
            .saturating_add(Weight::from_parts(6_206_400, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `p` was 1 to 31.
    fn amend(p: u32) -> Weight {
        Weight::from_parts(92_331_338, 0)
            // Standard error 113_967.
            .saturating_add(Weight::from_parts(6_398_538, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(4))
    }
    fn cancel() -> Weight {
        Weight::from_parts(65_855_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(3))
    }
    /// `n` was 1 to 50.
    fn cancel_batch(n: u32) -> Weight {
        Weight::from_parts(62_823_476, 0)
            // Standard error 38_699.
            .saturating_add(Weight::from_parts(2_077_275, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `n` was 1 to 100.
    fn clear_market(n: u32) -> Weight {
        Weight::from_parts(48_263_028, 0)
            // Standard error 15_618.
            .saturating_add(Weight::from_parts(1_368_151, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `m` was 4 to 100.
    /// `n` was 100 to 400.
    fn cancel_all(m: u32, n: u32) -> Weight {
        Weight::from_parts(807_672_000, 0)
            // Standard error 433_890.
            .saturating_add(Weight::from_parts(15_227_855, 0).saturating_mul(m.into()))
            // Standard error 105_266.
            .saturating_add(Weight::from_parts(2_168_558, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(1_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `c` was 0 to 50.
    /// `n` was 1 to 50.
    /// `k` was 0 to 50.
    /// `p` was 1 to 32.
    fn replace_all(c: u32, k: u32, n: u32, p: u32) -> Weight {
        Weight::from_parts(117_761_993, 0)
            // Standard error 203_541.
            .saturating_add(Weight::from_parts(1_333_051, 0).saturating_mul(c.into()))
            // Standard error 203_541.
            .saturating_add(Weight::from_parts(527_678, 0).saturating_mul(k.into()))
            // Standard error 208_837.
            .saturating_add(Weight::from_parts(3_444_183, 0).saturating_mul(n.into()))
            // Standard error 325_933.
            .saturating_add(Weight::from_parts(6_592_058, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(1_u64.saturating_mul(c.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    fn schedule_cancel() -> Weight {
        Weight::from_parts(43_949_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(3))
    }
    fn deadline() -> Weight {
        Weight::from_parts(54_716_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(2))
    }
    fn drain() -> Weight {
        Weight::from_parts(35_310_000, 0)
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().writes(4))
    }
    /// `p` was 1 to 31.
    fn fire(p: u32) -> Weight {
        Weight::from_parts(105_863_076, 0)
            // Standard error 98_682.
            .saturating_add(Weight::from_parts(11_052_255, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(11))
            .saturating_add(D::get().reads(2_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(7))
    }
    /// `n` was 1 to 50.
    fn sweep(n: u32) -> Weight {
        Weight::from_parts(18_728_642, 0)
            // Standard error 29_847.
            .saturating_add(Weight::from_parts(5_123_357, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(1))
    }
    /// `m` was 1 to 200.
    fn visit(m: u32) -> Weight {
        Weight::from_parts(7_900_429, 0)
            // Standard error 400_677.
            .saturating_add(Weight::from_parts(39_039_640, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(7_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(m.into())))
    }
    /// `m` was 1 to 20.
    fn conclude(m: u32) -> Weight {
        Weight::from_parts(22_201_314, 0)
            // Standard error 549_499.
            .saturating_add(Weight::from_parts(49_952_000, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().reads(7_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(4_u64.saturating_mul(m.into())))
    }
    /// `n` was 1 to 100.
    fn order_met(n: u32) -> Weight {
        Weight::from_parts(47_809_142, 0)
            // Standard error 62_046.
            .saturating_add(Weight::from_parts(5_906_108, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
    }
    /// `p` was 1 to 31.
    fn account_met(p: u32) -> Weight {
        Weight::from_parts(41_680_272, 0)
            // Standard error 206_452.
            .saturating_add(Weight::from_parts(22_676_158, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(2))
            .saturating_add(D::get().writes(3_u64.saturating_mul(p.into())))
    }
    /// `n` was 1 to 100.
    fn fill(n: u32) -> Weight {
        Weight::from_parts(19_990_823, 0)
            // Standard error 27_762.
            .saturating_add(Weight::from_parts(5_042_945, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
            .saturating_add(D::get().writes(1_u64.saturating_mul(n.into())))
    }
    /// `a` was 1 to 20.
    fn remove(a: u32) -> Weight {
        Weight::from_parts(31_029_200, 0)
            // Standard error 568_318.
            .saturating_add(Weight::from_parts(42_967_976, 0).saturating_mul(a.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(3_u64.saturating_mul(a.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(3_u64.saturating_mul(a.into())))
    }
    fn force() -> Weight {
        Weight::from_parts(208_217_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(5))
    }
}
