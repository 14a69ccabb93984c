//! Open interest that grows faster than what stands behind it. SPEC 4.5.

use caisson_primitives::{
    trading::{Cash, CompartmentFunds, CompartmentId, Level, Lots, MarketPrices, Ppm},
    Moment,
};
use caisson_risk::{limits::PPM, Res};

use crate::{
    machine::{Cause, Raise},
    pallet::Config,
    terms::Terms,
    types::Watch,
};

/// What the growth of open interest demands. The fund is read only if it grew too much, so a quiet market costs no read.
pub fn demand<T: Config>(
    watch: &Watch,
    compartment: CompartmentId,
    prices: &MarketPrices,
    terms: &Terms,
    now: Moment,
) -> Raise {
    let clear = Raise::clear(Cause::OpenInterest);
    let window = terms.interest.window_ms;
    let Some(lowest) = watch.interest.lowest(now, window) else {
        return clear;
    };
    if !has_surged(prices.open_interest, lowest, terms.interest.rise_ppm) {
        return clear;
    }
    // In the ranges of prices and sizes this can't fail; if it did, nothing would be added.
    let Ok((notional, limit)) = exposure::<T>(compartment, prices, terms) else {
        return Raise::new(Cause::OpenInterest, Level::ReduceOnly, 0, 0);
    };
    if notional.is_le(&limit) {
        return clear;
    }
    Raise::new(Cause::OpenInterest, Level::ReduceOnly, notional.0, limit.0)
}

/// Whether `lots > lowest * (1 + rise)`. Exact.
fn has_surged(lots: u64, lowest: u64, rise_ppm: u32) -> bool {
    let whole = PPM.saturating_add(rise_ppm.into());
    i128::from(lots).saturating_mul(PPM) > i128::from(lowest).saturating_mul(whole)
}

/// The value of open interest at mark, and what it may be: a multiple of the fund, rounded down, and at least the floor.
fn exposure<T: Config>(
    compartment: CompartmentId,
    prices: &MarketPrices,
    terms: &Terms,
) -> Res<(Cash, Cash)> {
    let notional = prices.mark.times(&Lots(i128::from(prices.open_interest)))?;
    let pots = T::Funds::pots(compartment);
    let fund = pots.insurance.add(&pots.backers)?.positive_part();
    let multiple = fund.ratio_floor(&Ppm(i128::from(terms.interest.fund_ppm)))?;
    Ok((notional, multiple.larger(&terms.interest.floor)))
}

/// Remembers the open interest if a sample is due. Says whether it was.
pub fn sample(watch: &mut Watch, terms: &Terms, lots: u64, now: Moment) -> bool {
    let window = terms.interest.window_ms;
    let is_due = watch.interest.is_due(now, window);
    if is_due {
        watch.interest.push(now, lots, window);
    }
    is_due
}
