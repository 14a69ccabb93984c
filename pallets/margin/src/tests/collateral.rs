//! SPEC 8: collateral in other assets.

use crate::{mock::*, types::CollateralTerms, Collaterals, Error};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, LotPrice},
};
use frame_support::{assert_noop, assert_ok};

const WHOLE_COIN: u128 = 100_000_000;

fn signed(user: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(user)
}

/// A coin at ten, of which 90 % counts: 9 for a whole, 0.00009 for a lot of a hundred-thousandth.
fn at_ten() {
    set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
    next_block();
}

#[test]
fn pledge_should_count_after_its_haircut() {
    new_test_ext().execute_with(|| {
        at_ten();
        let alice = open(ALICE, 0, 1_000);
        assert_ok!(Margin::deposit(signed(ALICE), alice, COIN, WHOLE_COIN));
        assert_eq!(Collaterals::<Test>::get()[0].price, LotPrice(90_000_000));
        assert_eq!(
            Margin::health(alice).expect("one").equity,
            Cash(1_009 * ONE)
        );
        next_block();
        assert_ok!(Margin::withdraw(signed(ALICE), alice, COIN, WHOLE_COIN));
        assert_eq!(
            Margin::health(alice).expect("one").equity,
            Cash(1_000 * ONE)
        );
        next_block();
    });
}

#[test]
fn haircut_should_grow_when_the_pool_is_mostly_this_asset() {
    new_test_ext().execute_with(|| {
        at_ten();
        let alice = open(ALICE, 0, 10);
        assert_ok!(Margin::deposit(
            signed(ALICE),
            alice,
            COIN,
            1_000 * WHOLE_COIN
        ));
        let before = Collaterals::<Test>::get()[0].price;
        next_block();
        // Nearly all of the pool: 10 % and half of the four fifths above the cap.
        let after = Collaterals::<Test>::get()[0].price;
        assert!(after < before);
        assert!(after.0 > 50_000_000 && after.0 < 51_000_000, "{after:?}");
    });
}

#[test]
fn account_should_be_found_when_its_collateral_falls() {
    new_test_ext().execute_with(|| {
        at_ten();
        let (alice, bob) = (open(ALICE, 0, 10), open(BOB, 0, 100_000));
        assert_ok!(Margin::deposit(signed(ALICE), alice, COIN, 10 * WHOLE_COIN));
        trade(BTC, alice, bob, 15, 100 * ONE);
        next_block();
        assert!(found_unsafe().is_empty());
        // 10 money, 90 of coin, 45 of maintenance: safe to 3.5 of 9 a coin.
        set_feed(3_800_000_000_000_000_000, FeedStatus::Live);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, COIN, 1_000),
            Error::<Test>::NotEnoughMargin
        );
        at_ten();
        assert!(found_unsafe().is_empty());
    });
}

#[test]
fn pledge_should_not_leave_when_it_covers_a_debt_at_a_stale_price() {
    new_test_ext().execute_with(|| {
        at_ten();
        let (alice, bob) = (open(ALICE, 0, 10), open(BOB, 0, 100_000));
        assert_ok!(Margin::deposit(signed(ALICE), alice, COIN, 10 * WHOLE_COIN));
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(BTC, bob, alice, 10, 97 * ONE);
        assert_eq!(collateral(alice), -20 * ONE);
        next_block();
        set_feed(10_000_000_000_000_000_000, FeedStatus::Stale);
        next_block();
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, COIN, 1_000),
            Error::<Test>::PriceNotTrusted
        );
        set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
        next_block();
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, COIN, 10 * WHOLE_COIN),
            Error::<Test>::NotEnoughMargin
        );
        assert_noop!(
            Margin::close_account(signed(ALICE), alice),
            Error::<Test>::AccountInUse
        );
        assert_ok!(Margin::deposit(signed(ALICE), alice, USD, 20 * UNITS));
        assert_ok!(Margin::withdraw(
            signed(ALICE),
            alice,
            COIN,
            10 * WHOLE_COIN
        ));
        next_block();
    });
}

#[test]
fn pledges_should_be_held_to_lots_caps_and_kinds() {
    new_test_ext().execute_with(|| {
        at_ten();
        let alice = open(ALICE, 0, 1_000);
        let deposit = |units| Margin::deposit(signed(ALICE), alice, COIN, units);
        assert_noop!(deposit(1_500), Error::<Test>::NotWholeLots);
        assert_noop!(deposit(1_000_000_001_000), Error::<Test>::CollateralCap);
        assert_ok!(deposit(2_000));
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, COIN, 1_500),
            Error::<Test>::NotWholeLots
        );
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, COIN, 3_000),
            Error::<Test>::NotEnoughCollateral
        );
        assert_noop!(
            Margin::close_account(signed(ALICE), alice),
            Error::<Test>::AccountInUse
        );
        crate::Accounts::<Test>::mutate(alice, |account| {
            let account = account.as_mut().expect("one");
            account.pledges = (10..14)
                .map(|asset| caisson_primitives::trading::Pledge {
                    asset,
                    lots: caisson_primitives::trading::Lots(1),
                    armed: None,
                })
                .collect::<Vec<_>>()
                .try_into()
                .expect("four");
        });
        assert_noop!(deposit(1_000), Error::<Test>::TooManyPledges);
    });
}

#[test]
fn listing_should_be_held_to_sane_terms() {
    new_test_ext().execute_with(|| {
        let list = |compartment, asset, feed, lot, change: fn(&mut CollateralTerms)| {
            let mut terms = collateral_terms();
            change(&mut terms);
            Margin::list_collateral(RuntimeOrigin::root(), compartment, asset, feed, lot, terms)
        };
        let same: fn(&mut CollateralTerms) = |_| {};
        assert_noop!(
            list(9, COIN, FEED_ID, 1, same),
            Error::<Test>::NoSuchCompartment
        );
        assert_noop!(
            list(0, 44, FEED_ID, 1, same),
            Error::<Test>::UnsuitableAsset
        );
        assert_noop!(list(0, COIN, 6, 1, same), Error::<Test>::NoSuchFeed);
        assert_noop!(list(0, COIN, FEED_ID, 0, same), Error::<Test>::BadTerms);
        assert_noop!(
            list(0, COIN, FEED_ID, 1, same),
            Error::<Test>::AlreadyListed
        );
        assert_noop!(list(0, USD, FEED_ID, 1, same), Error::<Test>::AlreadyListed);
        let wrong: [fn(&mut CollateralTerms); 3] = [
            |terms| terms.haircut_ppm = 1_000_001,
            |terms| terms.share_cap_ppm = 1_000_001,
            |terms| terms.cap = u64::MAX,
        ];
        for wrong in wrong {
            assert_noop!(list(0, COIN, FEED_ID, 1, wrong), Error::<Test>::BadTerms);
        }
        assert_noop!(
            Margin::set_collateral_terms(RuntimeOrigin::root(), 0, 3, collateral_terms()),
            Error::<Test>::NotCollateral
        );
        let mut none = collateral_terms();
        none.cap = 0;
        assert_ok!(Margin::set_collateral_terms(
            RuntimeOrigin::root(),
            0,
            COIN,
            none
        ));
        let alice = open(ALICE, 0, 100);
        assert_noop!(
            Margin::deposit(signed(ALICE), alice, COIN, 1_000),
            Error::<Test>::CollateralCap
        );
        // Room for 32 in all, over all compartments.
        crate::Collaterals::<Test>::mutate(|list| {
            while let Some(last) = list.last().copied() {
                if list.try_push(last).is_err() {
                    break;
                }
            }
        });
        assert_noop!(
            list(0, 3, FEED_ID, 1, same),
            Error::<Test>::TooManyCollaterals
        );
    });
}
