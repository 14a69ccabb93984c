//! SPEC 6.8: a fill that can't be booked.

use sp_runtime::DispatchError;

use crate::{
    mock::*,
    pallet::{Books, Event, OrdersOf},
    types::CancelReason,
};

fn cross() {
    for account in 1..=4 {
        place(account, buy(10, MARK)).unwrap();
        place(account + 4, sell(10, MARK)).unwrap();
    }
}

#[test]
fn failure_at_any_fill_should_book_nothing_and_the_rest_clears_next() {
    for k in 0..8 {
        new_test(|| {
            cross();
            let before: Vec<_> = (1..=8)
                .map(|account| Accounts::get(account).unwrap())
                .collect();
            world(|world| world.fails_at = Some(k));
            end_block();
            world(|world| world.fails_at = None);
            let culprit = k + 1;
            for account in (1..=8u32).filter(|account| *account != culprit) {
                let now = Accounts::get(account).unwrap();
                assert_eq!(
                    now,
                    before[account as usize - 1],
                    "nothing of it was booked"
                );
            }
            assert_eq!((Fees::get().0, LongLots::get(MARKET)), (0, 0));
            assert!(OrdersOf::<Test>::get(culprit, MARKET).is_empty());
            let said = events();
            assert!(said.contains(&Event::ClearingFailed {
                market: MARKET,
                account: Some(culprit),
                error: DispatchError::Exhausted,
            }));
            assert!(said.iter().any(|event| matches!(
                event,
                Event::AllCancelled { account, reason: CancelReason::Failed, .. } if *account == culprit
            )));
            assert!(
                Books::<Test>::get(MARKET).call.is_some(),
                "the call goes on"
            );
            begin_block();
            end_block();
            let traded: i64 = (1..=8).map(|account| lots(account).abs()).sum();
            assert_eq!(traded, 60, "all others that find somebody");
            assert_eq!((1..=8).map(lots).sum::<i64>(), 0);
            assert_eq!(lots(culprit), 0);
        });
    }
}

#[test]
fn account_that_cannot_be_settled_should_not_stop_the_others() {
    new_test(|| {
        cross();
        world(|world| world.unsettled = Some(7));
        next_block();
        end_block();
        assert_eq!(lots(7), 0);
        assert_eq!((1..=4).map(lots).sum::<i64>(), 30);
        assert_eq!(LongLots::get(MARKET), 30);
    });
}

#[test]
fn two_broken_accounts_should_be_expelled_in_two_blocks() {
    new_test(|| {
        cross();
        Exchange::place(RuntimeOrigin::signed(1), 1, OTHER, buy(10, MARK)).unwrap();
        Exchange::place(RuntimeOrigin::signed(2), 2, OTHER, sell(10, MARK)).unwrap();
        world(|world| world.fails = Some(1));
        next_block();
        assert!(OrdersOf::<Test>::get(1, MARKET).is_empty());
        assert_eq!(
            OrdersOf::<Test>::get(1, OTHER).len(),
            1,
            "one act a block is paid for"
        );
        next_block();
        assert!(OrdersOf::<Test>::get(1, OTHER).is_empty());
        assert_eq!((2..=4).map(lots).sum::<i64>(), 30);
    });
}

#[test]
fn market_that_cannot_conclude_should_be_left_alone_for_a_while() {
    new_test(|| {
        change(MARKET, |contract, _| {
            let mut tier = contract.fees[0];
            tier.maker_ppm = -600;
            contract.fees = vec![tier].try_into().unwrap();
        });
        place(1, buy(10, MARK)).unwrap();
        next_block();
        place(2, sell(10, MARK)).unwrap();
        end_block();
        assert_eq!(lots(1), 0, "no rebate is paid that no fee pays for");
        let call = Books::<Test>::get(MARKET).call.unwrap();
        assert_eq!(call.ends, Some(101 + 300));
        assert!(events()
            .iter()
            .any(|event| matches!(event, Event::ClearingFailed { account: None, .. })));
    });
}
