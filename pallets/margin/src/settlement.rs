//! Closing the positions of markets that ended: SPEC 9.
//!
//! The trigger index has a key for every position, so its part of a market is the list of all who are in it.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    Account, AccountIndex, Cash, LotPrice, MarketId, Markets, OpenOrdersSource,
};
use caisson_risk::Res;
use frame_support::{
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fills, insolvency,
    pallet::{Accounts, BestTriggers, Config, Error, Event, OpenInterest, Pallet, Shortfalls},
    sweep::{index_prefix, next_key},
    triggers,
    types::Exposure,
    weights::{legs, of_account, WeightInfo, MAX_LEGS},
};

/// Closes positions of markets whose orders are gone, as far as the budget goes. Returns what asking costs, which comes on
/// top of the budget.
pub fn run<T: Config>(meter: &mut WeightMeter) -> Weight {
    let mut asked = Weight::zero();
    for (market, price) in T::Markets::settling() {
        asked.saturating_accrue(T::WeightInfo::settling_market());
        if !T::Orders::drained(market) {
            continue;
        }
        settle_market::<T>(market, price, meter);
    }
    asked
}

/// Takes the settlement of a market without orders further. When no position is left it is gone.
pub(crate) fn settle_market<T: Config>(market: MarketId, price: LotPrice, meter: &mut WeightMeter) {
    let is_done = match Shortfalls::<T>::get(market) {
        Some(shortfall) => insolvency::advance::<T>(market, price, shortfall, meter),
        None => close_all::<T>(market, T::WeightInfo::close_position, meter, |index| {
            close::<T>(index, market, price)
        }),
    };
    // Without room for it the market is found empty in the next block again.
    if is_done && meter.try_consume(T::WeightInfo::finish_market()).is_ok() {
        finish::<T>(market);
    }
}

/// Forgets a market in which nobody is any more.
pub(crate) fn finish<T: Config>(market: MarketId) {
    BestTriggers::<T>::remove(Exposure::market(market));
    OpenInterest::<T>::remove(market);
    T::Markets::settled(market);
}

/// What the worst account costs, with what it has in common with others, by either way to close positions.
pub fn largest_step<T: Config>() -> Weight {
    let most = MAX_LEGS.saturating_sub(1);
    T::WeightInfo::close_position(1, most)
        .max(T::WeightInfo::share(1, most))
        .saturating_add(T::WeightInfo::finish_market())
}

/// Has every position of a market closed by `close`, each in a storage layer of its own. `weight` is what so many accounts cost,
/// the last of them with so many legs more. Says whether no position is left.
pub fn close_all<T: Config>(
    market: MarketId,
    weight: impl Fn(u32, u32) -> Weight,
    meter: &mut WeightMeter,
    mut close: impl FnMut(AccountIndex) -> DispatchResult,
) -> bool {
    if meter.try_consume(weight(0, 0)).is_err() {
        return false;
    }
    let prefix = market_prefix::<T>(market);
    let mut at = prefix.clone();
    let mut left = false;
    loop {
        let Some((raw, key)) = next_key(&prefix, &at) else {
            return !left;
        };
        let count = Accounts::<T>::get(key.account).as_ref().map_or(1, legs);
        if meter.try_consume(of_account(&weight, count)).is_err() {
            return false;
        }
        at = raw;
        let result = with_storage_layer(|| close(key.account));
        if let Err(error) = result {
            left = true;
            Pallet::<T>::deposit_event(Event::CouldNotAssess {
                account: key.account,
                error,
            });
        }
    }
}

/// The storage prefix of a market's part of the index.
pub fn market_prefix<T: Config>(market: MarketId) -> Vec<u8> {
    let mut prefix = index_prefix::<T>();
    prefix.extend_from_slice(&Exposure::market(market).0.to_be_bytes());
    prefix
}

/// Closes one position.
pub fn close<T: Config>(index: AccountIndex, market: MarketId, price: LotPrice) -> DispatchResult {
    let (account, _) = take_out::<T>(index, market, price)?;
    triggers::settle::<T>(index, account)
}

/// Closes one position in memory, and says so. Returns the account, for the caller to store, and what it made of the position
/// after funding.
pub fn take_out<T: Config>(
    index: AccountIndex,
    market: MarketId,
    price: LotPrice,
) -> Result<(Account<T::AccountId>, Cash), DispatchError> {
    let mut account = Accounts::<T>::get(index).ok_or(Error::<T>::CorruptedIndex)?;
    let funding = T::Markets::prices(market)
        .ok_or(Error::<T>::NoPrice)?
        .funding;
    let lots = account.lots(market);
    let money = account.collateral;
    let realised = book_close(&mut account, market, price, &funding).map_err(Error::<T>::from)?;
    OpenInterest::<T>::try_mutate(market, |interest| {
        let long = u64::try_from(lots.0.max(0)).map_err(|_| Error::<T>::Arithmetic)?;
        *interest = interest.checked_sub(long).ok_or(Error::<T>::Arithmetic)?;
        Ok::<_, DispatchError>(())
    })?;
    Pallet::<T>::deposit_event(Event::PositionSettled {
        account: index,
        market,
        lots,
        price,
        realised,
    });
    let made = account.collateral.sub(&money).map_err(Error::<T>::from)?;
    Ok((account, made))
}

/// Pays funding, realises the whole position at the settlement price and empties it.
fn book_close<AccountId>(
    account: &mut Account<AccountId>,
    market: MarketId,
    price: LotPrice,
    funding: &LotPrice,
) -> Res<Cash> {
    fills::settle_funding(account, market, funding)?;
    let position = account
        .position_mut(market)
        .ok_or(caisson_risk::RiskError::Empty)?;
    let realised = price.times(&position.lots.widen())?.sub(&position.cost)?;
    position.lots.0 = 0;
    position.cost.0 = 0;
    account.collateral = account.collateral.add(&realised)?;
    Ok(realised)
}
