//! SPEC 5: equity, slack, initial health, liquidation price.

use crate::{health, mock::*, Error};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, Fill, FillKind, LotPrice, Markets, OpenOrders, Side, TradingAccounts},
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn slack_should_be_equity_minus_maintenance_margin() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(ETH, bob, alice, 4, 100 * ONE);
        set_mark(BTC, 110 * ONE);
        set_funding(ETH, ONE);
        next_block();
        let health = Margin::health(alice).expect("an account");
        // 10 long gained 100; 4 short receive 4 of funding.
        assert_eq!(health.equity, Cash(1_104 * ONE));
        assert_eq!(health.maintenance, Cash(33 * ONE + 12 * ONE));
        assert_eq!(health.slack, Cash(1_104 * ONE - 45 * ONE));
        assert_eq!(health.notional, Cash(1_500 * ONE));
    });
}

#[test]
fn profit_should_count_up_to_its_margin_and_only_on_a_fresh_price() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 10_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_mark(BTC, 200 * ONE);
        // Initial 6 % of 2000 = 120; profit 1000 counts for 120.
        assert_eq!(
            Margin::health(alice).expect("one").initial_health,
            Cash(1_000 * ONE)
        );
        change(BTC, |_, prices| prices.status = FeedStatus::Stale);
        assert_eq!(
            Margin::health(alice).expect("one").initial_health,
            Cash(880 * ONE)
        );
        // The loss counts in full.
        let bob = Margin::health(bob).expect("one");
        assert_eq!(
            bob.initial_health,
            Cash(10_000 * ONE - 1_000 * ONE - 120 * ONE)
        );
    });
}

#[test]
fn orders_should_count_with_the_worse_side_and_their_reserve() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        let account = Margin::load(alice).expect("one");
        let prices = prices(100 * ONE);
        let headroom = Margin::headroom(&account, BTC, &contract(), &prices).expect("computes");
        assert_eq!(headroom.available, Cash(1_000 * ONE));
        let health = |open| headroom.health(&open).expect("computes").0;
        let mut open = OpenOrders::default();
        assert_eq!(health(open), 940 * ONE);
        // Ten sold: no more than before but for the fee, 0.055 a lot.
        (open.sell, open.lowest_sell) = (10, 10_000);
        assert_eq!(health(open), 940 * ONE - 55 * ONE / 100);
        // Thirty sold would be twenty short.
        open.sell = 30;
        assert_eq!(health(open), 880 * ONE - 165 * ONE / 100);
        // A buy one above the mark loses one on each lot.
        (open.buy, open.highest_buy) = (5, 10_100);
        assert_eq!(
            health(open),
            880 * ONE - 165 * ONE / 100 - 5 * ONE - 275 * ONE / 1000
        );
    });
}

#[test]
fn chosen_leverage_should_raise_initial_margin_and_be_refused_when_it_does_not_fit() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        let signed = RuntimeOrigin::signed;
        assert_eq!(Margin::health(alice).expect("one").initial, Cash(60 * ONE));
        assert_ok!(Margin::set_leverage(signed(ALICE), alice, 10));
        assert_eq!(Margin::health(alice).expect("one").initial, Cash(100 * ONE));
        assert_noop!(
            Margin::set_leverage(signed(ALICE), alice, 9),
            Error::<Test>::NotEnoughMargin
        );
        assert_ok!(Margin::set_leverage(signed(ALICE), alice, 0));
        next_block();
    });
}

#[test]
fn liquidation_price_should_be_where_slack_ends() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_funding(BTC, ONE / 2);
        for account in [alice, bob] {
            let price = Margin::health(account).expect("one").positions[0]
                .liquidation_price
                .expect("a price");
            let slack = |mark| {
                set_mark(BTC, mark);
                Margin::health(account).expect("one").slack
            };
            let towards_safety = if account == alice { 1 } else { -1 };
            // A few quanta: margin is taken in proportion to the price.
            assert!(!slack(price.0 + 3 * towards_safety).is_negative());
            assert!(slack(price.0 - 3 * towards_safety).is_negative());
            set_mark(BTC, 100 * ONE);
        }
        let fill = Fill {
            market: BTC,
            side: Side::Long,
            lots: 5,
            price: LotPrice(100 * ONE),
            kind: FillKind::Taker,
        };
        let account = Margin::load(alice).expect("one");
        let prices = TestMarkets::prices(BTC).expect("prices");
        let after = Margin::liquidation_price_after(account, &contract(), &prices, &fill);
        assert!(after > Margin::health(alice).expect("one").positions[0].liquidation_price);
    });
}

#[test]
fn liquidation_price_should_be_none_when_no_positive_price_reaches_it() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 10_000), open(BOB, 0, 10_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        assert_eq!(
            Margin::health(alice).expect("one").positions[0].liquidation_price,
            None
        );
        assert!(Margin::health(bob).expect("one").positions[0]
            .liquidation_price
            .is_some());
    });
}

#[test]
fn account_should_not_be_assessed_when_a_market_has_no_prices() {
    new_test_ext().execute_with(|| {
        let mut account = caisson_primitives::trading::Account::new(ALICE, 0, 0);
        account.position_mut(55).expect("room").lots.0 = 1;
        let error = health::assess::<Test>(&account, None).expect_err("no market");
        assert_eq!(error, Error::<Test>::NoSuchMarket.into());
    });
}
