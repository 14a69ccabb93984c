//! SPEC 5: when an order is taken in. Every refusal is reached.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, Direction, LotPrice, OrderRef, OrderRequest, Phase, Position, Side},
};
use frame_support::{assert_noop, assert_ok};

use crate::{
    mock::*,
    pallet::{Book, Books, Error, Event, OrdersOf, Touched},
    refusals::{EntryResults, Refusal},
};

type E = Error<Test>;

#[track_caller]
fn refused(account: u32, request: OrderRequest, error: E) {
    assert_noop!(
        Exchange::place(
            RuntimeOrigin::signed(account.into()),
            account,
            MARKET,
            request
        ),
        error
    );
}

#[test]
fn order_should_need_an_account_of_ones_own_and_a_market_of_its_compartment() {
    new_test(|| {
        let placing = |who, account, market| {
            Exchange::place(RuntimeOrigin::signed(who), account, market, buy(1, MARK))
        };
        assert_noop!(placing(1, 99, MARKET), E::NoSuchAccount);
        assert_noop!(placing(1, 2, MARKET), E::NotOwner);
        assert_noop!(placing(1, 1, 77), E::NoSuchMarket);
        change(OTHER, |contract, _| contract.compartment = 3);
        assert_noop!(placing(1, 1, OTHER), E::WrongCompartment);
        change(MARKET, |contract, _| contract.phase = Phase::Proposed);
        assert_noop!(placing(1, 1, MARKET), E::MarketClosed);
    });
}

#[test]
fn order_should_be_refused_by_its_own_terms() {
    new_test(|| {
        refused(1, buy(0, MARK), E::ZeroLots);
        refused(1, buy(1, 0), E::ZeroPrice);
        refused(1, buy(10_001, MARK), E::TooLarge);
        refused(1, buy(1, MARK - 1), E::BelowMinimum);
        refused(1, buy(2, MARK / 2 - 1), E::BelowMinimum);
        refused(1, buy(3, MARK / 2 - 1), E::OutsideBand);
        refused(1, sell(3, MARK * 3 / 2 + 1), E::OutsideBand);
        assert_ok!(place(1, sell(3, MARK * 3 / 2)));
        let now = world(|world| world.slot) * 1_000;
        refused(1, buy(1, MARK).good_till(now), E::ExpiryPassed);
        assert_ok!(place(1, buy(1, MARK).good_till(now + 1)));
        refused(1, sell(1, MARK).reduce_only(), E::WouldNotReduce);
        let market = OrderRequest::market(Side::Long, 1, 600_000);
        refused(1, market, E::OutsideBand);
        let asleep = buy(1, MARK).triggered_at(Direction::AtOrAbove, 0);
        refused(1, asleep, E::BadTrigger);
    });
}

#[test]
fn order_that_closes_the_whole_position_should_be_allowed_below_the_minimum() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(2, sell(10, MARK)).unwrap();
        next_block();
        change(MARKET, |contract, _| {
            contract.min_notional = Cash(1_000_000)
        });
        refused(1, sell(9, MARK).reduce_only(), E::BelowMinimum);
        refused(1, sell(10, MARK), E::BelowMinimum);
        refused(1, buy(10, MARK).reduce_only(), E::WouldNotReduce);
        assert_ok!(place(1, sell(10, MARK).reduce_only()));
    });
}

#[test]
fn risk_should_need_margin_a_trusted_price_and_room_in_open_interest() {
    // Ten lots at 10,000 need 10 * (1,000 + 10).
    with_accounts(10_100, || {
        refused(1, buy(11, MARK), E::NotEnoughMargin);
        refused(1, buy(10, MARK + 1), E::NotEnoughMargin);
        assert_ok!(place(1, buy(10, MARK)));
        refused(1, buy(1, MARK), E::NotEnoughMargin);
        // The other side is not larger than this one: it only reserves its fee.
        refused(1, sell(10, MARK + 9), E::NotEnoughMargin);
        place(2, sell(9, MARK)).unwrap();
        next_block();
        assert_eq!((lots(1), lots(2)), (9, -9));
        change(MARKET, |_, prices| prices.status = FeedStatus::Uncertain);
        refused(2, sell(1, MARK), E::PriceNotTrusted);
        refused(3, buy(1, MARK), E::PriceNotTrusted);
        assert_ok!(place(2, buy(9, MARK)));
        refused(2, buy(1, MARK), E::PriceNotTrusted);
        change(MARKET, |contract, prices| {
            prices.status = FeedStatus::Live;
            prices.open_interest = 9;
            contract.open_interest_cap = 9;
        });
        refused(3, buy(1, MARK), E::OpenInterestCap);
        assert_ok!(place(1, sell(9, MARK - 1)));
    });
}

#[test]
fn order_should_be_refused_beyond_the_last_tier() {
    with_accounts(i128::from(u64::MAX), || {
        change(MARKET, |contract, _| contract.max_order_lots = 1_000_000);
        refused(1, buy(100_001, MARK), E::TooLarge);
        assert_ok!(place(1, buy(100_000, MARK)));
        refused(1, buy(1, MARK), E::TooLarge);
    });
}

#[test]
fn unsafe_account_should_not_place_and_neither_should_one_past_its_deadline() {
    new_test(|| {
        let mut stored = Accounts::get(1).unwrap();
        stored.unsafe_since = Some(5);
        Accounts::insert(1, stored);
        refused(1, buy(1, MARK), E::AccountUnsafe);
        place(2, buy(1, MARK)).unwrap();
        Exchange::schedule_cancel(RuntimeOrigin::signed(2), 2, Some(1_001_000)).unwrap();
        world(|world| world.housekeeping_budget = 0);
        begin_block();
        refused(2, buy(1, MARK), E::ExpiryPassed);
    });
}

#[test]
fn slots_should_be_limited_in_a_market_in_all_and_in_a_block() {
    with_accounts(1_000_000_000, || {
        for _ in 0..100 {
            place(1, buy(1, MARK)).unwrap();
        }
        refused(1, buy(1, MARK), E::TooManyOrders);
        let other = |account: u32| {
            let who = RuntimeOrigin::signed(account.into());
            Exchange::place(who, account, OTHER, buy(1, MARK))
        };
        for _ in 0..50 {
            other(1).unwrap();
        }
        assert_noop!(other(1), E::TooManyOpenOrders);
        assert_eq!(Accounts::get(1).unwrap().orders, 150);
        // One of two millions of equity may have two orders more than the base.
        let mut poor = Accounts::get(2).unwrap();
        poor.collateral = Cash(2_000_000);
        Accounts::insert(2, poor);
        for _ in 0..100 {
            place(2, buy(1, MARK)).unwrap();
        }
        for _ in 0..22 {
            other(2).unwrap();
        }
        assert_noop!(other(2), E::TooManyOpenOrders);
        for _ in 0..20 {
            Exchange::cancel_all(RuntimeOrigin::signed(3), 3, None).unwrap();
            for _ in 0..10 {
                place(3, buy(1, MARK)).unwrap();
            }
        }
        refused(3, buy(1, MARK), E::TooManyActs);
        next_block();
        assert_ok!(place(3, buy(1, MARK)));
    });
}

#[test]
fn account_should_be_in_no_more_markets_than_it_can() {
    new_test(|| {
        let mut full = Accounts::get(1).unwrap();
        for market in 100..132 {
            let open = caisson_primitives::trading::OpenOrders {
                buy: 1,
                ..Default::default()
            };
            let position = Position {
                open,
                ..Position::empty(market)
            };
            full.positions.try_push(position).unwrap();
        }
        let before = Accounts::get(1).unwrap();
        Accounts::insert(1, full);
        refused(1, buy(1, MARK), E::TooManyMarkets);
        Accounts::insert(1, before);
    });
}

#[test]
fn names_should_be_unique_among_live_orders() {
    new_test(|| {
        let named = buy(1, MARK).named(9);
        place(1, named).unwrap();
        refused(1, named, E::DuplicateClientId);
        assert_ok!(place(2, named));
        Exchange::cancel(RuntimeOrigin::signed(1), 1, MARKET, OrderRef::Client(9)).unwrap();
        assert_ok!(place(1, named));
    });
}

#[test]
fn call_should_be_full_at_its_bound_of_immediate_orders() {
    with_accounts(1_000_000_000, || {
        let immediate = buy(1, MARK).immediate();
        for account in 1..=10 {
            for _ in 0..100 {
                place(account, immediate).unwrap();
            }
        }
        refused(11, immediate, E::CallFull);
        assert_ok!(place(11, buy(1, MARK)));
        end_block();
        assert_eq!(Book::<Test>::iter().count(), 1);
    });
}

#[test]
fn order_should_be_refused_without_prices_or_numbers_or_in_range() {
    new_test(|| {
        world(|world| world.no_headroom = true);
        refused(1, buy(1, MARK), E::NoPrice);
        world(|world| world.no_headroom = false);
        Accounts::mutate(1, |account| account.as_mut().unwrap().next_order = u32::MAX);
        refused(1, buy(1, MARK), E::NumbersExhausted);
        change(MARKET, |_, prices| prices.fee_reserve = LotPrice(i128::MAX));
        refused(2, sell(1, MARK), E::OutOfRange);
    });
}

#[test]
fn refusals_should_have_errors_of_their_names() {
    for refusal in Refusal::ALL {
        let error = format!("{:?}", E::from(*refusal));
        assert_eq!(error, format!("{refusal:?}"));
    }
}

#[test]
fn batch_should_keep_its_good_orders_and_report_each() {
    new_test(|| {
        let requests = vec![buy(1, MARK), buy(0, MARK), sell(2, MARK + 1), buy(1, 3)];
        assert_ok!(Exchange::place_batch(
            RuntimeOrigin::signed(1),
            1,
            MARKET,
            requests.try_into().unwrap()
        ));
        let results: EntryResults = vec![
            Ok(0),
            Err(Refusal::ZeroLots),
            Ok(1),
            Err(Refusal::BelowMinimum),
        ]
        .try_into()
        .unwrap();
        let event = Event::BatchPlaced {
            account: 1,
            market: MARKET,
            results,
        };
        assert_eq!(events(), [event]);
        assert_eq!(OrdersOf::<Test>::get(1, MARKET).len(), 2);
        let open = Accounts::get(1).unwrap().open(MARKET);
        assert_eq!((open.buy, open.highest_buy), (1, MARK));
        assert_eq!((open.sell, open.lowest_sell), (2, MARK + 1));
    });
}

#[test]
fn quiet_placement_should_read_and_write_the_account_once_and_touch_nothing() {
    new_test(|| {
        place(1, buy(5, MARK - 1)).unwrap();
        place(1, sell(5, MARK + 1)).unwrap();
        next_block();
        let before = Books::<Test>::get(MARKET);
        world(|world| (world.loads, world.headrooms, world.stores) = (0, 0, 0));
        place(2, buy(5, MARK - 2)).unwrap();
        assert_eq!(
            world(|world| (world.loads, world.headrooms, world.stores)),
            (1, 1, 1)
        );
        assert_eq!(Books::<Test>::get(MARKET), before);
        assert!(Touched::<Test>::get().is_empty());
        let requests: Vec<_> = (10..40).map(|below| buy(5, MARK - below)).collect();
        Exchange::place_batch(
            RuntimeOrigin::signed(3),
            3,
            MARKET,
            requests.try_into().unwrap(),
        )
        .unwrap();
        assert_eq!(
            world(|world| (world.loads, world.headrooms, world.stores)),
            (2, 2, 2),
            "a batch assesses its account once"
        );
    });
}
