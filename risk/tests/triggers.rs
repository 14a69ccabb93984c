//! Trigger completeness for any number of positions, on the machine.

mod common;

use caisson_risk::triggers::{arm, safe_until, slack, still_sound, trigger_watching_others, Leg};
use caisson_risk::{Cash, Coordinate, LotPrice, Lots};
use common::{config, price, size, spread};
use proptest::collection::vec;
use proptest::prelude::*;

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let leg =
        (size(), spread(62), any::<bool>(), price()).prop_map(|(size, at, negative, risk)| Leg {
            size: Lots(size),
            coordinate: Coordinate(if negative { -at } else { at }),
            risk_per_lot: LotPrice(risk),
        });
    vec(leg, 1..=32)
}

/// A base that gives the legs the wanted slack.
fn base_for(legs: &[Leg], wanted: i128) -> Cash {
    let without = slack(&Cash(0), legs).unwrap();
    Cash(wanted - without.0)
}

fn moved(legs: &[Leg], to: impl Fn(usize, &Leg) -> i128) -> Vec<Leg> {
    legs.iter()
        .enumerate()
        .map(|(i, leg)| Leg {
            coordinate: Coordinate(to(i, leg)),
            ..*leg
        })
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn slack_should_hold_when_every_coordinate_is_at_its_trigger(
        legs in legs(), wanted in spread(100),
    ) {
        let base = base_for(&legs, wanted);
        let before = slack(&base, &legs).unwrap();
        prop_assert_eq!(before, Cash(wanted));
        let mut triggers = vec![Coordinate(0); legs.len()];
        arm(&legs, &before, &mut triggers).unwrap();
        let worst = moved(&legs, |i, _| triggers[i].0);
        prop_assert!(slack(&base, &worst).unwrap().0 >= 0);
        prop_assert!(still_sound(&legs, &triggers, &before).unwrap());
    }

    #[test]
    fn slack_should_hold_when_coordinates_are_anywhere_above(
        legs in legs(), wanted in spread(100), above in vec(spread(62), 32),
    ) {
        let base = base_for(&legs, wanted);
        let mut triggers = vec![Coordinate(0); legs.len()];
        arm(&legs, &Cash(wanted), &mut triggers).unwrap();
        let later = moved(&legs, |i, _| triggers[i].0 + above[i]);
        prop_assert!(slack(&base, &later).unwrap().0 >= 0);
    }

    #[test]
    fn induction_step_should_hold_after_every_position(legs in legs(), wanted in spread(90)) {
        // The lemma of the proof, in unbounded integers: total risk x allocated <= slack x risk so far.
        use num_bigint::BigInt;
        let mut triggers = vec![Coordinate(0); legs.len()];
        arm(&legs, &Cash(wanted), &mut triggers).unwrap();
        let risk = |leg: &Leg| BigInt::from(leg.size.0) * leg.risk_per_lot.0;
        let total: BigInt = legs.iter().map(risk).sum();
        let (mut allocated, mut so_far) = (BigInt::from(0), BigInt::from(0));
        for (leg, trigger) in legs.iter().zip(&triggers) {
            allocated += BigInt::from(leg.coordinate.0 - trigger.0) * leg.size.0;
            so_far += risk(leg);
            prop_assert!(&allocated * &total <= BigInt::from(wanted) * &so_far);
        }
        prop_assert_eq!(so_far, total);
        prop_assert!(allocated <= BigInt::from(wanted));
    }

    #[test]
    fn a_single_position_should_be_unsafe_one_quantum_below(
        legs in legs(), wanted in spread(100),
    ) {
        let one = &legs[..1];
        let base = base_for(one, wanted);
        let mut triggers = [Coordinate(0)];
        arm(one, &Cash(wanted), &mut triggers).unwrap();
        prop_assert_eq!(triggers[0], safe_until(&one[0], &Cash(wanted)).unwrap());
        let below = moved(one, |_, _| triggers[0].0 - 1);
        prop_assert!(slack(&base, &below).unwrap().0 < 0);
    }

    #[test]
    fn unsound_triggers_should_be_found_out(legs in legs(), wanted in spread(100), drop in spread(60)) {
        // If the stored triggers allow more loss than the slack, the worst case they allow is unsafe.
        let triggers: Vec<_> = legs.iter().map(|leg| Coordinate(leg.coordinate.0 - drop)).collect();
        let base = base_for(&legs, wanted);
        let worst = moved(&legs, |i, _| triggers[i].0);
        let safe = slack(&base, &worst).unwrap().0 >= 0;
        prop_assert_eq!(still_sound(&legs, &triggers, &Cash(wanted)).unwrap(), safe);
    }

    #[test]
    fn a_watched_account_should_stay_safe(legs in legs(), wanted in spread(100), share in 0u32..=100) {
        let allowance = wanted / 100 * i128::from(share);
        let base = base_for(&legs, wanted);
        let first = trigger_watching_others(&legs[0], &Cash(wanted), &Cash(allowance)).unwrap();
        // The others lose their allowance on the largest of them.
        let lots: i128 = legs.iter().skip(1).map(|leg| leg.size.0).sum();
        let each = if lots > 0 { allowance / lots } else { 0 };
        let later = moved(&legs, |i, leg| if i == 0 { first.0 } else { leg.coordinate.0 - each });
        prop_assert!(slack(&base, &later).unwrap().0 >= 0);
    }
}
