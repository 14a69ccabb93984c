//! SPEC 8: how a market ends.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{ContractKind, LotPrice, Markets as _, Phase},
};
use frame_support::{assert_noop, assert_ok};

use super::common::*;
use crate::{mock::*, types::*, Error, Event};

#[test]
fn end_should_be_announced_before_its_window_begins() {
    chain(|| {
        let market = trading(proposal());
        let root = RuntimeOrigin::root;
        let window = u64::from(risk().settlement_window_ms);
        let soon = now() + window - 1;
        assert_noop!(
            Markets::delist(root(), market, soon),
            Error::<Test>::EndTooSoon
        );
        assert_ok!(Markets::delist(root(), market, soon + 1));
        assert_eq!(Markets::ends_at(market), Some(soon + 1));
        assert!(events().contains(&Event::EndScheduled {
            market,
            before: None,
            after: soon + 1
        }));
        assert_ok!(Markets::delist(root(), market, soon + 9));
        assert!(events().contains(&Event::EndScheduled {
            market,
            before: Some(soon + 1),
            after: soon + 9
        }));
    });
}

#[test]
fn future_should_end_by_itself_at_the_average_of_its_window() {
    chain(|| {
        let expires_at = now() + 2_000_000;
        let market = trading(Proposal {
            kind: ContractKind::Future { expires_at },
            ..proposal()
        });
        assert_noop!(
            Markets::delist(RuntimeOrigin::root(), market, expires_at + 1),
            Error::<Test>::EndAfterExpiry
        );
        at_end(expires_at - 1_800_000);
        assert_eq!(
            events(),
            [Event::SettlementWindowBegan {
                market,
                ends_at: expires_at
            }]
        );
        assert_noop!(
            Markets::delist(RuntimeOrigin::root(), market, expires_at),
            Error::<Test>::SettlementWindowHasBegun
        );
        // Two thirds of the window at 50,000, the last third at 44,000: 48,000.
        blocks(1_199);
        price(0, 44_000);
        blocks(600);
        assert_eq!(phase(market), Phase::Trading);
        next_block();
        let price = LotPrice(INDEX / 50 * 48);
        assert_eq!(
            events(),
            [
                Event::TradingEnded { market },
                Event::SettlementPriced {
                    market,
                    price,
                    source: SettlementSource::Average
                }
            ]
        );
        assert_eq!(Markets::settling(), [(market, price)]);
        let prices = prices(market);
        assert_eq!([prices.index, prices.mark, prices.stable], [price; 3]);
        assert_eq!(prices.maintenance[0].0, price.0 * 32 / 1_000);
    });
}

#[test]
fn mark_should_go_over_into_the_settlement_price() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        let mut before = mark(market);
        for second in 1..=1_800u64 {
            // The index swings by a tenth; the nearer the end, the less the mark follows.
            let swing = if second % 2 == 0 { 50_000 } else { 55_000 };
            price(0, swing);
            next_block();
            let moved = (mark(market) - before).abs();
            let most = INDEX / 10 * i128::from(1_801 - second) / 1_800 + 1;
            assert!(moved <= most, "{second}: {moved} > {most}");
            before = mark(market);
        }
        assert_eq!((now(), phase(market)), (end, Phase::Settling));
        assert!(before > INDEX / 100 * 104 && before < INDEX / 100 * 106);
    });
}

#[test]
fn late_block_should_settle_at_what_was_known_at_the_end() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        at_end(end - 10_000);
        price(0, 80_000);
        // The index of the last seconds is the one before: nobody saw another in time.
        next_block_after(500);
        assert_eq!(Markets::settling(), [(market, LotPrice(INDEX))]);
    });
}

#[test]
fn future_should_end_earlier_when_it_is_delisted() {
    chain(|| {
        let market = trading(Proposal {
            kind: ContractKind::Future {
                expires_at: now() + 100_000_000,
            },
            ..proposal()
        });
        let end = delist(market);
        at_end(end);
        assert_eq!(phase(market), Phase::Settling);
    });
}

#[test]
fn final_prices_should_not_move_with_anything() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        at_end(end);
        let before = prices(market);
        price(0, 90_000);
        status(0, FeedStatus::Down);
        open_interest(market, 3);
        blocks(3);
        let after = prices(market);
        assert_eq!(
            (after.mark, after.status, after.at),
            (before.mark, FeedStatus::Live, now())
        );
        assert_eq!(
            (after.open_interest, after.maintenance),
            (3, before.maintenance)
        );
        assert_eq!(events(), []);
        open_interest(market, 0);
        next_block();
    });
}

#[test]
fn window_should_go_on_until_the_index_was_seen_for_half_of_it() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        blocks(700);
        status(0, FeedStatus::Stale);
        at_end(end);
        assert_eq!(phase(market), Phase::Settling);
        assert!(Markets::settling().is_empty());
        assert_eq!(prices(market).status, FeedStatus::Stale);
        status(0, FeedStatus::Guarded);
        price(0, 40_000);
        blocks(200);
        assert!(Markets::settling().is_empty());
        assert!(mark(market) < INDEX && mark(market) > INDEX / 5 * 4);
        assert_eq!(trace(market).rate_ppb, 0, "no funding while it waits");
        // 700 seconds and one block until the first stale one, then 200 of the 900 needed.
        next_block();
        let price = Markets::settling()[0].1;
        assert_eq!(
            events(),
            [Event::SettlementPriced {
                market,
                price,
                source: SettlementSource::LateAverage
            }]
        );
        assert!(price.0 < INDEX && price.0 > INDEX / 100 * 95);
    });
}

#[test]
fn settlement_should_fall_back_when_patience_ends() {
    let settles_at = |seen: u64| {
        let mut end = None;
        chain(|| {
            let market = trading(proposal());
            let at = now() + 2_000_000;
            assert_ok!(Markets::delist(RuntimeOrigin::root(), market, at));
            blocks(200 - 1);
            price(0, 49_000);
            blocks(seen);
            status(0, FeedStatus::Stale);
            next_block_after((at - now()) / 1_000);
            assert_eq!(phase(market), Phase::Settling);
            next_block_after(3_599);
            assert!(Markets::settling().is_empty());
            next_block();
            assert_eq!(Markets::settling().len(), 1);
            assert_eq!(prices(market).status, FeedStatus::Live);
            end = events().pop();
        });
        match end {
            Some(Event::SettlementPriced { price, source, .. }) => (price.0, source),
            other => panic!("{other:?}"),
        }
    };
    let last = INDEX / 50 * 49;
    assert_eq!(settles_at(3), (last, SettlementSource::OverdueAverage));
    assert_eq!(settles_at(0), (INDEX, SettlementSource::LastMark));
}

#[test]
fn market_without_any_price_should_end_at_nothing() {
    chain(|| {
        world(|world| world.feeds.insert(0, Feed::default()));
        assert_ok!(propose(proposal()));
        assert_ok!(Markets::open(RuntimeOrigin::root(), 0, 1));
        let end = delist(0);
        at_end(end);
        assert_eq!(phase(0), Phase::Settling);
        assert!(Markets::settling().is_empty());
        next_block_after(3_600);
        assert_eq!(Markets::settling(), [(0, LotPrice::ZERO)]);
        assert_eq!(crate::Prices::<Test>::get(0), None);
        Markets::settled(0);
        assert_eq!(phase(0), Phase::Settled);
    });
}

#[test]
#[should_panic(expected = "settled that has no settlement price")]
fn market_should_not_be_settled_before_its_price_is_known() {
    chain(|| {
        let market = trading(proposal());
        Markets::settled(market);
    });
}

fn ended_at(market: u16, price: LotPrice) -> [Event<Test>; 2] {
    [
        Event::TradingEnded { market },
        Event::SettlementPriced {
            market,
            price,
            source: SettlementSource::EndedAtMark,
        },
    ]
}

#[test]
fn market_should_end_at_its_mark_at_once() {
    chain(|| {
        let market = trading(proposal());
        quotes(market, 100_500, 100_500);
        trade_at(market, 100_500, 100);
        let before = prices(market);
        assert_ne!(before.mark, before.index, "there is a basis");
        open_interest(market, 7);
        assert_ok!(<Markets as caisson_primitives::trading::Markets>::end_at_mark(market));
        assert!(events().ends_with(&ended_at(market, before.mark)));
        assert_eq!(phase(market), Phase::Settling);
        assert_eq!(Markets::ends_at(market), Some(now()));
        assert_eq!(Markets::settling(), [(market, before.mark)]);
        assert_eq!(Markets::settlement_price(market), Some(before.mark));
        let after = prices(market);
        assert_eq!([after.index, after.mark, after.stable], [before.mark; 3]);
        assert_eq!(after.funding, before.funding);
        assert_eq!(after.open_interest, 7);
        crate::try_state::check::<Test>().unwrap();
        price(0, 90_000);
        blocks(10);
        assert_eq!(mark(market), before.mark.0, "nothing moves it any more");
        open_interest(market, 0);
        Markets::settled(market);
        assert_eq!(phase(market), Phase::Settled);
    });
}

#[test]
fn market_should_end_only_once() {
    chain(|| {
        use caisson_primitives::trading::Markets as Trait;
        let end = <Markets as Trait>::end_at_mark;
        assert_noop!(end(9), Error::<Test>::NoSuchMarket);
        assert_ok!(propose(other_proposal()));
        assert_noop!(end(0), Error::<Test>::MarketDoesNotTrade);
        let market = trading(proposal());
        assert_ok!(end(market));
        assert_noop!(end(market), Error::<Test>::MarketHasEnded);
        next_block();
        assert_noop!(end(market), Error::<Test>::MarketHasEnded);
        Markets::settled(market);
        assert_noop!(end(market), Error::<Test>::MarketHasEnded);
    });
}

#[test]
fn market_should_end_at_its_mark_when_its_feed_is_dead() {
    chain(|| {
        let market = trading(proposal());
        let mark = prices(market).mark;
        world(|world| world.feeds.insert(0, Feed::default()));
        blocks(3);
        assert_eq!(prices(market).status, FeedStatus::Down);
        assert_ok!(<Markets as caisson_primitives::trading::Markets>::end_at_mark(market));
        assert_eq!(Markets::settling(), [(market, mark)]);
        assert_eq!(prices(market).status, FeedStatus::Live);
        blocks(3);
        assert_eq!(prices(market).mark, mark);
    });
}

#[test]
fn opening_market_without_a_price_should_end_at_nothing() {
    chain(|| {
        world(|world| world.feeds.insert(0, Feed::default()));
        assert_ok!(propose(proposal()));
        assert_ok!(Markets::open(RuntimeOrigin::root(), 0, 9));
        assert_ok!(<Markets as caisson_primitives::trading::Markets>::end_at_mark(0));
        assert_eq!(Markets::settling(), [(0, LotPrice::ZERO)]);
        next_block();
        Markets::settled(0);
        assert_eq!(phase(0), Phase::Settled);
    });
}

#[test]
fn settlement_window_should_be_void_when_the_market_ends_in_it() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        at_end(end - 600_000);
        assert!(trace(market).window.is_some());
        price(0, 60_000);
        blocks(2);
        let mark = prices(market).mark;
        assert_ok!(<Markets as caisson_primitives::trading::Markets>::end_at_mark(market));
        at_end(end + 10_000);
        assert_eq!(Markets::settling(), [(market, mark)]);
        assert!(events().is_empty());
    });
}

#[test]
fn market_whose_price_is_awaited_should_not_end_twice() {
    chain(|| {
        let market = trading(proposal());
        let end = delist(market);
        status(0, FeedStatus::Stale);
        at_end(end);
        assert_eq!(phase(market), Phase::Settling);
        assert!(Markets::settling().is_empty());
        assert_noop!(
            <Markets as caisson_primitives::trading::Markets>::end_at_mark(market),
            Error::<Test>::MarketHasEnded
        );
    });
}
