//! The markets' part of `on_initialize`: one look at each live market. SPEC 4.
//!
//! A market that fails keeps its prices, says so in their status, and doesn't disturb the others.

use alloc::collections::BTreeMap;
use caisson_primitives::{
    oracle::{Act, BlockTime, FeedId, FeedStatus, Price, PriceFeeds},
    trading::{
        CallSource, Contract, LotPrice, MarginStress, MarketId, MarketPrices, OpenInterestSource,
        Phase,
    },
    Moment,
};
use frame_support::{defensive, weights::Weight};

use crate::{
    index,
    pallet::{Config, Contracts, Event, Live, Pallet, Parameters, Prices, Traces},
    pricing::{self, Inputs},
    settlement,
    types::{Freeze, RiskParameters, SettlementSource, Trace},
    weights::WeightInfo,
};

/// What was asked of the oracle in this block: many markets share a feed, and each answer decodes all feeds.
struct Answers<T> {
    prices: BTreeMap<FeedId, Option<Price>>,
    volatilities: BTreeMap<(FeedId, u32), u32>,
    _config: core::marker::PhantomData<T>,
}

impl<T: Config> Answers<T> {
    fn new() -> Self {
        Self {
            prices: BTreeMap::new(),
            volatilities: BTreeMap::new(),
            _config: core::marker::PhantomData,
        }
    }

    /// The last price of a feed, if it ever had one.
    fn price(&mut self, feed: FeedId) -> Option<Price> {
        let ask = || T::Feeds::price_for(feed, Act::ReduceRisk).ok();
        *self.prices.entry(feed).or_insert_with(ask)
    }

    /// Its volatility; zero, so that the floor counts, before two prices.
    fn volatility_ppm(&mut self, feed: FeedId, horizon_ms: u32) -> u32 {
        let ask = || T::Feeds::volatility_ppm(feed, horizon_ms.into()).unwrap_or_default();
        *self
            .volatilities
            .entry((feed, horizon_ms))
            .or_insert_with(ask)
    }
}

/// A live market while it is looked at.
pub struct Visit {
    /// Which.
    pub market: MarketId,
    /// The time of the block.
    pub now: Moment,
    /// What it is.
    pub contract: Contract,
    /// How its prices are computed.
    pub parameters: RiskParameters,
    /// What the last block left, then what the next has to know.
    pub trace: Trace,
    /// Its prices, once there are any.
    pub prices: Option<MarketPrices>,
    contract_changed: bool,
}

impl Visit {
    /// A live market as it is stored, without its prices; nothing if a part of it is missing.
    pub fn load<T: Config>(market: MarketId, now: Moment) -> Option<Self> {
        Some(Self {
            market,
            now,
            contract: Contracts::<T>::get(market)?,
            parameters: Parameters::<T>::get(market)?,
            trace: Traces::<T>::get(market)?,
            prices: None,
            contract_changed: false,
        })
    }

    /// Stores what the visit changed.
    pub fn store<T: Config>(self) {
        let market = self.market;
        if self.contract_changed {
            Contracts::<T>::insert(market, self.contract);
        }
        if let Some(prices) = self.prices {
            Prices::<T>::insert(market, prices);
        }
        Traces::<T>::insert(market, self.trace);
    }

    /// Moves the market on in its life.
    pub fn enter(&mut self, phase: Phase) {
        self.contract.phase = phase;
        self.contract_changed = true;
    }
}

/// Brings every live market up to date; returns what it cost.
pub fn begin<T: Config>() -> Weight {
    let live = Live::<T>::get();
    let now = T::Time::now_ms();
    let mut answers = Answers::<T>::new();
    let mut changed = 0u32;
    for market in &live {
        if visit(*market, now, &mut answers) {
            changed = changed.saturating_add(1);
        }
    }
    let live = u32::try_from(live.len()).unwrap_or(u32::MAX);
    T::WeightInfo::on_initialize(live.saturating_sub(changed), changed)
}

/// One market; says whether it entered another phase or got its settlement price.
fn visit<T: Config>(market: MarketId, now: Moment, answers: &mut Answers<T>) -> bool {
    let Some(mut visit) = Visit::load::<T>(market, now) else {
        defensive!("markets: a live market is incomplete");
        return false;
    };
    let was_final = visit.trace.is_final;
    if was_final {
        keep::<T>(&mut visit, FeedStatus::Live);
    } else {
        end_in_time::<T>(&mut visit);
        price_or_settle::<T>(&mut visit, answers);
        start_in_time::<T>(&mut visit);
    }
    let has_changed = visit.contract_changed || visit.trace.is_final != was_final;
    visit.store::<T>();
    has_changed
}

/// Trading ends at its time. SPEC 8.2.
fn end_in_time<T: Config>(visit: &mut Visit) {
    let is_over = visit.trace.ends_at.is_some_and(|at| visit.now >= at);
    if is_over && visit.contract.phase != Phase::Settling {
        visit.enter(Phase::Settling);
        Pallet::<T>::deposit_event(Event::TradingEnded {
            market: visit.market,
        });
    }
}

/// The opening call may clear from its time on, once the index is live. SPEC 2.4.
fn start_in_time<T: Config>(visit: &mut Visit) {
    let is_due = visit.contract.phase == Phase::Opening && visit.now >= visit.trace.opens_at;
    let live = visit
        .prices
        .as_ref()
        .filter(|prices| prices.status == FeedStatus::Live);
    if let (true, Some(prices)) = (is_due, live) {
        let index = prices.index;
        visit.enter(Phase::Trading);
        Pallet::<T>::deposit_event(Event::TradingStarted {
            market: visit.market,
            index,
        });
    }
}

/// The index of a block, and how far it can be trusted.
struct Quote {
    index: LotPrice,
    status: FeedStatus,
}

/// The index, if it is fresh and in range. SPEC 5.1.
fn quote<T: Config>(visit: &Visit, answers: &mut Answers<T>) -> Result<Quote, Freeze> {
    let contract = &visit.contract;
    let Price { price, status, .. } = answers.price(contract.feed).ok_or(Freeze::NoPrice)?;
    match status {
        FeedStatus::Down => return Err(Freeze::NoPrice),
        FeedStatus::Stale => return Err(Freeze::Stale),
        FeedStatus::Guarded | FeedStatus::Uncertain | FeedStatus::Live => {}
    }
    let index = index::lot_price(price, contract.lot_size).ok_or(Freeze::OutOfRange)?;
    Ok(Quote { index, status })
}

/// New prices, or the settlement price once it is known, or the old ones with the reason why they stand still.
/// SPEC 5, 8.
fn price_or_settle<T: Config>(visit: &mut Visit, answers: &mut Answers<T>) {
    let quote = quote(visit, answers);
    if visit.contract.phase == Phase::Settling {
        visit.prices = last_prices::<T>(visit, FeedStatus::Down);
    }
    let index = quote.as_ref().ok().map(|quote| quote.index);
    if let Some((price, source)) = look_ahead::<T>(visit, index) {
        settlement::settle::<T>(visit, price, source);
        return;
    }
    match quote.and_then(|quote| new_prices(visit, answers, quote)) {
        Ok((prices, after)) => {
            if visit.trace.freeze.is_some() {
                Pallet::<T>::deposit_event(Event::MarkThawed {
                    market: visit.market,
                    mark: prices.mark,
                });
            }
            visit.prices = Some(prices);
            visit.trace = after;
        }
        Err(reason) => freeze::<T>(visit, reason),
    }
}

/// The settlement window with this block in it; the settlement price, if it is known.
fn look_ahead<T: Config>(
    visit: &mut Visit,
    index: Option<LotPrice>,
) -> Option<(LotPrice, SettlementSource)> {
    let Ok(outlook) = settlement::look_ahead(visit, index) else {
        // Sums of prices in range over a window fit; the next block tries again.
        defensive!("markets: settlement window out of range");
        return None;
    };
    if let (None, Some(_), Some(ends_at)) =
        (visit.trace.window, outlook.window, visit.trace.ends_at)
    {
        Pallet::<T>::deposit_event(Event::SettlementWindowBegan {
            market: visit.market,
            ends_at,
        });
    }
    visit.trace.window = outlook.window;
    outlook.price
}

/// The prices of this block, if everything is in range.
fn new_prices<T: Config>(
    visit: &Visit,
    answers: &mut Answers<T>,
    quote: Quote,
) -> Result<(MarketPrices, Trace), Freeze> {
    let contract = &visit.contract;
    let index = match (visit.trace.window, visit.trace.ends_at) {
        (Some(window), Some(ends_at)) => {
            window.average_at(ends_at).map_err(|_| Freeze::OutOfRange)?
        }
        _ => quote.index,
    };
    let inputs = Inputs {
        contract,
        parameters: &visit.parameters,
        call: T::Calls::call(visit.market),
        open_interest: T::OpenInterest::open_interest(visit.market),
        stress_ppm: T::Stress::initial_margin_ppm(visit.market),
        index,
        status: quote.status,
        volatility_ppm: answers.volatility_ppm(contract.feed, visit.parameters.horizon_ms),
        now: visit.now,
        before: &visit.trace,
    };
    pricing::compute(&inputs).map_err(|_| Freeze::OutOfRange)
}

/// The mark stands still; the status refuses what needs a price that can be trusted. SPEC 5.6.
fn freeze<T: Config>(visit: &mut Visit, reason: Freeze) {
    let status = match reason {
        Freeze::Stale => FeedStatus::Stale,
        Freeze::NoPrice | Freeze::OutOfRange => FeedStatus::Down,
    };
    keep::<T>(visit, status);
    if visit.trace.freeze != Some(reason) {
        let mark = visit
            .prices
            .as_ref()
            .map_or(LotPrice::ZERO, |prices| prices.mark);
        if reason == Freeze::OutOfRange {
            log::warn!(target: crate::LOG_TARGET, "market {}: index out of range", visit.market);
        }
        Pallet::<T>::deposit_event(Event::MarkFrozen {
            market: visit.market,
            reason,
            mark,
        });
        visit.trace.freeze = Some(reason);
    }
}

/// The market stands still for this block: no funding, and no time that would count later.
fn keep<T: Config>(visit: &mut Visit, status: FeedStatus) {
    visit.trace.at = visit.now;
    visit.trace.rate_ppb = 0;
    visit.prices = last_prices::<T>(visit, status);
}

/// The prices of the last block with the time, the open interest and the status of this one.
pub(crate) fn last_prices<T: Config>(visit: &Visit, status: FeedStatus) -> Option<MarketPrices> {
    Prices::<T>::get(visit.market).map(|before| MarketPrices {
        at: visit.now,
        open_interest: T::OpenInterest::open_interest(visit.market),
        status,
        ..before
    })
}
