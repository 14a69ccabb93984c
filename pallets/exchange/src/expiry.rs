//! Orders whose time is over. A clearing drops those it meets; this sweep finds the others. SPEC 8.2.

use caisson_primitives::{oracle::BlockTime, trading::TradingAccounts};
use frame_support::{
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    desk::Desk,
    keys::{BookKey, Walk},
    pallet::{Book, Config, Event, Pallet, SweepCursor},
    types::{CancelReason, Order},
    weights::{self, WeightInfo},
};

/// Looks at the next few orders of all books, with what the block has left over; returns what it took. An expired order is
/// never filled whether the sweep comes or not, so nothing depends on it.
pub fn sweep<T: Config>(remaining: Weight) -> Weight {
    let mut meter = WeightMeter::with_limit(remaining);
    if meter.try_consume(T::WeightInfo::sweep(0)).is_err() {
        return Weight::zero();
    }
    let now = T::Time::now_ms();
    let before = SweepCursor::<T>::get();
    let mut at = before;
    let mut walk = Walk::<BookKey>::new::<Order, Book<T>>(&[]);
    if let Some(cursor) = &before {
        walk = walk.after(cursor);
    }
    let look = weights::each(T::WeightInfo::sweep);
    // Each may be in another market.
    let remove_one = T::WeightInfo::remove(1);
    for _ in 0..T::MaxSwept::get() {
        if !meter.can_consume(look.saturating_add(remove_one)) {
            break;
        }
        meter.consume(look);
        at = walk.next();
        let Some(key) = at else {
            break;
        };
        let order = Book::<T>::get(key);
        let is_over = |order: Order| order.expires_at.is_some_and(|at| at <= now);
        if order.is_some_and(is_over) {
            meter.consume(remove_one);
            remove::<T>(&key);
        }
    }
    if at != before {
        SweepCursor::<T>::set(at);
    }
    meter.consumed()
}

fn remove<T: Config>(key: &BookKey) {
    let removed = with_storage_layer(|| -> DispatchResult {
        let corrupted = DispatchError::Corruption;
        let account = T::Accounts::load(key.account).ok_or(corrupted)?;
        let mut desk = Desk::<T>::open(key.account, account, key.market);
        desk.take_out(key.number).map_err(|_| corrupted)?;
        desk.save()?;
        Pallet::<T>::deposit_event(Event::Cancelled {
            account: key.account,
            market: key.market,
            number: key.number,
            reason: CancelReason::Expired,
        });
        Ok(())
    });
    if let Err(error) = removed {
        log::error!(target: crate::LOG_TARGET, "expired order {key:?}: {error:?}");
    }
}
