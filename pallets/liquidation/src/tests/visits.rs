//! SPEC 4, 5.1, 7, 8: the account's own margin, by hand.

use caisson_primitives::trading::{Level, LotPrice, Scope, Side, TradingAccounts};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};

use super::scene::*;
use crate::{mock::*, Error, Event, InProgress, UnsafeAccounts};

#[test]
fn account_should_be_restored_in_the_block_in_which_it_was_found_when_there_are_bids() {
    run(|| {
        let (long, _) = thin_long(10_000);
        let maker = Trader::new(3, 10_000);
        maker.bids(60, 9_600);
        set_mark(MARKET, 96);
        block();
        // Equity 600 - 400 = 200 of a maintenance margin of 288. The limit concedes 88/288 (rounded up to a millionth) of
        // the 2 that are behind a lot; restoring 345.6 takes ceil(145.6 / (3.456 - 0.611112 - 0.96)) = 78 lots, and a slice
        // is half.
        let limit = 96 * ONE - 2 * 305_556 * ONE / 1_000_000;
        assert_eq!(
            events()[0],
            Event::OrderEntered {
                account: long.index,
                market: MARKET,
                side: Side::Short,
                lots: 50,
                limit: LotPrice(limit),
                attempt: 0,
                equity: wholes(200),
                slack: wholes(-88),
            }
        );
        // At one price, the mark: 50 * 96 = 4800, a hundredth of it is the penalty.
        assert_eq!((long.lots(), maker.lots()), (50, 50));
        assert_eq!(insurance(), 48 * ONE);
        assert_eq!(long.money(), (600 - 200 - 48) * ONE);
        assert_eq!(long.equity(), 152 * ONE);
        assert_eq!(long.slack(), 8 * ONE);
        assert!(!long.is_marked());
        assert_eq!(latencies().0[0], 1);
        assert_eq!(latencies().total(), 1);
        assert!(events().iter().any(|event| matches!(
            event,
            Event::Restored { account, market: MARKET, blocks: 0, .. } if *account == long.index
        )));
        assert_eq!(UnsafeAccounts::<Test>::get(), 0);
        block();
        assert_eq!(events(), []);
    });
}

#[test]
fn own_orders_should_be_cancelled_first_when_an_account_is_unsafe() {
    run(|| {
        let (long, _) = thin_long(10_000);
        Margin::deposit(signed(1), long.index, USD, 100 * UNITS).unwrap();
        long.bids(5, 9_100);
        block();
        assert_eq!(Margin::load(long.index).unwrap().orders, 1);
        set_mark(MARKET, 95);
        begin_block();
        // 700 - 500 = 200 of 285.
        let account = Margin::load(long.index).unwrap();
        assert_eq!(account.orders, 1, "that of the engine");
        assert_eq!(account.open(MARKET).buy, 0);
        end_block();
    });
}

#[test]
fn deposit_should_end_liquidation_when_it_restores_the_margin() {
    run(|| {
        let (long, _) = thin_long(10_000);
        let maker = Trader::new(3, 10_000);
        maker.bids(100, 9_500);
        set_mark(MARKET, 96);
        begin_block();
        assert_ok!(Margin::deposit(signed(1), long.index, USD, 88 * UNITS));
        end_block();
        assert!(!long.is_marked());
        assert_eq!(InProgress::<Test>::get(long.index), None);
        blocks(3);
        assert_eq!((long.lots(), long.slack()), (100, 0));
    });
}

#[test]
fn limit_should_give_way_with_each_block_and_the_fund_buy_there_when_nobody_bids() {
    run(|| {
        endow(0, 10_000);
        let (long, _) = thin_long(10_000);
        set_mark(MARKET, 96);
        for step in 0..3 {
            block();
            let urgency = 305_556 + step * 250_000;
            assert_eq!(limits(), [96 * ONE - 2 * urgency * ONE / 1_000_000]);
            let progress = InProgress::<Test>::get(long.index).unwrap();
            assert_eq!(i128::from(progress.attempts), step + 1);
        }
        // SPEC 4.6: patience is at its end, so the fund buys the next slice, at what is the bankruptcy price by now.
        block();
        assert!(limits().is_empty());
        assert_eq!(
            bought(),
            [(long.index, 50, LotPrice(94 * ONE), 3, wholes(200))]
        );
        // 100 are lost against the mark, and 1 % of 4700 is the penalty.
        assert_eq!((long.lots(), long.equity()), (50, 53 * ONE));
        assert_eq!(inventory(), (50, 0));
        assert_eq!(insurance(), 10_047 * ONE);
        // 53 of 144: the next slice is half of the rest, 1.06 below the mark; its penalty is 23.735.
        block();
        assert_eq!(
            bought(),
            [(long.index, 25, LotPrice(9_494 * TICK), 4, wholes(53))]
        );
        assert_eq!(long.equity(), 2_765 * ONE / 1_000);
        // SPEC 5.1: 2.765 of 72 is under three tenths.
        block();
        assert_eq!(taken_over(), [long.index]);
        assert_eq!((long.lots(), long.money()), (0, 0));
        assert_eq!(inventory(), (100, 0));
        assert_eq!(insurance(), (10_047_000 + 23_735 + 2_765) * ONE / 1_000);
        assert_eq!(latencies().0[5], 1, "five blocks");
        assert!(deleveraged().is_empty(), "500 lots could be carried");
        assert_eq!(totals().bought, 75);
    });
}

#[test]
fn fund_should_buy_at_once_when_the_call_is_a_long_one() {
    run(|| {
        endow(0, 10_000);
        let (long, _) = thin_long(10_000);
        let maker = Trader::new(3, 10_000);
        raise(Level::LongCalls);
        // Something crosses, but the call goes on for a minute.
        maker.bids(1, 9_950);
        maker.asks(1, 9_950);
        block();
        set_mark(MARKET, 96);
        block();
        let limit = 96 * ONE - 2 * 305_556 * ONE / 1_000_000;
        assert!(limits().is_empty());
        assert_eq!(
            bought(),
            [(long.index, 50, LotPrice(limit), 0, wholes(200))]
        );
        // 200 - 50 * 0.611112 - 1 % of 50 * 95.388888: what is left is more than half a percent short of 144.
        let left = 200 * ONE - 50 * 611_112_000_000 - 50 * limit / 100;
        assert_eq!(long.equity(), left);
        assert_eq!((long.lots(), inventory()), (50, (50, 0)));
        assert_eq!(insurance(), 10_000 * ONE + 50 * limit / 100);
    });
}

#[test]
fn limit_should_be_tried_by_a_call_before_it_gives_way_further() {
    run(|| {
        let (long, _) = thin_long(10_000);
        let maker = Trader::new(3, 10_000);
        maker.bids(60, 9_500);
        set_mark(MARKET, 96);
        block();
        assert_eq!(long.lots(), 100, "95 is worse than 95.388888");
        block();
        // 94.888888 meets the bid, at the bid: 50 lots lose 50 against the mark and pay 47.5.
        assert_eq!(long.lots(), 50);
        assert_eq!(insurance(), 475 * ONE / 10);
        assert_eq!(long.equity(), 1_025 * ONE / 10);
        block();
        // 41.5 of 144 are missing: ceil(288194.4..) + 500000 ppm of the 2.05 behind a lot, and all is wanted, in halves.
        assert_eq!(limits(), [96 * ONE - 205 * ONE / 100 * 788_195 / 1_000_000]);
        // The ten that are bid at 95 for less than the 25 that are offered: the ask bounds the price, in whole ticks.
        assert_eq!(long.lots(), 40);
    });
}

#[test]
fn short_should_be_liquidated_by_the_same_rules() {
    run(|| {
        let (long, short) = (Trader::new(1, 10_000), Trader::new(2, 600));
        trade(long, short, 100, 100);
        let maker = Trader::new(3, 10_000);
        maker.asks(60, 10_400);
        set_mark(MARKET, 104);
        block();
        // 200 of 312: 112/312 of the 2 behind a lot.
        assert_eq!(limits(), [104 * ONE + 2 * 358_975 * ONE / 1_000_000]);
        assert_eq!((short.lots(), maker.lots()), (-50, -50));
        assert_eq!(insurance(), 52 * ONE);
        assert_eq!(short.equity(), 148 * ONE);
        // 148 of 156: not yet.
        assert!(short.is_marked());
        maker.asks(50, 10_450);
        block();
        assert!(!short.is_marked());
        assert_eq!(latencies().0[1], 1);
    });
}

#[test]
fn account_should_be_armed_again_and_left_alone_when_it_recovered() {
    run(|| {
        let (long, _) = thin_long(10_000);
        set_mark(MARKET, 96);
        block();
        assert!(long.is_marked());
        set_mark(MARKET, 99);
        block();
        assert!(!long.is_marked());
        assert_eq!((long.lots(), long.money()), (100, 600 * ONE));
        assert!(matches!(events()[..], [Event::Restored { blocks: 1, .. }]));
        blocks(2);
        assert_eq!(events(), []);
    });
}

#[test]
fn attempts_should_count_and_the_fund_buy_when_the_market_is_halted() {
    run(|| {
        endow(0, 10_000);
        let (long, _) = thin_long(10_000);
        Trader::new(3, 10_000).bids(100, 9_600);
        raise(Level::Halted);
        set_mark(MARKET, 96);
        for attempts in 1..=3 {
            block();
            assert!(matches!(
                events()[..],
                [Event::OrderNotEntered { account, market: MARKET, .. }] if account == long.index
            ));
            assert_eq!(
                InProgress::<Test>::get(long.index).unwrap().attempts,
                attempts
            );
        }
        block();
        assert_eq!(
            bought(),
            [(long.index, 50, LotPrice(94 * ONE), 3, wholes(200))]
        );
        blocks(2);
        assert_eq!(taken_over(), [long.index]);
        assert_eq!(inventory(), (100, 0));
    });
}

/// A guardian raises the market.
fn raise(level: Level) {
    assert_ok!(CircuitBreaker::raise(
        signed(GUARDIAN),
        Scope::Market(MARKET),
        level,
        Default::default(),
    ));
}

#[test]
fn anyone_should_liquidate_for_free_when_the_engine_did_not_come_to_it() {
    run(|| {
        let (long, _) = thin_long(10_000);
        let liquidate = || Liquidation::liquidate(signed(9), long.index);
        assert_noop!(liquidate(), Error::<Test>::NotUnsafe);
        assert_noop!(
            Liquidation::liquidate(signed(9), 77),
            Error::<Test>::NoSuchAccount
        );
        // The price moved, and no step looked at it yet.
        set_mark(MARKET, 96);
        System::reset_events();
        let info = liquidate().unwrap();
        assert_eq!(info.pays_fee, Pays::No);
        assert_eq!(limits().len(), 1);
        let now = System::block_number() as u32;
        let tried = InProgress::<Test>::get(long.index).unwrap();
        assert_eq!((tried.market, tried.attempts, tried.last), (MARKET, 1, now));
        assert!(tried.offered.is_positive());
        assert_eq!(UnsafeAccounts::<Test>::get(), 1);
        // A second time would be the next attempt, at a limit that gave way without a call having tried the first.
        let refused = liquidate().unwrap_err();
        assert_eq!(refused.error, Error::<Test>::VisitedAlready.into());
        assert_eq!(InProgress::<Test>::get(long.index), Some(tried));
        begin_block();
        let refused = liquidate().unwrap_err();
        assert_eq!(refused.error, Error::<Test>::VisitedAlready.into());
        end_block();
        assert_eq!(InProgress::<Test>::get(long.index).unwrap().attempts, 2);
    });
}

#[test]
fn terms_should_be_set_by_the_risk_admin_only_and_only_sound_ones() {
    run(|| {
        let terms = crate::types::Terms::default();
        let user = signed(1);
        assert_noop!(
            Liquidation::set_terms(user, terms),
            sp_runtime::DispatchError::BadOrigin
        );
        let bad = crate::types::Terms {
            target_ppm: 999_999,
            ..terms
        };
        assert_noop!(
            Liquidation::set_terms(RuntimeOrigin::root(), bad),
            Error::<Test>::BadTerms
        );
        let other = crate::types::Terms {
            max_attempts: 9,
            ..terms
        };
        assert_ok!(Liquidation::set_terms(RuntimeOrigin::root(), other));
        assert_eq!(Liquidation::terms(), other);
    });
}
