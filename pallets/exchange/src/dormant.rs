//! Stops and take-profits: orders that sleep until the mark reaches their trigger. SPEC 7.

use caisson_primitives::trading::{
    AccountIndex, Direction, MarketId, Markets, OrderKind, OrderNumber, OrderRequest, Side, Ticks,
    TimeInForce, TradingAccounts, Trigger, MAX_POSITIONS,
};
use caisson_risk::Num;
use frame_support::{defensive, ensure, storage::with_storage_layer, weights::WeightMeter};
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::{
    desk::Desk,
    keys::{direction_prefix, DormantKey, Walk},
    pallet::{Config, Dormant, Event, Firsts, Pallet},
    placement::{self, Entry, Purse, Venue},
    refusals::Refusal,
    types::{DormantOrder, Flags, Listed, Place},
    weights::{self, WeightInfo},
};

const DIRECTIONS: [Direction; 2] = [Direction::AtOrAbove, Direction::AtOrBelow];

/// Lays an order to sleep. It needs a slot and no margin: what it may do is judged when it wakes.
///
/// A trigger that the mark has already reached is allowed: the price may have moved while the transaction travelled, and
/// then the trader needs the stop most. It fires in the next block. SPEC 7.2.
pub fn sleep<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    number: OrderNumber,
    request: &OrderRequest,
    trigger: Trigger,
) -> Result<(), Refusal> {
    check(desk, venue, purse, request, trigger)?;
    let flags = Flags::of(request);
    let listed = Listed {
        number,
        client_id: request.client_id,
        side: request.side,
        lots: request.lots,
        flags,
        place: Place::Dormant(trigger),
    };
    desk.list(listed)?;
    if let Some(key) = listed.dormant_key(desk.index, desk.market) {
        Dormant::<T>::insert(
            key,
            DormantOrder {
                side: request.side,
                lots: request.lots,
                kind: request.kind,
                time_in_force: request.time_in_force,
                reduce_only: request.reduce_only,
            },
        );
    }
    remember_first::<T>(desk.market, trigger);
    Ok(())
}

/// Whether an order may be laid to sleep. Changes nothing.
pub fn check<T: Config>(
    desk: &Desk<T>,
    venue: &Venue,
    purse: &mut Purse,
    request: &OrderRequest,
    trigger: Trigger,
) -> Result<(), Refusal> {
    placement::check_level(venue.level, Flags::of(request))?;
    placement::check_account(desk, venue)?;
    ensure!(trigger.price > 0, Refusal::BadTrigger);
    // A reduce-only stop may be placed before the position that it is to protect.
    placement::check_size(desk, venue, request.side, request.lots, false)?;
    let flags = Flags::of(request);
    let value_at = match request.kind {
        OrderKind::Limit(0) => return Err(Refusal::ZeroPrice),
        OrderKind::Limit(ticks) => ticks,
        OrderKind::Market { .. } => trigger.price,
    };
    let price = venue.contract.price(value_at);
    placement::check_value(desk, venue, request.side, request.lots, &price, flags)?;
    if let TimeInForce::GoodTillTime(at) = request.time_in_force {
        ensure!(at > venue.now, Refusal::ExpiryPassed);
    }
    placement::check_slots(desk, venue, purse, request.client_id)
}

/// Whether one trigger comes before another of its direction.
fn is_earlier(direction: Direction, price: Ticks, than: Ticks) -> bool {
    match direction {
        Direction::AtOrAbove => price < than,
        Direction::AtOrBelow => price > than,
    }
}

fn remember_first<T: Config>(market: MarketId, trigger: Trigger) {
    let mut firsts = Firsts::<T>::get(market);
    let first = firsts.of_mut(trigger.direction);
    if first.is_none_or(|first| is_earlier(trigger.direction, trigger.price, first)) {
        *first = Some(trigger.price);
        Firsts::<T>::insert(market, firsts);
    }
}

/// Fires what the mark reached, as far as the budget goes; the rest fires in the next block. A market where nothing is
/// due costs one read.
pub fn fire<T: Config>(meter: &mut WeightMeter) {
    let live = T::Markets::live();
    // Another market is first in each block, so that none starves when the budget is short.
    let start = frame_system::Pallet::<T>::block_number()
        .saturated_into::<usize>()
        .checked_rem(live.len())
        .unwrap_or_default();
    let look = weights::each(T::WeightInfo::quiet_market);
    for market in live.iter().cycle().skip(start).take(live.len()) {
        if meter.try_consume(look).is_err() {
            return;
        }
        fire_market::<T>(*market, meter);
    }
}

pub(crate) fn fire_market<T: Config>(market: MarketId, meter: &mut WeightMeter) {
    let before = Firsts::<T>::get(market);
    if before.above.is_none() && before.below.is_none() {
        return;
    }
    let (Some(contract), Some(prices)) = (T::Markets::contract(market), T::Markets::prices(market))
    else {
        return;
    };
    let tick = i128::from(contract.tick);
    let (Ok(floor), Ok(ceil)) = (
        Num::div_floor(&prices.mark.0, &tick),
        Num::div_ceil(&prices.mark.0, &tick),
    ) else {
        return;
    };
    let is_due = |direction, price: Ticks| match direction {
        Direction::AtOrAbove => i128::from(price) <= floor,
        Direction::AtOrBelow => i128::from(price) >= ceil,
    };
    let mut firsts = before;
    let mut venue = None;
    // Room for the most there can be, before it is known how much it is.
    let most = T::WeightInfo::fire(MAX_POSITIONS);
    for direction in DIRECTIONS {
        let may_be_due = before
            .of(direction)
            .is_some_and(|first| is_due(direction, first));
        if !may_be_due || !meter.can_consume(most) {
            continue;
        }
        let walk = Walk::<DormantKey>::new::<DormantOrder, Dormant<T>>(&direction_prefix(
            market, direction,
        ));
        *firsts.of_mut(direction) = None;
        let mut any = false;
        for key in walk {
            *firsts.of_mut(direction) = Some(key.price);
            if !is_due(direction, key.price) || !meter.can_consume(most) {
                break;
            }
            *firsts.of_mut(direction) = None;
            let venue = venue.get_or_insert_with(|| Venue::open::<T>(market).ok());
            meter.consume(T::WeightInfo::fire(wake::<T>(&key, venue.as_ref())));
            any = true;
        }
        if !any {
            // The first had been cancelled: a look at the next one, and its price is remembered.
            meter.consume(T::WeightInfo::fire(0));
        }
    }
    if firsts != before {
        Firsts::<T>::insert(market, firsts);
    }
}

/// Wakes an order. If it may not enter the book it is gone, and an event says why. Returns how many markets margin had to read.
fn wake<T: Config>(key: &DormantKey, venue: Option<&Venue>) -> u32 {
    let woken = with_storage_layer(|| try_wake::<T>(key, venue));
    woken.unwrap_or_else(|error| {
        // Only a corrupted state leads here; a trigger that can't fire must not fire for ever.
        defensive!("a dormant order can't be woken");
        log::error!(target: crate::LOG_TARGET, "dormant order {key:?}: {error:?}");
        Dormant::<T>::remove(key);
        MAX_POSITIONS
    })
}

fn try_wake<T: Config>(key: &DormantKey, venue: Option<&Venue>) -> Result<u32, DispatchError> {
    let corrupted = DispatchError::Corruption;
    let order = Dormant::<T>::get(key).ok_or(corrupted)?;
    let account = T::Accounts::load(key.account).ok_or(corrupted)?;
    let mut desk = Desk::<T>::open(key.account, account, key.market);
    let markets = desk.markets();
    let listed = desk.take_out(key.number).map_err(|_| corrupted)?;
    let request = OrderRequest {
        side: order.side,
        lots: order.lots,
        kind: order.kind,
        time_in_force: order.time_in_force,
        reduce_only: order.reduce_only,
        trigger: None,
        client_id: listed.client_id,
    };
    let refused = match venue {
        Some(venue) => enter_book(&mut desk, venue, key.number, &request).err(),
        None => Some(Refusal::MarketClosed),
    };
    desk.save()?;
    say::<T>(key.account, key.market, key.number, order.side, refused);
    Ok(markets)
}

fn enter_book<T: Config>(
    desk: &mut Desk<T>,
    venue: &Venue,
    number: OrderNumber,
    request: &OrderRequest,
) -> Result<(), Refusal> {
    let entry = Entry::of(venue, request)?;
    placement::admit(desk, venue, &mut Purse::default(), &entry)?;
    placement::enter(desk, venue, number, &entry)
}

fn say<T: Config>(
    account: AccountIndex,
    market: MarketId,
    number: OrderNumber,
    side: Side,
    refused: Option<Refusal>,
) {
    Pallet::<T>::deposit_event(match refused {
        None => Event::Triggered {
            account,
            market,
            number,
            side,
        },
        Some(reason) => Event::TriggerRefused {
            account,
            market,
            number,
            side,
            reason,
        },
    });
}
