//! The accounts in which the funds of markets hold what they took over: SPEC 12.
//!
//! An inventory is an account like any other to whoever trades with it, so lots and money of a market always sum up. It has no
//! margin to keep: it is never unsafe, and its keys in the trigger index only say that it is in the market.

use caisson_primitives::trading::{
    Account, AccountIndex, AccountRole, Armed, MarketId, Markets, Side,
};
use sp_runtime::DispatchError;

use crate::{
    custody::custody_account,
    pallet::{Accounts, Config, Error, Event, Inventories, NextAccount, Pallet},
    triggers,
    types::{bucket, Exposure},
};

/// The inventory of a market's fund, made when there is none yet.
///
/// Errors: the market is not there, or there are too many accounts.
pub fn of<T: Config>(market: MarketId) -> Result<AccountIndex, DispatchError> {
    if let Some(index) = Inventories::<T>::get(market) {
        return Ok(index);
    }
    let compartment = T::Markets::contract(market)
        .ok_or(Error::<T>::NoSuchMarket)?
        .compartment;
    let index = NextAccount::<T>::get();
    let next = index.checked_add(1).ok_or(Error::<T>::TooManyAccounts)?;
    NextAccount::<T>::put(next);
    // The custody account has no key, so nobody acts for an inventory. It has no name among its owner's accounts.
    let mut account = Account::new(custody_account::<T>(compartment), compartment, 0);
    account.role = AccountRole::Fund;
    Accounts::<T>::insert(index, account);
    Inventories::<T>::insert(market, index);
    Pallet::<T>::deposit_event(Event::InventoryOpened {
        account: index,
        market,
    });
    Ok(index)
}

/// Stores an inventory with a key for each position, below every coordinate: it waits on nothing, and the settlement of its
/// market finds it. No price is needed.
pub fn settle<T: Config>(index: AccountIndex, mut account: Account<T::AccountId>) {
    for position in account.positions.iter_mut() {
        let wanted = (position.lots.0 != 0).then(|| Armed {
            bucket: bucket(Side::of(&position.lots.widen()), 0),
            trigger: i64::MIN,
        });
        if position.armed == wanted {
            continue;
        }
        let exposure = Exposure::market(position.market);
        if let Some(old) = position.armed {
            triggers::remove::<T>(index, exposure, old);
        }
        if let Some(new) = wanted {
            triggers::insert::<T>(index, exposure, new);
        }
        position.armed = wanted;
    }
    account.positions.retain(|position| !position.is_empty());
    Accounts::<T>::insert(index, account);
}
