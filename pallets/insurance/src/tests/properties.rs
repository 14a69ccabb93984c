//! What holds whatever happens: SPEC 4, 5, 6, 10.

use caisson_primitives::trading::{Cash, CompartmentFunds, Cover, InsuranceFunds};
use proptest::prelude::*;

use crate::{mock::*, types::*};

/// Something that happens in compartment 0 or 1.
#[derive(Clone, Debug)]
enum Act {
    Lose(u16, u16, i128),
    Back(u64, u16, u128),
    Leave(u64, u16, u32),
    Stay(u64, u16),
    Redeem(u64, u16),
    Donate(u16, u128),
    Fees(i128),
    Pass(u64),
    Block,
}

fn any_act() -> impl Strategy<Value = Act> {
    let who = || 1u64..4;
    let compartment = || 0u16..2;
    let market = || prop_oneof![Just(BTC), Just(ETH), Just(OTHER)];
    let money = || prop_oneof![0..1_000_000i128, 0..2_000 * ONE, 0..10_000_000 * ONE];
    let units = || prop_oneof![1..2_000u128, 1..2_000 * UNITS];
    prop_oneof![
        4 => (compartment(), market(), money()).prop_map(|(a, b, c)| Act::Lose(a, b, c)),
        4 => (who(), compartment(), units()).prop_map(|(a, b, c)| Act::Back(a, b, c)),
        2 => (who(), compartment(), 0..1_000_001u32).prop_map(|(a, b, c)| Act::Leave(a, b, c)),
        1 => (who(), compartment()).prop_map(|(a, b)| Act::Stay(a, b)),
        3 => (who(), compartment()).prop_map(|(a, b)| Act::Redeem(a, b)),
        1 => (compartment(), units()).prop_map(|(a, b)| Act::Donate(a, b)),
        2 => (0..100 * ONE).prop_map(|fees| Act::Fees(fees / SCALE * SCALE)),
        3 => (0..20 * u64::from(DAY_MS)).prop_map(Act::Pass),
        1 => Just(Act::Block),
    ]
}

fn total() -> u128 {
    let users = [ALICE, BOB, CAROL, Insurance::backstop_account()];
    let custody = (0..COMPARTMENTS).map(custody);
    users.into_iter().chain(custody).map(units_of).sum()
}

/// A loss, and what must hold of its cover: at most the loss, exactly out of the pots, nothing of another compartment.
fn lose_in(compartment: u16, market: u16, loss: i128) {
    let other = 1 - compartment;
    let (before, untouched) = (TestFunds::pots(compartment), TestFunds::pots(other));
    let backstop = units_of(Insurance::backstop_account());
    let Cover {
        insurance,
        backers,
        treasury,
    } = <Insurance as InsuranceFunds>::cover(compartment, market, Cash(loss)).unwrap();
    let after = TestFunds::pots(compartment);
    for part in [insurance, backers, treasury] {
        assert!(part.0 >= 0);
    }
    assert!(insurance.0 + backers.0 + treasury.0 <= loss.max(0));
    assert_eq!(before.backers.0 - after.backers.0, backers.0);
    let drawn = (backstop - units_of(Insurance::backstop_account())) as i128 * SCALE;
    assert_eq!(
        before.insurance.0 - after.insurance.0,
        insurance.0 + treasury.0 - drawn
    );
    assert!(treasury.0 <= drawn && drawn < treasury.0 + SCALE);
    assert_eq!(TestFunds::pots(other), untouched);
    assert!(
        insurance.0 * 5 <= before.insurance.0,
        "at most a fifth at once"
    );
    assert!(
        backers.0 * 10 <= before.backers.0,
        "at most a tenth at once"
    );
    assert!(drawn <= FundTerms::standard().backstop_cap.0);
}

fn price(compartment: u16) -> (i128, i128) {
    let fund = crate::backers::fund::<Test>(compartment);
    (fund.assets.0 + 1, fund.shares + 1_000_000)
}

/// Whether one share is worth at least what it was: `b / a >= d / c` as cross products.
fn not_below(after: (i128, i128), before: (i128, i128)) -> bool {
    use caisson_risk::Num;
    i128::products_le(&before.0, &after.1, &after.0, &before.1).unwrap()
}

fn apply(act: &Act) {
    let signed = RuntimeOrigin::signed;
    let within = |act: &dyn Fn() -> sp_runtime::DispatchResult| {
        // As a transaction: nothing stays of what was refused.
        let _ = frame_support::storage::with_storage_layer(act);
    };
    match *act {
        Act::Lose(compartment, market, loss) => lose_in(compartment, market, loss),
        Act::Back(who, compartment, units) => {
            let is_new = crate::backers::fund::<Test>(compartment).shares == 0;
            let before = price(compartment);
            within(&|| Insurance::back(signed(who), compartment, units));
            assert!(
                is_new || not_below(price(compartment), before),
                "a stake takes nothing from other backers"
            );
        }
        Act::Leave(who, compartment, ppm) => {
            let held = Insurance::backing(compartment, who).map_or(0, |one| one.shares);
            let part = held / 1_000_000 * i128::from(ppm);
            let part = if ppm == 1_000_000 { held } else { part };
            within(&|| Insurance::leave(signed(who), compartment, part));
        }
        Act::Stay(who, compartment) => within(&|| Insurance::stay(signed(who), compartment)),
        Act::Redeem(who, compartment) => {
            let (before, had) = (price(compartment), units_of(who));
            let pot = TestFunds::pots(compartment).backers;
            within(&|| Insurance::redeem(signed(who), compartment));
            let paid = (units_of(who) - had) as i128 * SCALE;
            assert_eq!(pot.0 - TestFunds::pots(compartment).backers.0, paid);
            assert!(
                not_below(price(compartment), before),
                "what is paid out rounds for those who stay"
            );
        }
        Act::Donate(compartment, units) => {
            within(&|| Insurance::donate(signed(CAROL), compartment, units))
        }
        Act::Fees(fees) => fees_for_backers(fees),
        Act::Pass(ms) => pass(ms),
        Act::Block => {
            next_block();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn funds_should_balance_whatever_happens(acts in proptest::collection::vec(any_act(), 1..80)) {
        new_test_ext().execute_with(|| {
            fill_backstop(200_000);
            world(|world| world.open_interest = [(BTC, 1_000), (OTHER, 10)].into());
            let issued = total();
            for act in &acts {
                apply(act);
                crate::try_state::check::<Test>().unwrap();
                assert_eq!(total(), issued);
            }
            for compartment in 0..COMPARTMENTS {
                let pots = TestFunds::pots(compartment);
                assert!(pots.insurance.0 + pots.backers.0 <= pots.custody.0);
            }
        });
    }

    /// Over any time `w` a market takes at most the capacity and what drains in it, of the largest pot there was.
    #[test]
    fn market_should_take_no_more_than_its_window_allows(
        steps in proptest::collection::vec((0..10_000_000u64, 1..500u128), 1..60)
    ) {
        new_test_ext().execute_with(|| {
            fill(0, 1_000);
            let window = i128::from(FundTerms::standard().window_ms);
            let (mut taken, mut elapsed, mut largest) = (0, 0, insurance_pot());
            for (ms, whole) in steps {
                pass(ms);
                elapsed += i128::from(ms);
                taken += lose(BTC, whole as i128 * ONE).0;
                largest = largest.max(insurance_pot());
                let capacity = largest / 5;
                let allowed = capacity + capacity * elapsed / window;
                assert!(taken <= allowed, "{taken} > {allowed}");
            }
        });
    }

    /// Coming and going at once never pays.
    #[test]
    fn round_trip_should_never_pay(
        pot in 0..10_000 * ONE,
        first in 10 * UNITS..10_000 * UNITS,
        units in 10 * UNITS..10_000 * UNITS,
    ) {
        new_test_ext().execute_with(|| {
            let signed = RuntimeOrigin::signed;
            Insurance::back(signed(BOB), 0, first).unwrap();
            fees_for_backers(pot / SCALE * SCALE);
            let (had, others) = (units_of(ALICE), worth(BOB));
            Insurance::back(signed(ALICE), 0, units).unwrap();
            Insurance::leave(signed(ALICE), 0, shares(ALICE)).unwrap();
            pass(7 * u64::from(DAY_MS));
            Insurance::redeem(signed(ALICE), 0).unwrap();
            assert!(units_of(ALICE) <= had);
            assert!(worth(BOB) >= others);
            check();
        });
    }
}
