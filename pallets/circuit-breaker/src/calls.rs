//! What the exchange asks about a call, and what markets ask about margin. SPEC 2, 4.1, 4.4.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        CallDecision, CallFlow, CallGuard, Contract, Level, LotPrice, MarginStress, MarketId,
        Markets, Scope,
    },
    BlockNumber, Moment,
};

use crate::{
    flow, levels,
    machine::Cause,
    pallet::{Config, Event, Flows, Levels, Pallet, Watches},
    prices,
    terms::Terms,
    trips,
    types::{Extension, Watch},
};

/// No stress, in parts per million.
const UNSTRESSED_PPM: u32 = 1_000_000;

impl<T: Config> CallGuard for Pallet<T> {
    /// One read; one more while a compartment is restricted.
    fn level(market: MarketId) -> Level {
        levels::of_market::<T>(market).level
    }

    /// As [`level`](CallGuard::level), and one read of the terms if it isn't open.
    fn earliest_end(market: MarketId, since: BlockNumber) -> BlockNumber {
        let effective = levels::of_market::<T>(market);
        match effective.level {
            Level::Open => since,
            Level::LongCalls | Level::ReduceOnly | Level::CancelOnly => since
                .saturating_add(Self::terms().long_call_blocks)
                .max(effective.hold),
            Level::Halted => BlockNumber::MAX,
        }
    }

    /// Four reads. If the price leaves a horizon's band: three more, and three writes.
    fn admit(market: MarketId, price: LotPrice, _lots: u64) -> CallDecision {
        let terms = Self::terms();
        let extend = CallDecision::Extend(terms.extension_blocks);
        let (Some(contract), Some(now_prices)) =
            (T::Markets::contract(market), T::Markets::prices(market))
        else {
            return extend;
        };
        if !prices::is_near_mark(&now_prices.mark, contract.band_ppm, &price) {
            return extend;
        }
        admit_past::<T>(market, &contract, &price, &terms)
    }

    /// Three reads and one write; one more of each after an extension, three and two if it trips.
    fn cleared(market: MarketId, call: &CallFlow) {
        let mut watch = Watches::<T>::get(market);
        if watch.extension.take().is_some() {
            Watches::<T>::insert(market, watch);
        }
        if call.lots == 0 || T::Markets::prices(market).is_none() {
            return;
        }
        let terms = Self::terms();
        match flow::judge(&Flows::<T>::get(market), call, &terms.flow) {
            Ok((after, demand)) => {
                Flows::<T>::insert(market, after);
                trips::raise::<T>(Scope::Market(market), &demand);
            }
            Err(error) => {
                log::error!(target: crate::LOG_TARGET, "market {market}: flow {call:?}: {error}");
            }
        }
    }
}

/// SPEC 4.1: the price against the marks of the past.
fn admit_past<T: Config>(
    market: MarketId,
    contract: &Contract,
    price: &LotPrice,
    terms: &Terms,
) -> CallDecision {
    let now = T::Time::now_ms();
    let mut watch = Watches::<T>::get(market);
    let Some(breach) = prices::breach::<T>(&watch, contract.feed, terms, price, now) else {
        return CallDecision::Commit;
    };
    trips::raise::<T>(Scope::Market(market), &breach.raise());
    let since = extended_since::<T>(&watch, terms, now);
    if now.saturating_sub(since) >= terms.max_extension_ms {
        prices::accept::<T>(&mut watch, contract.feed, terms, price, now);
        Watches::<T>::insert(market, watch);
        Pallet::<T>::deposit_event(Event::LetThrough {
            market,
            price: *price,
            since,
        });
        return CallDecision::Commit;
    }
    watch.extension = Some(Extension { since, last: now });
    Watches::<T>::insert(market, watch);
    CallDecision::Extend(terms.extension_blocks)
}

/// Since when the call that goes on is extended. One that was not extended for several extensions' time is another call: its
/// orders went away in between.
fn extended_since<T: Config>(watch: &Watch, terms: &Terms, now: Moment) -> Moment {
    const EXTENSIONS: Moment = 4;
    let patience = Moment::from(terms.extension_blocks)
        .saturating_mul(T::Time::slot_millis())
        .saturating_mul(EXTENSIONS);
    watch
        .extension
        .filter(|extension| extension.last.saturating_add(patience) >= now)
        .map_or(now, |extension| extension.since)
}

impl<T: Config> MarginStress for Pallet<T> {
    /// One read; two more if the market is restricted.
    fn initial_margin_ppm(market: MarketId) -> u32 {
        let scope = Scope::Market(market);
        let is_restricted = Levels::<T>::get().iter().any(|one| one.scope == scope);
        if !is_restricted || trips::load::<T>(scope).trip(Cause::OrderFlow).is_none() {
            return UNSTRESSED_PPM;
        }
        Self::terms().flow.initial_margin_ppm.max(UNSTRESSED_PPM)
    }
}
