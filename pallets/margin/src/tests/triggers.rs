//! SPEC 6 and 7: the trigger index.

use crate::{
    mock::*, triggers::WATCHED, Accounts, Event, SweepIncomplete, TriggerIndex, WatchedAccounts,
    WeightInfo,
};
use caisson_primitives::trading::TradingAccounts;
use frame_support::{assert_ok, weights::Weight};

#[test]
fn account_should_be_found_in_the_block_it_becomes_unsafe() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 10, 100 * ONE);
        let price = Margin::health(alice).expect("one").positions[0]
            .liquidation_price
            .expect("a price");
        set_mark(BTC, price.0 + 3);
        next_block();
        assert!(found_unsafe().is_empty());
        set_mark(BTC, price.0 - 3);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
        assert_eq!(Margin::load(alice).expect("one").unsafe_since, Some(3));
        // It is looked at in every block, and once it is safe again it says so.
        set_mark(BTC, 100 * ONE);
        next_block();
        assert!(found_unsafe().is_empty());
        System::assert_has_event(
            Event::BecameSafe {
                account: alice,
                slack: Margin::health(alice).expect("one").slack,
                since: 3,
            }
            .into(),
        );
    });
}

#[test]
fn unsafe_account_should_be_safe_at_once_when_it_gets_money() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 10_000));
        trade(BTC, alice, bob, 20, 100 * ONE);
        set_mark(BTC, 95 * ONE);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            USD,
            1_000 * UNITS
        ));
        assert!(found_unsafe().is_empty());
        next_block();
    });
}

#[test]
fn account_should_be_found_when_only_funding_or_margin_moves() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_funding(BTC, -8 * ONE);
        next_block();
        assert_eq!(found_unsafe(), [bob]);
        set_funding(BTC, 0);
        next_block();
        change(BTC, |_, prices| prices.maintenance[0].0 = 11 * ONE);
        next_block();
        assert_eq!(found_unsafe(), [alice, bob]);
    });
}

#[test]
fn quiet_blocks_should_look_at_no_account() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(ETH, bob, alice, 10, 100 * ONE);
        next_block();
        let mut costs = std::collections::BTreeSet::new();
        // Two legs share 40 of slack: each may lose two a lot.
        for tenths in [1_000, 1_015, 985, 1_010] {
            set_mark(BTC, tenths * ONE / 10);
            costs.insert(next_block().ref_time());
        }
        assert_eq!(costs.len(), 1, "a quiet block costs what any other does");
        set_mark(BTC, 95 * ONE);
        assert!(costs.iter().all(|quiet| next_block().ref_time() > *quiet));
    });
}

#[test]
fn keys_should_stay_when_the_account_only_got_a_little_safer() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 10, 100 * ONE);
        let keys = || {
            let mut keys: Vec<_> = TriggerIndex::<Test>::iter_keys()
                .map(|key| key.trigger)
                .collect();
            keys.sort_unstable();
            keys
        };
        let before = keys();
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            USD,
            10 * UNITS
        ));
        assert_eq!(keys(), before);
        // Ten times as much slack: the old trigger would fire for nothing.
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            USD,
            900 * UNITS
        ));
        assert_ne!(keys(), before);
        // Less money: the old trigger would be too late.
        let before = keys();
        assert_ok!(Margin::withdraw(
            RuntimeOrigin::signed(ALICE),
            alice,
            USD,
            500 * UNITS
        ));
        assert_ne!(keys(), before);
        next_block();
    });
}

/// An account of two legs with a quantum of slack.
fn on_the_edge(user: AccountId, sub: u8, other: u32) -> u32 {
    let account = open(user, sub, 1_000);
    trade(BTC, account, other, 100, 100 * ONE);
    trade(ETH, account, other, 100, 100 * ONE);
    let mut stored = Margin::load(account).expect("one");
    let slack = Margin::health(account).expect("one").slack.0;
    // Its money goes to the other, so that the books balance.
    stored.collateral.0 -= slack - 1;
    let mut rich = Margin::load(other).expect("one");
    rich.collateral.0 += slack - 1;
    Margin::settle(account, stored).expect("settles");
    Margin::settle(other, rich).expect("settles");
    account
}

#[test]
fn account_of_several_legs_and_no_slack_should_be_watched_while_there_is_room() {
    new_test_ext().execute_with(|| {
        let rich = open(CAROL, 0, 1_000_000);
        let edge: Vec<_> = (0..3).map(|sub| on_the_edge(ALICE, sub, rich)).collect();
        next_block();
        assert_eq!(WatchedAccounts::<Test>::get(), 2);
        let watched = TriggerIndex::<Test>::iter_keys()
            .filter(|key| key.trigger == WATCHED)
            .count();
        assert_eq!(watched, 2);
        assert!(found_unsafe().is_empty());
        // A quantum of loss for a lot, on the leg that has no key of its own: all are found.
        set_mark(ETH, 100 * ONE - 1);
        next_block();
        assert_eq!(found_unsafe(), edge);
        assert_eq!(WatchedAccounts::<Test>::get(), 0);
        set_mark(ETH, 101 * ONE);
        next_block();
        assert!(found_unsafe().is_empty());
    });
}

#[test]
fn most_endangered_should_be_looked_at_first_when_the_budget_is_short() {
    new_test_ext().execute_with(|| {
        let rich = open(CAROL, 0, 1_000_000);
        let accounts: Vec<_> = (0..4)
            .map(|sub| open(ALICE, sub, 100 + 10 * u128::from(sub)))
            .collect();
        for account in &accounts {
            trade(BTC, *account, rich, 20, 100 * ONE);
        }
        set_mark(BTC, 80 * ONE);
        set_budget(<() as WeightInfo>::look(2, 0));
        next_block();
        assert!(SweepIncomplete::<Test>::get());
        // The least money fell short at the highest mark.
        assert_eq!(found_unsafe(), accounts[..2]);
        assert_eq!(scanned_unsafe(), accounts);
        set_budget(Weight::MAX);
        next_block();
        assert!(!SweepIncomplete::<Test>::get());
        assert_eq!(found_unsafe(), accounts);
    });
}

#[test]
fn broken_account_should_not_stop_the_others() {
    new_test_ext().execute_with(|| {
        let (alice, bob, carol) = (
            open(ALICE, 0, 100),
            open(BOB, 0, 100),
            open(CAROL, 0, 10_000),
        );
        trade(BTC, alice, carol, 20, 100 * ONE);
        trade(BTC, bob, carol, 20, 100 * ONE);
        // A market that is not there makes the account impossible to add up.
        Accounts::<Test>::mutate(alice, |account| {
            let account = account.as_mut().expect("one");
            account.position_mut(999).expect("room").lots.0 = 1;
        });
        let corrupted = Accounts::<Test>::get(alice);
        set_mark(BTC, 90 * ONE);
        System::set_block_number(2);
        use frame_support::traits::Hooks;
        Margin::on_initialize(2);
        System::assert_has_event(
            Event::CouldNotAssess {
                account: alice,
                error: crate::Error::<Test>::NoSuchMarket.into(),
            }
            .into(),
        );
        assert_eq!(Accounts::<Test>::get(alice), corrupted);
        assert_eq!(found_unsafe(), [bob]);
    });
}

#[test]
fn density_should_count_who_a_move_reaches() {
    new_test_ext().execute_with(|| {
        let rich = open(CAROL, 0, 1_000_000);
        for sub in 0..4 {
            let account = open(ALICE, sub, 100 + 50 * u128::from(sub));
            trade(BTC, account, rich, 20, 100 * ONE);
        }
        // 20 lots of 100: 60 of maintenance, so 2, 4.5, 7 and 9.5 a lot.
        let long: Vec<_> = Margin::trigger_density(BTC, 25_000, 4)
            .into_iter()
            .map(|step| (step.move_ppm, step.long, step.short))
            .collect();
        assert_eq!(
            long,
            [
                (25_000, 1, 0),
                (50_000, 2, 0),
                (75_000, 3, 0),
                (100_000, 4, 0)
            ]
        );
    });
}

#[test]
fn key_without_an_account_should_be_said_to_be_corruption() {
    use crate::types::{Bests, Exposure, TriggerKey};
    use frame_support::traits::Hooks;

    new_test_ext().execute_with(|| {
        let exposure = Exposure::market(BTC);
        let key = TriggerKey {
            exposure,
            bucket: 0,
            trigger: WATCHED,
            account: 77,
        };
        TriggerIndex::<Test>::insert(key, ());
        crate::BestTriggers::<Test>::insert(exposure, Bests([WATCHED; 16]));
        Margin::on_initialize(2);
        System::assert_has_event(
            Event::CouldNotAssess {
                account: 77,
                error: crate::Error::<Test>::CorruptedIndex.into(),
            }
            .into(),
        );
        assert!(crate::try_state::check::<Test>().is_err());
    });
}
