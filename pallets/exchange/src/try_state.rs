//! What always holds between two blocks. SPEC 11.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use caisson_primitives::trading::{
    AccountIndex, Direction, MarketId, Markets, Side, TradingAccounts,
};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{
    pallet::{
        Book, Books, Config, Deadlines, Dormant, Drained, Firsts, Immediates, OrdersOf, Touched,
    },
    summary,
    types::{sums, Listed},
};

type Check = Result<(), TryRuntimeError>;

/// Checks all invariants.
pub fn check<T: Config>() -> Check {
    orders::<T>()?;
    summaries::<T>()?;
    drained::<T>()
}

/// Checks those that hold in the middle of a block too.
pub fn orders<T: Config>() -> Check {
    let lists: Vec<_> = OrdersOf::<T>::iter()
        .map(|(account, market, orders)| (account, market, orders.into_inner()))
        .collect();
    book::<T>(&lists)?;
    dormant::<T>(&lists)?;
    accounts::<T>(&lists)?;
    deadlines::<T>()
}

type Lists = [(AccountIndex, MarketId, Vec<Listed>)];

/// SPEC 11.1: each order of the book is in its account's list with the same lots, and the other way round.
fn book<T: Config>(lists: &Lists) -> Check {
    let mut listed = 0usize;
    for (account, market, orders) in lists {
        ensure!(!orders.is_empty(), "11.1: a list is not empty");
        let numbers: BTreeSet<_> = orders.iter().map(|order| order.number).collect();
        ensure!(numbers.len() == orders.len(), "11.1: numbers are unique");
        let named = orders.iter().filter_map(|order| order.client_id);
        let names: BTreeSet<_> = named.clone().collect();
        ensure!(names.len() == named.count(), "11.1: names are unique");
        let forced = orders.iter().filter(|order| order.flags.forced()).count();
        ensure!(
            forced <= 1,
            "11.7: an account has at most one forced order in a market"
        );
        for order in orders {
            let Some(key) = order.book_key(*account, *market) else {
                continue;
            };
            let stored = Book::<T>::get(key).ok_or("11.1: a listed order is in the book")?;
            ensure!(stored.lots > 0, "11.1: an order has lots");
            ensure!(
                stored.lots == order.lots && stored.flags == order.flags,
                "11.1: list and book say the same"
            );
            ensure!(
                !stored.flags.forced() || stored.flags.immediate() && stored.flags.reduce_only(),
                "11.7: a forced order is immediate and only reduces"
            );
            listed = listed.saturating_add(1);
        }
    }
    ensure!(
        Book::<T>::iter_keys().count() == listed,
        "11.1: every order of the book is listed"
    );
    Ok(())
}

/// SPEC 11.2: each dormant order is in its account's list, and the other way round; no first trigger is later than the true one.
fn dormant<T: Config>(lists: &Lists) -> Check {
    let mut listed = 0usize;
    for (account, market, orders) in lists {
        for order in orders {
            let Some(key) = order.dormant_key(*account, *market) else {
                continue;
            };
            let stored = Dormant::<T>::get(key).ok_or("11.2: a listed dormant order is stored")?;
            ensure!(
                stored.lots == order.lots && stored.side == order.side,
                "11.2: list and dormant order say the same"
            );
            listed = listed.saturating_add(1);
        }
    }
    ensure!(
        Dormant::<T>::iter_keys().count() == listed,
        "11.2: every dormant order is listed"
    );
    for key in Dormant::<T>::iter_keys() {
        let first = Firsts::<T>::get(key.market)
            .of(key.direction)
            .ok_or("11.2: a market with dormant orders has a first trigger")?;
        let is_bound = match key.direction {
            Direction::AtOrAbove => first <= key.price,
            Direction::AtOrBelow => first >= key.price,
        };
        ensure!(is_bound, "11.2: no trigger comes before the first");
    }
    Ok(())
}

/// SPEC 11.3: what an account says of its orders is what its lists sum to.
fn accounts<T: Config>(lists: &Lists) -> Check {
    let accounts: BTreeMap<_, _> = T::Accounts::all().into_iter().collect();
    let mut counted: BTreeMap<AccountIndex, usize> = BTreeMap::new();
    let mut open = BTreeMap::new();
    for (account, market, orders) in lists {
        ensure!(
            accounts.contains_key(account),
            "11.3: a list is of an account"
        );
        let count = counted.entry(*account).or_default();
        *count = count.saturating_add(orders.len());
        open.insert((*account, *market), sums(orders));
    }
    for (index, account) in &accounts {
        ensure!(
            usize::from(account.orders) == counted.get(index).copied().unwrap_or_default(),
            "11.3: the account counts its orders"
        );
        for position in &account.positions {
            let sums = open.remove(&(*index, position.market)).unwrap_or_default();
            ensure!(
                position.open == sums,
                "11.3: open orders are the sum of the list"
            );
        }
    }
    ensure!(
        open.values().all(|sums| sums.is_empty()),
        "11.3: orders that count are in a position"
    );
    Ok(())
}

/// SPEC 11.4: best prices are those of the book; it is crossed only while a call goes on, and then it is looked at again.
fn summaries<T: Config>() -> Check {
    let touched = Touched::<T>::get();
    ensure!(
        touched
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a.market < b.market)),
        "11.4: touched markets are sorted and unique"
    );
    let mut markets: BTreeSet<_> = Books::<T>::iter_keys().collect();
    markets.extend(Book::<T>::iter_keys().map(|key| key.market));
    for market in markets {
        let books = Books::<T>::get(market);
        let best = |side| summary::first_price::<T>(market, side);
        ensure!(books.best_bid == best(Side::Long), "11.4: best bid");
        ensure!(books.best_ask == best(Side::Short), "11.4: best ask");
        let is_crossed = books.is_crossed();
        let is_watched = touched.iter().any(|one| one.market == market);
        let takes_orders =
            T::Markets::contract(market).is_some_and(|contract| contract.phase.takes_orders());
        ensure!(
            !is_crossed || is_watched || !takes_orders,
            "11.4: a crossed book is looked at again"
        );
        ensure!(
            books.call.is_none() || is_watched,
            "11.4: a call that goes on is looked at again"
        );
        ensure!(
            is_watched || !takes_orders || Immediates::<T>::get(market).is_empty(),
            "11.4: immediate orders are looked at again"
        );
    }
    Ok(())
}

/// SPEC 11.5: the index has just the deadlines of the accounts.
fn deadlines<T: Config>() -> Check {
    let indexed: BTreeSet<_> = Deadlines::<T>::iter_keys()
        .map(|key| (key.account, key.at))
        .collect();
    let set: BTreeSet<_> = T::Accounts::all()
        .into_iter()
        .filter_map(|(index, account)| Some((index, account.cancel_at?)))
        .collect();
    ensure!(indexed == set, "11.5: deadlines are those of the accounts");
    Ok(())
}

/// SPEC 11.6: a drained market has no orders.
fn drained<T: Config>() -> Check {
    let drained = Drained::<T>::get();
    let has_orders = |market: &MarketId| {
        Book::<T>::iter_keys().any(|key| key.market == *market)
            || Dormant::<T>::iter_keys().any(|key| key.market == *market)
    };
    ensure!(
        !drained.iter().any(has_orders),
        "11.6: a drained market has no orders"
    );
    Ok(())
}
