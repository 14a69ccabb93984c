//! Funding: what longs pay shorts so that the mark follows the index.
//!
//! ```text
//! rate  = clamp(premium + clamp(interest - premium, +-spread), +-cap)      ppb of mark per period
//! index' = index + floor((mark * rate * dt + remainder) / (10^9 * period)) quanta per lot
//! payment of a position = lots * (index now - index at its checkpoint)     exact
//! ```
//!
//! The index moves in whole quanta per lot and keeps its remainder, so no rounding is ever lost, a
//! payment needs none, and with `sum(lots) == 0` payments sum to zero exactly. Settling in two steps
//! equals settling in one. Source: the premium-plus-clamped-interest form of BitMEX and Binance; the
//! cap `kappa * (initial - maintenance)` of dYdX v4.

use crate::error::{Res, RiskError};
use crate::limits::{PPB, PPM};
use crate::num::Num;
use crate::units::{Cash, LotPrice, Lots, Ppm};

/// Running time-average of the premium inside one funding period: `sum(premium * dt)` and `sum(dt)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
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
pub struct PremiumAverage<N = i128> {
    /// Parts per 10^9 of the index, times milliseconds.
    pub weighted: N,
    /// Milliseconds.
    pub elapsed_ms: N,
}

impl<N: Num> PremiumAverage<N> {
    /// Adds a premium held for `elapsed_ms >= 0`.
    pub fn observe(&self, premium_ppb: &N, elapsed_ms: &N) -> Res<Self> {
        Ok(Self {
            weighted: self.weighted.add(&premium_ppb.mul(elapsed_ms)?)?,
            elapsed_ms: self.elapsed_ms.add(elapsed_ms)?,
        })
    }

    /// The average, rounded down; zero before any time has passed.
    pub fn average_ppb(&self) -> Res<N> {
        if !self.elapsed_ms.is_positive() {
            return Ok(N::zero());
        }
        self.weighted.div_floor(&self.elapsed_ms)
    }
}

/// Premium of a price over the index, in parts per 10^9, rounded down; `index > 0`.
pub fn premium_ppb<N: Num>(price: &LotPrice<N>, index: &LotPrice<N>) -> Res<N> {
    price.sub(index)?.0.mul_div_floor(&N::int(PPB), &index.0)
}

/// Cap on the funding rate: `floor(kappa * (initial - maintenance))`, in parts per 10^9, never
/// negative. Funding of one period can then never eat the whole gap between the two margins
/// (`kappa < 1`).
pub fn rate_cap_ppb<N: Num>(initial: &Ppm<N>, maintenance: &Ppm<N>, kappa: &Ppm<N>) -> Res<N> {
    let gap = initial.sub(maintenance)?.positive_part();
    let ppb = gap.0.mul(&N::int(PPB / PPM))?;
    ppb.mul_div_floor(&kappa.0, &N::int(PPM))
}

/// Funding rate per period, parts per 10^9: the premium pulled toward the interest rate by at most
/// `spread`, clamped to `+-cap`. No rounding.
pub fn rate_ppb<N: Num>(premium: &N, interest: &N, spread: &N, cap: &N) -> Res<N> {
    let pull = interest.sub(premium)?.clamped(&spread.neg()?, spread);
    Ok(premium.add(&pull)?.clamped(&cap.neg()?, cap))
}

/// The funding index of a market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
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
pub struct FundingIndex<N = i128> {
    /// Cumulative funding one long lot has paid since the market began.
    pub index: LotPrice<N>,
    /// What the last division left: in units of `1 / (10^9 * period_ms)` quanta per lot, at least
    /// zero, below one quantum.
    pub remainder: N,
}

impl<N: Num> FundingIndex<N> {
    /// The index after `elapsed_ms` at `rate_ppb` per `period_ms`. Rounds down, and keeps the
    /// remainder for the next step, so the sum of all steps is exact.
    ///
    /// The caller caps `elapsed_ms` per update. The remainder belongs to one `period_ms`; a change of
    /// period must go through [`FundingIndex::rebased`]. With `elapsed_ms == 0` nothing moves.
    /// Errors: [`RiskError::DivisorNotPositive`] unless `period_ms > 0`.
    pub fn advance(
        &self,
        mark: &LotPrice<N>,
        rate_ppb: &N,
        elapsed_ms: &N,
        period_ms: &N,
    ) -> Res<Self> {
        let whole = period_ms.mul(&N::int(PPB))?;
        let accrued = mark
            .0
            .mul(&rate_ppb.mul(elapsed_ms)?)?
            .add(&self.remainder)?;
        let step = accrued.div_floor(&whole)?;
        Ok(Self {
            index: LotPrice(self.index.0.add(&step)?),
            remainder: accrued.sub(&step.mul(&whole)?)?,
        })
    }

    /// The same index for another period: the remainder, under one quantum per lot, rescaled down.
    pub fn rebased(&self, old_period_ms: &N, new_period_ms: &N) -> Res<Self> {
        if !new_period_ms.is_positive() {
            return Err(RiskError::DivisorNotPositive);
        }
        Ok(Self {
            index: self.index.clone(),
            remainder: self.remainder.mul_div_floor(new_period_ms, old_period_ms)?,
        })
    }

    /// What a position of signed `lots` owes since `checkpoint`: positive pays, negative receives.
    /// Exact.
    pub fn owed(&self, lots: &Lots<N>, checkpoint: &LotPrice<N>) -> Res<Cash<N>> {
        self.index.sub(checkpoint)?.times(lots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_should_pull_the_premium_toward_interest_within_the_spread() {
        assert_eq!(rate_ppb(&0i128, &100, &50, &1_000), Ok(50));
        assert_eq!(rate_ppb(&80i128, &100, &50, &1_000), Ok(100));
        assert_eq!(rate_ppb(&400i128, &100, &50, &1_000), Ok(350));
        assert_eq!(rate_ppb(&-400i128, &100, &50, &300), Ok(-300));
        assert_eq!(
            rate_cap_ppb(&Ppm(100_000i128), &Ppm(60_000), &Ppm(600_000)),
            Ok(24_000_000)
        );
        assert_eq!(rate_cap_ppb(&Ppm(1i128), &Ppm(2), &Ppm(600_000)), Ok(0));
    }

    #[test]
    fn index_should_lose_nothing_to_rounding() {
        let mut funding = FundingIndex::<i128>::default();
        for _ in 0..3 {
            funding = funding
                .advance(&LotPrice(1_000_000_000), &1, &1, &3)
                .unwrap();
        }
        assert_eq!(
            funding,
            FundingIndex {
                index: LotPrice(1),
                remainder: 0
            }
        );
        let back = funding
            .advance(&LotPrice(1_000_000_000), &-1, &1, &3)
            .unwrap();
        assert_eq!(back.index, LotPrice(0));
        assert_eq!(back.remainder, 2_000_000_000);
        assert_eq!(back.advance(&LotPrice(5), &7, &0, &3), Ok(back));
        let rebased = back.rebased(&3, &6).unwrap();
        assert_eq!(rebased.remainder, 4_000_000_000);
        assert_eq!(back.rebased(&3, &0), Err(RiskError::DivisorNotPositive));
    }

    #[test]
    fn payment_should_be_exact_and_signed() {
        let funding = FundingIndex {
            index: LotPrice(12i128),
            remainder: 5,
        };
        assert_eq!(funding.owed(&Lots(3), &LotPrice(10)), Ok(Cash(6)));
        assert_eq!(funding.owed(&Lots(-3), &LotPrice(10)), Ok(Cash(-6)));
    }

    #[test]
    fn premium_should_average_over_time() {
        let average = PremiumAverage::<i128>::default();
        assert_eq!(average.average_ppb(), Ok(0));
        let average = average
            .observe(&10, &100)
            .unwrap()
            .observe(&-20, &50)
            .unwrap();
        assert_eq!(average.average_ppb(), Ok(0));
        assert_eq!(average.observe(&-1, &50).unwrap().average_ppb(), Ok(-1));
        assert_eq!(
            premium_ppb(&LotPrice(101i128), &LotPrice(100)),
            Ok(10_000_000)
        );
        assert_eq!(
            premium_ppb(&LotPrice(2i128), &LotPrice(3)),
            Ok(-333_333_334)
        );
    }
}
