//! SPEC 4: what a trade does to an account.

use crate::{fills, mock::*, Error, Ledgers, OpenInterest};
use caisson_primitives::trading::{
    Account, AccountRole, Cash, Fill, FillKind, LotPrice, Lots, Side, TradingAccounts, Volume,
};
use frame_support::{assert_err, assert_ok};

fn fill(side: Side, lots: u64, price: i128, maker: bool) -> Fill {
    Fill {
        market: BTC,
        side,
        lots,
        price: LotPrice(price),
        kind: FillKind::of_order(maker),
    }
}

fn free() -> caisson_primitives::trading::Contract {
    let mut contract = contract();
    contract.fees = Default::default();
    contract
}

#[test]
fn opening_adding_reducing_and_flipping_should_keep_money_plus_worth() {
    let mut account = Account::new(ALICE, 0, 0);
    let prices = prices(100);
    let mut book = |side, lots, price| {
        let settled = fills::book(
            &mut account,
            &free(),
            &prices,
            0,
            &fill(side, lots, price, false),
        )
        .expect("books");
        let position = account.position(BTC).expect("a position");
        (
            position.lots.0,
            position.cost.0,
            account.collateral.0,
            settled.realised.0,
            settled.long_lots,
        )
    };
    assert_eq!(book(Side::Long, 10, 100), (10, 1_000, 0, 0, 10));
    assert_eq!(book(Side::Long, 5, 130), (15, 1_650, 0, 0, 5));
    // Seven of fifteen at 110 on average: floor(1650 * 7 / 15) = 770.
    assert_eq!(book(Side::Short, 7, 120), (8, 880, 70, 70, -7));
    // All eight closed at a loss of 80, and two sold short.
    assert_eq!(book(Side::Short, 10, 100), (-2, -200, -10, -80, -8));
    assert_eq!(book(Side::Long, 2, 90), (0, 0, 10, 20, 0));
}

#[test]
fn rounding_of_released_cost_should_stay_inside_the_account() {
    let mut account = Account::new(ALICE, 0, 0);
    let prices = prices(100);
    for (side, lots, price) in [
        (Side::Short, 3, 100),
        (Side::Short, 4, 101),
        (Side::Long, 2, 99),
    ] {
        fills::book(
            &mut account,
            &free(),
            &prices,
            0,
            &fill(side, lots, price, false),
        )
        .expect("books");
    }
    let position = account.position(BTC).expect("a position");
    // -704 * 2 / 7 = -201.1: rounded down.
    assert_eq!(
        (position.cost.0, account.collateral.0),
        (-704 + 202, 202 - 198)
    );
    // Whatever the split: money minus cost is what was taken in and paid.
    assert_eq!(
        account.collateral.0 - position.cost.0,
        3 * 100 + 4 * 101 - 2 * 99
    );
}

#[test]
fn funding_should_be_paid_before_the_position_changes() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_funding(BTC, 3 * ONE);
        next_block();
        assert_eq!(
            Margin::health(alice).expect("one").positions[0].funding_owed,
            Cash(30 * ONE)
        );
        trade(BTC, alice, bob, 1, 100 * ONE);
        assert_eq!(
            (collateral(alice), collateral(bob)),
            (970 * ONE, 1_030 * ONE)
        );
        next_block();
    });
}

#[test]
fn fees_should_follow_the_volume_and_round_up() {
    let mut account = Account::new(ALICE, 0, 0);
    let prices = prices(100);
    let mut fee = |lots, maker, now| {
        fills::book(
            &mut account,
            &contract(),
            &prices,
            now,
            &fill(Side::Long, lots, 101, maker),
        )
        .expect("books")
        .fee
        .0
    };
    // 101 * 500 ppm = 0.05: up to a quantum; a rebate of 0.01 down to none.
    assert_eq!(fee(1, false, 0), 1);
    assert_eq!(fee(1, true, 0), 0);
    assert_eq!(fee(1_000, true, 0), -10);
    account.volume = Volume {
        window: 0,
        current: Cash(1_000_000 * ONE),
        previous: Cash(0),
    };
    let mut fee = |now| {
        fills::book(
            &mut account,
            &contract(),
            &prices,
            now,
            &fill(Side::Long, 100, 1_000, false),
        )
        .expect("books")
        .fee
        .0
    };
    let month = 30 * 24 * 3_600_000;
    assert_eq!(fee(0), 30);
    assert_eq!(fee(month), 30);
    assert_eq!(fee(2 * month), 50);
}

#[test]
fn forced_fill_should_be_due_a_penalty_and_no_fee_when_it_is_the_engines() {
    let prices = prices(100);
    let book = |role, kind| {
        let mut account = Account::new(ALICE, 0, 0);
        account.role = role;
        let forced = Fill {
            kind,
            ..fill(Side::Long, 3, 101, false)
        };
        let settled = fills::book(&mut account, &contract(), &prices, 0, &forced).expect("books");
        let volume = account.volume.current.0;
        // The penalty is not taken here: money changes by the fee alone.
        assert_eq!(account.collateral, Cash(-settled.fee.0));
        (settled.fee.0, settled.penalty.0, volume)
    };
    // 303 * 1 % = 3.03, up; 303 * 500 ppm = 0.2, up.
    let trader = AccountRole::Trader;
    assert_eq!(book(trader, FillKind::Liquidation), (0, 4, 0));
    assert_eq!(book(trader, FillKind::AtMark), (0, 0, 0));
    assert_eq!(book(trader, FillKind::Taker), (1, 0, 303));
    assert_eq!(book(trader, FillKind::Maker), (0, 0, 303));
    assert_eq!(book(AccountRole::Fund, FillKind::Liquidation), (0, 0, 0));
}

#[test]
fn fees_should_be_shared_by_the_market_and_collected_by_anyone() {
    new_test_ext().execute_with(|| {
        let alice = open(ALICE, 0, 1_000);
        // As the exchange does: what leaves an account is shared.
        let mut account = Margin::load(alice).expect("an account");
        account.collateral.0 -= 10 * ONE + 1;
        Margin::settle(alice, account).expect("settles");
        assert_ok!(Margin::conclude(BTC, &contract(), Cash(10 * ONE + 1), 0));
        let ledger = Ledgers::<Test>::get(0);
        assert_eq!(ledger.insurance, Cash(5 * ONE));
        assert_eq!(ledger.backers, Cash(5 * ONE / 2));
        assert_eq!(ledger.treasury, Cash(5 * ONE / 2 + 1));
        next_block();
        assert_ok!(Margin::collect_fees(RuntimeOrigin::signed(CAROL), 0));
        assert_eq!(Ledgers::<Test>::get(0).treasury, Cash(1));
        assert_err!(
            Margin::collect_fees(RuntimeOrigin::signed(CAROL), 0),
            Error::<Test>::ZeroAmount
        );
        assert_err!(
            Margin::collect_fees(RuntimeOrigin::signed(CAROL), 9),
            Error::<Test>::NoSuchCompartment
        );
        next_block();
    });
}

#[test]
fn clearing_should_be_refused_when_its_sums_are_impossible() {
    new_test_ext().execute_with(|| {
        assert_err!(
            Margin::conclude(BTC, &contract(), Cash(-1), 0),
            Error::<Test>::Arithmetic
        );
        assert_err!(
            Margin::conclude(BTC, &contract(), Cash(0), -1),
            Error::<Test>::Arithmetic
        );
        assert_ok!(Margin::conclude(BTC, &contract(), Cash(0), 3));
        assert_eq!(OpenInterest::<Test>::get(BTC), 3);
    });
}

#[test]
fn fill_should_be_refused_when_the_position_or_the_markets_are_too_many() {
    let mut account = Account::new(ALICE, 0, 0);
    let prices = prices(100);
    let most = (1u64 << 48) - 1;
    assert_ok!(fills::book(
        &mut account,
        &free(),
        &prices,
        0,
        &fill(Side::Long, most, 1, false)
    ));
    assert!(fills::book(
        &mut account,
        &free(),
        &prices,
        0,
        &fill(Side::Long, 1, 1, false)
    )
    .is_err());
    new_test_ext().execute_with(|| {
        let mut account = Account::new(ALICE, 0, 0);
        for market in 1_000..1_032 {
            assert!(account.position_mut(market).is_some());
        }
        assert_err!(
            Margin::fill(
                &mut account,
                &free(),
                &prices,
                0,
                &fill(Side::Long, 1, 1, false)
            ),
            Error::<Test>::TooManyMarkets
        );
        assert_eq!(account.lots(BTC), Lots(0));
    });
}
