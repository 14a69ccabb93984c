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
