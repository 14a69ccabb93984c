//! What always holds between two blocks. SPEC 11.

use alloc::collections::{BTreeMap, BTreeSet};
use caisson_primitives::trading::{
    Account, AccountIndex, AccountRole, Armed, CompartmentId, LotPrice, MarketId, Markets,
};
use frame_support::{
    ensure,
    traits::{fungibles::Inspect, Get},
};
use sp_runtime::TryRuntimeError;

use crate::{
    custody::custody_account,
    health,
    pallet::{
        AccountIndices, Accounts, BestTriggers, Claims, Collaterals, Compartments, Config,
        Inventories, Ledgers, NextAccount, NextCompartment, NextQueued, OpenInterest, Parked,
        Queued, Queues, Shortfalls, SweepIncomplete, TriggerIndex, WatchedAccounts,
    },
    triggers::{DEBT, WATCHED},
    types::{bucket_place, Exposure, TriggerKey},
};

/// Checks all invariants.
pub fn check<T: Config>() -> Result<(), TryRuntimeError> {
    shape::<T>()?;
    owners::<T>()?;
    lots::<T>()?;
    money::<T>()?;
    pledges::<T>()?;
    index::<T>()?;
    inventories::<T>()?;
    queues::<T>()?;
    shortfalls::<T>()?;
    safety::<T>()
}

/// SPEC 11.1: accounts are sorted, hold nothing empty, and belong to a compartment.
fn shape<T: Config>() -> Result<(), TryRuntimeError> {
    let next = NextAccount::<T>::get();
    for (index, account) in Accounts::<T>::iter() {
        ensure!(index < next, "11.1: accounts are numbered in sequence");
        ensure!(
            Compartments::<T>::contains_key(account.compartment),
            "11.1: an account's compartment exists"
        );
        let markets: alloc::vec::Vec<_> = account.positions.iter().map(|one| one.market).collect();
        ensure!(
            markets.is_sorted_by(|a, b| a < b),
            "11.1: positions are sorted by market"
        );
        ensure!(
            account.pledges.is_sorted_by(|a, b| a.asset < b.asset),
            "11.1: pledges are sorted by asset"
        );
        for position in &account.positions {
            ensure!(!position.is_empty(), "11.1: no position is empty");
            ensure!(
                (position.lots.0 != 0) == position.armed.is_some(),
                "11.1: a position is armed exactly if it has lots"
            );
            ensure!(
                position.lots.0 != 0 || position.cost.0 == 0,
                "11.1: what has no lots has no cost"
            );
            let contract =
                T::Markets::contract(position.market).ok_or("11.1: a position's market exists")?;
            ensure!(
                contract.compartment == account.compartment,
                "11.1: an account trades in its compartment only"
            );
        }
        ensure!(
            account
                .pledges
                .iter()
                .all(|pledge| pledge.lots.0 > 0 && pledge.armed.is_some()),
            "11.1: pledges are positive and armed"
        );
    }
    ensure!(
        Compartments::<T>::iter_keys().all(|id| id < NextCompartment::<T>::get()),
        "11.1: compartments are numbered in sequence"
    );
    Ok(())
}

/// SPEC 11.2: owners and accounts name each other. What funds hold has no name.
fn owners<T: Config>() -> Result<(), TryRuntimeError> {
    let named: BTreeSet<AccountIndex> = AccountIndices::<T>::iter_values().collect();
    let stored: BTreeSet<AccountIndex> = Accounts::<T>::iter()
        .filter(|(_, account)| account.role == AccountRole::Trader)
        .map(|(index, _)| index)
        .collect();
    ensure!(named == stored, "11.2: named accounts are those stored");
    for (owner, (compartment, sub), index) in AccountIndices::<T>::iter() {
        let account = Accounts::<T>::get(index).ok_or("11.2: a named account exists")?;
        ensure!(
            account.owner == owner && account.compartment == compartment && account.sub == sub,
            "11.2: a name leads to its account"
        );
    }
    Ok(())
}

/// SPEC 11.3: in each market the lots of all sum to zero, and those held long are the open interest.
fn lots<T: Config>() -> Result<(), TryRuntimeError> {
    let mut sums: BTreeMap<MarketId, (i128, u64)> = BTreeMap::new();
    for account in Accounts::<T>::iter_values() {
        for position in &account.positions {
            let sum = sums.entry(position.market).or_default();
            sum.0 = sum.0.saturating_add(position.lots.0.into());
            let long = u64::try_from(position.lots.0.max(0)).unwrap_or_default();
            sum.1 = sum.1.saturating_add(long);
        }
    }
    let settling: BTreeSet<MarketId> = T::Markets::settling()
        .into_iter()
        .map(|(market, _)| market)
        .collect();
    for (market, (sum, long)) in &sums {
        // A market that is being settled closes one account after the other.
        ensure!(
            *sum == 0 || settling.contains(market),
            "11.3: the lots of a market sum to zero"
        );
        ensure!(
            OpenInterest::<T>::get(market) == *long,
            "11.3: open interest is the lots held long"
        );
    }
    for (market, interest) in OpenInterest::<T>::iter() {
        let long = sums.get(&market).map_or(0, |sum| sum.1);
        ensure!(
            interest == long,
            "11.3: open interest is the lots held long"
        );
    }
    Ok(())
}

/// What an account's claims are without the prices of the moment: money, what its positions cost, and the funding up to
/// their checkpoints. Trades at any price and payments of funding leave the sum over all accounts as it is.
fn claims<AccountId>(account: &Account<AccountId>) -> Result<i128, TryRuntimeError> {
    account
        .positions
        .iter()
        .try_fold(account.collateral.0, |sum, position| {
            let checkpoint = position
                .checkpoint
                .times(&position.lots.widen())
                .map_err(|_| "11.4: a checkpoint is in range")?;
            sum.checked_sub(position.cost.0)
                .and_then(|sum| sum.checked_add(checkpoint.0))
                .ok_or(TryRuntimeError::from("11.4: claims are in range"))
        })
}

/// SPEC 11.4: all claims of a compartment are what is in its custody, to the quantum.
fn money<T: Config>() -> Result<(), TryRuntimeError> {
    let mut sums: BTreeMap<CompartmentId, i128> = BTreeMap::new();
    for account in Accounts::<T>::iter_values() {
        let sum = sums.entry(account.compartment).or_default();
        *sum = sum.saturating_add(claims(&account)?);
    }
    settled_claims::<T>(&mut sums)?;
    for (id, compartment) in Compartments::<T>::iter() {
        let ledger = Ledgers::<T>::get(id);
        let all = sums
            .get(&id)
            .copied()
            .unwrap_or_default()
            .saturating_add(ledger.insurance.0)
            .saturating_add(ledger.treasury.0)
            .saturating_add(ledger.backers.0)
            .saturating_add(ledger.dust.0)
            .saturating_add(ledger.queued.0);
        ensure!(
            all == ledger.custody.0,
            "11.4: claims are what came into custody"
        );
        let held = T::Assets::balance(compartment.settlement_asset, &custody_account::<T>(id));
        let held = i128::try_from(held)
            .unwrap_or(i128::MAX)
            .saturating_mul(compartment.scale);
        // Anyone can send the account more: that is a gift, and nobody's claim.
        ensure!(
            held >= ledger.custody.0,
            "11.4: custody holds what came into it"
        );
    }
    Ok(())
}

/// While a market is settled, those already closed at its price have realised what the others still owe: the open lots at
/// the settlement price and the last funding stand against it.
fn settled_claims<T: Config>(
    sums: &mut BTreeMap<CompartmentId, i128>,
) -> Result<(), TryRuntimeError> {
    for (market, price) in T::Markets::settling() {
        let (Some(contract), Some(prices)) =
            (T::Markets::contract(market), T::Markets::prices(market))
        else {
            continue;
        };
        let open: i128 = Accounts::<T>::iter_values()
            .map(|account| i128::from(account.lots(market).0))
            .sum();
        let per_lot = price
            .sub(&prices.funding)
            .map_err(|_| "11.4: a settlement price is in range")?;
        let owed = LotPrice(per_lot.0)
            .times(&caisson_primitives::trading::Lots(open))
            .map_err(|_| "11.4: what is owed is in range")?;
        let sum = sums.entry(contract.compartment).or_default();
        *sum = sum.saturating_add(owed.0);
    }
    Ok(())
}

/// SPEC 11.5: a listing counts the lots that are pledged and those that are seized, and custody holds them.
fn pledges<T: Config>() -> Result<(), TryRuntimeError> {
    for listing in &Collaterals::<T>::get() {
        let lots: i128 = Accounts::<T>::iter_values()
            .filter(|account| account.compartment == listing.compartment)
            .flat_map(|account| account.pledges.into_inner())
            .filter(|pledge| pledge.asset == listing.asset)
            .map(|pledge| i128::from(pledge.lots.0))
            .sum();
        let lots = lots.saturating_add(i128::from(listing.seized.0));
        ensure!(
            listing.seized.0 >= 0 && lots == i128::from(listing.deposited.0),
            "11.5: a listing counts its lots"
        );
        let held = T::Assets::balance(listing.asset, &custody_account::<T>(listing.compartment));
        let counted = u128::try_from(lots)
            .unwrap_or_default()
            .saturating_mul(listing.lot_units);
        ensure!(
            held >= counted,
            "11.5: custody holds what is pledged or seized"
        );
    }
    Ok(())
}

/// SPEC 11.6: the index has a key for every armed leg and no other, and no bound is below its bucket's first trigger.
fn index<T: Config>() -> Result<(), TryRuntimeError> {
    let mut expected = BTreeSet::new();
    let mut watched = 0u32;
    let list = Collaterals::<T>::get();
    for (index, account) in Accounts::<T>::iter() {
        let mut legs: alloc::vec::Vec<(Exposure, Armed)> = account
            .positions
            .iter()
            .filter_map(|one| Some((Exposure::market(one.market), one.armed?)))
            .collect();
        for pledge in &account.pledges {
            let place = list
                .iter()
                .position(|one| one.compartment == account.compartment && one.asset == pledge.asset)
                .and_then(|place| u8::try_from(place).ok())
                .ok_or("11.6: a pledged asset is listed")?;
            let armed = pledge.armed.ok_or("11.6: a pledge is armed")?;
            legs.push((Exposure::collateral(place), armed));
        }
        if legs.iter().any(|(_, armed)| armed.trigger == WATCHED) {
            watched = watched.saturating_add(1);
        }
        if legs.is_empty() && account.unsafe_since.is_some() {
            legs.push((Exposure::DEBT, DEBT));
        }
        let waiting = legs.iter().filter(|(_, armed)| armed.trigger > WATCHED);
        ensure!(
            waiting.count() == usize::from(account.unsafe_since.is_some()),
            "11.6: an account has one key for the engine exactly if it is marked"
        );
        for (exposure, armed) in legs {
            let key = |exposure: Exposure| (exposure.0, armed.bucket, armed.trigger, index);
            ensure!(expected.insert(key(exposure)), "11.6: keys are unique");
        }
    }
    let mut stored = BTreeSet::new();
    for key in TriggerIndex::<T>::iter_keys() {
        let TriggerKey {
            exposure,
            bucket,
            trigger,
            account,
        } = key;
        stored.insert((exposure.0, bucket, trigger, account));
        let bests = BestTriggers::<T>::get(exposure);
        let bound = bests.0.get(bucket_place(bucket)).copied();
        ensure!(
            exposure == Exposure::DEBT || bound.is_some_and(|bound| bound >= trigger),
            "11.6: no trigger is above the bound of its bucket"
        );
    }
    ensure!(expected == stored, "11.6: keys are those of armed legs");
    ensure!(
        watched == WatchedAccounts::<T>::get(),
        "11.6: watched accounts are counted"
    );
    Ok(())
}

/// SPEC 11.8: each inventory is named by its market, is in no other and waits on nothing; no other account is a fund's.
fn inventories<T: Config>() -> Result<(), TryRuntimeError> {
    let named: BTreeSet<AccountIndex> = Inventories::<T>::iter_values().collect();
    let stored: BTreeSet<AccountIndex> = Accounts::<T>::iter()
        .filter(|(_, account)| account.role == AccountRole::Fund)
        .map(|(index, _)| index)
        .collect();
    ensure!(
        named == stored && named.len() == Inventories::<T>::iter_keys().count(),
        "11.8: each market names an inventory of its own"
    );
    for (market, index) in Inventories::<T>::iter() {
        let account = Accounts::<T>::get(index).ok_or("11.8: an inventory exists")?;
        ensure!(
            account.owner == custody_account::<T>(account.compartment),
            "11.8: custody owns inventories"
        );
        ensure!(
            account.positions.iter().all(|one| one.market == market) && account.pledges.is_empty(),
            "11.8: an inventory is in its market only, and pledges nothing"
        );
        ensure!(
            account.unsafe_since.is_none() && account.leverage == 0,
            "11.8: an inventory is never short"
        );
        let armed = account.positions.iter().filter_map(|one| one.armed);
        ensure!(
            armed.into_iter().all(|armed| armed.trigger == i64::MIN),
            "11.8: an inventory waits on nothing"
        );
    }
    Ok(())
}

/// SPEC 11.9: what a compartment owes to those who wait is what their entries say, and they are counted.
fn queues<T: Config>() -> Result<(), TryRuntimeError> {
    let mut owed: BTreeMap<CompartmentId, i128> = BTreeMap::new();
    let mut waiting: BTreeMap<CompartmentId, u32> = BTreeMap::new();
    let queued = Queued::<T>::iter().map(|(id, key, entry)| (id, u64::from_be_bytes(key), entry));
    for (id, number, entry) in queued.chain(Parked::<T>::iter()) {
        ensure!(
            number < NextQueued::<T>::get() && entry.units > 0,
            "11.9: what waits is numbered in sequence and not empty"
        );
        let compartment = Compartments::<T>::get(id).ok_or("11.9: a queue's compartment exists")?;
        let units = i128::try_from(entry.units).unwrap_or(i128::MAX);
        let sum = owed.entry(id).or_default();
        *sum = sum.saturating_add(units.saturating_mul(compartment.scale));
    }
    for (id, _) in Queued::<T>::iter_keys() {
        let count = waiting.entry(id).or_default();
        *count = count.saturating_add(1);
    }
    ensure!(
        waiting == Queues::<T>::iter().collect()
            && waiting.values().all(|count| *count <= T::MaxQueued::get()),
        "11.9: those who wait are counted, and no more than can"
    );
    for (id, ledger) in Ledgers::<T>::iter() {
        ensure!(
            owed.get(&id).copied().unwrap_or_default() == ledger.queued.0,
            "11.9: what is owed is what waits"
        );
    }
    ensure!(
        owed.keys().all(Ledgers::<T>::contains_key),
        "11.9: what waits is owed"
    );
    Ok(())
}

/// SPEC 11.10: the claims of a market that settles with a deficit sum to its profits; other markets have none.
fn shortfalls<T: Config>() -> Result<(), TryRuntimeError> {
    let mut sums: BTreeMap<MarketId, i128> = BTreeMap::new();
    for (market, _, claim) in Claims::<T>::iter() {
        ensure!(claim.is_positive(), "11.10: a claim is positive");
        let sum = sums.entry(market).or_default();
        *sum = sum.saturating_add(claim.0);
    }
    let settling: BTreeSet<MarketId> = T::Markets::settling()
        .into_iter()
        .map(|(market, _)| market)
        .collect();
    for (market, shortfall) in Shortfalls::<T>::iter() {
        ensure!(
            settling.contains(&market) && Inventories::<T>::contains_key(market),
            "11.10: a market with a shortfall settles, and has a fund"
        );
        let sum = sums.remove(&market).unwrap_or_default();
        ensure!(
            sum == shortfall.profits.0,
            "11.10: claims are the profits that are shared"
        );
    }
    ensure!(
        sums.is_empty(),
        "11.10: only a market with a shortfall has claims"
    );
    Ok(())
}

/// SPEC 11.7: an account whose slack is negative is marked, unless the budget ended before the sweep. One that is marked may
/// have recovered since the engine last looked. This is the full scan that the index makes unnecessary.
fn safety<T: Config>() -> Result<(), TryRuntimeError> {
    if SweepIncomplete::<T>::get() {
        return Ok(());
    }
    for account in Accounts::<T>::iter_values() {
        if account.role == AccountRole::Fund {
            continue;
        }
        let sum = health::assess::<T>(&account, None).map_err(|_| "11.7: accounts add up")?;
        ensure!(
            account.unsafe_since.is_some() || !sum.slack.is_negative(),
            "11.7: whoever is short is marked"
        );
    }
    Ok(())
}
