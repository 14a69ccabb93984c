//! Weights of `pallet_assets` (`Assets`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_assets`; changes by hand are overwritten.
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

impl<D: Get<RuntimeDbWeight>> pallet_assets::WeightInfo for WeightInfo<D> {
    fn create() -> Weight {
        Weight::from_parts(0, 0)
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn force_create() -> Weight {
        Weight::from_parts(21_975_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn start_destroy() -> Weight {
        Weight::from_parts(21_521_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:1001 w:1000)
    /// Storage: `System::Account` (r:1000 w:1000)
    /// `c` was 0 to 1000.
    fn destroy_accounts(c: u32) -> Weight {
        Weight::from_parts(28_844_000, 0)
            // Standard error 123_805.
            .saturating_add(Weight::from_parts(20_183_558, 0).saturating_mul(c.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(2_u64.saturating_mul(c.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(2_u64.saturating_mul(c.into())))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Approvals` (r:1001 w:1000)
    /// `a` was 0 to 1000.
    fn destroy_approvals(a: u32) -> Weight {
        Weight::from_parts(370_739_288, 0)
            // Standard error 267_276.
            .saturating_add(Weight::from_parts(23_836_119, 0).saturating_mul(a.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(a.into())))
            .saturating_add(D::get().writes(1))
            .saturating_add(D::get().writes(1_u64.saturating_mul(a.into())))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Metadata` (r:1 w:0)
    /// Storage: `Assets::Reserves` (r:0 w:1)
    fn finish_destroy() -> Weight {
        Weight::from_parts(24_246_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:1 w:1)
    fn mint() -> Weight {
        Weight::from_parts(36_550_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:1 w:1)
    fn burn() -> Weight {
        Weight::from_parts(50_879_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:2 w:2)
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer() -> Weight {
        Weight::from_parts(71_425_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:2 w:2)
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer_keep_alive() -> Weight {
        Weight::from_parts(63_687_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:2 w:2)
    /// Storage: `System::Account` (r:1 w:1)
    fn force_transfer() -> Weight {
        Weight::from_parts(70_525_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Account` (r:1 w:1)
    fn freeze() -> Weight {
        Weight::from_parts(25_744_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Account` (r:1 w:1)
    fn thaw() -> Weight {
        Weight::from_parts(25_388_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn freeze_asset() -> Weight {
        Weight::from_parts(17_301_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn thaw_asset() -> Weight {
        Weight::from_parts(17_411_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Metadata` (r:1 w:0)
    fn transfer_ownership() -> Weight {
        Weight::from_parts(20_966_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn set_team() -> Weight {
        Weight::from_parts(17_049_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Reserves` (r:0 w:1)
    /// `n` was 0 to 5.
    fn set_reserves(n: u32) -> Weight {
        Weight::from_parts(18_378_696, 0)
            // Standard error 78_851.
            .saturating_add(Weight::from_parts(131_838, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Metadata` (r:1 w:1)
    /// `n` was 0 to 50.
    /// `s` was 0 to 50.
    fn set_metadata(n: u32, _s: u32) -> Weight {
        Weight::from_parts(46_449_884, 0)
            // Standard error 10_462.
            .saturating_add(Weight::from_parts(17_830, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Metadata` (r:1 w:1)
    fn clear_metadata() -> Weight {
        Weight::from_parts(45_164_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Metadata` (r:1 w:1)
    /// `n` was 0 to 50.
    /// `s` was 0 to 50.
    fn force_set_metadata(n: u32, s: u32) -> Weight {
        Weight::from_parts(19_629_622, 0)
            // Standard error 6_030.
            .saturating_add(Weight::from_parts(26_779, 0).saturating_mul(n.into()))
            // Standard error 6_030.
            .saturating_add(Weight::from_parts(4_094, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Metadata` (r:1 w:1)
    fn force_clear_metadata() -> Weight {
        Weight::from_parts(46_728_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn force_asset_status() -> Weight {
        Weight::from_parts(17_096_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Approvals` (r:1 w:1)
    fn approve_transfer() -> Weight {
        Weight::from_parts(52_150_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Approvals` (r:1 w:1)
    /// Storage: `Assets::Account` (r:2 w:2)
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer_approved() -> Weight {
        Weight::from_parts(103_454_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(5))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Approvals` (r:1 w:1)
    fn cancel_approval() -> Weight {
        Weight::from_parts(53_812_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Approvals` (r:1 w:1)
    fn force_cancel_approval() -> Weight {
        Weight::from_parts(54_867_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn set_min_balance() -> Weight {
        Weight::from_parts(18_587_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Account` (r:1 w:1)
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    fn touch() -> Weight {
        Weight::from_parts(55_843_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// Storage: `Assets::Account` (r:1 w:1)
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn touch_other() -> Weight {
        Weight::from_parts(52_600_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Account` (r:1 w:1)
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    fn refund() -> Weight {
        Weight::from_parts(51_925_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// Storage: `Assets::Account` (r:1 w:1)
    /// Storage: `Assets::Asset` (r:1 w:1)
    fn refund_other() -> Weight {
        Weight::from_parts(49_253_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Account` (r:1 w:1)
    fn block() -> Weight {
        Weight::from_parts(28_404_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:1)
    /// Storage: `Assets::Account` (r:2 w:2)
    /// Storage: `System::Account` (r:1 w:1)
    fn transfer_all() -> Weight {
        Weight::from_parts(81_447_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    fn total_issuance() -> Weight {
        Weight::from_parts(7_621_000, 0).saturating_add(D::get().reads(1))
    }
    /// Storage: `Assets::Account` (r:1 w:0)
    fn balance() -> Weight {
        Weight::from_parts(9_761_000, 0).saturating_add(D::get().reads(1))
    }
    /// Storage: `Assets::Approvals` (r:1 w:0)
    fn allowance() -> Weight {
        Weight::from_parts(12_352_000, 0).saturating_add(D::get().reads(1))
    }
    /// Storage: `Assets::Asset` (r:1 w:0)
    /// Storage: `Assets::Reserves` (r:0 w:1)
    fn migration_v2_foreign_asset_set_reserve_weight() -> Weight {
        Weight::from_parts(12_260_000, 0)
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Assets::Metadata` (r:1 w:0)
    fn get_metadata() -> Weight {
        Weight::from_parts(10_312_000, 0).saturating_add(D::get().reads(1))
    }
}
