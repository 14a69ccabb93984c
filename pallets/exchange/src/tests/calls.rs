//! SPEC 5.9 to 5.11: cancel, amend, replace; and what clients ask.

use caisson_primitives::trading::{
    Cash, Direction, OpenOrdersSource, OrderKind, OrderRef, OrderRequest,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo};

use crate::{
    api,
    mock::*,
    pallet::{Books, Dormant, Error, Event, OrdersOf},
    refusals::Refusal,
    types::{CancelReason, Place, Quote},
};

type E = Error<Test>;

fn who(account: u32) -> RuntimeOrigin {
    RuntimeOrigin::signed(account.into())
}

fn numbers(account: u32) -> Vec<u32> {
    let orders = OrdersOf::<Test>::get(account, MARKET);
    orders.iter().map(|order| order.number).collect()
}

fn stop() -> OrderRequest {
    sell(5, MARK - 110).triggered_at(Direction::AtOrBelow, MARK - 100)
}

#[test]
fn cancel_should_free_what_the_order_held() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(1, buy(5, MARK + 1)).unwrap();
        place(1, stop()).unwrap();
        assert_ok!(Exchange::cancel(who(1), 1, MARKET, OrderRef::Number(1)));
        let account = Accounts::get(1).unwrap();
        assert_eq!(
            (account.open(MARKET).buy, account.open(MARKET).highest_buy),
            (10, MARK)
        );
        assert_ok!(Exchange::cancel(who(1), 1, MARKET, OrderRef::Number(2)));
        assert_eq!(Dormant::<Test>::iter().count(), 0);
        assert_noop!(
            Exchange::cancel(who(1), 1, MARKET, OrderRef::Number(2)),
            E::NoSuchOrder
        );
        assert_noop!(
            Exchange::cancel(who(2), 1, MARKET, OrderRef::Number(0)),
            E::NotOwner
        );
        assert_noop!(
            Exchange::cancel(who(2), 99, MARKET, OrderRef::Number(0)),
            E::NoSuchAccount
        );
        events();
        let orders = vec![
            OrderRef::Number(7),
            OrderRef::Number(0),
            OrderRef::Client(4),
        ];
        assert_ok!(Exchange::cancel_batch(
            who(1),
            1,
            MARKET,
            orders.try_into().unwrap()
        ));
        let results = vec![Err(Refusal::NoSuchOrder), Ok(0), Err(Refusal::NoSuchOrder)];
        let event = Event::BatchCancelled {
            account: 1,
            market: MARKET,
            results: results.try_into().unwrap(),
        };
        assert_eq!(events(), [event]);
        assert!(Accounts::get(1).unwrap().positions.is_empty());
        end_block();
    });
}

#[test]
fn cancel_all_should_reach_every_market_and_dormant_orders() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        place(1, stop()).unwrap();
        Exchange::place(who(1), 1, OTHER, sell(4, MARK)).unwrap();
        let post = Exchange::cancel_all(who(1), 1, Some(OTHER)).unwrap();
        assert_eq!(post.actual_weight.unwrap().ref_time(), 1);
        assert_eq!(Accounts::get(1).unwrap().orders, 2);
        Exchange::place(who(1), 1, OTHER, sell(4, MARK)).unwrap();
        assert_noop!(Exchange::cancel_all(who(2), 1, None), E::NotOwner);
        assert_ok!(Exchange::cancel_all(who(1), 1, None));
        assert_eq!(Accounts::get(1).unwrap().orders, 0);
        place(1, buy(10, MARK)).unwrap();
        assert_eq!(<Exchange as OpenOrdersSource>::cancel_all(1), Ok(1));
        assert!(<Exchange as OpenOrdersSource>::cancel_all(99).is_err());
        let last = events().pop();
        let event = Event::AllCancelled {
            account: 1,
            market: MARKET,
            numbers: vec![4].try_into().unwrap(),
            reason: CancelReason::Unsafe,
        };
        assert_eq!(last, Some(event));
        end_block();
    });
}

fn batch_of(account: u32, number: u32) -> u32 {
    let orders = OrdersOf::<Test>::get(account, MARKET);
    let order = orders.iter().find(|order| order.number == number).unwrap();
    match order.place {
        Place::Book { batch, .. } => batch,
        Place::Dormant(_) => panic!("asleep"),
    }
}

#[test]
fn amend_should_keep_the_place_only_for_less_of_the_same() {
    with_accounts(10_100, || {
        place(1, buy(10, MARK)).unwrap();
        next_block();
        let amend = |price, lots| {
            frame_support::storage::with_storage_layer(|| {
                Exchange::amend(who(1), 1, MARKET, OrderRef::Number(0), price, lots)
            })
        };
        assert_ok!(amend(MARK, 8));
        assert_eq!(batch_of(1, 0), 100);
        assert_eq!(Accounts::get(1).unwrap().open(MARKET).buy, 8);
        assert_eq!(amend(MARK, 11), Err(E::NotEnoughMargin.into()));
        assert_eq!(Accounts::get(1).unwrap().open(MARKET).buy, 8, "as it was");
        assert_ok!(amend(MARK, 9));
        assert_eq!(batch_of(1, 0), 101);
        assert_ok!(amend(MARK - 1, 9));
        assert_eq!(amend(MARK - 1, 0), Err(E::ZeroLots.into()));
        assert_eq!(amend(0, 9), Err(E::ZeroPrice.into()));
        change(MARKET, |contract, _| contract.min_notional = Cash(90_000));
        assert_eq!(amend(MARK - 1, 2), Err(E::BelowMinimum.into()));
        change(MARKET, |contract, _| contract.min_notional = Cash(1));
        place(1, stop()).unwrap();
        assert_noop!(
            Exchange::amend(who(1), 1, MARKET, OrderRef::Number(1), MARK, 1),
            E::OrderIsDormant
        );
        assert_noop!(
            Exchange::amend(who(1), 1, MARKET, OrderRef::Number(5), MARK, 1),
            E::NoSuchOrder
        );
        end_block();
    });
}

#[test]
fn amended_immediate_order_should_still_leave() {
    new_test(|| {
        place(1, buy(10, MARK).immediate()).unwrap();
        Exchange::amend(who(1), 1, MARKET, OrderRef::Number(0), MARK + 1, 12).unwrap();
        end_block();
        assert!(OrdersOf::<Test>::get(1, MARKET).is_empty());
    });
}

#[test]
fn corrupted_book_should_be_named() {
    new_test(|| {
        place(1, buy(10, MARK)).unwrap();
        let key = crate::pallet::Book::<Test>::iter_keys().next().unwrap();
        let order = crate::pallet::Book::<Test>::take(key).unwrap();
        assert_noop!(
            Exchange::amend(who(1), 1, MARKET, OrderRef::Number(0), MARK, 1),
            E::CorruptedBook
        );
        crate::pallet::Book::<Test>::insert(key, order);
        end_block();
    });
}

fn quote(request: OrderRequest) -> Quote {
    let OrderKind::Limit(price) = request.kind else {
        panic!("a quote has a limit");
    };
    Quote {
        side: request.side,
        price,
        lots: request.lots,
        client_id: request.client_id,
    }
}

#[test]
fn replaced_ladder_should_keep_the_place_of_what_is_unchanged() {
    new_test(|| {
        let first = [
            buy(5, MARK - 1),
            buy(5, MARK - 2),
            sell(5, MARK + 1),
            sell(5, MARK + 2),
        ];
        let ladder = |requests: &[OrderRequest]| {
            let quotes: Vec<_> = requests.iter().copied().map(quote).collect();
            Exchange::replace_all(who(1), 1, MARKET, quotes.try_into().unwrap())
        };
        ladder(&first).unwrap();
        place(1, stop()).unwrap();
        place(1, buy(5, MARK - 3).post_only()).unwrap();
        next_block();
        events();
        world(|world| (world.loads, world.headrooms, world.stores) = (0, 0, 0));
        let second = [
            buy(5, MARK - 1),
            buy(6, MARK - 2),
            sell(5, MARK + 2),
            sell(0, MARK + 3),
            buy(5, MARK - 3),
        ];
        let post = ladder(&second).unwrap();
        assert_eq!(post.actual_weight.unwrap().ref_time(), 3 + 3);
        assert_eq!(
            world(|world| (world.loads, world.headrooms, world.stores)),
            (1, 1, 1)
        );
        let event = Event::Replaced {
            account: 1,
            market: MARKET,
            cancelled: vec![1, 2, 5].try_into().unwrap(),
            results: vec![Ok(0), Ok(6), Ok(3), Err(Refusal::ZeroLots), Ok(7)]
                .try_into()
                .unwrap(),
        };
        assert_eq!(events(), [event]);
        assert_eq!(numbers(1), [0, 3, 4, 6, 7], "the stop sleeps on");
        assert_eq!(
            (batch_of(1, 0), batch_of(1, 3), batch_of(1, 6)),
            (100, 100, 101)
        );
        world(|world| (world.loads, world.headrooms, world.stores) = (0, 0, 0));
        ladder(&[second[0], second[1], second[2], second[4]]).unwrap();
        assert_eq!(
            world(|world| (world.loads, world.headrooms, world.stores)),
            (1, 0, 0),
            "the same ladder again costs a read"
        );
        ladder(&[]).unwrap();
        assert_eq!(numbers(1), [4]);
        end_block();
        assert_eq!(Books::<Test>::get(MARKET).best_bid, None);
    });
}

#[test]
fn calls_should_pay_for_the_markets_of_their_account_and_for_what_they_did() {
    // The weights of tests: what was done as time, and the markets as size.
    let paid = |post: DispatchResultWithPostInfo| {
        let weight = post.unwrap().actual_weight.unwrap();
        (weight.ref_time(), weight.proof_size())
    };
    new_test(|| {
        assert_eq!(
            paid(Exchange::place(who(1), 1, OTHER, buy(9, MARK))),
            (1, 1)
        );
        // The market that it enters is read too.
        assert_eq!(
            paid(Exchange::place(who(1), 1, MARKET, buy(9, MARK))),
            (1, 2)
        );
        let batch = vec![
            buy(9, MARK - 1),
            buy(9, MARK - 2).immediate(),
            buy(0, MARK - 3).immediate(),
        ];
        let batch = batch.try_into().unwrap();
        // Three orders are judged, and the one that is immediate and was taken is removed later.
        assert_eq!(
            paid(Exchange::place_batch(who(1), 1, MARKET, batch)),
            (3 + 1, 2)
        );
        let amended = Exchange::amend(who(1), 1, MARKET, OrderRef::Number(1), MARK - 4, 9);
        assert_eq!(paid(amended), (1, 2));
        let quotes = vec![quote(buy(9, MARK - 4)), quote(buy(9, MARK - 5))];
        let replaced = Exchange::replace_all(who(1), 1, MARKET, quotes.try_into().unwrap());
        assert_eq!(
            paid(replaced),
            (2 + 1, 2),
            "two are cancelled, one is placed, one kept"
        );
        end_block();
    });
}

#[test]
fn same_quote_twice_should_be_two_orders() {
    new_test(|| {
        place(1, buy(5, MARK - 1)).unwrap();
        let quotes = vec![quote(buy(5, MARK - 1)); 2];
        Exchange::replace_all(who(1), 1, MARKET, quotes.try_into().unwrap()).unwrap();
        assert_eq!(numbers(1), [0, 1]);
    });
}

#[test]
fn clients_should_see_orders_depth_and_the_price_of_now() {
    new_test(|| {
        place(1, buy(5, MARK - 1).good_till(9_000_000).named(3)).unwrap();
        place(1, stop()).unwrap();
        place(2, buy(5, MARK - 1)).unwrap();
        place(2, buy(5, MARK + 1)).unwrap();
        place(2, sell(3, MARK)).unwrap();
        let orders = api::open_orders::<Test>(1);
        assert_eq!(orders.len(), 2);
        assert_eq!(
            (orders[0].limit, orders[0].expires_at),
            (Some(MARK - 1), Some(9_000_000))
        );
        assert_eq!(
            (orders[1].limit, orders[1].trigger),
            (Some(MARK - 110), stop().trigger)
        );
        let depth = api::depth::<Test>(MARKET, 1_000);
        let bids: Vec<_> = depth
            .bids
            .iter()
            .map(|one| (one.price, one.lots, one.orders))
            .collect();
        assert_eq!(bids, [(MARK + 1, 5, 1), (MARK - 1, 10, 2)]);
        assert_eq!(depth.asks.len(), 1);
        assert_eq!(api::depth::<Test>(MARKET, 1).bids.len(), 1);
        assert_eq!(api::indicative::<Test>(MARKET), Some((MARK + 1, 3)));
        assert_eq!(api::indicative::<Test>(OTHER), None);
        end_block();
    });
}

#[test]
fn preview_should_say_what_placing_would() {
    with_accounts(10_100, || {
        let preview = |request| api::preview::<Test>(1, MARKET, &request, |_, _, _, _| None);
        let good = preview(buy(10, MARK)).unwrap();
        assert_eq!(good.refused, None);
        assert_eq!(
            (good.health_before, good.health_after),
            (Cash(10_100), Cash(0))
        );
        assert_eq!((good.limit, good.fee_at_most), (MARK, Cash(100)));
        let bad = preview(buy(11, MARK)).unwrap();
        assert_eq!(bad.shortfall, Cash(1_010));
        let Err(sp_runtime::DispatchError::Module(error)) = place(1, buy(11, MARK)) else {
            panic!("refused");
        };
        assert_eq!(bad.refused, Some(error.error[0]));
        assert_eq!(preview(stop()).unwrap().refused, None);
        assert!(api::preview::<Test>(99, MARKET, &stop(), |_, _, _, _| None).is_none());
        assert_eq!(Accounts::get(1).unwrap().orders, 0, "nothing was placed");
    });
}
