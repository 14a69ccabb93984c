//! SPEC 4, 5: who pays how much of a loss.

use caisson_primitives::trading::{Cash, CompartmentFunds, InsuranceFunds, Pot};
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, types::*, Error, Event};

const DAY: u64 = DAY_MS as u64;
const WINDOW: u64 = 6 * 3_600_000;

/// 1,000 in the fund, 1,000 of Alice's, and a large backstop.
fn funded() {
    fill(0, 1_000);
    back(ALICE, 1_000).unwrap();
    fill_backstop(1_000_000);
}

#[test]
fn backstop_should_be_spent_by_its_owners_only() {
    chain(|| {
        fill_backstop(100);
        let spend = |origin, units| Insurance::spend_backstop(origin, USD, BOB, units);
        assert_noop!(
            spend(RuntimeOrigin::signed(ALICE), 1),
            sp_runtime::DispatchError::BadOrigin
        );
        assert_noop!(spend(RuntimeOrigin::root(), 0), Error::<Test>::ZeroAmount);
        let held = || pallet_assets::Pallet::<Test>::balance(USD, BOB);
        let before = held();
        assert_ok!(spend(RuntimeOrigin::root(), 40 * UNITS));
        assert_eq!(held(), before + 40 * UNITS);
        assert!(
            spend(RuntimeOrigin::root(), 100 * UNITS).is_err(),
            "it has less"
        );
    });
}

#[test]
fn loss_should_be_paid_by_the_fund_then_the_backers_then_the_backstop() {
    chain(|| {
        funded();
        // A fifth of the fund, a tenth of the backers' pot, and the rest.
        assert_eq!(lose(BTC, 500 * ONE), (200 * ONE, 100 * ONE, 200 * ONE));
        assert_eq!((insurance_pot(), backers_pot()), (800 * ONE, 900 * ONE));
        let event = Event::LossCovered {
            compartment: 0,
            market: BTC,
            loss: Cash(500 * ONE),
            insurance: Cash(200 * ONE),
            backers: Cash(100 * ONE),
            treasury: Cash(200 * ONE),
            left: Cash(0),
        };
        assert_eq!(events().last(), Some(&event));
        let signal = Drawdown {
            compartment: 0,
            market: BTC,
            paid: Cash(500 * ONE),
            share_ppm: 1_000_000,
        };
        assert_eq!(world(|world| world.drawdowns.clone()), [signal]);
    });
}

#[test]
fn small_loss_should_stay_with_the_fund() {
    chain(|| {
        funded();
        assert_eq!(lose(BTC, 50 * ONE + 7), (50 * ONE + 7, 0, 0));
        assert_eq!(
            world(|world| world.drawdowns[0].share_ppm),
            250_001,
            "rounded up"
        );
        assert_eq!(lose(BTC, 150 * ONE), (150 * ONE - 7, 7, 0));
    });
}

#[test]
fn what_nobody_covers_should_be_left() {
    chain(|| {
        fill(0, 1_000);
        assert_eq!(lose(BTC, 500 * ONE), (200 * ONE, 0, 0));
        assert!(matches!(
            events().last(),
            Some(Event::LossCovered { left, .. }) if left.0 == 300 * ONE
        ));
        System::reset_events();
        assert_eq!(lose(BTC, 300 * ONE), (0, 0, 0));
        assert!(events().is_empty(), "nothing was paid, nothing is said");
        assert_eq!(world(|world| world.drawdowns.len()), 1);
    });
}

#[test]
fn nothing_should_be_paid_without_a_loss() {
    chain(|| {
        funded();
        assert_eq!(lose(BTC, 0), (0, 0, 0));
        assert_eq!(lose(BTC, -5), (0, 0, 0));
        assert_eq!(insurance_pot(), 1_000 * ONE);
        assert_eq!(crate::Records::<Test>::iter().count(), 0);
    });
}

#[test]
fn window_should_drain_with_time() {
    chain(|| {
        fill(0, 1_000);
        assert_eq!(lose(BTC, 900 * ONE).0, 200 * ONE);
        assert_eq!(lose(BTC, 900 * ONE).0, 0);
        // Half a window: 100 of 200 drained; a fifth of 800 + 100 is 180, of which 100 is used.
        pass(WINDOW / 2);
        assert_eq!(lose(BTC, 900 * ONE).0, 80 * ONE);
        // All of it: a fifth of 720.
        pass(WINDOW);
        assert_eq!(lose(BTC, 900 * ONE).0, 144 * ONE);
    });
}

#[test]
fn each_market_should_have_a_window_of_its_own() {
    chain(|| {
        fill(0, 1_000);
        assert_eq!(lose(BTC, 900 * ONE).0, 200 * ONE);
        assert_eq!(lose(ETH, 900 * ONE).0, 160 * ONE, "a fifth of what is left");
        assert_eq!(lose(ETH, 900 * ONE).0, 0);
    });
}

#[test]
fn backers_should_pay_a_share_of_a_day() {
    chain(|| {
        back(ALICE, 1_000).unwrap();
        assert_eq!(lose(BTC, 900 * ONE), (0, 100 * ONE, 0));
        assert_eq!(lose(BTC, 900 * ONE), (0, 0, 0));
        pass(DAY / 2);
        // 50 of 100 drained; a tenth of 900 + 50 is 95, of which 50 is used.
        assert_eq!(lose(BTC, 900 * ONE), (0, 45 * ONE, 0));
        pass(DAY);
        assert_eq!(lose(BTC, 900 * ONE), (0, 85_500_000_000_000, 0));
    });
}

#[test]
fn backstop_should_pay_whole_units_up_to_its_cap_of_a_day() {
    chain(|| {
        fill_backstop(1_000_000);
        // What is rounded up stays in the fund.
        assert_eq!(lose(BTC, 1), (0, 0, 1));
        assert_eq!(insurance_pot(), SCALE - 1);
        assert_eq!(units_of(Insurance::backstop_account()), 1_000_000 * UNITS);
        let first = lose(ETH, 60_000 * ONE);
        assert_eq!(first.2, 50_000 * ONE);
        assert_eq!(lose(ETH, ONE).2, 0);
        pass(DAY / 2);
        assert_eq!(lose(ETH, 60_000 * ONE).2, 25_000 * ONE);
        pass(DAY);
        assert_eq!(lose(ETH, 60_000 * ONE).2, 50_000 * ONE);
        assert_eq!(lose(BTC, 60_000 * ONE).2, 50_000 * ONE);
    });
}

#[test]
fn backstop_should_count_what_left_it_not_what_was_lost() {
    chain(|| {
        fill_backstop(1_000);
        let terms = FundTerms {
            drawdown_ppm: 0,
            backstop_cap: Cash(3 * SCALE),
            ..FundTerms::standard()
        };
        assert_ok!(Insurance::set_terms(
            RuntimeOrigin::root(),
            0,
            Box::new(terms)
        ));
        // Three losses of a quantum draw a unit each; then the cap is reached.
        for _ in 0..3 {
            assert_eq!(lose(BTC, 1).2, 1);
        }
        assert_eq!(lose(BTC, 1).2, 0);
        assert_eq!(insurance_pot(), 3 * SCALE - 3);
    });
}

#[test]
fn backstop_should_pay_what_it_has() {
    chain(|| {
        fill_backstop(3);
        assert_eq!(lose(BTC, 10 * ONE), (0, 0, 3 * ONE));
        assert_eq!(lose(BTC, 10 * ONE), (0, 0, 0));
    });
}

#[test]
fn frozen_backstop_should_not_keep_the_others_from_paying() {
    chain(|| {
        funded();
        let freeze = Assets::freeze(
            RuntimeOrigin::signed(ALICE),
            USD.into(),
            Insurance::backstop_account(),
        );
        assert_ok!(freeze);
        assert_eq!(lose(BTC, 500 * ONE), (200 * ONE, 100 * ONE, 0));
        let record = crate::Records::<Test>::get(0, BTC);
        assert_eq!(record.backstop.level, Cash(0));
        assert_eq!(record.paid, Cash(300 * ONE));
    });
}

#[test]
fn loss_should_touch_no_other_compartment() {
    chain(|| {
        funded();
        fill(1, 500);
        assert_ok!(Insurance::back(RuntimeOrigin::signed(BOB), 1, 500 * UNITS));
        let before = TestFunds::pots(1);
        lose(BTC, 1_000_000 * ONE);
        assert_eq!(TestFunds::pots(1), before);
        // The same number in another compartment has windows of its own.
        let paid = <Insurance as InsuranceFunds>::cover(1, BTC, Cash(70 * ONE)).unwrap();
        assert_eq!(paid.insurance, Cash(70 * ONE));
        assert_eq!(insurance_pot(), 800 * ONE);
    });
}

#[test]
fn unknown_compartment_should_pay_nothing() {
    chain(|| {
        fill_backstop(1_000);
        let paid = <Insurance as InsuranceFunds>::cover(9, BTC, Cash(ONE)).unwrap();
        assert_eq!(paid, Default::default());
        let none = <Insurance as InsuranceFunds>::capacity(9, BTC, Cash(5));
        assert_eq!((none.max_notional, none.drawdown_left), (Cash(0), Cash(0)));
    });
}

#[test]
fn income_should_go_to_the_fund_and_be_counted() {
    chain(|| {
        assert_ok!(<Insurance as InsuranceFunds>::income(0, BTC, Cash(7)));
        assert_eq!(insurance_pot(), 7);
        assert_eq!(crate::Records::<Test>::get(0, BTC).income, Cash(7));
        assert_noop!(
            <Insurance as InsuranceFunds>::income(0, BTC, Cash(-1)),
            sp_runtime::DispatchError::Other("negative")
        );
        // The mock's custody knows nothing of what another pallet took from accounts.
        assert_ok!(TestFunds::debit(0, Pot::Insurance, Cash(7)));
    });
}

#[test]
fn capacity_should_follow_the_pot_and_the_window() {
    chain(|| {
        fill(0, 1_000);
        let capacity = || <Insurance as InsuranceFunds>::capacity(0, BTC, Cash(3));
        assert_eq!(capacity().max_notional, Cash(5_000 * ONE));
        assert_eq!(capacity().held_notional, Cash(3));
        assert_eq!(capacity().drawdown_left, Cash(200 * ONE));
        lose(BTC, 150 * ONE);
        assert_eq!(capacity().max_notional, Cash(4_250 * ONE));
        assert_eq!(capacity().drawdown_left, Cash(50 * ONE));
        let limit = SubLimit {
            inventory_ppm: 1_000_000,
            drawdown_ppm: 100_000,
            backers_ppm: 0,
            backstop_cap: Cash(0),
        };
        assert_ok!(Insurance::set_sub_limit(
            RuntimeOrigin::root(),
            0,
            BTC,
            Some(limit)
        ));
        assert_eq!(capacity().max_notional, Cash(850 * ONE));
        assert_eq!(capacity().drawdown_left, Cash(0));
        let other = <Insurance as InsuranceFunds>::capacity(0, ETH, Cash(0));
        assert_eq!(other.drawdown_left, Cash(170 * ONE));
    });
}

#[test]
fn own_limit_should_bound_every_layer() {
    chain(|| {
        funded();
        let limit = SubLimit {
            inventory_ppm: 0,
            drawdown_ppm: 10_000,
            backers_ppm: 1_000,
            backstop_cap: Cash(2 * ONE),
        };
        assert_ok!(Insurance::set_sub_limit(
            RuntimeOrigin::root(),
            0,
            BTC,
            Some(limit)
        ));
        assert_eq!(lose(BTC, 500 * ONE), (10 * ONE, ONE, 2 * ONE));
    });
}

#[test]
fn view_should_say_what_is_left_of_each_window() {
    chain(|| {
        funded();
        lose(BTC, 500 * ONE);
        pass(WINDOW / 2);
        let view = Insurance::market_fund_view(0, BTC).unwrap();
        let allowance = |used: i128, left: i128| AllowanceView {
            used: Cash(used),
            left: Cash(left),
        };
        assert_eq!(view.drawdown, allowance(100 * ONE, 80 * ONE));
        assert_eq!(view.max_inventory, Cash(4_000 * ONE));
        assert_eq!(view.paid, Cash(500 * ONE));
        assert_eq!(
            view.backstop.used,
            Cash(0),
            "drained: it is so much more a day"
        );
        assert_eq!(view.backers.used, Cash(87_500_000_000_000));
        let state = Insurance::fund_view(0).unwrap();
        assert_eq!(state.insurance, Cash(800 * ONE));
        assert_eq!(state.backers, Cash(900 * ONE));
        assert_eq!(state.backstop, Cash(999_800 * ONE));
        assert_eq!(Insurance::fund_view(9), None);
    });
}
