//! Booking a fill: SPEC 4.
//!
//! ```text
//! funding   = lots * (F - checkpoint)                          paid first, exact
//! opening   : cost += traded lots * price
//! closing   : part = floor(cost * closed / |lots|),  realised = closed value - part
//! fee       = ceil(traded lots * price * rate)                 rebates round toward zero
//! penalty   = ceil(traded lots * price * penalty)              due, not taken here
//! ```
//!
//! Traders' fills pay a fee and count as volume; the engine's fills in a call are due a penalty; what the engine moves at mark
//! is due neither.
//!
//! The division splits cost between what is realised and what stays, inside one account: money plus worth is the
//! same whatever it gives. So a fill moves exactly `lots * price` from buyer to seller.

use caisson_primitives::{
    trading::{
        Account, AccountRole, Cash, Contract, Fill, FillKind, LotPrice, Lots, MarketPrices, Ppm,
        Settled,
    },
    Moment,
};
use caisson_risk::{limits::MAX_CASH, Num, Res, RiskError};

/// Books a fill in the account. On an error the account may be half changed: drop it.
///
/// Errors: a number leaves its range, or the account is in too many markets ([`RiskError::Empty`]).
pub fn book<AccountId>(
    account: &mut Account<AccountId>,
    contract: &Contract,
    prices: &MarketPrices,
    now: Moment,
    fill: &Fill,
) -> Res<Settled> {
    let lots = i128::from(fill.lots);
    let value = fill.price.times(&Lots(lots))?;
    let fee = fee(account, contract, now, &value, fill.kind)?;
    let penalty = penalty(account, contract, &value, fill.kind)?;
    let funding = settle_funding(account, fill.market, &prices.funding)?;

    let position = account.position_mut(fill.market).ok_or(RiskError::Empty)?;
    let before = position.lots.widen();
    let traded = Lots(fill.side.signed(&lots)?);
    let closed = closed(&before, &traded)?;
    let opened = Lots(traded.0.magnitude()?.sub(&closed.0)?);
    let mut realised = Cash::ZERO;
    if closed.is_positive() {
        let part = released_cost(&position.cost, &closed, &before)?;
        let direction = if before.is_negative() { -1 } else { 1 };
        realised = fill
            .price
            .times(&Lots(closed.0.mul(&direction)?))?
            .sub(&part)?;
        position.cost = position.cost.sub(&part)?;
    }
    if opened.is_positive() {
        let signed = Lots(fill.side.signed(&opened.0)?);
        position.cost = position.cost.add(&fill.price.times(&signed)?)?;
    }
    let after = before.add(&traded)?;
    position.lots = after.narrow()?;
    position.checkpoint = prices.funding;
    account.collateral = account.collateral.add(&realised)?.sub(&fee)?;
    if account.collateral.0.unsigned_abs() > MAX_CASH.unsigned_abs() {
        return Err(RiskError::OutOfRange);
    }

    if matches!(fill.kind, FillKind::Taker | FillKind::Maker) {
        let mut volume = account.volume.moved_to(now);
        volume.current = Cash(volume.current.0.saturating_add(value.0));
        account.volume = volume;
    }
    let long_lots = after.positive_part().sub(&before.positive_part())?;
    Ok(Settled {
        fee,
        realised,
        penalty,
        funding,
        long_lots: i64::try_from(long_lots.0).map_err(|_| RiskError::OutOfRange)?,
    })
}

/// Pays the funding of a position up to now. Returns what it paid.
pub fn settle_funding<AccountId>(
    account: &mut Account<AccountId>,
    market: u16,
    funding: &LotPrice,
) -> Res<Cash> {
    let Some(position) = account.position_mut(market) else {
        return Err(RiskError::Empty);
    };
    let owed = funding
        .sub(&position.checkpoint)?
        .times(&position.lots.widen())?;
    position.checkpoint = *funding;
    account.collateral = account.collateral.sub(&owed)?;
    Ok(owed)
}

/// How many lots of a position a trade closes, a magnitude.
fn closed(before: &Lots<i128>, traded: &Lots<i128>) -> Res<Lots<i128>> {
    if before.is_negative() == traded.is_negative() {
        return Ok(Lots(0));
    }
    Ok(before.magnitude()?.smaller(&traded.magnitude()?))
}

/// The cost of the closed lots: `floor(cost * closed / |lots|)`, all of it when all are closed.
fn released_cost(cost: &Cash, closed: &Lots<i128>, before: &Lots<i128>) -> Res<Cash> {
    Ok(Cash(
        cost.0.mul_div_floor(&closed.0, &before.magnitude()?.0)?,
    ))
}

/// The fee of a fill of that value; negative is a rebate. Rounds up either way. The engine's fills pay none.
fn fee<AccountId>(
    account: &Account<AccountId>,
    contract: &Contract,
    now: Moment,
    value: &Cash,
    kind: FillKind,
) -> Res<Cash> {
    let Some(tier) = contract.fee_tier(account.volume.at(now)) else {
        return Ok(Cash::ZERO);
    };
    let rate = match kind {
        FillKind::Taker => i128::from(tier.taker_ppm),
        FillKind::Maker => i128::from(tier.maker_ppm),
        FillKind::Liquidation | FillKind::AtMark => return Ok(Cash::ZERO),
    };
    value.ratio_ceil(&Ppm(rate))
}

/// What a forced fill of that value is due to the insurance fund, rounded up; nothing for any other fill, and nothing when the
/// fund sells what it holds itself.
fn penalty<AccountId>(
    account: &Account<AccountId>,
    contract: &Contract,
    value: &Cash,
    kind: FillKind,
) -> Res<Cash> {
    match kind {
        FillKind::Liquidation if account.role == AccountRole::Trader => {
            value.ratio_ceil(&Ppm(i128::from(contract.liquidation_penalty_ppm)))
        }
        FillKind::Liquidation | FillKind::Taker | FillKind::Maker | FillKind::AtMark => {
            Ok(Cash::ZERO)
        }
    }
}
