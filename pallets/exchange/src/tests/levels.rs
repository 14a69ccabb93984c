//! SPEC 13: what the levels of the circuit breaker let through, when calls clear under them, and what it is told.

use caisson_primitives::trading::{
    CallFlow, CallSource, Direction, Level, LotPrice, OrderRef, OrderRequest, Side,
};
use frame_support::{assert_noop, assert_ok};

use crate::{
    api,
    mock::*,
    pallet::{Books, Error, Event, OrdersOf, Touched},
    refusals::Refusal,
    types::{CancelReason, Place, Quote},
};

type E = Error<Test>;

fn who(account: u32) -> RuntimeOrigin {
    RuntimeOrigin::signed(account.into())
}

fn set(level: Level) {
    world(|world| world.level = level);
}

fn asleep(request: OrderRequest) -> OrderRequest {
    request.triggered_at(Direction::AtOrBelow, MARK - 10)
}

/// Account 1 is ten lots long, account 2 ten short.
fn positions() {
    place(1, buy(10, MARK)).unwrap();
    place(2, sell(10, MARK)).unwrap();
    next_block();
    assert_eq!((lots(1), lots(2)), (10, -10));
    events();
    world(|world| world.told.clear());
}

#[test]
fn level_should_let_in_what_its_table_permits() {
    use Level::*;
    use Refusal::*;
    let rows = [
        // Level; resting; immediate; resting and immediate that only reduce.
        (Open, [None, None, None, None]),
        (LongCalls, [None, None, None, None]),
        (
            ReduceOnly,
            [Some(OnlyReducing), Some(OnlyReducing), None, None],
        ),
        (
            CancelOnly,
            [
                Some(OnlyImmediateReducing),
                Some(OnlyImmediateReducing),
                Some(OnlyImmediateReducing),
                None,
            ],
        ),
        (Halted, [Some(MarketHalted); 4]),
    ];
    for (level, expected) in rows {
        new_test(|| {
            positions();
            set(level);
            let order = sell(1, MARK + 5);
            let kinds = [
                order,
                order.immediate(),
                order.reduce_only(),
                order.immediate().reduce_only(),
            ];
            for (request, expected) in kinds.into_iter().zip(expected) {
                let expected = expected.map_or(Ok(()), |refusal| Err(E::from(refusal).into()));
                for request in [request, asleep(request)] {
                    let preview =
                        api::preview::<Test>(1, MARKET, &request, |_, _, _, _| None).unwrap();
                    assert_eq!(preview.refused.is_some(), expected.is_err());
                    assert_eq!(place(1, request), expected, "{level:?} {request:?}");
                }
            }
            let market = OrderRequest::market(Side::Short, 2, 10_000).reduce_only();
            assert_eq!(place(1, market).is_ok(), level != Halted);
            for number in 0..12 {
                let known = OrdersOf::<Test>::get(1, MARKET)
                    .iter()
                    .any(|order| order.number == number);
                let cancelled = Exchange::cancel(who(1), 1, MARKET, OrderRef::Number(number));
                assert_eq!(cancelled.is_ok(), known, "cancels always pass");
            }
            assert_eq!(Accounts::get(1).unwrap().orders, 0);
            end_block();
        });
    }
}

#[test]
fn batches_should_report_each_order_that_the_level_keeps_out() {
    new_test(|| {
        positions();
        place(1, buy(5, MARK - 5)).unwrap();
        place(1, buy(5, MARK - 6)).unwrap();
        set(Level::ReduceOnly);
        events();
        let requests = vec![sell(1, MARK + 5), sell(1, MARK + 5).reduce_only()];
        world(|world| world.levels = 0);
        assert_ok!(Exchange::place_batch(
            who(1),
            1,
            MARKET,
            requests.try_into().unwrap()
        ));
        assert_eq!(world(|world| world.levels), 1, "one look for a whole batch");
        let results = vec![Err(Refusal::OnlyReducing), Ok(3)];
        let event = Event::BatchPlaced {
            account: 1,
            market: MARKET,
            results: results.try_into().unwrap(),
        };
        assert_eq!(events(), [event]);
        // What stays is no new order; what is taken away is cancelled.
        let quote = |price| Quote {
            side: Side::Long,
            price,
            lots: 5,
            client_id: None,
        };
        let quotes = vec![quote(MARK - 5), quote(MARK - 7)];
        assert_ok!(Exchange::replace_all(
            who(1),
            1,
            MARKET,
            quotes.try_into().unwrap()
        ));
        let event = Event::Replaced {
            account: 1,
            market: MARKET,
            cancelled: vec![2, 3].try_into().unwrap(),
            results: vec![Ok(1), Err(Refusal::OnlyReducing)].try_into().unwrap(),
        };
        assert_eq!(events(), [event]);
        end_block();
    });
}

#[test]
fn amending_to_less_at_the_same_limit_should_pass_under_every_level() {
    new_test(|| {
        place(1, buy(10, MARK - 5)).unwrap();
        let amend = |price, lots| {
            frame_support::storage::with_storage_layer(|| {
                Exchange::amend(who(1), 1, MARKET, OrderRef::Number(0), price, lots)
                    .map(drop)
                    .map_err(|error| error.error)
            })
        };
        for (level, lots, error) in [
            (Level::ReduceOnly, 9, E::OnlyReducing),
            (Level::CancelOnly, 8, E::OnlyImmediateReducing),
            (Level::Halted, 7, E::MarketHalted),
        ] {
            set(level);
            assert_eq!(amend(MARK - 6, lots), Err(error.into()));
            assert_ok!(amend(MARK - 5, lots));
            assert_eq!(Accounts::get(1).unwrap().open(MARKET).buy, lots);
        }
        set(Level::Open);
    });
}

#[test]
fn stop_that_fires_should_be_judged_like_a_new_order() {
    for (level, reason) in [
        (Level::LongCalls, None),
        (Level::ReduceOnly, Some(Refusal::OnlyReducing)),
        (Level::CancelOnly, Some(Refusal::OnlyImmediateReducing)),
        (Level::Halted, Some(Refusal::MarketHalted)),
    ] {
        new_test(|| {
            positions();
            place(1, asleep(sell(5, MARK - 20))).unwrap();
            set_mark(MARK - 10);
            set(level);
            next_block();
            let refused = events().into_iter().find_map(|event| match event {
                Event::TriggerRefused { reason, .. } => Some(reason),
                _ => None,
            });
            assert_eq!(refused, reason, "{level:?}");
        });
    }
}

#[test]
fn resting_orders_should_trade_under_reduce_only() {
    new_test(|| {
        positions();
        place(3, buy(10, MARK - 1)).unwrap();
        next_block();
        set(Level::ReduceOnly);
        place(1, sell(4, MARK - 1).reduce_only()).unwrap();
        next_block();
        assert_eq!((lots(1), lots(3)), (6, 4), "somebody takes the other side");
    });
}

#[test]
fn orders_that_would_add_risk_should_be_skipped_and_stay_under_cancel_only() {
    new_test(|| {
        positions();
        // A better bid of somebody without a position, and one of the account that is short.
        place(3, buy(10, MARK + 3)).unwrap();
        place(2, buy(25, MARK - 1)).unwrap();
        place(4, buy(7, MARK - 2)).unwrap();
        next_block();
        set(Level::CancelOnly);
        place(1, sell(6, MARK - 2).immediate().reduce_only()).unwrap();
        end_block();
        assert_eq!((lots(1), lots(2), lots(3), lots(4)), (4, -4, 0, 0));
        let left = |account| OrdersOf::<Test>::get(account, MARKET)[0].lots;
        assert_eq!(
            (left(3), left(2), left(4)),
            (10, 19, 7),
            "nothing is removed"
        );
        let cleared = events().into_iter().find_map(|event| match event {
            Event::Cleared {
                price, bid_left, ..
            } => Some((price.0 / TICK, bid_left)),
            _ => None,
        });
        // Neither the bid at 1,003 nor the one at 998 bounds the price; the buyer who may trade on does.
        assert_eq!(cleared, Some((i128::from(MARK - 1), 19)));
        assert!(Touched::<Test>::get().is_empty(), "nothing crosses");
        begin_block();
        // More than the position: it is closed, and not turned.
        place(1, sell(4, MARK - 1).immediate().reduce_only()).unwrap();
        end_block();
        assert_eq!((lots(1), lots(2)), (0, 0));
        assert_eq!(left(2), 15);
    });
}

#[test]
fn reductions_should_meet_under_cancel_only_past_a_crossed_book_that_waits() {
    new_test(|| {
        positions();
        // Both would open, and cross: they came in while the level was lower.
        place(3, buy(5, MARK + 4)).unwrap();
        place(4, sell(5, MARK - 4)).unwrap();
        place(1, sell(3, MARK - 2).immediate().reduce_only()).unwrap();
        place(2, buy(3, MARK + 2).immediate().reduce_only()).unwrap();
        set(Level::CancelOnly);
        end_block();
        assert_eq!((lots(1), lots(2), lots(3), lots(4)), (7, -7, 0, 0));
        assert!(!Touched::<Test>::get().is_empty(), "it is looked at again");
        assert_eq!(Books::<Test>::get(MARKET).call, None);
        for _ in 0..3 {
            begin_block();
            end_block();
        }
        assert_eq!(lots(3), 0);
        set(Level::ReduceOnly);
        begin_block();
        end_block();
        assert_eq!((lots(3), lots(4)), (5, -5));
        assert!(Touched::<Test>::get().is_empty());
        let taker = 2 * 5 * i128::from(MARK) * TICK * 500 / 1_000_000;
        assert!(Fees::get().0 > taker, "both rested, so both took");
    });
}

#[test]
fn post_only_order_should_not_go_for_one_that_the_level_keeps_from_trading() {
    new_test(|| {
        positions();
        place(2, buy(5, MARK + 2).post_only()).unwrap();
        place(3, sell(5, MARK - 2)).unwrap();
        set(Level::CancelOnly);
        end_block();
        assert_eq!(OrdersOf::<Test>::get(2, MARKET).len(), 1);
        assert_eq!(OrdersOf::<Test>::get(3, MARKET).len(), 1);
        set(Level::Open);
        begin_block();
        end_block();
        assert_eq!(lots(3), -5, "then both rested");
    });
}

#[test]
fn guard_should_make_a_due_call_longer() {
    for level in [Level::LongCalls, Level::ReduceOnly, Level::CancelOnly] {
        new_test(|| {
            positions();
            set(Level::Open);
            place(1, sell(5, MARK).immediate().reduce_only()).unwrap();
            place(2, buy(5, MARK).immediate().reduce_only()).unwrap();
            set(level);
            world(|world| world.longer = 4);
            let since = System::block_number() as u32;
            end_block();
            let call = Books::<Test>::get(MARKET).call.unwrap();
            assert_eq!((call.since, call.ends), (since, Some(since + 4)));
            assert!(Exchange::call(MARKET).long_call);
            assert_eq!(Books::<Test>::get(MARKET).indicative, Some((MARK, 5)));
            for _ in 0..3 {
                begin_block();
                end_block();
                assert_eq!(lots(1), 10);
            }
            begin_block();
            let orders = OrdersOf::<Test>::get(1, MARKET);
            assert!(matches!(orders[0].place, Place::Book { batch, .. } if batch == since));
            end_block();
            assert_eq!((lots(1), lots(2)), (5, -5), "{level:?}");
            assert!(Touched::<Test>::get().is_empty());
        });
    }
}

#[test]
fn call_should_wait_on_when_the_level_rises_before_its_end() {
    new_test(|| {
        place(1, buy(5, MARK)).unwrap();
        place(2, sell(5, MARK)).unwrap();
        world(|world| world.extend = Some(1));
        end_block();
        world(|world| world.extend = None);
        set(Level::LongCalls);
        world(|world| world.longer = 3);
        for _ in 0..2 {
            begin_block();
            end_block();
            assert_eq!(lots(1), 0);
        }
        begin_block();
        end_block();
        assert_eq!(lots(1), 5);
    });
}

#[test]
fn halted_market_should_clear_in_the_first_block_after_the_halt() {
    for longer in [0, 2] {
        new_test(|| {
            place(1, buy(5, MARK)).unwrap();
            place(2, sell(5, MARK)).unwrap();
            set(Level::Halted);
            for _ in 0..20 {
                end_block();
                let books = Books::<Test>::get(MARKET);
                let call = books.call.unwrap();
                assert_eq!(
                    (call.since, call.ends),
                    (100, Some(100)),
                    "no end is made up"
                );
                assert_eq!(books.indicative, None);
                assert_eq!(api::indicative::<Test>(MARKET), None);
                begin_block();
            }
            assert_noop!(place(3, buy(5, MARK)), E::MarketHalted);
            set(Level::CancelOnly);
            set(Level::LongCalls);
            world(|world| world.longer = longer);
            end_block();
            assert_eq!(lots(1), 5, "the call began long ago");
            assert!(Touched::<Test>::get().is_empty());
        });
    }
}

#[test]
fn level_should_be_read_once_for_a_call_and_for_a_visit() {
    new_test(|| {
        world(|world| world.levels = 0);
        place(1, buy(5, MARK)).unwrap();
        assert_eq!(world(|world| world.levels), 1);
        place(2, sell(5, MARK)).unwrap();
        Exchange::cancel(who(2), 2, MARKET, OrderRef::Number(0)).unwrap();
        assert_eq!(world(|world| world.levels), 2);
        end_block();
        assert_eq!(world(|world| world.levels), 3);
    });
}

#[test]
fn guard_should_be_told_the_figures_of_a_clearing() {
    new_test(|| {
        place(1, buy(6, MARK + 5)).unwrap();
        place(1, buy(9, MARK)).unwrap();
        place(2, sell(4, MARK - 5)).unwrap();
        place(3, sell(8, MARK)).unwrap();
        place(4, buy(7, MARK - 50)).unwrap();
        place(4, buy(7, MARK - 60)).unwrap();
        place(4, asleep(buy(7, MARK - 60))).unwrap();
        Exchange::cancel(who(4), 4, MARKET, OrderRef::Number(0)).unwrap();
        Exchange::cancel_all(who(4), 4, None).unwrap();
        end_block();
        let flow = CallFlow {
            lots: 12,
            price: LotPrice(i128::from(MARK) * TICK),
            bid_lots: 15,
            ask_lots: 12,
            fills: 4,
            // Two in the book; the one that slept was in nobody's way.
            cancels: 2,
            largest_lots: 12,
        };
        assert_eq!(world(|world| world.told.clone()), [(MARKET, flow)]);
    });
}

#[test]
fn cancels_should_be_counted_until_a_clearing_and_only_those_of_owners() {
    new_test(|| {
        place(1, buy(5, MARK)).unwrap();
        place(2, sell(5, MARK)).unwrap();
        for below in 1..=6 {
            place(3, buy(5, MARK - below)).unwrap();
            place(4, buy(5, MARK - below)).unwrap();
        }
        world(|world| world.extend = Some(3));
        end_block();
        world(|world| (world.extend, world.told) = (None, Vec::new()));
        for block in 0..3 {
            begin_block();
            Exchange::cancel(who(3), 3, MARKET, OrderRef::Number(block)).unwrap();
            if block == 1 {
                use caisson_primitives::trading::OpenOrdersSource;
                <Exchange as OpenOrdersSource>::cancel_all(4).unwrap();
                let quotes = vec![].try_into().unwrap();
                Exchange::replace_all(who(1), 1, OTHER, quotes).unwrap();
            }
            end_block();
        }
        let told = world(|world| core::mem::take(&mut world.told));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].1.cancels, told[0].1.lots), (3, 5));
        begin_block();
        let quotes = vec![].try_into().unwrap();
        Exchange::replace_all(who(3), 3, MARKET, quotes).unwrap();
        end_block();
        let flow = CallFlow {
            cancels: 3,
            ..CallFlow::default()
        };
        assert_eq!(world(|world| world.told.clone()), [(MARKET, flow)]);
        assert!(Touched::<Test>::get().is_empty());
    });
}

#[test]
fn guard_should_not_be_told_of_a_clearing_that_was_not_booked() {
    new_test(|| {
        place(1, buy(5, MARK)).unwrap();
        place(2, sell(5, MARK)).unwrap();
        place(3, buy(5, MARK)).unwrap();
        place(4, sell(5, MARK)).unwrap();
        world(|world| world.fails = Some(1));
        end_block();
        assert!(world(|world| world.told.is_empty()));
        assert!(events().iter().any(|event| matches!(
            event,
            Event::AllCancelled {
                reason: CancelReason::Failed,
                ..
            }
        )));
        begin_block();
        end_block();
        assert_eq!(world(|world| world.told.len()), 1);
    });
}
