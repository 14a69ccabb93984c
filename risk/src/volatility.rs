//! Volatility of a feed: exponentially weighted variance over irregular samples.
//!
//! Returns are in parts per 10^9, variances in `ppb^2` **per sample interval**. A sample after `dt`
//! counts as `r^2 * interval / dt` and weighs `dt / (tau + dt)`, so neither missed rounds nor bursts
//! distort the estimate, and no power of lambda is needed. RiskMetrics' daily `lambda = 0.94` is
//! `tau = 0.94 / 0.06` days. Source: RiskMetrics technical document (EWMA), square-root-of-time
//! scaling; every rounding is up, against risk being understated.

use crate::error::{Res, RiskError};
use crate::limits::{MAX_RETURN_PPB, PPB};
use crate::num::Num;
use crate::units::Ppm;

/// `ceil(|price - previous| * 10^9 / previous)`, capped at
/// [`MAX_RETURN_PPB`]. Errors: [`RiskError::DivisorNotPositive`] unless `previous > 0`.
pub fn absolute_return_ppb<N: Num>(previous: &N, price: &N) -> Res<N> {
    let move_size = price.sub(previous)?.magnitude()?;
    let ratio = move_size.mul_div_ceil(&N::int(PPB), previous)?;
    Ok(ratio.smaller(&N::int(MAX_RETURN_PPB)))
}

/// The next variance after a return `return_ppb` over `elapsed_ms`.
///
/// `sample = ceil(r^2 * interval / dt)`, `v' = v + ceil((sample - v) * dt / (tau + dt))`; the result
/// lies in `[min(v, sample), max(v, sample)]`. Requires `elapsed_ms > 0`, `interval_ms > 0`,
/// `time_constant_ms >= 0`.
pub fn next_variance<N: Num>(
    variance: &N,
    return_ppb: &N,
    elapsed_ms: &N,
    interval_ms: &N,
    time_constant_ms: &N,
) -> Res<N> {
    let square = return_ppb.mul(return_ppb)?;
    let sample = square.mul_div_ceil(interval_ms, elapsed_ms)?;
    let span = time_constant_ms.add(elapsed_ms)?;
    variance.add(&sample.sub(variance)?.mul_div_ceil(elapsed_ms, &span)?)
}

/// Volatility over `horizon_ms`, in parts per million, rounded up:
/// `ceil(ceil_sqrt(ceil(v * horizon / interval)) / 1000)`.
///
/// Errors: [`RiskError::OutOfRange`] if `variance < 0`.
pub fn over_horizon<N: Num>(variance: &N, horizon_ms: &N, interval_ms: &N) -> Res<Ppm<N>> {
    if variance.is_lt(&N::zero()) {
        return Err(RiskError::OutOfRange);
    }
    let scaled = variance.mul_div_ceil(horizon_ms, interval_ms)?;
    let ppb = scaled.sqrt_ceil()?;
    Ok(Ppm(ppb.div_ceil(&N::int(1_000))?))
}

/// What margin uses: the highest of a fast estimate, a slow one and a floor. Calm weeks must not
/// argue the margin down to nothing.
pub fn effective<N: Num>(fast: &Ppm<N>, slow: &Ppm<N>, floor: &Ppm<N>) -> Ppm<N> {
    fast.larger(slow).larger(floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_should_be_relative_absolute_and_capped() {
        assert_eq!(absolute_return_ppb(&200i128, &202), Ok(10_000_000));
        assert_eq!(absolute_return_ppb(&200i128, &198), Ok(10_000_000));
        assert_eq!(absolute_return_ppb(&3i128, &4), Ok(333_333_334));
        assert_eq!(absolute_return_ppb(&1i128, &1_000_000), Ok(MAX_RETURN_PPB));
        assert_eq!(
            absolute_return_ppb(&0i128, &1),
            Err(RiskError::DivisorNotPositive)
        );
    }

    #[test]
    fn variance_should_weigh_a_sample_by_its_time() {
        // A return of 100 ppb in one interval, weight 1/2.
        assert_eq!(next_variance(&0i128, &100, &60, &60, &60), Ok(5_000));
        // The same return over twice the time is half the variance, weight 2/3.
        assert_eq!(next_variance(&0i128, &100, &120, &60, &60), Ok(3_334));
        assert_eq!(
            next_variance(&7i128, &0, &1, &60, &6_000),
            Ok(7),
            "ceil keeps the last unit"
        );
        assert_eq!(
            next_variance(&7i128, &1, &0, &1, &1),
            Err(RiskError::DivisorNotPositive)
        );
    }

    #[test]
    fn horizon_should_scale_with_the_square_root_of_time() {
        // 1 % per minute is 10 % over 100 minutes.
        let variance = 10_000_000i128 * 10_000_000;
        assert_eq!(over_horizon(&variance, &60_000, &60_000), Ok(Ppm(10_000)));
        assert_eq!(
            over_horizon(&variance, &6_000_000, &60_000),
            Ok(Ppm(100_000))
        );
        assert_eq!(over_horizon(&1i128, &1, &1), Ok(Ppm(1)), "rounds up");
        assert_eq!(over_horizon(&1_000_000i128, &1, &1), Ok(Ppm(1)));
        assert_eq!(
            over_horizon(&1_000_001i128, &1, &1),
            Ok(Ppm(2)),
            "the root rounds up before the thousand"
        );
        assert_eq!(
            over_horizon(&2_000_001i128, &1, &2),
            Ok(Ppm(2)),
            "so does the scaled variance"
        );
        assert_eq!(over_horizon(&-1i128, &1, &1), Err(RiskError::OutOfRange));
    }

    #[test]
    fn effective_should_be_the_highest() {
        assert_eq!(effective(&Ppm(1i128), &Ppm(3), &Ppm(2)), Ppm(3));
        assert_eq!(effective(&Ppm(4i128), &Ppm(3), &Ppm(2)), Ppm(4));
        assert_eq!(effective(&Ppm(1i128), &Ppm(1), &Ppm(2)), Ppm(2));
    }
}
