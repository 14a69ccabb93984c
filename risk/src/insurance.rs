//! Insurance funds: backer shares, coverage, and how large a fund should be.
//!
//! ```text
//! shares for a deposit   = floor(assets * (shares + V) / (assets_held + 1))
//! assets for a redemption = floor(shares * (assets_held + 1) / (shares + V)),   V = 10^6
//! loss at a jump J       = sum over buckets ceil(notional * (J - margin ratio)^+)
//! expected shortfall     = ceil(mean of the worst n scenario losses)
//! ```
//!
//! The virtual shares and the virtual quantum make a first depositor's donation worth a millionth to
//! the attacker. Both divisions round for the fund. Sources: virtual shares of ERC-4626 as
//! implemented by OpenZeppelin; expected shortfall as in the Basel market-risk framework.

use crate::error::{Res, RiskError};
use crate::limits::PPM;
use crate::num::Num;
use crate::units::{Cash, Ppm};

/// Shares that exist without an owner.
pub const VIRTUAL_SHARES: i128 = 1_000_000;
/// Quanta that exist without an owner.
pub const VIRTUAL_ASSETS: i128 = 1;

/// The fund as share arithmetic sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fund<N = i128> {
    /// Quanta the fund holds for its backers, at least zero.
    pub assets: Cash<N>,
    /// Shares issued, at least zero.
    pub shares: N,
}

impl<N: Num> Fund<N> {
    fn priced(&self) -> Res<(N, N)> {
        Ok((
            self.assets.0.add(&N::int(VIRTUAL_ASSETS))?,
            self.shares.add(&N::int(VIRTUAL_SHARES))?,
        ))
    }

    /// Shares a deposit of `assets >= 0` buys, rounded down, and the fund after it.
    ///
    /// Errors: [`RiskError::OutOfRange`] if `assets` is negative; [`RiskError::Overflow`] when the
    /// share price has fallen so far that the count no longer fits: a wiped-out fund starts a new
    /// series of shares instead.
    pub fn deposit(&self, assets: &Cash<N>) -> Res<(N, Self)> {
        if assets.is_negative() {
            return Err(RiskError::OutOfRange);
        }
        let (held, issued) = self.priced()?;
        let minted = assets.0.mul_div_floor(&issued, &held)?;
        let fund = Self {
            assets: self.assets.add(assets)?,
            shares: self.shares.add(&minted)?,
        };
        Ok((minted, fund))
    }

    /// Assets that `shares` redeem for, rounded down, and the fund after it.
    ///
    /// Errors: [`RiskError::OutOfRange`] if `shares` is negative or more than exist.
    pub fn redeem(&self, shares: &N) -> Res<(Cash<N>, Self)> {
        if shares.is_lt(&N::zero()) || self.shares.is_lt(shares) {
            return Err(RiskError::OutOfRange);
        }
        let (held, issued) = self.priced()?;
        let paid = Cash(shares.mul_div_floor(&held, &issued)?);
        let fund = Self {
            assets: self.assets.sub(&paid)?,
            shares: self.shares.sub(shares)?,
        };
        Ok((paid, fund))
    }
}

/// Coverage beyond which a fund counts as this well covered: a thousandfold.
pub const MAX_COVERAGE: i128 = 1_000;

/// Fund over target, in ppm rounded down, at most a thousandfold; `None` without a target (nothing to
/// cover). The bound is what keeps the ratio of a full fund to a tiny target inside the integer.
pub fn coverage<N: Num>(fund: &Cash<N>, target: &Cash<N>) -> Res<Option<Ppm<N>>> {
    if !target.is_positive() {
        return Ok(None);
    }
    let most = target.0.mul(&N::int(MAX_COVERAGE))?;
    let counted = fund.0.smaller(&most);
    Ok(Some(Ppm(counted.mul_div_floor(&N::int(PPM), &target.0)?)))
}

/// Open positions of one side grouped by how far their accounts are from liquidation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket<N = i128> {
    /// Lowest margin ratio of the bucket: a price move of this much uses the margin up.
    pub margin_ratio: Ppm<N>,
    /// Notional of the positions in it, at least zero.
    pub notional: Cash<N>,
}

/// What a sudden move of `jump` would cost the fund: `sum ceil(notional * (jump - ratio)^+)`.
///
/// Taking each bucket at its lowest ratio and rounding up overstates, never understates. `O(buckets)`.
pub fn loss_at_jump<N: Num>(buckets: &[Bucket<N>], jump: &Ppm<N>) -> Res<Cash<N>> {
    buckets.iter().try_fold(Cash::zero(), |sum, bucket| {
        let beyond = jump.sub(&bucket.margin_ratio)?.positive_part();
        sum.add(&bucket.notional.ratio_ceil(&beyond)?)
    })
}

/// Mean of the `tail` worst losses, rounded up. `losses` descends; `1 <= tail <= losses.len()`.
///
/// Errors: [`RiskError::Empty`] if `tail` is zero, [`RiskError::OutOfRange`] if there are fewer
/// losses, [`RiskError::Unsorted`] if they do not descend.
pub fn expected_shortfall<N: Num>(losses: &[Cash<N>], tail: usize) -> Res<Cash<N>> {
    if tail == 0 {
        return Err(RiskError::Empty);
    }
    let worst = losses.get(..tail).ok_or(RiskError::OutOfRange)?;
    for (first, second) in losses.iter().zip(losses.iter().skip(1)) {
        if first.is_lt(second) {
            return Err(RiskError::Unsorted);
        }
    }
    let sum = worst
        .iter()
        .try_fold(Cash::zero(), |sum: Cash<N>, loss| sum.add(loss))?;
    let count = i128::try_from(tail).map_err(|_| RiskError::OutOfRange)?;
    Ok(Cash(sum.0.div_ceil(&N::int(count))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_should_round_for_the_fund() {
        let fund = Fund {
            assets: Cash(999i128),
            shares: 0,
        };
        let (minted, after) = fund.deposit(&Cash(10)).unwrap();
        assert_eq!(minted, 10_000);
        assert_eq!(
            after,
            Fund {
                assets: Cash(1_009),
                shares: 10_000
            }
        );
        let (paid, rest) = after.redeem(&10_000).unwrap();
        assert_eq!(paid, Cash(10));
        assert_eq!(rest, fund);
        let thirds = Fund {
            assets: Cash(2i128),
            shares: 0,
        };
        assert_eq!(thirds.deposit(&Cash(1)).unwrap().0, 333_333);
        let (paid, _) = after.redeem(&9_999).unwrap();
        assert_eq!(paid, Cash(9));
        assert_eq!(after.redeem(&10_001), Err(RiskError::OutOfRange));
        assert_eq!(after.redeem(&-1), Err(RiskError::OutOfRange));
        assert_eq!(after.deposit(&Cash(-1)), Err(RiskError::OutOfRange));
    }

    #[test]
    fn first_depositor_should_lose_its_donation() {
        let (attacker, fund) = Fund::<i128>::default().deposit(&Cash(1)).unwrap();
        let donated = Fund {
            assets: fund.assets.add(&Cash(1_000_000)).unwrap(),
            ..fund
        };
        let (_, after) = donated.deposit(&Cash(900_000)).unwrap();
        let (paid, _) = after.redeem(&attacker).unwrap();
        assert!(
            paid.0 < 600_000,
            "the attacker paid 1,000,001 and gets {paid:?}"
        );
    }

    #[test]
    fn coverage_should_be_none_without_a_target() {
        assert_eq!(coverage(&Cash(2i128), &Cash(3)), Ok(Some(Ppm(666_666))));
        assert_eq!(coverage(&Cash(2i128), &Cash(0)), Ok(None));
        assert_eq!(
            coverage(&Cash(9_001i128), &Cash(9)),
            Ok(Some(Ppm(1_000_000_000)))
        );
    }

    #[test]
    fn stress_losses_should_count_only_buckets_the_jump_reaches() {
        let bucket = |ratio, notional| Bucket {
            margin_ratio: Ppm(ratio),
            notional: Cash(notional),
        };
        let buckets: [Bucket; 3] = [
            bucket(10_000, 1_000),
            bucket(50_000, 333),
            bucket(900_000, 9),
        ];
        assert_eq!(loss_at_jump(&buckets, &Ppm(10_000)), Ok(Cash(0)));
        assert_eq!(loss_at_jump(&buckets, &Ppm(60_000)), Ok(Cash(50 + 4)));
        let losses = [Cash(90i128), Cash(11), Cash(0)];
        assert_eq!(expected_shortfall(&losses, 2), Ok(Cash(51)));
        assert_eq!(expected_shortfall(&losses, 3), Ok(Cash(34)));
        let equal = [Cash(7i128), Cash(7), Cash(1)];
        assert_eq!(expected_shortfall(&equal, 2), Ok(Cash(7)));
        assert_eq!(expected_shortfall(&losses, 0), Err(RiskError::Empty));
        assert_eq!(expected_shortfall(&losses, 4), Err(RiskError::OutOfRange));
        assert_eq!(
            expected_shortfall(&[Cash(1i128), Cash(2)], 1),
            Err(RiskError::Unsorted)
        );
    }
}
