//! SPEC 5.6: what happens when the index can't be trusted.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{LotPrice, MarketPrices},
};

use super::common::*;
use crate::{mock::*, types::Freeze, Event};

/// Prices that differ only in what may change while they stand still.
fn stands_still(before: &MarketPrices, after: &MarketPrices) -> bool {
    let same = MarketPrices {
        at: after.at,
        open_interest: after.open_interest,
        status: after.status,
        ..before.clone()
    };
    same == *after
}

#[test]
fn everything_should_stand_still_while_the_index_is_stale_or_down() {
    for (given, reason) in [
        (FeedStatus::Stale, Freeze::Stale),
        (FeedStatus::Down, Freeze::NoPrice),
    ] {
        chain(|| {
            let market = trading(proposal());
            trade_at(market, 100_500, 4_000);
            let (before, funding) = (prices(market), trace(market).funding);
            assert!(trace(market).rate_ppb > 0);
            status(0, given);
            price(0, 80_000);
            volatility(0, Some(900_000));
            open_interest(market, 12);
            next_block();
            assert_eq!(
                events(),
                [Event::MarkFrozen {
                    market,
                    reason,
                    mark: before.mark
                }]
            );
            next_block_after(4_000);
            assert_eq!(events(), [], "said once");
            let after = prices(market);
            assert!(stands_still(&before, &after));
            assert_eq!(
                (after.status, after.at, after.open_interest),
                (given, now(), 12)
            );
            assert_eq!(
                (trace(market).funding, trace(market).rate_ppb),
                (funding, 0)
            );

            status(0, FeedStatus::Live);
            next_block();
            let thawed = prices(market);
            assert_eq!(thawed.index.0, INDEX / 5 * 8);
            assert_eq!(
                events(),
                [Event::MarkThawed {
                    market,
                    mark: thawed.mark
                }]
            );
            // No back funding: one second at most at the capped rate.
            let paid = thawed.funding.0 - before.funding.0;
            assert!(paid >= 0 && paid < thawed.mark.0 / 100 / 28_800);
            // No jump of the stable price, and none of margins' ratios.
            assert!(thawed.stable.0 - before.stable.0 <= before.stable.0 * 6 / 100 / 3_600);
            let ratio = |prices: &MarketPrices| prices.maintenance[0].0 * 1_000_000 / prices.mark.0;
            assert!(ratio(&thawed) - ratio(&before) <= 20_000 / 3_600 + 1);
        });
    }
}

#[test]
fn mark_should_follow_an_index_that_is_guarded_or_uncertain() {
    for given in [FeedStatus::Guarded, FeedStatus::Uncertain] {
        chain(|| {
            let market = trading(proposal());
            trade_at(market, 100_500, 4_000);
            let funding = trace(market).funding;
            status(0, given);
            price(0, 52_000);
            next_block();
            assert_eq!(prices(market).status, given);
            assert_eq!(prices(market).index.0, INDEX / 50 * 52);
            assert_ne!(mark(market), INDEX);
            assert_eq!(
                (trace(market).funding, trace(market).rate_ppb),
                (funding, 0)
            );
            assert_eq!(events(), []);
        });
    }
}

#[test]
fn one_market_should_not_disturb_another() {
    chain(|| {
        let (first, second) = (trading(proposal()), trading(other_proposal()));
        let before = prices(first);
        world(|world| world.feeds.entry(0).or_default().price = Some(u128::MAX));
        price(1, 2_100);
        next_block();
        assert_eq!(
            events(),
            [Event::MarkFrozen {
                market: first,
                reason: Freeze::OutOfRange,
                mark: before.mark
            }]
        );
        assert!(stands_still(&before, &prices(first)));
        assert_eq!(prices(first).status, FeedStatus::Down);
        assert_eq!(mark(second), 2_100_000_000_000);
        world(|world| world.feeds.remove(&0));
        next_block();
        assert!(events().contains(&Event::MarkFrozen {
            market: first,
            reason: Freeze::NoPrice,
            mark: before.mark
        }));
        // Two prices in one oracle unit are less than a quantum.
        world(|world| world.feeds.entry(0).or_default().status = FeedStatus::Live);
        world(|world| world.feeds.entry(0).or_default().price = Some(1));
        next_block();
        assert_eq!(trace(first).freeze, Some(Freeze::OutOfRange));
        price(0, 50_000);
        next_block();
        assert_eq!((mark(first), trace(first).freeze), (INDEX, None));
    });
}

#[test]
fn market_should_freeze_when_its_mark_leaves_the_proved_range() {
    chain(|| {
        let market = trading(proposal());
        // 2^60 - 1 quanta is 1,152,921 of the quote for a lot of a thousandth.
        price(0, 1_152_921_504);
        next_block();
        assert_eq!(trace(market).freeze, None);
        trade_at(market, u32::MAX, 100);
        assert_eq!(trace(market).freeze, Some(Freeze::OutOfRange));
        assert!(prices(market).mark <= LotPrice((1 << 60) - 1));
        price(0, 50_000);
        next_block();
        assert_eq!(trace(market).freeze, None);
    });
}
