//! SPEC 14: withdrawals that wait.

use crate::{
    mock::*, queue::place, try_state, Error, Event, Ledgers, NextQueued, Parked, Queued, Queues,
};
use caisson_primitives::trading::Cash;
use frame_support::{assert_noop, assert_ok, weights::Weight};

fn signed(user: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(user)
}

fn withdraw(user: AccountId, account: u32, units: u128) {
    assert_ok!(Margin::withdraw(signed(user), account, USD, units));
}

fn balance(user: AccountId) -> u128 {
    Assets::balance(USD, user)
}

/// Units that may still leave.
fn let_out(units: u128) {
    set_room(units as i128 * ONE / UNITS as i128);
}

/// Three accounts of a hundred whole units, and a gate through which nothing may leave.
fn accounts() -> [u32; 3] {
    let all = [ALICE, BOB, CAROL].map(|user| open(user, 0, 100));
    let_out(0);
    all
}

fn waiting() -> Vec<(u64, u128)> {
    Queued::<Test>::iter_prefix(0)
        .map(|(key, entry)| (u64::from_be_bytes(key), entry.units))
        .collect()
}

#[test]
fn withdrawal_should_wait_when_the_gate_says_so() {
    new_test_ext().execute_with(|| {
        let [alice, ..] = accounts();
        let before = balance(ALICE);
        withdraw(ALICE, alice, 40 * UNITS);
        System::assert_last_event(
            Event::WithdrawalQueued {
                account: alice,
                owner: ALICE,
                compartment: 0,
                units: 40 * UNITS,
                number: 0,
            }
            .into(),
        );
        assert_eq!(collateral(alice), 60 * ONE);
        let ledger = Ledgers::<Test>::get(0);
        assert_eq!(
            (ledger.queued, ledger.custody),
            (Cash(40 * ONE), Cash(300 * ONE))
        );
        next_block();
        assert_eq!(balance(ALICE), before);
        set_gate(false);
        set_room(i128::MAX);
        next_block();
        assert_eq!(balance(ALICE), before);
        set_gate(true);
        next_block();
        System::assert_has_event(
            Event::QueuedWithdrawalPaid {
                owner: ALICE,
                compartment: 0,
                number: 0,
                units: 40 * UNITS,
                left: 0,
            }
            .into(),
        );
        assert_eq!(balance(ALICE) - before, 40 * UNITS);
        let ledger = Ledgers::<Test>::get(0);
        assert_eq!((ledger.queued, ledger.custody), (Cash(0), Cash(260 * ONE)));
        assert_eq!(Queues::<Test>::iter().count(), 0);
    });
}

#[test]
fn withdrawals_should_be_paid_in_order_and_in_parts() {
    new_test_ext().execute_with(|| {
        let [alice, bob, carol] = accounts();
        withdraw(BOB, bob, 30 * UNITS);
        withdraw(ALICE, alice, 20 * UNITS);
        withdraw(CAROL, carol, 10 * UNITS);
        let (first, second, third) = (balance(BOB), balance(ALICE), balance(CAROL));
        let_out(25 * UNITS);
        // A part of a unit on top, which can't leave.
        set_room(room() + 7);
        next_block();
        assert_eq!(
            waiting(),
            [(0, 5 * UNITS), (1, 20 * UNITS), (2, 10 * UNITS)]
        );
        let_out(5 * UNITS + 1);
        next_block();
        assert_eq!(waiting(), [(1, 20 * UNITS - 1), (2, 10 * UNITS)]);
        let_out(1_000 * UNITS);
        next_block();
        assert_eq!(waiting(), []);
        assert_eq!(balance(BOB) - first, 30 * UNITS);
        assert_eq!(balance(ALICE) - second, 20 * UNITS);
        assert_eq!(balance(CAROL) - third, 10 * UNITS);
        // Nobody waits any more: the next one leaves at once.
        withdraw(CAROL, carol, 10 * UNITS);
        assert_eq!(balance(CAROL) - third, 20 * UNITS);
    });
}

#[test]
fn part_of_a_unit_should_not_count_as_released_when_nothing_is_paid() {
    new_test_ext().execute_with(|| {
        let [alice, ..] = accounts();
        withdraw(ALICE, alice, 20 * UNITS);
        set_room(999_999);
        next_block();
        assert_eq!(room(), 999_999);
        assert_eq!(waiting(), [(0, 20 * UNITS)]);
    });
}

#[test]
fn later_withdrawal_should_not_overtake_when_others_wait() {
    new_test_ext().execute_with(|| {
        let [alice, bob, _] = accounts();
        withdraw(ALICE, alice, 50 * UNITS);
        let_out(20 * UNITS);
        // It would fit.
        withdraw(BOB, bob, 15 * UNITS);
        assert_eq!(waiting(), [(0, 50 * UNITS), (1, 15 * UNITS)]);
    });
}

#[test]
fn withdrawal_should_be_refused_when_the_queue_is_full_or_it_is_too_small_to_wait() {
    new_test_ext().execute_with(|| {
        let [alice, bob, carol] = accounts();
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, USD, 10 * UNITS - 1),
            Error::<Test>::MustWait
        );
        for _ in 0..3 {
            withdraw(BOB, bob, 10 * UNITS);
        }
        assert_noop!(
            Margin::withdraw(signed(CAROL), carol, USD, 10 * UNITS),
            Error::<Test>::QueueFull
        );
        // Another compartment has a queue of its own.
        assert_ok!(Margin::create_compartment(
            RuntimeOrigin::root(),
            USD,
            terms()
        ));
        assert_ok!(Margin::open_account(signed(CAROL), 1, 0, 20 * UNITS));
        withdraw(CAROL, carol + 1, 10 * UNITS);
        assert_eq!(Queues::<Test>::get(1), 1);
        next_block();
        let_out(10 * UNITS);
        next_block();
        let_out(0);
        assert_eq!(Queues::<Test>::get(0) + Queues::<Test>::get(1), 3);
    });
}

#[test]
fn queue_should_not_be_blocked_by_an_owner_who_cannot_receive() {
    new_test_ext().execute_with(|| {
        let [alice, bob, _] = accounts();
        let (before, other) = (balance(BOB), balance(ALICE));
        withdraw(BOB, bob, 40 * UNITS);
        withdraw(ALICE, alice, 30 * UNITS);
        assert_ok!(Assets::block(signed(ALICE), USD.into(), BOB));
        let_out(60 * UNITS);
        next_block();
        assert_eq!(balance(ALICE) - other, 30 * UNITS);
        assert_eq!(Queues::<Test>::get(0), 0);
        // What Bob could not take was not counted as released.
        assert_eq!(room(), 30 * ONE);
        let parked = Parked::<Test>::get(0, 0).expect("set aside");
        assert_eq!((parked.owner, parked.units), (BOB, 40 * UNITS));
        let claim = |user| Margin::claim_withdrawal(signed(user), 0, 0);
        assert!(claim(BOB).is_err());
        assert_ok!(Assets::thaw(signed(ALICE), USD.into(), BOB));
        assert_noop!(claim(ALICE), Error::<Test>::NotOwner);
        assert_ok!(claim(BOB));
        assert_eq!(balance(BOB) - before, 30 * UNITS);
        assert_noop!(claim(BOB), Error::<Test>::MustWait);
        let_out(100 * UNITS);
        assert_ok!(claim(BOB));
        assert_eq!(balance(BOB) - before, 40 * UNITS);
        assert_noop!(claim(BOB), Error::<Test>::NoSuchWithdrawal);
        next_block();
    });
}

#[test]
fn withdrawal_should_go_back_into_its_account_when_it_is_cancelled() {
    new_test_ext().execute_with(|| {
        let [alice, bob, carol] = accounts();
        withdraw(ALICE, alice, 40 * UNITS);
        withdraw(BOB, bob, 30 * UNITS);
        withdraw(CAROL, carol, 20 * UNITS);
        let_out(10 * UNITS);
        next_block();
        let cancel = |user, number| Margin::cancel_withdrawal(signed(user), 0, number);
        assert_noop!(cancel(BOB, 0), Error::<Test>::NotOwner);
        assert_noop!(cancel(BOB, 9), Error::<Test>::NoSuchWithdrawal);
        assert_ok!(cancel(BOB, 1));
        assert_eq!(collateral(bob), 100 * ONE);
        assert_ok!(cancel(ALICE, 0));
        assert_eq!(collateral(alice), 90 * ONE);
        assert_noop!(cancel(ALICE, 0), Error::<Test>::NoSuchWithdrawal);
        assert_eq!(waiting(), [(2, 20 * UNITS)]);
        next_block();
        // Set aside, it can be cancelled too.
        assert_ok!(Assets::block(signed(ALICE), USD.into(), CAROL));
        let_out(100 * UNITS);
        next_block();
        assert!(Parked::<Test>::contains_key(0, 2));
        assert_ok!(cancel(CAROL, 2));
        assert_eq!(collateral(carol), 100 * ONE);
        assert!(!Parked::<Test>::contains_key(0, 2));
        assert_eq!(Ledgers::<Test>::get(0).queued, Cash(0));
        next_block();
    });
}

#[test]
fn cancelled_withdrawal_should_make_an_unsafe_account_safe() {
    new_test_ext().execute_with(|| {
        let [alice, bob, _] = accounts();
        withdraw(ALICE, alice, 40 * UNITS);
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_mark(BTC, 96 * ONE);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
        assert_ok!(Margin::cancel_withdrawal(signed(ALICE), 0, 0));
        assert!(found_unsafe().is_empty());
        next_block();
    });
}

#[test]
fn closed_account_should_be_paid_by_the_queue() {
    new_test_ext().execute_with(|| {
        let [alice, bob, _] = accounts();
        trade(BTC, bob, alice, 1, 100 * ONE + 1);
        trade(BTC, alice, bob, 1, 100 * ONE);
        let before = balance(ALICE);
        assert_ok!(Margin::close_account(signed(ALICE), alice));
        assert_eq!(Margin::account_of(ALICE, 0, 0), None);
        assert_eq!(waiting(), [(0, 100 * UNITS)]);
        assert_eq!(Ledgers::<Test>::get(0).dust, Cash(1));
        assert_noop!(
            Margin::cancel_withdrawal(signed(ALICE), 0, 0),
            Error::<Test>::NoSuchAccount
        );
        next_block();
        let_out(100 * UNITS);
        next_block();
        assert_eq!(balance(ALICE) - before, 100 * UNITS);
    });
}

#[test]
fn pledge_should_not_wait() {
    new_test_ext().execute_with(|| {
        let [alice, ..] = accounts();
        set_feed(
            10_000_000_000_000_000_000,
            caisson_primitives::oracle::FeedStatus::Live,
        );
        next_block();
        assert_ok!(Margin::deposit(signed(ALICE), alice, COIN, 100_000_000));
        let unpledge = || Margin::withdraw(signed(ALICE), alice, COIN, 100_000_000);
        assert_noop!(unpledge(), Error::<Test>::MustWait);
        // What is asked for is what it counts for.
        set_room(9 * ONE);
        assert_ok!(unpledge());
        assert_eq!(room(), 0);
        next_block();
    });
}

#[test]
fn queue_should_be_paid_a_few_in_a_block_and_inside_the_budget() {
    new_test_ext().execute_with(|| {
        let [alice, bob, carol] = accounts();
        for (user, account) in [(ALICE, alice), (BOB, bob), (CAROL, carol)] {
            withdraw(user, account, 10 * UNITS);
        }
        set_room(i128::MAX);
        set_budget(Weight::from_parts(9, 0));
        let weight = next_block();
        assert!(weight.ref_time() <= 9 + 3, "{weight:?}");
        assert_eq!(waiting(), [(2, 10 * UNITS)]);
        set_budget(Weight::from_parts(3, 0));
        next_block();
        assert_eq!(waiting().len(), 1);
        set_budget(Weight::MAX);
        next_block();
        assert_eq!(waiting(), []);
    });
}

#[test]
fn invariants_should_not_hold_when_a_queue_is_wrong() {
    let breaks = |change: fn()| {
        new_test_ext().execute_with(|| {
            let [alice, ..] = accounts();
            withdraw(ALICE, alice, 40 * UNITS);
            assert_ok!(try_state::check::<Test>());
            change();
            assert!(try_state::check::<Test>().is_err());
        });
    };
    breaks(|| Queues::<Test>::insert(0, 2));
    breaks(|| Queues::<Test>::insert(1, 1));
    breaks(|| Queues::<Test>::remove(0));
    breaks(|| NextQueued::<Test>::put(0));
    breaks(|| Queued::<Test>::mutate(0, place(0), |entry| entry.as_mut().expect("one").units += 1));
    breaks(|| Queued::<Test>::remove(0, place(0)));
    breaks(|| Ledgers::<Test>::mutate(0, |ledger| ledger.queued.0 += 1));
}
