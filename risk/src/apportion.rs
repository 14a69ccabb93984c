//! Dividing an amount among claims, exactly and one claim at a time.
//!
//! Claim `i` gets `floor(total * W_i / W) - floor(total * W_(i-1) / W)`, where `W_i` is the sum of the
//! weights up to and including its own and `W` the sum of all. Hence:
//!
//! - the shares sum to `total` exactly: no dust, no second pass;
//! - each share is within one unit of `total * w / W`;
//! - if `total <= W`, no share exceeds its weight, and if `total >= 0` none is negative;
//! - the state is two integers, so a division over many accounts can stop and resume in a later
//!   block.
//!
//! These hold for any number of claims: the proofs show the step, and the sums follow by induction.
//! Source: cumulative rounding (the apportionment behind Bresenham's line).

use crate::error::{Res, RiskError};
use crate::num::Num;

/// A division under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
pub struct Apportionment<N = i128> {
    /// What is divided.
    pub total: N,
    /// Sum of the weights of all claims, positive.
    pub weight_total: N,
    /// Sum of the weights of the claims served so far.
    pub weight_seen: N,
    /// Sum of the shares handed out so far.
    pub given: N,
}

impl<N: Num> Apportionment<N> {
    /// A division of `total >= 0` over claims whose weights will sum to `weight_total > 0`.
    ///
    /// Errors: [`RiskError::DivisorNotPositive`] without weight, [`RiskError::OutOfRange`] if
    /// `total` is negative.
    pub fn new(total: &N, weight_total: &N) -> Res<Self> {
        if !weight_total.is_positive() {
            return Err(RiskError::DivisorNotPositive);
        }
        if total.is_lt(&N::zero()) {
            return Err(RiskError::OutOfRange);
        }
        Ok(Self {
            total: total.clone(),
            weight_total: weight_total.clone(),
            weight_seen: N::zero(),
            given: N::zero(),
        })
    }

    /// The share of the next claim, rounded so that the running sum is `floor(total * seen / all)`.
    ///
    /// Errors: [`RiskError::OutOfRange`] if `weight < 0` or the weights exceed their stated total;
    /// the state is then unchanged.
    pub fn next(&mut self, weight: &N) -> Res<N> {
        if weight.is_lt(&N::zero()) {
            return Err(RiskError::OutOfRange);
        }
        let seen = self.weight_seen.add(weight)?;
        if self.weight_total.is_lt(&seen) {
            return Err(RiskError::OutOfRange);
        }
        let due = self.total.mul_div_floor(&seen, &self.weight_total)?;
        let share = due.sub(&self.given)?;
        self.weight_seen = seen;
        self.given = due;
        Ok(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_should_sum_to_the_total_and_stay_within_one_unit() {
        let mut division = Apportionment::new(&10i128, &7).unwrap();
        let shares: [i128; 4] = [1, 0, 3, 3].map(|w| division.next(&w).unwrap());
        assert_eq!(shares, [1, 0, 4, 5]);
        assert_eq!(division.given, 10);
    }

    #[test]
    fn division_should_refuse_weights_that_break_its_total() {
        let mut division = Apportionment::new(&10i128, &7).unwrap();
        assert_eq!(division.next(&8), Err(RiskError::OutOfRange));
        assert_eq!(division.next(&-1), Err(RiskError::OutOfRange));
        assert_eq!(division.next(&7), Ok(10));
        assert_eq!(division.next(&1), Err(RiskError::OutOfRange));
        assert_eq!(
            Apportionment::new(&1i128, &0),
            Err(RiskError::DivisorNotPositive)
        );
        assert_eq!(Apportionment::new(&-1i128, &1), Err(RiskError::OutOfRange));
    }
}
