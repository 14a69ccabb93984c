//! Emptying the book of a market that settles. SPEC 8.3.

use caisson_primitives::trading::{
    AccountIndex, Direction, MarketId, Markets, Side, TradingAccounts,
};
use frame_support::{defensive, storage::with_storage_layer, weights::WeightMeter, BoundedVec};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    cancelling,
    keys::{direction_prefix, DormantKey, Walk},
    pallet::{Book, Books, Config, Dormant, Drained, Event, Firsts, Immediates, Pallet},
    summary,
    types::{CancelReason, DormantOrder},
    weights::WeightInfo,
};

/// Cancels the orders of markets that settle, as far as the budget goes, and remembers the markets that have none left.
pub fn run<T: Config>(meter: &mut WeightMeter) {
    let settling = T::Markets::settling();
    let before = Drained::<T>::get();
    let mut drained = before.clone();
    drained.retain(|market| settling.iter().any(|(other, _)| other == market));
    for (market, _) in settling {
        if drained.contains(&market) {
            continue;
        }
        if meter.try_consume(T::WeightInfo::drain()).is_err() {
            break;
        }
        if drain::<T>(market, meter) && drained.try_push(market).is_ok() {
            Books::<T>::remove(market);
            Firsts::<T>::remove(market);
            Immediates::<T>::remove(market);
            Pallet::<T>::deposit_event(Event::Drained { market });
        }
    }
    if drained != before {
        Drained::<T>::put(drained);
    }
}

/// Whether nothing is left. Bounded by the budget: each round takes at least one order.
fn drain<T: Config>(market: MarketId, meter: &mut WeightMeter) -> bool {
    for side in [Side::Long, Side::Short] {
        while let Some(key) = summary::side_walk::<T>(market, side).next() {
            if !clear::<T>(key.account, market, meter) {
                return false;
            }
            if Book::<T>::contains_key(key) {
                defensive!("an order in the book is in no list");
                Book::<T>::remove(key);
            }
        }
    }
    for direction in [Direction::AtOrAbove, Direction::AtOrBelow] {
        let prefix = direction_prefix(market, direction);
        while let Some(key) = Walk::<DormantKey>::new::<DormantOrder, Dormant<T>>(&prefix).next() {
            if !clear::<T>(key.account, market, meter) {
                return false;
            }
            if Dormant::<T>::contains_key(key) {
                defensive!("a dormant order is in no list");
                Dormant::<T>::remove(key);
            }
        }
    }
    true
}

/// Cancels all orders of one account in the market. `false` when the budget ended.
fn clear<T: Config>(index: AccountIndex, market: MarketId, meter: &mut WeightMeter) -> bool {
    let weight = cancelling::weight_to_clear::<T>(index, market);
    if meter.try_consume(weight).is_err() {
        return false;
    }
    let cleared = with_storage_layer(|| -> DispatchResult {
        let account = T::Accounts::load(index).ok_or(DispatchError::Corruption)?;
        let (account, _) =
            cancelling::clear_market::<T>(index, account, market, CancelReason::MarketEnded)?;
        T::Accounts::store(index, &account);
        Ok(())
    });
    if let Err(error) = cleared {
        log::error!(target: crate::LOG_TARGET, "draining {market}, account {index}: {error:?}");
    }
    true
}

/// Markets whose orders are gone.
pub type DrainedMarkets<T> = BoundedVec<MarketId, <T as Config>::MaxMarkets>;

/// Whether no order is left in a settling market.
pub fn is_drained<T: Config>(market: MarketId) -> bool {
    Drained::<T>::get().contains(&market)
}
