//! SPEC 6.5: a clearing that does not fit its block.

use crate::{
    mock::*,
    pallet::{Books, Event, Touched},
};

/// Steps for one pair: orders met and the next ones, accounts, fills.
const LEAST: u64 = 9;

fn orders() {
    for account in 1..=6u32 {
        place(account, buy(u64::from(account) * 3, MARK + account)).unwrap();
        place(account + 6, sell(u64::from(account) * 4, MARK - account)).unwrap();
    }
    place(13, buy(9, MARK + 3).immediate()).unwrap();
    place(14, sell(9, MARK - 9).post_only()).unwrap();
    let soon = (world(|world| world.slot) + 1) * 1_000;
    place(15, buy(9, MARK + 9).good_till(soon)).unwrap();
}

fn positions() -> Vec<i64> {
    (1..=20).map(lots).collect()
}

#[test]
fn clearing_should_come_to_the_same_trades_wherever_its_budget_ends() {
    let whole = new_test(|| {
        orders();
        begin_block();
        end_block();
        assert!(Touched::<Test>::get().is_empty());
        positions()
    });
    assert_eq!(whole.iter().filter(|lots| **lots > 0).sum::<i64>(), 63 + 9);
    for budget in LEAST..80 {
        new_test(|| {
            orders();
            begin_block();
            world(|world| world.clearing_budget = budget);
            let mut blocks = 0;
            while !Touched::<Test>::get().is_empty() {
                next_block();
                assert_eq!(positions().iter().sum::<i64>(), 0, "budget {budget}");
                assert!(
                    Books::<Test>::get(MARKET).call.is_some() != Touched::<Test>::get().is_empty()
                );
                blocks += 1;
                assert!(blocks < 60, "budget {budget}");
            }
            assert_eq!(positions(), whole, "budget {budget}");
            assert!(budget > 20 || blocks > 1);
        });
    }
}

#[test]
fn parts_of_a_clearing_should_each_have_a_price_all_their_orders_accept() {
    new_test(|| {
        orders();
        world(|world| world.clearing_budget = 14);
        next_block();
        next_block();
        let mut parts = 0;
        for event in events() {
            if let Event::Filled {
                account,
                price,
                number: 0,
                ..
            } = event
            {
                let ticks = price.0 / TICK;
                match account {
                    1..=6 => assert!(ticks <= i128::from(MARK + account)),
                    7..=12 => assert!(ticks >= i128::from(MARK - (account - 6))),
                    _ => {}
                }
                parts += 1;
            }
        }
        assert!(parts > 2);
    });
}

#[test]
fn busy_market_should_starve_no_other() {
    new_test(|| {
        let other = |account: u32, request| {
            Exchange::place(
                RuntimeOrigin::signed(account.into()),
                account,
                OTHER,
                request,
            )
            .unwrap();
        };
        for account in 1..=4 {
            place(account, buy(10, MARK)).unwrap();
            place(account + 4, sell(10, MARK)).unwrap();
            other(account, buy(10, MARK));
            other(account + 4, sell(10, MARK));
        }
        world(|world| world.clearing_budget = 12);
        let traded = |market| {
            let lots = (1..=4).map(|account| Accounts::get(account).unwrap().lots(market).0);
            lots.sum::<i64>()
        };
        next_block();
        assert!(traded(MARKET) > 0 && traded(OTHER) == 0);
        next_block();
        assert!(traded(OTHER) > 0);
        for _ in 0..12 {
            next_block();
        }
        assert_eq!((traded(MARKET), traded(OTHER)), (40, 40));
        assert!(Touched::<Test>::get().is_empty());
    });
}
