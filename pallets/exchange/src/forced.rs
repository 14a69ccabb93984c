//! Orders that the chain itself enters: to liquidate, and to sell what a fund took over. SPEC 14.

use caisson_primitives::trading::{
    AccountIndex, Contract, ForcedOrders, LotPrice, MarketId, MarketPrices, Permit, Phase, Ppm,
    Side, Ticks, TradingAccounts,
};
use caisson_risk::{mark, Num, Res};
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    desk::Desk,
    keys::BookKey,
    pallet::{Book, Config, Error, Event, Immediates, Pallet},
    placement::{self, Entry, Venue},
    refusals::Refusal,
    summary,
    types::{CancelReason, Flags, Listed},
    weights::WeightInfo,
};

impl<T: Config> ForcedOrders for Pallet<T> {
    fn force(
        account: AccountIndex,
        market: MarketId,
        side: Side,
        lots: u64,
        limit: LotPrice,
    ) -> DispatchResult {
        // Who calls it goes on after an error: nothing may be half done then.
        with_storage_layer(|| force::<T>(account, market, side, lots, &limit))
    }

    fn depth(market: MarketId, side: Side, limit: Ticks, orders: u32) -> u64 {
        let most = usize::try_from(orders).unwrap_or(usize::MAX);
        summary::side_walk::<T>(market, side)
            .take(most)
            .take_while(|key| match side {
                Side::Long => key.ticks >= limit,
                Side::Short => key.ticks <= limit,
            })
            .filter_map(Book::<T>::get)
            .fold(0, |sum: u64, order| sum.saturating_add(order.lots))
    }

    fn force_weight() -> Weight {
        // Its removal is paid from the clearing's budget.
        T::WeightInfo::force()
    }

    fn cancel_weight(orders: u32) -> Weight {
        // At worst each order is in a market of its own.
        T::WeightInfo::cancel_all(orders.min(T::MaxMarkets::get()), orders)
    }
}

fn force<T: Config>(
    index: AccountIndex,
    market: MarketId,
    side: Side,
    lots: u64,
    limit: &LotPrice,
) -> Result<(), DispatchError> {
    let account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
    let venue = Venue::open::<T>(market)?;
    ensure!(
        venue.contract.phase == Phase::Trading,
        Error::<T>::MarketClosed
    );
    ensure!(
        venue.level.permits(Permit::Liquidate) && venue.level.permits(Permit::Reduce),
        Error::<T>::MarketHalted
    );
    ensure!(
        venue.contract.compartment == account.compartment,
        Error::<T>::WrongCompartment
    );
    ensure!(lots > 0, Error::<T>::ZeroLots);
    let lots = lots.min(placement::reducible(account.lots(market), side));
    ensure!(lots > 0, Error::<T>::WouldNotReduce);
    let entry = Entry {
        side,
        lots,
        ticks: ticks(&venue.contract, &venue.prices, side, limit).map_err(Error::<T>::from)?,
        flags: Flags::of_forced(),
        expires_at: None,
        client_id: None,
    };
    let mut desk = Desk::<T>::open(index, account, market);
    let number = desk.account.next_order;
    enter(&mut desk, &venue, &entry).map_err(Error::<T>::from)?;
    desk.save()?;
    Pallet::<T>::deposit_event(Event::Forced {
        account: index,
        market,
        number,
        side,
        lots,
        limit: entry.ticks,
    });
    Ok(())
}

/// The limit in whole ticks: a seller's rounds up, a buyer's down, so it is never worse than asked for; then moved into the
/// band of the contract, so that a forced order alone can't have a call breach it.
fn ticks(
    contract: &Contract,
    prices: &MarketPrices,
    side: Side,
    limit: &LotPrice,
) -> Result<Ticks, Refusal> {
    let (wanted, low, high) =
        in_ticks(contract, prices, side, limit).map_err(placement::risk_refusal)?;
    ensure!(low <= high, Refusal::OutsideBand);
    Ticks::try_from(wanted.clamped(&low, &high)).map_err(|_| Refusal::OutOfRange)
}

/// The limit, and the least and the highest of the band, each at least a tick. The band's ends round inwards.
fn in_ticks(
    contract: &Contract,
    prices: &MarketPrices,
    side: Side,
    limit: &LotPrice,
) -> Res<(i128, i128, i128)> {
    let tick = i128::from(contract.tick);
    let (low, high) = mark::band(&prices.mark, &Ppm(i128::from(contract.band_ppm)))?;
    let wanted = match side {
        Side::Long => Num::div_floor(&limit.0, &tick)?,
        Side::Short => Num::div_ceil(&limit.0, &tick)?,
    };
    Ok((
        wanted.larger(&1),
        Num::div_ceil(&low.0, &tick)?.larger(&1),
        Num::div_floor(&high.0, &tick)?,
    ))
}

/// Takes the account's forced order out, if there is one, and enters this one in its place, whatever the account may do by
/// itself. It counts as no act and needs no margin.
fn enter<T: Config>(desk: &mut Desk<T>, venue: &Venue, entry: &Entry) -> Result<(), Refusal> {
    let number = desk.account.next_order;
    desk.account.next_order = number.checked_add(1).ok_or(Refusal::NumbersExhausted)?;
    let before = desk.orders.iter().find(|one| one.flags.forced()).copied();
    if let Some(before) = &before {
        leave(desk, before, CancelReason::Replaced)?;
    }
    make_room(desk)?;
    let call = summary::current_call(&desk.summary, &venue.contract, venue.block);
    let listed = placement::ranked(desk, venue, &call, number, entry);
    let key = listed
        .book_key(desk.index, desk.market)
        .ok_or(Refusal::CorruptedBook)?;
    let key_before = before.and_then(|before| before.book_key(desk.index, desk.market));
    await_removal::<T>(desk.market, key, key_before)?;
    desk.enter(listed, entry.order())
}

/// A full list loses its last order: the account is short of margin, and its own orders are about to go anyway.
fn make_room<T: Config>(desk: &mut Desk<T>) -> Result<(), Refusal> {
    match desk.orders.last().copied() {
        Some(last) if desk.orders.is_full() => leave(desk, &last, CancelReason::Unsafe),
        _ => Ok(()),
    }
}

fn leave<T: Config>(
    desk: &mut Desk<T>,
    listed: &Listed,
    reason: CancelReason,
) -> Result<(), Refusal> {
    desk.take_out(listed.number)?;
    Pallet::<T>::deposit_event(Event::Cancelled {
        account: desk.index,
        market: desk.market,
        number: listed.number,
        reason,
    });
    Ok(())
}

/// Notes that the order is to be removed after its clearing, in the place of the one before: a long call must not fill up
/// with orders that are gone.
fn await_removal<T: Config>(
    market: MarketId,
    key: BookKey,
    before: Option<BookKey>,
) -> Result<(), Refusal> {
    let Some(before) = before else {
        return Immediates::<T>::try_append(market, key).map_err(|_| Refusal::CallFull);
    };
    Immediates::<T>::try_mutate(market, |keys| {
        match keys.iter_mut().find(|one| **one == before) {
            Some(place) => *place = key,
            None => keys.try_push(key).map_err(|_| Refusal::CallFull)?,
        }
        Ok(())
    })
}
