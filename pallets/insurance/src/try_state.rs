//! What always holds between two blocks. SPEC 10.

use alloc::collections::BTreeMap;
use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentFunds, CompartmentId},
};
use caisson_risk::breaker::LeakyBucket;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{
    backers, coverage,
    pallet::{Backings, Config, Coverages, Records, Series, SubLimits, Terms},
    terms,
    types::Shares,
};

/// Checks all invariants.
pub fn check<T: Config>() -> Result<(), TryRuntimeError> {
    shares::<T>()?;
    pots::<T>()?;
    windows::<T>()?;
    coverages::<T>()?;
    settings::<T>()
}

/// SPEC 10.1, 10.2: the shares of backers in the current series are those issued; who leaves leaves with what it holds.
fn shares<T: Config>() -> Result<(), TryRuntimeError> {
    let mut sums: BTreeMap<CompartmentId, Shares> = BTreeMap::new();
    for (compartment, _, backing) in Backings::<T>::iter() {
        let series = Series::<T>::get(compartment).number;
        ensure!(
            backing.series <= series,
            "10.1: nobody has shares of a series to come"
        );
        ensure!(backing.shares > 0, "10.2: a backer has shares");
        if let Some(leaving) = backing.leaving {
            ensure!(
                (1..=backing.shares).contains(&leaving.shares),
                "10.2: at most what is held leaves"
            );
        }
        if backing.series == series {
            let sum = sums.entry(compartment).or_default();
            *sum = sum.saturating_add(backing.shares);
        }
    }
    for (compartment, series) in Series::<T>::iter() {
        ensure!(
            sums.remove(&compartment).unwrap_or_default() == series.shares,
            "10.1: the shares of a series are those of its backers"
        );
    }
    ensure!(sums.is_empty(), "10.1: shares are of a series");
    Ok(())
}

/// SPEC 10.3: pots aren't negative, and all shares together redeem for at most their pot.
fn pots<T: Config>() -> Result<(), TryRuntimeError> {
    for (compartment, series) in Series::<T>::iter() {
        let pots = T::Funds::pots(compartment);
        ensure!(
            !pots.insurance.is_negative() && !pots.backers.is_negative(),
            "10.3: pots are not negative"
        );
        let all = backers::fund::<T>(compartment).redeem(&series.shares);
        ensure!(
            all.is_ok_and(|(worth, _)| worth <= pots.backers),
            "10.3: shares are worth at most their pot"
        );
    }
    Ok(())
}

/// SPEC 10.4: what was taken isn't negative, nor from the future.
fn windows<T: Config>() -> Result<(), TryRuntimeError> {
    let now = i128::from(T::Time::now_ms());
    let is_sound =
        |bucket: &LeakyBucket| !bucket.level.is_negative() && (0..=now).contains(&bucket.at_ms);
    for (_, _, record) in Records::<T>::iter() {
        ensure!(
            [record.drawdown, record.backers, record.backstop]
                .iter()
                .all(is_sound),
            "10.4: windows are not negative, nor from the future"
        );
        ensure!(
            record.income >= Cash::ZERO && record.paid >= Cash::ZERO,
            "10.4: statistics are not negative"
        );
    }
    Ok(())
}

/// SPEC 10.5: a coverage is fund over target, of a compartment that exists.
fn coverages<T: Config>() -> Result<(), TryRuntimeError> {
    for (compartment, stored) in Coverages::<T>::iter() {
        ensure!(
            T::Funds::settlement_asset(compartment).is_some(),
            "10.5: a coverage is of a compartment"
        );
        ensure!(
            !stored.target.is_negative() && stored.at <= T::Time::now_ms(),
            "10.5: a coverage has a target, and isn't from the future"
        );
        ensure!(
            coverage::ratio(&stored.fund, &stored.target) == Ok(stored.coverage_ppm),
            "10.5: coverage is fund over target"
        );
    }
    Ok(())
}

/// SPEC 10.6: terms are such as can be set; no limit is negative.
fn settings<T: Config>() -> Result<(), TryRuntimeError> {
    for (compartment, stored) in Terms::<T>::iter() {
        ensure!(
            T::Funds::settlement_asset(compartment).is_some(),
            "10.6: terms are of a compartment"
        );
        ensure!(terms::check::<T>(&stored).is_ok(), "10.6: terms are valid");
    }
    ensure!(
        SubLimits::<T>::iter().all(|(_, _, limit)| !limit.backstop_cap.is_negative()),
        "10.6: limits are not negative"
    );
    Ok(())
}
