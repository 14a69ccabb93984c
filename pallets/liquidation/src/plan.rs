//! Which positions of an account are closed in this block, how much of them, and at which limit. SPEC 4.
//!
//! No storage here: what an account looks like goes in, orders come out.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    Cash, Contract, Leg, LotPrice, Lots, MarketId, MarketPrices, Ppm, Side, Standing,
};
use caisson_risk::{
    liquidation::{self, Close, SliceLimits},
    margin::Tier,
    Num, Res,
};

use crate::types::{Terms, MAX_ORDERS};

/// An order that the engine wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The market.
    pub market: MarketId,
    /// The side of the order: the other one than the position's.
    pub side: Side,
    /// How many lots, at least one.
    pub lots: u64,
    /// The worst price, in quanta for one lot.
    pub limit: LotPrice,
    /// What the lots are worth at mark.
    pub notional: Cash,
}

/// A market as planning needs it.
pub type Known = (Contract, MarketPrices);

/// Orders for the riskiest positions, until the target is met or there are as many as one visit enters.
///
/// `read` gives a market's contract and prices. Positions whose price may not be used are left out. Errors: a number
/// leaves its range.
pub fn orders(
    standing: &Standing,
    attempts: u8,
    terms: &Terms,
    read: impl Fn(MarketId) -> Option<Known>,
) -> Res<Vec<Planned>> {
    let mut legs: Vec<&Leg> = standing
        .legs
        .iter()
        .filter(|leg| leg.may_liquidate)
        .collect();
    // The market number breaks ties, so that the order is one.
    legs.sort_by_key(|leg| (core::cmp::Reverse(leg.maintenance.0), leg.market));
    let target = Ppm(i128::from(terms.target_ppm));
    let mut equity = standing.equity;
    // What the positions that stay must have at target.
    let mut others = standing.maintenance.ratio_ceil(&target)?;
    let mut planned = Vec::new();
    for leg in legs.into_iter().take(MAX_ORDERS) {
        let Some((contract, prices)) = read(leg.market) else {
            continue;
        };
        others = others
            .sub(&leg.maintenance.ratio_ceil(&target)?)?
            .positive_part();
        let quote = quote(standing, leg, attempts, terms, &contract, &prices)?;
        let size = leg.lots.widen().magnitude()?;
        let tiers = target_tiers(&contract, &prices, &target)?;
        let free = equity.sub(&others)?;
        let close = liquidation::tiered_partial_size(&free, &size, &tiers, &quote.loss_per_lot)?;
        let (wanted, is_enough) = match close {
            Close::Nothing => break,
            Close::Part(lots) => (lots, true),
            Close::All => (size, false),
        };
        let limits = slice_limits(terms, &prices)?;
        let lots = liquidation::slice(&wanted, &size, &prices.mark, &limits)?;
        planned.push(Planned {
            market: leg.market,
            side: leg.side().opposite(),
            lots: u64::try_from(lots.0).map_err(|_| caisson_risk::RiskError::OutOfRange)?,
            limit: quote.limit,
            notional: prices.mark.times(&lots)?,
        });
        if is_enough {
            break;
        }
        equity = liquidation::equity_after(&equity, &size, &quote.loss_per_lot)?;
    }
    Ok(planned)
}

/// At which limit a position is offered, and the most that closing one lot costs.
struct Quote {
    limit: LotPrice,
    loss_per_lot: LotPrice,
}

/// SPEC 4.3: the limit gives way from the mark toward the price that uses up the equity behind the position.
fn quote(
    standing: &Standing,
    leg: &Leg,
    attempts: u8,
    terms: &Terms,
    contract: &Contract,
    prices: &MarketPrices,
) -> Res<Quote> {
    let side = leg.side();
    let size = leg.lots.widen().magnitude()?;
    let behind = liquidation::attributed_equity(
        &standing.equity.positive_part(),
        &leg.maintenance,
        &standing.maintenance.larger(&Cash(1)),
    )?;
    let bankruptcy = liquidation::bankruptcy_price(side, &prices.mark, &behind, &size)?;
    let urgency = liquidation::urgency(
        &standing.equity,
        &standing.maintenance.larger(&Cash(1)),
        &i128::from(attempts),
        &Ppm(i128::from(terms.give_way_ppm)),
    )?;
    let limit = liquidation::fillable_price(side, &prices.mark, &bankruptcy, &urgency)?;
    let conceded = limit.sub(&prices.mark)?.magnitude()?;
    let penalty = prices
        .mark
        .ratio_ceil(&Ppm(i128::from(contract.liquidation_penalty_ppm)))?;
    Ok(Quote {
        limit,
        loss_per_lot: conceded.add(&penalty)?,
    })
}

/// Target margin of one lot, by size tier.
fn target_tiers(
    contract: &Contract,
    prices: &MarketPrices,
    target: &Ppm<i128>,
) -> Res<Vec<Tier<i128>>> {
    contract
        .tier_bounds
        .iter()
        .zip(&prices.maintenance)
        .map(|(bound, margin)| {
            Ok(Tier {
                max_lots: bound.widen(),
                margin: margin.ratio_ceil(target)?,
            })
        })
        .collect()
}

fn slice_limits(terms: &Terms, prices: &MarketPrices) -> Res<SliceLimits<i128>> {
    let least = Num::div_ceil(&terms.slice_at_least.0, &prices.mark.0.larger(&1))?;
    Ok(SliceLimits {
        max_share: Ppm(i128::from(terms.slice_ppm)),
        min_lots: Lots(least.larger(&1)),
        max_notional: terms.slice_at_most,
    })
}
