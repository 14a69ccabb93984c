//! The loss waterfall past the account's own margin: fund, backstop, deleveraging, haircut,
//! settlement.
//!
//! Closing happens at mark, so it changes nobody's equity; what deficit is left is a separate haircut
//! on profits. Deleveraging brings the most leveraged accounts of the winning side down to one common
//! leverage (water-filling, Campbell, Hey, Moallemi and Nutz, arXiv 2603.15963): distribution-free,
//! and splitting an account gains nothing beyond a lot of rounding.

use core::cmp::Ordering;

use crate::apportion::Apportionment;
use crate::error::{Res, RiskError};
use crate::num::Num;
use crate::units::{Cash, LotPrice, Lots, Ppm};

/// Whether the market's fund takes an account over: equity under `share * maintenance`, or the
/// attempts to sell it into the market are used up. The test is exact: a whole number is under a
/// fraction if and only if it is under the fraction rounded up.
pub fn takes_over<N: Num>(
    equity: &Cash<N>,
    maintenance: &Cash<N>,
    share: &Ppm<N>,
    attempts: &N,
    max_attempts: &N,
) -> Res<bool> {
    if equity.is_lt(&maintenance.ratio_ceil(share)?) {
        return Ok(true);
    }
    Ok(max_attempts.is_le(attempts))
}

/// What bounds the inventory of a market's fund.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity<N = i128> {
    /// Largest notional the fund may hold.
    pub max_notional: Cash<N>,
    /// Notional it holds.
    pub held_notional: Cash<N>,
    /// What it may still lose in the running window.
    pub drawdown_left: Cash<N>,
}

/// How many of `size` lots the fund can take: `floor` of its free notional over the mark, and of its
/// drawdown left over what one lot may lose. Never negative, never more than `size`.
/// `mark > 0`, `stress_per_lot > 0`.
pub fn capacity_lots<N: Num>(
    size: &Lots<N>,
    mark: &LotPrice<N>,
    stress_per_lot: &LotPrice<N>,
    capacity: &Capacity<N>,
) -> Res<Lots<N>> {
    let free = capacity.max_notional.sub(&capacity.held_notional)?;
    let by_notional = free.0.div_floor(&mark.0)?;
    let by_drawdown = capacity.drawdown_left.0.div_floor(&stress_per_lot.0)?;
    Ok(Lots(by_notional.smaller(&by_drawdown))
        .smaller(size)
        .positive_part())
}

/// What one layer of the waterfall pays of a loss: `min(loss, available, cap)`, never negative.
/// Paid and left sum to the loss exactly: `(paid, left)`.
pub fn absorb<N: Num>(
    loss: &Cash<N>,
    available: &Cash<N>,
    cap: &Cash<N>,
) -> Res<(Cash<N>, Cash<N>)> {
    let paid = loss.smaller(available).smaller(cap).positive_part();
    let left = loss.sub(&paid)?;
    Ok((paid, left))
}

/// One account on the side being deleveraged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim<N = i128> {
    /// Size, a magnitude, positive.
    pub lots: Lots<N>,
    /// Equity behind it, positive.
    pub equity: Cash<N>,
    /// Result: how many lots are closed.
    pub reduction: Lots<N>,
}

impl Claim {
    /// By leverage, highest first: the order [`water_fill`] needs. Exact cross products; invalid
    /// claims (negative) compare equal and are refused by [`water_fill`].
    pub fn by_leverage_descending(a: &Self, b: &Self) -> Ordering {
        let at_most =
            |x: &Self, y: &Self| i128::products_le(&x.lots.0, &y.equity.0, &y.lots.0, &x.equity.0);
        match (at_most(a, b), at_most(b, a)) {
            (Ok(true), Ok(false)) => Ordering::Greater,
            (Ok(false), Ok(true)) => Ordering::Less,
            _ => Ordering::Equal,
        }
    }
}

/// Closes `quantity` lots among `claims`, most leveraged first, down to one common leverage.
///
/// `claims` descends in `lots / equity` (all at one mark, so this is leverage). With `k` the fewest
/// claims whose common level is at least the next one's leverage, claim `i <= k` keeps its share of
/// `sum(lots) - quantity` by equity ([`Apportionment`]), the rest is closed; claims past `k` are
/// untouched. Hence the reductions sum to `quantity` exactly, each is in `[0, lots]`, and nobody ends
/// more than one lot above the common level.
///
/// Errors: [`RiskError::OutOfRange`] if a claim is not positive or `quantity` exceeds the sum or is
/// negative; [`RiskError::Unsorted`] if the order is wrong. `O(n)`.
pub fn water_fill<N: Num>(claims: &mut [Claim<N>], quantity: &Lots<N>) -> Res<()> {
    if quantity.is_negative() {
        return Err(RiskError::OutOfRange);
    }
    check_claims(claims)?;
    for claim in claims.iter_mut() {
        claim.reduction = Lots::zero();
    }
    if !quantity.is_positive() {
        return Ok(());
    }
    let (count, lots, equity) = find_level(claims, quantity)?;
    let mut kept = Apportionment::new(&lots.sub(quantity)?.0, &equity.0)?;
    for claim in claims.iter_mut().take(count) {
        let keeps = Lots(kept.next(&claim.equity.0)?);
        claim.reduction = claim.lots.sub(&keeps)?;
    }
    Ok(())
}

/// Positive and in descending leverage, or an error.
fn check_claims<N: Num>(claims: &[Claim<N>]) -> Res<()> {
    for claim in claims {
        if !claim.lots.is_positive() || !claim.equity.is_positive() {
            return Err(RiskError::OutOfRange);
        }
    }
    for (first, second) in claims.iter().zip(claims.iter().skip(1)) {
        if !second_at_most(&second.lots, &second.equity, &first.lots, &first.equity)? {
            return Err(RiskError::Unsorted);
        }
    }
    Ok(())
}

/// `lots_a / equity_a <= lots_b / equity_b` without dividing.
fn second_at_most<N: Num>(
    lots_a: &Lots<N>,
    equity_a: &Cash<N>,
    lots_b: &Lots<N>,
    equity_b: &Cash<N>,
) -> Res<bool> {
    Ok(N::branch(&N::products_le(
        &lots_a.0,
        &equity_b.0,
        &lots_b.0,
        &equity_a.0,
    )?))
}

/// How many of the leading claims share the reduction, with the sums of their lots and equity.
fn find_level<N: Num>(claims: &[Claim<N>], quantity: &Lots<N>) -> Res<(usize, Lots<N>, Cash<N>)> {
    let mut lots = Lots::zero();
    let mut equity = Cash::zero();
    for (index, claim) in claims.iter().enumerate() {
        lots = lots.add(&claim.lots)?;
        equity = equity.add(&claim.equity)?;
        if lots.is_lt(quantity) {
            continue;
        }
        let count = index.checked_add(1).ok_or(RiskError::Overflow)?;
        let level_found = match claims.get(count) {
            None => true,
            Some(next) => second_at_most(&next.lots, &next.equity, &lots.sub(quantity)?, &equity)?,
        };
        if level_found {
            return Ok((count, lots, equity));
        }
    }
    Err(RiskError::OutOfRange)
}

/// Weight of an account in a haircut: `min(profit^+, (equity - maintenance)^+)`. A haircut of at most
/// this keeps every healthy account healthy and takes profit only.
pub fn haircut_weight<N: Num>(
    unrealised_profit: &Cash<N>,
    equity: &Cash<N>,
    maintenance: &Cash<N>,
) -> Res<Cash<N>> {
    let spare = equity.sub(maintenance)?;
    Ok(unrealised_profit.smaller(&spare).positive_part())
}

/// The haircut of a deficit over weights summing to `weight_total > 0`: shares sum to
/// `min(deficit, weight_total)` exactly and none exceeds its weight. Returns the division and the
/// part of the deficit that exceeds all weights, which goes to settlement.
///
/// Errors: [`RiskError::OutOfRange`] if the deficit is negative.
pub fn haircut<N: Num>(
    deficit: &Cash<N>,
    weight_total: &Cash<N>,
) -> Res<(Apportionment<N>, Cash<N>)> {
    let covered = deficit.smaller(weight_total);
    let left = deficit.sub(&covered)?;
    Ok((Apportionment::new(&covered.0, &weight_total.0)?, left))
}

/// What settlement pays on a positive profit when only `available` of `profits` can be paid: the
/// division of `min(available, profits)` over the profits; a share never exceeds its profit.
pub fn settlement<N: Num>(available: &Cash<N>, profits: &Cash<N>) -> Res<Apportionment<N>> {
    Apportionment::new(&available.smaller(profits).positive_part().0, &profits.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(lots: i128, equity: i128) -> Claim {
        Claim {
            lots: Lots(lots),
            equity: Cash(equity),
            reduction: Lots(-1),
        }
    }

    fn reductions<const K: usize>(mut claims: [Claim; K], quantity: i128) -> Res<[i128; K]> {
        water_fill(&mut claims, &Lots(quantity))?;
        Ok(claims.map(|c| c.reduction.0))
    }

    #[test]
    fn water_fill_should_level_the_most_leveraged_first() {
        let claims = [claim(100, 10), claim(50, 10), claim(10, 10)];
        assert_eq!(reductions(claims, 0), Ok([0, 0, 0]));
        assert_eq!(reductions(claims, 50), Ok([50, 0, 0]));
        assert_eq!(reductions(claims, 60), Ok([55, 5, 0]));
        assert_eq!(reductions(claims, 130), Ok([90, 40, 0]));
        assert_eq!(reductions(claims, 133), Ok([91, 41, 1]));
        assert_eq!(reductions(claims, 160), Ok([100, 50, 10]));
        assert_eq!(reductions(claims, 161), Err(RiskError::OutOfRange));
        assert_eq!(reductions(claims, -1), Err(RiskError::OutOfRange));
    }

    #[test]
    fn water_fill_should_refuse_bad_claims() {
        assert_eq!(
            reductions([claim(1, 10), claim(5, 10)], 1),
            Err(RiskError::Unsorted)
        );
        assert_eq!(reductions([claim(0, 10)], 0), Err(RiskError::OutOfRange));
        assert_eq!(reductions([claim(1, 0)], 1), Err(RiskError::OutOfRange));
        assert_eq!(reductions([], 1), Err(RiskError::OutOfRange));
        let mut claims = [claim(1, 10), claim(5, 10), claim(3, 10)];
        claims.sort_by(Claim::by_leverage_descending);
        assert_eq!(claims.map(|c| c.lots.0), [5, 3, 1]);
        let order = Claim::by_leverage_descending;
        assert_eq!(order(&claim(1, 2), &claim(2, 4)), Ordering::Equal);
        assert_eq!(order(&claim(1, 2), &claim(1, 3)), Ordering::Less);
        assert_eq!(order(&claim(1, 3), &claim(1, 2)), Ordering::Greater);
    }

    #[test]
    fn fund_should_take_over_when_margin_or_patience_ends() {
        let takes = |equity, attempts| {
            takes_over(&Cash(equity), &Cash(300i128), &Ppm(200_000), &attempts, &5).unwrap()
        };
        assert!(!takes(60, 4));
        assert!(takes(59, 0));
        assert!(takes(250, 5));
    }

    #[test]
    fn capacity_should_be_the_tightest_bound() {
        let lots = |max, held, drawdown| {
            let capacity = Capacity {
                max_notional: Cash(max),
                held_notional: Cash(held),
                drawdown_left: Cash(drawdown),
            };
            capacity_lots(&Lots(10i128), &LotPrice(100), &LotPrice(7), &capacity)
                .unwrap()
                .0
        };
        assert_eq!(lots(1_000, 201, 1_000), 7);
        assert_eq!(lots(1_000, 0, 41), 5);
        assert_eq!(lots(9_000, 0, 1_000), 10);
        assert_eq!(lots(100, 500, 1_000), 0);
    }

    #[test]
    fn layers_should_pay_in_order_and_exactly() {
        let pay = |loss, available, cap| {
            absorb(&Cash(loss), &Cash(available), &Cash(cap)).map(|(a, b)| (a.0, b.0))
        };
        assert_eq!(pay(10i128, 4, 9), Ok((4, 6)));
        assert_eq!(pay(10, 40, 9), Ok((9, 1)));
        assert_eq!(pay(10, 40, 90), Ok((10, 0)));
        assert_eq!(pay(10, -4, 9), Ok((0, 10)));
    }

    #[test]
    fn haircut_should_take_profit_only_and_hand_the_rest_on() {
        assert_eq!(
            haircut_weight(&Cash(50i128), &Cash(100), &Cash(70)),
            Ok(Cash(30))
        );
        assert_eq!(
            haircut_weight(&Cash(20i128), &Cash(100), &Cash(70)),
            Ok(Cash(20))
        );
        assert_eq!(
            haircut_weight(&Cash(20i128), &Cash(60), &Cash(70)),
            Ok(Cash(0))
        );
        let (mut division, left) = haircut(&Cash(70i128), &Cash(50)).unwrap();
        assert_eq!(left, Cash(20));
        assert_eq!([30, 20].map(|w| division.next(&w).unwrap()), [30, 20]);
        assert_eq!(haircut(&Cash(-1i128), &Cash(5)), Err(RiskError::OutOfRange));
        assert_eq!(
            haircut(&Cash(1i128), &Cash(0)),
            Err(RiskError::DivisorNotPositive)
        );
        let mut paid = settlement(&Cash(25i128), &Cash(50)).unwrap();
        assert_eq!([30, 20].map(|w| paid.next(&w).unwrap()), [15, 10]);
        assert_eq!(settlement(&Cash(-5i128), &Cash(50)).unwrap().total, 0);
    }
}
