//! Oracle aggregation against brute force.

mod common;

use caisson_risk::oracle::{
    has_quorum, weight_cap, weighted_mad, weighted_median, weighted_quantile, Report, TWO_THIRDS,
};
use caisson_risk::Ppm;
use common::{config, spread};
use num_bigint::BigInt;
use proptest::collection::vec;
use proptest::prelude::*;

fn reports(most: usize) -> impl Strategy<Value = Vec<Report>> {
    let report = (spread(84), spread(80)).prop_map(|(price, weight)| Report {
        price: price.max(1),
        weight,
    });
    vec(report, 1..=most).prop_map(|mut reports| {
        reports.sort_by_key(|report| report.price);
        reports
    })
}

/// The list of prices with each repeated by its (small) weight.
fn expanded(reports: &[Report]) -> Vec<i128> {
    reports
        .iter()
        .flat_map(|report| {
            std::iter::repeat_n(report.price, usize::try_from(report.weight).unwrap())
        })
        .collect()
}

fn small_reports() -> impl Strategy<Value = Vec<Report>> {
    let report = (1i128..60, 0i128..8).prop_map(|(price, weight)| Report { price, weight });
    vec(report, 1..20).prop_map(|mut reports| {
        reports.sort_by_key(|report| report.price);
        reports
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn median_should_be_honest_when_most_stake_is(
        reports in reports(100), honest in vec(any::<bool>(), 100),
    ) {
        let is_honest = |i: usize| honest[i] && reports[i].weight > 0;
        let (mut mine, mut all) = (0i128, 0i128);
        for (i, report) in reports.iter().enumerate() {
            all += report.weight;
            mine += if is_honest(i) { report.weight } else { 0 };
        }
        prop_assume!(2 * mine > all);
        let median = weighted_median(&reports).unwrap();
        let prices = || (0..reports.len()).filter(|i| is_honest(*i)).map(|i| reports[i].price);
        prop_assert!(prices().min().unwrap() <= median && median <= prices().max().unwrap());
    }

    #[test]
    fn median_should_be_the_middle_of_the_expanded_list(reports in small_reports()) {
        let list = expanded(&reports);
        prop_assume!(!list.is_empty());
        let middle = list[(list.len() - 1) / 2];
        prop_assert_eq!(weighted_median(&reports).unwrap(), middle);
        let quartile = weighted_quantile(&reports, 3, 4).unwrap();
        prop_assert_eq!(reports[quartile].price, list[(3 * list.len()).div_ceil(4) - 1]);
        let mut deviations: Vec<_> = list.iter().map(|price| (price - middle).abs()).collect();
        deviations.sort();
        prop_assert_eq!(weighted_mad(&reports).unwrap(), deviations[(list.len() - 1) / 2]);
    }

    #[test]
    fn median_should_not_depend_on_the_order_of_equal_prices(reports in small_reports()) {
        prop_assume!(reports.iter().any(|report| report.weight > 0));
        let mut other = reports.clone();
        other.sort_by_key(|report| (report.price, -report.weight));
        prop_assert_eq!(weighted_median(&reports), weighted_median(&other));
        prop_assert_eq!(weighted_mad(&reports), weighted_mad(&other));
    }

    #[test]
    fn cap_should_be_the_highest_level_that_holds(
        weights in vec(1i128..200, 1..12), cap in 1i128..1_000_000,
    ) {
        let mut weights = weights;
        weights.sort_by(|a, b| b.cmp(a));
        let holds = |level: i128| {
            let total: i128 = weights.iter().map(|weight| *weight.min(&level)).sum();
            level * 1_000_000 <= total * cap
        };
        let best = (1..=weights[0]).rev().find(|level| holds(*level));
        let count = weights.len() as i128;
        match weight_cap(&weights, &Ppm(cap)) {
            Ok(level) if level > 0 => prop_assert_eq!(Some(level), best),
            Ok(_) => prop_assert_eq!(None, best),
            Err(_) => prop_assert!(count * cap < 1_000_000, "refused with enough reporters"),
        }
    }

    #[test]
    fn quorum_should_be_two_thirds(reported in spread(90), missing in spread(90)) {
        let all = reported + missing;
        let exact = BigInt::from(reported) * 1_000_000 >= BigInt::from(all) * TWO_THIRDS;
        prop_assert_eq!(has_quorum(&reported, &all, &Ppm(TWO_THIRDS)).unwrap(), exact);
    }
}
