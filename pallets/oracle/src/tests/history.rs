//! SPEC 10: averages, volatility and the latest prices.

use caisson_primitives::oracle::PriceFeeds;
use caisson_risk::volatility;

use super::common::*;
use crate::{mock::*, types::RECENT_PRICES};

#[test]
fn average_should_weigh_prices_by_time() {
    chain(&[10], || {
        let feed = register("BTC/USD", parameters());
        assert_eq!(Oracle::twap(feed, 1_000), None, "no price yet");
        // A minute at 100, then a minute at 200; the price of a report counts from the next block on.
        for block in 0..120 {
            submit(1, &[(feed, if block < 60 { 100 } else { 200 } * ONE)]);
            next_block();
        }
        let average = |seconds: u64| Oracle::twap(feed, seconds * 1_000).map(|price| price / ONE);
        // Averages reach back to the checkpoint before the window, at most half a minute more.
        assert_eq!(
            average(30),
            Some(199),
            "59 seconds of 200 and one of 100, rounded down"
        );
        assert_eq!(
            average(119),
            Some(149),
            "59 seconds of 200 and 60 of 100, rounded down"
        );
        assert_eq!(average(120), None, "the record doesn't reach that far back");
    });
}

#[test]
fn average_should_hold_the_last_price_when_reports_cease() {
    chain(&[10], || {
        let feed = register("BTC/USD", parameters());
        submit(1, &[(feed, 100 * ONE)]);
        (0..90).for_each(|_| next_block());
        assert_eq!(Oracle::twap(feed, 60_000), Some(100 * ONE));
    });
}

#[test]
fn volatility_should_be_that_of_the_formula() {
    chain(&[10], || {
        let feed = register("BTC/USD", parameters());
        submit(1, &[(feed, 100 * ONE)]);
        next_block();
        assert_eq!(
            Oracle::volatility_ppm(feed, 60_000),
            None,
            "one price has no volatility"
        );
        (0..9).for_each(|_| next_block());
        submit(1, &[(feed, 101 * ONE)]);
        next_block();
        // One return of 1 % in ten seconds, with a time constant of ten minutes.
        let variance =
            volatility::next_variance(&0, &10_000_000, &10_000, &10_000, &600_000).unwrap();
        let expected = volatility::over_horizon(&variance, &60_000, &10_000)
            .unwrap()
            .0;
        assert_eq!(
            Oracle::volatility_ppm(feed, 60_000).map(i128::from),
            Ok::<_, ()>(expected).ok()
        );
        assert!(expected > 0);
    });
}

#[test]
fn latest_prices_should_be_kept_up_to_their_number() {
    chain(&[10], || {
        let feed = register("BTC/USD", parameters());
        for block in 0..100u128 {
            submit(1, &[(feed, (100 + block) * ONE)]);
            next_block();
        }
        let recent = crate::history::recent::<Test>(feed);
        assert_eq!(recent.len(), usize::from(RECENT_PRICES));
        assert_eq!(recent.last().unwrap().price, 199 * ONE);
        assert_eq!(recent.first().unwrap().price, 136 * ONE);
        assert!(recent.windows(2).all(|pair| pair[0].at < pair[1].at));
    });
}
