//! SPEC 5: index, basis, clearing average, mark, stable price.

use caisson_primitives::trading::LotPrice;

use super::common::*;
use crate::mock::*;

#[test]
fn mark_should_be_the_index_without_trades() {
    chain(|| {
        let market = trading(proposal());
        assert_eq!(prices(market).index, LotPrice(INDEX));
        assert_eq!(mark(market), INDEX);
        // Quotes alone move the basis, which is one vote of three against the index's two.
        for _ in 0..300 {
            quotes(market, 101_000, 101_010);
            next_block();
        }
        assert!(trace(market).basis.0 > INDEX / 200);
        assert_eq!(mark(market), INDEX);
        price(0, 51_000);
        next_block();
        assert_eq!(mark(market), INDEX / 50 * 51);
    });
}

#[test]
fn mark_should_follow_a_market_that_quotes_and_trades_above_the_index() {
    chain(|| {
        let market = trading(proposal());
        trade_at(market, 101_000, 1);
        // One second: the basis takes 1/151 of one per cent, the clearing average 1/31.
        let tenth = INDEX / 100;
        assert_eq!(trace(market).basis.0, tenth / 151);
        assert_eq!(trace(market).clearing, Some(LotPrice(INDEX + tenth / 31)));
        assert_eq!(
            mark(market),
            INDEX + tenth / 151,
            "the median is the lesser move"
        );
        trade_at(market, 101_000, 900);
        let premium = mark(market) - INDEX;
        assert!(premium > tenth * 99 / 100 && premium <= tenth, "{premium}");
    });
}

#[test]
fn samples_should_be_capped() {
    chain(|| {
        let market = trading(proposal());
        // A clearing at thirty times the index counts as one at the edge of the band, a mid as one at its cap.
        trade_at(market, 3_000_000, 1);
        assert_eq!(trace(market).basis.0, INDEX / 50 / 151);
        assert_eq!(
            trace(market).clearing,
            Some(LotPrice(INDEX + INDEX / 20 / 31))
        );
        trade_at(market, 3_000_000, 2_000);
        assert!(mark(market) <= INDEX + INDEX / 50);
        trade_at(market, 1, 2_000);
        assert!(mark(market) >= INDEX - INDEX / 50 - 1);
    });
}

#[test]
fn mid_should_count_only_between_close_quotes_that_do_not_cross() {
    chain(|| {
        let market = trading(proposal());
        let basis_after = |bid, ask| {
            call(market, |call| {
                call.best_bid = bid;
                call.best_ask = ask;
            });
            crate::Traces::<Test>::mutate(market, |trace| {
                trace.as_mut().unwrap().basis = LotPrice::ZERO
            });
            next_block();
            trace(market).basis.0
        };
        assert!(basis_after(Some(101_000), Some(101_000)) > 0);
        assert_eq!(basis_after(Some(101_000), None), 0);
        assert_eq!(basis_after(None, Some(101_000)), 0);
        assert_eq!(basis_after(Some(0), Some(1)), 0);
        assert_eq!(basis_after(Some(101_001), Some(101_000)), 0, "crossed");
        // One per cent of the mid of 100,500 is 1,005.
        assert!(basis_after(Some(100_000), Some(101_005)) > 0);
        assert_eq!(basis_after(Some(100_000), Some(101_006)), 0);
    });
}

#[test]
fn basis_should_decay_when_the_mid_is_gone() {
    chain(|| {
        let market = trading(proposal());
        trade_at(market, 101_000, 300);
        let before = trace(market).basis.0;
        call(market, |call| call.best_bid = None);
        blocks(150);
        let after = trace(market).basis.0;
        assert!(after > before / 4 && after < before / 2, "{before} {after}");
    });
}

#[test]
fn clearing_should_count_until_it_is_too_old_and_begin_again_at_the_index() {
    chain(|| {
        let market = trading(proposal());
        trade_at(market, 101_000, 60);
        let average = trace(market).clearing.unwrap();
        assert!(average.0 > INDEX + INDEX / 200);
        // The last clearing was a second before the last block; it counts for 60 seconds.
        blocks(59);
        assert!(
            trace(market).clearing.unwrap() > average,
            "held until the next one"
        );
        next_block();
        assert_eq!(trace(market).clearing, None);
        assert_eq!(mark(market), INDEX);
        clear(market, 101_000);
        next_block();
        assert_eq!(
            trace(market).clearing,
            Some(LotPrice(INDEX + INDEX / 100 / 31))
        );
    });
}

#[test]
fn averages_should_count_at_most_a_minute_between_two_blocks() {
    chain(|| {
        let market = trading(proposal());
        quotes(market, 101_000, 101_000);
        next_block_after(3_600);
        assert_eq!(trace(market).basis.0, INDEX / 100 * 60 / 210);
    });
}

#[test]
fn mark_should_stay_in_its_band_when_the_index_moves() {
    chain(|| {
        let mut narrow = proposal();
        narrow.risk.mark_band_ppm = 10_000;
        narrow.risk.basis_cap_ppm = 10_000;
        let market = trading(narrow);
        trade_at(market, 101_000, 1_000);
        for units in [60_000u128, 30_000, 49_000] {
            price(0, units);
            next_block();
            let prices = prices(market);
            let distance = (prices.mark.0 - prices.index.0).abs();
            assert!(distance <= prices.index.0 / 100, "{units}");
        }
    });
}

#[test]
fn stable_price_should_follow_slowly() {
    chain(|| {
        let market = trading(proposal());
        assert_eq!(prices(market).stable, LotPrice(INDEX));
        price(0, 100_000);
        next_block();
        // 6 % an hour is less than the average would take.
        assert_eq!(
            prices(market).stable.0,
            INDEX + INDEX * 60_000 / 1_000_000 / 3_600
        );
        blocks(3_599);
        let stable = prices(market).stable.0;
        assert!(stable > INDEX * 105 / 100 && stable < INDEX * 107 / 100);
        // A little away, the average is slower than the limit.
        price(0, 53_100);
        blocks(2);
        let slow = prices(market).stable.0 - stable;
        assert!(slow.abs() < 2 * INDEX * 60_000 / 1_000_000 / 3_600);
    });
}

#[test]
fn market_should_have_no_prices_before_the_first_index() {
    chain(|| {
        world(|world| world.feeds.entry(0).or_default().price = None);
        frame_support::assert_ok!(propose(proposal()));
        frame_support::assert_ok!(Markets::open(RuntimeOrigin::root(), 0, 1));
        blocks(3);
        assert_eq!(crate::Prices::<Test>::get(0), None);
        price(0, 40_000);
        next_block();
        assert_eq!(mark(0), INDEX / 5 * 4);
        assert_eq!(prices(0).stable.0, INDEX / 5 * 4);
        assert_eq!(prices(0).at, now());
    });
}

#[test]
fn weight_should_count_live_markets_and_changes() {
    chain(|| {
        let weight = |live, changed| frame_support::weights::Weight::from_parts(live, changed);
        assert_eq!(next_block_after(1), weight(0, 0));
        let market = trading(proposal());
        trading(other_proposal());
        assert_eq!(next_block_after(1), weight(2, 0));
        let end = delist(market);
        at_end(end - 1_000);
        assert_eq!(next_block_after(1), weight(1, 1));
        assert_eq!(next_block_after(1), weight(2, 0), "the price is final");
    });
}
