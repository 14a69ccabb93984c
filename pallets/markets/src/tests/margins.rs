//! SPEC 6: margin ratios and margins of one lot.

use super::common::*;
use crate::{mock::*, types::*};

/// Maintenance and initial margin of each tier, in parts per million of the mark.
fn ratios(market: u16) -> [(i128, i128); 2] {
    let prices = prices(market);
    let ratio = |margin: i128| (margin * 1_000_000).div_euclid(prices.mark.0);
    [0, 1].map(|tier| {
        (
            ratio(prices.maintenance[tier].0),
            ratio(prices.initial[tier].0),
        )
    })
}

#[test]
fn margins_should_follow_floor_slippage_and_add_ons() {
    chain(|| {
        let market = trading(proposal());
        assert_eq!(ratios(market), [(32_000, 48_000), (37_000, 55_500)]);
    });
}

#[test]
fn first_ratio_should_be_what_the_volatility_asks() {
    chain(|| {
        volatility(0, Some(5_000));
        let market = trading(proposal());
        assert_eq!(ratios(market), [(52_000, 78_000), (57_000, 85_500)]);
        volatility(0, None);
        blocks(2);
        assert!(
            ratios(market)[0].0 < 52_000,
            "without a volatility the floor counts"
        );
    });
}

#[test]
fn ratio_should_move_no_faster_than_allowed() {
    chain(|| {
        let market = trading(proposal());
        volatility(0, Some(100_000));
        blocks(3_600);
        // Two per cent an hour, tiers alike; what a second's step rounds away is under a millionth of it.
        let [(low, _), (high, _)] = ratios(market);
        assert!((51_990..=52_001).contains(&low), "{low}");
        assert!((56_990..=57_001).contains(&high), "{high}");
        volatility(0, Some(1_000));
        blocks(3_600);
        let [(low, _), _] = ratios(market);
        assert!(
            (46_990..=47_011).contains(&low),
            "half a per cent down: {low}"
        );
        blocks(4 * 3_600);
        assert_eq!(ratios(market), [(32_000, 48_000), (37_000, 55_500)]);
    });
}

#[test]
fn ratio_should_move_even_when_the_step_is_a_part_of_a_millionth() {
    chain(|| {
        let mut slow = proposal();
        slow.risk.raise_ppm_per_hour = 1;
        let market = trading(slow);
        volatility(0, Some(100_000));
        blocks(3_600);
        let ratio = trace(market).maintenance[0];
        assert_eq!(ratio, 32_000_000_000 + 277 * 3_600);
        assert_eq!(ratios(market)[0].0, 32_001, "rounded up");
    });
}

#[test]
fn governance_should_not_move_ratios_faster_either() {
    chain(|| {
        let market = trading(proposal());
        let mut hard = risk();
        hard.floor_ppm = 200_000;
        hard.tier_add_ons_ppm = frame_support::BoundedVec::truncate_from(alloc::vec![0, 300_000]);
        frame_support::assert_ok!(set_risk(market, hard));
        next_block();
        let [(low, _), (high, _)] = ratios(market);
        assert_eq!((low, high), (32_006, 37_006));
    });
}

#[test]
fn ratios_should_end_at_one() {
    chain(|| {
        let mut fast = proposal();
        fast.risk.raise_ppm_per_hour = PPM;
        let market = trading(fast);
        volatility(0, Some(u32::MAX));
        blocks(3_700);
        assert_eq!(ratios(market), [(1_000_000, 1_000_000); 2]);
        assert_eq!(trace(market).rate_ppb, 0, "no gap, no funding");
    });
}

#[test]
fn initial_margin_alone_should_rise_with_open_interest() {
    chain(|| {
        let market = trading(proposal());
        let before = ratios(market);
        for (lots, initial) in [
            (1_000, 48_000),
            (1_500, 524_000),
            (2_000, 1_000_000),
            (u64::MAX, 1_000_000),
        ] {
            open_interest(market, lots);
            next_block();
            assert_eq!(ratios(market)[0], (before[0].0, initial), "{lots}");
            assert_eq!(prices(market).open_interest, lots);
        }
    });
}

#[test]
fn margins_should_round_up() {
    chain(|| {
        let market = trading(proposal());
        world(|world| world.feeds.entry(0).or_default().price = Some(50_000 * ONE + 1_000_000_000));
        next_block();
        assert_eq!(mark(market), INDEX + 1);
        let prices = prices(market);
        assert_eq!(prices.maintenance[0].0, INDEX * 32 / 1_000 + 1);
        assert_eq!(prices.initial[1].0, INDEX * 555 / 10_000 + 1);
    });
}

#[test]
fn fee_reserve_should_cover_the_dearest_fill_in_the_band() {
    chain(|| {
        let market = trading(proposal());
        assert_eq!(
            prices(market).fee_reserve.0,
            INDEX * 105 / 100 * 500 / 1_000_000
        );
        let root = RuntimeOrigin::root;
        let maker_is_dearer = Fees::flat(0, 700, Default::default());
        let set = |fees: Fees| {
            frame_support::assert_ok!(Markets::set_fees(root(), market, fees.into()));
            next_block();
            prices(market).fee_reserve.0
        };
        assert_eq!(set(maker_is_dearer), INDEX * 105 / 100 * 700 / 1_000_000);
        assert_eq!(set(Fees::flat(0, 0, Default::default())), 0);
    });
}

#[test]
fn stress_should_raise_initial_margin_alone_and_at_most_to_the_mark() {
    chain(|| {
        let market = trading(proposal());
        let calm = prices(market);
        let stressed = |ppm: u32| {
            world(|world| world.stress_ppm.insert(market, ppm));
            next_block();
            let now = prices(market);
            assert_eq!(now.maintenance, calm.maintenance);
            assert_eq!(trace(market).rate_ppb, 0);
            now.initial
        };
        let half_more = stressed(1_500_000);
        for (before, after) in calm.initial.iter().zip(&half_more) {
            assert_eq!(after.0, before.0 * 3 / 2);
        }
        assert_eq!(
            stressed(1_000_001)[0].0,
            calm.initial[0].0 + (calm.initial[0].0 + 999_999) / 1_000_000,
            "rounded up"
        );
        assert!(stressed(u32::MAX).iter().all(|one| *one == calm.mark));
        assert_eq!(stressed(999_999), calm.initial, "never lowered");
    });
}

#[test]
fn stress_should_not_move_prices_that_stand_still() {
    chain(|| {
        let market = trading(proposal());
        let before = prices(market).initial;
        status(0, caisson_primitives::oracle::FeedStatus::Stale);
        world(|world| world.stress_ppm.insert(market, 2_000_000));
        next_block();
        assert_eq!(prices(market).initial, before);
    });
}
