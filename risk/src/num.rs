//! The numeric interface every formula is written against.
//!
//! `i128` is the instance the runtime runs. The proofs instantiate the same functions with symbolic
//! terms; there `add` never fails but leaves behind the obligation that its exact result fits an
//! `i128`, so proving all obligations proves that [`RiskError::Overflow`] is unreachable.

use crate::error::{Res, RiskError};
use crate::wide::{mul_div, products_le, Rounding};

/// Integers with checked arithmetic and one explicit rounding per division.
///
/// Comparisons give a [`Num::Bool`]; [`Num::branch`] turns one into a Rust `bool` (a path fork when
/// symbolic) and [`Num::select`] chooses a value without one. Use `select` for minimum, maximum and
/// clamps, `branch` for real decisions.
pub trait Num: Clone {
    /// Outcome of a comparison.
    type Bool: Clone;

    /// A constant.
    fn int(value: i128) -> Self;
    /// `self + other`.
    fn add(&self, other: &Self) -> Res<Self>;
    /// `self - other`.
    fn sub(&self, other: &Self) -> Res<Self>;
    /// `self * other`.
    fn mul(&self, other: &Self) -> Res<Self>;
    /// `self * by / over` with an exact product, rounded toward minus infinity; `over > 0`.
    fn mul_div_floor(&self, by: &Self, over: &Self) -> Res<Self>;
    /// `self * by / over` with an exact product, rounded toward plus infinity; `over > 0`.
    fn mul_div_ceil(&self, by: &Self, over: &Self) -> Res<Self>;
    /// Largest `s` with `s * s <= self`; `self >= 0`.
    fn sqrt_floor(&self) -> Res<Self>;
    /// `a * b <= c * d` with exact products; all four at least zero.
    fn products_le(a: &Self, b: &Self, c: &Self, d: &Self) -> Res<Self::Bool>;
    /// `self <= other`.
    fn le(&self, other: &Self) -> Self::Bool;
    /// Logical negation.
    fn not(condition: &Self::Bool) -> Self::Bool;
    /// Logical conjunction.
    fn and(a: &Self::Bool, b: &Self::Bool) -> Self::Bool;
    /// `then` if the condition holds, else `otherwise`.
    fn select(condition: &Self::Bool, then: &Self, otherwise: &Self) -> Self;
    /// The condition as control flow.
    fn branch(condition: &Self::Bool) -> bool;

    /// Zero.
    fn zero() -> Self {
        Self::int(0)
    }
    /// `-self`.
    fn neg(&self) -> Res<Self> {
        Self::zero().sub(self)
    }
    /// `|self|`.
    fn magnitude(&self) -> Res<Self> {
        Ok(self.larger(&self.neg()?))
    }
    /// `self / over`, rounded toward minus infinity.
    fn div_floor(&self, over: &Self) -> Res<Self> {
        self.mul_div_floor(&Self::int(1), over)
    }
    /// `self / over`, rounded toward plus infinity.
    fn div_ceil(&self, over: &Self) -> Res<Self> {
        self.mul_div_ceil(&Self::int(1), over)
    }
    /// Smallest `s` with `s * s >= self`; `self >= 0`.
    fn sqrt_ceil(&self) -> Res<Self> {
        let root = self.sqrt_floor()?;
        let exact = self.le(&root.mul(&root)?);
        Ok(Self::select(&exact, &root, &root.add(&Self::int(1))?))
    }
    /// `self < other`.
    fn lt(&self, other: &Self) -> Self::Bool {
        Self::not(&other.le(self))
    }
    /// The lesser of two.
    fn smaller(&self, other: &Self) -> Self {
        Self::select(&self.le(other), self, other)
    }
    /// The greater of two.
    fn larger(&self, other: &Self) -> Self {
        Self::select(&self.le(other), other, self)
    }
    /// `self` moved into `[low, high]`; `low <= high`.
    fn clamped(&self, low: &Self, high: &Self) -> Self {
        self.larger(low).smaller(high)
    }
    /// `max(self, 0)`.
    fn positive_part(&self) -> Self {
        self.larger(&Self::zero())
    }
    /// `self <= other` as control flow.
    fn is_le(&self, other: &Self) -> bool {
        Self::branch(&self.le(other))
    }
    /// `self < other` as control flow.
    fn is_lt(&self, other: &Self) -> bool {
        Self::branch(&self.lt(other))
    }
    /// `self > 0` as control flow.
    fn is_positive(&self) -> bool {
        Self::zero().is_lt(self)
    }
}

impl Num for i128 {
    type Bool = bool;

    fn int(value: i128) -> Self {
        value
    }
    fn add(&self, other: &Self) -> Res<Self> {
        self.checked_add(*other).ok_or(RiskError::Overflow)
    }
    fn sub(&self, other: &Self) -> Res<Self> {
        self.checked_sub(*other).ok_or(RiskError::Overflow)
    }
    fn mul(&self, other: &Self) -> Res<Self> {
        self.checked_mul(*other).ok_or(RiskError::Overflow)
    }
    fn mul_div_floor(&self, by: &Self, over: &Self) -> Res<Self> {
        mul_div(*self, *by, *over, Rounding::Floor)
    }
    fn mul_div_ceil(&self, by: &Self, over: &Self) -> Res<Self> {
        mul_div(*self, *by, *over, Rounding::Ceil)
    }
    fn sqrt_floor(&self) -> Res<Self> {
        self.checked_isqrt().ok_or(RiskError::OutOfRange)
    }
    fn products_le(a: &Self, b: &Self, c: &Self, d: &Self) -> Res<bool> {
        products_le(*a, *b, *c, *d)
    }
    fn le(&self, other: &Self) -> bool {
        *self <= *other
    }
    fn not(condition: &bool) -> bool {
        !*condition
    }
    fn and(a: &bool, b: &bool) -> bool {
        *a && *b
    }
    fn select(condition: &bool, then: &Self, otherwise: &Self) -> Self {
        if *condition {
            *then
        } else {
            *otherwise
        }
    }
    fn branch(condition: &bool) -> bool {
        *condition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_should_fail_when_the_exact_result_does_not_fit() {
        assert_eq!(Num::add(&i128::MAX, &1), Err(RiskError::Overflow));
        assert_eq!(Num::sub(&i128::MIN, &1), Err(RiskError::Overflow));
        assert_eq!(Num::mul(&i128::MAX, &2), Err(RiskError::Overflow));
        assert_eq!(Num::neg(&i128::MIN), Err(RiskError::Overflow));
        assert_eq!(Num::sqrt_floor(&-1), Err(RiskError::OutOfRange));
    }

    #[test]
    fn square_roots_should_bracket_the_exact_root() {
        for x in [0i128, 1, 2, 3, 4, 8, 9, 10, i128::MAX] {
            let floor = x.sqrt_floor().unwrap();
            assert!(floor * floor <= x);
        }
        assert_eq!(Num::sqrt_ceil(&8), Ok(3));
        assert_eq!(Num::sqrt_ceil(&9), Ok(3));
        assert_eq!(Num::sqrt_ceil(&10), Ok(4));
        assert_eq!(Num::sqrt_ceil(&0), Ok(0));
    }

    #[test]
    fn clamps_should_select_without_arithmetic() {
        assert_eq!(Num::clamped(&7, &1, &5), 5);
        assert_eq!(Num::clamped(&-7, &1, &5), 1);
        assert_eq!(Num::clamped(&3, &1, &5), 3);
        assert_eq!(Num::positive_part(&-3), 0);
        assert_eq!(Num::magnitude(&-3), Ok(3));
        assert!(!Num::is_positive(&0i128));
    }
}
