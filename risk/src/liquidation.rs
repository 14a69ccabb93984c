//! Liquidation: how much to close, at which limit, for which penalty.
//!
//! Everything is per lot: with `t` the target margin and `l` the loss (slippage and penalty) of one
//! lot, closing `x` lots changes `equity - requirement` by exactly `x * (t - l)`. So
//!
//! ```text
//! x = ceil(shortfall / (t - l)),   shortfall = requirement at target - equity
//! ```
//!
//! restores the target and is minimal to the lot. The usual closed form in ratios,
//! `ceil((t S P - (E - 1) D) / (P (t - l)))`, needs its `- 1` to absorb two roundings of the account's
//! notional; per-lot integers leave nothing to absorb, and the size is exactly minimal rather than
//! minimal up to that unit. Source: the shape of Drift's and Mango's partial liquidation.

use crate::error::{Res, RiskError};
use crate::limits::PPM;
use crate::margin::Tier;
use crate::num::Num;
use crate::units::{Cash, LotPrice, Lots, Ppm, Side};

/// How much of a position to close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Close<N = i128> {
    /// Nothing: the target is met.
    Nothing,
    /// This many lots, at least one and fewer than the position has.
    Part(Lots<N>),
    /// The whole position; the target may still not be met.
    All,
}

/// Smallest close of one position that lifts its account back to the target, rounded up.
///
/// `slack_at_target` is the account's equity minus the target margin of **all** its positions, so the
/// same formula serves isolated and cross margin. `size > 0` is a magnitude, `target_per_lot` the
/// target margin of one lot, `loss_per_lot >= 0` what closing one lot costs. If closing does not help
/// (`target <= loss`) the answer is the whole position: waiting would only cost more.
pub fn partial_size<N: Num>(
    slack_at_target: &Cash<N>,
    size: &Lots<N>,
    target_per_lot: &LotPrice<N>,
    loss_per_lot: &LotPrice<N>,
) -> Res<Close<N>> {
    if !slack_at_target.is_negative() {
        return Ok(Close::Nothing);
    }
    if target_per_lot.is_le(loss_per_lot) {
        return Ok(Close::All);
    }
    let gain = target_per_lot.sub(loss_per_lot)?;
    let lots = Lots(slack_at_target.neg()?.0.div_ceil(&gain.0)?);
    if size.is_le(&lots) {
        return Ok(Close::All);
    }
    Ok(Close::Part(lots))
}

/// [`partial_size`] for a position whose target margin falls when it shrinks into a lower size tier.
///
/// `free_equity` is the account's equity minus the target margin of all *other* positions. Walks the
/// tiers from the position's own downward; the first size that meets the target inside its own tier
/// closes least. `tiers` ascends in size and in margin. Errors: [`RiskError::OutOfRange`] if the
/// position is beyond the last tier, [`RiskError::Empty`] without tiers.
pub fn tiered_partial_size<N: Num>(
    free_equity: &Cash<N>,
    size: &Lots<N>,
    tiers: &[Tier<N>],
    loss_per_lot: &LotPrice<N>,
) -> Res<Close<N>> {
    let own = crate::margin::tier_of(size, tiers)?;
    for rank in (0..=own).rev() {
        let tier = tiers.get(rank).ok_or(RiskError::OutOfRange)?;
        let below = match rank.checked_sub(1).and_then(|lower| tiers.get(lower)) {
            Some(lower) => lower.max_lots.clone(),
            None => Lots::zero(),
        };
        if let Some(lots) = size_within_tier(free_equity, size, tier, loss_per_lot)? {
            // The remainder must still belong to this tier, or the next one needs less.
            if below.is_lt(&size.sub(&lots)?) {
                return Ok(if lots.is_positive() {
                    Close::Part(lots)
                } else {
                    Close::Nothing
                });
            }
        }
    }
    Ok(Close::All)
}

/// Fewest lots to close so that the remainder is at most the tier's bound and meets its margin;
/// `None` if closing more makes it worse and entering the tier does not suffice.
fn size_within_tier<N: Num>(
    free_equity: &Cash<N>,
    size: &Lots<N>,
    tier: &Tier<N>,
    loss_per_lot: &LotPrice<N>,
) -> Res<Option<Lots<N>>> {
    let entering = size.sub(&tier.max_lots)?.positive_part();
    let remaining = size.sub(&entering)?;
    let equity = free_equity.sub(&loss_per_lot.times(&entering)?)?;
    let slack = equity.sub(&tier.margin.times(&remaining)?)?;
    if !slack.is_negative() {
        return Ok(Some(entering));
    }
    if tier.margin.is_le(loss_per_lot) {
        return Ok(None);
    }
    let gain = tier.margin.sub(loss_per_lot)?;
    let further = Lots(slack.neg()?.0.div_ceil(&gain.0)?);
    Ok(Some(entering.add(&further)?))
}

/// Account equity and slack after closing `lots` at a loss of `loss_per_lot`: `equity - lots * loss`.
pub fn equity_after<N: Num>(
    equity: &Cash<N>,
    lots: &Lots<N>,
    loss_per_lot: &LotPrice<N>,
) -> Res<Cash<N>> {
    equity.sub(&loss_per_lot.times(lots)?)
}

/// Part of a cross account's equity that stands behind one position:
/// `floor(equity * maintenance of the position / maintenance of the account)`; the parts sum to no
/// more than the equity when it is not negative. `account_maintenance > 0`. Source: dYdX v4's
/// bankruptcy price.
pub fn attributed_equity<N: Num>(
    equity: &Cash<N>,
    position_maintenance: &Cash<N>,
    account_maintenance: &Cash<N>,
) -> Res<Cash<N>> {
    equity.scaled_floor(position_maintenance, account_maintenance)
}

/// The price at which closing all `size` lots leaves no more than rounding:
/// long `mark - floor(equity / size)`, short `mark + floor(equity / size)`; the equity left is in
/// `[0, size)`. Signed: below zero for a long backed by more than its notional. `size > 0`.
pub fn bankruptcy_price<N: Num>(
    side: Side,
    mark: &LotPrice<N>,
    equity: &Cash<N>,
    size: &Lots<N>,
) -> Res<LotPrice<N>> {
    let cushion = equity.per_lot_floor(size)?;
    match side {
        Side::Long => mark.sub(&cushion),
        Side::Short => mark.add(&cushion),
    }
}

/// How urgently a position must be closed, in ppm of the way from mark to bankruptcy price:
/// `min(10^6, ceil(10^6 * (maintenance - equity)^+ / maintenance) + attempts * step)`.
/// `maintenance > 0`, `attempts >= 0`. Rounds up, against delay.
pub fn urgency<N: Num>(
    equity: &Cash<N>,
    maintenance: &Cash<N>,
    attempts: &N,
    step: &Ppm<N>,
) -> Res<Ppm<N>> {
    let missing = maintenance
        .sub(equity)?
        .positive_part()
        .smaller(maintenance);
    let health = missing.0.mul_div_ceil(&N::int(PPM), &maintenance.0)?;
    let waited = attempts.mul(&step.0)?;
    Ok(Ppm(health.add(&waited)?).smaller(&Ppm::one()))
}

/// Limit of the liquidation order: from the mark toward the bankruptcy price by `urgency`, the
/// concession rounded down, so it never passes either. A bankrupt account (its bankruptcy price
/// already on the losing side of the mark) concedes nothing: the fund takes it over instead.
/// Source: dYdX v4's fillable price.
pub fn fillable_price<N: Num>(
    side: Side,
    mark: &LotPrice<N>,
    bankruptcy: &LotPrice<N>,
    urgency: &Ppm<N>,
) -> Res<LotPrice<N>> {
    match side {
        Side::Long => {
            let room = mark.sub(bankruptcy)?.positive_part();
            mark.sub(&room.ratio_floor(urgency)?)
        }
        Side::Short => {
            let room = bankruptcy.sub(mark)?.positive_part();
            mark.add(&room.ratio_floor(urgency)?)
        }
    }
}

/// Penalty for `lots` closed: `min(lots * penalty_per_lot, max(0, equity left))`, exact; it never
/// makes the account bankrupt. `penalty_per_lot` is `ceil(mark * rate)`, once per market.
pub fn penalty<N: Num>(
    lots: &Lots<N>,
    penalty_per_lot: &LotPrice<N>,
    equity_left: &Cash<N>,
) -> Res<Cash<N>> {
    Ok(penalty_per_lot
        .times(lots)?
        .smaller(&equity_left.positive_part()))
}

/// Bounds of what one block may close of one position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceLimits<N = i128> {
    /// Largest share of the position per block.
    pub max_share: Ppm<N>,
    /// Smallest close worth an order, in lots, positive; a position at most this large is closed
    /// whole.
    pub min_lots: Lots<N>,
    /// Largest notional per block, in quanta.
    pub max_notional: Cash<N>,
}

/// How many of the `wanted` lots go into this block's order: at most
/// `max(min_lots, ceil(size * max_share))` and `floor(max_notional / mark)`, at least one lot, at
/// most `size`. `0 < wanted <= size`, `mark > 0`.
pub fn slice<N: Num>(
    wanted: &Lots<N>,
    size: &Lots<N>,
    mark: &LotPrice<N>,
    limits: &SliceLimits<N>,
) -> Res<Lots<N>> {
    let by_share = size.ratio_ceil(&limits.max_share)?.larger(&limits.min_lots);
    let by_notional = Lots(limits.max_notional.0.div_floor(&mark.0)?);
    // Dribbling below the minimum would cost more blocks than it saves impact.
    let raised = wanted.larger(&limits.min_lots);
    Ok(raised
        .smaller(&by_share)
        .smaller(&by_notional)
        .larger(&Lots(N::int(1)))
        .smaller(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_size_should_close_the_least_that_restores() {
        let size = |slack| partial_size(&Cash(slack), &Lots(10i128), &LotPrice(50), &LotPrice(10));
        assert_eq!(size(0), Ok(Close::Nothing));
        assert_eq!(size(-1), Ok(Close::Part(Lots(1))));
        assert_eq!(size(-40), Ok(Close::Part(Lots(1))));
        assert_eq!(size(-41), Ok(Close::Part(Lots(2))));
        assert_eq!(size(-360), Ok(Close::Part(Lots(9))));
        assert_eq!(size(-361), Ok(Close::All));
        assert_eq!(
            partial_size(&Cash(-1i128), &Lots(10), &LotPrice(10), &LotPrice(10)),
            Ok(Close::All)
        );
    }

    #[test]
    fn tiered_size_should_use_the_lower_tier_when_it_suffices() {
        let tier = |max, margin| Tier {
            max_lots: Lots(max),
            margin: LotPrice(margin),
        };
        let tiers: [Tier; 2] = [tier(10, 20), tier(100, 50)];
        let size = |equity| tiered_partial_size(&Cash(equity), &Lots(20), &tiers, &LotPrice(10));
        assert_eq!(size(1_000), Ok(Close::Nothing));
        assert_eq!(size(960), Ok(Close::Part(Lots(1))));
        // In the upper tier 18 would be needed; entering the lower tier at 10 is enough.
        assert_eq!(size(300), Ok(Close::Part(Lots(10))));
        assert_eq!(size(290), Ok(Close::Part(Lots(11))));
        assert_eq!(
            size(200),
            Ok(Close::All),
            "all 20 lots: nothing left to margin"
        );
        assert_eq!(size(219), Ok(Close::Part(Lots(19))));
        assert_eq!(
            tiered_partial_size(&Cash(0), &Lots(101), &tiers, &LotPrice(1)),
            Err(RiskError::OutOfRange)
        );
        let flat: [Tier; 1] = [tier(100, 5)];
        assert_eq!(
            tiered_partial_size(&Cash(0), &Lots(20), &flat, &LotPrice(5)),
            Ok(Close::All)
        );
    }

    #[test]
    fn bankruptcy_price_should_leave_less_than_one_quantum_per_lot() {
        let price = |side, equity| bankruptcy_price(side, &LotPrice(100), &Cash(equity), &Lots(3));
        assert_eq!(price(Side::Long, 20i128), Ok(LotPrice(94)));
        assert_eq!(price(Side::Short, 20), Ok(LotPrice(106)));
        assert_eq!(price(Side::Long, -1), Ok(LotPrice(101)));
        assert_eq!(
            attributed_equity(&Cash(10i128), &Cash(1), &Cash(3)),
            Ok(Cash(3))
        );
        assert_eq!(
            equity_after(&Cash(10i128), &Lots(2), &LotPrice(3)),
            Ok(Cash(4))
        );
    }

    #[test]
    fn fillable_price_should_give_way_with_urgency_but_not_past_bankruptcy() {
        let (mark, bankrupt) = (LotPrice(1_000i128), LotPrice(900));
        let at = |ppm| {
            fillable_price(Side::Long, &mark, &bankrupt, &Ppm(ppm))
                .unwrap()
                .0
        };
        assert_eq!((at(0), at(255_000), at(PPM)), (1_000, 975, 900));
        let short = fillable_price(Side::Short, &mark, &LotPrice(1_100), &Ppm(255_000));
        assert_eq!(short, Ok(LotPrice(1_025)));
        assert_eq!(
            fillable_price(Side::Long, &mark, &LotPrice(1_001), &Ppm(PPM)),
            Ok(mark)
        );
        assert_eq!(
            fillable_price(Side::Short, &mark, &bankrupt, &Ppm(PPM)),
            Ok(mark)
        );
        let urgent = |equity, attempts| {
            urgency(&Cash(equity), &Cash(300i128), &attempts, &Ppm(50_000))
                .unwrap()
                .0
        };
        assert_eq!(urgent(300, 0), 0);
        assert_eq!(urgent(200, 1), 383_334);
        assert_eq!(urgent(400, 2), 100_000);
        assert_eq!(urgent(-5, 0), PPM);
        assert_eq!(urgent(10, 10), PPM);
    }

    #[test]
    fn penalty_should_stop_at_the_equity_left() {
        assert_eq!(
            penalty(&Lots(3i128), &LotPrice(5), &Cash(100)),
            Ok(Cash(15))
        );
        assert_eq!(penalty(&Lots(3i128), &LotPrice(5), &Cash(7)), Ok(Cash(7)));
        assert_eq!(penalty(&Lots(3i128), &LotPrice(5), &Cash(-7)), Ok(Cash(0)));
    }

    #[test]
    fn slices_should_respect_every_bound() {
        let limits = SliceLimits {
            max_share: Ppm(200_000i128),
            min_lots: Lots(5),
            max_notional: Cash(10_000),
        };
        let cut = |wanted, size, mark| {
            slice(&Lots(wanted), &Lots(size), &LotPrice(mark), &limits)
                .unwrap()
                .0
        };
        assert_eq!(cut(80, 101, 10), 21);
        assert_eq!(cut(3, 100, 10), 5, "raised to the minimum");
        assert_eq!(cut(3, 4, 10), 4, "closed whole");
        assert_eq!(cut(80, 100, 1_000), 10, "notional");
        assert_eq!(cut(80, 100, 20_000), 1, "one lot at least");
    }
}
