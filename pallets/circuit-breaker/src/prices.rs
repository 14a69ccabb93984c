//! Prices against those of the past: references, bands, and the health of the index. SPEC 4.1, 4.2.

use caisson_primitives::{
    oracle::{FeedId, FeedStatus, PriceFeeds},
    trading::{Level, LotPrice, MarketPrices, Ppm},
    Moment,
};
use caisson_risk::{
    breaker::{breached, scaled_band, Horizon},
    limits::PPM,
    mark, Num, Res,
};

use crate::{
    machine::{Cause, Raise},
    pallet::Config,
    terms::{Band, Terms},
    types::Watch,
};

/// A price outside the band of a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// How far it is from the reference, in parts per million of it, rounded down.
    pub distance_ppm: i128,
    /// How far it may be.
    pub band_ppm: i128,
}

impl Breach {
    /// What it demands.
    pub const fn raise(&self) -> Raise {
        Raise::new(
            Cause::PriceBand,
            Level::LongCalls,
            self.distance_ppm,
            self.band_ppm,
        )
    }
}

/// The first horizon whose band a price leaves. The volatility is read only if the price leaves a band at its narrowest, so a
/// quiet market costs no read.
///
/// Arithmetic that fails counts as a breach; in the ranges of prices it can't.
pub fn breach<T: Config>(
    watch: &Watch,
    feed: FeedId,
    terms: &Terms,
    price: &LotPrice,
    now: Moment,
) -> Option<Breach> {
    let horizons = terms.bands.iter().zip(&watch.marks);
    for (band, ring) in horizons {
        let Some(value) = ring.oldest(now, band.horizon_ms) else {
            continue;
        };
        let reference = LotPrice(i128::from(value));
        match leaves::<T>(&reference, price, band, feed) {
            Ok(None) => {}
            Ok(Some(breach)) => return Some(breach),
            Err(_) => {
                return Some(Breach {
                    distance_ppm: PPM,
                    band_ppm: band.band_ppm.into(),
                })
            }
        }
    }
    None
}

fn leaves<T: Config>(
    reference: &LotPrice,
    price: &LotPrice,
    band: &Band,
    feed: FeedId,
) -> Res<Option<Breach>> {
    let is_outside = |width: Ppm<i128>| {
        let horizon = Horizon {
            reference: *reference,
            band: width,
        };
        Ok(breached(&[horizon], price)?.is_some())
    };
    let narrowest = Ppm(i128::from(band.narrowest_ppm));
    if !is_outside(narrowest)? {
        return Ok(None);
    }
    let width = width::<T>(band, feed)?;
    if !is_outside(width)? {
        return Ok(None);
    }
    let distance = price.sub(reference)?.magnitude()?;
    Ok(Some(Breach {
        distance_ppm: distance.0.mul_div_floor(&PPM, &reference.0)?,
        band_ppm: width.0,
    }))
}

/// The band at the volatility of now, rounded down; as it is while there is none.
pub fn width<T: Config>(band: &Band, feed: FeedId) -> Res<Ppm<i128>> {
    let usual = Ppm(i128::from(band.band_ppm));
    match T::Feeds::volatility_ppm(feed, band.horizon_ms) {
        Some(volatility) => scaled_band(
            &usual,
            &Ppm(i128::from(volatility)),
            &Ppm(i128::from(band.usual_ppm)),
            &Ppm(i128::from(band.narrowest_ppm)),
            &Ppm(i128::from(band.widest_ppm)),
        ),
        None => Ok(usual),
    }
}

/// Whether a price is within the contract's band around the mark. The band is rounded down.
pub fn is_near_mark(mark: &LotPrice, band_ppm: u32, price: &LotPrice) -> bool {
    let band = mark::band(mark, &Ppm(i128::from(band_ppm)));
    band.is_ok_and(|(low, high)| low.is_le(price) && price.is_le(&high))
}

/// A price was accepted although it left bands: the horizons whose band it left begin anew from it, so that the calls after it
/// are measured by it and not by what was before.
pub fn accept<T: Config>(
    watch: &mut Watch,
    feed: FeedId,
    terms: &Terms,
    price: &LotPrice,
    now: Moment,
) {
    let Ok(value) = u64::try_from(price.0) else {
        return;
    };
    for (band, ring) in terms.bands.iter().zip(watch.marks.iter_mut()) {
        let Some(reference) = ring.oldest(now, band.horizon_ms) else {
            continue;
        };
        let reference = LotPrice(i128::from(reference));
        if !matches!(leaves::<T>(&reference, price, band, feed), Ok(None)) {
            ring.restart(now, value);
        }
    }
}

/// Remembers the mark in each horizon in which a sample is due. Says whether any was.
pub fn sample(watch: &mut Watch, terms: &Terms, mark: &LotPrice, now: Moment) -> bool {
    // A mark is positive and below 2^60; what isn't is no reference.
    let Some(value) = u64::try_from(mark.0).ok().filter(|value| *value > 0) else {
        return false;
    };
    let mut any = false;
    for (band, ring) in terms.bands.iter().zip(watch.marks.iter_mut()) {
        if ring.is_due(now, band.horizon_ms) {
            ring.push(now, value, band.horizon_ms);
            any = true;
        }
    }
    any
}

/// What the health of the index demands, and since when it has not been live.
pub fn health(prices: &MarketPrices, watch: &mut Watch, terms: &Terms, now: Moment) -> Raise {
    if prices.status == FeedStatus::Live {
        watch.untrusted_since = None;
        return Raise::clear(Cause::OracleHealth);
    }
    let since = *watch.untrusted_since.get_or_insert(now);
    let age_ms = now.saturating_sub(since);
    let level = match prices.status {
        FeedStatus::Live => Level::Open,
        FeedStatus::Guarded | FeedStatus::Uncertain => Level::LongCalls,
        FeedStatus::Stale if age_ms < terms.stale_patience_ms => Level::ReduceOnly,
        FeedStatus::Stale | FeedStatus::Down => Level::CancelOnly,
    };
    Raise::new(
        Cause::OracleHealth,
        level,
        age_ms.into(),
        terms.stale_patience_ms.into(),
    )
}
