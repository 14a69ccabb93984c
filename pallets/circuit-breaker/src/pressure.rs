//! How much was liquidated of a market lately. SPEC 4.6.

use caisson_primitives::{
    trading::{Cash, Level, Lots, MarketId, MarketPrices, Markets, Ppm},
    Moment,
};
use caisson_risk::{breaker::LeakyBucket, Res};

use crate::{
    machine::{Cause, Raise},
    pallet::{Config, Pressures},
    terms::{PressureTerms, Terms},
};

/// A bucket holds at most so many times the second limit, so that it is empty after as many windows, whatever was
/// liquidated.
const MOST_WINDOWS: i128 = 4;

/// The two limits: shares of the value of open interest at the start of the block, rounded down, to the stricter side.
fn limits(prices: &MarketPrices, terms: &PressureTerms) -> Res<(Cash, Cash)> {
    let notional = prices.mark.times(&Lots(i128::from(prices.open_interest)))?;
    let base = notional.larger(&terms.least_notional);
    let first = base.ratio_floor(&Ppm(i128::from(terms.first_ppm)))?;
    let second = base.ratio_floor(&Ppm(i128::from(terms.second_ppm)))?;
    Ok((first, second))
}

/// The bucket after `more` was liquidated now, and what it demands.
pub fn after(
    bucket: &LeakyBucket,
    more: &Cash,
    prices: &MarketPrices,
    terms: &PressureTerms,
    now: Moment,
) -> Res<(LeakyBucket, Raise)> {
    let (first, second) = limits(prices, terms)?;
    let mut bucket = bucket.drained(&now.into(), &second, &terms.window_ms.into())?;
    let most = Cash(caisson_risk::Num::mul(&second.0, &MOST_WINDOWS)?);
    bucket.level = bucket.level.add(more)?.smaller(&most);
    let (level, limit) = if second.is_lt(&bucket.level) {
        (Level::ReduceOnly, second)
    } else if first.is_lt(&bucket.level) {
        (Level::LongCalls, first)
    } else {
        (Level::Open, first)
    };
    let raise = Raise::new(Cause::LiquidationPressure, level, bucket.level.0, limit.0);
    Ok((bucket, raise))
}

/// What was liquidated demands now. What drained since is written down, because one update drains at most one capacity.
pub fn demand<T: Config>(
    market: MarketId,
    prices: &MarketPrices,
    terms: &Terms,
    now: Moment,
) -> Raise {
    let bucket = Pressures::<T>::get(market);
    let Ok((bucket, raise)) = after(&bucket, &Cash::ZERO, prices, &terms.pressure, now) else {
        // It was counted, so it can be drained; if not, the level goes when its cool-down has passed.
        return Raise::clear(Cause::LiquidationPressure);
    };
    if bucket.level.is_positive() {
        Pressures::<T>::insert(market, bucket);
    } else {
        Pressures::<T>::remove(market);
    }
    raise
}

/// Adds what was liquidated. The bucket's demand, or nothing if the market has no prices.
pub fn add<T: Config>(
    market: MarketId,
    notional: &Cash,
    terms: &Terms,
    now: Moment,
) -> Option<Raise> {
    let prices = T::Markets::prices(market)?;
    let bucket = Pressures::<T>::get(market);
    match after(&bucket, notional, &prices, &terms.pressure, now) {
        Ok((bucket, raise)) => {
            Pressures::<T>::insert(market, bucket);
            Some(raise)
        }
        Err(error) => {
            // What can't be counted is a lot.
            log::error!(target: crate::LOG_TARGET, "market {market}: liquidated {notional:?}: {error:?}");
            let raise = Raise::new(Cause::LiquidationPressure, Level::ReduceOnly, notional.0, 0);
            Some(raise)
        }
    }
}
