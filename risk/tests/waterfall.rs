//! Apportionment, haircuts and water-filling against rationals.

mod common;

use caisson_risk::apportion::Apportionment;
use caisson_risk::waterfall::{haircut, haircut_weight, water_fill, Claim};
use caisson_risk::{Cash, Lots};
use common::{cash, config, size, spread};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::collection::vec;
use proptest::prelude::*;

fn claims(most: usize) -> impl Strategy<Value = Vec<Claim>> {
    let claim = (size(), spread(100)).prop_map(|(lots, equity)| Claim {
        lots: Lots(lots),
        equity: Cash(equity.max(1)),
        reduction: Lots(0),
    });
    vec(claim, 1..=most).prop_map(|mut claims| {
        claims.sort_by(Claim::by_leverage_descending);
        claims
    })
}

fn leverage(lots: i128, equity: i128) -> BigRational {
    BigRational::new(BigInt::from(lots), BigInt::from(equity))
}

/// The common level by definition: the highest leverage such that cutting everybody to it closes at
/// least the quantity, found among the breakpoints.
fn reference_level(claims: &[Claim], quantity: i128) -> BigRational {
    let quantity = BigRational::from(BigInt::from(quantity));
    for count in 1..=claims.len() {
        let lots: i128 = claims[..count].iter().map(|c| c.lots.0).sum();
        let equity: i128 = claims[..count].iter().map(|c| c.equity.0).sum();
        let level = (BigRational::from(BigInt::from(lots)) - &quantity) / BigInt::from(equity);
        let next = claims.get(count).map(|c| leverage(c.lots.0, c.equity.0));
        let not_negative = level >= BigRational::from(BigInt::from(0));
        if not_negative && next.is_none_or(|next| level >= next) {
            return level;
        }
    }
    unreachable!("the quantity is at most the sum")
}

fn any_share(all: i128, part: u64) -> i128 {
    let exact = BigInt::from(all) * part / u64::MAX;
    i128::try_from(exact).expect("at most all")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn shares_should_be_exact_for_any_number_of_claims(
        weights in vec(spread(100), 1..100), part in any::<u64>(),
    ) {
        let sum: i128 = weights.iter().sum();
        prop_assume!(sum > 0);
        let total = any_share(sum, part);
        let mut division = Apportionment::new(&total, &sum).unwrap();
        let mut given = 0;
        for &weight in &weights {
            let share = division.next(&weight).unwrap();
            prop_assert!((0..=weight).contains(&share));
            let exact = BigRational::new(BigInt::from(total) * weight, BigInt::from(sum));
            let error = BigRational::from(BigInt::from(share)) - exact;
            let one = BigRational::from(BigInt::from(1));
            prop_assert!(-&one < error && error < one);
            given += share;
        }
        prop_assert_eq!(given, total);
    }

    #[test]
    fn haircuts_should_leave_the_healthy_healthy(
        accounts in vec((cash(), cash(), spread(100)), 1..50), deficit in spread(110),
    ) {
        let weights: Vec<_> = accounts
            .iter()
            .map(|(profit, equity, need)| haircut_weight(&Cash(*profit), &Cash(*equity), &Cash(*need)).unwrap())
            .collect();
        let total: i128 = weights.iter().map(|weight| weight.0).sum();
        prop_assume!(total > 0);
        let (mut division, left) = haircut(&Cash(deficit), &Cash(total)).unwrap();
        let mut sum = 0;
        for ((profit, equity, need), weight) in accounts.iter().zip(&weights) {
            let cut = division.next(&weight.0).unwrap();
            prop_assert!(cut == 0 || (cut <= *profit && equity - cut >= *need));
            sum += cut;
        }
        prop_assert_eq!(sum + left.0, deficit);
        prop_assert_eq!(sum, deficit.min(total));
    }

    #[test]
    fn water_filling_should_reach_the_reference_level(claims in claims(64), part in any::<u64>()) {
        let mut claims = claims;
        let all: i128 = claims.iter().map(|claim| claim.lots.0).sum();
        let quantity = any_share(all, part).min((1 << 48) - 1);
        prop_assume!(quantity > 0);
        let level = reference_level(&claims, quantity);
        water_fill(&mut claims, &Lots(quantity)).unwrap();
        let one = BigRational::from(BigInt::from(1));
        let mut sum = 0;
        for claim in &claims {
            prop_assert!((0..=claim.lots.0).contains(&claim.reduction.0));
            sum += claim.reduction.0;
            let left = BigRational::from(BigInt::from(claim.lots.0 - claim.reduction.0));
            let at_level = &level * BigInt::from(claim.equity.0);
            // Within a lot of the level, or below it untouched.
            prop_assert!(left < &at_level + &one);
            prop_assert!(claim.reduction.0 == 0 || left > at_level - &one);
        }
        prop_assert_eq!(sum, quantity);
    }

    #[test]
    fn splitting_an_account_should_change_its_reduction_by_a_lot_or_two(
        claims in claims(16), part in any::<u64>(), which in any::<prop::sample::Index>(),
    ) {
        // One account of the list, and the same account twice as large: both have one leverage.
        let index = which.index(claims.len());
        let half = claims[index];
        let mut claims = claims;
        claims[index].lots.0 *= 2;
        claims[index].equity.0 *= 2;
        let all: i128 = claims.iter().map(|claim| claim.lots.0).sum();
        let quantity = any_share(all, part);
        let mut together = claims.clone();
        water_fill(&mut together, &Lots(quantity)).unwrap();
        let mut apart = claims.clone();
        apart.splice(index..=index, [half, half]);
        water_fill(&mut apart, &Lots(quantity)).unwrap();
        let split = apart[index].reduction.0 + apart[index + 1].reduction.0;
        prop_assert!((split - together[index].reduction.0).abs() <= 2);
    }
}
