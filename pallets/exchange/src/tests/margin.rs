//! SPEC 6.4: what an account may trade when it is met in a clearing.

use caisson_primitives::trading::Cash;

use crate::{mock::*, pallet::Event, types::CancelReason};

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

fn take_collateral(account: u32, quanta: i128) {
    Accounts::mutate(account, |stored| {
        stored.as_mut().unwrap().collateral.0 -= quanta
    });
}

/// Account 1 holds ten lots, and everybody else is rich.
fn with_position() {
    place(1, buy(10, MARK)).unwrap();
    place(2, sell(10, MARK)).unwrap();
    next_block();
    assert_eq!(lots(1), 10);
}

/// Ten lots need 10,000 of initial and 5,000 of maintenance margin.
fn leave(quanta: i128) {
    let has = equity(&Accounts::get(1).unwrap());
    take_collateral(1, has - quanta);
}

#[test]
fn account_short_of_initial_margin_should_only_reduce() {
    new_test(|| {
        with_position();
        place(1, buy(5, MARK)).unwrap();
        place(1, sell(15, MARK)).unwrap();
        leave(9_000);
        place(3, sell(5, MARK)).unwrap();
        place(4, buy(25, MARK)).unwrap();
        next_block();
        assert_eq!((lots(1), lots(3), lots(4)), (0, -5, 15));
        let reasons = reasons(1);
        assert_eq!(reasons, [CancelReason::NotEnoughMargin; 2]);
    });
}

#[test]
fn account_short_of_initial_margin_should_not_reduce_at_a_loss_above_what_it_frees() {
    // 500 quanta of maintenance for each lot, less the fee reserve of ten: 49 ticks.
    for (below, closes) in [(49, true), (50, false)] {
        new_test(|| {
            with_position();
            place(1, sell(10, MARK - below)).unwrap();
            leave(9_000);
            place(3, buy(10, MARK - below)).unwrap();
            next_block();
            assert_eq!(lots(1) == 0, closes, "{below}");
            assert_eq!(reasons(1).is_empty(), closes);
        });
    }
}

#[test]
fn reduce_only_order_should_spend_the_health_it_costs() {
    // A lot frees 1,000 of initial margin; 120 ticks below the mark it costs 1,210 with the fee.
    for (spare, closes) in [(2_100, true), (2_099, false)] {
        new_test(|| {
            with_position();
            place(1, sell(10, MARK - 120).reduce_only()).unwrap();
            leave(10_000 + spare);
            place(3, buy(10, MARK - 120)).unwrap();
            next_block();
            assert_eq!(lots(1) == 0, closes, "{spare}");
        });
    }
}

#[test]
fn reduce_only_orders_should_not_make_room_for_orders_that_turn_the_position() {
    new_test(|| {
        with_position();
        // Twenty lots sold would leave ten short, which needs as much as ten long.
        place(1, sell(20, MARK)).unwrap();
        place(1, sell(10, MARK).reduce_only()).unwrap();
        leave(10_000 + 20 * 10);
        place(3, buy(30, MARK)).unwrap();
        next_block();
        let account = Accounts::get(1).unwrap();
        assert!(lots(1) == -10 || lots(1) == 0, "{}", lots(1));
        assert!(slack(&account) >= 0);
    });
}

#[test]
fn account_without_a_price_elsewhere_should_only_reduce() {
    new_test(|| {
        with_position();
        place(1, sell(15, MARK)).unwrap();
        place(3, buy(20, MARK)).unwrap();
        world(|world| world.no_headroom = true);
        next_block();
        assert_eq!(lots(1), 10, "the buyer can't open either");
        world(|world| world.no_headroom = false);
        assert_eq!(Accounts::get(3).unwrap().collateral, Cash(100_000_000));
    });
}

#[test]
fn healthy_account_should_fill_whatever_part_of_its_orders() {
    for filled in 1..=30 {
        with_accounts(30_000 + 300 + 3_000, || {
            place(1, buy(10, MARK + 10)).unwrap();
            place(1, buy(20, MARK)).unwrap();
            Accounts::mutate(2, |account| {
                account.as_mut().unwrap().collateral = Cash(1_000_000)
            });
            place(2, sell(filled, MARK)).unwrap();
            next_block();
            assert_eq!(lots(1), filled as i64);
            let account = Accounts::get(1).unwrap();
            assert!(slack(&account) >= 0);
        });
    }
}
