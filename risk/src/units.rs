//! Quantities with units: mixing them up does not compile.
//!
//! Each newtype is generic over its representation. The default is what storage holds (`Lots` is an
//! `i64`, `Ppm` a `u32`); formulas take any [`Num`], which for the runtime is `i128`. [`Lots::widen`]
//! and [`Ppm::widen`] go from storage to formula, `narrow` back, checked.
//!
//! | type | unit | stored |
//! |---|---|---|
//! | [`Cash`] | quantum = 10^-12 of the compartment's settlement asset | `i128` |
//! | [`Lots`] | market lots, signed | `i64` |
//! | [`LotPrice`] | quanta per lot: prices, margins per lot, funding index | `i128` |
//! | [`Coordinate`] | quanta per lot: what slack is linear in | `i128` |
//! | [`Ppm`] | parts per million | `u32` |

use crate::error::{Res, RiskError};
use crate::limits::{MAX_LOTS, PPM};
use crate::num::Num;

macro_rules! quantity {
    ($(#[$meta:meta])* $name:ident, $stored:ty) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        #[cfg_attr(
            feature = "codec",
            derive(
                codec::Encode,
                codec::Decode,
                codec::DecodeWithMemTracking,
                codec::MaxEncodedLen,
                scale_info::TypeInfo
            )
        )]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name<N = $stored>(pub N);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
        }

        impl<N: Num> $name<N> {
            /// Nothing.
            pub fn zero() -> Self {
                Self(N::zero())
            }
            /// `self + other`, checked.
            pub fn add(&self, other: &Self) -> Res<Self> {
                Ok(Self(self.0.add(&other.0)?))
            }
            /// `self - other`, checked.
            pub fn sub(&self, other: &Self) -> Res<Self> {
                Ok(Self(self.0.sub(&other.0)?))
            }
            /// `-self`, checked.
            pub fn neg(&self) -> Res<Self> {
                Ok(Self(self.0.neg()?))
            }
            /// `|self|`, checked.
            pub fn magnitude(&self) -> Res<Self> {
                Ok(Self(self.0.magnitude()?))
            }
            /// The lesser of two.
            pub fn smaller(&self, other: &Self) -> Self {
                Self(self.0.smaller(&other.0))
            }
            /// The greater of two.
            pub fn larger(&self, other: &Self) -> Self {
                Self(self.0.larger(&other.0))
            }
            /// `self` moved into `[low, high]`; `low <= high`.
            pub fn clamped(&self, low: &Self, high: &Self) -> Self {
                Self(self.0.clamped(&low.0, &high.0))
            }
            /// `max(self, 0)`.
            pub fn positive_part(&self) -> Self {
                Self(self.0.positive_part())
            }
            /// `self < 0` as control flow.
            pub fn is_negative(&self) -> bool {
                self.0.is_lt(&N::zero())
            }
            /// `self <= other` as control flow.
            pub fn is_le(&self, other: &Self) -> bool {
                self.0.is_le(&other.0)
            }
            /// `self < other` as control flow.
            pub fn is_lt(&self, other: &Self) -> bool {
                self.0.is_lt(&other.0)
            }
            /// `self > 0` as control flow.
            pub fn is_positive(&self) -> bool {
                self.0.is_positive()
            }
            /// `floor(self * ratio / 10^6)`: for what an account owns.
            pub fn ratio_floor(&self, ratio: &Ppm<N>) -> Res<Self> {
                Ok(Self(self.0.mul_div_floor(&ratio.0, &N::int(PPM))?))
            }
            /// `ceil(self * ratio / 10^6)`: for what an account owes or must hold.
            pub fn ratio_ceil(&self, ratio: &Ppm<N>) -> Res<Self> {
                Ok(Self(self.0.mul_div_ceil(&ratio.0, &N::int(PPM))?))
            }
        }
    };
}

quantity!(
    /// Money, in quanta.
    Cash, i128
);
quantity!(
    /// A size in lots: signed where it is a position, a magnitude where the name says so.
    Lots, i64
);
quantity!(
    /// Quanta per lot.
    LotPrice, i128
);
quantity!(
    /// Quanta per lot that one lot of a position adds to its account's slack; see
    /// [`triggers`](crate::triggers).
    Coordinate, i128
);
quantity!(
    /// Parts per million.
    Ppm, u32
);

impl Lots {
    /// From storage to formula.
    pub fn widen(&self) -> Lots<i128> {
        Lots(i128::from(self.0))
    }
}

impl Lots<i128> {
    /// From formula to storage. Errors: [`RiskError::OutOfRange`] beyond
    /// [`MAX_LOTS`].
    pub fn narrow(&self) -> Res<Lots> {
        if self.0.unsigned_abs() > MAX_LOTS.unsigned_abs() {
            return Err(RiskError::OutOfRange);
        }
        i64::try_from(self.0)
            .map(Lots)
            .map_err(|_| RiskError::OutOfRange)
    }
}

impl Ppm {
    /// The whole.
    pub const ONE: Self = Self(1_000_000);

    /// From storage to formula.
    pub fn widen(&self) -> Ppm<i128> {
        Ppm(i128::from(self.0))
    }
}

impl Ppm<i128> {
    /// From formula to storage. Errors: [`RiskError::OutOfRange`] if negative or beyond `u32`.
    pub fn narrow(&self) -> Res<Ppm> {
        u32::try_from(self.0)
            .map(Ppm)
            .map_err(|_| RiskError::OutOfRange)
    }
}

impl<N: Num> Ppm<N> {
    /// The whole.
    pub fn one() -> Self {
        Self(N::int(PPM))
    }
}

impl<N: Num> LotPrice<N> {
    /// Value of `lots` at this price, exact.
    pub fn times(&self, lots: &Lots<N>) -> Res<Cash<N>> {
        Ok(Cash(self.0.mul(&lots.0)?))
    }
}

impl<N: Num> Coordinate<N> {
    /// What `lots` (a magnitude) add to slack, exact.
    pub fn times(&self, lots: &Lots<N>) -> Res<Cash<N>> {
        Ok(Cash(self.0.mul(&lots.0)?))
    }
}

impl<N: Num> Cash<N> {
    /// `floor(self / lots)`, quanta per lot; `lots > 0`.
    pub fn per_lot_floor(&self, lots: &Lots<N>) -> Res<LotPrice<N>> {
        Ok(LotPrice(self.0.div_floor(&lots.0)?))
    }
    /// `ceil(self / lots)`, quanta per lot; `lots > 0`.
    pub fn per_lot_ceil(&self, lots: &Lots<N>) -> Res<LotPrice<N>> {
        Ok(LotPrice(self.0.div_ceil(&lots.0)?))
    }
    /// `floor(self * part / whole)` for cash amounts `part`, `whole`; `whole > 0`.
    pub fn scaled_floor(&self, part: &Self, whole: &Self) -> Res<Self> {
        Ok(Self(self.0.mul_div_floor(&part.0, &whole.0)?))
    }
}

/// Which way a position or an order points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(
    feature = "codec",
    derive(
        codec::Encode,
        codec::Decode,
        codec::DecodeWithMemTracking,
        codec::MaxEncodedLen,
        scale_info::TypeInfo
    )
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Side {
    /// Gains when the price rises; a buy order.
    Long,
    /// Gains when the price falls; a sell order.
    Short,
}

impl Side {
    /// Side of a signed position: non-negative is long.
    pub fn of<N: Num>(lots: &Lots<N>) -> Self {
        if N::zero().is_le(&lots.0) {
            Self::Long
        } else {
            Self::Short
        }
    }
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }
    /// `+value` for a long, `-value` for a short.
    pub fn signed<N: Num>(self, value: &N) -> Res<N> {
        match self {
            Self::Long => Ok(value.clone()),
            Self::Short => value.neg(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_should_narrow_only_inside_their_bound() {
        assert_eq!(Lots(MAX_LOTS).narrow(), Ok(Lots((1i64 << 48) - 1)));
        assert_eq!(Lots(-MAX_LOTS).narrow(), Ok(Lots(1 - (1i64 << 48))));
        assert_eq!(Lots(MAX_LOTS + 1).narrow(), Err(RiskError::OutOfRange));
        assert_eq!(Lots(-5i64).widen(), Lots(-5i128));
    }

    #[test]
    fn ppm_should_narrow_only_when_it_fits() {
        assert_eq!(Ppm(-1i128).narrow(), Err(RiskError::OutOfRange));
        assert_eq!(Ppm(7i128).narrow(), Ok(Ppm(7)));
        assert_eq!(Ppm::<i128>::one().narrow(), Ok(Ppm::ONE));
        assert_eq!(Ppm::ONE.widen(), Ppm(1_000_000i128));
    }

    #[test]
    fn products_and_ratios_should_carry_their_units() {
        let price = LotPrice(1_000i128);
        assert_eq!(price.times(&Lots(-3)), Ok(Cash(-3_000)));
        assert_eq!(Coordinate(-7i128).times(&Lots(3)), Ok(Cash(-21)));
        assert_eq!(Cash(10i128).per_lot_floor(&Lots(3)), Ok(LotPrice(3)));
        assert_eq!(Cash(10i128).per_lot_ceil(&Lots(3)), Ok(LotPrice(4)));
        assert_eq!(Cash(10i128).ratio_floor(&Ppm(150_000)), Ok(Cash(1)));
        assert_eq!(Cash(10i128).ratio_ceil(&Ppm(150_000)), Ok(Cash(2)));
        assert_eq!(Cash(10i128).scaled_floor(&Cash(2), &Cash(3)), Ok(Cash(6)));
    }

    #[test]
    fn sides_should_follow_the_sign() {
        assert_eq!(Side::of(&Lots(0i128)), Side::Long);
        assert_eq!(Side::of(&Lots(-1i128)), Side::Short);
        assert_eq!(Side::Short.signed(&5i128), Ok(-5));
        assert_eq!(Side::Long.opposite(), Side::Short);
        assert_eq!(Side::Short.opposite(), Side::Long);
    }
}
