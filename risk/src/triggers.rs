//! The trigger index: which accounts just became unsafe, as a lookup.
//!
//! Per market, side and tier there is one coordinate, in quanta per lot, and slack is linear in them:
//!
//! ```text
//! long :  C = mark - margin_per_lot - F          short :  C = F - mark - margin_per_lot
//! slack   = base + sum |lots| * C                (= equity - maintenance margin, exactly)
//! base    = collateral + sum (lots * funding checkpoint - cost)
//! trigger = C - floor(slack * risk_per_lot / sum(|lots| * risk_per_lot))
//! ```
//!
//! **Completeness.** While every coordinate is at or above its trigger, slack is at least zero:
//! each drop costs at most `|lots| * (C - T)`, and those sum to at most `slack` because the divisions
//! round down. The proofs show it for up to four positions at once, and for any number by the
//! induction step `sum(risk) * allocated <= slack * risk_so_far`. With one position the trigger is
//! exact: one quantum per lot below it, slack is negative.
//!
//! Origin: ours; the linear form is the usual cross-margin health, the shares are a budget split.

use crate::error::{Res, RiskError};
use crate::num::Num;
use crate::units::{Cash, Coordinate, LotPrice, Lots, Ppm, Side};

/// What one lot of a position adds to slack, besides the account's constant base. Exact.
pub fn coordinate<N: Num>(
    side: Side,
    mark: &LotPrice<N>,
    margin_per_lot: &LotPrice<N>,
    funding_index: &LotPrice<N>,
) -> Res<Coordinate<N>> {
    let value = match side {
        Side::Long => mark.sub(margin_per_lot)?.sub(funding_index)?,
        Side::Short => funding_index.sub(mark)?.sub(margin_per_lot)?,
    };
    Ok(Coordinate(value.0))
}

/// One position's part of the base: `lots * checkpoint - cost`, `lots` signed. Exact, and constant
/// until the account is touched.
pub fn position_base<N: Num>(
    lots: &Lots<N>,
    cost: &Cash<N>,
    checkpoint: &LotPrice<N>,
) -> Res<Cash<N>> {
    checkpoint.times(lots)?.sub(cost)
}

/// One position as the trigger index sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg<N = i128> {
    /// Size, a magnitude, positive.
    pub size: Lots<N>,
    /// Current coordinate of its market, side and tier.
    pub coordinate: Coordinate<N>,
    /// Share key, positive: how far the coordinate is expected to move per lot, e.g. the
    /// maintenance margin per lot or `mark * volatility`. It steers work, never safety.
    pub risk_per_lot: LotPrice<N>,
}

/// Equity minus maintenance margin: `base + sum size * C`. Exact.
pub fn slack<N: Num>(base: &Cash<N>, legs: &[Leg<N>]) -> Res<Cash<N>> {
    legs.iter().try_fold(base.clone(), |sum, leg| {
        sum.add(&leg.coordinate.times(&leg.size)?)
    })
}

/// `sum size * risk_per_lot`: the denominator of every share. Errors: [`RiskError::OutOfRange`] if a
/// size or risk is not positive, [`RiskError::Empty`] without legs.
pub fn risk_total<N: Num>(legs: &[Leg<N>]) -> Res<Cash<N>> {
    if legs.is_empty() {
        return Err(RiskError::Empty);
    }
    legs.iter().try_fold(Cash::zero(), |sum, leg| {
        if !leg.size.is_positive() || !leg.risk_per_lot.is_positive() {
            return Err(RiskError::OutOfRange);
        }
        sum.add(&leg.risk_per_lot.times(&leg.size)?)
    })
}

/// The coordinate below which this leg's account must be looked at:
/// `C - floor(slack * risk_per_lot / risk_total)`. Rounds the allowed drop down.
///
/// `slack >= 0`; an unsafe account has no triggers, it is liquidated
/// ([`RiskError::OutOfRange`]).
pub fn trigger<N: Num>(leg: &Leg<N>, slack: &Cash<N>, risk_total: &Cash<N>) -> Res<Coordinate<N>> {
    if slack.is_negative() {
        return Err(RiskError::OutOfRange);
    }
    let drop = slack.0.mul_div_floor(&leg.risk_per_lot.0, &risk_total.0)?;
    leg.coordinate.sub(&Coordinate(drop))
}

/// Triggers of all legs, written to `out` in their order.
///
/// Errors: those of [`risk_total`] and [`trigger`]; [`RiskError::OutOfRange`] if `out` is shorter
/// than `legs`.
pub fn arm<N: Num>(legs: &[Leg<N>], slack: &Cash<N>, out: &mut [Coordinate<N>]) -> Res<()> {
    if out.len() < legs.len() {
        return Err(RiskError::OutOfRange);
    }
    let total = risk_total(legs)?;
    for (leg, slot) in legs.iter().zip(out.iter_mut()) {
        *slot = trigger(leg, slack, &total)?;
    }
    Ok(())
}

/// The lowest value of this coordinate at which the account is safe while all others stand still:
/// `C - floor(slack / size)`. For a single position this is its trigger and, read back through
/// [`coordinate`], its liquidation price. `size > 0`; holds for negative slack too.
pub fn safe_until<N: Num>(leg: &Leg<N>, slack: &Cash<N>) -> Res<Coordinate<N>> {
    leg.coordinate
        .sub(&Coordinate(slack.per_lot_floor(&leg.size)?.0))
}

/// Trigger on one leg alone while every other leg is watched: `C - floor((slack - allowance) /
/// size)`, where `allowance` bounds what all the others together can lose before the account is
/// looked at again (`sum size * bound per block`). Sound while the others stay within it.
///
/// Errors: [`RiskError::OutOfRange`] if the allowance exceeds the slack: then the account must be
/// checked every block.
pub fn trigger_watching_others<N: Num>(
    leg: &Leg<N>,
    slack: &Cash<N>,
    allowance: &Cash<N>,
) -> Res<Coordinate<N>> {
    let room = slack.sub(allowance)?;
    if room.is_negative() {
        return Err(RiskError::OutOfRange);
    }
    safe_until(leg, &room)
}

/// Whether stored triggers are still sound for the account as it now is:
/// `sum size * max(0, C - T) <= slack`. Exact.
///
/// If so, slack stays at least zero while every coordinate is at or above its trigger, so they may
/// be kept without a write. Errors: [`RiskError::OutOfRange`] if the lists differ in length.
pub fn still_sound<N: Num>(
    legs: &[Leg<N>],
    triggers: &[Coordinate<N>],
    slack: &Cash<N>,
) -> Res<bool> {
    if legs.len() != triggers.len() {
        return Err(RiskError::OutOfRange);
    }
    let mut allocated = Cash::zero();
    for (leg, trigger) in legs.iter().zip(triggers) {
        let drop = leg.coordinate.sub(trigger)?.positive_part();
        allocated = allocated.add(&drop.times(&leg.size)?)?;
    }
    Ok(allocated.is_le(slack))
}

/// Whether a sound trigger is so tight that it would be popped for nothing: its drop is under
/// `floor(share * fresh drop)`. Costs work, never safety.
pub fn wasteful<N: Num>(
    leg: &Leg<N>,
    stored: &Coordinate<N>,
    fresh: &Coordinate<N>,
    share: &Ppm<N>,
) -> Res<bool> {
    let kept = leg.coordinate.sub(stored)?;
    let possible = leg.coordinate.sub(fresh)?;
    Ok(kept.is_lt(&possible.ratio_floor(share)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(size: i128, coordinate: i128, risk: i128) -> Leg {
        Leg {
            size: Lots(size),
            coordinate: Coordinate(coordinate),
            risk_per_lot: LotPrice(risk),
        }
    }

    #[test]
    fn slack_should_equal_equity_minus_maintenance() {
        // Long 3 at 100, short 2 at 50; marks 110 and 48; funding indices 7 and 4.
        let long = coordinate(Side::Long, &LotPrice(110), &LotPrice(10), &LotPrice(7)).unwrap();
        let short = coordinate(Side::Short, &LotPrice(48), &LotPrice(5), &LotPrice(4)).unwrap();
        let base = Cash(1_000)
            .add(&position_base(&Lots(3), &Cash(300), &LotPrice(6)).unwrap())
            .unwrap()
            .add(&position_base(&Lots(-2), &Cash(-100), &LotPrice(1)).unwrap())
            .unwrap();
        let equity = 1_000 + (3 * 110 - 300 - 3) + (-2 * 48 + 100 + 2 * 3);
        let legs = [leg(3, long.0, 10), leg(2, short.0, 5)];
        assert_eq!(slack(&base, &legs), Ok(Cash(equity - 3 * 10 - 2 * 5)));
    }

    #[test]
    fn a_single_trigger_should_be_exact() {
        let position = leg(3, 100, 10);
        let mut out = [Coordinate(0)];
        arm(&[position], &Cash(20), &mut out).unwrap();
        assert_eq!(out, [Coordinate(94)]);
        assert_eq!(safe_until(&position, &Cash(20)), Ok(Coordinate(94)));
        assert_eq!(safe_until(&position, &Cash(-1)), Ok(Coordinate(101)));
    }

    #[test]
    fn triggers_should_split_slack_by_risk() {
        let legs = [leg(1, 0, 30), leg(2, 0, 5)];
        let mut out = [Coordinate(9); 2];
        arm(&legs, &Cash(400), &mut out).unwrap();
        assert_eq!(out, [Coordinate(-300), Coordinate(-50)]);
        assert_eq!(still_sound(&legs, &out, &Cash(400)), Ok(true));
        assert_eq!(still_sound(&legs, &out, &Cash(399)), Ok(false));
        assert_eq!(still_sound(&legs, &[Coordinate(5); 2], &Cash(0)), Ok(true));
        assert_eq!(
            still_sound(&legs, &out[..1], &Cash(1)),
            Err(RiskError::OutOfRange)
        );
    }

    #[test]
    fn arming_should_refuse_what_has_no_trigger() {
        let mut out = [Coordinate(0)];
        let one = leg(1, 0, 1);
        assert_eq!(arm(&[one], &Cash(-1), &mut out), Err(RiskError::OutOfRange));
        assert_eq!(
            arm(&[one, one], &Cash(1), &mut out),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            arm(&[leg(0, 0, 1)], &Cash(1), &mut out),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            arm(&[leg(1, 0, 0)], &Cash(1), &mut out),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(arm(&[], &Cash(1), &mut out), Err(RiskError::Empty));
        assert_eq!(arm(&[one], &Cash(0), &mut out), Ok(()));
    }

    #[test]
    fn watching_should_reserve_what_others_may_lose() {
        let position = leg(3, 100, 10);
        let watch = |allowance| trigger_watching_others(&position, &Cash(20), &Cash(allowance));
        assert_eq!(watch(5), Ok(Coordinate(95)));
        assert_eq!(watch(20), Ok(Coordinate(100)));
        assert_eq!(watch(21), Err(RiskError::OutOfRange));
    }

    #[test]
    fn a_trigger_far_above_its_fresh_value_should_be_wasteful() {
        let position = leg(1, 100, 1);
        let test = |stored| {
            wasteful(
                &position,
                &Coordinate(stored),
                &Coordinate(0),
                &Ppm(500_000),
            )
            .unwrap()
        };
        assert!(test(51));
        assert!(!test(50));
    }
}
