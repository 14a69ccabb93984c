//! Weights of `pallet_proxy` (`Proxy`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_proxy`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 8 steps,
//! 12 repetitions, wasm Compiled, analysis MinSquares, no proof recording.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_proxy::WeightInfo for WeightInfo<D> {
    /// Storage: `Proxy::Proxies` (r:1 w:0)
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `p` was 1 to 31.
    fn proxy(p: u32) -> Weight {
        Weight::from_parts(26_425_716, 0)
            // Standard error 19_362.
            .saturating_add(Weight::from_parts(135_142, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:0)
    /// Storage: `Proxy::Announcements` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// `a` was 0 to 31.
    /// `p` was 1 to 31.
    fn proxy_announced(a: u32, p: u32) -> Weight {
        Weight::from_parts(55_607_175, 0)
            // Standard error 32_393.
            .saturating_add(Weight::from_parts(400_116, 0).saturating_mul(a.into()))
            // Standard error 33_403.
            .saturating_add(Weight::from_parts(207_322, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Proxy::Announcements` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// `a` was 0 to 31.
    /// `p` was 1 to 31.
    fn remove_announcement(a: u32, _p: u32) -> Weight {
        Weight::from_parts(40_700_716, 0)
            // Standard error 21_039.
            .saturating_add(Weight::from_parts(345_732, 0).saturating_mul(a.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Proxy::Announcements` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// `a` was 0 to 31.
    /// `p` was 1 to 31.
    fn reject_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(41_304_321, 0)
            // Standard error 21_158.
            .saturating_add(Weight::from_parts(368_623, 0).saturating_mul(a.into()))
            // Standard error 21_818.
            .saturating_add(Weight::from_parts(22_959, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:0)
    /// Storage: `Proxy::Announcements` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// `a` was 0 to 31.
    /// `p` was 1 to 31.
    fn announce(a: u32, _p: u32) -> Weight {
        Weight::from_parts(63_575_209, 0)
            // Standard error 97_492.
            .saturating_add(Weight::from_parts(333_602, 0).saturating_mul(a.into()))
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// `p` was 1 to 31.
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(37_981_004, 0)
            // Standard error 53_479.
            .saturating_add(Weight::from_parts(280_486, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// `p` was 1 to 31.
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(31_603_035, 0)
            // Standard error 130_266.
            .saturating_add(Weight::from_parts(935_201, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// `p` was 1 to 31.
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(97_106_245, 0)
            // Standard error 363_590.
            .saturating_add(Weight::from_parts(1_274_160, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// `p` was 1 to 31.
    fn create_pure(_p: u32) -> Weight {
        Weight::from_parts(46_149_891, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// `p` was 0 to 30.
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(41_568_969, 0)
            // Standard error 31_722.
            .saturating_add(Weight::from_parts(10_852, 0).saturating_mul(p.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Proxy::Proxies` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// Storage: `Proxy::Announcements` (r:1 w:1)
    fn poke_deposit() -> Weight {
        Weight::from_parts(71_665_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
}
