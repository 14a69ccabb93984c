//! SPEC 2 and 3: compartments, and money in and out.

use crate::{mock::*, types::CompartmentTerms, Error, Event, Ledgers};
use caisson_primitives::{oracle::FeedStatus, trading::Cash};
use frame_support::{assert_noop, assert_ok};

fn signed(user: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(user)
}

#[test]
fn account_should_open_with_its_first_deposit() {
    new_test_ext().execute_with(|| {
        let account = open(ALICE, 0, 100);
        assert_eq!(collateral(account), 100 * ONE);
        assert_eq!(Margin::account_of(ALICE, 0, 0), Some(account));
        assert_eq!(Margin::accounts_of(&ALICE), [(account, 0, 0)]);
        assert_eq!(Assets::balance(USD, Margin::custody(0)), 100 * UNITS);
        next_block();
    });
}

#[test]
fn opening_should_be_refused_when_it_breaks_a_limit() {
    new_test_ext().execute_with(|| {
        open(ALICE, 0, 100);
        let open =
            |compartment, sub, units| Margin::open_account(signed(ALICE), compartment, sub, units);
        assert_noop!(open(0, 0, 100 * UNITS), Error::<Test>::AccountExists);
        assert_noop!(open(0, 4, 100 * UNITS), Error::<Test>::TooManySubaccounts);
        assert_noop!(
            open(0, 1, 10 * UNITS - 1),
            Error::<Test>::BelowMinimumDeposit
        );
        assert_noop!(open(9, 0, 100 * UNITS), Error::<Test>::NoSuchCompartment);
        crate::NextAccount::<Test>::put(u32::MAX);
        assert_noop!(open(0, 1, 100 * UNITS), Error::<Test>::TooManyAccounts);
    });
}

#[test]
fn deposits_and_withdrawals_should_be_the_owners_only_and_positive() {
    new_test_ext().execute_with(|| {
        let account = open(ALICE, 0, 100);
        for (call, error) in [
            (
                Margin::deposit(signed(BOB), account, USD, 1),
                Error::<Test>::NotOwner,
            ),
            (
                Margin::withdraw(signed(BOB), account, USD, 1),
                Error::NotOwner,
            ),
            (
                Margin::close_account(signed(BOB), account)
                    .map(Into::into)
                    .map_err(Into::into),
                Error::NotOwner,
            ),
            (
                Margin::set_leverage(signed(BOB), account, 1),
                Error::NotOwner,
            ),
            (
                Margin::deposit(signed(ALICE), account, USD, 0),
                Error::ZeroAmount,
            ),
            (
                Margin::withdraw(signed(ALICE), account, USD, 0),
                Error::ZeroAmount,
            ),
            (
                Margin::deposit(signed(ALICE), 77, USD, 1),
                Error::NoSuchAccount,
            ),
            (
                Margin::deposit(signed(ALICE), account, 3, 1),
                Error::NotCollateral,
            ),
            (
                Margin::withdraw(signed(ALICE), account, 3, 1),
                Error::NotCollateral,
            ),
            (
                Margin::set_leverage(signed(ALICE), account, 201),
                Error::TooMuchLeverage,
            ),
        ] {
            assert_noop!(call, error);
        }
        assert_ok!(Margin::deposit(signed(ALICE), account, USD, 5 * UNITS));
        assert_eq!(collateral(account), 105 * ONE);
    });
}

#[test]
fn deposit_should_be_refused_when_it_leaves_the_range_of_exact_money() {
    new_test_ext().execute_with(|| {
        let account = open(ALICE, 0, 100);
        assert_noop!(
            Margin::deposit(signed(ALICE), account, USD, u128::MAX),
            Error::<Test>::TooLarge
        );
    });
}

#[test]
fn withdrawal_should_take_all_when_nothing_is_open_even_without_prices() {
    new_test_ext().execute_with(|| {
        let account = open(ALICE, 0, 100);
        change(BTC, |_, prices| prices.status = FeedStatus::Down);
        assert_noop!(
            Margin::withdraw(signed(ALICE), account, USD, 100 * UNITS + 1),
            Error::<Test>::NotEnoughCollateral
        );
        assert_ok!(Margin::withdraw(signed(ALICE), account, USD, 100 * UNITS));
        assert_eq!(collateral(account), 0);
        next_block();
    });
}

#[test]
fn withdrawal_should_leave_the_transfer_margin() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 50, 100 * ONE);
        // Notional 5000: a tenth, 500, is more than the initial 300.
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, USD, 500 * UNITS + 1),
            Error::<Test>::NotEnoughMargin
        );
        change(BTC, |_, prices| prices.status = FeedStatus::Uncertain);
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, USD, 1),
            Error::<Test>::PriceNotTrusted
        );
        change(BTC, |_, prices| prices.status = FeedStatus::Live);
        let health = Margin::health(alice).expect("an account");
        assert_eq!(health.withdrawable, Cash(500 * ONE));
        set_gate(false);
        assert!(Margin::withdraw(signed(ALICE), alice, USD, 1).is_err());
        set_gate(true);
        assert_ok!(Margin::withdraw(signed(ALICE), alice, USD, 500 * UNITS));
        next_block();
    });
}

#[test]
fn paper_profit_should_not_leave_beyond_the_margin_it_is_capped_at() {
    new_test_ext().execute_with(|| {
        // Mango, October 2022: a mark driven up twentyfold must not be cashed in.
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 100_000));
        trade(BTC, alice, bob, 50, 100 * ONE);
        set_mark(BTC, 1_999 * ONE);
        change(BTC, |_, prices| {
            prices.stable = caisson_primitives::trading::LotPrice(100 * ONE)
        });
        next_block();
        let health = Margin::health(alice).expect("an account");
        assert_eq!(health.equity, Cash(1_000 * ONE + 50 * 1_899 * ONE));
        assert_eq!(health.withdrawable, Cash(0));
        assert_noop!(
            Margin::withdraw(signed(ALICE), alice, USD, 1),
            Error::<Test>::NotEnoughMargin
        );
    });
}

#[test]
fn transfer_should_move_money_between_own_accounts_of_one_compartment() {
    new_test_ext().execute_with(|| {
        let (one, two, other) = (open(ALICE, 0, 100), open(ALICE, 1, 100), open(BOB, 0, 100));
        assert_ok!(Margin::transfer(signed(ALICE), one, two, 30 * UNITS));
        assert_eq!((collateral(one), collateral(two)), (70 * ONE, 130 * ONE));
        let transfer = |from, to, units| Margin::transfer(signed(ALICE), from, to, units);
        assert_noop!(transfer(one, one, 1), Error::<Test>::SameAccount);
        assert_noop!(transfer(one, other, 1), Error::<Test>::NotOwner);
        assert_noop!(transfer(one, two, 0), Error::<Test>::ZeroAmount);
        assert_noop!(
            transfer(one, two, 71 * UNITS),
            Error::<Test>::NotEnoughCollateral
        );
        assert_ok!(Margin::create_compartment(
            RuntimeOrigin::root(),
            USD,
            terms()
        ));
        assert_ok!(Margin::open_account(signed(ALICE), 1, 0, 10 * UNITS));
        assert_noop!(transfer(one, 3, 1), Error::<Test>::OtherCompartment);
        next_block();
    });
}

#[test]
fn closing_should_pay_whole_units_and_leave_the_rest_as_dust() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 100));
        trade(BTC, alice, bob, 1, 100 * ONE);
        assert_noop!(
            Margin::close_account(signed(ALICE), alice),
            Error::<Test>::AccountInUse
        );
        // A quantum of profit, far below a unit.
        trade(BTC, bob, alice, 1, 100 * ONE + 1);
        let before = Assets::balance(USD, ALICE);
        assert_ok!(Margin::close_account(signed(ALICE), alice));
        assert_eq!(Assets::balance(USD, ALICE) - before, 100 * UNITS);
        assert_eq!(Ledgers::<Test>::get(0).dust, Cash(1));
        assert_eq!(Margin::account_of(ALICE, 0, 0), None);
        next_block();
        // Bob is short of that quantum, so less than a hundred whole units are his.
        assert_ok!(Margin::close_account(signed(BOB), bob));
        next_block();
        assert_eq!(
            Ledgers::<Test>::get(0).dust.0,
            Ledgers::<Test>::get(0).custody.0
        );
    });
}

#[test]
fn dust_should_be_swept_by_anyone_and_nothing_else() {
    new_test_ext().execute_with(|| {
        let account = open(ALICE, 0, 100);
        let sweep = || Margin::sweep_dust(signed(CAROL), account);
        assert_noop!(sweep(), Error::<Test>::NotDust);
        assert_ok!(Margin::withdraw(
            signed(ALICE),
            account,
            USD,
            100 * UNITS - 5
        ));
        assert_ok!(sweep());
        assert_noop!(sweep(), Error::<Test>::NoSuchAccount);
        assert_eq!(Ledgers::<Test>::get(0).dust, Cash(5 * ONE / UNITS as i128));
        next_block();
    });
}

#[test]
fn governance_should_be_held_to_sane_terms() {
    new_test_ext().execute_with(|| {
        let root = RuntimeOrigin::root;
        let bad = |change: fn(&mut CompartmentTerms)| {
            let mut terms = terms();
            change(&mut terms);
            terms
        };
        for terms in [
            bad(|terms| terms.min_deposit = 0),
            bad(|terms| terms.dust = terms.min_deposit + 1),
            bad(|terms| terms.transfer_margin_ppm = 1_000_001),
        ] {
            assert_noop!(
                Margin::create_compartment(root(), USD, terms),
                Error::<Test>::BadTerms
            );
            assert_noop!(
                Margin::set_compartment_terms(root(), 0, terms),
                Error::<Test>::BadTerms
            );
        }
        assert_noop!(
            Margin::create_compartment(root(), 44, terms()),
            Error::<Test>::UnsuitableAsset
        );
        assert_noop!(
            Margin::create_compartment(root(), 3, terms()),
            Error::<Test>::UnsuitableAsset
        );
        assert_noop!(
            Margin::create_compartment(signed(ALICE), USD, terms()),
            sp_runtime::DispatchError::BadOrigin
        );
        assert_ok!(Margin::create_compartment(root(), USD, terms()));
        assert_ok!(Margin::create_compartment(root(), USD, terms()));
        assert_noop!(
            Margin::create_compartment(root(), USD, terms()),
            Error::<Test>::TooManyCompartments
        );
        assert_noop!(
            Margin::set_compartment_terms(root(), 9, terms()),
            Error::<Test>::NoSuchCompartment
        );
        assert_ok!(Margin::set_compartment_terms(root(), 1, terms()));
        System::assert_last_event(
            Event::CompartmentTermsSet {
                compartment: 1,
                before: terms(),
                after: terms(),
            }
            .into(),
        );
    });
}
