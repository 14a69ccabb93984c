//! SPEC 3: what governance sets, and every reason why not.

use caisson_primitives::trading::Cash;
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::DispatchError;

use crate::{mock::*, types::*, Error, Event, SubLimits, Terms};

type E = Error<Test>;

fn set(terms: FundTerms) -> sp_runtime::DispatchResult {
    Insurance::set_terms(RuntimeOrigin::root(), 0, Box::new(terms))
}

#[track_caller]
fn refuses(error: E, change: impl FnOnce(&mut FundTerms)) {
    let mut terms = FundTerms::standard();
    change(&mut terms);
    assert_noop!(set(terms), error);
}

#[track_caller]
fn accepts(change: impl FnOnce(&mut FundTerms)) {
    let mut terms = FundTerms::standard();
    change(&mut terms);
    assert_ok!(set(terms));
}

fn jumps(ppm: &[i32]) -> Jumps {
    BoundedVec::truncate_from(ppm.to_vec())
}

#[test]
fn terms_should_be_standard_until_set() {
    chain(|| {
        assert_eq!(Insurance::terms(2), FundTerms::standard());
        let mut after = FundTerms::standard();
        after.drawdown_ppm = 1;
        assert_ok!(set(after.clone()));
        assert_eq!(Insurance::terms(0), after);
        assert_eq!(Insurance::terms(1), FundTerms::standard());
        assert_eq!(
            events().last(),
            Some(&Event::TermsSet {
                compartment: 0,
                before: FundTerms::standard(),
                after
            })
        );
    });
}

#[test]
fn terms_should_be_bounded() {
    chain(|| {
        refuses(E::InventoryTooLarge, |one| {
            one.inventory_ppm = MAX_INVENTORY_PPM + 1
        });
        accepts(|one| one.inventory_ppm = MAX_INVENTORY_PPM);
        refuses(E::ShareAboveWhole, |one| one.drawdown_ppm = PPM + 1);
        refuses(E::ShareAboveWhole, |one| one.backers_ppm = PPM + 1);
        accepts(|one| one.backers_ppm = PPM);
        for window in [0, MIN_WINDOW_MS - 1, MAX_WINDOW_MS + 1] {
            refuses(E::BadWindow, |one| one.window_ms = window);
        }
        for cap in [Cash(-1), Cash(caisson_risk::limits::MAX_CASH + 1)] {
            refuses(E::BadBackstopCap, |one| one.backstop_cap = cap);
        }
        for time in [0, MIN_COOL_DOWN_MS - 1, MAX_COOL_DOWN_MS + 1] {
            refuses(E::BadCoolDown, |one| one.cool_down_ms = time);
        }
        for least in [Cash(-1), Cash(0), Cash(MAX_MIN_BACKING.0 + 1)] {
            refuses(E::BadMinimumBacking, |one| one.min_backing = least);
        }
        for jump in [0, MAX_FALL_PPM - 1, MAX_RISE_PPM + 1, i32::MIN] {
            refuses(E::BadJump, |one| {
                one.stress_jumps_ppm = jumps(&[jump, 1, 2])
            });
        }
        accepts(|one| one.stress_jumps_ppm = jumps(&[MAX_FALL_PPM, MAX_RISE_PPM]));
        for tail in [0, 11] {
            refuses(E::BadTail, |one| one.tail = tail);
        }
        refuses(E::BadTail, |one| one.stress_jumps_ppm = jumps(&[]));
        accepts(|one| one.tail = 10);
    });
}

#[test]
fn terms_should_be_governances_and_of_a_compartment() {
    chain(|| {
        let standard = || Box::new(FundTerms::standard());
        assert_noop!(
            Insurance::set_terms(RuntimeOrigin::signed(ALICE), 0, standard()),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Insurance::set_terms(RuntimeOrigin::root(), 9, standard()),
            E::NoSuchCompartment
        );
    });
}

#[test]
fn own_limit_should_only_tighten() {
    chain(|| {
        let terms = FundTerms::standard();
        let whole = SubLimit {
            inventory_ppm: terms.inventory_ppm,
            drawdown_ppm: terms.drawdown_ppm,
            backers_ppm: terms.backers_ppm,
            backstop_cap: terms.backstop_cap,
        };
        let set =
            |market, limit| Insurance::set_sub_limit(RuntimeOrigin::root(), 0, market, Some(limit));
        let changes: [fn(&mut SubLimit); 4] = [
            |one| one.inventory_ppm += 1,
            |one| one.drawdown_ppm += 1,
            |one| one.backers_ppm += 1,
            |one| one.backstop_cap.0 += 1,
        ];
        for change in changes {
            let mut looser = whole;
            change(&mut looser);
            assert_noop!(set(BTC, looser), E::LimitAboveTerms);
        }
        let negative = SubLimit {
            backstop_cap: Cash(-1),
            ..whole
        };
        assert_noop!(set(BTC, negative), E::BadBackstopCap);
        assert_noop!(set(OTHER, whole), E::OtherCompartment);
        assert_noop!(set(9_999, whole), E::NoSuchMarket);
        assert_ok!(set(BTC, whole));
        assert_eq!(SubLimits::<Test>::get(0, BTC), Some(whole));
        assert_noop!(
            Insurance::set_sub_limit(RuntimeOrigin::signed(ALICE), 0, BTC, None),
            DispatchError::BadOrigin
        );
        assert_ok!(Insurance::set_sub_limit(
            RuntimeOrigin::root(),
            0,
            BTC,
            None
        ));
        assert_eq!(SubLimits::<Test>::get(0, BTC), None);
        assert_eq!(
            events().last(),
            Some(&Event::SubLimitSet {
                compartment: 0,
                market: BTC,
                before: Some(whole),
                after: None
            })
        );
    });
}

#[test]
fn genesis_should_set_terms() {
    let terms = FundTerms {
        tail: 1,
        ..FundTerms::standard()
    };
    with_terms(vec![(1, terms.clone())]).execute_with(|| {
        assert_eq!(Terms::<Test>::get(1), terms);
        assert_eq!(Terms::<Test>::get(0), FundTerms::standard());
        check();
    });
}

#[test]
#[should_panic(expected = "terms of compartment 1 are not valid")]
fn genesis_should_not_build_with_terms_that_are_not_valid() {
    let terms = FundTerms {
        tail: 0,
        ..FundTerms::standard()
    };
    with_terms(vec![(1, terms)]);
}
