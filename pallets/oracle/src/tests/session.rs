//! SPEC 5, 8: sessions, weights and rewards.

use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionSource};

use super::common::*;
use crate::{mock::*, Event, LatestReports, Performances, Reporters};

#[test]
fn weights_should_be_known_from_the_first_block_on() {
    chain(&[10, 20, 10], || {
        let weights: alloc::vec::Vec<_> = Reporters::<Test>::get()
            .into_iter()
            .map(|r| (r.validator, r.weight))
            .collect();
        assert_eq!(
            weights,
            [(1, 10), (2, 13), (3, 10)],
            "two fifths are the most"
        );
    });
}

#[test]
fn prices_should_go_on_when_the_validator_set_changes() {
    chain(&[10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        (1..=3).for_each(|v| submit(v, &[(feed, 100 * ONE)]));
        next_block();
        // One leaves, one comes, the others change places.
        next_session(&[(3, 10), (9, 10), (1, 10)]);
        next_block();
        assert!(LatestReports::<Test>::get(2).is_none());
        assert_eq!(price(feed), Some(100 * ONE));
        submit(9, &[(feed, 100 * ONE)]);
        submit(1, &[(feed, 102 * ONE)]);
        submit(3, &[(feed, 101 * ONE)]);
        next_block();
        assert_eq!(price(feed), Some(101 * ONE));
    });
}

#[test]
fn report_of_the_last_session_should_enter_when_place_and_key_are_the_same() {
    chain(&[10, 10, 10], || {
        let report = report(2, &[(0, ONE)]);
        let stakes = world(|world| world.stakes.clone());
        next_session(&stakes);
        assert_ok!(validate(
            &call(2, report.clone()),
            TransactionSource::InBlock
        ));
        next_session(&stakes);
        let stale = validate(&call(2, report), TransactionSource::InBlock);
        assert_eq!(stale, Err(InvalidTransaction::Stale.into()));
    });
}

#[test]
fn report_of_the_last_session_should_be_refused_when_the_place_is_anothers() {
    chain(&[10, 10, 10], || {
        let report = report(2, &[(0, ONE)]);
        next_session(&[(2, 10), (1, 10), (3, 10)]);
        let refused = validate(&call(2, report), TransactionSource::InBlock);
        assert_eq!(refused, Err(InvalidTransaction::BadProof.into()));
    });
}

#[test]
fn pot_should_be_shared_by_weight_and_accuracy_at_the_end_of_a_session() {
    chain(&[10, 10, 20], || {
        let feed = register("BTC/USD", parameters());
        assert_ok!(Balances::mint_into(&Oracle::pot(), 2_000_001));
        for block in 0..10u128 {
            submit(1, &[(feed, (100 + block) * ONE)]);
            submit(3, &[(feed, (100 + block) * ONE)]);
            next_block();
        }
        let stakes = world(|world| world.stakes.clone());
        let preview: alloc::vec::Vec<_> = Oracle::participation()
            .into_iter()
            .map(|p| p.reward)
            .collect();
        next_session(&stakes);
        let paid = |validator| Balances::free_balance(validator);
        // Weights 10, 10 and 13 of 33; half of the pot's 2,000,000 above the existential deposit.
        assert_eq!([paid(1), paid(2), paid(3)], [434_782, 0, 565_217]);
        assert_eq!(preview, [434_782, 0, 565_217]);
        assert!(events().contains(&Event::Rewarded {
            validator: 1,
            amount: 434_782
        }));
        assert!(
            Performances::<Test>::get()
                .iter()
                .all(|one| one.accurate == 0),
            "counted anew"
        );
    });
}

#[test]
fn empty_pot_should_pay_nobody() {
    chain(&[10], || {
        let feed = register("BTC/USD", parameters());
        submit(1, &[(feed, 100 * ONE)]);
        next_block();
        next_session(&[(1, 10)]);
        assert_eq!(Balances::free_balance(1), 0);
    });
}
