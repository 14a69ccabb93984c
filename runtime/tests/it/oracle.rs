//! The oracle in the real runtime: prices from signed reports, rewards, and slashes by the staking system.

use caisson_primitives::{
    currency::UNIT,
    oracle::{
        api::{FeedView, Participation},
        Act, FeedStatus, Price, PriceUnavailable, KEY_TYPE,
    },
    AccountId, Balance,
};
use caisson_runtime::{
    configs::{OraclePot, SafeModeOnFailedMigration},
    Balances, Historical, Oracle, Runtime, RuntimeCall, RuntimeEvent,
};
use codec::{Decode, Encode};
use frame_support::{
    assert_ok,
    migrations::FailedMigrationHandler,
    traits::{fungible::Mutate, KeyOwnerProofSystem},
};
use pallet_price_oracle::types::{EquivocationProof, Misconduct};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring::Ferdie;
use sp_runtime::Perbill;

use crate::chain::{error, Chain};

pub use crate::chain::{
    reports::*,
    trading::{BTC, ONE},
};

/// The validators of the presets.
pub const VALIDATORS: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];

pub fn feeds(chain: &mut Chain) -> Vec<FeedView> {
    let answer = chain.api("OracleApi_feeds", &[]);
    Decode::decode(&mut &answer[..]).expect("decodes")
}

fn price_for(chain: &mut Chain, act: Act) -> Result<Price, PriceUnavailable> {
    let answer = chain.api("OracleApi_price_for", &(BTC, act).encode());
    Decode::decode(&mut &answer[..]).expect("decodes")
}

fn participation(chain: &mut Chain) -> Vec<Participation<AccountId, Balance>> {
    let answer = chain.api("OracleApi_participation", &[]);
    Decode::decode(&mut &answer[..]).expect("decodes")
}

fn oracle_events(chain: &mut Chain) -> Vec<pallet_price_oracle::Event<Runtime>> {
    chain
        .events()
        .into_iter()
        .filter_map(|event| match event {
            RuntimeEvent::Oracle(event) => Some(event),
            _ => None,
        })
        .collect()
}

#[test]
fn validators_should_make_a_price_that_clients_can_read() {
    let mut chain = Chain::from_preset("local_testnet");
    let empty = feeds(&mut chain);
    assert_eq!(empty.len(), 2);
    assert_eq!(empty[0].symbol, b"BTC/USD");
    assert_eq!((empty[0].status, empty[0].price), (FeedStatus::Down, None));
    assert_eq!(
        price_for(&mut chain, Act::OpenRisk),
        Err(PriceUnavailable::NoPriceYet)
    );

    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    let feeds = feeds(&mut chain);
    assert_eq!(feeds[0].price, Some(60_000 * ONE));
    assert_eq!(feeds[1].price, Some(3_000 * ONE));
    assert_eq!(feeds[0].status, FeedStatus::Live);
    assert_eq!(
        feeds[0].age_ms, 2_000,
        "observed on one block, in the next, priced in the one after"
    );
    let price = price_for(&mut chain, Act::OpenRisk).expect("it is live");
    assert_eq!((price.price, price.confidence), (60_000 * ONE, 6 * ONE));

    for one in participation(&mut chain) {
        assert_eq!(
            (one.weight_ppm, one.fresh, one.accurate, one.outliers),
            (250_000, 2, 2, 0)
        );
    }
}

#[test]
fn prices_should_survive_the_rotation_of_sessions() {
    let mut chain = Chain::from_preset("local_testnet");
    for session in 1..4u128 {
        block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE + session * ONE);
        chain.next_block();
        assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
        chain.next_session();
        assert_eq!(
            feeds(&mut chain)[0].price,
            Some(60_000 * ONE + session * ONE)
        );
        assert_eq!(participation(&mut chain).len(), 4);
    }
}

#[test]
fn prices_should_be_down_after_an_outage_and_live_two_blocks_later() {
    let mut chain = Chain::from_preset("local_testnet");
    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    chain.skip_slots(600);
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Down);
    assert_eq!(
        price_for(&mut chain, Act::LiquidateLong),
        Err(PriceUnavailable::NotFor(FeedStatus::Down))
    );
    block_of_reports(&mut chain, &VALIDATORS, 61_000 * ONE);
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
}

#[test]
fn liar_should_move_nothing_and_be_slashed_by_the_staking_system() {
    let mut chain = Chain::from_preset("local_testnet");
    let mut found = false;
    for block in 0..60u128 {
        let honest = (60_000 + block * 10) * ONE;
        let mut reports: Vec<_> = VALIDATORS[..3]
            .iter()
            .map(|validator| {
                signed_report(&mut chain, validator, &[(BTC, honest), (ETH, honest / 20)])
            })
            .collect();
        let lie = honest * 3 / 2;
        reports.push(signed_report(
            &mut chain,
            "Dave",
            &[(BTC, lie), (ETH, lie / 20)],
        ));
        chain.next_block_with(reports);
        chain.next_block();
        assert_eq!(feeds(&mut chain)[0].price, Some(honest));
        found |= oracle_events(&mut chain).iter().any(|event| {
            matches!(event, pallet_price_oracle::Event::OffenceFound { validator, kind: Misconduct::Deviation, .. }
                if *validator == stash("Dave"))
        });
        if found {
            break;
        }
    }
    assert!(found, "the offence must be found");
    // The next block by another author hands it over.
    let slashed = |chain: &mut Chain| {
        chain.next_block();
        chain.events().into_iter().any(|event| {
            matches!(event, RuntimeEvent::Staking(pallet_staking::Event::SlashReported { validator, fraction, .. })
                if validator == stash("Dave") && fraction == Perbill::from_percent(1))
        })
    };
    assert!(slashed(&mut chain) || slashed(&mut chain));
    let unapplied = chain.query(|| {
        pallet_staking::UnappliedSlashes::<Runtime>::iter()
            .flat_map(|(_, slashes)| slashes)
            .map(|slash| (slash.validator, slash.own))
            .collect::<Vec<_>>()
    });
    assert_eq!(unapplied, [(stash("Dave"), 1_000 * UNIT)]);
    let others_outliers = participation(&mut chain)
        .into_iter()
        .filter(|one| one.validator != stash("Dave"))
        .map(|one| one.outliers)
        .sum::<u32>();
    assert_eq!(others_outliers, 0);
}

#[test]
fn equivocation_should_be_slashed_when_anyone_proves_it() {
    let mut chain = Chain::from_preset("local_testnet");
    let first = report(&mut chain, "Bob", &[(BTC, 60_000 * ONE)]);
    let second = report(&mut chain, "Bob", &[(BTC, 90_000 * ONE)]);
    let proof = EquivocationProof {
        key: key("Bob").public(),
        first_signature: signature(&mut chain, "Bob", &first),
        second_signature: signature(&mut chain, "Bob", &second),
        first,
        second,
    };
    let key_owner_proof = chain
        .query(|| Historical::prove((KEY_TYPE, key("Bob").public())))
        .expect("a validator's key");
    let encoded = chain.api(
        "OracleApi_key_ownership_proof",
        &key("Bob").public().encode(),
    );
    let from_api = Option::<Vec<u8>>::decode(&mut &encoded[..]).expect("decodes");
    assert_eq!(from_api, Some(key_owner_proof.encode()));
    // Sessions later it is still a proof.
    chain.next_session();
    chain.next_session();
    let call = RuntimeCall::Oracle(pallet_price_oracle::Call::report_equivocation {
        proof: Box::new(proof),
        key_owner_proof,
    });
    let before = chain.free(&Ferdie.to_account_id());
    assert_ok!(chain.transact(Ferdie, call.clone()));
    assert_eq!(
        chain.free(&Ferdie.to_account_id()),
        before,
        "telling the truth is free"
    );
    let found = oracle_events(&mut chain).into_iter().any(|event| {
        matches!(event, pallet_price_oracle::Event::OffenceFound { validator, kind: Misconduct::Equivocation, .. }
            if validator == stash("Bob"))
    });
    assert!(found);
    // The next block by another author hands it over: a block whose author it disables would not be valid.
    let slashed = |chain: &mut Chain| {
        chain.events().into_iter().any(|event| {
            matches!(event, RuntimeEvent::Staking(pallet_staking::Event::SlashReported { validator, fraction, .. })
                if validator == stash("Bob") && fraction == Perbill::from_percent(2))
        })
    };
    chain.next_block();
    if !slashed(&mut chain) {
        chain.next_block();
        assert!(slashed(&mut chain));
    }
    let again = chain.transact(Ferdie, call);
    assert_eq!(
        again,
        error(pallet_price_oracle::Error::<Runtime>::EquivocationIsKnown)
    );
}

#[test]
fn reporters_should_be_paid_from_the_pot_at_the_end_of_a_session() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.query(|| {
        assert_ok!(Balances::mint_into(&OraclePot::get(), 1_000 * UNIT));
    });
    // The fourth says nothing.
    for block in 0..10u128 {
        block_of_reports(&mut chain, &VALIDATORS[..3], (60_000 + block * 10) * ONE);
    }
    chain.next_block();
    let preview = participation(&mut chain);
    let before: Vec<_> = VALIDATORS.map(|one| chain.free(&stash(one))).to_vec();
    chain.next_session();
    let rewards: Vec<_> = VALIDATORS
        .iter()
        .zip(before)
        .map(|(one, before)| chain.free(&stash(one)) - before)
        .collect();
    // Nine tenths of the pot by three; the author of the block may have earned a fee share besides.
    for reward in &rewards[..3] {
        assert!(*reward > 300 * UNIT && *reward < 301 * UNIT, "{rewards:?}");
    }
    assert_eq!(rewards[3], 0);
    let of_alice = preview
        .iter()
        .find(|one| one.validator == stash("Alice"))
        .expect("a reporter");
    assert_eq!(of_alice.reward, rewards[0]);
}

#[test]
fn reports_should_enter_while_safe_mode_is_on() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.query(|| SafeModeOnFailedMigration::failed(None));
    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
}

#[test]
fn view_functions_should_answer_as_the_runtime_api() {
    let mut chain = Chain::from_preset("local_testnet");
    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    chain.query(|| {
        assert_eq!(
            Oracle::price(BTC, Act::Withdraw).map(|price| price.price),
            Ok(60_000 * ONE)
        );
        assert_eq!(Oracle::feed_status(BTC), FeedStatus::Live);
        assert_eq!(Oracle::average_price(BTC, 1), None);
        assert_eq!(Oracle::volatility(BTC, 60_000), None);
    });
    chain.next_blocks(5);
    chain.query(|| assert_eq!(Oracle::average_price(BTC, 5_000), Some(60_000 * ONE)));
}
