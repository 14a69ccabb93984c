//! A market's life as far as governance moves it: proposal, opening, end, removal. SPEC 2, 8.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Contract, MarketId, Phase, MAX_MARKET_ID},
    Moment,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use sp_runtime::DispatchError;

use crate::{
    feeds_in_use,
    pallet::{
        Config, Contracts, Error, Event, Live, MarketsBySymbol, NextMarket, Pallet, Parameters,
        SettlementPrices, Symbols, Traces,
    },
    types::{Proposal, Symbol, Trace, MAX_OPENING_BLOCKS},
    validation,
};

/// Lists a market without opening it.
pub fn propose<T: Config>(proposal: Proposal) -> Result<MarketId, DispatchError> {
    validation::check_proposal::<T>(&proposal)?;
    validation::check_compartment::<T>(proposal.compartment)?;
    let symbol = proposal.symbol.clone();
    let market = record::<T>(proposal, Phase::Proposed)?;
    Pallet::<T>::deposit_event(Event::MarketProposed { market, symbol });
    Ok(market)
}

/// Gives a proposal an identifier and stores it. Identifiers are never given twice, so that the history of one
/// market isn't taken for another's.
pub(crate) fn record<T: Config>(
    proposal: Proposal,
    phase: Phase,
) -> Result<MarketId, DispatchError> {
    ensure!(
        Contracts::<T>::count() < T::MaxMarkets::get(),
        Error::<T>::TooManyMarkets
    );
    let market = NextMarket::<T>::get();
    ensure!(market <= MAX_MARKET_ID, Error::<T>::NoIdentifierLeft);
    NextMarket::<T>::put(market.saturating_add(1));
    let contract = proposal.contract(phase);
    feeds_in_use::acquire::<T>(contract.feed);
    Contracts::<T>::insert(market, contract);
    Parameters::<T>::insert(market, proposal.risk);
    MarketsBySymbol::<T>::insert(&proposal.symbol, market);
    Symbols::<T>::insert(market, proposal.symbol);
    Ok(market)
}

/// Makes a market live.
pub(crate) fn make_live<T: Config>(market: MarketId, trace: Trace) -> DispatchResult {
    Live::<T>::try_mutate(|live| {
        let place = live.binary_search(&market).unwrap_or_else(|place| place);
        live.try_insert(place, market)
            .map_err(|_| Error::<T>::TooManyMarkets)
    })?;
    Traces::<T>::insert(market, trace);
    Ok(())
}

fn contract<T: Config>(market: MarketId) -> Result<Contract, Error<T>> {
    Contracts::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)
}

/// Drops a proposal.
pub fn withdraw<T: Config>(market: MarketId) -> DispatchResult {
    let contract = contract::<T>(market)?;
    ensure!(
        contract.phase == Phase::Proposed,
        Error::<T>::MarketIsNotProposed
    );
    feeds_in_use::release::<T>(contract.feed);
    Parameters::<T>::remove(market);
    let symbol = forget::<T>(market);
    Pallet::<T>::deposit_event(Event::ProposalWithdrawn { market, symbol });
    Ok(())
}

/// Drops the record of a settled market.
pub fn remove<T: Config>(market: MarketId) -> DispatchResult {
    ensure!(
        contract::<T>(market)?.phase == Phase::Settled,
        Error::<T>::MarketIsNotSettled
    );
    SettlementPrices::<T>::remove(market);
    let symbol = forget::<T>(market);
    Pallet::<T>::deposit_event(Event::MarketRemoved { market, symbol });
    Ok(())
}

fn forget<T: Config>(market: MarketId) -> Symbol {
    Contracts::<T>::remove(market);
    let symbol = Symbols::<T>::take(market).unwrap_or_default();
    MarketsBySymbol::<T>::remove(&symbol);
    symbol
}

/// Begins the opening call of a proposed market. What depends on the outside is checked again: time has passed.
pub fn open<T: Config>(market: MarketId, opening_blocks: u32) -> DispatchResult {
    let mut contract = contract::<T>(market)?;
    ensure!(
        contract.phase == Phase::Proposed,
        Error::<T>::MarketIsNotProposed
    );
    ensure!(
        (1..=MAX_OPENING_BLOCKS).contains(&opening_blocks),
        Error::<T>::BadOpeningBlocks
    );
    let parameters = Parameters::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    let now = T::Time::now_ms();
    let opening_ms = Moment::from(opening_blocks).saturating_mul(T::Time::slot_millis());
    let opens_at = now.saturating_add(opening_ms);
    validation::check_compartment::<T>(contract.compartment)?;
    validation::check_kind::<T>(contract.kind, &parameters, opens_at)?;
    validation::check_feed::<T>(contract.feed, contract.lot_size, contract.tick)?;
    make_live::<T>(market, Trace::opening(now, opens_at, contract.kind))?;
    contract.phase = Phase::Opening;
    Contracts::<T>::insert(market, contract);
    Pallet::<T>::deposit_event(Event::MarketOpened {
        market,
        trades_from: opens_at,
    });
    Ok(())
}

/// Sets the time at which trading ends, or another one.
pub fn delist<T: Config>(market: MarketId, at: Moment) -> DispatchResult {
    let contract = contract::<T>(market)?;
    ensure!(
        contract.phase.takes_orders(),
        Error::<T>::MarketDoesNotTrade
    );
    let parameters = Parameters::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    let mut trace = Traces::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    ensure!(trace.window.is_none(), Error::<T>::SettlementWindowHasBegun);
    validation::check_end::<T>(contract.kind, &parameters, at)?;
    let before = trace.ends_at.replace(at);
    Traces::<T>::insert(market, trace);
    Pallet::<T>::deposit_event(Event::EndScheduled {
        market,
        before,
        after: at,
    });
    Ok(())
}
