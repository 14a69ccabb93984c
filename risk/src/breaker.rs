//! Circuit breaker arithmetic: bands over several horizons, leaky bucket, robust z-score, cool-down.
//!
//! Sources: Vega's price-monitoring triggers (several horizons, tested before a price is committed);
//! leaky-bucket withdrawal caps of dYdX v4; the robust z-score `0.6745 * |x - median| / MAD`.

use crate::error::{Res, RiskError};
use crate::limits::PPM;
use crate::num::Num;
use crate::units::{Cash, LotPrice, Ppm};

/// How far a price may be from a reference of some age.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon<N = i128> {
    /// The price so long ago.
    pub reference: LotPrice<N>,
    /// Allowed relative distance.
    pub band: Ppm<N>,
}

impl<N: Num> Horizon<N> {
    /// Whether `|price - reference| * 10^6 <= reference * band`. Exact.
    pub fn allows(&self, price: &LotPrice<N>) -> Res<bool> {
        let distance = price.sub(&self.reference)?.magnitude()?;
        let scaled = distance.0.mul(&N::int(PPM))?;
        Ok(scaled.is_le(&self.reference.0.mul(&self.band.0)?))
    }
}

/// The first horizon a price breaches, or `None` if it is inside all.
pub fn breached<N: Num>(horizons: &[Horizon<N>], price: &LotPrice<N>) -> Res<Option<usize>> {
    for (index, horizon) in horizons.iter().enumerate() {
        if !horizon.allows(price)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// A band scaled by volatility: `clamp(floor(band * volatility / usual), narrowest, widest)`;
/// `usual > 0`, `narrowest <= widest`. Rounds down, toward the tighter band.
pub fn scaled_band<N: Num>(
    band: &Ppm<N>,
    volatility: &Ppm<N>,
    usual: &Ppm<N>,
    narrowest: &Ppm<N>,
    widest: &Ppm<N>,
) -> Res<Ppm<N>> {
    let scaled = band.0.mul_div_floor(&volatility.0, &usual.0)?;
    Ok(Ppm(scaled).clamped(narrowest, widest))
}

/// A leaky bucket: at most `capacity` at once, draining `capacity` per `window_ms`.
///
/// Over any time `w` it lets through at most `capacity + capacity * w / window`.
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
pub struct LeakyBucket<N = i128> {
    /// What has flowed out and not yet drained, at least zero.
    pub level: Cash<N>,
    /// When the level was computed.
    pub at_ms: N,
}

impl<N: Num> LeakyBucket<N> {
    /// The level drained to `now_ms`: `max(0, level - floor(capacity * min(dt, window) / window))`.
    /// Rounds the drain down, toward a fuller bucket; one update drains at most one capacity, which
    /// empties any bucket that was not filled under a larger capacity.
    ///
    /// Errors: [`RiskError::OutOfRange`] if time runs backwards.
    pub fn drained(&self, now_ms: &N, capacity: &Cash<N>, window_ms: &N) -> Res<Self> {
        let elapsed = now_ms.sub(&self.at_ms)?;
        if elapsed.is_lt(&N::zero()) {
            return Err(RiskError::OutOfRange);
        }
        let drain = Cash(
            capacity
                .0
                .mul_div_floor(&elapsed.smaller(window_ms), window_ms)?,
        );
        Ok(Self {
            level: self.level.sub(&drain)?.positive_part(),
            at_ms: now_ms.clone(),
        })
    }

    /// The bucket after `amount >= 0` flows out now, or `None` if it does not fit.
    ///
    /// On `None` the caller keeps the old bucket (its drain is computed from time, not lost).
    pub fn take(
        &self,
        amount: &Cash<N>,
        now_ms: &N,
        capacity: &Cash<N>,
        window_ms: &N,
    ) -> Res<Option<Self>> {
        if amount.is_negative() {
            return Err(RiskError::OutOfRange);
        }
        let drained = self.drained(now_ms, capacity, window_ms)?;
        let level = drained.level.add(amount)?;
        if capacity.is_lt(&level) {
            return Ok(None);
        }
        Ok(Some(Self {
            level,
            at_ms: drained.at_ms,
        }))
    }
}

/// Capacity of a withdrawal bucket: `max(least, floor(share * value locked))`.
pub fn bucket_capacity<N: Num>(
    least: &Cash<N>,
    share: &Ppm<N>,
    value_locked: &Cash<N>,
) -> Res<Cash<N>> {
    Ok(value_locked.ratio_floor(share)?.larger(least))
}

/// Robust z-score in ppm, rounded down: `floor(|x - median| * 674_490 / max(mad, least))`.
///
/// `least > 0` keeps a silent market from turning one trade into an anomaly.
pub fn robust_z<N: Num>(value: &N, median: &N, mad: &N, least: &N) -> Res<N> {
    let distance = value.sub(median)?.magnitude()?;
    distance.mul_div_floor(&N::int(674_490), &mad.larger(least))
}

/// Whether a level may step down: its condition is clear and `cool_down_ms` have passed since it was
/// last raised or renewed. In time, never in blocks.
pub fn may_step_down<N: Num>(
    clear: bool,
    raised_at_ms: &N,
    now_ms: &N,
    cool_down_ms: &N,
) -> Res<bool> {
    Ok(clear && cool_down_ms.is_le(&now_ms.sub(raised_at_ms)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_should_include_their_edge_and_name_the_first_breach() {
        let horizon = |reference, band| Horizon {
            reference: LotPrice(reference),
            band: Ppm(band),
        };
        let horizons: [Horizon; 2] = [horizon(1_000, 30_000), horizon(900, 100_000)];
        let test = |price| breached(&horizons, &LotPrice(price)).unwrap();
        assert_eq!(test(980), None);
        assert_eq!(test(970), None);
        assert_eq!(test(969), Some(0));
        assert_eq!(test(990), None);
        assert_eq!(test(991), Some(1));
        assert_eq!(test(1_031), Some(0));
    }

    #[test]
    fn bands_should_scale_with_volatility_inside_their_bounds() {
        let scaled = |volatility| {
            scaled_band(
                &Ppm(30_000i128),
                &Ppm(volatility),
                &Ppm(300),
                &Ppm(10_000),
                &Ppm(90_000),
            )
        };
        assert_eq!(scaled(300), Ok(Ppm(30_000)));
        assert_eq!(scaled(1), Ok(Ppm(10_000)));
        assert_eq!(scaled(5_000), Ok(Ppm(90_000)));
        let thirds = scaled_band(&Ppm(100i128), &Ppm(200), &Ppm(300), &Ppm(1), &Ppm(90_000));
        assert_eq!(thirds, Ok(Ppm(66)), "rounds to the tighter band");
    }

    #[test]
    fn bucket_should_refuse_what_does_not_fit_and_drain_with_time() {
        let take = |bucket: LeakyBucket, amount, now| {
            bucket
                .take(&Cash(amount), &now, &Cash(100), &3_600)
                .unwrap()
        };
        let bucket = take(LeakyBucket::default(), 100, 0).unwrap();
        assert_eq!(take(bucket, 1, 35), None, "36 ms drain one quantum");
        let later = take(bucket, 1, 36).unwrap();
        assert_eq!(
            later,
            LeakyBucket {
                level: Cash(100),
                at_ms: 36
            }
        );
        assert_eq!(take(later, 100, 3_636).unwrap().level, Cash(100));
        assert_eq!(
            later.drained(&35, &Cash(100), &3_600),
            Err(RiskError::OutOfRange)
        );
        let negative = later.take(&Cash(-1), &36, &Cash(100), &3_600);
        assert_eq!(negative, Err(RiskError::OutOfRange));
        assert_eq!(
            bucket_capacity(&Cash(50i128), &Ppm(10_000), &Cash(9_999)),
            Ok(Cash(99))
        );
        assert_eq!(
            bucket_capacity(&Cash(500i128), &Ppm(10_000), &Cash(9_999)),
            Ok(Cash(500))
        );
    }

    #[test]
    fn z_score_should_measure_in_deviations() {
        assert_eq!(robust_z(&130i128, &100, &10, &1), Ok(2_023_470));
        assert_eq!(robust_z(&70i128, &100, &10, &1), Ok(2_023_470));
        assert_eq!(robust_z(&101i128, &100, &0, &5), Ok(134_898));
    }

    #[test]
    fn levels_should_step_down_only_after_time_and_clearance() {
        let may = |clear, now| may_step_down(clear, &1_000i128, &now, &500).unwrap();
        assert!(!may(true, 1_499) && may(true, 1_500) && !may(false, 9_999));
    }
}
