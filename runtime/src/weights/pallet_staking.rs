//! Weights of `pallet_staking` (`Staking`), as measured on the compiled runtime.
//!
//! Made by `cargo xtask weights --only pallet_staking`; changes by hand are overwritten.
//!
//! Measured on Intel(R) Xeon(R) Processor by frame-omni-bencher, benchmarking version 0.28.0: 8 steps,
//! 6 repetitions, wasm Compiled, analysis MinSquares, no proof recording.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Picoseconds measured, and the database's items at the price that `D` says.
pub struct WeightInfo<D>(PhantomData<D>);

impl<D: Get<RuntimeDbWeight>> pallet_staking::WeightInfo for WeightInfo<D> {
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Storage: `Staking::Payee` (r:0 w:1)
    fn bond() -> Weight {
        Weight::from_parts(193_767_000, 0)
            .saturating_add(D::get().reads(4))
            .saturating_add(D::get().writes(4))
    }
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Storage: `VoterList::ListNodes` (r:3 w:3)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListBags` (r:2 w:2)
    fn bond_extra() -> Weight {
        Weight::from_parts(308_485_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(7))
    }
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:0)
    /// Storage: `Staking::MinNominatorBond` (r:1 w:0)
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:3 w:3)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListBags` (r:2 w:2)
    fn unbond() -> Weight {
        Weight::from_parts(253_641_000, 0)
            .saturating_add(D::get().reads(13))
            .saturating_add(D::get().writes(6))
    }
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// `s` was 0 to 100.
    fn withdraw_unbonded_update(_s: u32) -> Weight {
        Weight::from_parts(172_840_833, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `Staking::SlashingSpans` (r:1 w:1)
    /// Storage: `Staking::VirtualStakers` (r:1 w:1)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Storage: `Staking::Validators` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    /// Storage: `Staking::Payee` (r:0 w:1)
    /// Storage: `Staking::SpanSlash` (r:0 w:100)
    /// `s` was 0 to 100.
    fn withdraw_unbonded_kill(s: u32) -> Weight {
        Weight::from_parts(276_359_706, 0)
            // Standard error 42_848.
            .saturating_add(Weight::from_parts(3_873_381, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().writes(12))
            .saturating_add(D::get().writes(1_u64.saturating_mul(s.into())))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::MinValidatorBond` (r:1 w:0)
    /// Storage: `Staking::MinCommission` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:1 w:1)
    /// Storage: `Staking::MaxValidatorsCount` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:0)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:1 w:1)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    /// Storage: `Staking::CounterForValidators` (r:1 w:1)
    fn validate() -> Weight {
        Weight::from_parts(135_250_000, 0)
            .saturating_add(D::get().reads(12))
            .saturating_add(D::get().writes(5))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:128 w:128)
    /// `k` was 1 to 128.
    fn kick(k: u32) -> Weight {
        Weight::from_parts(61_868_226, 0)
            // Standard error 109_128.
            .saturating_add(Weight::from_parts(15_891_617, 0).saturating_mul(k.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(k.into())))
            .saturating_add(D::get().writes(1_u64.saturating_mul(k.into())))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::MinNominatorBond` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::MaxNominatorsCount` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:17 w:0)
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// `n` was 1 to 16.
    fn nominate(n: u32) -> Weight {
        Weight::from_parts(158_918_870, 0)
            // Standard error 286_740.
            .saturating_add(Weight::from_parts(7_529_119, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(13))
            .saturating_add(D::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(6))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    fn chill() -> Weight {
        Weight::from_parts(136_696_000, 0)
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(6))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Payee` (r:0 w:1)
    fn set_payee() -> Weight {
        Weight::from_parts(49_371_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Payee` (r:1 w:1)
    fn update_payee() -> Weight {
        Weight::from_parts(54_941_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::Ledger` (r:2 w:2)
    fn set_controller() -> Weight {
        Weight::from_parts(58_502_000, 0)
            .saturating_add(D::get().reads(3))
            .saturating_add(D::get().writes(3))
    }
    /// Storage: `Staking::ValidatorCount` (r:0 w:1)
    fn set_validator_count() -> Weight {
        Weight::from_parts(8_450_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::ForceEra` (r:0 w:1)
    fn force_no_eras() -> Weight {
        Weight::from_parts(23_289_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::ForceEra` (r:0 w:1)
    fn force_new_era() -> Weight {
        Weight::from_parts(25_169_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::ForceEra` (r:0 w:1)
    fn force_new_era_always() -> Weight {
        Weight::from_parts(21_587_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::Invulnerables` (r:0 w:1)
    /// `v` was 0 to 100.
    fn set_invulnerables(v: u32) -> Weight {
        Weight::from_parts(7_421_178, 0)
            // Standard error 3_791.
            .saturating_add(Weight::from_parts(23_669, 0).saturating_mul(v.into()))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::Ledger` (r:32 w:32)
    /// Storage: `Staking::Bonded` (r:16 w:16)
    /// Storage: `Staking::Payee` (r:16 w:0)
    /// `u` was 0 to 16.
    fn deprecate_controller_batch(u: u32) -> Weight {
        Weight::from_parts(24_834_921, 0)
            // Standard error 421_533.
            .saturating_add(Weight::from_parts(45_562_760, 0).saturating_mul(u.into()))
            .saturating_add(D::get().reads(4_u64.saturating_mul(u.into())))
            .saturating_add(D::get().writes(3_u64.saturating_mul(u.into())))
    }
    /// Storage: `Staking::SlashingSpans` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::VirtualStakers` (r:1 w:1)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Storage: `System::Account` (r:1 w:1)
    /// Storage: `Staking::Validators` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    /// Storage: `Staking::Payee` (r:0 w:1)
    /// Storage: `Staking::SpanSlash` (r:0 w:100)
    /// `s` was 0 to 100.
    fn force_unstake(s: u32) -> Weight {
        Weight::from_parts(207_309_804, 0)
            // Standard error 123_440.
            .saturating_add(Weight::from_parts(2_241_517, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().writes(13))
            .saturating_add(D::get().writes(1_u64.saturating_mul(s.into())))
    }
    /// Storage: `Staking::UnappliedSlashes` (r:1 w:1)
    /// `s` was 1 to 1000.
    fn cancel_deferred_slash(s: u32) -> Weight {
        Weight::from_parts(1_173_944_600, 0)
            // Standard error 349_446.
            .saturating_add(Weight::from_parts(5_978_062, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(1))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::Bonded` (r:257 w:0)
    /// Storage: `Staking::Ledger` (r:257 w:257)
    /// Storage: `Staking::ErasStakersClipped` (r:1 w:0)
    /// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
    /// Storage: `Staking::ClaimedRewards` (r:1 w:1)
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `Staking::ErasValidatorReward` (r:1 w:0)
    /// Storage: `System::Account` (r:257 w:257)
    /// Storage: `Staking::VirtualStakers` (r:257 w:0)
    /// Storage: `Balances::Holds` (r:257 w:257)
    /// Storage: `Staking::ErasStakersPaged` (r:1 w:0)
    /// Storage: `Staking::ErasRewardPoints` (r:1 w:0)
    /// Storage: `Staking::ErasValidatorPrefs` (r:1 w:0)
    /// Storage: `Staking::Payee` (r:257 w:0)
    /// `n` was 0 to 256.
    fn payout_stakers_alive_staked(n: u32) -> Weight {
        Weight::from_parts(4_260_202_774, 0)
            // Standard error 11_845_216.
            .saturating_add(Weight::from_parts(173_741_966, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(14))
            .saturating_add(D::get().reads(6_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(4))
            .saturating_add(D::get().writes(3_u64.saturating_mul(n.into())))
    }
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:3 w:3)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListBags` (r:2 w:2)
    /// `l` was 1 to 32.
    fn rebond(l: u32) -> Weight {
        Weight::from_parts(194_754_118, 0)
            // Standard error 313_828.
            .saturating_add(Weight::from_parts(971_848, 0).saturating_mul(l.into()))
            .saturating_add(D::get().reads(10))
            .saturating_add(D::get().writes(6))
    }
    /// Storage: `Staking::VirtualStakers` (r:1 w:1)
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::Ledger` (r:1 w:1)
    /// Storage: `Staking::SlashingSpans` (r:1 w:1)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Storage: `Staking::Validators` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    /// Storage: `Staking::Payee` (r:0 w:1)
    /// Storage: `Staking::SpanSlash` (r:0 w:100)
    /// `s` was 1 to 100.
    fn reap_stash(s: u32) -> Weight {
        Weight::from_parts(311_681_021, 0)
            // Standard error 65_112.
            .saturating_add(Weight::from_parts(3_996_099, 0).saturating_mul(s.into()))
            .saturating_add(D::get().reads(13))
            .saturating_add(D::get().writes(12))
            .saturating_add(D::get().writes(1_u64.saturating_mul(s.into())))
    }
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:0)
    /// Storage: `VoterList::ListBags` (r:200 w:0)
    /// Storage: `VoterList::ListNodes` (r:110 w:0)
    /// Storage: `Staking::Bonded` (r:110 w:0)
    /// Storage: `Staking::Ledger` (r:110 w:0)
    /// Storage: `Staking::Nominators` (r:110 w:0)
    /// Storage: `Staking::Validators` (r:11 w:0)
    /// Storage: `Staking::CounterForValidators` (r:1 w:0)
    /// Storage: `Staking::ValidatorCount` (r:1 w:0)
    /// Storage: `Staking::MinimumValidatorCount` (r:1 w:0)
    /// Storage: `Staking::CurrentEra` (r:1 w:1)
    /// Storage: `Staking::ErasValidatorPrefs` (r:0 w:10)
    /// Storage: `Staking::ErasStakersPaged` (r:0 w:10)
    /// Storage: `Staking::ErasStakersOverview` (r:0 w:10)
    /// Storage: `Staking::ErasTotalStake` (r:0 w:1)
    /// Storage: `Staking::ErasStartSessionIndex` (r:0 w:1)
    /// Storage: `Staking::MinimumActiveStake` (r:0 w:1)
    /// `v` was 1 to 10.
    /// `n` was 0 to 100.
    fn new_era(v: u32, n: u32) -> Weight {
        Weight::from_parts(1_602_044_000, 0)
            // Standard error 15_646_150.
            .saturating_add(Weight::from_parts(115_007_799, 0).saturating_mul(v.into()))
            // Standard error 1_561_892.
            .saturating_add(Weight::from_parts(44_492_701, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(206))
            .saturating_add(D::get().reads(5_u64.saturating_mul(v.into())))
            .saturating_add(D::get().reads(4_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(7))
            .saturating_add(D::get().writes(3_u64.saturating_mul(v.into())))
    }
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:0)
    /// Storage: `VoterList::ListBags` (r:200 w:0)
    /// Storage: `VoterList::ListNodes` (r:600 w:0)
    /// Storage: `Staking::Bonded` (r:600 w:0)
    /// Storage: `Staking::Ledger` (r:600 w:0)
    /// Storage: `Staking::Nominators` (r:600 w:0)
    /// Storage: `Staking::Validators` (r:100 w:0)
    /// Storage: `Staking::MinimumActiveStake` (r:0 w:1)
    /// `v` was 50 to 100.
    /// `n` was 250 to 500.
    fn get_npos_voters(v: u32, n: u32) -> Weight {
        Weight::from_parts(5_097_135_382, 0)
            // Standard error 35_398_028.
            .saturating_add(Weight::from_parts(2_389_768, 0).saturating_mul(v.into()))
            // Standard error 7_096_708.
            .saturating_add(Weight::from_parts(37_128_485, 0).saturating_mul(n.into()))
            .saturating_add(D::get().reads(201))
            .saturating_add(D::get().reads(5_u64.saturating_mul(v.into())))
            .saturating_add(D::get().reads(4_u64.saturating_mul(n.into())))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::CounterForValidators` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:101 w:0)
    /// `v` was 50 to 100.
    fn get_npos_targets(v: u32) -> Weight {
        Weight::from_parts(79_777_931, 0)
            // Standard error 397_877.
            .saturating_add(Weight::from_parts(7_986_246, 0).saturating_mul(v.into()))
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().reads(1_u64.saturating_mul(v.into())))
    }
    /// Storage: `Staking::MinCommission` (r:0 w:1)
    /// Storage: `Staking::MinValidatorBond` (r:0 w:1)
    /// Storage: `Staking::MaxValidatorsCount` (r:0 w:1)
    /// Storage: `Staking::MaxStakedRewards` (r:0 w:1)
    /// Storage: `Staking::ChillThreshold` (r:0 w:1)
    /// Storage: `Staking::MaxNominatorsCount` (r:0 w:1)
    /// Storage: `Staking::MinNominatorBond` (r:0 w:1)
    fn set_staking_configs_all_set() -> Weight {
        Weight::from_parts(10_996_000, 0).saturating_add(D::get().writes(7))
    }
    /// Storage: `Staking::MinCommission` (r:0 w:1)
    /// Storage: `Staking::MinValidatorBond` (r:0 w:1)
    /// Storage: `Staking::MaxValidatorsCount` (r:0 w:1)
    /// Storage: `Staking::MaxStakedRewards` (r:0 w:1)
    /// Storage: `Staking::ChillThreshold` (r:0 w:1)
    /// Storage: `Staking::MaxNominatorsCount` (r:0 w:1)
    /// Storage: `Staking::MinNominatorBond` (r:0 w:1)
    fn set_staking_configs_all_remove() -> Weight {
        Weight::from_parts(11_929_000, 0).saturating_add(D::get().writes(7))
    }
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Staking::Nominators` (r:1 w:1)
    /// Storage: `Staking::ChillThreshold` (r:1 w:0)
    /// Storage: `Staking::MaxNominatorsCount` (r:1 w:0)
    /// Storage: `Staking::CounterForNominators` (r:1 w:1)
    /// Storage: `Staking::MinNominatorBond` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:1 w:0)
    /// Storage: `VoterList::Lock` (r:1 w:0)
    /// Storage: `VoterList::ListNodes` (r:2 w:2)
    /// Storage: `VoterList::ListBags` (r:1 w:1)
    /// Storage: `VoterList::CounterForListNodes` (r:1 w:1)
    fn chill_other() -> Weight {
        Weight::from_parts(129_065_000, 0)
            .saturating_add(D::get().reads(13))
            .saturating_add(D::get().writes(6))
    }
    /// Storage: `Staking::MinCommission` (r:1 w:0)
    /// Storage: `Staking::Validators` (r:1 w:1)
    fn force_apply_min_commission() -> Weight {
        Weight::from_parts(20_168_000, 0)
            .saturating_add(D::get().reads(2))
            .saturating_add(D::get().writes(1))
    }
    /// Storage: `Staking::MinCommission` (r:0 w:1)
    fn set_min_commission() -> Weight {
        Weight::from_parts(6_198_000, 0).saturating_add(D::get().writes(1))
    }
    /// Storage: `System::Account` (r:1 w:0)
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:1)
    /// Storage: `Staking::Ledger` (r:1 w:1)
    fn restore_ledger() -> Weight {
        Weight::from_parts(71_174_000, 0)
            .saturating_add(D::get().reads(5))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Staking::VirtualStakers` (r:1 w:0)
    /// Storage: `Balances::Locks` (r:1 w:1)
    /// Storage: `Balances::Freezes` (r:1 w:0)
    /// Storage: `Staking::Bonded` (r:1 w:0)
    /// Storage: `Staking::Ledger` (r:1 w:0)
    /// Storage: `Balances::Holds` (r:1 w:1)
    fn migrate_currency() -> Weight {
        Weight::from_parts(142_297_000, 0)
            .saturating_add(D::get().reads(6))
            .saturating_add(D::get().writes(2))
    }
    /// Storage: `Staking::CurrentEra` (r:1 w:0)
    /// Storage: `Staking::ErasStartSessionIndex` (r:1 w:0)
    /// Storage: `Staking::SlashRewardFraction` (r:1 w:0)
    /// Storage: `Staking::ActiveEra` (r:1 w:0)
    /// Storage: `Staking::Invulnerables` (r:1 w:0)
    /// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
    /// Storage: `Staking::ErasStakersPaged` (r:1 w:0)
    /// Storage: `Session::DisabledValidators` (r:1 w:0)
    /// Storage: `Session::Validators` (r:1 w:0)
    /// Storage: `Staking::ValidatorSlashInEra` (r:1 w:1)
    /// Storage: `Staking::SlashingSpans` (r:257 w:257)
    /// Storage: `Staking::SpanSlash` (r:257 w:257)
    /// Storage: `Staking::NominatorSlashInEra` (r:256 w:256)
    /// Storage: `Staking::UnappliedSlashes` (r:1 w:1)
    fn manual_slash() -> Weight {
        Weight::from_parts(5_366_688_000, 0)
            .saturating_add(D::get().reads(781))
            .saturating_add(D::get().writes(772))
    }
}
