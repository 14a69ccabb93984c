//! SPEC 6: what a clearing does.

use caisson_primitives::trading::{CallSource, Cash, LotPrice, OrderRef, OrderRequest, Side};

use crate::{
    mock::*,
    pallet::{Books, Event, Immediates, OrdersOf, Touched},
    types::{CancelReason, TouchedMarket},
};

fn cancelled(account: u32) -> Vec<CancelReason> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Cancelled {
                account: of,
                reason,
                ..
            } if of == account => Some(reason),
            _ => None,
        })
        .collect()
}

fn cleared() -> Vec<(i128, u64, u64, u64)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Cleared {
                price,
                lots,
                bid_left,
                ask_left,
                ..
            } => Some((price.0 / TICK, lots, bid_left, ask_left)),
            _ => None,
        })
        .collect()
}

#[test]
fn crossing_orders_should_trade_at_the_mark_when_it_is_between_them() {
    new_test(|| {
        place(1, buy(6, MARK + 5)).unwrap();
        place(1, buy(4, MARK - 4)).unwrap();
        place(2, sell(6, MARK - 5)).unwrap();
        assert_eq!(lots(1), 0, "nothing trades before the block ends");
        end_block();
        assert_eq!((lots(1), lots(2)), (6, -6));
        let value = 6 * i128::from(MARK) * TICK;
        let fee = value * 500 / 1_000_000;
        for account in [1, 2] {
            let account = Accounts::get(account).unwrap();
            assert_eq!(account.collateral, Cash(100_000_000 - fee), "both took");
        }
        assert_eq!(Fees::get(), Cash(2 * fee));
        assert_eq!(LongLots::get(MARKET), 6);
        assert_eq!(cleared(), [(MARK.into(), 6, 0, 0)]);
        let books = Books::<Test>::get(MARKET);
        assert_eq!((books.best_bid, books.best_ask), (Some(MARK - 4), None));
        assert_eq!(
            books.cleared,
            Some((MARK, world(|world| world.slot) * 1_000))
        );
        assert!(Touched::<Test>::get().is_empty());
    });
}

#[test]
fn price_should_be_the_nearest_to_the_mark_that_clears_as_much() {
    new_test(|| {
        place(1, buy(5, MARK + 9)).unwrap();
        place(2, sell(5, MARK + 3)).unwrap();
        next_block();
        assert_eq!(cleared()[0].0, i128::from(MARK + 3), "the seller's limit");
        place(1, buy(5, MARK - 3)).unwrap();
        place(2, sell(9, MARK - 9)).unwrap();
        next_block();
        assert_eq!(
            cleared(),
            [((MARK - 9).into(), 5, 0, 4)],
            "the seller who is left over would have taken less"
        );
    });
}

#[test]
fn order_that_rested_should_be_the_maker_and_paid_its_rebate() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        let value = 10 * i128::from(MARK) * TICK;
        let collateral = |account| Accounts::get(account).unwrap().collateral.0 - 100_000_000;
        assert_eq!(collateral(1), value * 200 / 1_000_000);
        assert_eq!(collateral(2), -value * 500 / 1_000_000);
        assert_eq!(Fees::get(), Cash(value * 300 / 1_000_000));
    });
}

/// Those of accounts 2 to 9 that win when two of eight equal orders trade, and account 1, which came a block before.
fn winners(seed: u8) -> Vec<u32> {
    new_test(|| {
        world(|world| world.seed = [seed; 32]);
        place(1, buy(10, MARK)).unwrap();
        next_block();
        for account in 2..=9 {
            place(account, buy(10, MARK)).unwrap();
        }
        place(10, sell(30, MARK)).unwrap();
        next_block();
        (1..=9).filter(|account| lots(*account) == 10).collect()
    })
}

#[test]
fn older_call_should_come_first_and_inside_a_call_the_draw_should_decide() {
    let all: Vec<_> = (0..20).map(winners).collect();
    for drawn in &all {
        assert_eq!(drawn.len(), 3);
        assert_eq!(drawn[0], 1, "it was there first");
    }
    for account in 2..=9 {
        assert!(all.iter().any(|drawn| drawn.contains(&account)));
    }
}

#[test]
fn cancel_should_beat_a_fill_of_its_block() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        Exchange::cancel(RuntimeOrigin::signed(1), 1, MARKET, OrderRef::Number(0)).unwrap();
        next_block();
        assert_eq!((lots(1), lots(2)), (0, 0));
    });
}

#[test]
fn immediate_order_should_leave_after_its_clearing_whatever_it_got() {
    new_test(|| {
        place(2, sell(4, MARK)).unwrap();
        place(1, buy(10, MARK).immediate()).unwrap();
        place(3, buy(10, MARK - 100).immediate()).unwrap();
        next_block();
        assert_eq!((lots(1), lots(3)), (4, 0));
        assert!(OrdersOf::<Test>::get(1, MARKET).is_empty());
        assert!(OrdersOf::<Test>::get(3, MARKET).is_empty());
        assert!(!Immediates::<Test>::contains_key(MARKET));
        let reasons = events();
        let unfilled = reasons.iter().filter(|event| {
            matches!(
                event,
                Event::Cancelled {
                    reason: CancelReason::Unfilled,
                    ..
                }
            )
        });
        assert_eq!(unfilled.count(), 2);
        assert_eq!(Books::<Test>::get(MARKET).best_bid, None);
    });
}

#[test]
fn market_order_should_stand_at_the_mark_moved_by_its_bound() {
    new_test(|| {
        place(2, sell(10, MARK + 10)).unwrap();
        place(2, sell(10, MARK + 11)).unwrap();
        place(1, OrderRequest::market(Side::Long, 15, 10_000)).unwrap();
        next_block();
        assert_eq!(lots(1), 10, "ten ticks are one per cent");
    });
}

#[test]
fn post_only_order_should_be_cancelled_when_it_would_take_and_rest_else() {
    new_test(|| {
        place(2, sell(10, MARK)).unwrap();
        next_block();
        place(1, buy(10, MARK).post_only()).unwrap();
        place(3, buy(10, MARK - 1).post_only()).unwrap();
        next_block();
        assert_eq!(cancelled(1), [CancelReason::WouldTake]);
        assert_eq!(lots(2), 0);
        place(4, sell(10, MARK - 1)).unwrap();
        next_block();
        assert_eq!(
            (lots(3), lots(4)),
            (10, -10),
            "then it is an order like others"
        );
    });
}

#[test]
fn post_only_orders_of_both_sides_should_both_go_when_they_meet() {
    new_test(|| {
        place(1, buy(10, MARK).post_only()).unwrap();
        place(2, sell(10, MARK).post_only()).unwrap();
        next_block();
        assert!(OrdersOf::<Test>::get(1, MARKET).is_empty());
        assert!(OrdersOf::<Test>::get(2, MARKET).is_empty());
        assert_eq!(Accounts::get(1).unwrap().orders, 0);
    });
}

#[test]
fn reduce_only_orders_should_close_the_position_and_no_more() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        place(1, sell(8, MARK - 1).reduce_only()).unwrap();
        place(1, sell(8, MARK).reduce_only()).unwrap();
        let account = Accounts::get(1).unwrap();
        assert!(account.open(MARKET).is_empty(), "they need no margin");
        assert_eq!(account.orders, 2);
        place(3, buy(20, MARK)).unwrap();
        next_block();
        assert_eq!((lots(1), lots(3)), (0, 10));
        assert_eq!(cancelled(1), [CancelReason::WouldNotReduce]);
        assert!(Accounts::get(1).unwrap().positions.is_empty());
    });
}

#[test]
fn expired_order_should_be_dropped_when_it_is_met() {
    new_test(|| {
        let soon = (world(|world| world.slot) + 2) * 1_000;
        place(1, buy(10, MARK).good_till(soon)).unwrap();
        next_block();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        assert_eq!((lots(1), lots(2)), (0, 0));
        assert_eq!(cancelled(1), [CancelReason::Expired]);
    });
}

#[test]
fn orders_of_unsafe_accounts_and_of_passed_deadlines_should_be_dropped() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(3, buy(10, MARK)).unwrap();
        next_block();
        Accounts::mutate(1, |account| {
            account.as_mut().unwrap().unsafe_since = Some(1)
        });
        // The housekeeping of this block has no room for the deadline.
        Exchange::schedule_cancel(RuntimeOrigin::signed(3), 3, Some(1_002_500)).unwrap();
        world(|world| world.housekeeping_budget = 0);
        next_block();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        end_block();
        assert_eq!((lots(1), lots(2), lots(3)), (0, 0, 0));
        let reasons: Vec<_> = events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Cancelled {
                    account, reason, ..
                } => Some((account, reason)),
                _ => None,
            })
            .collect();
        assert_eq!(
            reasons,
            [(1, CancelReason::Unsafe), (3, CancelReason::Deadline)]
        );
        world(|world| world.housekeeping_budget = 1_000_000);
        begin_block();
        assert_eq!(Accounts::get(3).unwrap().cancel_at, None);
    });
}

#[test]
fn account_may_trade_with_itself_for_its_fees() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(1, sell(10, MARK)).unwrap();
        next_block();
        assert_eq!(lots(1), 0);
        let fee = 2 * 10 * i128::from(MARK) * TICK * 500 / 1_000_000;
        assert_eq!(
            Accounts::get(1).unwrap().collateral,
            Cash(100_000_000 - fee)
        );
        assert_eq!(LongLots::get(MARKET), 0);
    });
}

#[test]
fn best_prices_should_be_exact_when_the_best_order_left() {
    new_test(|| {
        place(1, buy(10, MARK - 1)).unwrap();
        place(1, buy(10, MARK - 2)).unwrap();
        place(1, sell(10, MARK + 2)).unwrap();
        end_block();
        Exchange::cancel(RuntimeOrigin::signed(1), 1, MARKET, OrderRef::Number(0)).unwrap();
        let touched = TouchedMarket {
            market: MARKET,
            cancels: 1,
        };
        assert_eq!(Touched::<Test>::get().into_inner(), [touched]);
        end_block();
        let call = Exchange::call(MARKET);
        assert_eq!(
            (call.best_bid, call.best_ask),
            (Some(MARK - 2), Some(MARK + 2))
        );
        assert!(!call.long_call);
    });
}

#[test]
fn guard_should_be_asked_with_price_and_lots() {
    new_test(|| {
        place(1, buy(10, MARK + 5)).unwrap();
        place(2, sell(6, MARK + 2)).unwrap();
        end_block();
        let asked = world(|world| world.asked.clone());
        assert_eq!(asked, [(MARKET, LotPrice(i128::from(MARK + 5) * TICK), 6)]);
    });
}

#[test]
fn orders_that_only_bound_the_price_should_be_able_to_trade() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        // A reduce-only bid without a position any more: it must not hold the price up.
        place(2, buy(10, MARK + 20).reduce_only()).unwrap();
        Accounts::mutate(2, |account| {
            let account = account.as_mut().unwrap();
            account.positions = Default::default();
        });
        set_mark(MARK - 50);
        place(3, buy(5, MARK + 30)).unwrap();
        place(4, sell(5, MARK - 30)).unwrap();
        next_block();
        let found = events();
        let price = found.iter().rev().find_map(|event| match event {
            Event::Cleared { price, .. } => Some(price.0 / TICK),
            _ => None,
        });
        assert_eq!(price, Some(i128::from(MARK - 30)));
        let gone = Event::Cancelled {
            account: 2,
            market: MARKET,
            number: 1,
            reason: CancelReason::WouldNotReduce,
        };
        assert!(found.contains(&gone));
    });
}
