//! A look at one account after the other, by number.
//!
//! Done as cheaply as the store of accounts allows: one read for each, no iteration over keys, and contract and prices of the
//! market that the account before was in are kept.

use caisson_primitives::trading::{
    Account, AccountIndex, AccountRole, Contract, MarketId, MarketPrices, Markets, MAX_PLEDGES,
    MAX_POSITIONS,
};
use frame_support::{
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use pallet_margin::{
    health::{self, Known},
    triggers,
    weights::{legs, of_account, WeightInfo},
    Accounts, Config, NextAccount,
};

use crate::Cursor;

/// Reading and adding up an account in one market, without the database, in picoseconds. An estimate: the quiet blocks that
/// `caisson-side-by-side` times for the scan of all accounts, less those of the index, say for each account what it takes.
const LOOK: u64 = 8_000_000;

/// The market that the account before was in.
type Seen = Option<(MarketId, Contract, MarketPrices)>;

/// Looks at all accounts.
pub fn all<T: Config>(meter: &mut WeightMeter) {
    let mut seen = None;
    for index in 0..NextAccount::<T>::get() {
        meter.consume(look_at::<T>(index, &mut seen));
    }
}

/// Looks at accounts from the cursor on, round and round, until all were looked at or the budget ends.
pub fn from_cursor<T: Config>(meter: &mut WeightMeter) {
    let accounts = NextAccount::<T>::get();
    let mut next = Cursor::get();
    let mut seen = None;
    for _ in 0..accounts {
        if !meter.can_consume(most::<T>()) {
            break;
        }
        if next >= accounts {
            next = 0;
        }
        meter.consume(look_at::<T>(next, &mut seen));
        next = next.saturating_add(1);
    }
    Cursor::put(next);
}

fn passing<T: Config>() -> Weight {
    Weight::from_parts(LOOK, 0).saturating_add(T::DbWeight::get().reads(1))
}

/// As the sweep claims it.
fn marking<T: Config>(legs: u32) -> Weight {
    of_account(T::WeightInfo::look, legs)
}

fn most<T: Config>() -> Weight {
    passing::<T>().saturating_add(marking::<T>(MAX_POSITIONS.saturating_add(MAX_PLEDGES)))
}

/// Marks the account if it became unsafe. Returns what that cost.
fn look_at<T: Config>(index: AccountIndex, seen: &mut Seen) -> Weight {
    let Some(account) = Accounts::<T>::get(index) else {
        return passing::<T>();
    };
    if account.role == AccountRole::Fund
        || account.unsafe_since.is_some()
        || !is_unsafe::<T>(&account, seen)
    {
        return passing::<T>();
    }
    let legs = legs(&account);
    // As the sweep does: one account that can't be marked stops no other.
    if let Err(error) = with_storage_layer(|| triggers::settle::<T>(index, account)) {
        log::error!(target: "side-by-side", "account {index}: {error:?}");
    }
    passing::<T>().saturating_add(marking::<T>(legs))
}

fn is_unsafe<T: Config>(account: &Account<T::AccountId>, seen: &mut Seen) -> bool {
    if let Some(position) = account.positions.first() {
        if seen.as_ref().is_none_or(|(id, ..)| *id != position.market) {
            *seen = read::<T>(position.market);
        }
    }
    let known: Known<'_> = seen
        .as_ref()
        .map(|(market, contract, prices)| (*market, contract, prices));
    health::assess::<T>(account, known).is_ok_and(|sum| sum.slack.is_negative())
}

fn read<T: Config>(market: MarketId) -> Seen {
    let contract = T::Markets::contract(market)?;
    let prices = T::Markets::prices(market)?;
    Some((market, contract, prices))
}
