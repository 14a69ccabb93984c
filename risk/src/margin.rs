//! Margin ratios, margins per lot, and what an account must hold.
//!
//! ```text
//! maintenance ratio = min(1, max(floor, ceil(k * volatility)) + slippage)
//! initial ratio     = base + ceil((1 - base) * clamp((OI - lower) / (upper - lower), 0, 1)),
//!                     base = min(1, ceil(maintenance * g)),  g >= 1
//! margin per lot    = ceil(mark * ratio)                     once per market per block
//! ```
//!
//! Maintenance does not rise with open interest: growth liquidates nobody. Size tiers are bounded in
//! lots, so a price move never carries an account across a tier. Every ratio and margin rounds up.
//! Sources: volatility-scaled margin with floors (BTC on 2020-03-12 moved 14.6 EWMA sigmas in a day);
//! open-interest scaling of dYdX v4's liquidity tiers; profit cap and stable price of Mango v4.

use crate::error::{Res, RiskError};
use crate::limits::PPM;
use crate::num::Num;
use crate::units::{Cash, LotPrice, Lots, Ppm, Side};

/// One size tier: a position of up to `max_lots` needs `margin` for each of its lots.
///
/// The whole position pays its tier's rate, so the requirement steps up at a bound (it is monotone
/// in size, not continuous); that keeps slack linear in one coordinate per position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tier<N = i128> {
    /// Largest size this tier covers, inclusive, a magnitude.
    pub max_lots: Lots<N>,
    /// Margin per lot of the whole position while in this tier.
    pub margin: LotPrice<N>,
}

/// Maintenance ratio from volatility over the liquidation horizon.
///
/// `min(10^6, max(floor, ceil(k_ppm * volatility / 10^6)) + slippage)`; monotone in every argument.
pub fn maintenance_ratio<N: Num>(
    volatility: &Ppm<N>,
    k: &Ppm<N>,
    floor: &Ppm<N>,
    slippage: &Ppm<N>,
) -> Res<Ppm<N>> {
    let scaled = volatility.ratio_ceil(k)?;
    Ok(scaled.larger(floor).add(slippage)?.smaller(&Ppm::one()))
}

/// A ratio's next value, moved toward `target` by at most the allowed step up or down. Tightening
/// may be faster than loosening. No rounding; `up >= 0`, `down >= 0`.
pub fn rate_limited<N: Num>(
    current: &Ppm<N>,
    target: &Ppm<N>,
    up: &Ppm<N>,
    down: &Ppm<N>,
) -> Res<Ppm<N>> {
    Ok(target.clamped(&current.sub(down)?, &current.add(up)?))
}

/// Initial ratio before open interest: `min(10^6, ceil(maintenance * g))`.
///
/// Errors: [`RiskError::OutOfRange`] if `g < 10^6`: initial margin below maintenance would let an
/// account open straight into liquidation.
pub fn base_initial_ratio<N: Num>(maintenance: &Ppm<N>, g: &Ppm<N>) -> Res<Ppm<N>> {
    if g.is_lt(&Ppm::one()) {
        return Err(RiskError::OutOfRange);
    }
    Ok(maintenance.ratio_ceil(g)?.smaller(&Ppm::one()))
}

/// Initial ratio raised with open interest: `base` up to `lower`, 100 % from `upper` on, linear
/// (rounded up) between. Monotone in `open_interest`, in `[base, 10^6]`.
///
/// Errors: [`RiskError::DivisorNotPositive`] unless `lower < upper`.
pub fn initial_ratio<N: Num>(
    base: &Ppm<N>,
    open_interest: &Lots<N>,
    lower: &Lots<N>,
    upper: &Lots<N>,
) -> Res<Ppm<N>> {
    let span = upper.sub(lower)?;
    let above = open_interest.clamped(lower, upper).sub(lower)?;
    let room = Ppm::one().sub(base)?;
    base.add(&Ppm(room.0.mul_div_ceil(&above.0, &span.0)?))
}

/// Margin of one lot: `ceil(price * ratio)`.
pub fn per_lot<N: Num>(price: &LotPrice<N>, ratio: &Ppm<N>) -> Res<LotPrice<N>> {
    price.ratio_ceil(ratio)
}

/// The tier a size falls in: the first whose bound it does not exceed, as an index into `tiers`.
///
/// `tiers` ascends in `max_lots`. Errors: [`RiskError::OutOfRange`] beyond the last tier,
/// [`RiskError::Empty`] without tiers.
pub fn tier_of<N: Num>(size: &Lots<N>, tiers: &[Tier<N>]) -> Res<usize> {
    if tiers.is_empty() {
        return Err(RiskError::Empty);
    }
    tiers
        .iter()
        .position(|tier| size.is_le(&tier.max_lots))
        .ok_or(RiskError::OutOfRange)
}

/// The larger magnitude a position can reach if one side of its open orders fills:
/// `max(|lots + open_buy|, |lots - open_sell|)`; `open_buy, open_sell >= 0` are magnitudes.
///
/// No subset of fills leads to a larger position.
pub fn worst_side<N: Num>(lots: &Lots<N>, open_buy: &Lots<N>, open_sell: &Lots<N>) -> Res<Lots<N>> {
    let bought = lots.add(open_buy)?.magnitude()?;
    let sold = lots.sub(open_sell)?.magnitude()?;
    Ok(bought.larger(&sold))
}

/// Loss an order locks in by being worse than the mark: `lots * max(0, limit - mark)` for a buy,
/// `lots * max(0, mark - limit)` for a sell. Exact.
///
/// Sum it order by order: a clearing may fill the bad one alone, so good orders must not net it.
pub fn order_loss<N: Num>(
    side: Side,
    lots: &Lots<N>,
    limit: &LotPrice<N>,
    mark: &LotPrice<N>,
) -> Res<Cash<N>> {
    let worse_by = match side {
        Side::Long => limit.sub(mark)?,
        Side::Short => mark.sub(limit)?,
    };
    worse_by.positive_part().times(lots)
}

/// The more conservative of mark and stable price for a position: the lower for a long, the higher
/// for a short.
pub fn conservative_price<N: Num>(
    side: Side,
    mark: &LotPrice<N>,
    stable: &LotPrice<N>,
) -> LotPrice<N> {
    match side {
        Side::Long => mark.smaller(stable),
        Side::Short => mark.larger(stable),
    }
}

/// Unrealised profit of a position, exact: `lots * price - cost - funding owed`.
pub fn unrealised<N: Num>(
    lots: &Lots<N>,
    price: &LotPrice<N>,
    cost: &Cash<N>,
    funding_owed: &Cash<N>,
) -> Res<Cash<N>> {
    price.times(lots)?.sub(cost)?.sub(funding_owed)
}

/// What of an unrealised profit counts toward initial health: losses in full, profit up to `cap`.
pub fn capped_profit<N: Num>(unrealised: &Cash<N>, cap: &Cash<N>) -> Cash<N> {
    unrealised.smaller(cap)
}

/// Margin a withdrawal must leave: `max(initial requirement, ceil(share * gross notional))`.
/// Source: Hyperliquid's transfer margin after March 2025, where `share` is 10 %.
pub fn transfer_margin<N: Num>(
    initial_requirement: &Cash<N>,
    gross_notional: &Cash<N>,
    share: &Ppm<N>,
) -> Res<Cash<N>> {
    Ok(initial_requirement.larger(&gross_notional.ratio_ceil(share)?))
}

/// What may be withdrawn: the conservative equity above the transfer margin, never more than the
/// collateral and never negative. Exact.
pub fn withdrawable<N: Num>(
    collateral: &Cash<N>,
    conservative_equity: &Cash<N>,
    transfer_margin: &Cash<N>,
) -> Res<Cash<N>> {
    Ok(conservative_equity
        .sub(transfer_margin)?
        .smaller(collateral)
        .positive_part())
}

/// Whether an act may pass.
///
/// Always if initial health is not negative after it. Below that, an act that adds risk never
/// passes; one that only reduces risk passes if maintenance slack is no worse than before, so nobody
/// can trade value out of an account that is short of initial margin.
pub fn act_allowed<N: Num>(
    adds_risk: bool,
    initial_health_after: &Cash<N>,
    slack_before: &Cash<N>,
    slack_after: &Cash<N>,
) -> bool {
    if !initial_health_after.is_negative() {
        return true;
    }
    !adds_risk && slack_before.is_le(slack_after)
}

/// Margin ratio of a notional, in ppm rounded down: `floor(equity * 10^6 / notional)`; for display
/// and for deleveraging order, never for a solvency decision. `notional > 0`.
pub fn margin_ratio<N: Num>(equity: &Cash<N>, notional: &Cash<N>) -> Res<Ppm<N>> {
    Ok(Ppm(equity.0.mul_div_floor(&N::int(PPM), &notional.0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_should_respect_floor_slippage_and_cap() {
        let ratio = |volatility, k| {
            maintenance_ratio(&Ppm(volatility), &Ppm(k), &Ppm(10_000i128), &Ppm(2_000))
                .unwrap()
                .0
        };
        assert_eq!(ratio(3_467, 10_000_000), 36_670);
        assert_eq!(ratio(100, 10_000_000), 12_000);
        assert_eq!(ratio(500_000, 10_000_000), PPM);
        assert_eq!(ratio(1, 10_500_000_001), 12_501, "rounds up");
    }

    #[test]
    fn initial_should_scale_with_open_interest_up_to_the_whole() {
        let ratio = |oi| initial_ratio(&Ppm(100_000i128), &Lots(oi), &Lots(100), &Lots(200));
        assert_eq!(ratio(0), Ok(Ppm(100_000)));
        assert_eq!(ratio(100), Ok(Ppm(100_000)));
        assert_eq!(ratio(150), Ok(Ppm(550_000)));
        assert_eq!(ratio(10_000), Ok(Ppm(1_000_000)));
        assert_eq!(
            initial_ratio(&Ppm(1i128), &Lots(0), &Lots(5), &Lots(5)),
            Err(RiskError::DivisorNotPositive)
        );
        assert_eq!(
            base_initial_ratio(&Ppm(30_001i128), &Ppm(1_500_000)),
            Ok(Ppm(45_002))
        );
        assert_eq!(
            base_initial_ratio(&Ppm(900_000i128), &Ppm(1_500_000)),
            Ok(Ppm::one())
        );
        assert_eq!(
            base_initial_ratio(&Ppm(1i128), &Ppm(999_999)),
            Err(RiskError::OutOfRange)
        );
        assert_eq!(
            base_initial_ratio(&Ppm(7i128), &Ppm::one()),
            Ok(Ppm(7)),
            "g may be one"
        );
    }

    #[test]
    fn margin_of_one_lot_should_round_up() {
        assert_eq!(
            per_lot(&LotPrice(1_001i128), &Ppm(100_000)),
            Ok(LotPrice(101))
        );
        assert_eq!(
            per_lot(&LotPrice(1_000i128), &Ppm(100_000)),
            Ok(LotPrice(100))
        );
    }

    #[test]
    fn tiers_should_be_found_by_size() {
        let tier = |max_lots, margin| Tier {
            max_lots: Lots(max_lots),
            margin: LotPrice(margin),
        };
        let tiers: [Tier; 2] = [tier(10, 1), tier(50, 2)];
        assert_eq!(tier_of(&Lots(10), &tiers), Ok(0));
        assert_eq!(tier_of(&Lots(11), &tiers), Ok(1));
        assert_eq!(tier_of(&Lots(51), &tiers), Err(RiskError::OutOfRange));
        assert_eq!(tier_of::<i128>(&Lots(1), &[]), Err(RiskError::Empty));
    }

    #[test]
    fn open_orders_should_count_on_their_worse_side() {
        let worst = |lots, buy, sell| worst_side(&Lots(lots), &Lots(buy), &Lots(sell)).unwrap().0;
        assert_eq!(worst(5i128, 3, 0), 8);
        assert_eq!(worst(5, 0, 3), 5);
        assert_eq!(worst(5, 0, 12), 7);
        assert_eq!(worst(-5, 12, 1), 7);
        let loss = |side, limit| order_loss(side, &Lots(3i128), &LotPrice(limit), &LotPrice(100));
        assert_eq!(loss(Side::Long, 110), Ok(Cash(30)));
        assert_eq!(loss(Side::Long, 90), Ok(Cash(0)));
        assert_eq!(loss(Side::Short, 90), Ok(Cash(30)));
        assert_eq!(loss(Side::Short, 110), Ok(Cash(0)));
    }

    #[test]
    fn withdrawals_should_leave_the_transfer_margin() {
        let margin = transfer_margin(&Cash(90i128), &Cash(1_001), &Ppm(100_000)).unwrap();
        assert_eq!(margin, Cash(101));
        assert_eq!(
            transfer_margin(&Cash(200i128), &Cash(1), &Ppm(1)),
            Ok(Cash(200))
        );
        assert_eq!(withdrawable(&Cash(500), &Cash(150), &margin), Ok(Cash(49)));
        assert_eq!(withdrawable(&Cash(10), &Cash(150), &margin), Ok(Cash(10)));
        assert_eq!(withdrawable(&Cash(500), &Cash(50), &margin), Ok(Cash(0)));
    }

    #[test]
    fn conservative_values_should_never_favour_the_account() {
        let (mark, stable) = (LotPrice(100i128), LotPrice(90));
        assert_eq!(conservative_price(Side::Long, &mark, &stable), stable);
        assert_eq!(conservative_price(Side::Short, &mark, &stable), mark);
        assert_eq!(
            unrealised(&Lots(-2), &mark, &Cash(-250), &Cash(10)),
            Ok(Cash(40))
        );
        assert_eq!(capped_profit(&Cash(40i128), &Cash(30)), Cash(30));
        assert_eq!(capped_profit(&Cash(-40i128), &Cash(30)), Cash(-40));
        assert_eq!(margin_ratio(&Cash(-1i128), &Cash(3)), Ok(Ppm(-333_334)));
    }

    #[test]
    fn acts_should_pass_only_when_safe_or_not_worse() {
        let allowed = |adds, health, before, after| {
            act_allowed(adds, &Cash(health), &Cash(before), &Cash(after))
        };
        assert!(allowed(true, 0i128, 5, 1));
        assert!(!allowed(true, -1, 5, 6));
        assert!(allowed(false, -1, -5, -5));
        assert!(!allowed(false, -1, -5, -6));
        assert!(allowed(false, -1, 5, 6));
        assert!(!allowed(false, -1, 5, 4));
    }

    #[test]
    fn ratios_should_move_no_faster_than_allowed() {
        let step = |target| rate_limited(&Ppm(100i128), &Ppm(target), &Ppm(10), &Ppm(2));
        assert_eq!(step(500), Ok(Ppm(110)));
        assert_eq!(step(105), Ok(Ppm(105)));
        assert_eq!(step(1), Ok(Ppm(98)));
    }
}
