//! Many sources' prices to one observation: weighted median and spread.

use alloc::vec::Vec;
use caisson_primitives::oracle::{FeedId, OraclePrice};
use caisson_risk::oracle as formulas;

use crate::types::{FeedParameters, Observation, ReportedPrice};

/// The weighted median of the sources that answered, with their spread as a standard deviation.
///
/// Nothing if fewer than `min_sources` answered with a price that may enter.
pub fn aggregate(
    feed: FeedId,
    parameters: &FeedParameters,
    answers: &[(OraclePrice, u32)],
) -> Option<ReportedPrice> {
    let mut reports: Vec<_> = answers
        .iter()
        .filter(|(price, _)| crate::aggregation::is_sane(*price, parameters))
        .filter_map(|(price, weight)| {
            Some(formulas::Report {
                price: i128::try_from(*price).ok()?,
                weight: i128::from(*weight),
            })
        })
        .collect();
    if reports.len() < usize::from(parameters.min_sources) {
        return None;
    }
    reports.sort_unstable_by_key(|report| report.price);
    let price = formulas::weighted_median(&reports).ok()?;
    let spread = formulas::weighted_mad(&reports).ok()?;
    let confidence = formulas::confidence(&0, &spread).ok()?;
    Some(ReportedPrice {
        feed,
        price: price.try_into().ok()?,
        confidence: confidence.try_into().ok()?,
    })
}

/// Whether an observation is worth reporting, given what was last reported. SPEC 4.3.
pub fn is_due(
    parameters: &FeedParameters,
    last: Option<&Observation>,
    last_at_ms: u64,
    new: &ReportedPrice,
    now_ms: u64,
) -> bool {
    let Some(last) = last else {
        return true;
    };
    let elapsed = now_ms.saturating_sub(last_at_ms);
    if elapsed >= parameters.heartbeat_ms.into() {
        return true;
    }
    // |new - last| / last > deviation, without a division. Both are under 2^84.
    let moved = new.price.abs_diff(last.price).saturating_mul(1_000_000);
    moved > last.price.saturating_mul(parameters.deviation_ppm.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::common::parameters;

    const ONE: u128 = 1_000_000_000_000_000_000;

    #[test]
    fn aggregate_should_be_the_weighted_median_with_its_spread() {
        let answers = [(103 * ONE, 1), (100 * ONE, 1), (101 * ONE, 1)];
        let observed = aggregate(7, &parameters(), &answers).unwrap();
        assert_eq!(observed.feed, 7);
        assert_eq!(observed.price, 101 * ONE);
        assert_eq!(observed.confidence, ONE * 14_826 / 10_000);
        let heavy = [(103 * ONE, 5), (100 * ONE, 1), (101 * ONE, 1)];
        assert_eq!(
            aggregate(7, &parameters(), &heavy).unwrap().price,
            103 * ONE
        );
    }

    #[test]
    fn aggregate_should_be_nothing_when_too_few_sources_are_sane() {
        let mut parameters = parameters();
        parameters.min_sources = 3;
        let insane = parameters.highest + 1;
        assert_eq!(
            aggregate(
                0,
                &parameters,
                &[(100 * ONE, 1), (101 * ONE, 1), (insane, 1)]
            ),
            None
        );
        assert_eq!(aggregate(0, &parameters, &[]), None);
    }

    #[test]
    fn reports_should_be_due_when_the_price_moved_or_time_passed() {
        let mut parameters = parameters();
        parameters.deviation_ppm = 1_000;
        parameters.heartbeat_ms = 10_000;
        let last = Observation {
            feed: 0,
            arrived: 100,
            price: 1_000 * ONE,
            confidence: 0,
            round: 100,
            suspect: None,
        };
        let due = |price: u128, now| {
            let new = ReportedPrice {
                feed: 0,
                price,
                confidence: 0,
            };
            is_due(&parameters, Some(&last), 100_000, &new, now)
        };
        assert!(
            !due(1_001 * ONE, 105_000),
            "exactly the deviation is not more than it"
        );
        assert!(due(1_001 * ONE + 1, 105_000));
        assert!(due(999 * ONE - 1, 105_000));
        assert!(!due(1_000 * ONE, 109_999));
        assert!(due(1_000 * ONE, 110_000));
        let new = ReportedPrice {
            feed: 0,
            price: 1,
            confidence: 0,
        };
        assert!(is_due(&parameters, None, 0, &new, 0));
    }
}
