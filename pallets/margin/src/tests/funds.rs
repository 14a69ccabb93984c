//! SPEC 13: a compartment's money besides that of accounts.

use crate::{mock::*, Error, Ledgers};
use caisson_primitives::trading::{Cash, CompartmentFunds, Pot, Pots};
use frame_support::{assert_noop, assert_ok};

fn units_of(user: AccountId) -> u128 {
    Assets::balance(USD, user)
}

#[test]
fn funds_should_name_the_asset_and_what_there_is() {
    new_test_ext().execute_with(|| {
        assert_eq!(Margin::settlement_asset(0), Some((USD, 1_000_000)));
        assert_eq!(Margin::settlement_asset(9), None);
        assert_eq!(Margin::pots(0), Pots::default());
        open(ALICE, 0, 100);
        assert_ok!(Margin::receive(0, Pot::Insurance, &BOB, 7 * UNITS));
        assert_ok!(Margin::receive(0, Pot::Backers, &CAROL, 5 * UNITS));
        let pots = Pots {
            insurance: Cash(7 * ONE),
            backers: Cash(5 * ONE),
            custody: Cash(112 * ONE),
        };
        assert_eq!(Margin::pots(0), pots);
        next_block();
    });
}

#[test]
fn what_is_received_should_be_in_custody_to_the_unit() {
    new_test_ext().execute_with(|| {
        let before = units_of(BOB);
        let received = Margin::receive(0, Pot::Backers, &BOB, 3).expect("receives");
        assert_eq!(received, Cash(3_000_000));
        assert_eq!(units_of(BOB), before - 3);
        assert_eq!(units_of(Margin::custody(0)), 3);
        assert_eq!(Ledgers::<Test>::get(0).custody, Cash(3_000_000));
        assert_noop!(
            Margin::receive(9, Pot::Backers, &BOB, 3),
            Error::<Test>::NoSuchCompartment
        );
        assert!(Margin::receive(0, Pot::Backers, &BOB, before).is_err());
    });
}

#[test]
fn payment_should_leave_in_whole_units_and_keep_the_rest_in_the_pot() {
    new_test_ext().execute_with(|| {
        assert_ok!(Margin::receive(0, Pot::Backers, &BOB, 10));
        let before = units_of(CAROL);
        let paid = Margin::pay_out(0, Pot::Backers, &CAROL, Cash(4_999_999)).expect("pays");
        assert_eq!(paid, (4, Cash(4_000_000)));
        assert_eq!(units_of(CAROL), before + 4);
        let ledger = Ledgers::<Test>::get(0);
        assert_eq!(
            (ledger.backers, ledger.custody),
            (Cash(6_000_000), Cash(6_000_000))
        );
        // Less than a unit is nothing, even when nobody could take it.
        let paid = Margin::pay_out(0, Pot::Backers, &CAROL, Cash(999_999));
        assert_eq!(paid, Ok((0, Cash(0))));
        next_block();
    });
}

#[test]
fn payment_should_be_refused_when_the_pot_holds_less() {
    new_test_ext().execute_with(|| {
        assert_ok!(Margin::receive(0, Pot::Backers, &BOB, 10));
        assert_ok!(Margin::receive(0, Pot::Insurance, &BOB, 10));
        let pay = |pot, amount| {
            frame_support::storage::with_storage_layer(|| {
                Margin::pay_out(0, pot, &CAROL, Cash(amount))
            })
        };
        assert_noop!(pay(Pot::Backers, 11_000_000), Error::<Test>::NotEnoughFunds);
        assert_noop!(pay(Pot::Backers, -1), Error::<Test>::Arithmetic);
        assert_noop!(
            Margin::pay_out(9, Pot::Backers, &CAROL, Cash(1)),
            Error::<Test>::NoSuchCompartment
        );
        assert_ok!(pay(Pot::Backers, 10_000_000));
    });
}

#[test]
fn pots_should_change_only_by_what_fits() {
    new_test_ext().execute_with(|| {
        assert_ok!(Margin::credit(0, Pot::Insurance, Cash(5)));
        assert_ok!(Margin::debit(0, Pot::Insurance, Cash(2)));
        assert_eq!(Margin::pots(0).insurance, Cash(3));
        assert_eq!(Margin::pots(0).backers, Cash(0));
        assert_noop!(
            Margin::debit(0, Pot::Insurance, Cash(4)),
            Error::<Test>::NotEnoughFunds
        );
        for amount in [Cash(-1), Cash(i128::MIN)] {
            assert_noop!(
                Margin::credit(0, Pot::Insurance, amount),
                Error::<Test>::Arithmetic
            );
            assert_noop!(
                Margin::debit(0, Pot::Insurance, amount),
                Error::<Test>::Arithmetic
            );
        }
        let most = caisson_risk::limits::MAX_CASH;
        assert_noop!(
            Margin::credit(0, Pot::Insurance, Cash(most)),
            Error::<Test>::TooLarge
        );
        assert_noop!(
            Margin::credit(9, Pot::Insurance, Cash(1)),
            Error::<Test>::NoSuchCompartment
        );
    });
}

#[cfg(feature = "runtime-benchmarks")]
#[test]
fn funds_of_benchmarks_should_have_custody_behind_them() {
    new_test_ext().execute_with(|| {
        open(ALICE, 0, 100);
        Margin::benchmark_funds(0, Cash(7 * ONE + 1), Cash(ONE));
        assert_eq!(Margin::pots(0).insurance, Cash(7 * ONE + 1));
        next_block();
    });
}
