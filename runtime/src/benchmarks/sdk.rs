//! What the benchmarks of SDK pallets assume of a runtime and this one does otherwise.

use caisson_primitives::{currency::UNIT, AccountId};
use frame_election_provider_support::{ScoreProvider, VoteWeight};
use frame_support::traits::fungible::Mutate;
use sp_staking::currency_to_vote::CurrencyToVote;

use crate::{configs::StakeToVotes, Balances, Staking};

/// The scores of voters. The benchmarks set them as the list counts them, and staking takes them for stake.
pub struct VoterScores;

impl ScoreProvider<AccountId> for VoterScores {
    type Score = VoteWeight;

    fn score(who: &AccountId) -> Option<VoteWeight> {
        <Staking as ScoreProvider<AccountId>>::score(who)
    }

    fn set_score_of(who: &AccountId, votes: VoteWeight) {
        let stake = StakeToVotes::to_currency(votes.into(), 0);
        let stake = stake.try_into().expect("the benchmarks' bags are low ones");
        <Staking as ScoreProvider<AccountId>>::set_score_of(who, stake);
    }
}

/// Beneficiaries that exist: what the benchmarks spend is too little to make an account.
pub struct LivingBeneficiaries;

impl pallet_treasury::ArgumentsFactory<(), AccountId> for LivingBeneficiaries {
    fn create_asset_kind(_seed: u32) {}

    fn create_beneficiary(seed: [u8; 32]) -> AccountId {
        let beneficiary = AccountId::new(seed);
        Balances::mint_into(&beneficiary, UNIT).expect("the issuance has room");
        beneficiary
    }
}
