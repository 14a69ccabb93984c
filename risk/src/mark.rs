//! Mark price: what positions are valued at.
//!
//! ```text
//! mark = clamp( median(index, index + basis, trade), index * (1 - band), index * (1 + band) )
//! basis' = ema(basis, clamp(call mid - index, -cap, +cap))
//! ```
//!
//! Source: the three-candidate median is Binance's mark price (median of two index-based prices and
//! the contract price); the irregular-time average is the first-order rational filter
//! `alpha = dt / (tau + dt)`, which needs no exponential and never leaves the interval between the
//! old value and the sample.

use crate::error::{Res, RiskError};
use crate::num::Num;
use crate::units::{LotPrice, Ppm};

/// Median of three, without arithmetic: exact, no rounding.
pub fn median_of_three<N: Num>(a: &N, b: &N, c: &N) -> N {
    a.smaller(b).larger(&a.larger(b).smaller(c))
}

/// One step of an exponential moving average over irregular time.
///
/// `old + floor((sample - old) * dt / (tau + dt))`, so the result lies in
/// `[min(old, sample), max(old, sample)]`; with `dt = 0` it is `old`.
/// Units: `old` and `sample` alike; `elapsed_ms >= 0`, `time_constant_ms > 0`. Rounds down.
pub fn ema<N: Num>(old: &N, sample: &N, elapsed_ms: &N, time_constant_ms: &N) -> Res<N> {
    let span = time_constant_ms.add(elapsed_ms)?;
    old.add(&sample.sub(old)?.mul_div_floor(elapsed_ms, &span)?)
}

/// Lowest and highest mark a band around the index allows: `index -+ floor(index * band)`.
///
/// Rounds the half-width down: the band is never wider than its parameter says. `index > 0`,
/// `band <= 10^6`.
pub fn band<N: Num>(index: &LotPrice<N>, band: &Ppm<N>) -> Res<(LotPrice<N>, LotPrice<N>)> {
    let half_width = index.ratio_floor(band)?;
    Ok((index.sub(&half_width)?, index.add(&half_width)?))
}

/// New basis: the average of the call's mid against the index, the sample clamped to
/// `+- floor(index * cap)` so that one wild call can't move it far.
pub fn basis<N: Num>(
    old: &LotPrice<N>,
    call_mid: &LotPrice<N>,
    index: &LotPrice<N>,
    cap: &Ppm<N>,
    elapsed_ms: &N,
    time_constant_ms: &N,
) -> Res<LotPrice<N>> {
    let limit = index.ratio_floor(cap)?;
    let sample = call_mid.sub(index)?.clamped(&limit.neg()?, &limit);
    Ok(LotPrice(ema(
        &old.0,
        &sample.0,
        elapsed_ms,
        time_constant_ms,
    )?))
}

/// The mark: median of the index, the index plus its basis, and the averaged clearing price,
/// clamped into the index band. Without a usable clearing price (`None`: thin or stale book) the
/// index votes twice and is the mark: no trades, no premium.
///
/// Positive whenever `index > 0` and `band < 10^6`. Errors: [`RiskError::OutOfRange`] if the index
/// is not positive: a stale index freezes the mark at the caller.
pub fn mark<N: Num>(
    index: &LotPrice<N>,
    basis: &LotPrice<N>,
    clearing_average: Option<&LotPrice<N>>,
    max_band: &Ppm<N>,
) -> Res<LotPrice<N>> {
    if !index.is_positive() {
        return Err(RiskError::OutOfRange);
    }
    let with_basis = index.add(basis)?;
    let trade = clearing_average.unwrap_or(index);
    let median = LotPrice(median_of_three(&index.0, &with_basis.0, &trade.0));
    let (low, high) = band(index, max_band)?;
    Ok(median.clamped(&low, &high))
}

/// Stable price: follows the mark slowly and never faster than a rate, for initial margin only.
///
/// `stable + clamp(ema step toward mark, +- floor(stable * max_ppm_per_hour * dt / 1h))`.
/// Rounds each move toward the old price, so it lags at least as much as configured. Source: Mango
/// v4's stable price model.
pub fn stable_price<N: Num>(
    stable: &LotPrice<N>,
    mark: &LotPrice<N>,
    elapsed_ms: &N,
    time_constant_ms: &N,
    max_per_hour: &Ppm<N>,
) -> Res<LotPrice<N>> {
    let drawn = ema(&stable.0, &mark.0, elapsed_ms, time_constant_ms)?;
    let per_hour = stable.ratio_floor(max_per_hour)?;
    let limit = per_hour.0.mul_div_floor(elapsed_ms, &N::int(MS_PER_HOUR))?;
    let step = drawn.sub(&stable.0)?.clamped(&limit.neg()?, &limit);
    Ok(LotPrice(stable.0.add(&step)?))
}

/// Milliseconds of one hour.
pub const MS_PER_HOUR: i128 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_should_be_the_middle_value_for_every_order() {
        for (a, b, c) in [
            (1, 2, 3),
            (1, 3, 2),
            (2, 1, 3),
            (2, 3, 1),
            (3, 1, 2),
            (3, 2, 1),
        ] {
            assert_eq!(median_of_three(&a, &b, &c), 2i128);
        }
        assert_eq!(median_of_three(&5i128, &5, &9), 5);
    }

    #[test]
    fn ema_should_move_half_way_when_elapsed_equals_time_constant() {
        assert_eq!(ema(&100i128, &200, &30, &30), Ok(150));
        assert_eq!(ema(&100i128, &200, &0, &30), Ok(100));
        assert_eq!(ema(&100i128, &99, &1, &30), Ok(99), "floor of -1/31 is -1");
        assert_eq!(ema(&1i128, &1, &0, &0), Err(RiskError::DivisorNotPositive));
    }

    #[test]
    fn mark_should_take_the_median_and_stay_in_its_band() {
        let index = LotPrice(10_000i128);
        let at = |basis, trade: Option<i128>, band| {
            mark(
                &index,
                &LotPrice(basis),
                trade.map(LotPrice).as_ref(),
                &Ppm(band),
            )
            .unwrap()
            .0
        };
        assert_eq!(at(50, Some(10_020), 50_000), 10_020);
        assert_eq!(at(50, Some(12_000), 50_000), 10_050);
        assert_eq!(at(900, Some(12_000), 50_000), 10_500, "clamped to the band");
        assert_eq!(at(-900, Some(8_000), 50_000), 9_500);
        assert_eq!(
            at(900, None, 50_000),
            10_000,
            "no trade: the index votes twice"
        );
        assert_eq!(
            mark(&LotPrice(0i128), &LotPrice(0), None, &Ppm(1)),
            Err(RiskError::OutOfRange)
        );
    }

    #[test]
    fn basis_should_clamp_its_sample() {
        let step = |mid| {
            basis(
                &LotPrice(0i128),
                &LotPrice(mid),
                &LotPrice(10_000),
                &Ppm(10_000),
                &10,
                &10,
            )
        };
        assert_eq!(step(10_060), Ok(LotPrice(30)));
        assert_eq!(step(20_000), Ok(LotPrice(50)), "capped at 100, half of it");
        assert_eq!(step(1), Ok(LotPrice(-50)));
    }

    #[test]
    fn basis_should_round_its_cap_down() {
        // 1 % of 10,099 is 100.99: a cap of 101 would give floor(-101 / 2) = -51.
        let step = basis(
            &LotPrice(0i128),
            &LotPrice(1),
            &LotPrice(10_099),
            &Ppm(10_000),
            &10,
            &10,
        );
        assert_eq!(step, Ok(LotPrice(-50)));
    }

    #[test]
    fn stable_price_should_move_no_faster_than_its_rate() {
        let step = |mark, dt| {
            stable_price(
                &LotPrice(1_000_000i128),
                &LotPrice(mark),
                &dt,
                &1_000,
                &Ppm(36_000),
            )
        };
        // 3.6 % per hour is 10 ppm per second.
        assert_eq!(step(2_000_000, 1_000), Ok(LotPrice(1_000_010)));
        assert_eq!(step(1_000_004, 1_000), Ok(LotPrice(1_000_002)));
        assert_eq!(step(1, 1_000), Ok(LotPrice(999_990)));
        assert_eq!(step(1, 0), Ok(LotPrice(1_000_000)));
    }
}
