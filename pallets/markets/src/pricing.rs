//! The prices of one market in one block, from what is known at its start. SPEC 5.
//!
//! Pure: no storage. Each formula is `caisson_risk`'s; this file decides what goes into it.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{CallState, Contract, LotPrice, MarketPrices, Ticks},
    Moment,
};
use caisson_risk::{mark, Num, Ppm, Res, RiskError};

use crate::{
    funding, index, margins,
    types::{RiskParameters, Trace, MAX_ELAPSED_MS},
};

/// What a block knows of a market with a fresh index.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// What it is.
    pub contract: &'a Contract,
    /// How its prices are computed.
    pub parameters: &'a RiskParameters,
    /// The state of its call.
    pub call: CallState,
    /// The lots held long.
    pub open_interest: u64,
    /// By how much initial margin is raised, in parts per million; one million is not at all.
    pub stress_ppm: u32,
    /// The index; in the settlement window the average it leads to.
    pub index: LotPrice,
    /// How far it can be trusted; not stale or down.
    pub status: FeedStatus,
    /// The volatility over the horizon, in parts per million.
    pub volatility_ppm: u32,
    /// The time of the block.
    pub now: Moment,
    /// What the last block left.
    pub before: &'a Trace,
}

impl Inputs<'_> {
    /// The time that counts since the last block, in milliseconds: none before the first price. SPEC 5.2.
    pub fn elapsed_ms(&self) -> i128 {
        match self.before.is_priced() {
            true => self
                .now
                .saturating_sub(self.before.at)
                .min(MAX_ELAPSED_MS)
                .into(),
            false => 0,
        }
    }
}

/// Parts per million from storage to formula.
pub fn ppm(value: u32) -> Ppm<i128> {
    Ppm(value.into())
}

/// The prices of this block, and what the next one has to know. An error means that something left its range.
pub fn compute(inputs: &Inputs) -> Res<(MarketPrices, Trace)> {
    let Inputs {
        contract,
        parameters,
        index,
        before,
        ..
    } = inputs;
    let elapsed_ms = inputs.elapsed_ms();
    let basis = basis(inputs, &elapsed_ms)?;
    let clearing = clearing_average(inputs, &elapsed_ms)?;
    let band = ppm(parameters.mark_band_ppm);
    let mark = usable(mark::mark(index, &basis, clearing.as_ref(), &band)?)?;
    let stable = match before.is_priced() {
        true => mark::stable_price(
            &before.stable,
            &mark,
            &elapsed_ms,
            &parameters.stable_time_constant_ms.into(),
            &ppm(parameters.stable_max_ppm_per_hour),
        )?,
        false => mark,
    };
    let ratios = margins::ratios(
        parameters,
        inputs.volatility_ppm,
        &before.maintenance,
        &elapsed_ms,
    )?;
    let margins = margins::per_lot(
        &mark,
        &ratios,
        parameters,
        inputs.open_interest,
        inputs.stress_ppm,
    )?;
    let accrued = funding::accrue(inputs, &mark, &ratios, &elapsed_ms)?;
    let prices = MarketPrices {
        at: inputs.now,
        index: *index,
        mark,
        stable: usable(stable)?,
        funding: accrued.funding.index,
        maintenance: margins.maintenance,
        initial: margins.initial,
        fee_reserve: margins::fee_reserve(&mark, contract)?,
        open_interest: inputs.open_interest,
        status: inputs.status,
    };
    let after = Trace {
        at: inputs.now,
        stable,
        basis,
        clearing,
        funding: accrued.funding,
        premium: accrued.premium,
        premium_ppb: accrued.premium_ppb,
        rate_ppb: accrued.rate_ppb,
        maintenance: ratios,
        freeze: None,
        opens_at: before.opens_at,
        ends_at: before.ends_at,
        window: before.window,
        is_final: before.is_final,
    };
    Ok((prices, after))
}

fn usable(price: LotPrice) -> Res<LotPrice> {
    match index::is_usable(&price) {
        true => Ok(price),
        false => Err(RiskError::OutOfRange),
    }
}

/// The basis: without a mid that counts the index is the sample, so it decays. SPEC 5.3.
fn basis(inputs: &Inputs, elapsed_ms: &i128) -> Res<LotPrice> {
    let parameters = inputs.parameters;
    let mid = call_mid(inputs)?.unwrap_or(inputs.index);
    mark::basis(
        &inputs.before.basis,
        &mid,
        &inputs.index,
        &ppm(parameters.basis_cap_ppm),
        elapsed_ms,
        &parameters.basis_time_constant_ms.into(),
    )
}

/// The middle of best bid and best ask, rounded down, if both rest, don't cross, and are close enough.
fn call_mid(inputs: &Inputs) -> Res<Option<LotPrice>> {
    let (Some(bid), Some(ask)) = (inputs.call.best_bid, inputs.call.best_ask) else {
        return Ok(None);
    };
    if bid == 0 || bid > ask {
        return Ok(None);
    }
    let price = |ticks: Ticks| inputs.contract.price(ticks);
    let (bid, ask) = (price(bid), price(ask));
    let mid = Num::div_floor(&bid.add(&ask)?.0, &2)?;
    let widest = LotPrice(mid).ratio_floor(&ppm(inputs.parameters.max_spread_ppm))?;
    let narrow = ask.sub(&bid)?.is_le(&widest);
    Ok(narrow.then_some(LotPrice(mid)))
}

/// The average of clearing prices, each held until the next one; nothing when the last clearing is too old.
///
/// It begins at the index, so the first clearing after a quiet time moves it no faster than any other; and a
/// clearing counts only within the mark's band. SPEC 5.4.
fn clearing_average(inputs: &Inputs, elapsed_ms: &i128) -> Res<Option<LotPrice>> {
    let parameters = inputs.parameters;
    let Some((ticks, cleared_at)) = inputs.call.cleared else {
        return Ok(None);
    };
    let max_age = Moment::from(parameters.clearing_max_age_ms);
    if inputs.now.saturating_sub(cleared_at) > max_age {
        return Ok(None);
    }
    let (low, high) = mark::band(&inputs.index, &ppm(parameters.mark_band_ppm))?;
    let sample = inputs.contract.price(ticks).clamped(&low, &high);
    let old = inputs.before.clearing.unwrap_or(inputs.index);
    let average = mark::ema(
        &old.0,
        &sample.0,
        elapsed_ms,
        &parameters.clearing_time_constant_ms.into(),
    )?;
    Ok(Some(LotPrice(average)))
}
