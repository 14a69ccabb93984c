//! SPEC 14: orders that the chain enters.

use caisson_primitives::trading::{
    AccountIndex, AccountRole, CallSource, Cash, ForcedOrders, Level, LotPrice, OpenOrdersSource,
    OrderRef, Phase, Side, Ticks,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use crate::{
    api,
    mock::*,
    pallet::{Book, Error, Event, Immediates, OrdersOf, Touched},
    refusals::Refusal,
    types::{CancelReason, Place},
};

type E = Error<Test>;

fn who(account: u32) -> RuntimeOrigin {
    RuntimeOrigin::signed(account.into())
}

fn at(ticks: Ticks) -> LotPrice {
    LotPrice(i128::from(ticks) * TICK)
}

fn force(account: AccountIndex, side: Side, lots: u64, limit: LotPrice) -> DispatchResult {
    Exchange::force(account, MARKET, side, lots, limit)
}

fn force_sale(lots: u64, ticks: Ticks) -> DispatchResult {
    force(1, Side::Short, lots, at(ticks))
}

/// The forced order of account 1: its limit and lots.
fn forced() -> Option<(Ticks, u64)> {
    let orders = OrdersOf::<Test>::get(1, MARKET);
    let order = orders.iter().find(|order| order.flags.forced())?;
    match order.place {
        Place::Book { ticks, .. } => Some((ticks, order.lots)),
        Place::Dormant(_) => panic!("asleep"),
    }
}

fn set_unsafe(account: u32, is_unsafe: bool) {
    Accounts::mutate(account, |stored| {
        stored.as_mut().unwrap().unsafe_since = is_unsafe.then_some(1);
    });
}

/// Account 1 holds ten lots, account 2 is ten short, and account 1 is short of maintenance margin.
fn endangered() {
    place(1, buy(10, MARK)).unwrap();
    place(2, sell(10, MARK)).unwrap();
    next_block();
    set_unsafe(1, true);
    events();
    Fees::kill();
}

fn reasons(of: u32) -> Vec<CancelReason> {
    let mut reasons = Vec::new();
    for event in events() {
        match event {
            Event::Cancelled {
                account, reason, ..
            } if account == of => reasons.push(reason),
            _ => {}
        }
    }
    reasons
}

#[test]
fn forced_order_should_fill_although_the_account_is_unsafe_and_pay_a_penalty() {
    new_test(|| {
        place(1, buy(10, MARK - 300)).unwrap();
        endangered();
        place(3, buy(6, MARK - 30)).unwrap();
        next_block();
        events();
        let before = Accounts::get(1).unwrap();
        assert_ok!(force_sale(4, MARK - 40));
        let event = Event::Forced {
            account: 1,
            market: MARKET,
            number: before.next_order,
            side: Side::Short,
            lots: 4,
            limit: MARK - 40,
        };
        assert_eq!(events(), [event]);
        let entered = Accounts::get(1).unwrap();
        assert_eq!(entered.acts, before.acts, "no act of its owner");
        assert_eq!(entered.open(MARKET), before.open(MARKET), "no margin");
        assert_eq!(entered.orders, before.orders + 1);
        end_block();
        assert_eq!((lots(1), lots(3)), (6, 4));
        // At the buyer's price: the mark is above it.
        let value = 4 * i128::from(MARK - 30) * TICK;
        let penalty = Cash(value / 100);
        let said = events();
        assert!(said.contains(&Event::Filled {
            account: 1,
            market: MARKET,
            number: before.next_order,
            side: Side::Short,
            lots: 4,
            price: at(MARK - 30),
            fee: Cash(0),
            realised: Cash(-4 * 30 * TICK),
            remaining: 0,
            maker: false,
            forced: true,
        }));
        assert!(said.contains(&Event::Penalised {
            account: 1,
            market: MARKET,
            penalty,
        }));
        assert_eq!(Penalties::get(), penalty);
        let after = Accounts::get(1).unwrap();
        assert_eq!(
            after.collateral.0,
            before.collateral.0 - 4 * 30 * TICK - penalty.0
        );
        assert!(!Immediates::<Test>::contains_key(MARKET));
    });
}

#[test]
fn penalty_should_be_what_margin_says_when_equity_bounds_it() {
    new_test(|| {
        endangered();
        place(3, buy(10, MARK)).unwrap();
        Accounts::mutate(1, |stored| {
            let stored = stored.as_mut().unwrap();
            stored.collateral.0 -= equity(stored) - 70;
        });
        assert_ok!(force_sale(10, MARK));
        end_block();
        let event = Event::Penalised {
            account: 1,
            market: MARKET,
            penalty: Cash(70),
        };
        assert!(events().contains(&event));
        assert_eq!(Accounts::get(1).unwrap().collateral, Cash(0));
    });
}

#[test]
fn maker_should_get_no_rebate_for_what_a_forced_order_pays_no_fee_for() {
    new_test(|| {
        endangered();
        place(3, buy(10, MARK)).unwrap();
        next_block();
        place(4, sell(4, MARK)).unwrap();
        assert_ok!(force_sale(6, MARK));
        let before = Accounts::get(3).unwrap().collateral.0;
        end_block();
        assert_eq!((lots(1), lots(3), lots(4)), (4, 10, -4));
        let rebate = 4 * i128::from(MARK) * TICK * 200 / 1_000_000;
        assert_eq!(Accounts::get(3).unwrap().collateral.0, before + rebate);
        let taken = 4 * i128::from(MARK) * TICK * 500 / 1_000_000;
        assert_eq!(Fees::get(), Cash(taken - rebate));
        let filled = events().into_iter().find_map(|event| match event {
            Event::Filled {
                account: 3,
                lots,
                fee,
                maker,
                forced,
                ..
            } => Some((lots, fee.0, maker, forced)),
            _ => None,
        });
        assert_eq!(filled, Some((10, -rebate, true, false)));
        // Alone it would be a clearing that gives more than it takes.
        begin_block();
        place(3, buy(4, MARK)).unwrap();
        next_block();
        assert_ok!(force_sale(4, MARK));
        end_block();
        assert_eq!(lots(1), 0);
    });
}

#[test]
fn fund_should_sell_without_fee_and_penalty_whatever_its_health() {
    new_test(|| {
        endangered();
        set_unsafe(1, false);
        Accounts::mutate(1, |stored| {
            let stored = stored.as_mut().unwrap();
            (stored.role, stored.collateral) = (AccountRole::Fund, Cash(-5_000_000));
        });
        place(3, buy(10, MARK)).unwrap();
        assert_ok!(force_sale(10, MARK));
        end_block();
        assert_eq!(lots(1), 0);
        assert_eq!(Accounts::get(1).unwrap().collateral, Cash(-5_000_000));
        assert_eq!(Penalties::get(), Cash(0));
        assert!(!events()
            .iter()
            .any(|event| matches!(event, Event::Penalised { .. })));
    });
}

#[test]
fn forced_order_should_be_dropped_when_its_account_is_safe_again() {
    new_test(|| {
        endangered();
        place(3, buy(10, MARK)).unwrap();
        assert_ok!(force_sale(10, MARK));
        set_unsafe(1, false);
        events();
        end_block();
        assert_eq!(lots(1), 10);
        assert_eq!(forced(), None);
        assert_eq!(reasons(1), [CancelReason::Restored]);
        assert_eq!(OrdersOf::<Test>::get(3, MARKET).len(), 1);
    });
}

#[test]
fn what_is_left_of_a_forced_order_should_go_after_its_clearing() {
    new_test(|| {
        endangered();
        place(3, buy(4, MARK)).unwrap();
        assert_ok!(force_sale(10, MARK));
        events();
        end_block();
        assert_eq!((lots(1), forced()), (6, None));
        assert_eq!(reasons(1), [CancelReason::Unfilled]);
        begin_block();
        assert_ok!(force_sale(6, MARK));
        events();
        end_block();
        assert_eq!(reasons(1), [CancelReason::Unfilled], "nobody buys");
    });
}

#[test]
fn lots_and_limit_should_be_brought_into_what_may_trade() {
    new_test(|| {
        endangered();
        let sale = |lots, quanta| {
            assert_ok!(force(1, Side::Short, lots, LotPrice(quanta)));
            forced().unwrap()
        };
        let price = |ticks: Ticks| i128::from(ticks) * TICK;
        assert_eq!(sale(11, price(MARK)), (MARK, 10), "clipped to the position");
        assert_eq!(
            sale(3, price(MARK) + 1),
            (MARK + 1, 3),
            "a seller's rounds up"
        );
        assert_eq!(sale(3, price(MARK) - 1), (MARK, 3));
        // Half of the mark is the band.
        assert_eq!(sale(3, price(3)), (MARK / 2, 3));
        assert_eq!(sale(3, -7), (MARK / 2, 3));
        assert_eq!(sale(3, i128::MIN / 4), (MARK / 2, 3));
        assert_eq!(sale(3, i128::MAX / 4), (MARK * 3 / 2, 3));
        set_unsafe(2, true);
        let purchase = |quanta| {
            assert_ok!(force(2, Side::Long, 1, LotPrice(quanta)));
            let key = Book::<Test>::iter_keys().find(|key| key.side == Side::Long);
            key.unwrap().ticks
        };
        assert_eq!(purchase(price(MARK) + 9), MARK, "a buyer's rounds down");
        assert_eq!(purchase(price(5 * MARK)), MARK * 3 / 2);
        // Ends of the band that are no whole ticks round inwards, and there is a least price.
        change(MARKET, |contract, prices| {
            prices.mark = LotPrice(14);
            contract.band_ppm = 1_000_000;
        });
        assert_eq!(sale(1, 1), (1, 1));
        assert_eq!(purchase(price(MARK)), 2);
        change(MARKET, |contract, _| contract.band_ppm = 100_000);
        let no_price = force(1, Side::Short, 1, LotPrice(14));
        assert_eq!(no_price, Err(E::OutsideBand.into()));
        set_mark(MARK);
        end_block();
    });
}

#[test]
fn forced_order_should_need_a_position_and_a_call_that_goes_on() {
    new_test(|| {
        endangered();
        let refused = |account, side, lots, error: E| {
            assert_noop!(force(account, side, lots, at(MARK)), error);
        };
        refused(1, Side::Long, 1, E::WouldNotReduce);
        refused(3, Side::Short, 1, E::WouldNotReduce);
        refused(1, Side::Short, 0, E::ZeroLots);
        refused(99, Side::Short, 1, E::NoSuchAccount);
        let unknown = Exchange::force(1, 77, Side::Short, 1, at(MARK));
        assert_eq!(unknown, Err(E::NoSuchMarket.into()));
        for phase in [Phase::Proposed, Phase::Opening, Phase::Settling] {
            change(MARKET, |contract, _| contract.phase = phase);
            refused(1, Side::Short, 1, E::MarketClosed);
        }
        change(MARKET, |contract, _| contract.phase = Phase::Trading);
        change(MARKET, |contract, _| contract.compartment = 1);
        refused(1, Side::Short, 1, E::WrongCompartment);
        change(MARKET, |contract, _| contract.compartment = 0);
        Accounts::mutate(1, |stored| stored.as_mut().unwrap().next_order = u32::MAX);
        refused(1, Side::Short, 1, E::NumbersExhausted);
    });
}

#[test]
fn forced_orders_should_trade_under_every_level_that_clears() {
    for level in Level::ALL {
        new_test(|| {
            endangered();
            // The buyer reduces.
            place(2, buy(5, MARK)).unwrap();
            // And this one would open.
            place(3, buy(5, MARK + 1)).unwrap();
            next_block();
            world(|world| world.level = level);
            if level == Level::Halted {
                assert_noop!(force_sale(7, MARK), E::MarketHalted);
                return;
            }
            assert_ok!(force_sale(7, MARK));
            end_block();
            let expected = match level {
                Level::CancelOnly => (5, -5, 0),
                _ => (3, -8, 5),
            };
            assert_eq!((lots(1), lots(2), lots(3)), expected, "{level:?}");
        });
    }
}

#[test]
fn newer_forced_order_should_take_the_place_of_the_older() {
    new_test(|| {
        endangered();
        place(3, buy(10, MARK - 5)).unwrap();
        world(|world| world.extend = Some(5));
        assert_ok!(force_sale(10, MARK - 5));
        for block in 0..4u32 {
            next_block();
            events();
            assert_ok!(force_sale(9, MARK - 6 - block));
            assert_eq!(forced(), Some((MARK - 6 - block, 9)));
            assert_eq!(reasons(1), [CancelReason::Replaced]);
            assert_eq!(Immediates::<Test>::get(MARKET).len(), 1, "none piles up");
        }
        assert_eq!(Accounts::get(1).unwrap().orders, 1);
        assert!(Exchange::call(MARKET).long_call);
        world(|world| world.extend = None);
        next_block();
        end_block();
        assert_eq!((lots(1), lots(3)), (1, 9));
    });
}

#[test]
fn owner_should_not_reach_a_forced_order() {
    new_test(|| {
        endangered();
        place(2, buy(2, MARK - 9)).unwrap();
        assert_ok!(force_sale(10, MARK));
        let number = Accounts::get(1).unwrap().next_order - 1;
        let order = OrderRef::Number(number);
        assert_noop!(Exchange::cancel(who(1), 1, MARKET, order), E::OrderIsForced);
        assert_noop!(
            Exchange::amend(who(1), 1, MARKET, order, MARK, 1),
            E::OrderIsForced
        );
        events();
        let batch = vec![order].try_into().unwrap();
        assert_ok!(Exchange::cancel_batch(who(1), 1, MARKET, batch));
        let event = Event::BatchCancelled {
            account: 1,
            market: MARKET,
            results: vec![Err(Refusal::OrderIsForced)].try_into().unwrap(),
        };
        assert_eq!(events(), [event]);
        assert_ok!(Exchange::cancel_all(who(1), 1, None));
        assert_ok!(Exchange::cancel_all(who(1), 1, Some(MARKET)));
        assert_ok!(Exchange::replace_all(
            who(1),
            1,
            MARKET,
            vec![].try_into().unwrap()
        ));
        assert_eq!(<Exchange as OpenOrdersSource>::cancel_all(1), Ok(0));
        let touched = Touched::<Test>::get();
        assert!(touched.iter().all(|one| one.cancels == 0));
        assert_eq!(forced(), Some((MARK, 10)));
        let views = api::open_orders::<Test>(1);
        assert!(views[0].reduce_only && views[0].limit == Some(MARK));
        end_block();
    });
}

#[test]
fn deadline_should_leave_the_forced_order() {
    new_test(|| {
        place(1, sell(3, MARK + 200)).unwrap();
        endangered();
        let soon = (world(|world| world.slot) + 1) * 1_000;
        Exchange::schedule_cancel(who(1), 1, Some(soon)).unwrap();
        world(|world| world.extend = Some(5));
        place(3, buy(10, MARK)).unwrap();
        assert_ok!(force_sale(10, MARK));
        next_block();
        let account = Accounts::get(1).unwrap();
        assert_eq!((account.cancel_at, account.orders), (None, 1));
        assert_eq!(forced(), Some((MARK, 10)));
        world(|world| world.extend = None);
        for _ in 0..5 {
            next_block();
        }
        end_block();
        assert_eq!(lots(1), 0);
    });
}

#[test]
fn settling_market_should_lose_its_forced_orders() {
    new_test(|| {
        endangered();
        assert_ok!(force_sale(10, MARK));
        change(MARKET, |contract, _| contract.phase = Phase::Settling);
        next_block();
        assert_eq!(forced(), None);
        assert!(<Exchange as OpenOrdersSource>::drained(MARKET));
        end_block();
    });
}

#[test]
fn account_that_cannot_be_booked_should_lose_its_forced_order() {
    new_test(|| {
        endangered();
        place(3, buy(10, MARK)).unwrap();
        place(4, sell(5, MARK)).unwrap();
        assert_ok!(force_sale(10, MARK));
        world(|world| world.fails = Some(1));
        next_block();
        assert_eq!((lots(1), forced()), (10, None));
        end_block();
        assert_eq!((lots(3), lots(4)), (5, -5), "the market clears without it");
    });
}

#[test]
fn ordinary_orders_of_an_unsafe_account_should_go_while_its_forced_one_trades() {
    new_test(|| {
        place(1, sell(5, MARK + 20)).unwrap();
        endangered();
        place(3, buy(12, MARK + 30)).unwrap();
        assert_ok!(force_sale(10, MARK + 10));
        events();
        end_block();
        assert_eq!((lots(1), lots(3)), (0, 10));
        assert_eq!(reasons(1), [CancelReason::Unsafe]);
    });
}

#[test]
fn forced_order_should_find_room_in_a_full_list_but_not_in_a_full_call() {
    with_accounts(1_000_000_000, || {
        endangered();
        set_unsafe(1, false);
        for _ in 0..100 {
            place(1, buy(2, MARK - 20)).unwrap();
        }
        set_unsafe(1, true);
        let immediate = buy(2, MARK - 50).immediate();
        for account in 3..=12 {
            for _ in 0..100 {
                place(account, immediate).unwrap();
            }
        }
        assert_noop!(force_sale(10, MARK), E::CallFull);
        world(|world| world.clearing_budget = 100);
        next_block();
        world(|world| world.clearing_budget = 1_000_000);
        events();
        assert_ok!(force_sale(10, MARK));
        assert_eq!(reasons(1), [CancelReason::Unsafe]);
        assert_eq!(OrdersOf::<Test>::get(1, MARKET).len(), 100);
        assert_eq!(Accounts::get(1).unwrap().orders, 100);
        end_block();
    });
}

#[test]
fn depth_should_count_lots_at_a_limit_or_better_over_a_bounded_walk() {
    new_test(|| {
        for (lots, below) in [(3, 1), (4, 1), (5, 2), (6, 9)] {
            place(1, buy(lots, MARK - below)).unwrap();
            place(2, sell(lots + 1, MARK + below)).unwrap();
        }
        let depth = |side, limit, orders| Exchange::depth(MARKET, side, limit, orders);
        assert_eq!(depth(Side::Long, MARK, 9), 0);
        assert_eq!(depth(Side::Long, MARK - 1, 9), 7);
        assert_eq!(depth(Side::Long, MARK - 8, 9), 12);
        assert_eq!(depth(Side::Long, MARK - 9, 9), 18);
        assert_eq!(depth(Side::Long, 1, 3), 12);
        assert_eq!(depth(Side::Long, 1, 0), 0);
        assert_eq!(depth(Side::Short, MARK + 2, 9), 15);
        assert_eq!(depth(Side::Short, Ticks::MAX, 9), 22);
        end_block();
        let force = <Exchange as ForcedOrders>::force_weight().ref_time();
        assert_eq!(force, 1, "entering; removing is the clearing's");
        assert_eq!(<Exchange as ForcedOrders>::cancel_weight(7).ref_time(), 7);
    });
}
