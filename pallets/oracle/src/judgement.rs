//! Which reports agreed with the market, and which were outliers. SPEC 7.
//!
//! A report that disagrees with the aggregate when it is counted may be wrong, or the first to see a move. So
//! it is only suspected then, and judged [`GRACE_SLOTS`] later against all medians from just before it to
//! that moment: whoever was early, or a block late, is inside their range, and a liar is not. Until
//! then its feed has no second suspect, so the count grows at most once in a grace period; but no lie
//! goes unjudged by being replaced.

use caisson_primitives::{
    oracle::{FeedId, OraclePrice},
    Moment,
};
use caisson_risk::{oracle as formulas, Ppm};

use crate::{
    aggregation::{counts, signed, Consensus, Panelist},
    types::{FeedParameters, Suspect},
};

/// How long a suspected report waits for its verdict: reports of one move arrive within two blocks.
pub const GRACE_SLOTS: u64 = 3;

/// What one closing of a feed holds reports against.
pub struct Bench<'a> {
    /// The feed.
    pub feed: FeedId,
    /// Its parameters.
    pub parameters: &'a FeedParameters,
    /// The time of the block.
    pub now: Moment,
    /// The slot of the block.
    pub slot: u64,
    /// The length of a slot.
    pub slot_millis: Moment,
    /// The median of the closing before; zero before the first.
    pub previous_median: OraclePrice,
    /// The slot in which a quorum last agreed.
    pub agreed_in: u64,
    /// What the panel agreed on, if it did.
    pub consensus: Option<Consensus>,
}

/// An outlier and the range it is out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlier {
    /// What was reported.
    pub price: OraclePrice,
    /// The lowest median while it waited.
    pub low: OraclePrice,
    /// The highest.
    pub high: OraclePrice,
}

/// Counts what a panelist's report of the feed was worth, and returns the verdict if one is due.
pub fn judge<AccountId>(bench: &Bench, panelist: &mut Panelist<AccountId>) -> Option<Outlier> {
    let performance = &mut panelist.performance;
    performance.expected = performance.expected.saturating_add(1);
    let observation = panelist.latest.of_mut(bench.feed)?;
    let before = *observation;
    let fresh = counts(observation, bench.parameters, bench.now, bench.slot_millis);
    if fresh {
        performance.fresh = performance.fresh.saturating_add(1);
    }
    let consensus = bench.consensus?;
    if fresh
        && agrees(
            bench,
            &consensus,
            observation.price,
            consensus.median,
            consensus.median,
        )
    {
        performance.accurate = performance.accurate.saturating_add(1);
    } else if fresh && observation.arrived >= bench.agreed_in && observation.suspect.is_none() {
        let known = [bench.previous_median, consensus.median]
            .into_iter()
            .filter(|price| *price > 0);
        observation.suspect = Some(Suspect {
            price: observation.price,
            since: bench.slot,
            low: known.clone().min().unwrap_or_default(),
            high: known.max().unwrap_or_default(),
        });
    }
    let verdict = observation.suspect.as_mut().and_then(|suspect| {
        suspect.low = suspect.low.min(consensus.median);
        suspect.high = suspect.high.max(consensus.median);
        let due = bench.slot.saturating_sub(suspect.since) >= GRACE_SLOTS;
        due.then_some(*suspect)
    });
    let outlier = verdict.and_then(|suspect| {
        observation.suspect = None;
        let Suspect {
            price, low, high, ..
        } = suspect;
        (!agrees(bench, &consensus, price, low, high)).then_some(Outlier { price, low, high })
    });
    if outlier.is_some() {
        performance.outliers = performance.outliers.saturating_add(1);
    }
    panelist.changed |= before != *observation;
    outlier
}

/// Whether a price is within tolerance of the range from `low` to `high`: the distance to it is at most
/// `k x max(confidence, floor)`.
fn agrees(
    bench: &Bench,
    consensus: &Consensus,
    price: OraclePrice,
    low: OraclePrice,
    high: OraclePrice,
) -> bool {
    let nearest = price.clamp(low, high.max(low));
    let floor = floor_of(bench.parameters, nearest);
    let factor = Ppm(i128::from(bench.parameters.outlier_factor_ppm));
    let outlier = formulas::is_outlier(
        &signed(price),
        &signed(nearest),
        &signed(consensus.confidence),
        &floor,
        &factor,
    );
    // The formula fails only beyond the range of prices; nobody is an outlier for that.
    !outlier.unwrap_or(false)
}

/// The least tolerance at a price, rounded down.
fn floor_of(parameters: &FeedParameters, price: OraclePrice) -> i128 {
    let floor = price
        .saturating_mul(parameters.tolerance_floor_ppm.into())
        .checked_div(1_000_000);
    signed(floor.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::common::{panelist, parameters};

    const ONE: u128 = 1_000_000_000_000_000_000;

    fn bench(parameters: &FeedParameters, slot: u64, previous: u128, median: u128) -> Bench<'_> {
        Bench {
            feed: 0,
            parameters,
            now: slot * 1_000,
            slot,
            slot_millis: 1_000,
            previous_median: previous,
            agreed_in: slot,
            consensus: Some(Consensus {
                median,
                confidence: ONE / 100,
                observed_at: slot * 1_000,
            }),
        }
    }

    #[test]
    fn liar_should_be_an_outlier_when_the_grace_is_over() {
        let parameters = parameters();
        let mut liar = panelist(1, 0, 150 * ONE, 100);
        for slot in 100..103 {
            assert_eq!(
                judge(&bench(&parameters, slot, 100 * ONE, 100 * ONE), &mut liar),
                None
            );
        }
        let verdict = judge(&bench(&parameters, 103, 100 * ONE, 100 * ONE), &mut liar);
        assert_eq!(
            verdict,
            Some(Outlier {
                price: 150 * ONE,
                low: 100 * ONE,
                high: 100 * ONE
            })
        );
        assert_eq!(liar.performance.outliers, 1);
        assert_eq!(liar.performance.accurate, 0);
        assert_eq!(liar.performance.fresh, 4);
    }

    #[test]
    fn lie_should_be_judged_even_if_the_truth_replaces_it() {
        let parameters = parameters();
        let mut liar = panelist(1, 0, 150 * ONE, 100);
        let _ = judge(&bench(&parameters, 100, 100 * ONE, 100 * ONE), &mut liar);
        liar.latest.observe(crate::types::Observation {
            feed: 0,
            arrived: 101,
            price: 100 * ONE,
            confidence: 0,
            round: 101,
            suspect: None,
        });
        for slot in 101..103 {
            assert_eq!(
                judge(&bench(&parameters, slot, 100 * ONE, 100 * ONE), &mut liar),
                None
            );
        }
        assert!(judge(&bench(&parameters, 103, 100 * ONE, 100 * ONE), &mut liar).is_some());
    }

    #[test]
    fn first_to_see_a_move_should_be_cleared_when_the_others_follow() {
        let parameters = parameters();
        let mut first = panelist(1, 0, 150 * ONE, 100);
        assert_eq!(
            judge(&bench(&parameters, 100, 100 * ONE, 100 * ONE), &mut first),
            None
        );
        assert!(first.latest.of(0).unwrap().suspect.is_some());
        for slot in 101..=103 {
            assert_eq!(
                judge(&bench(&parameters, slot, 100 * ONE, 150 * ONE), &mut first),
                None
            );
        }
        assert_eq!(first.latest.of(0).unwrap().suspect, None);
        assert_eq!(first.performance.outliers, 0);
    }

    #[test]
    fn a_block_late_should_be_cleared_by_the_median_before() {
        let parameters = parameters();
        let mut late = panelist(1, 0, 100 * ONE, 99);
        late.latest.of_mut(0).unwrap().arrived = 100;
        for slot in 100..=103 {
            assert_eq!(
                judge(&bench(&parameters, slot, 100 * ONE, 150 * ONE), &mut late),
                None
            );
        }
        assert_eq!(late.performance.outliers, 0);
    }

    #[test]
    fn nobody_should_be_judged_when_there_is_no_quorum() {
        let parameters = parameters();
        let mut one = panelist(1, 0, 150 * ONE, 100);
        let mut bench = bench(&parameters, 100, 100 * ONE, 100 * ONE);
        bench.consensus = None;
        assert_eq!(judge(&bench, &mut one), None);
        assert_eq!((one.performance.expected, one.performance.fresh), (1, 1));
        assert_eq!(one.performance.accurate, 0);
        assert!(!one.changed);
        let mut absent = panelist(1, 5, ONE, 100);
        assert_eq!(judge(&bench, &mut absent), None);
        assert_eq!(
            (absent.performance.expected, absent.performance.fresh),
            (1, 0)
        );
    }
}
