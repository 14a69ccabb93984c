//! What always holds between two blocks. SPEC 9.

use alloc::collections::BTreeSet;
use caisson_primitives::trading::{AccountRole, Cash, MarketId, TradingAccounts};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{
    pallet::{Config, InProgress, UnsafeAccounts, Work, Working},
    visit::deficit,
};

/// Checks all invariants.
pub fn check<T: Config>() -> Result<(), TryRuntimeError> {
    accounts::<T>()?;
    funds::<T>()
}

/// SPEC 9.1: as many accounts are marked unsafe as are counted, and only those are in progress.
fn accounts<T: Config>() -> Result<(), TryRuntimeError> {
    let marked: BTreeSet<_> = T::Accounts::all()
        .into_iter()
        .filter(|(_, account)| account.unsafe_since.is_some())
        .map(|(index, _)| index)
        .collect();
    ensure!(
        u64::try_from(marked.len()) == Ok(UnsafeAccounts::<T>::get().into()),
        "9.1: unsafe accounts are counted"
    );
    for index in InProgress::<T>::iter_keys() {
        ensure!(
            marked.contains(&index),
            "9.1: only unsafe accounts are being liquidated"
        );
    }
    Ok(())
}

/// SPEC 9.2: a fund works exactly while its inventory holds lots or owes money, and the deficit is what it owes. A
/// clearing after the step of this block may have changed the inventory, so money it earned may wait for the next.
fn funds<T: Config>() -> Result<(), TryRuntimeError> {
    let working = Working::<T>::get();
    ensure!(
        working.is_sorted_by(|a, b| a < b),
        "9.2: working markets are sorted"
    );
    let worked: BTreeSet<MarketId> = Work::<T>::iter_keys().collect();
    ensure!(
        worked == working.iter().copied().collect(),
        "9.2: each working market has its work and no other"
    );
    for (index, account) in T::Accounts::all() {
        if account.role != AccountRole::Fund {
            continue;
        }
        let holds = account.positions.iter().any(|one| one.lots.0 != 0);
        let busy = Work::<T>::iter_values().any(|work| work.account == index);
        ensure!(
            busy || !(holds || account.collateral.0 != 0),
            "9.2: an inventory that holds something has a fund at work"
        );
    }
    for work in Work::<T>::iter_values() {
        let fund = T::Accounts::load(work.account).ok_or("9.2: a fund has its inventory")?;
        ensure!(
            work.deficit == Cash::ZERO
                || deficit(&fund.collateral).is_positive()
                || !fund.collateral.is_negative(),
            "9.2: a deficit is owed by the inventory"
        );
    }
    Ok(())
}
