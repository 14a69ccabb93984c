//! SPEC 7: funding.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{ContractKind, LotPrice},
};
use caisson_risk::funding::FundingIndex;

use super::common::*;
use crate::{mock::*, types::*};

/// A market whose premium window is a hundred seconds and whose interest is zero.
fn quick() -> Proposal {
    let mut one = proposal();
    one.risk.premium_window_ms = 100_000;
    one.risk.interest_ppb = 0;
    one.risk.interest_spread_ppb = 0;
    one
}

#[test]
fn rate_should_be_nothing_before_the_first_whole_window() {
    chain(|| {
        let market = trading(quick());
        trade_at(market, 101_000, 99);
        assert_eq!(
            (trace(market).rate_ppb, trace(market).premium_ppb),
            (0, None)
        );
        assert_eq!(prices(market).funding, LotPrice::ZERO);
        trade_at(market, 101_000, 1);
        let premium = trace(market).premium_ppb.unwrap();
        assert!(premium > 0);
        trade_at(market, 101_000, 1);
        assert_eq!(trace(market).rate_ppb, premium, "from the next block on");
        assert!(prices(market).funding.is_positive());
        assert_eq!(
            Markets::market_view(market).unwrap().funding_rate_ppb,
            premium
        );
        // The rate of a window stands until the next one is whole, whatever the market does.
        trade_at(market, 90_000, 98);
        assert_eq!(trace(market).rate_ppb, premium);
        trade_at(market, 90_000, 3);
        assert_ne!(trace(market).rate_ppb, premium);
    });
}

#[test]
fn rate_should_pull_toward_interest_within_its_spread() {
    chain(|| {
        let mut one = quick();
        one.risk.interest_ppb = 100_000;
        one.risk.interest_spread_ppb = 500_000;
        let market = trading(one);
        blocks(102);
        assert_eq!(trace(market).premium_ppb, Some(0));
        assert_eq!(trace(market).rate_ppb, 100_000);
        trade_at(market, 101_000, 1_000);
        let premium = trace(market).premium_ppb.unwrap();
        assert!(premium > 1_000_000);
        assert_eq!(trace(market).rate_ppb, premium - 500_000);
    });
}

#[test]
fn rate_should_be_capped_by_the_gap_between_margins() {
    chain(|| {
        let mut one = quick();
        one.risk.funding_cap_ppm = 10_000;
        let market = trading(one);
        trade_at(market, 102_000, 2_000);
        // One per cent of 1.6 %, the smaller gap of the two tiers.
        assert_eq!(trace(market).rate_ppb, 160_000);
        open_interest(market, 1_900);
        trade_at(market, 102_000, 2);
        assert_eq!(trace(market).rate_ppb, 160_000, "growth doesn't widen it");
        trade_at(market, 98_000, 3_000);
        assert_eq!(trace(market).rate_ppb, -160_000);
    });
}

#[test]
fn index_should_lose_nothing_over_many_blocks() {
    chain(|| {
        let mut one = quick();
        one.risk.interest_ppb = 777;
        one.risk.interest_spread_ppb = 777;
        let market = trading(one);
        blocks(101);
        let start = trace(market).funding;
        for slots in [1u64, 2, 7, 60, 1, 13] {
            next_block_after(slots);
        }
        let elapsed = 84_000;
        let whole = start
            .advance(&LotPrice(INDEX), &777, &elapsed, &FUNDING_PERIOD_MS.into())
            .unwrap();
        assert_eq!(trace(market).funding, whole);
        assert_eq!(prices(market).funding, whole.index);
    });
}

#[test]
fn funding_should_not_be_charged_for_an_outage() {
    chain(|| {
        let mut one = quick();
        one.risk.interest_ppb = 1_000_000;
        one.risk.interest_spread_ppb = 1_000_000;
        let market = trading(one);
        blocks(102);
        let before = prices(market).funding.0;
        next_block_after(86_400);
        let paid = prices(market).funding.0 - before;
        let minute = INDEX / 1_000 / 480;
        assert!((minute..=minute + 1).contains(&paid), "{paid} {minute}");
    });
}

#[test]
fn funding_should_pause_in_a_long_call_and_on_a_doubtful_index() {
    chain(|| {
        let market = trading(quick());
        trade_at(market, 101_000, 150);
        let stands = || {
            let before = trace(market);
            blocks(10);
            let after = trace(market);
            assert_eq!(
                (
                    after.funding,
                    after.premium,
                    after.premium_ppb,
                    after.rate_ppb
                ),
                (before.funding, before.premium, before.premium_ppb, 0)
            );
        };
        call(market, |call| call.long_call = true);
        stands();
        call(market, |call| call.long_call = false);
        status(0, FeedStatus::Uncertain);
        stands();
        status(0, FeedStatus::Live);
        let before = trace(market).funding.index;
        next_block();
        assert!(trace(market).rate_ppb > 0);
        let second = mark(market) / 100 / 28_800;
        assert!(
            trace(market).funding.index.0 - before.0 <= second,
            "one second, not eleven"
        );
    });
}

#[test]
fn future_should_have_no_funding() {
    chain(|| {
        let market = trading(Proposal {
            kind: ContractKind::Future {
                expires_at: now() + 100_000_000,
            },
            ..quick()
        });
        trade_at(market, 101_000, 300);
        assert!(mark(market) > INDEX);
        assert_eq!(trace(market).funding, FundingIndex::default());
        assert_eq!(trace(market).premium_ppb, None);
    });
}

#[test]
fn funding_index_should_stop_at_its_limit() {
    chain(|| {
        let mut one = quick();
        one.risk.interest_ppb = 1_000_000;
        one.risk.interest_spread_ppb = 1_000_000;
        let market = trading(one);
        blocks(102);
        let edge = FundingIndex {
            index: LotPrice(1i128 << 62),
            remainder: 0,
        };
        crate::Traces::<Test>::mutate(market, |trace| trace.as_mut().unwrap().funding = edge);
        crate::Prices::<Test>::mutate(market, |prices| {
            prices.as_mut().unwrap().funding = edge.index
        });
        next_block();
        assert_eq!((trace(market).funding, trace(market).rate_ppb), (edge, 0));
        assert_eq!(trace(market).freeze, None);
    });
}
