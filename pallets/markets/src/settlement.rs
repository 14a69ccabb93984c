//! How a market ends: the average of its index, and the price at which positions are closed. SPEC 8.
//!
//! In the settlement window the index is what the average will be if the oracle's price stands still. So the mark
//! goes over into the settlement price, and nobody's equity jumps when the market ends.

use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{LotPrice, MarketId, MarketPrices, Phase},
    Moment,
};
use caisson_risk::{twap::Checkpoint, Res};
use frame_support::{defensive, ensure, pallet_prelude::DispatchResult};

use crate::{
    block::{last_prices, Visit},
    feeds_in_use, margins,
    pallet::{
        Config, Contracts, Error, Event, Live, Pallet, Parameters, Prices, SettlementPrices,
        Settling, Traces,
    },
    types::{SettlementSource, SettlementWindow, MAX_ELAPSED_MS, PPM},
};

impl SettlementWindow {
    /// A window that begins now, at this index.
    fn starting(now: Moment, index: LotPrice) -> Self {
        let start = Checkpoint {
            at_ms: now.into(),
            accumulated: 0,
        };
        Self {
            start,
            sum: start,
            last: index,
            fresh_ms: 0,
        }
    }

    /// The window after the last index held until a moment; a moment that has passed changes nothing.
    fn held_until(self, until: Moment, is_fresh: bool) -> Res<Self> {
        let until = i128::from(until);
        if until <= self.sum.at_ms {
            return Ok(self);
        }
        let held = until.saturating_sub(self.sum.at_ms);
        // A chain that stood still didn't see the index.
        let seen = match is_fresh {
            true => held.min(MAX_ELAPSED_MS.into()),
            false => 0,
        };
        Ok(Self {
            sum: self.sum.advance(&self.last.0, &until)?,
            fresh_ms: self.fresh_ms.saturating_add(seen),
            ..self
        })
    }

    /// The average if the last index holds until a moment, rounded down.
    pub fn average_at(&self, until: Moment) -> Res<LotPrice> {
        let until = i128::from(until).max(self.sum.at_ms);
        if until <= self.start.at_ms {
            return Ok(self.last);
        }
        let end = self.sum.advance(&self.last.0, &until)?;
        end.average_since(&self.start).map(LotPrice)
    }

    /// Whether the index was seen for at least half of a window's length.
    fn is_covered(&self, length: Moment) -> bool {
        self.fresh_ms.saturating_mul(2) >= i128::from(length)
    }
}

/// What the index of a block means for the end of a market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The window, if it has begun.
    pub window: Option<SettlementWindow>,
    /// The settlement price, if it is known.
    pub price: Option<(LotPrice, SettlementSource)>,
}

/// Takes the index of this block, or that there is no fresh one, into the window. SPEC 8.2, 8.3.
pub fn look_ahead(visit: &Visit, index: Option<LotPrice>) -> Res<Outlook> {
    let Some(ends_at) = visit.trace.ends_at else {
        return Ok(Outlook::default());
    };
    let now = visit.now;
    let length = Moment::from(visit.parameters.settlement_window_ms);
    let was_fresh = visit.trace.freeze.is_none();
    let begun = visit.trace.window.or_else(|| {
        let has_begun = now >= ends_at.saturating_sub(length);
        let index = index.filter(|_| has_begun)?;
        Some(SettlementWindow::starting(now, index))
    });
    let Some(window) = begun else {
        return Ok(Outlook {
            window: None,
            price: last_mark(visit, ends_at),
        });
    };
    let until_end = window.held_until(now.min(ends_at), was_fresh)?;
    if now >= ends_at && until_end.is_covered(length) {
        return settled_at(until_end, SettlementSource::Average);
    }
    let mut window = until_end.held_until(now, was_fresh)?;
    window.last = index.unwrap_or(window.last);
    if now >= ends_at && window.is_covered(length) {
        return settled_at(window, SettlementSource::LateAverage);
    }
    if is_overdue(visit, ends_at) {
        return settled_at(window, SettlementSource::OverdueAverage);
    }
    Ok(Outlook {
        window: Some(window),
        price: None,
    })
}

fn settled_at(window: SettlementWindow, source: SettlementSource) -> Res<Outlook> {
    Ok(Outlook {
        window: Some(window),
        price: Some((window.average_at(0)?, source)),
    })
}

fn is_overdue(visit: &Visit, ends_at: Moment) -> bool {
    let patience = Moment::from(visit.parameters.settlement_patience_ms);
    visit.now >= ends_at.saturating_add(patience)
}

/// Without any index in all that time the last mark is the settlement price, and zero if there never was one: then
/// there is no position either.
fn last_mark(visit: &Visit, ends_at: Moment) -> Option<(LotPrice, SettlementSource)> {
    let mark = visit.prices.as_ref().map(|prices| prices.mark);
    let price = (mark.unwrap_or_default(), SettlementSource::LastMark);
    is_overdue(visit, ends_at).then_some(price)
}

/// Makes a settlement price final: positions can be closed from now on. SPEC 8.4.
pub fn settle<T: Config>(visit: &mut Visit, price: LotPrice, source: SettlementSource) {
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
    visit.trace.at = visit.now;
    visit.trace.rate_ppb = 0;
    visit.trace.freeze = None;
    visit.trace.is_final = true;
    SettlementPrices::<T>::insert(visit.market, price);
    Pallet::<T>::deposit_event(Event::SettlementPriced {
        market: visit.market,
        price,
        source,
    });
}

/// Ends a market now, at the mark that it has: for a market whose losses nobody can cover, which must not wait for an
/// average. The index is not asked, so this works on a dead feed too. SPEC 8.6.
pub fn end_at_mark<T: Config>(market: MarketId) -> DispatchResult {
    let phase = Contracts::<T>::get(market)
        .ok_or(Error::<T>::NoSuchMarket)?
        .phase;
    ensure!(phase < Phase::Settling, Error::<T>::MarketHasEnded);
    ensure!(phase.takes_orders(), Error::<T>::MarketDoesNotTrade);
    let now = T::Time::now_ms();
    let mut visit = Visit::load::<T>(market, now).ok_or(Error::<T>::NoSuchMarket)?;
    visit.prices = last_prices::<T>(&visit, FeedStatus::Live);
    let mark = visit
        .prices
        .as_ref()
        .map_or(LotPrice::ZERO, |prices| prices.mark);
    visit.enter(Phase::Settling);
    Pallet::<T>::deposit_event(Event::TradingEnded { market });
    // The end that was planned, and what was averaged toward it, are void.
    visit.trace.ends_at = Some(now);
    visit.trace.window = None;
    settle::<T>(&mut visit, mark, SettlementSource::EndedAtMark);
    ensure!(visit.trace.is_final, Error::<T>::CorruptedSettlement);
    visit.store::<T>();
    Ok(())
}

/// Everything is worth the settlement price from now on, so closing a position changes nobody's equity.
fn final_prices(visit: &Visit, price: LotPrice) -> Res<Option<MarketPrices>> {
    let Some(prices) = visit.prices.as_ref() else {
        return Ok(None);
    };
    let margins = margins::per_lot(
        &price,
        &visit.trace.maintenance,
        &visit.parameters,
        prices.open_interest,
        // Nobody opens anything any more.
        PPM,
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
