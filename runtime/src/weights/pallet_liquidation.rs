//! Weights of `pallet_liquidation` (`Liquidation`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_liquidation`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 6 steps,
//! 8 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_liquidation::WeightInfo for WeightInfo<D> {
    fn quiet() -> Weight {
        Weight::from_parts(8_938_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(1))
    }
    /// `m` was 0 to 31.
    /// `a` was 1 to 32.
    fn recover(a: u32, m: u32) -> Weight {
        Weight::from_parts(191_337_764, 0)
            // Standard error 1_828_457.
            .saturating_add(Weight::from_parts(50_034_741, 0).saturating_mul(a.into()))
            // Standard error 1_828_457.
            .saturating_add(Weight::from_parts(26_682_894, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(9))
            .saturating_add(D::get().reads(2_u64.saturating_mul(a.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(3))
            .saturating_add(D::get().writes(4_u64.saturating_mul(a.into())))
            .saturating_add(D::get().writes(3_u64.saturating_mul(m.into())))
    }
    /// `p` was 1 to 32.
    fn offer(p: u32) -> Weight {
        Weight::from_parts(107_293_666, 0)
            // Standard error 321_075.
            .saturating_add(Weight::from_parts(13_384_811, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().reads(2_u64.saturating_mul(p.into())))
            .saturating_add(D::get().writes(2))
    }
    /// `m` was 0 to 3.
    /// `a` was 1 to 32.
    fn buy(a: u32, m: u32) -> Weight {
        Weight::from_parts(120_783_600, 0)
            // Standard error 884_760.
            .saturating_add(Weight::from_parts(95_843_200, 0).saturating_mul(a.into()))
            // Standard error 8_085_867.
            .saturating_add(Weight::from_parts(74_697_168, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(15))
            .saturating_add(D::get().reads(2_u64.saturating_mul(a.into())))
            .saturating_add(D::get().reads(7_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(10))
            .saturating_add(D::get().writes(4_u64.saturating_mul(a.into())))
            .saturating_add(D::get().writes(7_u64.saturating_mul(m.into())))
    }
    /// `m` was 0 to 31.
    /// `a` was 1 to 32.
    fn take_over(a: u32, m: u32) -> Weight {
        Weight::from_parts(1_789_688_000, 0)
            // Standard error 3_589_544.
            .saturating_add(Weight::from_parts(96_419_000, 0).saturating_mul(a.into()))
            // Standard error 3_717_386.
            .saturating_add(Weight::from_parts(60_966_516, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(15))
            .saturating_add(D::get().reads(2_u64.saturating_mul(a.into())))
            .saturating_add(D::get().reads(6_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(10))
            .saturating_add(D::get().writes(4_u64.saturating_mul(a.into())))
            .saturating_add(D::get().writes(6_u64.saturating_mul(m.into())))
    }
    /// `n` was 1 to 64.
    /// `m` was 0 to 31.
    fn fund(n: u32, m: u32) -> Weight {
        Weight::from_parts(382_395_836, 0)
            // Standard error 468_723.
            .saturating_add(Weight::from_parts(70_860_237, 0).saturating_mul(n.into()))
            // Standard error 951_217.
            .saturating_add(Weight::from_parts(39_824_010, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(34))
            .saturating_add(D::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(18))
            .saturating_add(D::get().writes(3_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(2_u64.saturating_mul(m.into())))
    }
    fn unwind() -> Weight {
        Weight::from_parts(189_132_000, 0)
            .saturating_add(D::get().reads(32))
            .saturating_add(D::get().writes(5))
    }
    fn set_terms() -> Weight {
        Weight::from_parts(16_311_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
}
