//! SPEC 3: what can be listed, and every reason why not.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{ContractKind, FeeTier, Lots},
};
use caisson_risk::{limits, Cash};
use frame_support::{assert_noop, assert_ok, BoundedVec};

use super::common::*;
use crate::{mock::*, types::*, Error};

type E = Error<Test>;

#[track_caller]
fn refuses(error: Error<Test>, change: impl FnOnce(&mut Proposal)) {
    let mut changed = proposal();
    change(&mut changed);
    assert_noop!(propose(changed), error);
}

#[track_caller]
fn accepts(change: impl FnOnce(&mut Proposal)) {
    let mut changed = proposal();
    change(&mut changed);
    assert_ok!(propose(changed));
    let market = crate::NextMarket::<Test>::get() - 1;
    assert_ok!(Markets::withdraw_proposal(RuntimeOrigin::root(), market));
}

fn tiers(bounds: &[i64]) -> TierBounds {
    BoundedVec::truncate_from(bounds.iter().map(|lots| Lots(*lots)).collect())
}

fn add_ons(ppm: &[u32]) -> TierRatios {
    BoundedVec::truncate_from(ppm.to_vec())
}

#[test]
fn symbol_should_be_capitals_digits_and_dashes() {
    chain(|| {
        for bad in ["", "-", "BTC-", "-BTC", "btc", "BTC PERP", "BTC/USD", "BÜC"] {
            refuses(E::BadSymbol, |one| one.symbol = text(bad));
        }
        for good in ["B", "1000SATS-20301231-SETTLE", "BTC--1"] {
            accepts(|one| one.symbol = text(good));
        }
        assert_ok!(propose(proposal()));
        refuses(E::SymbolTaken, |_| {});
    });
}

#[test]
fn feed_and_compartment_should_exist() {
    chain(|| {
        refuses(E::NoSuchFeed, |one| one.feed = 9);
        refuses(E::NoSuchCompartment, |one| one.compartment = 9);
        world(|world| world.feeds.insert(9, Feed::default()));
        accepts(|one| one.feed = 9);
        status(0, FeedStatus::Down);
        accepts(|_| {});
    });
}

#[test]
fn lot_and_tick_should_suit_the_index() {
    chain(|| {
        refuses(E::LotSizeIsZero, |one| one.lot_size = 0);
        refuses(E::TickIsZero, |one| one.tick = 0);
        refuses(E::LotTooLarge, |one| one.lot_size = u128::MAX);
        // 50,000 * 10^12 quanta for a unit: 2^60 - 1 is 23.05 units, a tenth of that 2.3.
        accepts(|one| one.lot_size = 2 * ONE);
        refuses(E::LotTooLarge, |one| one.lot_size = 3 * ONE);
        refuses(E::LotTooLarge, |one| one.lot_size = 100 * ONE);
        // A thousand ticks of the index, and ten times it in 32 bits.
        let index = u64::try_from(INDEX).unwrap();
        accepts(|one| one.tick = index / 1_000);
        refuses(E::TickTooCoarse, |one| one.tick = index / 1_000 + 1);
        let finest = (index * 10).div_ceil(u64::from(u32::MAX));
        accepts(|one| one.tick = finest);
        refuses(E::TickTooFine, |one| one.tick = finest - 1);
        refuses(E::TickTooCoarse, |one| {
            one.lot_size = 1;
            one.tick = 1;
        });
        world(|world| world.feeds.entry(0).or_default().price = None);
        accepts(|one| one.tick = 1);
    });
}

#[test]
fn tiers_should_ascend_and_fit() {
    chain(|| {
        let most = i64::try_from(limits::MAX_LOTS).unwrap();
        refuses(E::NoTiers, |one| one.tier_bounds = tiers(&[]));
        for bad in [[0, 5], [-1, 5], [5, 5], [6, 5]] {
            refuses(E::TiersNotAscending, |one| one.tier_bounds = tiers(&bad));
        }
        refuses(E::TierTooLarge, |one| {
            one.tier_bounds = tiers(&[1, most + 1])
        });
        accepts(|one| one.tier_bounds = tiers(&[1, most]));
        refuses(E::BadAddOnCount, |one| one.tier_bounds = tiers(&[1]));
        refuses(E::AddOnsNotAscending, |one| {
            one.risk.tier_add_ons_ppm = add_ons(&[2, 1])
        });
        accepts(|one| one.risk.tier_add_ons_ppm = add_ons(&[2, 2]));
    });
}

#[test]
fn ratios_should_be_ordered_and_below_one() {
    chain(|| {
        refuses(E::FloorIsZero, |one| one.risk.floor_ppm = 0);
        refuses(E::VolatilityFactorTooHigh, |one| {
            one.risk.volatility_factor_ppm = MAX_FACTOR_PPM + 1
        });
        refuses(E::RatioTooHigh, |one| one.risk.floor_ppm = PPM);
        refuses(E::RatioTooHigh, |one| {
            one.risk.tier_add_ons_ppm = add_ons(&[0, 968_000])
        });
        accepts(|one| one.risk.tier_add_ons_ppm = add_ons(&[0, 967_999]));
        for step in [0, PPM + 1] {
            refuses(E::BadRatioSteps, |one| one.risk.raise_ppm_per_hour = step);
            refuses(E::BadRatioSteps, |one| one.risk.lower_ppm_per_hour = step);
        }
        for factor in [PPM - 1, MAX_FACTOR_PPM + 1] {
            refuses(E::BadInitialFactor, |one| {
                one.risk.initial_factor_ppm = factor
            });
        }
        refuses(E::InitialNotAboveMaintenance, |one| {
            one.risk.initial_factor_ppm = PPM
        });
        accepts(|one| one.risk.initial_factor_ppm = PPM + 1);
        refuses(E::OpenInterestNotAscending, |one| {
            one.risk.open_interest_upper = one.risk.open_interest_lower
        });
        refuses(E::OpenInterestTooLarge, |one| {
            one.risk.open_interest_upper = 1 << 48
        });
    });
}

#[test]
fn penalty_should_be_small_and_covered_by_margin() {
    chain(|| {
        let set = |one: &mut Proposal, floor, penalty| {
            one.risk.floor_ppm = floor;
            one.risk.liquidation_penalty_ppm = penalty;
        };
        refuses(E::PenaltyTooHigh, |one| set(one, 30_000, 30_000));
        accepts(|one| set(one, 30_000, 29_999));
        refuses(E::PenaltyTooHigh, |one| {
            set(one, 90_000, MAX_PENALTY_PPM + 1)
        });
        accepts(|one| set(one, 90_000, MAX_PENALTY_PPM));
        accepts(|one| set(one, 1, 0));
    });
}

#[test]
fn shares_of_the_mark_should_be_below_one() {
    chain(|| {
        for share in [0, PPM] {
            refuses(E::BadMarkBand, |one| one.risk.mark_band_ppm = share);
            refuses(E::BadSpread, |one| one.risk.max_spread_ppm = share);
        }
        for cap in [0, risk().mark_band_ppm + 1] {
            refuses(E::BadBasisCap, |one| one.risk.basis_cap_ppm = cap);
        }
        for rate in [0, PPM + 1] {
            refuses(E::BadStableRate, |one| {
                one.risk.stable_max_ppm_per_hour = rate
            });
        }
    });
}

#[test]
fn funding_should_be_bounded() {
    chain(|| {
        refuses(E::FundingCapTooHigh, |one| one.risk.funding_cap_ppm = PPM);
        for interest in [i32::MIN, -10_000_001, 10_000_001] {
            refuses(E::FundingTermTooHigh, |one| {
                one.risk.interest_ppb = interest
            });
        }
        refuses(E::FundingTermTooHigh, |one| {
            one.risk.interest_spread_ppb = MAX_FUNDING_TERM_PPB + 1
        });
        accepts(|one| one.risk.interest_ppb = -10_000_000);
    });
}

#[test]
fn times_should_be_positive_and_not_too_long() {
    chain(|| {
        let times: [fn(&mut RiskParameters) -> &mut u32; 8] = [
            |one| &mut one.horizon_ms,
            |one| &mut one.basis_time_constant_ms,
            |one| &mut one.clearing_time_constant_ms,
            |one| &mut one.clearing_max_age_ms,
            |one| &mut one.stable_time_constant_ms,
            |one| &mut one.premium_window_ms,
            |one| &mut one.settlement_window_ms,
            |one| &mut one.settlement_patience_ms,
        ];
        for time in times {
            refuses(E::TimeIsZero, |one| *time(&mut one.risk) = 0);
            refuses(E::TimeTooLong, |one| {
                *time(&mut one.risk) = MAX_DURATION_MS + 1
            });
        }
        refuses(E::SettlementWindowTooLong, |one| {
            one.risk.settlement_window_ms = MAX_SETTLEMENT_WINDOW_MS + 1
        });
    });
}

#[test]
fn limits_should_be_in_range() {
    chain(|| {
        refuses(E::OpenInterestTooLarge, |one| {
            one.limits.open_interest_cap = 1 << 48
        });
        accepts(|one| one.limits.open_interest_cap = 0);
        for lots in [0, 1 << 48] {
            refuses(E::BadOrderSize, |one| one.limits.max_order_lots = lots);
        }
        for quanta in [-1, 0, limits::MAX_CASH + 1] {
            refuses(E::BadMinNotional, |one| {
                one.limits.min_notional = Cash(quanta)
            });
        }
        for band in [0, PPM] {
            refuses(E::BadBand, |one| one.limits.band_ppm = band);
        }
        for blocks in [0, MAX_CALL_BLOCKS + 1] {
            refuses(E::BadCallBlocks, |one| one.limits.call_blocks = blocks);
        }
    });
}

#[test]
fn fees_should_never_be_less_than_nothing() {
    chain(|| {
        let tier = |volume, taker_ppm, maker_ppm| FeeTier {
            min_volume: Cash(volume),
            taker_ppm,
            maker_ppm,
        };
        let put = |tiers: &[FeeTier]| {
            let tiers = BoundedVec::truncate_from(tiers.to_vec());
            move |one: &mut Proposal| one.fees.tiers = tiers
        };
        refuses(E::NoFees, put(&[]));
        refuses(E::FeesNotAscending, put(&[tier(1, 500, 0)]));
        refuses(
            E::FeesNotAscending,
            put(&[tier(0, 500, 0), tier(0, 400, 0)]),
        );
        refuses(E::FeeTooHigh, put(&[tier(0, MAX_FEE_PPM + 1, 0)]));
        refuses(E::FeeTooHigh, put(&[tier(0, 500, i32::MIN)]));
        refuses(E::FeeTooHigh, put(&[tier(0, 500, 100_001)]));
        // The rebate of one tier meets the taker fee of another.
        refuses(
            E::RebateAboveFee,
            put(&[tier(0, 500, 0), tier(9, 99, -100)]),
        );
        accepts(put(&[tier(0, 500, 0), tier(9, 100, -100)]));
        refuses(E::SplitAboveWhole, |one| {
            one.fees.split.insurance_ppm = 800_001
        });
        refuses(E::SplitAboveWhole, |one| {
            one.fees.split.insurance_ppm = u32::MAX
        });
        accepts(|one| one.fees.split.insurance_ppm = 800_000);
    });
}

#[test]
fn future_should_outlive_its_settlement_window() {
    chain(|| {
        let window = u64::from(risk().settlement_window_ms);
        let future = |expires_at| ContractKind::Future { expires_at };
        refuses(E::BadExpiry, |one| one.kind = future(0));
        refuses(E::BadExpiry, |one| one.kind = future(now() + window));
        accepts(|one| one.kind = future(now() + window + 1));
    });
}
