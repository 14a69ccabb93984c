//! From the validators' reports to one price for each feed. SPEC 6.
//!
//! Runs in `on_initialize`, once for each feed that has new reports, that is still on its way to its
//! median, or whose heartbeat has passed. All reports are read once, whatever the number of feeds.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{FeedId, OraclePrice},
    Moment,
};
use caisson_risk::{
    oracle::{self as formulas, Report as Weighed, TWO_THIRDS},
    Ppm, Res,
};

use crate::types::{Aggregate, FeedParameters, LatestReport, Observation, Performance, Reporter};

/// Whether a price may enter at all: positive, and within the feed's bounds.
pub fn is_sane(price: OraclePrice, parameters: &FeedParameters) -> bool {
    price > 0 && parameters.lowest <= price && price <= parameters.highest
}

/// One validator with all that aggregation needs of it.
#[derive(Clone, Debug)]
pub struct Panelist<AccountId> {
    /// Who it is, and what its word weighs.
    pub reporter: Reporter<AccountId>,
    /// What it last reported.
    pub latest: LatestReport,
    /// `latest` differs from what is stored.
    pub changed: bool,
    /// What it has done in this session.
    pub performance: Performance,
}

/// What a quorum agrees on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consensus {
    /// The stake-weighted median of the prices.
    pub median: OraclePrice,
    /// The larger of the reporters' confidence and of their dispersion.
    pub confidence: OraclePrice,
    /// The stake-weighted median of the times.
    pub observed_at: Moment,
}

/// When an observation was made.
pub fn time_of(observation: &Observation, slot_millis: Moment) -> Moment {
    observation.round.saturating_mul(slot_millis)
}

/// Whether an observation still counts: it is not older than `max_age`, and may enter.
pub fn counts(
    observation: &Observation,
    parameters: &FeedParameters,
    now: Moment,
    slot_millis: Moment,
) -> bool {
    let age = now.saturating_sub(time_of(observation, slot_millis));
    age <= parameters.max_age_ms.into() && is_sane(observation.price, parameters)
}

/// The consensus of the panel on a feed, or nothing without a quorum of two thirds of all weight.
///
/// `O(n log n)` in the panel. An error means weights or prices beyond their proved ranges, which
/// [`crate::reporters`] and [`is_sane`] rule out.
pub fn consensus<AccountId>(
    feed: FeedId,
    panel: &[Panelist<AccountId>],
    parameters: &FeedParameters,
    now: Moment,
    slot_millis: Moment,
) -> Res<Option<Consensus>> {
    let mut all: i128 = 0;
    let mut reported: i128 = 0;
    let mut fresh = Vec::with_capacity(panel.len());
    for panelist in panel {
        let weight = i128::try_from(panelist.reporter.weight).unwrap_or(i128::MAX);
        all = all.saturating_add(weight);
        let observation = panelist.latest.of(feed);
        if let Some(o) = observation.filter(|o| counts(o, parameters, now, slot_millis)) {
            reported = reported.saturating_add(weight);
            fresh.push((o, weight));
        }
    }
    if reported == 0 || !formulas::has_quorum(&reported, &all, &Ppm(TWO_THIRDS))? {
        return Ok(None);
    }
    let weighed = |value: fn(&Observation) -> u128| {
        let mut reports: Vec<_> = fresh
            .iter()
            .map(|(observation, weight)| Weighed {
                price: i128::try_from(value(observation)).unwrap_or(i128::MAX),
                weight: *weight,
            })
            .collect();
        reports.sort_unstable_by_key(|report| report.price);
        reports
    };
    let prices = weighed(|o| o.price);
    let median = formulas::weighted_median(&prices)?;
    let dispersion = formulas::weighted_mad(&prices)?;
    let stated = formulas::weighted_median(&weighed(|o| o.confidence))?;
    let round = formulas::weighted_median(&weighed(|o| o.round.into()))?;
    Ok(Some(Consensus {
        median: unsigned(median),
        confidence: unsigned(formulas::confidence(&stated, &dispersion)?),
        observed_at: Moment::try_from(round)
            .unwrap_or_default()
            .saturating_mul(slot_millis),
    }))
}

/// The next aggregate: the median, but no further than one step from the last price.
pub fn next(
    last: Option<&Aggregate>,
    consensus: &Consensus,
    parameters: &FeedParameters,
    now: Moment,
) -> Res<Aggregate> {
    let (price, held_back) = match last {
        None => (consensus.median, false),
        Some(last) => {
            let step = Ppm(i128::from(parameters.max_step_ppm));
            let (price, held_back) =
                formulas::guarded_step(&signed(last.price), &signed(consensus.median), &step)?;
            (unsigned(price), held_back)
        }
    };
    Ok(Aggregate {
        price,
        confidence: consensus.confidence,
        // The median of the times can fall when a slow reporter joins; the price does not get older.
        observed_at: consensus
            .observed_at
            .max(last.map_or(0, |last| last.observed_at)),
        updated_at: now,
        held_back,
        status: last.map_or_else(Default::default, |last| last.status),
    })
}

/// Prices are below 2^84, so that this never loses anything.
pub(crate) fn signed(price: OraclePrice) -> i128 {
    i128::try_from(price).unwrap_or(i128::MAX)
}

/// Formulas give nothing negative for positive prices.
pub(crate) fn unsigned(value: i128) -> OraclePrice {
    OraclePrice::try_from(value).unwrap_or_default()
}
