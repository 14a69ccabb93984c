//! Clearing price of one call: one price for every fill.
//!
//! Bids and asks were matched best against best while they crossed. The last matched pair and the
//! first unmatched one bound the prices that clear the same, maximal volume:
//!
//! ```text
//! [ max(last matched ask, next bid), min(last matched bid, next ask) ]
//! ```
//!
//! and the clearing price is the mark clamped into it, on tick. Nobody can move it by adding volume
//! at the margin without trading there. Source: uniform-price call auctions; Budish, Cramton and
//! Shim (2015).

use crate::error::{Res, RiskError};
use crate::num::Num;
use crate::units::{LotPrice, Side};

/// Where matching stopped. Prices are in ticks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Margin<N = i128> {
    /// Worst bid that was matched.
    pub last_bid: N,
    /// Worst ask that was matched.
    pub last_ask: N,
    /// Best bid with lots left, if any: the last one itself if it was filled in part.
    pub next_bid: Option<N>,
    /// Best ask with lots left, if any.
    pub next_ask: Option<N>,
}

/// The closed interval of prices, in ticks, that clear the matched volume.
///
/// Errors: [`RiskError::OutOfRange`] if the matched pair does not cross, [`RiskError::Unsorted`] if a
/// next order is better than the last or if the next pair still crosses (the work budget ended the
/// matching early: then pass no next order, and the matched pair alone bounds the price).
pub fn clearing_interval<N: Num>(margin: &Margin<N>) -> Res<(N, N)> {
    if margin.last_bid.is_lt(&margin.last_ask) {
        return Err(RiskError::OutOfRange);
    }
    if let (Some(bid), Some(ask)) = (&margin.next_bid, &margin.next_ask) {
        if ask.is_le(bid) {
            return Err(RiskError::Unsorted);
        }
    }
    let low = match &margin.next_bid {
        Some(bid) if margin.last_bid.is_lt(bid) => return Err(RiskError::Unsorted),
        Some(bid) => margin.last_ask.larger(bid),
        None => margin.last_ask.clone(),
    };
    let high = match &margin.next_ask {
        Some(ask) if ask.is_lt(&margin.last_ask) => return Err(RiskError::Unsorted),
        Some(ask) => margin.last_bid.smaller(ask),
        None => margin.last_bid.clone(),
    };
    Ok((low, high))
}

/// The clearing price in ticks: `floor(mark / tick)` clamped into the clearing interval.
/// `tick > 0` is in quanta per lot.
pub fn clearing_price<N: Num>(
    margin: &Margin<N>,
    mark: &LotPrice<N>,
    tick: &LotPrice<N>,
) -> Res<N> {
    let (low, high) = clearing_interval(margin)?;
    Ok(mark.0.div_floor(&tick.0)?.clamped(&low, &high))
}

/// Limit of a market order: the mark moved against the caller by at most `slippage_ticks`, so that no
/// order is unbounded: `floor(mark / tick) + s` for a buy, `ceil(mark / tick) - s`, at least one tick,
/// for a sell.
pub fn market_limit<N: Num>(
    side: Side,
    mark: &LotPrice<N>,
    tick: &LotPrice<N>,
    slippage_ticks: &N,
) -> Res<N> {
    match side {
        Side::Long => mark.0.div_floor(&tick.0)?.add(slippage_ticks),
        Side::Short => Ok(mark
            .0
            .div_ceil(&tick.0)?
            .sub(slippage_ticks)?
            .larger(&N::int(1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn margin(last: (i128, i128), next: (Option<i128>, Option<i128>)) -> Margin {
        Margin {
            last_bid: last.0,
            last_ask: last.1,
            next_bid: next.0,
            next_ask: next.1,
        }
    }

    #[test]
    fn interval_should_be_bounded_by_the_marginal_pairs() {
        assert_eq!(
            clearing_interval(&margin((105, 95), (None, None))),
            Ok((95, 105))
        );
        assert_eq!(
            clearing_interval(&margin((105, 95), (Some(100), Some(103)))),
            Ok((100, 103))
        );
        assert_eq!(
            clearing_interval(&margin((105, 95), (Some(90), Some(110)))),
            Ok((95, 105))
        );
        assert_eq!(
            clearing_interval(&margin((105, 95), (Some(105), None))),
            Ok((105, 105))
        );
        assert_eq!(
            clearing_interval(&margin((100, 100), (None, Some(100)))),
            Ok((100, 100))
        );
    }

    #[test]
    fn interval_should_refuse_an_impossible_margin() {
        let bad = |last, next| clearing_interval(&margin(last, next));
        assert_eq!(bad((94, 95), (None, None)), Err(RiskError::OutOfRange));
        assert_eq!(bad((105, 95), (Some(106), None)), Err(RiskError::Unsorted));
        assert_eq!(bad((105, 95), (None, Some(94))), Err(RiskError::Unsorted));
        assert_eq!(
            bad((105, 95), (Some(100), Some(100))),
            Err(RiskError::Unsorted)
        );
    }

    #[test]
    fn price_should_be_the_mark_clamped_on_tick() {
        let book = margin((105, 95), (Some(100), Some(103)));
        let price = |mark| clearing_price(&book, &LotPrice(mark), &LotPrice(10));
        assert_eq!(price(1_019), Ok(101));
        assert_eq!(price(5), Ok(100));
        assert_eq!(price(9_999), Ok(103));
        assert_eq!(
            market_limit(Side::Long, &LotPrice(1_019i128), &LotPrice(10), &5),
            Ok(106)
        );
        assert_eq!(
            market_limit(Side::Short, &LotPrice(1_011i128), &LotPrice(10), &5),
            Ok(97)
        );
        assert_eq!(
            market_limit(Side::Short, &LotPrice(11i128), &LotPrice(10), &5),
            Ok(1)
        );
    }
}
