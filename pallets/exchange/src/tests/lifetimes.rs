//! SPEC 7 and 8: dormant orders, deadlines, expiry, markets that end.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Direction, OpenOrdersSource, OrderRequest, Phase, Side, Ticks},
};
use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};

use crate::{
    mock::*,
    pallet::{Book, Books, Deadlines, Dormant, Drained, Error, Event, Firsts, OrdersOf},
    refusals::Refusal,
    types::CancelReason,
};

fn below(price: Ticks, request: OrderRequest) -> OrderRequest {
    request.triggered_at(Direction::AtOrBelow, price)
}

fn above(price: Ticks, request: OrderRequest) -> OrderRequest {
    request.triggered_at(Direction::AtOrAbove, price)
}

fn triggered() -> Vec<(u32, Option<Refusal>)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Triggered { account, .. } => Some((account, None)),
            Event::TriggerRefused {
                account, reason, ..
            } => Some((account, Some(reason))),
            _ => None,
        })
        .collect()
}

#[test]
fn dormant_orders_should_fire_in_the_order_of_their_triggers() {
    new_test(|| {
        place(1, below(MARK - 10, sell(5, MARK - 20))).unwrap();
        place(2, below(MARK - 5, sell(5, MARK - 20))).unwrap();
        place(3, above(MARK + 10, buy(5, MARK + 20))).unwrap();
        place(4, above(MARK + 5, buy(5, MARK + 20))).unwrap();
        assert!(
            Accounts::get(1).unwrap().open(MARKET).is_empty(),
            "asleep they need no margin"
        );
        next_block();
        assert_eq!(triggered(), []);
        set_mark(MARK - 4);
        next_block();
        assert_eq!(triggered(), []);
        set_mark(MARK - 10);
        next_block();
        assert_eq!(triggered(), [(2, None), (1, None)]);
        set_mark(MARK + 5);
        next_block();
        assert_eq!(triggered(), [(4, None)]);
        set_mark(MARK + 11);
        next_block();
        assert_eq!(triggered(), [(3, None)]);
        assert_eq!(Dormant::<Test>::iter().count(), 0);
        assert_eq!(Firsts::<Test>::get(MARKET), Default::default());
        end_block();
    });
}

#[test]
fn stop_loss_should_close_the_position_as_a_market_order() {
    new_test(|| {
        place(1, buy(5, MARK)).unwrap();
        let stop = OrderRequest::market(Side::Short, 5, 100_000).reduce_only();
        // Before there is a position.
        assert_ok!(place(1, below(MARK - 10, stop)));
        place(2, sell(5, MARK)).unwrap();
        place(3, buy(9, MARK - 50)).unwrap();
        next_block();
        assert_eq!(lots(1), 5);
        set_mark(MARK - 10);
        next_block();
        end_block();
        assert_eq!((lots(1), lots(3)), (0, 5));
    });
}

#[test]
fn trigger_that_the_mark_has_reached_should_fire_in_the_next_block() {
    new_test(|| {
        place(1, above(MARK - 100, buy(5, MARK))).unwrap();
        next_block();
        assert_eq!(triggered(), [(1, None)]);
    });
}

#[test]
fn dormant_order_should_be_judged_when_it_wakes() {
    with_accounts(10_100, || {
        place(1, above(MARK + 5, buy(10, MARK))).unwrap();
        place(1, buy(1, MARK)).unwrap();
        place(2, above(MARK + 5, buy(1, MARK).reduce_only())).unwrap();
        let soon = (world(|world| world.slot) + 1) * 1_000;
        place(3, above(MARK + 5, buy(1, MARK).good_till(soon))).unwrap();
        place(4, above(MARK + 5, buy(1, MARK))).unwrap();
        place(5, above(MARK + 5, buy(1, MARK))).unwrap();
        Accounts::mutate(5, |account| {
            account.as_mut().unwrap().unsafe_since = Some(1)
        });
        set_mark(MARK + 5);
        change(MARKET, |_, prices| prices.status = FeedStatus::Stale);
        next_block();
        assert_eq!(
            triggered(),
            [
                (1, Some(Refusal::PriceNotTrusted)),
                (2, Some(Refusal::WouldNotReduce)),
                (3, Some(Refusal::ExpiryPassed)),
                (4, Some(Refusal::PriceNotTrusted)),
                (5, Some(Refusal::AccountUnsafe)),
            ]
        );
        assert_eq!(
            Accounts::get(1).unwrap().orders,
            1,
            "what was refused is gone"
        );
        end_block();
    });
}

#[test]
fn firing_should_go_on_in_the_next_block_when_the_budget_ends() {
    new_test(|| {
        for account in 1..=10 {
            place(account, below(MARK - account, sell(1, MARK))).unwrap();
        }
        set_mark(MARK - 20);
        world(|world| world.housekeeping_budget = 3);
        let mut fired = Vec::new();
        for _ in 0..4 {
            next_block();
            fired.push(triggered().len());
        }
        assert_eq!(fired, [3, 3, 3, 1]);
        end_block();
    });
}

#[test]
fn dormant_orders_should_have_slots_and_minimums_like_others() {
    new_test(|| {
        let place_err = |request| place(1, request).unwrap_err();
        assert_eq!(
            place_err(below(5, sell(1, 0))),
            Error::<Test>::ZeroPrice.into()
        );
        assert_eq!(
            place_err(below(5, sell(0, 9))),
            Error::<Test>::ZeroLots.into()
        );
        assert_eq!(
            place_err(below(5, sell(1, 9))),
            Error::<Test>::BelowMinimum.into()
        );
        assert_eq!(
            place_err(below(5, sell(1, MARK).good_till(1))),
            Error::<Test>::ExpiryPassed.into()
        );
    });
}

#[test]
fn deadline_should_cancel_everything_unless_it_is_set_again() {
    new_test(|| {
        let at = |slots: u64| Some((world(|world| world.slot) + slots) * 1_000);
        let set = |at| Exchange::schedule_cancel(RuntimeOrigin::signed(1), 1, at);
        assert_noop!(set(at(0)), Error::<Test>::ExpiryPassed);
        assert_noop!(
            Exchange::schedule_cancel(RuntimeOrigin::signed(2), 1, None),
            Error::<Test>::NotOwner
        );
        place(1, buy(5, MARK)).unwrap();
        place(1, below(5, sell(1, MARK))).unwrap();
        Exchange::place(RuntimeOrigin::signed(1), 1, OTHER, buy(5, MARK)).unwrap();
        assert_ok!(set(at(2)));
        next_block();
        assert_ok!(set(at(2)));
        assert_eq!(Deadlines::<Test>::iter().count(), 1);
        next_block();
        assert_eq!(Accounts::get(1).unwrap().orders, 3);
        events();
        next_block();
        assert_eq!(Accounts::get(1).unwrap().orders, 0);
        assert_eq!(Accounts::get(1).unwrap().cancel_at, None);
        let all = events();
        let cancelled = all.iter().filter(|event| {
            matches!(
                event,
                Event::AllCancelled {
                    reason: CancelReason::Deadline,
                    ..
                }
            )
        });
        assert_eq!(cancelled.count(), 2);
        assert_ok!(set(at(5)));
        assert_ok!(set(None));
        assert_eq!(Deadlines::<Test>::iter().count(), 0);
        assert_ok!(set(at(5)));
        <Exchange as OpenOrdersSource>::closed(1).unwrap();
        assert_eq!(Deadlines::<Test>::iter().count(), 0);
        Accounts::mutate(1, |account| account.as_mut().unwrap().cancel_at = None);
        end_block();
    });
}

#[test]
fn deadline_should_go_on_market_by_market_when_the_budget_ends() {
    new_test(|| {
        for _ in 0..4 {
            place(1, buy(5, MARK)).unwrap();
            Exchange::place(RuntimeOrigin::signed(1), 1, OTHER, buy(5, MARK)).unwrap();
        }
        let at = Some((world(|world| world.slot) + 1) * 1_000);
        Exchange::schedule_cancel(RuntimeOrigin::signed(1), 1, at).unwrap();
        world(|world| world.housekeeping_budget = 4);
        next_block();
        assert_eq!(Accounts::get(1).unwrap().orders, 4);
        assert!(Accounts::get(1).unwrap().cancel_at.is_some());
        next_block();
        assert_eq!(Accounts::get(1).unwrap().orders, 0);
        end_block();
    });
}

#[test]
fn sweep_should_find_expired_orders_that_no_clearing_meets() {
    new_test(|| {
        let soon = (world(|world| world.slot) + 1) * 1_000;
        for account in 1..=15 {
            place(account, buy(2, MARK - account)).unwrap();
            place(account, buy(2, MARK - account).good_till(soon)).unwrap();
        }
        next_block();
        let mut left = Vec::new();
        for _ in 0..5 {
            Exchange::on_idle(System::block_number(), Weight::MAX);
            left.push(Book::<Test>::iter().count());
        }
        assert_eq!(left, [25, 20, 15, 15, 15]);
        assert_eq!(
            Exchange::on_idle(System::block_number(), Weight::zero()),
            Weight::zero()
        );
        assert!(events().iter().any(|event| matches!(
            event,
            Event::Cancelled {
                reason: CancelReason::Expired,
                ..
            }
        )));
        end_block();
    });
}

#[test]
fn settling_market_should_be_drained_as_the_budget_goes() {
    new_test(|| {
        for account in 1..=6 {
            place(account, buy(2, MARK - account)).unwrap();
            place(account, below(5, sell(1, MARK))).unwrap();
        }
        place(7, above(5_000, sell(1, MARK))).unwrap();
        Exchange::place(RuntimeOrigin::signed(1), 1, OTHER, buy(5, MARK)).unwrap();
        change(MARKET, |contract, _| contract.phase = Phase::Settling);
        world(|world| world.housekeeping_budget = 4);
        let mut left = Vec::new();
        for _ in 0..4 {
            assert!(!<Exchange as OpenOrdersSource>::drained(MARKET));
            next_block();
            left.push(Dormant::<Test>::iter().count());
        }
        assert_eq!(left, [5, 3, 1, 0]);
        assert!(<Exchange as OpenOrdersSource>::drained(MARKET));
        assert!(!Books::<Test>::contains_key(MARKET));
        assert!(events().contains(&Event::Drained { market: MARKET }));
        assert_eq!(OrdersOf::<Test>::get(1, OTHER).len(), 1);
        change(MARKET, |contract, _| contract.phase = Phase::Settled);
        next_block();
        assert!(Drained::<Test>::get().is_empty());
        end_block();
    });
}
