//! SPEC 6: stakes, shares, leaving.

use caisson_primitives::trading::{Admission, Cash};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, types::*, Error, Event};

const COOL_DOWN: u64 = 7 * DAY_MS as u64;

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn leave_with_all(who: AccountId) {
    assert_ok!(Insurance::leave(signed(who), 0, shares(who)));
}

#[test]
fn first_shares_should_cost_their_first_price() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        assert_eq!(shares(ALICE), 100 * ONE * 1_000_000);
        assert_eq!(worth(ALICE), 100 * ONE);
        assert_eq!(backers_pot(), 100 * ONE);
        assert_eq!(Insurance::fund_view(0).unwrap().share_price, Cash(ONE));
        assert_eq!(
            events().last(),
            Some(&Event::Backed {
                compartment: 0,
                backer: ALICE,
                units: 100 * UNITS,
                shares: shares(ALICE),
                held: shares(ALICE),
            })
        );
    });
}

#[test]
fn stake_should_be_at_least_the_least() {
    chain(|| {
        let back = |units| Insurance::back(signed(ALICE), 0, units);
        assert_noop!(back(0), Error::<Test>::BelowMinimumBacking);
        assert_noop!(back(10 * UNITS - 1), Error::<Test>::BelowMinimumBacking);
        assert_ok!(back(10 * UNITS));
        assert_noop!(
            Insurance::back(signed(ALICE), 9, UNITS),
            Error::<Test>::NoSuchCompartment
        );
        assert_noop!(back(u128::MAX), Error::<Test>::TooLarge);
    });
}

#[test]
fn first_depositor_should_not_profit_from_inflating_the_price() {
    chain(|| {
        // The least stake the chain allows, and a donation by way of fees as large as the victim's stake.
        let terms = FundTerms {
            min_backing: Cash(1),
            ..FundTerms::standard()
        };
        assert_ok!(Insurance::set_terms(
            RuntimeOrigin::root(),
            0,
            Box::new(terms)
        ));
        assert_ok!(Insurance::back(signed(ALICE), 0, 1));
        let donation = 1_000 * ONE;
        fees_for_backers(donation);
        assert_ok!(back(BOB, 1_000));
        assert!(shares(BOB) > 0);
        let loss = 1_000 * ONE - worth(BOB);
        assert!(loss <= ONE, "the victim loses a rounding: {loss}");
        assert!(
            worth(ALICE) <= SCALE + donation,
            "the attacker has no more than it gave"
        );
    });
}

#[test]
fn income_and_losses_should_be_shared_pro_rata() {
    chain(|| {
        assert_ok!(back(ALICE, 300));
        assert_ok!(back(BOB, 100));
        fees_for_backers(40 * ONE);
        let close = |value: i128, expected: i128| (expected - 1_000..=expected).contains(&value);
        assert!(close(worth(ALICE), 330 * ONE), "{}", worth(ALICE));
        assert!(close(worth(BOB), 110 * ONE));
        // A tenth of 440.
        assert_eq!(lose(BTC, 999 * ONE), (0, 44 * ONE, 0));
        assert!(close(worth(ALICE), 297 * ONE));
        assert!(close(worth(BOB), 99 * ONE));
        // Who comes later bears nothing of what was.
        assert_ok!(back(CAROL, 50));
        assert!(close(worth(CAROL), 50 * ONE));
        assert!(close(worth(ALICE), 297 * ONE));
    });
}

#[test]
fn backer_should_be_paid_after_its_cool_down() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        let before = units_of(ALICE);
        assert_noop!(
            Insurance::redeem(signed(ALICE), 0),
            Error::<Test>::NotLeaving
        );
        let all = shares(ALICE);
        leave_with_all(ALICE);
        let at = START + COOL_DOWN;
        assert_eq!(
            events().last(),
            Some(&Event::Leaves {
                compartment: 0,
                backer: ALICE,
                shares: all,
                at
            })
        );
        pass(COOL_DOWN - 1);
        assert_noop!(
            Insurance::redeem(signed(ALICE), 0),
            Error::<Test>::CoolingDown
        );
        pass(1);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        assert_eq!(units_of(ALICE), before + 100 * UNITS);
        assert_eq!(Insurance::backing(0, ALICE), None);
        assert_eq!(
            world(|world| world.admitted.clone()),
            [(0, Cash(100 * ONE))]
        );
        assert_noop!(
            Insurance::redeem(signed(ALICE), 0),
            Error::<Test>::NotABacker
        );
    });
}

#[test]
fn stake_should_bear_losses_while_it_leaves() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        assert_ok!(back(BOB, 100));
        leave_with_all(ALICE);
        assert_eq!(lose(BTC, 999 * ONE), (0, 20 * ONE, 0));
        pass(COOL_DOWN);
        let before = units_of(ALICE);
        let said = Insurance::backing_view(0, &ALICE).unwrap().leaving_units;
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        assert_eq!(units_of(ALICE) - before, said);
        assert!((90 * UNITS - 1..=90 * UNITS).contains(&said));
    });
}

#[test]
fn part_of_a_stake_should_leave_and_the_rest_stay() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        let all = shares(ALICE);
        let leave = |shares| Insurance::leave(signed(ALICE), 0, shares);
        for bad in [0, -1, all + 1] {
            assert_noop!(leave(bad), Error::<Test>::NotEnoughShares);
        }
        assert_noop!(leave(all - 1), Error::<Test>::StaysTooLittle);
        assert_ok!(leave(all / 2));
        assert_noop!(leave(1), Error::<Test>::AlreadyLeaving);
        // More shares don't leave with them.
        assert_ok!(back(ALICE, 50));
        pass(COOL_DOWN);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        let backing = Insurance::backing(0, ALICE).unwrap();
        assert_eq!(backing.leaving, None);
        assert_eq!(backing.shares, shares(ALICE));
        assert!((100 * ONE - SCALE..=100 * ONE).contains(&worth(ALICE)));
    });
}

#[test]
fn cool_down_should_be_called_off_by_staying() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        assert_noop!(Insurance::stay(signed(ALICE), 0), Error::<Test>::NotLeaving);
        assert_noop!(Insurance::stay(signed(BOB), 0), Error::<Test>::NotABacker);
        leave_with_all(ALICE);
        pass(COOL_DOWN);
        assert_ok!(Insurance::stay(signed(ALICE), 0));
        assert_noop!(
            Insurance::redeem(signed(ALICE), 0),
            Error::<Test>::NotLeaving
        );
        leave_with_all(ALICE);
        assert_noop!(
            Insurance::redeem(signed(ALICE), 0),
            Error::<Test>::CoolingDown
        );
    });
}

#[test]
fn longer_cool_down_should_not_hold_who_leaves_already() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        leave_with_all(ALICE);
        let terms = FundTerms {
            cool_down_ms: MAX_COOL_DOWN_MS,
            ..FundTerms::standard()
        };
        assert_ok!(Insurance::set_terms(
            RuntimeOrigin::root(),
            0,
            Box::new(terms)
        ));
        pass(COOL_DOWN);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
    });
}

#[test]
fn gate_should_hold_backers_money() {
    chain(|| {
        assert_ok!(back(ALICE, 100));
        leave_with_all(ALICE);
        pass(COOL_DOWN);
        let redeem = || Insurance::redeem(signed(ALICE), 0);
        world(|world| world.gate = Some(Ok(Admission::Queue)));
        assert_noop!(redeem(), Error::<Test>::MustWait);
        let shut = DispatchError::Other("a deficit is open");
        world(|world| world.gate = Some(Err(shut)));
        assert_noop!(redeem(), shut);
        assert_eq!(worth(ALICE), 100 * ONE);
        world(|world| world.gate = None);
        assert_ok!(redeem());
    });
}

#[test]
fn pot_without_backers_should_go_to_the_fund_before_shares_begin() {
    chain(|| {
        fees_for_backers(30 * ONE + 5);
        assert_ok!(back(ALICE, 100));
        assert_eq!(insurance_pot(), 30 * ONE + 5);
        assert_eq!(worth(ALICE), 100 * ONE);
        assert!(events().contains(&Event::OrphanedPotClaimed {
            compartment: 0,
            amount: Cash(30 * ONE + 5)
        }));
        // The last one leaves with a fraction of a unit in the pot.
        lose(BTC, 7);
        assert_eq!(insurance_pot(), 30 * ONE - 2);
        fees_for_backers(SCALE / 2);
        leave_with_all(ALICE);
        pass(COOL_DOWN);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        assert_eq!(backers_pot(), SCALE / 2);
    });
}

#[test]
fn gift_should_go_to_the_insurance_pot() {
    chain(|| {
        assert_noop!(
            Insurance::donate(signed(ALICE), 0, 0),
            Error::<Test>::ZeroAmount
        );
        assert_ok!(Insurance::donate(signed(ALICE), 0, 5));
        assert_eq!((insurance_pot(), backers_pot()), (5 * SCALE, 0));
        assert!(Insurance::donate(signed(ALICE), 9, 5).is_err());
    });
}
