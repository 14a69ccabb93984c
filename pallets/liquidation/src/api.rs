//! What clients ask.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, AccountRole, LiquidationAccounts, MarketId, Markets, TradingAccounts,
};

use crate::{
    pallet::{
        BacklogState, Config, CurrentTerms, InProgress, LatenciesOf, TotalsOf, UnsafeAccounts, Work,
    },
    plan::{self, Planned},
    types::{Backlog, FundWork, Latencies, Progress, Totals},
};

/// How the waterfall stands in a market.
pub fn market<T: Config>(market: MarketId) -> (Option<FundWork>, Totals, Latencies) {
    (
        Work::<T>::get(market),
        TotalsOf::<T>::get(market),
        LatenciesOf::<T>::get(market),
    )
}

/// How many accounts are unsafe, and how many of them were not visited in this block.
pub fn backlog<T: Config>() -> (u32, Backlog) {
    (UnsafeAccounts::<T>::get(), BacklogState::<T>::get())
}

/// The accounts whose liquidation is under way, at most `limit`.
pub fn in_progress<T: Config>(limit: usize) -> Vec<(AccountIndex, Progress)> {
    InProgress::<T>::iter().take(limit).collect()
}

/// In how many blocks orders were entered for an unsafe account, and those of the next visit if it is not taken over then;
/// nothing if it is not unsafe.
pub fn next_orders<T: Config>(index: AccountIndex) -> Option<(u8, Vec<Planned>)> {
    let account = T::Accounts::load(index)?;
    let standing = T::Accounts::standing(&account).ok()?;
    if !standing.slack.is_negative() || account.role != AccountRole::Trader {
        return None;
    }
    let attempts = InProgress::<T>::get(index).map_or(0, |progress| progress.attempts);
    let read = |market| Some((T::Markets::contract(market)?, T::Markets::prices(market)?));
    let orders = plan::orders(&standing, attempts, &CurrentTerms::<T>::get(), read).ok()?;
    Some((attempts, orders))
}
