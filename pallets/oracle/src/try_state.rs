//! What always holds between two blocks. SPEC 11.

use alloc::collections::BTreeSet;
use caisson_primitives::oracle::BlockTime;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

use crate::{
    pallet::{
        Aggregates, Authorities, CheckpointsOf, Config, Feeds, LatestReports, Parameters,
        PendingOffences, Performances, Recent, Reporters, SilentSessions, Sources, Traces, Waiting,
    },
    status,
    types::RECENT_PRICES,
};

/// Checks all invariants.
pub fn check<T: Config>() -> Result<(), TryRuntimeError> {
    feeds::<T>()?;
    prices::<T>()?;
    panel::<T>()?;
    weights::<T>()?;
    reports::<T>()
}

/// SPEC 11.1: every feed has a name, parameters and enough sources, and nothing else has.
fn feeds<T: Config>() -> Result<(), TryRuntimeError> {
    let parameters = Parameters::<T>::get();
    let known: BTreeSet<_> = parameters.keys().copied().collect();
    let named: BTreeSet<_> = Feeds::<T>::iter_keys().collect();
    let sourced: BTreeSet<_> = Sources::<T>::iter_keys().collect();
    ensure!(
        known == named,
        "11.1: feeds with parameters are those with names"
    );
    ensure!(
        known == sourced,
        "11.1: feeds with parameters are those with sources"
    );
    let symbols: BTreeSet<_> = Feeds::<T>::iter_values()
        .map(|info| info.symbol.into_inner())
        .collect();
    ensure!(symbols.len() == known.len(), "11.1: symbols are unique");
    for (feed, one) in &parameters {
        let sources = Sources::<T>::decode_len(feed).unwrap_or_default();
        ensure!(
            sources >= usize::from(one.min_sources),
            "11.1: a feed has the sources it needs"
        );
    }
    let waiting = Waiting::<T>::get();
    ensure!(
        (0..=u8::MAX).all(|feed| !waiting.contains(feed) || known.contains(&feed)),
        "11.1: only feeds wait"
    );
    Ok(())
}

/// SPEC 11.2: prices belong to feeds, are positive, and have the status that this block gives them.
fn prices<T: Config>() -> Result<(), TryRuntimeError> {
    let parameters = Parameters::<T>::get();
    let aggregates = Aggregates::<T>::get();
    let traces = Traces::<T>::get();
    for (feed, aggregate) in &aggregates {
        let parameters = parameters.get(feed).ok_or("11.2: a price is of a feed")?;
        let trace = traces.get(feed).ok_or("11.2: a price has a trace")?;
        ensure!(aggregate.price > 0, "11.2: a price is positive");
        ensure!(trace.median > 0, "11.2: a price comes from a median");
        ensure!(trace.updates > 0, "11.2: a price was an update");
        ensure!(
            aggregate.status == status::of(aggregate, parameters, T::Time::now_ms()),
            "11.2: a status is that of this block"
        );
        ensure!(
            aggregate.updated_at <= T::Time::now_ms(),
            "11.2: prices are not from the future"
        );
        let newest = CheckpointsOf::<T>::get(feed).newest().copied();
        let newest = newest.ok_or("11.2: a price has a checkpoint")?;
        ensure!(
            newest.at_ms <= trace.cumulative.at_ms
                && newest.accumulated <= trace.cumulative.accumulated,
            "11.2: the cumulative price only grows"
        );
        let recent = u64::try_from(Recent::<T>::iter_prefix(feed).count()).unwrap_or(u64::MAX);
        ensure!(
            recent == trace.updates.min(RECENT_PRICES.into()),
            "11.2: the latest updates are kept, and no more"
        );
    }
    let orphans = traces.keys().any(|feed| !parameters.contains_key(feed))
        || CheckpointsOf::<T>::iter_keys().any(|feed| !aggregates.contains_key(&feed))
        || Recent::<T>::iter_keys().any(|(feed, _)| !aggregates.contains_key(&feed));
    ensure!(!orphans, "11.2: nothing is left of removed feeds");
    Ok(())
}

/// SPEC 11.3: reporters are the owners of the keys, in order, each once, each with a performance.
fn panel<T: Config>() -> Result<(), TryRuntimeError> {
    let reporters = Reporters::<T>::get();
    let performances = Performances::<T>::get();
    ensure!(
        reporters.len() == performances.len(),
        "11.3: every reporter has a performance"
    );
    if Reporters::<T>::exists() {
        ensure!(
            Authorities::<T>::iter().count() == reporters.len(),
            "11.3: every reporter has a key"
        );
        for (place, reporter) in (0..).zip(&reporters) {
            let authority =
                Authorities::<T>::get::<u16>(place).ok_or("11.3: places have no gaps")?;
            ensure!(
                authority.validator == reporter.validator,
                "11.3: keys and weights agree"
            );
        }
    }
    for done in &performances {
        ensure!(
            done.accurate <= done.fresh && done.fresh <= done.expected,
            "11.3: accurate prices are fresh, and fresh ones expected"
        );
    }
    ensure!(
        PendingOffences::<T>::get()
            .iter()
            .all(|offence| !offence.slash.is_zero()),
        "11.3: offences cost something"
    );
    Ok(())
}

/// SPEC 11.4: no reporter outweighs the cap, or an equal share where that is more.
fn weights<T: Config>() -> Result<(), TryRuntimeError> {
    let reporters = Reporters::<T>::get();
    let all: u128 = reporters.iter().map(|reporter| reporter.weight).sum();
    let count = u32::try_from(reporters.len()).unwrap_or(u32::MAX).max(1);
    let cap = u128::from(T::MaxWeightPpm::get().max(1_000_000u32.div_ceil(count)));
    for reporter in &reporters {
        let weighs = reporter.weight.checked_mul(1_000_000);
        ensure!(
            weighs.is_some_and(|weighs| all.checked_mul(cap).is_some_and(|most| weighs <= most)),
            "11.4: nobody outweighs the cap"
        );
    }
    Ok(())
}

/// SPEC 11.5: reports are those of reporters, sorted, of feeds, positive, and judged in time.
fn reports<T: Config>() -> Result<(), TryRuntimeError> {
    let reporters = Reporters::<T>::get();
    let parameters = Parameters::<T>::get();
    let is_reporter = |validator: &T::AccountId| {
        reporters
            .iter()
            .any(|reporter| reporter.validator == *validator)
    };
    for (validator, latest) in LatestReports::<T>::iter() {
        ensure!(
            is_reporter(&validator),
            "11.5: only reporters' reports are kept"
        );
        let sorted = latest
            .observations
            .iter()
            .zip(latest.observations.iter().skip(1))
            .all(|(first, second)| first.feed < second.feed);
        ensure!(sorted, "11.5: reports are sorted by feed");
        for observation in &latest.observations {
            ensure!(
                parameters.contains_key(&observation.feed),
                "11.5: reports are of feeds"
            );
            ensure!(observation.price > 0, "11.5: reported prices are positive");
            ensure!(
                observation.confidence <= observation.price,
                "11.5: confidence is at most the price"
            );
            ensure!(
                observation.round <= latest.round,
                "11.5: no observation is later than the report"
            );
            let bounded = observation
                .suspect
                .is_none_or(|suspect| suspect.low <= suspect.high);
            ensure!(bounded, "11.5: a suspect waits with a range");
        }
    }
    ensure!(
        SilentSessions::<T>::iter_keys().all(|validator| is_reporter(&validator)),
        "11.5: only reporters have been silent"
    );
    Ok(())
}
