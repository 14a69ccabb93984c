//! The fund sells what it took over, in slices. SPEC 6.6.
//!
//! A slice is a share of what others show near the mark, so the fund takes prices and makes none.

use caisson_primitives::{
    oracle::Act,
    trading::{ForcedOrders, LotPrice, Ppm, Side, Ticks},
};
use caisson_risk::{mark, Num, Res};
use sp_runtime::DispatchResult;

use crate::{
    fund::Desk,
    pallet::{Config, CurrentTerms, Error, Event, Pallet},
    types::Terms,
};

/// The most orders that are looked at for the visible depth.
pub const DEPTH_ORDERS: u32 = 20;

/// Enters a slice of the inventory into this block's call, if there is a bid (or an offer) worth it.
pub fn run<T: Config>(desk: &Desk<T>) -> DispatchResult {
    let Some(side) = desk.side() else {
        return Ok(());
    };
    // The fund is in no hurry: it waits for a price that can be trusted.
    if !desk.prices.status.allows(Act::OpenRisk) {
        return Ok(());
    }
    let terms = CurrentTerms::<T>::get();
    let limit = limit(desk, side, &terms).map_err(Error::<T>::from)?;
    let Some(ticks) = ticks(side, &limit, desk.contract.tick) else {
        return Ok(());
    };
    // Who buys what the fund sells: the bids of a long inventory.
    let depth = T::Orders::depth(desk.market, side, ticks, DEPTH_ORDERS);
    let lots = slice(desk, depth, &terms).map_err(Error::<T>::from)?;
    if lots == 0 {
        return Ok(());
    }
    let entered = T::Orders::force(desk.work.account, desk.market, side.opposite(), lots, limit);
    match entered {
        Ok(()) => Pallet::<T>::deposit_event(Event::Unwinding {
            market: desk.market,
            side: side.opposite(),
            lots,
            limit,
            inventory: desk.size(),
        }),
        Err(error) => log::debug!(
            target: crate::LOG_TARGET,
            "the fund of market {} sells nothing: {error:?}", desk.market
        ),
    }
    Ok(())
}

/// The worst price at which the fund sells.
fn limit<T: Config>(desk: &Desk<T>, side: Side, terms: &Terms) -> Res<LotPrice> {
    let band = terms.unwind_band_ppm.min(desk.contract.band_ppm);
    let (low, high) = mark::band(&desk.prices.mark, &Ppm(i128::from(band)))?;
    Ok(match side {
        Side::Long => low,
        Side::Short => high,
    })
}

/// The limit in ticks, never worse than it.
fn ticks(side: Side, limit: &LotPrice, tick: u64) -> Option<Ticks> {
    let tick = i128::from(tick);
    let ticks = match side {
        Side::Long => Num::div_ceil(&limit.0, &tick),
        Side::Short => Num::div_floor(&limit.0, &tick),
    };
    Ticks::try_from(ticks.ok()?).ok()
}

fn slice<T: Config>(desk: &Desk<T>, depth: u64, terms: &Terms) -> Res<u64> {
    let share = caisson_risk::Lots(i128::from(depth))
        .ratio_floor(&Ppm(i128::from(terms.unwind_depth_ppm)))?;
    let by_notional = Num::div_floor(&terms.unwind_at_most.0, &desk.prices.mark.0)?;
    let lots = share.0.min(by_notional).min(i128::from(desk.size())).max(0);
    Ok(u64::try_from(lots).unwrap_or_default())
}
