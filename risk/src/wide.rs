//! `a * b / d` with an exact 256-bit product and one visible rounding.

use crate::error::{Res, RiskError};
use ethnum::U256;

/// Direction of the one rounding a division makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// Toward minus infinity: what the protocol pays out or counts as an asset.
    Floor,
    /// Toward plus infinity: what the protocol charges or requires.
    Ceil,
}

/// `a * b / d`, rounded as asked; the product never overflows.
///
/// Errors: [`RiskError::DivisorNotPositive`] if `d <= 0`; [`RiskError::Overflow`] if the rounded
/// quotient does not fit an `i128`.
///
/// ```
/// use caisson_risk::wide::{mul_div, Rounding};
/// assert_eq!(mul_div(-7, 1, 2, Rounding::Floor), Ok(-4));
/// assert_eq!(mul_div(-7, 1, 2, Rounding::Ceil), Ok(-3));
/// assert_eq!(mul_div(i128::MAX, 10, 10, Rounding::Floor), Ok(i128::MAX));
/// ```
pub fn mul_div(a: i128, b: i128, d: i128, rounding: Rounding) -> Res<i128> {
    if d <= 0 {
        return Err(RiskError::DivisorNotPositive);
    }
    let divisor = d.unsigned_abs();
    let (quotient, exact) = divide_product(a.unsigned_abs(), b.unsigned_abs(), divisor)?;
    let negative = (a < 0) != (b < 0);
    // The magnitude was truncated. Moving away from zero is what floor does to a negative number
    // and ceil to a positive one.
    let away_from_zero = !exact && negative == (rounding == Rounding::Floor);
    let magnitude = if away_from_zero {
        quotient.checked_add(1).ok_or(RiskError::Overflow)?
    } else {
        quotient
    };
    if negative {
        0i128
            .checked_sub_unsigned(magnitude)
            .ok_or(RiskError::Overflow)
    } else {
        i128::try_from(magnitude).map_err(|_| RiskError::Overflow)
    }
}

/// Truncated quotient of `a * b / d` and whether it is exact; `d > 0`.
fn divide_product(a: u128, b: u128, d: u128) -> Res<(u128, bool)> {
    // Most products of a block fit 128 bits; the wide division is several times dearer.
    if let Some(product) = a.checked_mul(b) {
        let quotient = product
            .checked_div(d)
            .ok_or(RiskError::DivisorNotPositive)?;
        let remainder = product
            .checked_rem(d)
            .ok_or(RiskError::DivisorNotPositive)?;
        return Ok((quotient, remainder == 0));
    }
    // A product of two 128-bit numbers always fits 256 bits.
    let product = U256::from(a)
        .checked_mul(U256::from(b))
        .ok_or(RiskError::Overflow)?;
    let wide = U256::from(d);
    let quotient = product
        .checked_div(wide)
        .ok_or(RiskError::DivisorNotPositive)?;
    let remainder = product
        .checked_rem(wide)
        .ok_or(RiskError::DivisorNotPositive)?;
    let quotient = u128::try_from(quotient).map_err(|_| RiskError::Overflow)?;
    Ok((quotient, remainder == U256::ZERO))
}

/// `a * b <= c * d` with exact 256-bit products: compares fractions without dividing.
///
/// Errors: [`RiskError::OutOfRange`] if any of the four is negative.
pub fn products_le(a: i128, b: i128, c: i128, d: i128) -> Res<bool> {
    let wide = |value: i128| {
        u128::try_from(value)
            .map(U256::from)
            .map_err(|_| RiskError::OutOfRange)
    };
    let left = wide(a)?.checked_mul(wide(b)?).ok_or(RiskError::Overflow)?;
    let right = wide(c)?.checked_mul(wide(d)?).ok_or(RiskError::Overflow)?;
    Ok(left <= right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mul_div_should_round_as_asked_for_all_signs() {
        for (a, floor, ceil) in [(7, 3, 4), (-7, -4, -3), (8, 4, 4), (-8, -4, -4), (0, 0, 0)] {
            assert_eq!(mul_div(a, 1, 2, Rounding::Floor), Ok(floor));
            assert_eq!(mul_div(a, 1, 2, Rounding::Ceil), Ok(ceil));
            assert_eq!(mul_div(1, a, 2, Rounding::Floor), Ok(floor));
            assert_eq!(mul_div(-a, -1, 2, Rounding::Ceil), Ok(ceil));
        }
    }

    #[test]
    fn mul_div_should_reach_both_ends_of_the_machine_integer() {
        assert_eq!(mul_div(i128::MIN, 3, 3, Rounding::Floor), Ok(i128::MIN));
        assert_eq!(
            mul_div(i128::MAX, i128::MAX, i128::MAX, Rounding::Ceil),
            Ok(i128::MAX)
        );
        assert_eq!(
            mul_div(i128::MIN, -1, 1, Rounding::Floor),
            Err(RiskError::Overflow)
        );
        assert_eq!(
            mul_div(i128::MAX, i128::MAX, 1, Rounding::Floor),
            Err(RiskError::Overflow)
        );
        // 2^127 - 1/2 rounds up to a number one past the end.
        assert_eq!(
            mul_div(i128::MAX, 4, 3, Rounding::Ceil),
            Err(RiskError::Overflow)
        );
    }

    #[test]
    fn products_should_compare_exactly_beyond_128_bits() {
        let max = i128::MAX;
        assert_eq!(products_le(max, max - 1, max - 1, max), Ok(true));
        assert_eq!(products_le(max, max, max, max - 1), Ok(false));
        assert_eq!(products_le(-1, 1, 1, 1), Err(RiskError::OutOfRange));
    }

    #[test]
    fn mul_div_should_refuse_a_divisor_that_is_not_positive() {
        assert_eq!(
            mul_div(1, 1, 0, Rounding::Floor),
            Err(RiskError::DivisorNotPositive)
        );
        assert_eq!(
            mul_div(1, 1, -1, Rounding::Ceil),
            Err(RiskError::DivisorNotPositive)
        );
    }
}
