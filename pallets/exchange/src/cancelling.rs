//! Cancelling, amending and replacing orders. SPEC 5.9 to 5.11.

use alloc::{collections::BTreeMap, vec::Vec};
use caisson_primitives::trading::{
    AccountIndex, ClientOrderId, MarketId, OrderNumber, OrderRef, Side, Ticks, TradingAccounts,
};
use frame_support::{ensure, traits::Get, weights::Weight};

use crate::{
    desk::{AccountOf, Desk},
    pallet::{Config, Error, Event, OrdersOf, Pallet},
    placement::{self, Entry, Purse, Venue},
    refusals::{EntryResult, EntryResults, Refusal},
    types::{CancelReason, Listed, Numbers, Place, Quote},
    weights::WeightInfo,
};

/// The order of that name, if its owner may change it.
fn own<T: Config>(desk: &Desk<T>, order: &OrderRef) -> Result<Listed, Refusal> {
    let listed = desk.find(order).ok_or(Refusal::NoSuchOrder)?;
    ensure!(!listed.flags.forced(), Refusal::OrderIsForced);
    Ok(listed)
}

/// Cancels one order; its number.
pub fn cancel<T: Config>(desk: &mut Desk<T>, order: &OrderRef) -> EntryResult {
    let listed = own(desk, order)?;
    desk.take_out(listed.number)?;
    desk.count_cancel(&listed);
    Ok(listed.number)
}

/// The numbers of orders that left; counts those that their owner cancelled.
fn note<T: Config>(desk: &mut Desk<T>, gone: &[Listed], reason: CancelReason) -> Vec<OrderNumber> {
    if reason == CancelReason::Owner {
        for listed in gone {
            desk.count_cancel(listed);
        }
    }
    gone.iter().map(|listed| listed.number).collect()
}

/// Cancels all orders of an account in one market, dormant ones among them; how many. Writes all but the account. An order
/// that the chain entered stays unless the reason reaches it. SPEC 14.6.
pub fn clear_market<T: Config>(
    index: AccountIndex,
    account: AccountOf<T>,
    market: MarketId,
    reason: CancelReason,
) -> Result<(AccountOf<T>, u32), Error<T>> {
    let mut desk = Desk::<T>::open(index, account, market);
    let gone = desk.take_out_all(|listed| reason.reaches_forced() || !listed.flags.forced());
    let numbers = note(&mut desk, &gone, reason);
    let (account, _) = desk.close()?;
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    if count > 0 {
        Pallet::<T>::deposit_event(Event::AllCancelled {
            account: index,
            market,
            numbers: Numbers::truncate_from(numbers),
            reason,
        });
    }
    Ok((account, count))
}

/// What it costs to cancel all orders of an account in a market. One read.
pub fn weight_to_clear<T: Config>(index: AccountIndex, market: MarketId) -> Weight {
    let orders = OrdersOf::<T>::decode_len(index, market).unwrap_or_default();
    T::WeightInfo::clear_market(u32::try_from(orders).unwrap_or(u32::MAX))
}

/// Cancels all orders of an account in all markets; in how many markets it had some, and how many were cancelled. Bounded by the
/// orders an account may have.
pub fn clear_account<T: Config>(
    index: AccountIndex,
    mut account: AccountOf<T>,
    reason: CancelReason,
) -> Result<(u32, u32), Error<T>> {
    let mut cancelled = 0u32;
    let markets = markets_of::<T>(index);
    for market in &markets {
        let (left, count) = clear_market::<T>(index, account, *market, reason)?;
        account = left;
        cancelled = cancelled.saturating_add(count);
    }
    if cancelled > 0 {
        T::Accounts::store(index, &account);
    }
    Ok((u32::try_from(markets.len()).unwrap_or(u32::MAX), cancelled))
}

/// The markets in which an account has orders. Orders that sleep or only reduce are not in its positions, so the
/// lists themselves say it.
pub fn markets_of<T: Config>(index: AccountIndex) -> Vec<MarketId> {
    let most = usize::try_from(T::MaxMarkets::get()).unwrap_or(usize::MAX);
    OrdersOf::<T>::iter_key_prefix(index).take(most).collect()
}

/// Amends an order. Less of the same keeps its place in the book; anything else is a new order of the same number. SPEC 5.10.
///
/// Returns the number and whether the place was kept.
pub fn amend<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    order: &OrderRef,
    price: Ticks,
    lots: u64,
) -> Result<(OrderNumber, bool), Refusal> {
    let listed = own(desk, order)?;
    let entry = placement::entry_of(desk, &listed)?;
    let amended = Entry {
        ticks: price,
        lots,
        ..entry
    };
    let acts = placement::next_act(desk, venue, T::MaxActsPerBlock::get())?;
    let keeps_place = price == entry.ticks && lots <= entry.lots;
    if keeps_place {
        ensure!(lots > 0, Refusal::ZeroLots);
        let value_at = venue.contract.price(price);
        placement::check_value(desk, venue, entry.side, lots, &value_at, entry.flags)?;
        desk.shrink(listed.number, lots)?;
    } else {
        desk.take_out(listed.number)?;
        placement::admit(desk, venue, &mut Purse::default(), &amended)?;
        placement::enter(desk, venue, listed.number, &amended)?;
    }
    desk.account.acts = acts;
    desk.change();
    Ok((listed.number, keeps_place))
}

/// What makes an order the same as a quote.
type Likeness = (Side, Ticks, u64, Option<ClientOrderId>);

/// Replaces all orders of an account in the book of a market by a ladder. Dormant orders, and one that the chain entered,
/// stay. SPEC 5.11.
///
/// An order that is just what a quote asks for stays where it is. Returns the numbers that were cancelled, and what
/// became of each quote.
pub fn replace_all<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    quotes: &[Quote],
) -> (Vec<OrderNumber>, EntryResults) {
    let mut wanted: BTreeMap<Likeness, u32> = BTreeMap::new();
    for quote in quotes {
        let count = wanted.entry(likeness(quote)).or_default();
        *count = count.saturating_add(1);
    }
    let mut kept: BTreeMap<Likeness, Vec<OrderNumber>> = BTreeMap::new();
    let mut stays = Vec::new();
    for listed in &desk.orders {
        let Place::Book { ticks, .. } = listed.place else {
            stays.push(listed.number);
            continue;
        };
        if listed.flags.forced() {
            stays.push(listed.number);
            continue;
        }
        let like = (listed.side, ticks, listed.lots, listed.client_id);
        let is_wanted = wanted.get_mut(&like).filter(|count| **count > 0);
        if let (Some(count), true) = (is_wanted, listed.flags.is_plain()) {
            *count = count.saturating_sub(1);
            kept.entry(like).or_default().push(listed.number);
            stays.push(listed.number);
        }
    }
    // Numbers ascend in the list but for orders that were amended.
    stays.sort_unstable();
    let gone = desk.take_out_all(|listed| stays.binary_search(&listed.number).is_err());
    let cancelled = note(desk, &gone, CancelReason::Owner);
    let mut purse = Purse::default();
    let results = quotes
        .iter()
        .map(
            |quote| match kept.get_mut(&likeness(quote)).and_then(Vec::pop) {
                Some(number) => Ok(number),
                None => placement::place(desk, venue, &mut purse, &quote.request()),
            },
        )
        .collect();
    (cancelled, EntryResults::truncate_from(results))
}

fn likeness(quote: &Quote) -> Likeness {
    (quote.side, quote.price, quote.lots, quote.client_id)
}
