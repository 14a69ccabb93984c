//! What clients ask: the runtime API `ExchangeApi`. SPEC 10.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        api::{Depth, Level, OrderPreview, OrderView},
        Account, AccountIndex, CallGuard, Cash, Contract, Fill, FillKind, LotPrice, Lots, MarketId,
        MarketPrices, Markets, OrderKind, OrderRequest, Permit, Side, Ticks, TradingAccounts,
    },
};
use codec::Encode;
use frame_support::{traits::Get, weights::WeightMeter};

use crate::{
    clearing,
    desk::Desk,
    dormant,
    floor::{Pit, Scene},
    pallet::{Book, Books, Config, Dormant, Error, OrdersOf},
    placement::{self, Entry, Purse, Venue},
    refusals::Refusal,
    summary,
    types::{Listed, Place},
    uncross,
};

/// The most prices of a side that are returned.
const MAX_LEVELS: u32 = 200;

/// The most orders of a side that are read for them.
const MAX_DEPTH_ORDERS: usize = 10_000;

/// What an order would do; nothing without account, market or prices.
///
/// `liquidation_price` is given the account, contract and prices, and the fill of the whole order at its limit, and says
/// where the account would be liquidated after it. Margin knows that, this pallet doesn't.
pub fn preview<T: Config>(
    index: AccountIndex,
    market: MarketId,
    request: &OrderRequest,
    liquidation_price: impl FnOnce(
        Account<T::AccountId>,
        &Contract,
        &MarketPrices,
        &Fill,
    ) -> Option<LotPrice>,
) -> Option<OrderPreview> {
    let account = T::Accounts::load(index)?;
    let contract = T::Markets::contract(market)?;
    let venue = Venue {
        market,
        prices: T::Markets::prices(market)?,
        contract,
        level: T::Guard::level(market),
        block: summary::now::<T>(),
        now: T::Time::now_ms(),
        seed: [0; 32],
    };
    let mut desk = Desk::<T>::open(index, account, market);
    let mut purse = Purse::default();
    let refused = refusal(&mut desk, &venue, &mut purse, request);
    let limit = placement::limit(&venue, request.side, &request.kind).unwrap_or_default();
    let entry = Entry::of(&venue, request).ok();
    let open = desk.sums();
    let after = entry.map_or(open, |entry| placement::with_entry(&open, &entry));
    let headroom = purse.headroom::<T>(&desk.account, &venue).ok()?;
    let health_after = headroom.health(&after).unwrap_or(Cash(i128::MIN));
    let shortfall = match refused {
        Some(Refusal::NotEnoughMargin) => Cash(health_after.0.checked_neg().unwrap_or(i128::MAX)),
        _ => Cash::ZERO,
    };
    let fill = Fill {
        market,
        side: request.side,
        lots: request.lots,
        price: venue.contract.price(limit),
        kind: FillKind::Taker,
    };
    let fee_at_most = venue
        .prices
        .fee_reserve
        .times(&Lots(i128::from(request.lots)))
        .ok()?;
    Some(OrderPreview {
        limit,
        health_before: headroom.health(&open).ok()?,
        health_after,
        shortfall: shortfall.positive_part(),
        fee_at_most,
        liquidation_price: liquidation_price(desk.account, &venue.contract, &venue.prices, &fill),
        refused: refused.and_then(|refusal| Error::<T>::from(refusal).encode().first().copied()),
    })
}

fn refusal<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    request: &OrderRequest,
) -> Option<Refusal> {
    if !venue.contract.phase.takes_orders() {
        return Some(Refusal::MarketClosed);
    }
    let checked = placement::next_act(desk, venue, T::MaxActsPerBlock::get()).and_then(|_| {
        match request.trigger {
            Some(trigger) => dormant::check(desk, venue, purse, request, trigger),
            None => placement::admit(desk, venue, purse, &Entry::of(venue, request)?),
        }
    });
    checked.err()
}

/// The best prices of each side, at most 200. A level is cut short only beyond ten thousand orders.
pub fn depth<T: Config>(market: MarketId, levels: u32) -> Depth {
    let levels = usize::try_from(levels.min(MAX_LEVELS)).unwrap_or_default();
    Depth {
        bids: side_depth::<T>(market, Side::Long, levels),
        asks: side_depth::<T>(market, Side::Short, levels),
    }
}

fn side_depth<T: Config>(market: MarketId, side: Side, levels: usize) -> Vec<Level> {
    let mut all: Vec<Level> = Vec::new();
    for key in summary::side_walk::<T>(market, side).take(MAX_DEPTH_ORDERS) {
        let Some(order) = Book::<T>::get(key) else {
            continue;
        };
        if let Some(level) = all.last_mut().filter(|level| level.price == key.ticks) {
            level.lots = level.lots.saturating_add(order.lots);
            level.orders = level.orders.saturating_add(1);
            continue;
        }
        if all.len() >= levels {
            break;
        }
        all.push(Level {
            price: key.ticks,
            lots: order.lots,
            orders: 1,
        });
    }
    all
}

/// The live orders of an account, dormant ones among them.
pub fn open_orders<T: Config>(account: AccountIndex) -> Vec<OrderView> {
    let most = usize::try_from(T::MaxMarkets::get()).unwrap_or(usize::MAX);
    OrdersOf::<T>::iter_prefix(account)
        .take(most)
        .flat_map(|(market, orders)| {
            orders
                .into_iter()
                .map(move |listed| view::<T>(account, market, &listed))
        })
        .collect()
}

fn view<T: Config>(account: AccountIndex, market: MarketId, listed: &Listed) -> OrderView {
    let (limit, expires_at, trigger) = match listed.place {
        Place::Book { ticks, .. } => {
            let order = listed.book_key(account, market).and_then(Book::<T>::get);
            (Some(ticks), order.and_then(|order| order.expires_at), None)
        }
        Place::Dormant(trigger) => {
            let order = listed
                .dormant_key(account, market)
                .and_then(Dormant::<T>::get);
            let limit = order.and_then(|order| match order.kind {
                OrderKind::Limit(ticks) => Some(ticks),
                OrderKind::Market { .. } => None,
            });
            let expires_at = order.and_then(|order| match order.time_in_force {
                caisson_primitives::trading::TimeInForce::GoodTillTime(at) => Some(at),
                _ => None,
            });
            (limit, expires_at, Some(trigger))
        }
    };
    OrderView {
        market,
        number: listed.number,
        client_id: listed.client_id,
        side: listed.side,
        limit,
        lots: listed.lots,
        reduce_only: listed.flags.reduce_only(),
        expires_at,
        trigger,
    }
}

/// The price and lots at which the call would clear now, if it would, as far as the clearing budget of a block goes.
pub fn indicative<T: Config>(market: MarketId) -> Option<(Ticks, u64)> {
    let contract = T::Markets::contract(market)?;
    let prices = T::Markets::prices(market)?;
    let level = T::Guard::level(market);
    if !level.permits(Permit::Reduce) {
        return None;
    }
    let call = summary::current_call(&Books::<T>::get(market), &contract, summary::now::<T>());
    let mut meter = WeightMeter::with_limit(T::ClearingBudget::get());
    let scene = Scene {
        market,
        contract: &contract,
        prices: &prices,
        level,
        since: call.since,
        now: T::Time::now_ms(),
    };
    let mut pit = Pit::<T>::new(scene, &mut meter);
    let outcome = uncross::run(&mut pit);
    let price = clearing::price(&outcome, &contract, &prices)?;
    Some((price, outcome.lots))
}
