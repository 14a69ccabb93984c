//! The oracle's part of `on_initialize`: closes the round. SPEC 6, 9.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{BlockTime, FeedId},
    Moment,
};
use frame_support::{defensive, weights::Weight};

use crate::{
    aggregation::{self, Panelist},
    history, judgement, offences,
    pallet::{
        Aggregates, Config, Event, LatestReports, Pallet, Parameters, Performances, Reporters,
        Traces, Waiting,
    },
    reporters, status,
    types::{Aggregate, FeedParameters, FeedSet, PerFeed, Trace},
    weights::WeightInfo,
};

/// Everything a round of aggregation reads and writes besides the panel.
pub(crate) struct Round {
    now: Moment,
    slot: u64,
    slot_millis: Moment,
    aggregates: PerFeed<Aggregate>,
    traces: PerFeed<Trace>,
    /// Feeds to look at again in the next block.
    waiting: FeedSet,
    /// How many offences were found.
    offences: u32,
}

impl Round {
    /// The round of this block. Two reads, and the time.
    pub(crate) fn now<T: Config>() -> Self {
        Self {
            now: T::Time::now_ms(),
            slot: T::Time::slot(),
            slot_millis: T::Time::slot_millis(),
            aggregates: Aggregates::<T>::get(),
            traces: Traces::<T>::get(),
            waiting: FeedSet::default(),
            offences: 0,
        }
    }
}

/// What closing so many feeds with so many reporters costs, without offences.
pub fn cost<T: Config>(reporters: u32, feeds: u32) -> Weight {
    let each = T::WeightInfo::close_feed(reporters);
    T::WeightInfo::panel(reporters).saturating_add(each.saturating_mul(feeds.into()))
}

/// Closes the round and brings every status up to date; returns what it cost.
///
/// Cost in a block without anything due: five reads. Else one read more for each validator, and for each
/// feed due the sorting of the panel and one write; see `weights.rs`.
pub fn close<T: Config>() -> Weight {
    let parameters = Parameters::<T>::get();
    let mut weight = T::WeightInfo::close_nothing();
    if !Reporters::<T>::exists() {
        // At genesis the stakes are not known yet when the session handler is called.
        let reporters = reporters::snapshot_at_start::<T>();
        weight = weight.saturating_add(T::WeightInfo::snapshot(reporters));
    }
    weight = weight.saturating_add(offences::hand_over_one::<T>());
    if parameters.is_empty() {
        return weight;
    }
    let mut round = Round::now::<T>();
    let before = round.aggregates.clone();
    let due = due(&parameters, &round.traces, Waiting::<T>::get(), round.now);
    if !due.is_empty() {
        let mut panel = read_panel::<T>();
        for (feed, parameters) in due
            .iter()
            .filter_map(|feed| Some((*feed, parameters.get(feed)?)))
        {
            close_feed::<T>(feed, parameters, &mut panel, &mut round);
        }
        let reporters = u32::try_from(panel.len()).unwrap_or(u32::MAX);
        let feeds = u32::try_from(due.len()).unwrap_or(u32::MAX);
        let offences = T::WeightInfo::queue_offence().saturating_mul(round.offences.into());
        weight = weight
            .saturating_add(cost::<T>(reporters, feeds))
            .saturating_add(offences);
        write::<T>(panel, &round);
    }
    announce::<T>(&before, &round.aggregates);
    // Prices age without anyone's doing.
    for (feed, aggregate) in round.aggregates.iter_mut() {
        if let Some(parameters) = parameters.get(feed) {
            status::refresh::<T>(*feed, aggregate, parameters);
        }
    }
    if before != round.aggregates {
        Aggregates::<T>::put(&round.aggregates);
    }
    weight
}

/// The feeds to close: those with something new, those on their way, and those that nobody reported for
/// a heartbeat, so that silence is counted.
fn due(
    parameters: &PerFeed<FeedParameters>,
    traces: &PerFeed<Trace>,
    waiting: FeedSet,
    now: Moment,
) -> Vec<FeedId> {
    let is_due = |(feed, parameters): (&FeedId, &FeedParameters)| {
        let closed_at = traces.get(feed).map_or(0, |trace| trace.closed_at);
        let overdue = now.saturating_sub(closed_at) >= parameters.heartbeat_ms.into();
        (waiting.contains(*feed) || overdue).then_some(*feed)
    };
    parameters.iter().filter_map(is_due).collect()
}

pub(crate) fn read_panel<T: Config>() -> Vec<Panelist<T::AccountId>> {
    let performances = Performances::<T>::get();
    Reporters::<T>::get()
        .into_iter()
        .enumerate()
        .map(|(place, reporter)| Panelist {
            latest: LatestReports::<T>::get(&reporter.validator).unwrap_or_default(),
            changed: false,
            performance: performances.get(place).copied().unwrap_or_default(),
            reporter,
        })
        .collect()
}

/// Stores what the round made of the reports and of the feeds, but for prices.
pub(crate) fn write<T: Config>(panel: Vec<Panelist<T::AccountId>>, round: &Round) {
    let mut performances = Vec::with_capacity(panel.len());
    for panelist in panel {
        performances.push(panelist.performance);
        if panelist.changed {
            LatestReports::<T>::insert(&panelist.reporter.validator, &panelist.latest);
        }
    }
    Performances::<T>::put(frame_support::BoundedVec::truncate_from(performances));
    Traces::<T>::put(&round.traces);
    Waiting::<T>::put(round.waiting);
}

/// One feed: its consensus, its next price, its history, and what each panelist's report was worth.
pub(crate) fn close_feed<T: Config>(
    feed: FeedId,
    parameters: &FeedParameters,
    panel: &mut [Panelist<T::AccountId>],
    round: &mut Round,
) {
    let (now, slot_millis) = (round.now, round.slot_millis);
    let mut trace = round.traces.get(&feed).copied().unwrap_or_default();
    trace.closed_at = now;
    let last = round.aggregates.get(&feed).copied();
    let agreed = match aggregation::consensus(feed, panel, parameters, now, slot_millis) {
        Ok(agreed) => agreed,
        Err(_) => {
            defensive!("oracle: prices or weights out of range");
            None
        }
    };
    let bench = judgement::Bench {
        feed,
        parameters,
        now,
        slot: round.slot,
        slot_millis,
        previous_median: trace.median,
        agreed_in: trace.agreed_in,
        consensus: agreed,
    };
    for panelist in panel.iter_mut() {
        if let Some(outlier) = judgement::judge(&bench, panelist) {
            Pallet::<T>::deposit_event(Event::Outlier {
                validator: panelist.reporter.validator.clone(),
                feed,
                price: outlier.price,
                low: outlier.low,
                high: outlier.high,
            });
        }
        if offences::note_deviation::<T>(panelist) {
            round.offences = round.offences.saturating_add(1);
        }
    }
    if let Some(agreed) = agreed {
        let new = aggregation::next(last.as_ref(), &agreed, parameters, now).and_then(|new| {
            history::record::<T>(feed, last.as_ref(), &new, parameters, &mut trace, now)?;
            Ok(new)
        });
        match new {
            Ok(new) => {
                trace.median = agreed.median;
                trace.agreed_in = round.slot;
                if new.held_back {
                    round.waiting.insert(feed);
                }
                let _ = round.aggregates.try_insert(feed, new);
            }
            Err(_) => {
                defensive!("oracle: aggregate out of range");
            }
        }
    }
    // There is one place for every feed there can be, so this never fails.
    let _ = round.traces.try_insert(feed, trace);
}

/// Events for prices that changed.
fn announce<T: Config>(before: &PerFeed<Aggregate>, after: &PerFeed<Aggregate>) {
    for (&feed, new) in after.iter() {
        let price_before = before.get(&feed).map_or(0, |old| old.price);
        if price_before != new.price {
            Pallet::<T>::deposit_event(Event::AggregateChanged {
                feed,
                before: price_before,
                after: new.price,
                confidence: new.confidence,
                observed_at: new.observed_at,
            });
        }
    }
}
