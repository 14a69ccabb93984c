//! Margin ratios and margins of one lot. SPEC 6.

use caisson_primitives::trading::{Contract, LotPrice, MAX_TIERS};
use caisson_risk::{
    margin::{
        base_initial_ratio, initial_ratio, maintenance_ratio, per_lot as margin_per_lot,
        rate_limited,
    },
    mark::MS_PER_HOUR,
    Lots, Num, Ppm, Res, RiskError,
};
use frame_support::{traits::ConstU32, BoundedVec};

use crate::{
    pricing::ppm,
    types::{RiskParameters, PPM},
};

/// Stored ratios are in parts per 10^12: a million of them are a part per million.
pub const FINE: i128 = 1_000_000;

/// A ratio for each tier, in parts per 10^12.
pub type FineRatios = BoundedVec<u64, ConstU32<MAX_TIERS>>;
/// A price for each tier.
pub type TierPrices = BoundedVec<LotPrice, ConstU32<MAX_TIERS>>;

/// What a lot must hold, by tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margins {
    /// Before it is liquidated.
    pub maintenance: TierPrices,
    /// To be opened.
    pub initial: TierPrices,
}

/// The maintenance ratio of each tier after this block: on its way to what the volatility asks, no faster than
/// allowed. The first ones are what the volatility asks. SPEC 6.1, 6.2.
pub fn ratios(
    parameters: &RiskParameters,
    volatility_ppm: u32,
    before: &FineRatios,
    elapsed_ms: &i128,
) -> Res<FineRatios> {
    let up = allowed_step(parameters.raise_ppm_per_hour, elapsed_ms)?;
    let down = allowed_step(parameters.lower_ppm_per_hour, elapsed_ms)?;
    let mut after = FineRatios::new();
    for (tier, add_on) in parameters.tier_add_ons_ppm.iter().enumerate() {
        let target = fine(&target(parameters, volatility_ppm, *add_on)?)?;
        let next = match before.get(tier) {
            Some(current) => rate_limited(&Ppm((*current).into()), &target, &up, &down)?,
            None => target,
        };
        let next = u64::try_from(next.0).map_err(|_| RiskError::OutOfRange)?;
        after.try_push(next).map_err(|_| RiskError::OutOfRange)?;
    }
    Ok(after)
}

/// What the volatility asks of a tier, without rate limit.
pub fn target(parameters: &RiskParameters, volatility_ppm: u32, add_on: u32) -> Res<Ppm<i128>> {
    let slippage = ppm(parameters.slippage_ppm).add(&ppm(add_on))?;
    maintenance_ratio(
        &ppm(volatility_ppm),
        &ppm(parameters.volatility_factor_ppm),
        &ppm(parameters.floor_ppm),
        &slippage,
    )
}

/// How far a ratio may move, in parts per 10^12, rounded down.
fn allowed_step(ppm_per_hour: u32, elapsed_ms: &i128) -> Res<Ppm<i128>> {
    let per_hour = fine(&ppm(ppm_per_hour))?;
    Ok(Ppm(per_hour.0.mul_div_floor(elapsed_ms, &MS_PER_HOUR)?))
}

/// The rate limit only compares and adds, so it takes ratios in any unit.
fn fine(ratio: &Ppm<i128>) -> Res<Ppm<i128>> {
    Ok(Ppm(Num::mul(&ratio.0, &FINE)?))
}

/// A stored ratio in parts per million, rounded up: against margin being understated.
pub fn coarse(ratio: u64) -> Res<Ppm<i128>> {
    Ok(Ppm(Num::div_ceil(&i128::from(ratio), &FINE)?))
}

/// The initial ratio of a maintenance ratio before open interest.
pub fn base_initial(maintenance: &Ppm<i128>, parameters: &RiskParameters) -> Res<Ppm<i128>> {
    base_initial_ratio(maintenance, &ppm(parameters.initial_factor_ppm))
}

/// Margins of one lot at a price, the initial margin `stress_ppm` times what it is without stress but at most the
/// price. SPEC 6.3, 6.5.
pub fn per_lot(
    price: &LotPrice,
    ratios: &FineRatios,
    parameters: &RiskParameters,
    open_interest: u64,
    stress_ppm: u32,
) -> Res<Margins> {
    let mut margins = Margins {
        maintenance: TierPrices::new(),
        initial: TierPrices::new(),
    };
    for ratio in ratios {
        let maintenance = coarse(*ratio)?;
        let initial = initial_ratio(
            &base_initial(&maintenance, parameters)?,
            &Lots(open_interest.into()),
            &Lots(parameters.open_interest_lower.into()),
            &Lots(parameters.open_interest_upper.into()),
        )?;
        push(
            &mut margins.maintenance,
            margin_per_lot(price, &maintenance)?,
        )?;
        let initial = margin_per_lot(price, &initial)?;
        push(&mut margins.initial, stressed(&initial, stress_ppm, price)?)?;
    }
    Ok(margins)
}

/// A margin under stress, rounded up, at most the price. Less than one whole counts as one: stress never lowers margin.
fn stressed(margin: &LotPrice, stress_ppm: u32, price: &LotPrice) -> Res<LotPrice> {
    let factor = ppm(stress_ppm.max(PPM));
    Ok(margin.ratio_ceil(&factor)?.smaller(price))
}

fn push(prices: &mut TierPrices, price: LotPrice) -> Res<()> {
    prices.try_push(price).map_err(|_| RiskError::OutOfRange)
}

/// The most that the fill of one lot can cost: the dearest fee of any tier at the far end of the band, rounded up
/// twice. SPEC 6.4.
pub fn fee_reserve(mark: &LotPrice, contract: &Contract) -> Res<LotPrice> {
    let dearest = contract
        .fees
        .iter()
        .map(|tier| i128::from(tier.taker_ppm).max(tier.maker_ppm.into()))
        .fold(0, i128::max);
    let farthest = mark.add(&mark.ratio_ceil(&ppm(contract.band_ppm))?)?;
    farthest.ratio_ceil(&Ppm(dearest))
}

/// The smallest gap between base initial and maintenance ratio of any tier caps funding. Open interest does not
/// count: growth must not raise what can be charged. SPEC 7.4.
pub fn funding_cap_ppb(ratios: &FineRatios, parameters: &RiskParameters) -> Res<i128> {
    let kappa = ppm(parameters.funding_cap_ppm);
    let mut least: Option<i128> = None;
    for ratio in ratios {
        let maintenance = coarse(*ratio)?;
        let initial = base_initial(&maintenance, parameters)?;
        let cap = caisson_risk::funding::rate_cap_ppb(&initial, &maintenance, &kappa)?;
        least = Some(least.map_or(cap, |least| least.min(cap)));
    }
    Ok(least.unwrap_or_default())
}
