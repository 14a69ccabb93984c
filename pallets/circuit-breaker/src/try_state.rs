//! What always holds between two blocks. SPEC 10.

use alloc::{collections::BTreeSet, vec::Vec};
use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentFunds, Level, MarketId, Markets, Scope},
};
use caisson_risk::breaker::LeakyBucket;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{
    machine::Cause,
    pallet::{
        Config, Deficits, Flows, LastBeat, Levels, Outflows, Pallet, Pressures, Trips, Watched,
        Watches,
    },
    types::{Restriction, Ring},
};

type Check = Result<(), TryRuntimeError>;

/// Checks all invariants.
pub fn check<T: Config>() -> Check {
    levels::<T>()?;
    trips::<T>()?;
    scopes::<T>()?;
    records::<T>()?;
    buckets::<T>()?;
    deficits::<T>()?;
    Pallet::<T>::terms()
        .validate::<T>()
        .map_err(|_| "10.7: the terms are such as could be set".into())
}

/// SPEC 10.1: the levels are exactly what the trips say.
fn levels<T: Config>() -> Check {
    let mut expected: Vec<Restriction> = Trips::<T>::iter()
        .map(|(scope, machine)| Restriction {
            scope,
            level: machine.level(),
            hold: machine.hold(),
        })
        .collect();
    expected.sort_unstable_by_key(|one| one.scope);
    ensure!(
        Levels::<T>::get().into_inner() == expected,
        "10.1: levels are what trips say, in the order of scopes"
    );
    Ok(())
}

/// SPEC 10.2: no list is empty; one trip for a cause, in their order; none is open; guardians' expire and no others.
fn trips<T: Config>() -> Check {
    let now = T::Time::now_ms();
    for (_, machine) in Trips::<T>::iter() {
        let trips = machine.trips();
        ensure!(!trips.is_empty(), "10.2: a list of trips is not empty");
        ensure!(
            trips.is_sorted_by(|a, b| a.cause < b.cause),
            "10.2: one trip for each cause, in their order"
        );
        for trip in trips {
            ensure!(trip.level > Level::Open, "10.2: a trip restricts");
            ensure!(
                trip.expires_at.is_some() == (trip.cause == Cause::Guardian),
                "10.2: guardians' trips expire, others don't"
            );
            ensure!(
                trip.raised_at <= trip.renewed_at && trip.renewed_at <= now,
                "10.2: trips are not from the future"
            );
        }
    }
    Ok(())
}

/// SPEC 10.3: what is restricted exists, or is a market that was live when the block began.
fn scopes<T: Config>() -> Check {
    let watched = Watched::<T>::get();
    for scope in Trips::<T>::iter_keys() {
        let exists = match scope {
            Scope::Market(market) => {
                watched.contains(&market) || T::Markets::contract(market).is_some()
            }
            Scope::Compartment(compartment) => T::Funds::settlement_asset(compartment).is_some(),
            Scope::Chain => true,
        };
        ensure!(exists, "10.3: what is restricted exists");
    }
    Ok(())
}

/// SPEC 10.4: records are of markets that are live, or were when the block began; samples ascend in time.
fn records<T: Config>() -> Check {
    let mut known: BTreeSet<MarketId> = Watched::<T>::get().into_iter().collect();
    ensure!(
        Watched::<T>::get().is_sorted_by(|a, b| a < b),
        "10.4: watched markets ascend"
    );
    known.extend(T::Markets::live());
    let recorded = Watches::<T>::iter_keys()
        .chain(Flows::<T>::iter_keys())
        .chain(Pressures::<T>::iter_keys());
    for market in recorded {
        ensure!(
            known.contains(&market),
            "10.4: records are of markets that are or were live"
        );
    }
    for (_, watch) in Watches::<T>::iter() {
        for ring in watch.marks.iter().chain([&watch.interest]) {
            ring_is_sound::<T>(ring)?;
        }
    }
    for (_, flow) in Flows::<T>::iter() {
        ensure!(
            flow.calls > 0 && flow.usual.iter().all(|usual| usual.deviation >= 0),
            "10.4: deviations are not negative"
        );
    }
    let beat = LastBeat::<T>::get();
    ensure!(
        beat.is_none_or(|beat| beat.at <= T::Time::now_ms()),
        "10.4: the last block is not from the future"
    );
    Ok(())
}

fn ring_is_sound<T: Config>(ring: &Ring) -> Check {
    let samples = ring.samples();
    ensure!(
        samples.is_sorted_by(|a, b| a.at < b.at),
        "10.4: samples ascend in time"
    );
    let now = T::Time::now_ms();
    ensure!(
        samples.iter().all(|sample| sample.at <= now),
        "10.4: samples are not from the future"
    );
    Ok(())
}

/// SPEC 10.5: buckets are not below empty, and not from the future.
fn buckets<T: Config>() -> Check {
    let outflows = Outflows::<T>::iter_values().flat_map(|one| [one.hour, one.day, one.small]);
    let now = i128::from(T::Time::now_ms());
    for LeakyBucket { level, at_ms } in outflows.chain(Pressures::<T>::iter_values()) {
        ensure!(
            level >= Cash::ZERO && (0..=now).contains(&at_ms),
            "10.5: buckets are not below empty, and not from the future"
        );
    }
    Ok(())
}

/// SPEC 10.6: deficits are positive, one for each market of a compartment, in order.
fn deficits<T: Config>() -> Check {
    let all = Deficits::<T>::get();
    ensure!(
        all.iter().all(|one| one.open.is_positive()),
        "10.6: deficits are positive"
    );
    ensure!(
        all.is_sorted_by(|a, b| (a.compartment, a.market) < (b.compartment, b.market)),
        "10.6: deficits are listed once, in order"
    );
    Ok(())
}
