//! What is remembered of a feed's prices: the time-weighted average, the variance, the latest few.
//! SPEC 10.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{api::PastPrice, BlockTime, FeedId, OraclePrice},
    Moment,
};
use caisson_risk::{twap::Checkpoint, volatility, Res};

use crate::{
    aggregation::{signed, unsigned},
    pallet::{Aggregates, CheckpointsOf, Config, Recent, Traces},
    types::{
        Aggregate, FeedParameters, RecentPrice, Trace, CHECKPOINT_SPACING_MS, RECENT_PRICES,
        VARIANCE_INTERVAL_MS,
    },
};

/// Takes a new aggregate into the history of its feed. The last price counted until now.
///
/// Cost: one write for the latest few, and every [`CHECKPOINT_SPACING_MS`] a read and a write of the
/// checkpoints.
pub fn record<T: Config>(
    feed: FeedId,
    last: Option<&Aggregate>,
    new: &Aggregate,
    parameters: &FeedParameters,
    trace: &mut Trace,
    now: Moment,
) -> Res<()> {
    let at_ms = i128::from(now);
    trace.cumulative = match last {
        Some(last) => trace.cumulative.advance(&signed(last.price), &at_ms)?,
        None => Checkpoint {
            at_ms,
            accumulated: 0,
        },
    };
    let spaced = now.saturating_sub(trace.checkpoint_at) >= CHECKPOINT_SPACING_MS;
    if last.is_none() || spaced {
        CheckpointsOf::<T>::mutate(feed, |checkpoints| {
            checkpoints.push(trace.cumulative, i128::from(CHECKPOINT_SPACING_MS))
        })?;
        trace.checkpoint_at = now;
    }
    sample(new.price, parameters, trace, now)?;
    Recent::<T>::insert(
        feed,
        place(trace.updates),
        RecentPrice {
            at: now,
            price: new.price,
            confidence: new.confidence,
        },
    );
    trace.updates = trace.updates.saturating_add(1);
    Ok(())
}

/// Where the aggregate of that number is, or was, among the latest few.
fn place(number: u64) -> u16 {
    number
        .checked_rem(RECENT_PRICES.into())
        .and_then(|place| u16::try_from(place).ok())
        .unwrap_or_default()
}

/// One sample of the variance, unless the last was taken just now.
fn sample(
    price: OraclePrice,
    parameters: &FeedParameters,
    trace: &mut Trace,
    now: Moment,
) -> Res<()> {
    if trace.sampled_price > 0 {
        let elapsed = now.saturating_sub(trace.sampled_at);
        if elapsed < VARIANCE_INTERVAL_MS {
            return Ok(());
        }
        let moved = volatility::absolute_return_ppb(&signed(trace.sampled_price), &signed(price))?;
        trace.variance = volatility::next_variance(
            &trace.variance,
            &moved,
            &elapsed.into(),
            &VARIANCE_INTERVAL_MS.into(),
            &parameters.variance_time_constant_ms.into(),
        )?;
        trace.samples = trace.samples.saturating_add(1);
    }
    trace.sampled_price = price;
    trace.sampled_at = now;
    Ok(())
}

/// The average price over at least the window, up to now.
pub fn twap<T: Config>(feed: FeedId, window_ms: Moment) -> Option<OraclePrice> {
    let aggregate = Aggregates::<T>::get().get(&feed).copied()?;
    let trace = Traces::<T>::get().get(&feed).copied()?;
    let now = trace
        .cumulative
        .advance(&signed(aggregate.price), &T::Time::now_ms().into())
        .ok()?;
    let average = CheckpointsOf::<T>::get(feed).average(&now, window_ms.into());
    average.ok().map(unsigned)
}

/// The volatility over a horizon, in parts per million.
pub fn volatility_ppm<T: Config>(feed: FeedId, horizon_ms: Moment) -> Option<u32> {
    let trace = Traces::<T>::get().get(&feed).copied()?;
    if trace.samples == 0 {
        return None;
    }
    let ppm = volatility::over_horizon(
        &trace.variance,
        &horizon_ms.into(),
        &VARIANCE_INTERVAL_MS.into(),
    );
    ppm.ok().and_then(|ppm| u32::try_from(ppm.0).ok())
}

/// The latest aggregates, oldest first.
pub fn recent<T: Config>(feed: FeedId) -> Vec<PastPrice> {
    let mut prices: Vec<_> = Recent::<T>::iter_prefix_values(feed)
        .map(|past| PastPrice {
            at: past.at,
            price: past.price,
            confidence: past.confidence,
        })
        .collect();
    prices.sort_unstable_by_key(|past| past.at);
    prices
}
