//! What holds whatever prices, calls and gaps come: SPEC 5, 6, 7, 10. `next_block` checks the invariants before and
//! after each block.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{LotPrice, MarketId, MarketPrices, Phase},
};
use caisson_risk::{funding::FundingIndex, mark::band, Ppm};
use proptest::prelude::*;

use super::common::*;
use crate::{mock::*, types::*, Settling};

/// What happens in one block.
#[derive(Clone, Debug)]
struct Step {
    slots: u64,
    price: Option<u128>,
    status: FeedStatus,
    volatility: Option<u32>,
    bid: Option<u32>,
    ask: Option<u32>,
    cleared: Option<u32>,
    long_call: bool,
    open_interest: u64,
}

fn any_status() -> impl Strategy<Value = FeedStatus> {
    prop_oneof![
        6 => Just(FeedStatus::Live),
        1 => Just(FeedStatus::Uncertain),
        1 => Just(FeedStatus::Guarded),
        1 => Just(FeedStatus::Stale),
        1 => Just(FeedStatus::Down),
    ]
}

fn any_price() -> impl Strategy<Value = Option<u128>> {
    prop_oneof![
        8 => (30_000 * ONE..70_000 * ONE).prop_map(Some),
        1 => any::<u128>().prop_map(Some),
        1 => (0..10_000_000_000u128).prop_map(Some),
        1 => Just(None),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let ticks = || {
        prop_oneof![
            4 => (90_000u32..110_000).prop_map(Some),
            1 => any::<u32>().prop_map(Some),
            1 => Just(None),
        ]
    };
    let first = (
        prop_oneof![4 => 0u64..4, 1 => 50..70u64, 1 => 0..100_000u64],
        any_price(),
        any_status(),
        proptest::option::of(prop_oneof![0u32..20_000, any::<u32>()]),
    );
    let second = (
        ticks(),
        ticks(),
        ticks(),
        any::<bool>(),
        prop_oneof![0u64..3_000, any::<u64>()],
    );
    (first, second).prop_map(
        |((slots, price, status, volatility), (bid, ask, cleared, long_call, open_interest))| {
            Step {
                slots,
                price,
                status,
                volatility,
                bid,
                ask,
                cleared,
                long_call,
                open_interest,
            }
        },
    )
}

fn apply(market: MarketId, step: &Step) {
    world(|world| {
        let feed = world.feeds.entry(0).or_default();
        feed.price = step.price;
        feed.status = step.status;
        feed.volatility_ppm = step.volatility;
    });
    let now = now();
    call(market, |call| {
        call.best_bid = step.bid;
        call.best_ask = step.ask;
        call.long_call = step.long_call;
        if let Some(ticks) = step.cleared {
            call.cleared = Some((ticks, now));
        }
    });
    open_interest(market, step.open_interest);
    next_block_after(step.slots);
}

fn is_fresh(status: FeedStatus) -> bool {
    !matches!(status, FeedStatus::Stale | FeedStatus::Down)
}

fn check_block(before: (&MarketPrices, &Trace), after: (&MarketPrices, &Trace), slots: u64) {
    let ((old, old_trace), (new, trace)) = (before, after);
    assert_eq!(new.at, now());
    let (low, high) = band(&new.index, &Ppm(risk().mark_band_ppm.into())).unwrap();
    assert!(
        low <= new.mark && new.mark <= high,
        "the mark is in its band"
    );
    let elapsed = i128::from((slots * 1_000).min(MAX_ELAPSED_MS));
    if !is_fresh(new.status) {
        let still = MarketPrices {
            at: new.at,
            status: new.status,
            open_interest: new.open_interest,
            ..old.clone()
        };
        assert_eq!(*new, still, "nothing moves without a fresh index");
        assert_eq!(trace.funding, old_trace.funding);
        return;
    }
    let limit =
        old.stable.0 * i128::from(risk().stable_max_ppm_per_hour) / 1_000_000 * elapsed / 3_600_000;
    assert!(
        (new.stable.0 - old.stable.0).abs() <= limit + 1,
        "the stable price is slow"
    );
    let up = u64::from(risk().raise_ppm_per_hour) * 1_000_000 * elapsed as u64 / 3_600_000;
    let down = u64::from(risk().lower_ppm_per_hour) * 1_000_000 * elapsed as u64 / 3_600_000;
    for (old, new) in old_trace.maintenance.iter().zip(&trace.maintenance) {
        assert!(*new <= old + up && old - down <= *new, "ratios are slow");
    }
    let rate = i128::from(trace.rate_ppb);
    let expected = old_trace
        .funding
        .advance(&new.mark, &rate, &elapsed, &FUNDING_PERIOD_MS.into())
        .unwrap();
    assert_eq!(
        trace.funding, expected,
        "funding is rate times mark times time"
    );
    let paid = (new.funding.0 - old.funding.0).abs();
    assert!(
        paid <= new.mark.0 * rate.abs() * elapsed / 1_000_000_000 / i128::from(FUNDING_PERIOD_MS)
            + 1,
        "and no more"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn block_should_keep_its_promises_whatever_comes(steps in proptest::collection::vec(any_step(), 1..40)) {
        chain(|| {
            let (market, other) = (trading(proposal()), trading(other_proposal()));
            for step in &steps {
                let before = (prices(market), trace(market));
                apply(market, step);
                let after = (prices(market), trace(market));
                check_block((&before.0, &before.1), (&after.0, &after.1), step.slots);
                assert_eq!(phase(market), Phase::Trading);
                // The other market doesn't notice.
                assert_eq!(mark(other), 2_000_000_000_000);
                assert_eq!(prices(other).status, FeedStatus::Live);
            }
        });
    }

    #[test]
    fn same_blocks_should_give_the_same_state(steps in proptest::collection::vec(any_step(), 1..20)) {
        let run = || {
            let mut end = None;
            chain(|| {
                let market = trading(proposal());
                steps.iter().for_each(|step| apply(market, step));
                end = Some((prices(market), trace(market)));
            });
            end
        };
        prop_assert_eq!(run(), run());
    }

    #[test]
    fn margins_should_be_monotone_in_volatility_and_open_interest(
        low in any::<u32>(),
        more in any::<u32>(),
        few in any::<u64>(),
        lots in any::<u64>(),
    ) {
        let at = |volatility, open_interest| {
            let ratios = crate::margins::ratios(&risk(), volatility, &Default::default(), &0).unwrap();
            crate::margins::per_lot(&LotPrice(INDEX), &ratios, &risk(), open_interest, PPM)
                .unwrap()
        };
        let (high, many) = (low.saturating_add(more), few.saturating_add(lots));
        let (calm, wild, crowded) = (at(low, few), at(high, few), at(low, many));
        for tier in 0..2 {
            prop_assert!(calm.maintenance[tier] <= wild.maintenance[tier]);
            prop_assert!(calm.initial[tier] <= wild.initial[tier]);
            prop_assert_eq!(calm.maintenance[tier], crowded.maintenance[tier]);
            prop_assert!(calm.initial[tier] <= crowded.initial[tier]);
        }
    }

    #[test]
    fn funding_of_many_blocks_should_be_that_of_one(
        gaps in proptest::collection::vec(1u64..60, 1..30),
        interest in -10_000_000i32..10_000_000,
    ) {
        chain(|| {
            let mut steady = proposal();
            steady.risk.premium_window_ms = 1_000;
            steady.risk.interest_ppb = interest;
            steady.risk.interest_spread_ppb = MAX_FUNDING_TERM_PPB;
            let market = trading(steady);
            blocks(2);
            let start: FundingIndex = trace(market).funding;
            for slots in &gaps {
                next_block_after(*slots);
            }
            let rate = i128::from(trace(market).rate_ppb);
            let elapsed = i128::from(gaps.iter().sum::<u64>()) * 1_000;
            let expected = start.advance(&LotPrice(INDEX), &rate, &elapsed, &FUNDING_PERIOD_MS.into());
            assert_eq!(Ok(trace(market).funding), expected);
        });
    }

    #[test]
    fn manipulated_call_should_move_the_mark_no_faster_than_its_averages(ticks in any::<u32>(), seconds in 1u64..40) {
        chain(|| {
            let market = trading(proposal());
            trade_at(market, ticks, seconds);
            // The basis moves by at most its cap times t / (tau + t); the median is no further away than that.
            let moved = (mark(market) - INDEX).abs();
            let most = INDEX * i128::from(risk().basis_cap_ppm) / 1_000_000;
            let basis_only = most * i128::from(seconds) / 150 + 1;
            assert!(moved <= basis_only.min(most) + i128::from(seconds), "{moved} > {basis_only}");
        });
    }
}

/// What happens to the index in the settlement window.
fn any_index() -> impl Strategy<Value = (u64, Option<u128>, FeedStatus)> {
    (1u64..120, any_price(), any_status())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn settlement_price_should_lie_between_the_indices_of_the_window(
        steps in proptest::collection::vec(any_index(), 1..80),
    ) {
        chain(|| {
            let mut short = proposal();
            short.risk.settlement_window_ms = 600_000;
            short.risk.settlement_patience_ms = 300_000;
            let market = trading(short);
            let end = delist(market);
            let mut seen = alloc::vec![INDEX];
            for (slots, price, status) in steps {
                world(|world| {
                    let feed = world.feeds.entry(0).or_default();
                    (feed.price, feed.status) = (price, status);
                });
                next_block_after(slots);
                if let Some((_, settled)) = Settling::<Test>::get().first() {
                    assert!(now() >= end);
                    let (low, high) = (seen.iter().min().unwrap(), seen.iter().max().unwrap());
                    assert!(low <= &settled.0 && &settled.0 <= high, "{settled:?} {seen:?}");
                    assert_eq!(mark(market), settled.0);
                    return;
                }
                assert!(now() < end + 300_000, "patience ends");
                assert_eq!(phase(market) == Phase::Settling, now() >= end);
                if trace(market).freeze.is_none() {
                    let index = price.and_then(|price| crate::index::lot_price(price, ONE / 1_000));
                    seen.push(index.unwrap().0);
                    let distance = (mark(market) - prices(market).index.0).abs();
                    assert_eq!(distance, 0, "without calls the mark is the expected average");
                }
            }
        });
    }
}
