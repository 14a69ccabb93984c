//! The council: token holders elect it, and it appoints the technical committee.

use caisson_primitives::currency::UNIT;
use caisson_runtime::{configs::CouncilInstance, Runtime, RuntimeCall};
use frame_support::assert_ok;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Dave, Ferdie};

use crate::{
    chain::Chain,
    emergency::{instance, motion},
};

fn members(chain: &mut Chain) -> Vec<caisson_primitives::AccountId> {
    chain.query(pallet_collective::Members::<Runtime, CouncilInstance>::get)
}

#[test]
fn candidate_should_sit_in_the_council_when_token_holders_vote_for_it() {
    let mut chain = Chain::from_preset("local_testnet");
    let ferdie = Ferdie.to_account_id();
    assert_eq!(members(&mut chain).len(), 3);
    assert!(!members(&mut chain).contains(&ferdie));

    let candidacy = pallet_elections_phragmen::Call::submit_candidacy { candidate_count: 0 };
    assert_ok!(chain.transact(Ferdie, RuntimeCall::CouncilElections(candidacy)));
    let vote = pallet_elections_phragmen::Call::vote {
        votes: vec![ferdie.clone()],
        value: 1_000_000 * UNIT,
    };
    // Not one of the members: their votes are for themselves.
    assert_ok!(chain.transact(Dave, RuntimeCall::CouncilElections(vote)));

    // A week at the pace of a local network.
    chain.next_blocks(7 * 30 + 1);
    assert!(members(&mut chain).contains(&ferdie));
    assert_eq!(members(&mut chain).len(), 4);
}

#[test]
fn council_should_appoint_a_member_of_the_technical_committee() {
    let mut chain = Chain::from_preset("local_testnet");
    let add = pallet_membership::Call::add_member {
        who: Ferdie.to_account_id().into(),
    };
    let result = motion!(
        &mut chain,
        Council,
        [Alice, Bob],
        RuntimeCall::TechnicalMembership(add)
    );
    assert_eq!(result, Ok(()));
    let committee =
        chain.query(pallet_collective::Members::<Runtime, instance::TechnicalCommittee>::get);
    assert!(committee.contains(&Ferdie.to_account_id()));
}
