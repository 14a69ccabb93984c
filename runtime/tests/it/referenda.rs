//! Token holders decide: referenda from submission to effect.

use caisson_primitives::{currency::UNIT, Hash, Hashing};
use caisson_runtime::{
    governance::{origins::Origin, Track},
    OriginCaller, Runtime, RuntimeCall, RuntimeEvent, SafeMode,
};
use codec::Encode;
use frame_support::{
    assert_ok,
    traits::{schedule::DispatchTime, Bounded},
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::{ReferendumIndex, ReferendumInfo};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::traits::Hash as _;

use crate::{
    chain::{error, Chain},
    emergency::{instance, motion},
};

/// Submits a referendum on `call` with that origin and places its decision deposit.
pub fn submit(
    chain: &mut Chain,
    origin: impl Into<OriginCaller>,
    call: RuntimeCall,
) -> ReferendumIndex {
    let bytes = call.encode();
    let hash = Hashing::hash(&bytes);
    let length = bytes.len() as u32;
    let note = pallet_preimage::Call::note_preimage { bytes };
    assert_ok!(chain.transact(Alice, RuntimeCall::Preimage(note)));
    let index = chain.query(pallet_referenda::ReferendumCount::<Runtime>::get);
    let submit = pallet_referenda::Call::submit {
        proposal_origin: Box::new(origin.into()),
        proposal: Bounded::Lookup { hash, len: length },
        enactment_moment: DispatchTime::After(0),
    };
    assert_ok!(chain.transact(Alice, RuntimeCall::Referenda(submit)));
    let deposit = pallet_referenda::Call::place_decision_deposit { index };
    assert_ok!(chain.transact(Alice, RuntimeCall::Referenda(deposit)));
    index
}

/// Votes with nine million tokens.
pub fn vote(chain: &mut Chain, voter: Sr25519Keyring, index: ReferendumIndex, aye: bool) {
    let vote = pallet_conviction_voting::Call::vote {
        poll_index: index,
        vote: AccountVote::Standard {
            vote: Vote {
                aye,
                conviction: Conviction::Locked1x,
            },
            balance: 9_000_000 * UNIT,
        },
    };
    assert_ok!(chain.transact(voter, RuntimeCall::ConvictionVoting(vote)));
}

/// Makes blocks until the referendum is over; returns whether it was approved.
pub fn conclude(chain: &mut Chain, index: ReferendumIndex) -> bool {
    let over = move || {
        !matches!(
            pallet_referenda::ReferendumInfoFor::<Runtime>::get(index),
            Some(ReferendumInfo::Ongoing(..))
        )
    };
    chain.next_blocks_until(600, "the referendum is over", over);
    chain.query(|| {
        matches!(
            pallet_referenda::ReferendumInfoFor::<Runtime>::get(index),
            Some(ReferendumInfo::Approved(..))
        )
    })
}

#[test]
fn referendum_should_lift_safe_mode_that_guardians_can_not() {
    let mut chain = Chain::from_preset("local_testnet");
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
    assert_eq!(
        motion!(&mut chain, TechnicalCommittee, [Charlie, Dave], enter),
        Ok(())
    );
    assert!(chain.query(SafeMode::is_entered));

    let exit = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {});
    let index = submit(&mut chain, Origin::RiskAdmin, exit);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    chain.next_blocks_until(100, "safe mode is left", || !SafeMode::is_entered());
}

#[test]
fn referendum_should_fail_when_the_majority_says_nay() {
    let mut chain = Chain::from_preset("local_testnet");
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
    let index = submit(&mut chain, frame_system::RawOrigin::Root, enter);
    vote(&mut chain, Alice, index, true);
    for voter in [Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, false);
    }
    assert!(!conclude(&mut chain, index));
    chain.next_blocks(40);
    assert!(!chain.query(SafeMode::is_entered));
}

#[test]
fn track_origin_should_not_exceed_its_power() {
    let mut chain = Chain::from_preset("local_testnet");
    // The risk admin may leave safe mode, and is no root: it can't force a balance.
    let force = RuntimeCall::Balances(pallet_balances::Call::force_set_balance {
        who: Ferdie.to_account_id().into(),
        new_free: 1_000 * UNIT,
    });
    let before = chain.free(&Ferdie.to_account_id());
    let index = submit(&mut chain, Origin::RiskAdmin, force);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    let mut refused = false;
    for _ in 0..60 {
        chain.next_block();
        refused |= chain.events().iter().any(|event| {
            matches!(
                event,
                RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result, .. })
                    if *result == Err(sp_runtime::DispatchError::BadOrigin)
            )
        });
    }
    assert!(refused, "the call must have been dispatched and refused");
    assert_eq!(chain.free(&Ferdie.to_account_id()), before);
}

#[test]
fn whitelisted_call_should_pass_faster_than_a_root_referendum() {
    let mut chain = Chain::from_preset("local_testnet");
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
    let call_hash: Hash = Hashing::hash_of(&enter);

    let dispatch = RuntimeCall::Whitelist(
        pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
            call: Box::new(enter.clone()),
        },
    );
    let whitelist = RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call { call_hash });
    assert_eq!(
        motion!(&mut chain, TechnicalCommittee, [Charlie, Eve], whitelist),
        Ok(())
    );
    assert!(chain.query(|| pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(call_hash)));

    let start = chain.number();
    let index = submit(&mut chain, Origin::WhitelistedCaller, dispatch);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    chain.next_blocks_until(30, "safe mode is entered", SafeMode::is_entered);
    let taken = chain.number() - start;

    let root = chain.query(|| {
        use pallet_referenda::TracksInfo;
        let info = caisson_runtime::governance::Tracks::info(Track::Root as u16).expect("exists");
        info.prepare_period + info.confirm_period + info.min_enactment_period
    });
    assert!(
        taken < root,
        "{taken} blocks, where a root referendum needs {root} at least"
    );
}

#[test]
fn call_should_not_pass_the_fast_track_without_being_whitelisted() {
    let mut chain = Chain::from_preset("local_testnet");
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
    let dispatch = RuntimeCall::Whitelist(
        pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
            call: Box::new(enter),
        },
    );
    let index = submit(&mut chain, Origin::WhitelistedCaller, dispatch);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    chain.next_blocks(40);
    assert!(!chain.query(SafeMode::is_entered));
}

#[test]
fn treasurer_referendum_should_pay_from_the_treasury() {
    let mut chain = Chain::from_preset("local_testnet");
    let spend = RuntimeCall::Treasury(pallet_treasury::Call::spend {
        asset_kind: Box::new(()),
        amount: 5_000 * UNIT,
        beneficiary: Box::new(Ferdie.to_account_id()),
        valid_from: None,
    });
    let index = submit(&mut chain, Origin::Treasurer, spend);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    chain.next_blocks_until(100, "the spend is approved", || {
        pallet_treasury::Spends::<Runtime>::get(0).is_some()
    });
    let before = chain.free(&Ferdie.to_account_id());
    let payout = RuntimeCall::Treasury(pallet_treasury::Call::payout { index: 0 });
    assert_ok!(chain.transact(Bob, payout));
    assert_eq!(chain.free(&Ferdie.to_account_id()), before + 5_000 * UNIT);
}

#[test]
fn submission_should_fail_for_an_origin_without_a_track() {
    let mut chain = Chain::from_preset("local_testnet");
    let submit = pallet_referenda::Call::submit {
        proposal_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(
            Alice.to_account_id(),
        ))),
        proposal: Bounded::Inline(vec![0, 0].try_into().expect("short")),
        enactment_moment: DispatchTime::After(0),
    };
    assert_eq!(
        chain.transact(Bob, RuntimeCall::Referenda(submit)),
        error(pallet_referenda::Error::<Runtime>::NoTrack),
    );
    assert_eq!(
        chain.query(pallet_referenda::ReferendumCount::<Runtime>::get),
        0
    );
}
