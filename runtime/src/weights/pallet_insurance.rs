//! Weights of `pallet_insurance` (`Insurance`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_insurance`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 5 steps,
//! 8 repetitions, wasm Compiled, analysis Max, no proof recording.
//! The time of each run is the least of several rounds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_insurance::WeightInfo for WeightInfo<D> {
    /// `l` was 0 to 90.
    /// `m` was 0 to 90.
    fn look(l: u32, m: u32) -> Weight {
        Weight::from_parts(37_836_351, 0)
            // Standard error 209_707.
            .saturating_add(Weight::from_parts(5_827_066, 0).saturating_mul(l.into()))
            // Standard error 209_707.
            .saturating_add(Weight::from_parts(13_085_888, 0).saturating_mul(m.into()))
            .saturating_add(D::get().reads(13))
            .saturating_add(D::get().reads(1_u64.saturating_mul(l.into())))
            .saturating_add(D::get().reads(3_u64.saturating_mul(m.into())))
            .saturating_add(D::get().writes(2))
    }
    fn cover() -> Weight {
        Weight::from_parts(330_706_000, 0)
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().writes(8))
    }
    fn set_terms() -> Weight {
        Weight::from_parts(33_733_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn set_sub_limit() -> Weight {
        Weight::from_parts(34_996_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    fn spend_backstop() -> Weight {
        Weight::from_parts(88_718_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    fn back() -> Weight {
        Weight::from_parts(176_019_000, 0)
            .saturating_add(D::get().reads(8))
            .saturating_add(D::get().writes(6))
    }
    fn leave() -> Weight {
        Weight::from_parts(52_241_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(1))
    }
    fn stay() -> Weight {
        Weight::from_parts(38_247_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    fn redeem() -> Weight {
        Weight::from_parts(228_121_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(7))
    }
    fn donate() -> Weight {
        Weight::from_parts(105_139_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(4))
    }
}
