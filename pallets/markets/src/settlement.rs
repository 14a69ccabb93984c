//! How a market ends: the price at which positions are closed. SPEC 8.

use caisson_primitives::{
    oracle::{FeedStatus, PriceFeeds},
    trading::{LotPrice, MarketId, MarketPrices, Phase},
    Moment,
};
use caisson_risk::Res;
use frame_support::defensive;

use crate::{
    block::Visit,
    feeds_in_use, index, margins,
    pallet::{
        Config, Contracts, Event, Live, Pallet, Parameters, Prices, SettlementPrices, Settling,
        Traces,
    },
    types::SettlementSource,
};

/// Finds the settlement price of a market whose trading has ended, if it can be known yet, and makes it final.
///
/// Cost: one average of the oracle.
pub fn try_settle<T: Config>(visit: &mut Visit) {
    let Some((price, source)) = settlement_price::<T>(visit) else {
        return;
    };
    match final_prices(visit, price) {
        Ok(prices) => visit.prices = prices,
        Err(_) => {
            // The price is in range, so margins are too; the next block tries again.
            defensive!("markets: settlement price out of range");
            return;
        }
    }
    if Settling::<T>::try_append((visit.market, price)).is_err() {
        defensive!("markets: more markets settle than there can be");
        return;
    }
    if visit.trace.is_priced() {
        visit.trace.stable = price;
    }
    visit.trace.freeze = None;
    visit.trace.rate_ppb = 0;
    visit.trace.is_final = true;
    SettlementPrices::<T>::insert(visit.market, price);
    Pallet::<T>::deposit_event(Event::SettlementPriced {
        market: visit.market,
        price,
        source,
    });
}

/// The average of the index over the window; on a fresh index at once, else when patience ends, when the last mark
/// takes its place if there is none. SPEC 8.3.
fn settlement_price<T: Config>(visit: &Visit) -> Option<(LotPrice, SettlementSource)> {
    let ended_at = visit.trace.ends_at.unwrap_or(visit.now);
    let patience = Moment::from(visit.parameters.settlement_patience_ms);
    let is_overdue = visit.now.saturating_sub(ended_at) >= patience;
    let is_fresh = visit.trace.freeze.is_none();
    let window = Moment::from(visit.parameters.settlement_window_ms);
    let average = T::Feeds::twap(visit.contract.feed, window)
        .and_then(|price| index::lot_price(price, visit.contract.lot_size));
    match average {
        Some(price) if is_fresh => Some((price, SettlementSource::Average)),
        Some(price) if is_overdue => Some((price, SettlementSource::OverdueAverage)),
        None if is_overdue => {
            let mark = visit.prices.as_ref().map(|prices| prices.mark);
            Some((mark.unwrap_or_default(), SettlementSource::LastMark))
        }
        _ => None,
    }
}

/// Everything is worth the settlement price from now on, so closing a position changes nobody's equity. SPEC 8.4.
fn final_prices(visit: &Visit, price: LotPrice) -> Res<Option<MarketPrices>> {
    let Some(prices) = visit.prices.as_ref() else {
        return Ok(None);
    };
    let margins = margins::per_lot(
        &price,
        &visit.trace.maintenance,
        &visit.parameters,
        prices.open_interest,
    )?;
    Ok(Some(MarketPrices {
        at: visit.now,
        index: price,
        mark: price,
        stable: price,
        funding: prices.funding,
        maintenance: margins.maintenance,
        initial: margins.initial,
        fee_reserve: margins::fee_reserve(&price, &visit.contract)?,
        open_interest: prices.open_interest,
        status: FeedStatus::Live,
    }))
}

/// Nothing is left of a market: what remains is its contract, its name and its settlement price. SPEC 8.5.
pub fn settled<T: Config>(market: MarketId) {
    let is_final = Traces::<T>::get(market).is_some_and(|trace| trace.is_final);
    let Some(mut contract) = Contracts::<T>::get(market).filter(|_| is_final) else {
        defensive!("markets: a market is settled that has no settlement price");
        return;
    };
    feeds_in_use::release::<T>(contract.feed);
    contract.phase = Phase::Settled;
    Contracts::<T>::insert(market, contract);
    Parameters::<T>::remove(market);
    Prices::<T>::remove(market);
    Traces::<T>::remove(market);
    Live::<T>::mutate(|live| live.retain(|one| *one != market));
    Settling::<T>::mutate(|settling| settling.retain(|(one, _)| *one != market));
    Pallet::<T>::deposit_event(Event::MarketSettled { market });
}
