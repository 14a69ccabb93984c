//! SPEC 4: what is closed of an account, by hand.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Cash, Contract, ContractKind, FeeSplit, Leg, LotPrice, Lots, MarketId, MarketPrices, Phase,
        Side, Standing,
    },
};
use proptest::prelude::*;

use crate::{
    plan::{orders, Known, Planned},
    types::{Terms, MAX_ORDERS},
};

/// A mark of 1000, maintenance 30 up to 1000 lots and 50 up to a million, a penalty of 1 %.
fn market() -> Known {
    let contract = Contract {
        compartment: 0,
        kind: ContractKind::Perpetual,
        phase: Phase::Trading,
        feed: 0,
        lot_size: 1,
        tick: 1,
        min_notional: Cash(1),
        max_order_lots: 1_000_000,
        tier_bounds: vec![Lots(1_000), Lots(1_000_000)].try_into().unwrap(),
        open_interest_cap: 1_000_000,
        band_ppm: 100_000,
        fees: Default::default(),
        fee_split: FeeSplit::default(),
        call_blocks: 1,
        liquidation_penalty_ppm: 10_000,
    };
    let per_tier = |low, high| vec![LotPrice(low), LotPrice(high)].try_into().unwrap();
    let prices = MarketPrices {
        at: 0,
        index: LotPrice(1_000),
        mark: LotPrice(1_000),
        stable: LotPrice(1_000),
        funding: LotPrice(0),
        maintenance: per_tier(30, 50),
        initial: per_tier(60, 100),
        fee_reserve: LotPrice(0),
        open_interest: 0,
        status: FeedStatus::Live,
    };
    (contract, prices)
}

fn terms() -> Terms {
    Terms {
        slice_ppm: 1_000_000,
        slice_at_least: Cash(1),
        slice_at_most: Cash(i128::MAX / 2),
        ..Terms::default()
    }
}

fn leg(market: MarketId, lots: i64) -> Leg {
    let size = i128::from(lots.unsigned_abs());
    let margin = if size <= 1_000 { 30 } else { 50 };
    Leg {
        market,
        lots: Lots(lots),
        mark: LotPrice(1_000),
        profit: Cash(0),
        maintenance: Cash(size * margin),
        notional: Cash(size * 1_000),
        may_liquidate: true,
    }
}

fn standing(equity: i128, legs: Vec<Leg>) -> Standing {
    let maintenance = legs.iter().map(|leg| leg.maintenance.0).sum();
    Standing {
        equity: Cash(equity),
        maintenance: Cash(maintenance),
        slack: Cash(equity - maintenance),
        legs,
        may_liquidate: true,
    }
}

fn plan(standing: &Standing, attempts: u8) -> Vec<Planned> {
    orders(standing, attempts, &terms(), |_| Some(market())).unwrap()
}

#[test]
fn one_position_should_be_closed_by_the_least_that_restores_the_target() {
    // 100 lots need 3000; 2900 are there. Target 36 a lot. A thirtieth is missing: the limit gives 33,334 ppm of the 29
    // of equity behind a lot, which is 0, so closing costs the penalty of 10. (3600 - 2900) / (36 - 10) = 26.9.
    let planned = plan(&standing(2_900, vec![leg(7, 100)]), 0);
    assert_eq!(
        planned,
        [Planned {
            market: 7,
            side: Side::Short,
            lots: 27,
            limit: LotPrice(1_000),
            notional: Cash(27_000),
        }]
    );
}

#[test]
fn limit_should_give_way_with_each_attempt_but_not_past_bankruptcy() {
    let limits: Vec<i128> = (0..6)
        .map(|attempts| {
            plan(&standing(2_900, vec![leg(7, 100)]), attempts)[0]
                .limit
                .0
        })
        .collect();
    assert_eq!(limits, [1_000, 992, 985, 978, 971, 971]);
    let short = plan(&standing(2_900, vec![leg(7, -100)]), 9)[0];
    assert_eq!((short.side, short.limit), (Side::Long, LotPrice(1_029)));
}

#[test]
fn riskiest_position_should_come_first_and_the_next_only_if_it_does_not_suffice() {
    let legs = || vec![leg(1, 100), leg(2, -300), leg(3, 50)];
    let little = plan(&standing(13_000, legs()), 0);
    assert_eq!(little.len(), 1);
    assert_eq!((little[0].market, little[0].side), (2, Side::Long));
    let much = plan(&standing(9_000, legs()), 0);
    let markets: Vec<_> = much.iter().map(|order| order.market).collect();
    assert_eq!(markets, [2, 1]);
    assert_eq!(much[0].lots, 300, "all of the first");
}

#[test]
fn positions_without_a_trusted_price_should_be_left_alone() {
    let mut legs = vec![leg(1, 100), leg(2, -300)];
    legs[1].may_liquidate = false;
    let planned = plan(&standing(5_000, legs), 0);
    assert_eq!(planned.len(), 1);
    assert_eq!(planned[0].market, 1);
}

#[test]
fn no_more_orders_should_be_planned_than_a_visit_enters() {
    let legs = (0..10).map(|market| leg(market, 100)).collect();
    assert_eq!(plan(&standing(1, legs), 0).len(), MAX_ORDERS);
}

#[test]
fn slices_should_keep_within_share_and_notional() {
    let half = Terms {
        slice_ppm: 500_000,
        ..terms()
    };
    let bad = standing(1_000, vec![leg(7, 100)]);
    let lots = |terms: &Terms| orders(&bad, 0, terms, |_| Some(market())).unwrap()[0].lots;
    assert_eq!(lots(&terms()), 100);
    assert_eq!(lots(&half), 50);
    let notional = Terms {
        slice_at_most: Cash(12_999),
        ..terms()
    };
    assert_eq!(lots(&notional), 12);
    let whole = Terms {
        slice_at_least: Cash(100_000),
        ..half
    };
    assert_eq!(lots(&whole), 100, "too small to be cut in slices");
}

proptest! {
    /// A whole fill at the limit brings a single position to its target, or there was nothing to bring there; and one lot
    /// less would not.
    #[test]
    fn whole_fill_should_restore_and_be_the_least(
        lots in 1i64..3_000, short in any::<bool>(), health_ppm in 1i128..1_000_000, attempts in 0u8..6,
    ) {
        let leg = leg(7, if short { -lots } else { lots });
        let equity = leg.maintenance.0 * health_ppm / 1_000_000;
        let before = standing(equity, vec![leg]);
        prop_assume!(before.slack.is_negative());
        let planned = plan(&before, attempts)[0];
        let conceded = (planned.limit.0 - 1_000).abs();
        let target = |left: i128| left * if left <= 1_000 { 36 } else { 60 };
        let after = |closed: i128| {
            let left = i128::from(lots) - closed;
            equity - closed * (conceded + 10) - target(left)
        };
        let closed = i128::from(planned.lots);
        prop_assert!(closed <= i128::from(lots));
        if closed < i128::from(lots) {
            prop_assert!(after(closed) >= 0);
            prop_assert!(after(closed - 1) < 0);
        }
        // At its limit a fill never uses up more than the equity there is, before the penalty.
        prop_assert!(closed * conceded <= equity.max(0));
    }
}
