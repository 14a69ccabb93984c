//! The 256-bit step and the machine integer against unbounded integers.

mod common;

use caisson_risk::wide::{mul_div, products_le, Rounding};
use caisson_risk::{Num, RiskError};
use common::{any_integer, ceil, config, floor, Exact};
use num_bigint::BigInt;
use proptest::prelude::*;

fn reference(a: i128, b: i128, d: i128, rounding: Rounding) -> Result<i128, RiskError> {
    if d <= 0 {
        return Err(RiskError::DivisorNotPositive);
    }
    let (product, d) = (BigInt::from(a) * b, BigInt::from(d));
    let exact = match rounding {
        Rounding::Floor => floor(product, d),
        Rounding::Ceil => ceil(product, d),
    };
    i128::try_from(exact).map_err(|_| RiskError::Overflow)
}

#[test]
fn mul_div_should_agree_with_rationals_at_every_edge() {
    let mut edges = vec![0i128, 1, -1, 3, -3, 10, i128::MAX, i128::MIN, i128::MIN + 1];
    for shift in [31, 32, 63, 64, 65, 95, 96, 126] {
        for offset in [-1, 0, 1] {
            edges.push((1i128 << shift) + offset);
            edges.push(-(1i128 << shift) + offset);
        }
    }
    for &a in &edges {
        for &b in &edges {
            for &d in &edges {
                for rounding in [Rounding::Floor, Rounding::Ceil] {
                    let expected = reference(a, b, d, rounding);
                    assert_eq!(
                        mul_div(a, b, d, rounding),
                        expected,
                        "{a} * {b} / {d} {rounding:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn mul_div_should_agree_with_rationals_for_all_small_integers() {
    for a in -12..=12 {
        for b in -12..=12 {
            for d in -2..=25 {
                for rounding in [Rounding::Floor, Rounding::Ceil] {
                    assert_eq!(mul_div(a, b, d, rounding), reference(a, b, d, rounding));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn mul_div_should_agree_with_rationals(a in any_integer(), b in any_integer(), d in any_integer()) {
        for rounding in [Rounding::Floor, Rounding::Ceil] {
            prop_assert_eq!(mul_div(a, b, d, rounding), reference(a, b, d, rounding));
        }
    }

    #[test]
    fn products_should_compare_exactly(
        a in any_integer(), b in any_integer(), c in any_integer(), d in any_integer(),
    ) {
        let exact = Exact::products_le(&a.into(), &b.into(), &c.into(), &d.into());
        prop_assert_eq!(products_le(a, b, c, d), exact);
    }

    #[test]
    fn operations_should_agree_or_overflow(a in any_integer(), b in any_integer()) {
        let (x, y) = (Exact::from(a), Exact::from(b));
        prop_assert_eq!(Num::add(&a, &b), x.add(&y).unwrap().to_machine());
        prop_assert_eq!(Num::sub(&a, &b), x.sub(&y).unwrap().to_machine());
        prop_assert_eq!(Num::mul(&a, &b), x.mul(&y).unwrap().to_machine());
        prop_assert_eq!(Num::neg(&a), x.neg().unwrap().to_machine());
        prop_assert_eq!(Num::magnitude(&a), x.magnitude().unwrap().to_machine());
        prop_assert_eq!(Num::sqrt_floor(&a), x.sqrt_floor().and_then(|root| root.to_machine()));
        prop_assert_eq!(Num::sqrt_ceil(&a), x.sqrt_ceil().and_then(|root| root.to_machine()));
        prop_assert_eq!(Num::le(&a, &b), Num::le(&x, &y));
        prop_assert_eq!(Num::lt(&a, &b), Num::lt(&x, &y));
        prop_assert_eq!(Exact::from(Num::smaller(&a, &b)), x.smaller(&y));
        prop_assert_eq!(Exact::from(Num::larger(&a, &b)), x.larger(&y));
    }
}
