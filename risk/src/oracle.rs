//! Aggregating prices reported by staked validators.
//!
//! The lower weighted median is the first price, in ascending order, at which half of the reported
//! stake is reached. If dishonest stake is under half of what reported, it lies within the honest
//! range: were it above every honest price, all honest stake (over half) would lie strictly below it,
//! yet less than half does; were it below, dishonest stake alone would reach half. With a quorum of
//! 2/3 and dishonest stake under 1/3 the premise holds. Sources: Pyth's and Chainlink's median
//! aggregation; median absolute deviation with the usual factor 1.4826.

use crate::error::{Res, RiskError};
use crate::limits::PPM;
use crate::num::Num;
use crate::units::Ppm;

/// One reporter's price with its capped stake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report<N = i128> {
    /// Price, 10^-18 of the quote per base unit, positive.
    pub price: N,
    /// Stake, at least zero.
    pub weight: N,
}

/// Highest weight any reporter may have so that none exceeds `cap` of the **capped** total.
///
/// The largest `c` with `c <= cap * sum(min(w, c))`, rounded down; `weights` descends. Capping
/// against the uncapped total would leave one whale in the majority. Errors: [`RiskError::Unsorted`];
/// [`RiskError::OutOfRange`] if there are too few reporters for the cap (`n * cap < 1`) or no stake.
/// `O(n)`.
pub fn weight_cap<N: Num>(weights: &[N], cap: &Ppm<N>) -> Res<N> {
    for (first, second) in weights.iter().zip(weights.iter().skip(1)) {
        if first.is_lt(second) {
            return Err(RiskError::Unsorted);
        }
    }
    let mut rest = total(weights.iter())?;
    // What the leading, capped reporters leave of the whole.
    let mut room = N::int(PPM);
    for (index, weight) in weights.iter().enumerate() {
        rest = rest.sub(weight)?;
        room = room.sub(&cap.0)?;
        if index == 0 && weight.is_le(&rest.add(weight)?.mul_div_floor(&cap.0, &N::int(PPM))?) {
            return Ok(weight.clone());
        }
        if !room.is_positive() {
            break;
        }
        let level = rest.mul_div_floor(&cap.0, &room)?;
        let next = index.checked_add(1).and_then(|i| weights.get(i));
        if next.is_some_and(|next| next.is_le(&level)) {
            return Ok(level);
        }
    }
    Err(RiskError::OutOfRange)
}

fn total<'a, N: Num + 'a>(mut weights: impl Iterator<Item = &'a N>) -> Res<N> {
    weights.try_fold(N::zero(), |sum, weight| {
        if weight.is_lt(&N::zero()) {
            return Err(RiskError::OutOfRange);
        }
        sum.add(weight)
    })
}

/// Whether the stake that reported reaches `quorum` of all: `reported * 10^6 >= all * quorum`. Exact.
pub fn has_quorum<N: Num>(reported: &N, all: &N, quorum: &Ppm<N>) -> Res<bool> {
    Ok(all.mul(&quorum.0)?.is_le(&reported.mul(&N::int(PPM))?))
}

/// Two thirds, in ppm rounded up, so a quorum of it is never less than two thirds.
pub const TWO_THIRDS: i128 = 666_667;

/// The first price, ascending, at which `share` of the reported stake is reached: the index of its
/// report. The share is `numerator / denominator` in `(0, 1]`.
///
/// Errors: [`RiskError::Unsorted`] if prices do not ascend; [`RiskError::Empty`] without stake.
pub fn weighted_quantile<N: Num>(
    reports: &[Report<N>],
    numerator: i128,
    denominator: i128,
) -> Res<usize> {
    for (first, second) in reports.iter().zip(reports.iter().skip(1)) {
        if second.price.is_lt(&first.price) {
            return Err(RiskError::Unsorted);
        }
    }
    let all = total(reports.iter().map(|report| &report.weight))?;
    if !all.is_positive() {
        return Err(RiskError::Empty);
    }
    let needed = all.mul(&N::int(numerator))?;
    let mut reached = N::zero();
    for (index, report) in reports.iter().enumerate() {
        reached = reached.add(&report.weight)?;
        if needed.is_le(&reached.mul(&N::int(denominator))?) {
            return Ok(index);
        }
    }
    Err(RiskError::OutOfRange)
}

/// The lower weighted median of reports sorted by price.
pub fn weighted_median<N: Num>(reports: &[Report<N>]) -> Res<N> {
    let index = weighted_quantile(reports, 1, 2)?;
    reports
        .get(index)
        .map(|report| report.price.clone())
        .ok_or(RiskError::Empty)
}

/// Stake-weighted median absolute deviation from the weighted median: the smallest `d` such that at
/// least half of the stake lies within `d` of it. No rounding, no sort: the reports are already in
/// order, so the deviations are merged outward from the median. `O(n)`.
pub fn weighted_mad<N: Num>(reports: &[Report<N>]) -> Res<N> {
    let middle = weighted_quantile(reports, 1, 2)?;
    let all = total(reports.iter().map(|report| &report.weight))?;
    let (below, from) = reports
        .split_at_checked(middle)
        .ok_or(RiskError::OutOfRange)?;
    let center = from.first().ok_or(RiskError::Empty)?.price.clone();
    let mut left = below.iter().rev().peekable();
    let mut right = from.iter().peekable();
    let mut reached = N::zero();
    loop {
        let lower = left
            .peek()
            .map(|report| center.sub(&report.price))
            .transpose()?;
        let upper = right
            .peek()
            .map(|report| report.price.sub(&center))
            .transpose()?;
        let (deviation, report) = match (lower, upper) {
            (Some(low), Some(high)) if low.is_lt(&high) => (low, left.next()),
            (_, Some(high)) => (high, right.next()),
            (Some(low), None) => (low, left.next()),
            (None, None) => return Err(RiskError::Empty),
        };
        let weight = &report.ok_or(RiskError::Empty)?.weight;
        reached = reached.add(weight)?;
        if all.is_le(&reached.mul(&N::int(2))?) {
            return Ok(deviation);
        }
    }
}

/// Confidence of the aggregate: the larger of the reporters' own (weighted median) and their
/// dispersion as a standard deviation, `ceil(1.4826 * mad)`.
pub fn confidence<N: Num>(reported: &N, mad: &N) -> Res<N> {
    Ok(reported.larger(&mad.mul_div_ceil(&N::int(14_826), &N::int(10_000))?))
}

/// A new price no further than `max_step` from the old one, and whether it was held back.
/// The step rounds down. `old > 0`, `max_step < 10^6` keep it positive.
pub fn guarded_step<N: Num>(old: &N, new: &N, max_step: &Ppm<N>) -> Res<(N, bool)> {
    let step = old.mul_div_floor(&max_step.0, &N::int(PPM))?;
    let (low, high) = (old.sub(&step)?, old.add(&step)?);
    let inside = N::and(&low.le(new), &new.le(&high));
    Ok((new.clamped(&low, &high), !N::branch(&inside)))
}

/// Whether a report deviates from the aggregate by more than `floor(k * max(confidence, least))`.
pub fn is_outlier<N: Num>(
    price: &N,
    aggregate: &N,
    confidence: &N,
    least: &N,
    k: &Ppm<N>,
) -> Res<bool> {
    let allowed = confidence.larger(least).mul_div_floor(&k.0, &N::int(PPM))?;
    Ok(allowed.is_lt(&price.sub(aggregate)?.magnitude()?))
}

/// Whether a price may enter at all: `lowest <= price <= highest`, with `lowest > 0` required.
pub fn is_sane<N: Num>(price: &N, lowest: &N, highest: &N) -> bool {
    lowest.is_positive() && lowest.is_le(price) && price.is_le(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports<const K: usize>(pairs: [(i128, i128); K]) -> [Report; K] {
        pairs.map(|(price, weight)| Report { price, weight })
    }

    #[test]
    fn median_should_be_the_first_price_reaching_half_of_the_stake() {
        assert_eq!(weighted_median(&reports([(1, 1), (2, 1), (9, 1)])), Ok(2));
        assert_eq!(weighted_median(&reports([(1, 2), (2, 1), (9, 1)])), Ok(1));
        assert_eq!(weighted_median(&reports([(1, 1), (2, 1), (9, 3)])), Ok(9));
        assert_eq!(weighted_median(&reports([(1, 0), (2, 5)])), Ok(2));
        assert_eq!(
            weighted_median(&reports([(2, 1), (1, 1)])),
            Err(RiskError::Unsorted)
        );
        assert_eq!(weighted_median(&reports([(2, 0)])), Err(RiskError::Empty));
        assert_eq!(weighted_median::<i128>(&[]), Err(RiskError::Empty));
        assert_eq!(
            weighted_median(&reports([(2, -1), (3, 5)])),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            weighted_quantile(&reports([(1, 1), (2, 1), (3, 2)]), 3, 4),
            Ok(2)
        );
    }

    #[test]
    fn mad_should_hold_half_of_the_stake() {
        assert_eq!(
            weighted_mad(&reports([(10, 1), (11, 1), (13, 1), (99, 1)])),
            Ok(1)
        );
        assert_eq!(weighted_mad(&reports([(1, 1), (10, 1), (12, 1)])), Ok(2));
        assert_eq!(weighted_mad(&reports([(8, 1), (10, 1), (15, 1)])), Ok(2));
        assert_eq!(weighted_mad(&reports([(10, 5), (99, 1)])), Ok(0));
        assert_eq!(weighted_mad(&reports([(1, 49), (10, 2), (12, 49)])), Ok(2));
    }

    #[test]
    fn cap_should_hold_against_the_capped_total() {
        // A whale of 90 among ten of 1: at most half of the capped total of 20.
        let mut weights = [1i128; 11];
        weights[0] = 90;
        assert_eq!(weight_cap(&weights, &Ppm(500_000)), Ok(10));
        assert_eq!(weight_cap(&[50i128, 40, 5, 5], &Ppm(400_000)), Ok(20));
        assert_eq!(weight_cap(&[3i128, 3, 3], &Ppm(400_000)), Ok(3));
        assert_eq!(weight_cap(&[7i128], &Ppm(1_000_000)), Ok(7));
        assert_eq!(
            weight_cap(&[7i128], &Ppm(400_000)),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            weight_cap(&[1i128, 2], &Ppm(500_000)),
            Err(RiskError::Unsorted)
        );
        assert_eq!(
            weight_cap::<i128>(&[], &Ppm(500_000)),
            Err(RiskError::OutOfRange)
        );
    }

    #[test]
    fn quorum_should_be_exact_at_its_edge() {
        assert_eq!(
            has_quorum(&2i128, &3, &Ppm(TWO_THIRDS)),
            Ok(false),
            "rounded up"
        );
        assert_eq!(
            has_quorum(&666_667i128, &1_000_000, &Ppm(TWO_THIRDS)),
            Ok(true)
        );
        assert_eq!(has_quorum(&1i128, &2, &Ppm(500_000)), Ok(true));
    }

    #[test]
    fn steps_should_be_clamped_and_flagged() {
        let step = |new| guarded_step(&1_000i128, &new, &Ppm(50_000));
        assert_eq!(step(1_050), Ok((1_050, false)));
        assert_eq!(step(1_051), Ok((1_050, true)));
        assert_eq!(step(950), Ok((950, false)));
        assert_eq!(step(1), Ok((950, true)));
    }

    #[test]
    fn outliers_and_nonsense_should_be_named() {
        let outlier = |price| is_outlier(&price, &1_000i128, &2, &4, &Ppm(2_500_000)).unwrap();
        assert!(!outlier(1_010) && outlier(1_011) && outlier(989));
        assert!(is_sane(&1i128, &1, &5) && is_sane(&5i128, &1, &5));
        assert!(!is_sane(&0i128, &0, &5) && !is_sane(&6i128, &1, &5) && !is_sane(&0i128, &1, &5));
        assert_eq!(confidence(&1i128, &10), Ok(15));
        assert_eq!(confidence(&20i128, &10), Ok(20));
    }
}
