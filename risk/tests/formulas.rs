//! Every remaining formula: the machine must agree with the same formula on unbounded integers inside
//! the stated ranges, and with an independent one on rationals.

mod common;

use caisson_risk::breaker::{robust_z, Horizon, LeakyBucket};
use caisson_risk::collateral::{conservative_unit_price, debt_unit_price};
use caisson_risk::funding::{FundingIndex, PremiumAverage};
use caisson_risk::insurance::{coverage, loss_at_jump, Bucket, Fund, MAX_COVERAGE};
use caisson_risk::margin::{initial_ratio, maintenance_ratio, order_loss, worst_side};
use caisson_risk::mark::{ema, mark, median_of_three, stable_price};
use caisson_risk::twap::{Checkpoint, Ring};
use caisson_risk::volatility::{absolute_return_ppb, next_variance, over_horizon};
use caisson_risk::{Cash, LotPrice, Lots, Num, Ppm, Side};
use common::{cash, ceil, config, floor, ppm, price, size, spread, Exact};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::collection::vec;
use proptest::prelude::*;

fn big(value: i128) -> BigInt {
    BigInt::from(value)
}

fn lots() -> impl Strategy<Value = i128> {
    (size(), any::<bool>()).prop_map(|(size, short)| if short { -size } else { size })
}

fn span() -> impl Strategy<Value = i128> {
    spread(42).prop_map(|ms| ms.max(1))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn averages_should_agree_with_rationals(
        old in price(), sample in price(), elapsed in spread(42), constant in span(),
    ) {
        let expected = big(old) + floor(big(sample - old) * elapsed, big(elapsed + constant));
        prop_assert_eq!(big(ema(&old, &sample, &elapsed, &constant).unwrap()), expected);
        let exact = ema(&Exact::from(old), &sample.into(), &elapsed.into(), &constant.into());
        prop_assert_eq!(exact.unwrap().to_machine(), ema(&old, &sample, &elapsed, &constant));
    }

    #[test]
    fn median_should_be_the_sorted_middle(a in cash(), b in cash(), c in cash()) {
        let mut sorted = [a, b, c];
        sorted.sort();
        prop_assert_eq!(median_of_three(&a, &b, &c), sorted[1]);
    }

    #[test]
    fn mark_should_be_the_clamped_median(
        index in price(), basis in spread(60), trade in price(), band in 0i128..1_000_000,
    ) {
        let value = mark(&LotPrice(index), &LotPrice(-basis), Some(&LotPrice(trade)), &Ppm(band));
        let mut sorted = [index, index - basis, trade];
        sorted.sort();
        let width = i128::try_from(floor(big(index) * band, big(1_000_000))).unwrap();
        prop_assert_eq!(value.unwrap().0, sorted[1].clamp(index - width, index + width));
    }

    #[test]
    fn stable_price_should_lag(
        stable in price(), target in price(), elapsed in spread(42), constant in span(), rate in ppm(),
    ) {
        let next =
            stable_price(&LotPrice(stable), &LotPrice(target), &elapsed, &constant, &Ppm(rate)).unwrap().0;
        let hourly = floor(big(stable) * rate, big(1_000_000));
        let limit = floor(hourly * elapsed, big(3_600_000));
        prop_assert!(big((next - stable).abs()) <= limit);
        prop_assert!((stable.min(target)..=stable.max(target)).contains(&next));
    }

    #[test]
    fn volatility_should_agree_with_rationals(
        before in spread(84), after in spread(84), old in spread(110), elapsed in span(),
        interval in span(), constant in spread(42),
    ) {
        let (before, after) = (before.max(1), after.max(1));
        let moved = absolute_return_ppb(&before, &after).unwrap();
        let exact = ceil(big((after - before).abs()) * 1_000_000_000i64, big(before));
        prop_assert_eq!(big(moved), exact.min(big(1_000_000_000_000)));
        let next = next_variance(&old, &moved, &elapsed, &interval, &constant).unwrap();
        let sample = ceil(big(moved) * moved * interval, big(elapsed));
        let expected = big(old) + ceil((sample - old) * elapsed, big(elapsed + constant));
        prop_assert_eq!(big(next), expected);
    }

    #[test]
    fn horizon_volatility_should_be_the_rounded_root(
        variance in spread(84), horizon in spread(42), interval in span(),
    ) {
        let value = big(over_horizon(&variance, &horizon, &interval).unwrap().0) * 1_000;
        let scaled = BigRational::new(big(variance) * horizon, big(interval));
        prop_assert!(BigRational::from(&value * &value) >= scaled);
        if value > big(0) {
            // Rounded up twice: to a ppb, then to the ppm.
            let below = value - 1_001;
            prop_assert!(below < big(0) || BigRational::from(&below * &below) < scaled);
        }
    }

    #[test]
    fn twap_should_agree_with_the_sum_of_its_steps(
        prices in vec((spread(84), 0i128..10_000_000), 1..40), window in 0i128..50_000_000,
    ) {
        let (mut ring, mut now) = (Ring::<64>::default(), Checkpoint::default());
        let mut history = vec![now];
        ring.push(now, 0).unwrap();
        for (price, held) in prices {
            now = now.advance(&price, &(now.at_ms + held)).unwrap();
            ring.push(now, 0).unwrap();
            history.push(now);
        }
        let from = history.iter().rev().find(|old| old.at_ms <= now.at_ms - window);
        match (ring.average(&now, window), from) {
            (Ok(average), Some(old)) => {
                let exact = floor(big(now.accumulated - old.accumulated), big(now.at_ms - old.at_ms));
                prop_assert_eq!(big(average), exact);
            }
            (Err(_), Some(old)) => prop_assert_eq!(old.at_ms, now.at_ms),
            (result, None) => prop_assert!(result.is_err()),
        }
    }

    #[test]
    fn ratios_should_agree_with_rationals(
        volatility in 0i128..5_000_000, k in 0i128..50_000_000, least in ppm(), slippage in ppm(),
        base in ppm(), interest in size(), lower in size(), more in size(),
    ) {
        let value = maintenance_ratio(&Ppm(volatility), &Ppm(k), &Ppm(least), &Ppm(slippage)).unwrap();
        let scaled = ceil(big(volatility) * k, big(1_000_000)).max(big(least)) + slippage;
        prop_assert_eq!(big(value.0), scaled.min(big(1_000_000)));
        let upper = lower + more;
        let initial = initial_ratio(&Ppm(base), &Lots(interest), &Lots(lower), &Lots(upper)).unwrap();
        let above = interest.clamp(lower, upper) - lower;
        let expected = big(base) + ceil(big(1_000_000 - base) * above, big(more));
        prop_assert_eq!(big(initial.0), expected);
    }

    #[test]
    fn no_fill_should_exceed_the_worst_side(
        held in lots(), buy in size(), sell in size(), bought in any::<u32>(), sold in any::<u32>(),
    ) {
        let part = |all: i128, share: u32| (all * i128::from(share)) >> 32;
        let after = held + part(buy, bought) - part(sell, sold);
        let bound = worst_side(&Lots(held), &Lots(buy), &Lots(sell)).unwrap().0;
        prop_assert!(after.abs() <= bound);
        prop_assert!(bound == (held + buy).abs() || bound == (held - sell).abs());
    }

    #[test]
    fn order_loss_should_be_what_the_limit_gives_away(size in size(), limit in price(), at in price()) {
        let loss = |side| order_loss(side, &Lots(size), &LotPrice(limit), &LotPrice(at)).unwrap().0;
        prop_assert_eq!(loss(Side::Long), size * (limit - at).max(0));
        prop_assert_eq!(loss(Side::Short), size * (at - limit).max(0));
    }

    #[test]
    fn funding_should_be_exact_over_any_schedule(
        steps in vec((price(), -1_000_000_000i128..=1_000_000_000, 0i128..86_400_000), 1..40),
        period in span().prop_map(|ms| ms + 3_600_000), positions in vec(lots(), 1..20),
    ) {
        let mut funding = FundingIndex::default();
        let mut accrued = big(0);
        let mut eager = vec![0i128; positions.len()];
        // The last position balances the others.
        let balance: i128 = -positions.iter().sum::<i128>();
        let mut checkpoint = funding;
        for (mark, rate, elapsed) in steps {
            let next = funding.advance(&LotPrice(mark), &rate, &elapsed, &period).unwrap();
            accrued += big(mark) * rate * elapsed;
            for (paid, held) in eager.iter_mut().zip(&positions) {
                *paid += next.owed(&Lots(*held), &checkpoint.index).unwrap().0;
            }
            checkpoint = next;
            funding = next;
        }
        let whole = big(period) * 1_000_000_000i64;
        prop_assert_eq!(big(funding.index.0), floor(accrued.clone(), whole.clone()));
        prop_assert_eq!(big(funding.index.0) * whole + funding.remainder, accrued);
        let owed = |held: i128| funding.owed(&Lots(held), &LotPrice(0)).unwrap().0;
        for (paid, held) in eager.iter().zip(&positions) {
            prop_assert_eq!(*paid, owed(*held), "settled step by step or at once");
        }
        prop_assert_eq!(positions.iter().map(|held| owed(*held)).sum::<i128>() + owed(balance), 0);
    }

    #[test]
    fn premium_should_be_the_weighted_mean(
        samples in vec((-1_000_000_000i128..1_000_000_000, spread(30)), 1..40),
    ) {
        let (mut average, mut weighted, mut time) = (PremiumAverage::default(), big(0), big(0));
        for (premium, elapsed) in samples {
            average = average.observe(&premium, &elapsed).unwrap();
            weighted += big(premium) * elapsed;
            time += elapsed;
        }
        let expected = if time == big(0) { big(0) } else { floor(weighted, time) };
        prop_assert_eq!(big(average.average_ppb().unwrap()), expected);
    }

    #[test]
    fn collateral_should_be_conservative(
        unit in price(), confidence in price(), k in 0i128..10_000_000, haircut in ppm(),
    ) {
        let value =
            conservative_unit_price(&LotPrice(unit), &LotPrice(confidence), &Ppm(k), &Ppm(haircut)).unwrap();
        let widened = ceil(big(confidence) * k, big(1_000_000));
        let lowered = (big(unit) - &widened).max(big(0));
        prop_assert_eq!(big(value.0), floor(lowered * (1_000_000 - haircut), big(1_000_000)));
        let debt = debt_unit_price(&LotPrice(unit), &LotPrice(confidence), &Ppm(k)).unwrap();
        prop_assert_eq!(big(debt.0), big(unit) + widened);
    }

    #[test]
    fn fund_should_never_lose_to_any_sequence_of_backers(
        moves in vec((any::<bool>(), spread(60), any::<u32>()), 1..40),
    ) {
        // One backer against a standing one: at the end both together took no more than they gave.
        let (standing, mut fund) = Fund::default().deposit(&Cash(1 << 40)).unwrap();
        let (mut shares, mut spent) = (0i128, 0i128);
        for (joins, amount, part) in moves {
            if joins {
                let (minted, after) = fund.deposit(&Cash(amount)).unwrap();
                (shares, spent, fund) = (shares + minted, spent + amount, after);
            } else {
                let leaving = i128::try_from(big(shares) * part / u32::MAX).unwrap();
                let (paid, after) = fund.redeem(&leaving).unwrap();
                (shares, spent, fund) = (shares - leaving, spent - paid.0, after);
            }
            prop_assert_eq!(fund.assets.0, (1 << 40) + spent);
            prop_assert_eq!(fund.shares, standing + shares);
        }
        let (paid, rest) = fund.redeem(&shares).unwrap();
        prop_assert!(paid.0 <= spent, "the backer gained {}", paid.0 - spent);
        let (back, _) = rest.redeem(&standing).unwrap();
        prop_assert!(back.0 >= 1 << 40, "the standing backer lost {}", (1i128 << 40) - back.0);
    }

    #[test]
    fn coverage_and_stress_should_agree_with_rationals(
        held in spread(115), target in spread(115), jump in ppm(),
        buckets in vec((ppm(), spread(110)), 0..30),
    ) {
        let expected = (target > 0).then(|| {
            floor(big(held) * 1_000_000, big(target)).min(big(MAX_COVERAGE) * 1_000_000)
        });
        let ratio = coverage(&Cash(held), &Cash(target)).unwrap();
        prop_assert_eq!(ratio.map(|ratio| big(ratio.0)), expected);
        let list: Vec<_> = buckets
            .iter()
            .map(|(ratio, notional)| Bucket { margin_ratio: Ppm(*ratio), notional: Cash(*notional) })
            .collect();
        let sum: BigInt = buckets
            .iter()
            .map(|(ratio, notional)| ceil(big(*notional) * (jump - ratio).max(0), big(1_000_000)))
            .sum();
        prop_assert_eq!(big(loss_at_jump(&list, &Ppm(jump)).unwrap().0), sum);
    }

    #[test]
    fn bucket_should_hold_over_every_window(
        takes in vec((spread(40), 0i128..10_000), 1..60), capacity in spread(40), window in 1i128..100_000,
    ) {
        let (mut bucket, mut now, mut passed) = (LeakyBucket::default(), 0, Vec::new());
        for (amount, wait) in takes {
            now += wait;
            if let Some(next) = bucket.take(&Cash(amount), &now, &Cash(capacity), &window).unwrap() {
                bucket = next;
                passed.push((now, amount));
            }
        }
        for (i, (start, _)) in passed.iter().enumerate() {
            let mut out = 0;
            for (end, amount) in &passed[i..] {
                out += amount;
                prop_assert!(big(out) * window <= big(capacity) * (window + end - start));
            }
        }
    }

    #[test]
    fn bands_and_scores_should_agree_with_rationals(
        reference in price(), at in price(), band in ppm(), value in spread(100), median in spread(100),
        mad in spread(100), least in spread(100),
    ) {
        let horizon = Horizon { reference: LotPrice(reference), band: Ppm(band) };
        let distance = BigRational::new(big((at - reference).abs()), big(reference));
        let allowed = distance <= BigRational::new(big(band), big(1_000_000));
        prop_assert_eq!(horizon.allows(&LotPrice(at)).unwrap(), allowed);
        let least = least.max(1);
        let score = robust_z(&value, &median, &mad, &least).unwrap();
        let expected = floor(big((value - median).abs()) * 674_490, big(mad.max(least)));
        prop_assert_eq!(big(score), expected);
    }
}

/// Counterexamples the solver found to earlier versions of the formulas.
#[test]
fn extremes_found_by_the_solver_should_not_overflow() {
    // Coverage of a full fund over a target of one quantum.
    let ratio = coverage(&Cash(1 << 115), &Cash(1i128)).unwrap();
    assert_eq!(ratio, Some(Ppm(MAX_COVERAGE * 1_000_000)));
    // A bucket untouched for 139 years, draining in a millisecond.
    let bucket = LeakyBucket {
        level: Cash(1i128 << 100),
        at_ms: 0,
    };
    let drained = bucket
        .drained(&((1 << 42) - 1), &Cash(1 << 100), &1)
        .unwrap();
    assert_eq!(drained.level, Cash(0));
    // The largest notional at the largest ratio in parts per million is past 2^127 as a plain product.
    let notional = Cash(caisson_risk::limits::MAX_LOTS * caisson_risk::limits::MAX_LOT_PRICE);
    assert!(Num::mul(&notional.0, &1_000_000).is_err());
    assert_eq!(notional.ratio_ceil(&Ppm::one()), Ok(notional));
}
