//! Exact references: the formulas on unbounded integers, and rationals to compare with.
#![allow(dead_code)] // each suite uses its part

use caisson_risk::limits::{MAX_CASH, MAX_LOTS, MAX_LOT_PRICE, PPM};
use caisson_risk::{Num, Res, RiskError};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Cases per property; a failing one is remembered beside its suite and committed.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_048,
        // Some premises hold for half of the cases only.
        max_global_rejects: 65_536,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

/// An integer that never overflows: what `i128` must agree with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(pub BigInt);

impl From<i128> for Exact {
    fn from(value: i128) -> Self {
        Exact(BigInt::from(value))
    }
}

impl Exact {
    /// The machine integer of the same value, or the error the machine must have reported.
    pub fn to_machine(&self) -> Res<i128> {
        i128::try_from(&self.0).map_err(|_| RiskError::Overflow)
    }
}

/// Floor of a fraction with positive denominator, by its definition on rationals.
pub fn floor(numerator: BigInt, denominator: BigInt) -> BigInt {
    BigRational::new(numerator, denominator)
        .floor()
        .to_integer()
}

/// Ceiling likewise.
pub fn ceil(numerator: BigInt, denominator: BigInt) -> BigInt {
    BigRational::new(numerator, denominator).ceil().to_integer()
}

fn positive(divisor: &Exact) -> Res<()> {
    if divisor.0 > BigInt::from(0) {
        Ok(())
    } else {
        Err(RiskError::DivisorNotPositive)
    }
}

impl Num for Exact {
    type Bool = bool;

    fn int(value: i128) -> Self {
        value.into()
    }
    fn add(&self, other: &Self) -> Res<Self> {
        Ok(Exact(&self.0 + &other.0))
    }
    fn sub(&self, other: &Self) -> Res<Self> {
        Ok(Exact(&self.0 - &other.0))
    }
    fn mul(&self, other: &Self) -> Res<Self> {
        Ok(Exact(&self.0 * &other.0))
    }
    fn mul_div_floor(&self, by: &Self, over: &Self) -> Res<Self> {
        positive(over)?;
        Ok(Exact(floor(&self.0 * &by.0, over.0.clone())))
    }
    fn mul_div_ceil(&self, by: &Self, over: &Self) -> Res<Self> {
        positive(over)?;
        Ok(Exact(ceil(&self.0 * &by.0, over.0.clone())))
    }
    fn sqrt_floor(&self) -> Res<Self> {
        if self.0 < BigInt::from(0) {
            return Err(RiskError::OutOfRange);
        }
        Ok(Exact(self.0.sqrt()))
    }
    fn products_le(a: &Self, b: &Self, c: &Self, d: &Self) -> Res<bool> {
        if [a, b, c, d].iter().any(|factor| factor.0 < BigInt::from(0)) {
            return Err(RiskError::OutOfRange);
        }
        Ok(&a.0 * &b.0 <= &c.0 * &d.0)
    }
    fn le(&self, other: &Self) -> bool {
        self.0 <= other.0
    }
    fn not(condition: &bool) -> bool {
        !condition
    }
    fn and(a: &bool, b: &bool) -> bool {
        *a && *b
    }
    fn select(condition: &bool, then: &Self, otherwise: &Self) -> Self {
        if *condition {
            then.clone()
        } else {
            otherwise.clone()
        }
    }
    fn branch(condition: &bool) -> bool {
        *condition
    }
}

/// Any machine integer, with its ends and the powers of two over-represented.
pub fn any_integer() -> impl Strategy<Value = i128> {
    prop_oneof![
        any::<i128>(),
        -1_000i128..1_000,
        (0u32..127, -2i128..3, any::<bool>()).prop_map(|(shift, offset, negative)| {
            let value = (1i128 << shift).saturating_add(offset);
            if negative {
                value.saturating_neg()
            } else {
                value
            }
        }),
        Just(i128::MAX),
        Just(i128::MIN),
    ]
}

/// A magnitude spread evenly over orders of magnitude up to `bits`.
pub fn spread(bits: u32) -> impl Strategy<Value = i128> {
    (0..=bits, any::<u128>()).prop_map(|(bits, raw)| {
        let mask = (1u128 << bits) - 1;
        i128::try_from(raw & mask).expect("under 2^127")
    })
}

pub fn size() -> impl Strategy<Value = i128> {
    spread(48).prop_map(|lots| lots.clamp(1, MAX_LOTS))
}
pub fn price() -> impl Strategy<Value = i128> {
    spread(60).prop_map(|price| price.clamp(1, MAX_LOT_PRICE))
}
pub fn cash() -> impl Strategy<Value = i128> {
    (spread(115), any::<bool>()).prop_map(|(value, negative)| {
        let value = value.min(MAX_CASH);
        if negative {
            -value
        } else {
            value
        }
    })
}
pub fn ppm() -> impl Strategy<Value = i128> {
    prop_oneof![0..=PPM, Just(0), Just(PPM)]
}
