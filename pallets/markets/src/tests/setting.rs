//! SPEC 3: what can be changed, and when.

use alloc::boxed::Box;
use caisson_primitives::trading::Lots;
use frame_support::{assert_noop, assert_ok, BoundedVec};

use super::common::*;
use crate::{mock::*, types::*, Contracts, Error, Event, Parameters};

#[test]
fn setting_should_say_what_was_before() {
    chain(|| {
        trading(proposal());
        let root = RuntimeOrigin::root;
        let before = risk();
        let after = RiskParameters {
            floor_ppm: 40_000,
            ..risk()
        };
        assert_ok!(set_risk(0, after.clone()));
        assert_eq!(Parameters::<Test>::get(0), Some(after.clone()));
        assert!(events().contains(&Event::RiskParametersSet {
            market: 0,
            before,
            after
        }));

        let after = Fees::flat(900, 100, Default::default());
        assert_ok!(Markets::set_fees(root(), 0, Box::new(after.clone())));
        assert_eq!(Fees::of(&contract(0)), after);
        assert!(events().contains(&Event::FeesSet {
            market: 0,
            before: fees(),
            after
        }));

        let after = Limits {
            band_ppm: 1,
            call_blocks: 9,
            open_interest_cap: 0,
            max_order_lots: 8,
            min_notional: caisson_risk::Cash(7),
        };
        assert_ok!(Markets::set_limits(root(), 0, after));
        assert_eq!(Limits::of(&contract(0)), after);
        assert!(events().contains(&Event::LimitsSet {
            market: 0,
            before: limits(),
            after
        }));
    });
}

#[test]
fn setting_should_be_validated_and_end_with_trading() {
    chain(|| {
        let root = RuntimeOrigin::root;
        let bad_risk = || RiskParameters {
            floor_ppm: 0,
            ..risk()
        };
        assert_noop!(set_risk(0, risk()), Error::<Test>::NoSuchMarket);
        let market = trading(proposal());
        assert_noop!(set_risk(market, bad_risk()), Error::<Test>::FloorIsZero);
        let dear = Fees::flat(PPM, 0, Default::default());
        assert_noop!(
            Markets::set_fees(root(), market, Box::new(dear)),
            Error::<Test>::FeeTooHigh
        );
        let wide = Limits {
            band_ppm: PPM,
            ..limits()
        };
        assert_noop!(
            Markets::set_limits(root(), market, wide),
            Error::<Test>::BadBand
        );

        let end = delist(market);
        at_end(end);
        let ended = || {
            assert_noop!(set_risk(market, risk()), Error::<Test>::MarketHasEnded);
            assert_noop!(
                Markets::set_fees(root(), market, Box::new(fees())),
                Error::<Test>::MarketHasEnded
            );
            assert_noop!(
                Markets::set_limits(root(), market, limits()),
                Error::<Test>::MarketHasEnded
            );
        };
        ended();
        crate::settlement::settled::<Test>(market);
        ended();
    });
}

#[test]
fn tiers_should_be_fixed_once_the_market_has_opened() {
    chain(|| {
        let root = RuntimeOrigin::root;
        let bounds = |bounds: &[i64]| -> TierBounds {
            BoundedVec::truncate_from(bounds.iter().map(|lots| Lots(*lots)).collect())
        };
        let add_ons = |ppm: &[u32]| -> TierRatios { BoundedVec::truncate_from(ppm.to_vec()) };
        assert_ok!(propose(proposal()));
        assert_noop!(
            Markets::set_tiers(root(), 0, bounds(&[2, 1]), add_ons(&[0, 0])),
            Error::<Test>::TiersNotAscending
        );
        assert_noop!(
            Markets::set_tiers(root(), 0, bounds(&[1, 2]), add_ons(&[0])),
            Error::<Test>::BadAddOnCount
        );
        let (after, three) = (bounds(&[1, 2, 3]), add_ons(&[0, 0, 7]));
        assert_ok!(Markets::set_tiers(root(), 0, after.clone(), three.clone()));
        assert!(events().contains(&Event::TiersSet {
            market: 0,
            before: proposal().tier_bounds,
            after: after.clone()
        }));
        assert_ok!(Markets::open(root(), 0, 1));
        next_block();
        assert_eq!(prices(0).maintenance.len(), 3);
        assert_noop!(
            Markets::set_tiers(root(), 0, after, three),
            Error::<Test>::TiersAreFixed
        );
        assert_eq!(Contracts::<Test>::get(0).unwrap().tier_bounds.len(), 3);
        assert_noop!(set_risk(0, risk()), Error::<Test>::BadAddOnCount);
    });
}

#[test]
fn penalty_should_follow_into_the_contract_when_parameters_are_set() {
    chain(|| {
        let market = trading(proposal());
        assert_eq!(contract(market).liquidation_penalty_ppm, 10_000);
        let mut other = risk();
        other.liquidation_penalty_ppm = 20_000;
        assert_ok!(set_risk(market, other));
        assert_eq!(contract(market).liquidation_penalty_ppm, 20_000);
    });
}
