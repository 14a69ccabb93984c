//! The calls: who may change what, and one event for each act. SPEC 5.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, MarketId, OrderRef, OrderRequest, Ticks, TradingAccounts,
};
use frame_support::{dispatch::PostDispatchInfo, ensure, traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult, DispatchResultWithInfo};

use crate::{
    cancelling, deadlines,
    desk::{AccountOf, Desk},
    pallet::{Config, Error, Event, Pallet},
    placement::{self, Purse, Venue},
    refusals::EntryResults,
    types::{CancelReason, Numbers, Quote},
    weights::{self, WeightInfo},
};

/// The account of that number, if it is the caller's. SPEC 5.1.
pub fn owned<T: Config>(who: &T::AccountId, index: AccountIndex) -> Result<AccountOf<T>, Error<T>> {
    let account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
    ensure!(account.owner == *who, Error::<T>::NotOwner);
    Ok(account)
}

/// The caller's account and the market it wants to trade.
fn enter<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
) -> Result<(Desk<T>, Venue), Error<T>> {
    let account = owned::<T>(who, index)?;
    let venue = Venue::open::<T>(market)?;
    ensure!(
        venue.contract.compartment == account.compartment,
        Error::<T>::WrongCompartment
    );
    Ok((Desk::open(index, account, market), venue))
}

/// Places one order.
pub fn place<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    request: &OrderRequest,
) -> DispatchResultWithInfo<PostDispatchInfo> {
    let (mut desk, venue) = enter::<T>(who, index, market)?;
    let markets = desk.markets();
    let number = placement::place(&mut desk, &venue, &mut Purse::default(), request)
        .map_err(Error::<T>::from)?;
    let limit = match request.trigger {
        None => placement::limit(&venue, request.side, &request.kind).ok(),
        Some(_) => None,
    };
    let weight = weights::placing::<T>(request, markets);
    // Most orders that rest are not the best of their side, and leave the book in short as it is.
    let unused = match request.trigger {
        None if !desk.moves_book() => T::DbWeight::get().writes(1),
        _ => Weight::zero(),
    };
    desk.save()?;
    Pallet::<T>::deposit_event(Event::Placed {
        account: index,
        market,
        number,
        client_id: request.client_id,
        side: request.side,
        lots: request.lots,
        limit,
        trigger: request.trigger,
    });
    Ok(used(weight.saturating_sub(unused)))
}

/// Places several orders; each is taken or refused by itself.
pub fn place_batch<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    requests: &[OrderRequest],
) -> DispatchResultWithInfo<PostDispatchInfo> {
    let (mut desk, venue) = enter::<T>(who, index, market)?;
    let markets = desk.markets();
    let mut purse = Purse::default();
    let results: Vec<_> = requests
        .iter()
        .map(|request| placement::place(&mut desk, &venue, &mut purse, request))
        .collect();
    desk.save()?;
    let weight = weights::placed_all::<T>(requests, &results, markets);
    Pallet::<T>::deposit_event(Event::BatchPlaced {
        account: index,
        market,
        results: EntryResults::truncate_from(results),
    });
    Ok(used(weight))
}

/// Amends one order, or changes nothing.
pub fn amend<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    order: &OrderRef,
    price: Ticks,
    lots: u64,
) -> DispatchResultWithInfo<PostDispatchInfo> {
    let (mut desk, venue) = enter::<T>(who, index, market)?;
    let markets = desk.markets();
    let (number, kept_place) =
        cancelling::amend(&mut desk, &venue, order, price, lots).map_err(Error::<T>::from)?;
    desk.save()?;
    Pallet::<T>::deposit_event(Event::Amended {
        account: index,
        market,
        number,
        price,
        lots,
        kept_place,
    });
    Ok(used(T::WeightInfo::amend(markets)))
}

/// A desk for cancelling: the market may be in any phase.
fn desk<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
) -> Result<Desk<T>, Error<T>> {
    Ok(Desk::open(index, owned::<T>(who, index)?, market))
}

/// Cancels one order.
pub fn cancel<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    order: &OrderRef,
) -> DispatchResult {
    let mut desk = desk::<T>(who, index, market)?;
    let number = cancelling::cancel(&mut desk, order).map_err(Error::<T>::from)?;
    desk.save()?;
    Pallet::<T>::deposit_event(Event::Cancelled {
        account: index,
        market,
        number,
        reason: CancelReason::Owner,
    });
    Ok(())
}

/// Cancels several orders; those that aren't there are reported.
pub fn cancel_batch<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    orders: &[OrderRef],
) -> DispatchResult {
    let mut desk = desk::<T>(who, index, market)?;
    let results: Vec<_> = orders
        .iter()
        .map(|order| cancelling::cancel(&mut desk, order))
        .collect();
    desk.save()?;
    Pallet::<T>::deposit_event(Event::BatchCancelled {
        account: index,
        market,
        results: EntryResults::truncate_from(results),
    });
    Ok(())
}

/// Cancels all orders of an account, in one market or in all.
pub fn cancel_all<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: Option<MarketId>,
) -> DispatchResultWithInfo<PostDispatchInfo> {
    let account = owned::<T>(who, index)?;
    let (markets, cancelled) = match market {
        Some(market) => {
            let (account, cancelled) =
                cancelling::clear_market::<T>(index, account, market, CancelReason::Owner)?;
            if cancelled > 0 {
                T::Accounts::store(index, &account);
            }
            (1, cancelled)
        }
        None => cancelling::clear_account::<T>(index, account, CancelReason::Owner)?,
    };
    Ok(used(T::WeightInfo::cancel_all(markets, cancelled)))
}

/// Replaces a ladder.
pub fn replace_all<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    market: MarketId,
    quotes: &[Quote],
) -> DispatchResultWithInfo<PostDispatchInfo> {
    let (mut desk, venue) = enter::<T>(who, index, market)?;
    let markets = desk.markets();
    let first = desk.account.next_order;
    let (cancelled, results) = cancelling::replace_all(&mut desk, &venue, quotes);
    let placed = desk.account.next_order.saturating_sub(first);
    let refused = results.iter().filter(|result| result.is_err()).count();
    let judged = placed.saturating_add(u32::try_from(refused).unwrap_or(u32::MAX));
    desk.save()?;
    let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
    let gone = count(cancelled.len());
    let kept = count(quotes.len()).saturating_sub(judged);
    Pallet::<T>::deposit_event(Event::Replaced {
        account: index,
        market,
        cancelled: Numbers::truncate_from(cancelled),
        results,
    });
    Ok(used(T::WeightInfo::replace_all(
        gone, kept, judged, markets,
    )))
}

/// Sets or clears the time at which all orders are cancelled.
pub fn schedule_cancel<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    at: Option<caisson_primitives::Moment>,
) -> Result<(), DispatchError> {
    deadlines::schedule::<T>(index, owned::<T>(who, index)?, at)
}

fn used(weight: Weight) -> PostDispatchInfo {
    Some(weight).into()
}
