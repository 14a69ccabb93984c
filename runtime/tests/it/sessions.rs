//! Sessions rotate, eras change, and elections seat whom the stake backs.

use caisson_primitives::{
    currency::UNIT,
    time::{SESSIONS_PER_ERA, SESSION_SLOTS},
    AccountId, StakeSource,
};
use caisson_runtime::{
    configs::{ActiveEraStake, SessionKeys},
    Runtime, RuntimeCall, RuntimeEvent, Session, Staking,
};
use codec::{Decode, Encode};
use frame_support::{assert_ok, traits::fungible::InspectHold};
use sp_keyring::Sr25519Keyring::{self, AliceStash, Eve, Ferdie};
use sp_runtime::Perbill;

use crate::chain::{error, Chain};

/// New session keys and the proof that `owner` may use them, made by the runtime as
/// `author_rotateKeysWithOwner` makes them.
fn generate_keys(chain: &mut Chain, owner: &AccountId) -> (SessionKeys, Vec<u8>) {
    let input = (owner.encode(), None::<Vec<u8>>).encode();
    let output = chain.api("SessionKeys_generate_session_keys", &input);
    let keys = sp_session::OpaqueGeneratedSessionKeys::decode(&mut &output[..]).expect("decodes");
    (
        SessionKeys::decode(&mut &keys.keys[..]).expect("decodes"),
        keys.proof,
    )
}

/// The calls by which an account becomes a validator.
fn become_validator(chain: &mut Chain, candidate: Sr25519Keyring, stake: u128) {
    let account = candidate.to_account_id();
    let (keys, proof) = generate_keys(chain, &account);
    let bond = pallet_staking::Call::bond {
        value: stake,
        payee: pallet_staking::RewardDestination::Staked,
    };
    let validate = pallet_staking::Call::validate {
        prefs: pallet_staking::ValidatorPrefs {
            commission: Perbill::from_percent(5),
            blocked: false,
        },
    };
    assert_ok!(chain.transact(candidate, RuntimeCall::Staking(bond)));
    assert_ok!(chain.transact(
        candidate,
        RuntimeCall::Session(pallet_session::Call::set_keys { keys, proof }),
    ));
    assert_ok!(chain.transact(candidate, RuntimeCall::Staking(validate)));
}

#[test]
fn session_should_rotate_every_twenty_minutes_of_slots() {
    assert_eq!(SESSION_SLOTS, 1_200);
    let mut chain = Chain::from_preset("local_testnet");
    for session in 1..4 {
        chain.next_session();
        chain.query(|| assert_eq!(Session::current_index(), session));
        chain.next_blocks(3);
        chain.query(|| assert_eq!(Session::current_index(), session));
    }
}

#[test]
fn session_should_rotate_after_whole_epochs_without_blocks() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.skip_slots(10 * u64::from(SESSION_SLOTS));
    chain.next_blocks(3);
    chain.next_session();
    chain.next_blocks(3);
}

#[test]
fn election_should_seat_a_new_validator_that_nominators_back() {
    let mut chain = Chain::from_preset("local_testnet");
    become_validator(&mut chain, Eve, 50_000 * UNIT);
    let nominate = |chain: &mut Chain| {
        let bond = pallet_staking::Call::bond {
            value: 500_000 * UNIT,
            payee: pallet_staking::RewardDestination::Stash,
        };
        assert_ok!(chain.transact(Ferdie, RuntimeCall::Staking(bond)));
        let targets = vec![Eve.to_account_id().into()];
        let nominate = pallet_staking::Call::nominate { targets };
        assert_ok!(chain.transact(Ferdie, RuntimeCall::Staking(nominate)));
    };
    nominate(&mut chain);

    let eve = Eve.to_account_id();
    let validates = |eve: &AccountId| pallet_session::Validators::<Runtime>::get().contains(eve);
    assert!(!chain.query(|| validates(&eve)));
    let first_era = chain.query(active_era);
    for _ in 0..=SESSIONS_PER_ERA + 2 {
        chain.next_session();
    }
    chain.next_blocks(4);
    chain.query(|| {
        assert!(active_era() > first_era, "the era must have changed");
        // Four seats: Eve has 550,000 behind her, the others 100,000 each, so one of them is out.
        assert!(validates(&eve));
        assert_eq!(pallet_session::Validators::<Runtime>::get().len(), 4);
        assert_eq!(ActiveEraStake::active_stake(&eve), 550_000 * UNIT);
        let stakes = ActiveEraStake::active_stakes();
        assert_eq!(
            stakes.iter().map(|(_, stake)| stake).sum::<u128>(),
            850_000 * UNIT
        );
        // GRANDPA and BABE follow: their authorities are the session's.
        assert_eq!(caisson_runtime::Grandpa::grandpa_authorities().len(), 4);
        assert_eq!(caisson_runtime::Babe::authorities().len(), 4);
        assert_eq!(
            caisson_runtime::AuthorityDiscovery::current_authorities().len(),
            4
        );
    });
}

fn active_era() -> u32 {
    pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index)
}

#[test]
fn era_should_pay_validators_for_their_blocks() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.next_blocks(8);
    let era = chain.query(active_era);
    for _ in 0..=SESSIONS_PER_ERA + 1 {
        chain.next_session();
    }
    let stash = AliceStash.to_account_id();
    let ledger = |chain: &mut Chain| {
        chain.query(|| {
            Staking::ledger(AliceStash.to_account_id().into())
                .expect("bonds")
                .total
        })
    };
    let before = (chain.free(&stash), ledger(&mut chain));
    let payout = pallet_staking::Call::payout_stakers {
        validator_stash: stash.clone(),
        era,
    };
    assert_ok!(chain.transact(Eve, RuntimeCall::Staking(payout)));
    assert!(chain.events().iter().any(|event| matches!(
        event,
        RuntimeEvent::Staking(pallet_staking::Event::Rewarded { amount, .. }) if *amount > 0
    )));
    let after = (chain.free(&stash), ledger(&mut chain));
    assert!(after > before, "{before:?} -> {after:?}");
}

#[test]
fn set_keys_should_fail_without_proof_of_ownership() {
    let mut chain = Chain::from_preset("local_testnet");
    let (keys, proof) = generate_keys(&mut chain, &Eve.to_account_id());
    let stolen = pallet_session::Call::set_keys {
        keys: keys.clone(),
        proof: proof.clone(),
    };
    // Ferdie shows keys whose proof names Eve.
    assert_eq!(
        chain.transact(Ferdie, RuntimeCall::Session(stolen)),
        error(pallet_session::Error::<Runtime>::InvalidProof),
    );
    let unproved = pallet_session::Call::set_keys {
        keys: keys.clone(),
        proof: Vec::new(),
    };
    assert_eq!(
        chain.transact(Eve, RuntimeCall::Session(unproved)),
        error(pallet_session::Error::<Runtime>::InvalidProof),
    );
    let own = pallet_session::Call::set_keys { keys, proof };
    assert_ok!(chain.transact(Eve, RuntimeCall::Session(own)));
}

#[test]
fn set_keys_should_hold_a_deposit_until_the_keys_are_purged() {
    let mut chain = Chain::from_preset("local_testnet");
    let eve = Eve.to_account_id();
    let held = |chain: &mut Chain| {
        let eve = eve.clone();
        chain.query(move || caisson_runtime::Balances::total_balance_on_hold(&eve))
    };
    let (keys, proof) = generate_keys(&mut chain, &eve);
    assert_eq!(held(&mut chain), 0);
    let set = pallet_session::Call::set_keys { keys, proof };
    assert_ok!(chain.transact(Eve, RuntimeCall::Session(set)));
    assert!(held(&mut chain) >= UNIT / 50, "keys must cost a deposit");
    assert_ok!(chain.transact(
        Eve,
        RuntimeCall::Session(pallet_session::Call::purge_keys {})
    ));
    assert_eq!(held(&mut chain), 0);
}
