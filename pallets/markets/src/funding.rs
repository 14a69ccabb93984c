//! Funding of perpetual contracts. SPEC 7.

use caisson_primitives::{
    oracle::Act,
    trading::{ContractKind, LotPrice, Phase},
    Moment,
};
use caisson_risk::{
    funding::{premium_ppb, rate_ppb, FundingIndex, PremiumAverage},
    limits::MAX_FUNDING_INDEX,
    Res, RiskError,
};

use crate::{
    margins::{self, FineRatios},
    pricing::Inputs,
    types::FUNDING_PERIOD_MS,
};

/// Funding after a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrued {
    /// The index with its remainder.
    pub funding: FundingIndex,
    /// The window that runs.
    pub premium: PremiumAverage,
    /// The average of the last whole window.
    pub premium_ppb: Option<i64>,
    /// The rate that accrued.
    pub rate_ppb: i64,
}

/// Whether funding accrues: only for a perpetual contract that trades, on a live index, and not in a long call.
/// SPEC 7.1.
fn accrues(inputs: &Inputs) -> bool {
    inputs.contract.kind == ContractKind::Perpetual
        && inputs.contract.phase == Phase::Trading
        && inputs.status.allows(Act::Funding)
        && !inputs.call.long_call
}

/// Funding since the last block. What accrues is the rate of the last whole window; then this block's premium enters
/// the window that runs. SPEC 7.2 to 7.5.
pub fn accrue(
    inputs: &Inputs,
    mark: &LotPrice,
    ratios: &FineRatios,
    elapsed_ms: &i128,
) -> Res<Accrued> {
    let before = inputs.before;
    let mut after = Accrued {
        funding: before.funding,
        premium: before.premium,
        premium_ppb: before.premium_ppb,
        rate_ppb: 0,
    };
    if !accrues(inputs) {
        return Ok(after);
    }
    let rate = rate(inputs, ratios)?;
    let advanced = before
        .funding
        .advance(mark, &rate, elapsed_ms, &FUNDING_PERIOD_MS.into())?;
    if advanced.index.0.unsigned_abs() <= MAX_FUNDING_INDEX.unsigned_abs() {
        after.funding = advanced;
        after.rate_ppb = i64::try_from(rate).map_err(|_| RiskError::OutOfRange)?;
    } else {
        // Four times the highest price there can be: positions stay exact, funding ends.
        log::error!(target: crate::LOG_TARGET, "funding index at its limit");
    }
    observe(inputs, mark, elapsed_ms, &mut after)?;
    Ok(after)
}

/// The rate in parts per 10^9 for the period: none before the first whole window. SPEC 7.3, 7.4.
fn rate(inputs: &Inputs, ratios: &FineRatios) -> Res<i128> {
    let parameters = inputs.parameters;
    let Some(premium) = inputs.before.premium_ppb else {
        return Ok(0);
    };
    rate_ppb(
        &premium.into(),
        &parameters.interest_ppb.into(),
        &parameters.interest_spread_ppb.into(),
        &margins::funding_cap_ppb(ratios, parameters)?,
    )
}

/// Takes the premium of the mark in, and ends the window when it is whole. SPEC 7.2.
fn observe(inputs: &Inputs, mark: &LotPrice, elapsed_ms: &i128, after: &mut Accrued) -> Res<()> {
    let premium = premium_ppb(mark, &inputs.index)?;
    let window = i128::from(Moment::from(inputs.parameters.premium_window_ms));
    after.premium = after.premium.observe(&premium, elapsed_ms)?;
    if after.premium.elapsed_ms >= window {
        let average = after.premium.average_ppb()?;
        after.premium_ppb = Some(i64::try_from(average).map_err(|_| RiskError::OutOfRange)?);
        after.premium = PremiumAverage::default();
    }
    Ok(())
}
