//! SPEC 8: target and coverage.

use caisson_primitives::trading::{Cash, LotPrice};
use caisson_risk::{insurance::Bucket, Ppm};
use frame_support::assert_ok;

use crate::{coverage, mock::*, types::*, Coverages, Event, WeightInfo};

fn open_interest(market: u16, lots: u64) {
    world(|world| world.open_interest.insert(market, lots));
}

#[test]
fn target_should_be_the_mean_of_the_worst_losses() {
    let bucket = Bucket {
        margin_ratio: Ppm(30_000),
        notional: Cash(1_000),
    };
    let mut terms = FundTerms::standard();
    assert_eq!(coverage::target(&terms, &[bucket]), Ok(Cash(270)));
    terms.tail = 3;
    // 270, 270 and 170, rounded up.
    assert_eq!(coverage::target(&terms, &[bucket]), Ok(Cash(237)));
    assert_eq!(coverage::target(&terms, &[]), Ok(Cash(0)));
}

#[test]
fn bucket_should_not_understate_the_loss() {
    // 4 of 99 is a ratio of 40,404.04: rounded down, it covers less.
    let one = coverage::bucket_of(&LotPrice(99), &LotPrice(4), 3).unwrap();
    assert_eq!(one.margin_ratio, Ppm(40_404));
    assert_eq!(one.notional, Cash(297));
}

#[test]
fn blocks_should_look_at_one_compartment_each() {
    chain(|| {
        fill(0, 100);
        for seen in [0, 1, 2, 0] {
            next_block();
            let latest = Coverages::<Test>::iter().max_by_key(|(_, one)| one.at);
            assert_eq!(latest.map(|(compartment, _)| compartment), Some(seen));
        }
        assert_eq!(Coverages::<Test>::iter().count(), 3);
    });
}

#[test]
fn coverage_should_count_the_markets_of_its_compartment() {
    chain(|| {
        fill(0, 100);
        assert_ok!(back(ALICE, 50));
        open_interest(BTC, 10);
        open_interest(ETH, 5);
        open_interest(OTHER, 1_000);
        let weight = next_block();
        // 1,500 of notional, 27 % of which is beyond the margin.
        let seen = Insurance::coverage(0).unwrap();
        assert_eq!(seen.target, Cash(405 * ONE));
        assert_eq!(seen.fund, Cash(150 * ONE));
        assert_eq!(seen.coverage_ppm, Some(370_370));
        assert_eq!(
            weight,
            <()>::look(1, 2),
            "three markets, two of them its own"
        );
    });
}

#[test]
fn crossing_should_be_said_once() {
    chain(|| {
        fill(0, 100);
        open_interest(BTC, 10);
        let round = || {
            let mut said = Vec::new();
            for _ in 0..3 {
                next_block();
                said.extend(events());
                check();
            }
            said
        };
        let (target, fund) = (Cash(270 * ONE), Cash(100 * ONE));
        assert_eq!(
            round(),
            [Event::FundBelowTarget {
                compartment: 0,
                target,
                fund
            }]
        );
        assert!(round().is_empty());
        fill(0, 170);
        assert_eq!(
            round(),
            [Event::FundReachedTarget {
                compartment: 0,
                target,
                fund: target
            }]
        );
        open_interest(BTC, 0);
        assert!(round().is_empty(), "nothing to cover is covered");
        assert_eq!(Insurance::coverage(0).unwrap().coverage_ppm, None);
    });
}

#[test]
fn market_without_a_price_should_count_for_nothing() {
    chain(|| {
        open_interest(BTC, 10);
        world(|world| world.markets.remove(&BTC));
        next_block();
        assert_eq!(Insurance::coverage(0).unwrap().target, Cash(0));
    });
}

#[test]
fn tiny_target_should_count_as_a_thousandfold_coverage() {
    chain(|| {
        fill(0, 1_000_000);
        world(|world| {
            if let Some((_, prices)) = world.markets.get_mut(&BTC) {
                prices.mark = LotPrice(10);
                prices.maintenance[0] = LotPrice(1);
            }
        });
        open_interest(BTC, 1);
        next_block();
        assert_eq!(
            Insurance::coverage(0).unwrap().coverage_ppm,
            Some(1_000_000_000)
        );
    });
}
