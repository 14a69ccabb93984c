//! SPEC 7: backers who are wiped out.

use caisson_primitives::trading::Cash;
use frame_support::{assert_noop, assert_ok};

use crate::{backers::is_wiped_out, mock::*, types::*, Error, Event};
use caisson_risk::insurance::Fund;

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// One market may take everything from the backers.
fn without_cap() {
    let terms = FundTerms {
        backers_ppm: PPM,
        ..FundTerms::standard()
    };
    assert_ok!(Insurance::set_terms(
        RuntimeOrigin::root(),
        0,
        Box::new(terms)
    ));
}

#[test]
fn new_series_should_begin_when_a_loss_takes_all() {
    chain(|| {
        without_cap();
        assert_ok!(back(ALICE, 100));
        assert_ok!(back(BOB, 50));
        let old = shares(ALICE);
        assert_eq!(lose(BTC, 999 * ONE), (0, 150 * ONE, 0));
        assert!(events().iter().any(|event| matches!(
            event,
            Event::BackersWipedOut {
                series: 0,
                left: Cash(0),
                ..
            }
        )));
        check();
        let view = Insurance::backing_view(0, &ALICE).unwrap();
        assert!(view.is_worthless);
        assert_eq!((view.value, view.leaving_units), (Cash(0), 0));
        assert_noop!(
            Insurance::leave(signed(ALICE), 0, old),
            Error::<Test>::WipedOut
        );
        assert_noop!(Insurance::stay(signed(ALICE), 0), Error::<Test>::WipedOut);

        // Who comes new pays the first price, and the old shares have no part in it.
        assert_ok!(back(CAROL, 100));
        assert_eq!(worth(CAROL), 100 * ONE);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        assert_eq!(Insurance::backing(0, ALICE), None);
        assert!(events().contains(&Event::SharesStruckOff {
            compartment: 0,
            backer: ALICE,
            series: 0,
            shares: old,
        }));
        assert_ok!(back(BOB, 20));
        assert_eq!(Insurance::backing(0, BOB).unwrap().series, 1);
        assert!((20 * ONE - 1..=20 * ONE).contains(&worth(BOB)));
        assert_eq!(backers_pot(), 120 * ONE);
    });
}

#[test]
fn what_leaves_should_be_wiped_out_too() {
    chain(|| {
        without_cap();
        assert_ok!(back(ALICE, 100));
        assert_ok!(Insurance::leave(signed(ALICE), 0, shares(ALICE)));
        lose(BTC, 999 * ONE);
        assert_ok!(back(BOB, 100));
        pass(7 * DAY_MS as u64);
        let before = units_of(ALICE);
        assert_ok!(Insurance::redeem(signed(ALICE), 0));
        assert_eq!(units_of(ALICE), before);
        assert_eq!(worth(BOB), 100 * ONE);
    });
}

#[test]
fn series_should_go_on_while_shares_are_worth_something() {
    chain(|| {
        without_cap();
        assert_ok!(back(ALICE, 100));
        lose(BTC, 99 * ONE);
        assert_eq!(worth(ALICE), ONE);
        assert_eq!(crate::Series::<Test>::get(0).number, 0);
        // A hundred million of a series' first price are left: it ends, and what is left is the fund's.
        pass(DAY_MS.into());
        lose(ETH, ONE - 1_000_000);
        assert_eq!(
            crate::Series::<Test>::get(0),
            ShareSeries {
                number: 1,
                shares: 0
            }
        );
        assert_eq!(backers_pot(), 1_000_000);
        assert_ok!(back(BOB, 10));
        assert_eq!((backers_pot(), insurance_pot()), (10 * ONE, 1_000_000));
    });
}

#[test]
fn series_should_end_at_a_millionth_of_its_first_price() {
    let fund = |assets: i128, shares: i128| Fund {
        assets: Cash(assets),
        shares,
    };
    let wiped = |assets, shares| is_wiped_out(&fund(assets, shares)).unwrap();
    assert!(!wiped(0, 0), "nobody is no one to wipe out");
    assert!(wiped(0, 1));
    assert!(!wiped(1, 1));
    // A thousand quanta and the virtual one carry 1,001 * 10^12 shares, the virtual 10^6 among them.
    let most = 1_001 * 1_000_000_000_000 - 1_000_000;
    assert!(!wiped(1_000, most));
    assert!(wiped(1_000, most + 1));
}

#[test]
fn shares_should_still_be_counted_after_many_near_wipe_outs() {
    chain(|| {
        without_cap();
        for _ in 0..100 {
            assert_ok!(back(ALICE, 1_000_000));
            let pot = backers_pot();
            lose(BTC, pot - pot / 10_000);
            pass(DAY_MS.into());
            check();
        }
        assert_ok!(back(BOB, 1_000_000));
        assert!(worth(BOB) > 999_999 * ONE);
    });
}
