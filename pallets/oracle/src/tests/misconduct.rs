//! SPEC 7, 8: outliers, silence and equivocation.

use alloc::boxed::Box;
use caisson_primitives::oracle::KEY_TYPE;
use frame_support::{assert_noop, assert_ok, dispatch::Pays, traits::KeyOwnerProofSystem};
use sp_core::Pair;
use sp_runtime::Perbill;

use super::common::*;
use crate::{
    mock::*,
    offences::{Deviation, Equivocation, OffenceKind, Silence},
    types::{EquivocationProof, Misconduct},
    Error, Event, Performances, SilentSessions,
};

#[test]
fn liar_should_be_recorded_and_slashed_once_in_a_session() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        let mut outliers = 0;
        for block in 0..40u128 {
            for validator in 1..=3 {
                submit(validator, &[(feed, (100 + block) * ONE)]);
            }
            submit(4, &[(feed, (100 + block) * ONE * 3 / 2)]);
            next_block();
            assert_eq!(
                price(feed),
                Some((100 + block) * ONE),
                "the lie moves nothing"
            );
            outliers += events()
                .iter()
                .filter(|event| matches!(event, Event::Outlier { validator: 4, .. }))
                .count();
        }
        assert_eq!(outliers, 10, "one in a grace period and the block after");
        assert_eq!(
            world(|world| world.offences.clone()),
            [(Deviation::ID, 4, Perbill::from_percent(1))]
        );
        let performances = Performances::<Test>::get();
        assert!(performances[3].reported && performances[3].accurate == 0);
        for honest in &performances[..3] {
            assert_eq!(honest.outliers, 0);
            assert_eq!(honest.accurate, 40);
        }
    });
}

#[test]
fn honest_validators_should_not_be_outliers_when_the_market_jumps() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        (1..=4).for_each(|v| submit(v, &[(feed, 100 * ONE)]));
        next_block();
        // They see the move one after the other, a block apart.
        for first in 1..=4 {
            (1..=first).for_each(|v| submit(v, &[(feed, 60 * ONE)]));
            (first + 1..=4).for_each(|v| submit(v, &[(feed, 100 * ONE)]));
            next_block();
        }
        for _ in 0..6 {
            (1..=4).for_each(|v| submit(v, &[(feed, 60 * ONE)]));
            next_block();
        }
        assert_eq!(price(feed), Some(60 * ONE));
        assert!(Performances::<Test>::get()
            .iter()
            .all(|one| one.outliers == 0));
        assert!(world(|world| world.offences.is_empty()));
    });
}

#[test]
fn silence_should_be_free_once_and_cost_more_in_each_session_after() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        let stakes = world(|world| world.stakes.clone());
        let session = |silent: bool| {
            for block in 0..70u128 {
                let reporting = if silent { 1..=3 } else { 1..=4 };
                reporting.for_each(|v| submit(v, &[(feed, (100 + block) * ONE)]));
                next_block();
            }
            next_session(&stakes);
            next_block();
            next_block();
        };
        session(true);
        assert_eq!(SilentSessions::<Test>::get(4), 1);
        assert!(
            world(|world| world.offences.is_empty()),
            "the first costs nothing"
        );
        session(true);
        session(true);
        let percent = |n| (Silence::ID, 4, Perbill::from_percent(n));
        assert_eq!(
            world(|world| world.offences.clone()),
            [percent(1), percent(2)]
        );
        session(false);
        assert_eq!(SilentSessions::<Test>::get(4), 0, "forgiven");
        session(true);
        assert_eq!(world(|world| world.offences.len()), 2);
    });
}

#[test]
fn nobody_should_pay_for_silence_when_nearly_all_are_silent() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        let stakes = world(|world| world.stakes.clone());
        for _ in 0..3 {
            for block in 0..70u128 {
                submit(1, &[(feed, (100 + block) * ONE)]);
                next_block();
            }
            next_session(&stakes);
            next_block();
        }
        assert!(world(|world| world.offences.is_empty()));
        assert_eq!(SilentSessions::<Test>::get(4), 0);
    });
}

#[test]
fn silence_of_all_should_be_expected_of_all() {
    chain(&[10, 10], || {
        register("BTC/USD", parameters());
        (0..26).for_each(|_| next_block());
        // Every heartbeat of five seconds a price is missed.
        assert!(Performances::<Test>::get()
            .iter()
            .all(|one| one.expected == 6 && one.fresh == 0));
    });
}

fn proof(
    validator: AccountId,
    prices: [u128; 2],
    rounds: [u64; 2],
) -> EquivocationProof<
    caisson_primitives::oracle::crypto::AuthorityId,
    caisson_primitives::oracle::crypto::AuthoritySignature,
> {
    let first = report_for(5, rounds[0], validator, &[(0, prices[0])]);
    let second = report_for(5, rounds[1], validator, &[(0, prices[1])]);
    EquivocationProof {
        key: pair(validator).public(),
        first_signature: sign(validator, &first),
        second_signature: sign(validator, &second),
        first,
        second,
    }
}

#[test]
fn equivocation_should_be_slashed_when_anyone_submits_both_reports() {
    chain(&[10, 10, 10], || {
        let key_proof = Surroundings::prove((KEY_TYPE, pair(2).public())).unwrap();
        let equivocation = proof(2, [ONE, 2 * ONE], [7, 7]);
        let info = Oracle::report_equivocation(
            RuntimeOrigin::signed(99),
            Box::new(equivocation),
            key_proof,
        );
        assert_eq!(info.unwrap().pays_fee, Pays::No);
        let slash = Perbill::from_percent(2);
        assert!(events().contains(&Event::OffenceFound {
            validator: 2,
            kind: Misconduct::Equivocation,
            slash
        }));
        let key_proof = || Surroundings::prove((KEY_TYPE, pair(2).public())).unwrap();
        let again = || {
            let proof = Box::new(proof(2, [ONE, 2 * ONE], [7, 7]));
            Oracle::report_equivocation(RuntimeOrigin::signed(98), proof, key_proof())
        };
        assert_noop!(again(), Error::<Test>::EquivocationIsKnown);
        next_block();
        assert_eq!(
            world(|world| world.offences.clone()),
            [(Equivocation::ID, 2, slash)]
        );
        assert_noop!(again(), Error::<Test>::EquivocationIsKnown);
    });
}

#[test]
fn offence_should_wait_while_its_offender_authors_blocks() {
    chain(&[10, 10, 10], || {
        crate::offences::queue::<Test>(2, Misconduct::Deviation, Perbill::from_percent(1));
        crate::offences::queue::<Test>(3, Misconduct::Silence, Perbill::from_percent(1));
        world(|world| world.author = Some(2));
        next_block();
        assert_eq!(
            world(|world| world.offences.clone()),
            [(Silence::ID, 3, Perbill::from_percent(1))]
        );
        next_block();
        assert_eq!(world(|world| world.offences.len()), 1);
        world(|world| world.author = Some(1));
        next_block();
        assert_eq!(world(|world| world.offences.len()), 2);
    });
}

#[test]
fn queue_of_offences_should_be_bounded() {
    chain(&[10, 10, 10], || {
        world(|world| world.author = Some(2));
        for round in 0..301u64 {
            let key_proof = Surroundings::prove((KEY_TYPE, pair(2).public())).unwrap();
            let call = Oracle::report_equivocation(
                RuntimeOrigin::signed(99),
                Box::new(proof(2, [ONE, 2 * ONE], [round, round])),
                key_proof,
            );
            if round < 300 {
                assert_ok!(call);
            } else {
                assert_eq!(
                    call.unwrap_err().error,
                    Error::<Test>::TooManyOffences.into()
                );
            }
        }
    });
}

#[test]
fn equivocation_should_not_be_believed_without_proof() {
    chain(&[10, 10, 10], || {
        let key_proof = || Surroundings::prove((KEY_TYPE, pair(2).public())).unwrap();
        let submit = |proof| {
            Oracle::report_equivocation(RuntimeOrigin::signed(99), Box::new(proof), key_proof())
        };
        assert_noop!(
            submit(proof(2, [ONE, 2 * ONE], [7, 8])),
            Error::<Test>::NotTheSameRound
        );
        assert_noop!(
            submit(proof(2, [ONE, ONE], [7, 7])),
            Error::<Test>::ReportsAreEqual
        );
        let mut forged = proof(2, [ONE, 2 * ONE], [7, 7]);
        forged.second_signature = sign(3, &forged.second);
        assert_noop!(submit(forged), Error::<Test>::BadSignature);
        let mut framed = proof(2, [ONE, 2 * ONE], [7, 7]);
        framed.key = pair(3).public();
        assert_noop!(submit(framed), Error::<Test>::BadSignature);
        assert_noop!(
            submit(proof(77, [ONE, 2 * ONE], [7, 7])),
            Error::<Test>::BadKeyOwnershipProof
        );
        let mut later = key_proof();
        later.session = 9;
        let of_another = Oracle::report_equivocation(
            RuntimeOrigin::signed(99),
            Box::new(proof(2, [ONE, 2 * ONE], [7, 7])),
            later,
        );
        assert_noop!(of_another, Error::<Test>::KeyProofOfAnotherSession);
        assert_ok!(submit(proof(2, [ONE, 2 * ONE], [7, 7])));
    });
}
