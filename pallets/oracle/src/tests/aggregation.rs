//! SPEC 6, 9: from reports to prices.

use alloc::vec::Vec;
use caisson_primitives::oracle::{Act, FeedStatus, PriceFeeds, PriceUnavailable};
use proptest::prelude::*;

use super::common::*;
use crate::{
    aggregation::{consensus, Panelist},
    mock::*,
    reporters::capped,
    Event,
};

#[test]
fn price_should_be_the_stake_weighted_median_when_a_quorum_reported() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        for (validator, price) in [(1, 100), (2, 101), (3, 103)] {
            submit(validator, &[(feed, price * ONE)]);
        }
        assert_eq!(price(feed), None, "nothing before the round closes");
        next_block();
        let one = aggregate(feed).unwrap();
        assert_eq!(one.price, 101 * ONE);
        assert_eq!(one.status, FeedStatus::Live);
        assert_eq!(one.confidence, ONE * 14_826 / 10_000);
        assert_eq!(one.observed_at, (world(|world| world.slot) - 1) * 1_000);
        assert!(events().contains(&Event::AggregateChanged {
            feed,
            before: 0,
            after: 101 * ONE,
            confidence: one.confidence,
            observed_at: one.observed_at,
        }));
        assert!(events().contains(&Event::StatusChanged {
            feed,
            before: FeedStatus::Down,
            after: FeedStatus::Live,
            age_ms: 1_000,
        }));
    });
}

#[test]
fn price_should_not_change_when_less_than_two_thirds_of_the_weight_reported() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        for validator in [1, 2] {
            submit(validator, &[(feed, 100 * ONE)]);
        }
        next_block();
        assert_eq!(price(feed), None);
        assert_eq!(
            Oracle::price_for(feed, Act::OpenRisk),
            Err(PriceUnavailable::NoPriceYet)
        );
        submit(3, &[(feed, 100 * ONE)]);
        next_block();
        assert_eq!(price(feed), Some(100 * ONE), "earlier reports still count");
    });
}

#[test]
fn feed_should_go_stale_and_down_in_time_and_recover() {
    chain(&[10, 10, 10, 10], || {
        let parameters = parameters();
        let feed = register("BTC/USD", parameters);
        let all_report = |price: u128| (1..=4).for_each(|v| submit(v, &[(feed, price * ONE)]));
        all_report(100);
        next_block();
        let born = world(|world| world.slot) - 1;
        let mut seen = Vec::new();
        for _ in 0..160 {
            let (age, status) = (
                world(|world| world.slot) - born,
                aggregate(feed).unwrap().status,
            );
            if seen.last().is_none_or(|(_, last)| *last != status) {
                seen.push((age, status));
            }
            // Two of four stay alive, at another price: nothing of it is published.
            submit(1, &[(feed, 150 * ONE)]);
            submit(2, &[(feed, 150 * ONE)]);
            next_block();
            assert!([100 * ONE, 150 * ONE].contains(&price(feed).unwrap()));
        }
        // While the other two's reports are fresh, the four have a median, which is theirs too.
        let stale = seen
            .iter()
            .find(|(_, status)| *status == FeedStatus::Stale)
            .unwrap();
        assert!(stale.0 <= 31, "{seen:?}");
        assert_eq!(seen.last().unwrap().1, FeedStatus::Down, "{seen:?}");
        assert_eq!(
            Oracle::price_for(feed, Act::OpenRisk),
            Err(PriceUnavailable::NotFor(FeedStatus::Down))
        );
        assert!(Oracle::price_for(feed, Act::ReduceRisk).is_ok());
        all_report(120);
        next_block();
        assert_eq!(aggregate(feed).unwrap().status, FeedStatus::Live);
        assert_eq!(price(feed), Some(120 * ONE));
    });
}

#[test]
fn jump_should_be_held_back_step_by_step_and_flagged() {
    chain(&[10, 10, 10], || {
        let mut parameters = parameters();
        parameters.max_step_ppm = 100_000;
        let feed = register("BTC/USD", parameters);
        let all_report = |price: u128| (1..=3).for_each(|v| submit(v, &[(feed, price * ONE)]));
        all_report(100);
        next_block();
        all_report(130);
        let mut path = Vec::new();
        for _ in 0..4 {
            next_block();
            path.push((price(feed).unwrap() / ONE, aggregate(feed).unwrap().status));
        }
        use FeedStatus::{Guarded, Live};
        assert_eq!(
            path,
            [(110, Guarded), (121, Guarded), (130, Live), (130, Live)]
        );
        assert!(!crate::Waiting::<Test>::get().contains(feed));
    });
}

#[test]
fn wide_disagreement_should_make_a_feed_uncertain() {
    chain(&[10, 10, 10], || {
        let mut parameters = parameters();
        parameters.max_confidence_ppm = 5_000;
        let feed = register("BTC/USD", parameters);
        for (validator, price) in [(1, 98), (2, 100), (3, 102)] {
            submit(validator, &[(feed, price * ONE)]);
        }
        next_block();
        assert_eq!(aggregate(feed).unwrap().status, FeedStatus::Uncertain);
        let long = Oracle::price_for(feed, Act::LiquidateLong).unwrap();
        assert_eq!(long.price, 100 * ONE + long.confidence);
        assert!(Oracle::price_for(feed, Act::Withdraw).is_err());
    });
}

#[test]
fn old_reports_should_not_count() {
    chain(&[10, 10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        submit(1, &[(feed, 50 * ONE)]);
        (0..16).for_each(|_| next_block());
        (2..=4).for_each(|validator| submit(validator, &[(feed, 100 * ONE)]));
        next_block();
        assert_eq!(price(feed), Some(100 * ONE));
        assert_eq!(
            aggregate(feed).unwrap().confidence,
            0,
            "the old one is in nothing"
        );
    });
}

#[test]
fn no_price_should_be_asked_of_no_feed() {
    chain(&[10], || {
        assert_eq!(
            Oracle::price_for(9, Act::ReduceRisk),
            Err(PriceUnavailable::NoSuchFeed)
        );
        assert_eq!(<Oracle as PriceFeeds>::status(9), FeedStatus::Down);
    });
}

/// A validator in the property below: its stake, whether it is honest, and what it reports, if anything.
type Any = (u128, bool, Option<u64>, u64);

fn panel(all: &[Any]) -> Vec<Panelist<AccountId>> {
    let stakes: Vec<_> = all.iter().map(|one| one.0).collect();
    capped(&stakes, 400_000)
        .into_iter()
        .zip(all)
        .map(|(weight, &(_, _, price, age))| {
            let mut one = panelist(weight, 0, price.map_or(ONE, u128::from) * ONE, 1_000 - age);
            if price.is_none() {
                one.latest.forget(0);
            }
            one
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// The property of the design: dishonest weight under a third and a quorum of two thirds, and the
    /// price lies within the honest range, whatever stakes, prices and silences.
    #[test]
    fn price_should_lie_within_the_honest_range(
        all in proptest::collection::vec(
            (1u128..1 << 100, prop::bool::weighted(0.75), prop::option::weighted(0.9, 1u64..1_000_000), 0u64..20),
            1..100,
        ),
    ) {
        let panel = panel(&all);
        let weight = |keep: &dyn Fn(&Any) -> bool| -> u128 {
            panel.iter().zip(&all).filter(|(_, one)| keep(one)).map(|(p, _)| p.reporter.weight).sum()
        };
        let total = weight(&|_| true);
        prop_assume!(weight(&|one| !one.1) * 3 < total);
        let parameters = parameters();
        let agreed = consensus(0, &panel, &parameters, 1_000_000, 1_000).unwrap();
        let is_fresh = |one: &Any| one.2.is_some() && one.3 * 1_000 <= u64::from(parameters.max_age_ms);
        let reported = weight(&is_fresh);
        // A quorum and only a quorum has a price.
        prop_assert_eq!(agreed.is_some(), reported > 0 && reported * 1_000_000 >= total * 666_667);
        if let Some(agreed) = agreed {
            let honest: Vec<_> = all.iter().filter(|one| one.1 && is_fresh(one)).collect();
            let prices = honest.iter().map(|one| u128::from(one.2.unwrap()) * ONE);
            let times = honest.iter().map(|one| (1_000 - one.3) * 1_000);
            prop_assert!(prices.clone().min().unwrap() <= agreed.median);
            prop_assert!(agreed.median <= prices.max().unwrap());
            prop_assert!(times.clone().min().unwrap() <= agreed.observed_at);
            prop_assert!(agreed.observed_at <= times.max().unwrap());
        }
    }
}
