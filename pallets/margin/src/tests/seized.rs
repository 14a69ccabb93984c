//! SPEC 15: collateral taken from liquidated accounts.

use crate::{
    mock::*, try_state, Collaterals, Error, Event, Ledgers, TriggerIndex, WatchedAccounts,
};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, LiquidationAccounts, LotPrice, Lots, TradingAccounts},
};
use frame_support::{assert_noop, assert_ok};

const WHOLE_COIN: u128 = 100_000_000;
/// Lots in a whole coin.
const WHOLE: u64 = 100_000;

fn signed(user: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(user)
}

/// A coin at ten, of which nine count, and an account with ten of them and ten units of money.
fn pledged() -> u32 {
    set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
    next_block();
    // So much other money that the haircut doesn't grow.
    open(CAROL, 0, 100_000);
    let alice = open(ALICE, 0, 10);
    assert_ok!(Margin::deposit(signed(ALICE), alice, COIN, 10 * WHOLE_COIN));
    next_block();
    alice
}

fn seize(index: u32) -> Cash {
    let mut account = Margin::load(index).expect("one");
    let value = Margin::seize_pledges(&mut account).expect("seizes");
    Margin::settle(index, account).expect("settles");
    value
}

#[test]
fn pledges_should_be_taken_with_their_triggers() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        assert_eq!(seize(alice), Cash(90 * ONE));
        System::assert_has_event(
            Event::CollateralSeized {
                account: alice,
                asset: COIN,
                lots: Lots(1_000_000),
                value: Cash(90 * ONE),
            }
            .into(),
        );
        let account = Margin::load(alice).expect("one");
        assert!(account.pledges.is_empty());
        assert_eq!(account.collateral, Cash(10 * ONE));
        assert_eq!(TriggerIndex::<Test>::iter().count(), 0);
        let listing = Collaterals::<Test>::get()[0];
        assert_eq!(
            (listing.deposited, listing.seized),
            (Lots(1_000_000), Lots(1_000_000))
        );
        // There is nothing to take from who pledged nothing.
        assert_eq!(seize(alice), Cash(0));
        next_block();
    });
}

#[test]
fn account_should_not_be_watched_by_a_pledge_that_was_seized() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        trade(BTC, alice, open(BOB, 0, 10_000), 10, 100 * ONE);
        // 9.7 times the mark is a little more than nine hundred.
        set_mark(BTC, 92_790_000 * ONE / 1_000_000);
        next_block();
        assert_eq!(WatchedAccounts::<Test>::get(), 1);
        assert_eq!(seize(alice), Cash(90 * ONE));
        assert_eq!(WatchedAccounts::<Test>::get(), 0);
        assert_eq!(found_unsafe(), [alice]);
        next_block();
    });
}

#[test]
fn account_should_wait_with_its_debt_when_all_it_had_was_seized() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        // Ten lots at a hundred, for which thirty of its hundred are needed.
        trade(BTC, alice, open(BOB, 0, 10_000), 10, 100 * ONE);
        set_mark(BTC, 90 * ONE);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
        // The fund's part of a take-over.
        let inventory = Margin::inventory(BTC).expect("one");
        super::properties::at_mark(
            BTC,
            alice,
            inventory,
            caisson_primitives::trading::Side::Long,
            10,
        );
        assert_eq!(seize(alice), Cash(90 * ONE));
        assert_eq!(WatchedAccounts::<Test>::get(), 0);
        try_state::check::<Test>().expect("invariants");
        // Its money is a loss now: it waits with its debt alone.
        assert_eq!(collateral(alice), -90 * ONE);
        assert_eq!(found_unsafe(), [alice]);
        next_block();
    });
}

#[test]
fn seized_lots_should_be_sold_at_what_they_count_for() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        seize(alice);
        let (money, coins) = (Assets::balance(USD, BOB), Assets::balance(COIN, BOB));
        assert_ok!(Margin::buy_seized(
            signed(BOB),
            0,
            COIN,
            4 * WHOLE,
            36 * UNITS
        ));
        assert_eq!(money - Assets::balance(USD, BOB), 36 * UNITS);
        assert_eq!(Assets::balance(COIN, BOB) - coins, 4 * WHOLE_COIN);
        System::assert_last_event(
            Event::SeizedSold {
                compartment: 0,
                asset: COIN,
                buyer: BOB,
                lots: 4 * WHOLE,
                units: 4 * WHOLE_COIN,
                cost: 36 * UNITS,
                paid: Cash(36 * ONE),
            }
            .into(),
        );
        assert_eq!(Ledgers::<Test>::get(0).insurance, Cash(36 * ONE));
        let listing = Collaterals::<Test>::get()[0];
        assert_eq!(
            (listing.deposited, listing.seized),
            (Lots(600_000), Lots(600_000))
        );
        next_block();
    });
}

#[test]
fn price_of_seized_lots_should_be_rounded_up_to_whole_units() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        seize(alice);
        // Less than a unit for a lot, by a quantum more than two thirds.
        Collaterals::<Test>::mutate(|list| list[0].price = LotPrice(666_667));
        assert_ok!(Margin::buy_seized(signed(BOB), 0, COIN, 1, 1));
        assert_eq!(Ledgers::<Test>::get(0).insurance, Cash(1_000_000));
        assert_noop!(
            Margin::buy_seized(signed(BOB), 0, COIN, 3, 2),
            Error::<Test>::CostsMore
        );
        assert_ok!(Margin::buy_seized(signed(BOB), 0, COIN, 3, 3));
        assert_eq!(Ledgers::<Test>::get(0).insurance, Cash(4_000_000));
        try_state::check::<Test>().expect("invariants");
    });
}

#[test]
fn sale_should_be_refused_when_it_cannot_be_right() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        let buy = |asset, lots, most| Margin::buy_seized(signed(BOB), 0, asset, lots, most);
        // What is pledged is not for sale.
        assert_noop!(buy(COIN, 1, UNITS), Error::<Test>::NotSeized);
        seize(alice);
        assert_noop!(buy(COIN, 0, UNITS), Error::<Test>::ZeroAmount);
        assert_noop!(
            buy(COIN, 10 * WHOLE + 1, 1_000 * UNITS),
            Error::<Test>::NotSeized
        );
        assert_noop!(buy(COIN, u64::MAX, u128::MAX), Error::<Test>::NotSeized);
        assert_noop!(buy(COIN, WHOLE, 9 * UNITS - 1), Error::<Test>::CostsMore);
        assert_noop!(buy(USD, 1, UNITS), Error::<Test>::NotCollateral);
        assert_noop!(
            Margin::buy_seized(signed(BOB), 9, COIN, 1, UNITS),
            Error::<Test>::NoSuchCompartment
        );
        // Not on a price that is not fresh, nor for nothing.
        set_feed(10_000_000_000_000_000_000, FeedStatus::Stale);
        next_block();
        assert_noop!(buy(COIN, 1, UNITS), Error::<Test>::PriceNotTrusted);
        set_feed(0, FeedStatus::Live);
        next_block();
        assert_noop!(buy(COIN, 1, UNITS), Error::<Test>::PriceNotTrusted);
    });
}

#[test]
fn seized_lots_should_count_toward_the_cap() {
    new_test_ext().execute_with(|| {
        let alice = pledged();
        seize(alice);
        let mut terms = collateral_terms();
        terms.cap = 10 * WHOLE;
        assert_ok!(Margin::set_collateral_terms(
            RuntimeOrigin::root(),
            0,
            COIN,
            terms
        ));
        let deposit = || Margin::deposit(signed(ALICE), alice, COIN, WHOLE_COIN);
        assert_noop!(deposit(), Error::<Test>::CollateralCap);
        assert_ok!(Margin::buy_seized(signed(BOB), 0, COIN, WHOLE, 9 * UNITS));
        assert_ok!(deposit());
        next_block();
    });
}
