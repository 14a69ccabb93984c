//! What can be listed and set: every bound, each with an error of its own. SPEC 3.

use caisson_primitives::{
    oracle::{Act, BlockTime, FeedId, PriceFeeds, PriceUnavailable},
    trading::{CompartmentId, CompartmentSource, Contract, ContractKind, FeeTier, Lots},
    Moment,
};
use caisson_risk::{
    limits::{MAX_CASH, MAX_LOTS, MAX_LOT_PRICE},
    Cash, LotPrice, Ppm, RiskError,
};
use frame_support::ensure;

use crate::{
    index, margins,
    pallet::{Config, Error, MarketsBySymbol},
    types::{
        Fees, Limits, Proposal, RiskParameters, MAX_CALL_BLOCKS, MAX_DURATION_MS, MAX_FACTOR_PPM,
        MAX_FEE_PPM, MAX_FUNDING_TERM_PPB, MAX_PENALTY_PPM, MAX_SETTLEMENT_WINDOW_MS,
        MIN_INDEX_TICKS, PPM, PRICE_HEADROOM,
    },
};

/// Everything but the compartment, which at genesis may not exist yet.
pub fn check_proposal<T: Config>(proposal: &Proposal) -> Result<(), Error<T>> {
    check_symbol(&proposal.symbol)?;
    check_tiers(&proposal.tier_bounds)?;
    check_limits(&proposal.limits)?;
    check_fees(&proposal.fees)?;
    check_risk(&proposal.risk, &proposal.tier_bounds)?;
    check_kind(proposal.kind, &proposal.risk, T::Time::now_ms())?;
    check_feed(proposal.feed, proposal.lot_size, proposal.tick)
}

/// What a stored contract and its parameters satisfy at any time.
pub fn check_stored<T: Config>(
    contract: &Contract,
    parameters: &RiskParameters,
) -> Result<(), Error<T>> {
    check_size(contract.lot_size, contract.tick)?;
    check_tiers(&contract.tier_bounds)?;
    check_limits(&Limits::of(contract))?;
    check_fees(&Fees::of(contract))?;
    ensure!(
        contract.liquidation_penalty_ppm == parameters.liquidation_penalty_ppm,
        Error::<T>::PenaltyTooHigh
    );
    check_risk(parameters, &contract.tier_bounds)
}

fn check_symbol<T: Config>(symbol: &crate::types::Symbol) -> Result<(), Error<T>> {
    let is_word = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let ends_are_words = symbol.first().is_some_and(is_word) && symbol.last().is_some_and(is_word);
    ensure!(
        ends_are_words && symbol.iter().all(|byte| is_word(byte) || *byte == b'-'),
        Error::<T>::BadSymbol
    );
    ensure!(
        !MarketsBySymbol::<T>::contains_key(symbol),
        Error::<T>::SymbolTaken
    );
    Ok(())
}

/// A compartment must exist.
pub fn check_compartment<T: Config>(compartment: CompartmentId) -> Result<(), Error<T>> {
    ensure!(
        T::Compartments::exists(compartment),
        Error::<T>::NoSuchCompartment
    );
    Ok(())
}

fn check_size<T: Config>(lot_size: u128, tick: u64) -> Result<(), Error<T>> {
    ensure!(lot_size > 0, Error::<T>::LotSizeIsZero);
    ensure!(i128::try_from(lot_size).is_ok(), Error::<T>::LotTooLarge);
    ensure!(tick > 0, Error::<T>::TickIsZero);
    Ok(())
}

/// A feed must exist; and if it has a price, lot and tick must suit it. SPEC 3.2.
pub fn check_feed<T: Config>(feed: FeedId, lot_size: u128, tick: u64) -> Result<(), Error<T>> {
    check_size::<T>(lot_size, tick)?;
    let price = match T::Feeds::price_for(feed, Act::ReduceRisk) {
        Ok(price) => price.price,
        Err(PriceUnavailable::NoSuchFeed) => return Err(Error::<T>::NoSuchFeed),
        Err(_) => return Ok(()),
    };
    let tick = i128::from(tick);
    let coarsest = LotPrice(tick.saturating_mul(MIN_INDEX_TICKS));
    let highest = tick.saturating_mul(u32::MAX.into()).min(MAX_LOT_PRICE);
    // Less than a quantum is no index, however fine the tick; so is more than the highest price.
    let index = match index::lot_price(price, lot_size) {
        Some(index) => index,
        None if is_below_one_quantum(price, lot_size) => return Err(Error::<T>::TickTooCoarse),
        None => return Err(Error::<T>::LotTooLarge),
    };
    ensure!(coarsest.is_le(&index), Error::<T>::TickTooCoarse);
    let needed = index.0.saturating_mul(PRICE_HEADROOM);
    ensure!(needed <= MAX_LOT_PRICE, Error::<T>::LotTooLarge);
    ensure!(needed <= highest, Error::<T>::TickTooFine);
    Ok(())
}

fn is_below_one_quantum(price: u128, lot_size: u128) -> bool {
    price
        .checked_mul(lot_size)
        .is_some_and(|product| product < index::QUANTUM_DIVISOR.unsigned_abs())
}

/// Size tiers. SPEC 3.3.
pub fn check_tiers<T: Config>(bounds: &[Lots]) -> Result<(), Error<T>> {
    let last = bounds.last().ok_or(Error::<T>::NoTiers)?;
    let first_is_positive = bounds.first().is_some_and(|first| first.0 > 0);
    ensure!(
        first_is_positive && is_ascending(bounds, |a, b| a.0 < b.0),
        Error::<T>::TiersNotAscending
    );
    ensure!(i128::from(last.0) <= MAX_LOTS, Error::<T>::TierTooLarge);
    Ok(())
}

fn is_ascending<V>(items: &[V], in_order: impl Fn(&V, &V) -> bool) -> bool {
    items
        .iter()
        .zip(items.iter().skip(1))
        .all(|(first, second)| in_order(first, second))
}

/// Parameters of prices and margins, for these tiers. SPEC 3.4.
pub fn check_risk<T: Config>(risk: &RiskParameters, bounds: &[Lots]) -> Result<(), Error<T>> {
    check_maintenance(risk, bounds.len())?;
    check_initial(risk)?;
    check_mark(risk)?;
    check_funding(risk)?;
    check_times(risk)
}

fn check_maintenance<T: Config>(risk: &RiskParameters, tiers: usize) -> Result<(), Error<T>> {
    let add_ons = &risk.tier_add_ons_ppm;
    ensure!(add_ons.len() == tiers, Error::<T>::BadAddOnCount);
    ensure!(
        is_ascending(add_ons, |a, b| a <= b),
        Error::<T>::AddOnsNotAscending
    );
    ensure!(risk.floor_ppm > 0, Error::<T>::FloorIsZero);
    ensure!(
        risk.volatility_factor_ppm <= MAX_FACTOR_PPM,
        Error::<T>::VolatilityFactorTooHigh
    );
    let steps = [risk.raise_ppm_per_hour, risk.lower_ppm_per_hour];
    ensure!(
        steps.iter().all(|step| (1..=PPM).contains(step)),
        Error::<T>::BadRatioSteps
    );
    // Below the floor alone: slippage and add-ons are what closing costs besides, so margin covers both.
    ensure!(
        risk.liquidation_penalty_ppm <= MAX_PENALTY_PPM
            && risk.liquidation_penalty_ppm < risk.floor_ppm,
        Error::<T>::PenaltyTooHigh
    );
    Ok(())
}

/// At the floor every tier's initial ratio is above its maintenance ratio, and that below one.
fn check_initial<T: Config>(risk: &RiskParameters) -> Result<(), Error<T>> {
    ensure!(
        (PPM..=MAX_FACTOR_PPM).contains(&risk.initial_factor_ppm),
        Error::<T>::BadInitialFactor
    );
    for add_on in &risk.tier_add_ons_ppm {
        let least = margins::target(risk, 0, *add_on).map_err(out_of_range::<T>)?;
        ensure!(least.is_lt(&Ppm::one()), Error::<T>::RatioTooHigh);
        let initial = margins::base_initial(&least, risk).map_err(out_of_range::<T>)?;
        ensure!(
            least.is_lt(&initial),
            Error::<T>::InitialNotAboveMaintenance
        );
    }
    ensure!(
        risk.open_interest_lower < risk.open_interest_upper,
        Error::<T>::OpenInterestNotAscending
    );
    ensure!(
        i128::from(risk.open_interest_upper) <= MAX_LOTS,
        Error::<T>::OpenInterestTooLarge
    );
    Ok(())
}

/// Ratios that the checks before bound can't overflow.
fn out_of_range<T>(_: RiskError) -> Error<T> {
    Error::<T>::RatioTooHigh
}

fn check_mark<T: Config>(risk: &RiskParameters) -> Result<(), Error<T>> {
    let is_share = |ppm: u32| ppm > 0 && ppm < PPM;
    ensure!(is_share(risk.mark_band_ppm), Error::<T>::BadMarkBand);
    ensure!(
        (1..=risk.mark_band_ppm).contains(&risk.basis_cap_ppm),
        Error::<T>::BadBasisCap
    );
    ensure!(is_share(risk.max_spread_ppm), Error::<T>::BadSpread);
    ensure!(
        (1..=PPM).contains(&risk.stable_max_ppm_per_hour),
        Error::<T>::BadStableRate
    );
    Ok(())
}

fn check_funding<T: Config>(risk: &RiskParameters) -> Result<(), Error<T>> {
    let terms = [risk.interest_ppb.unsigned_abs(), risk.interest_spread_ppb];
    ensure!(
        terms.iter().all(|term| *term <= MAX_FUNDING_TERM_PPB),
        Error::<T>::FundingTermTooHigh
    );
    ensure!(risk.funding_cap_ppm < PPM, Error::<T>::FundingCapTooHigh);
    Ok(())
}

fn check_times<T: Config>(risk: &RiskParameters) -> Result<(), Error<T>> {
    let times = [
        risk.horizon_ms,
        risk.basis_time_constant_ms,
        risk.clearing_time_constant_ms,
        risk.clearing_max_age_ms,
        risk.stable_time_constant_ms,
        risk.premium_window_ms,
        risk.settlement_window_ms,
        risk.settlement_patience_ms,
    ];
    ensure!(times.iter().all(|time| *time > 0), Error::<T>::TimeIsZero);
    ensure!(
        times.iter().all(|time| *time <= MAX_DURATION_MS),
        Error::<T>::TimeTooLong
    );
    ensure!(
        risk.settlement_window_ms <= MAX_SETTLEMENT_WINDOW_MS,
        Error::<T>::SettlementWindowTooLong
    );
    Ok(())
}

/// What bounds orders. SPEC 3.5.
pub fn check_limits<T: Config>(limits: &Limits) -> Result<(), Error<T>> {
    ensure!(
        i128::from(limits.open_interest_cap) <= MAX_LOTS,
        Error::<T>::OpenInterestTooLarge
    );
    ensure!(
        limits.max_order_lots > 0 && i128::from(limits.max_order_lots) <= MAX_LOTS,
        Error::<T>::BadOrderSize
    );
    ensure!(
        limits.min_notional > Cash::ZERO && limits.min_notional.0 <= MAX_CASH,
        Error::<T>::BadMinNotional
    );
    ensure!(
        limits.band_ppm > 0 && limits.band_ppm < PPM,
        Error::<T>::BadBand
    );
    ensure!(
        (1..=MAX_CALL_BLOCKS).contains(&limits.call_blocks),
        Error::<T>::BadCallBlocks
    );
    Ok(())
}

/// Fees. A maker's rebate is never more than the least taker pays, so a taker's fill never costs the protocol.
/// SPEC 3.6.
pub fn check_fees<T: Config>(fees: &Fees) -> Result<(), Error<T>> {
    let first = fees.tiers.first().ok_or(Error::<T>::NoFees)?;
    ensure!(
        first.min_volume == Cash::ZERO
            && is_ascending(&fees.tiers, |a, b| a.min_volume < b.min_volume),
        Error::<T>::FeesNotAscending
    );
    let is_low = |tier: &FeeTier| {
        tier.taker_ppm <= MAX_FEE_PPM && tier.maker_ppm.unsigned_abs() <= MAX_FEE_PPM
    };
    ensure!(fees.tiers.iter().all(is_low), Error::<T>::FeeTooHigh);
    let least_taker = fees
        .tiers
        .iter()
        .map(|tier| i64::from(tier.taker_ppm))
        .min();
    let least_maker = fees
        .tiers
        .iter()
        .map(|tier| i64::from(tier.maker_ppm))
        .min();
    let least = least_taker.zip(least_maker);
    ensure!(
        least.is_some_and(|(taker, maker)| taker.saturating_add(maker) >= 0),
        Error::<T>::RebateAboveFee
    );
    let split = fees.split.insurance_ppm.checked_add(fees.split.backers_ppm);
    ensure!(
        split.is_some_and(|sum| sum <= PPM),
        Error::<T>::SplitAboveWhole
    );
    Ok(())
}

/// A future must trade for longer than its settlement window. SPEC 3.7.
pub fn check_kind<T: Config>(
    kind: ContractKind,
    risk: &RiskParameters,
    trades_from: Moment,
) -> Result<(), Error<T>> {
    let window = Moment::from(risk.settlement_window_ms);
    match kind {
        ContractKind::Perpetual => Ok(()),
        ContractKind::Future { expires_at } => {
            ensure!(
                expires_at > trades_from.saturating_add(window),
                Error::<T>::BadExpiry
            );
            Ok(())
        }
    }
}

/// The end must be announced before its settlement window begins, so that nobody knows a part of the average when
/// it is, and a future doesn't outlive its expiry. SPEC 8.1.
pub fn check_end<T: Config>(
    kind: ContractKind,
    risk: &RiskParameters,
    at: Moment,
) -> Result<(), Error<T>> {
    let window = Moment::from(risk.settlement_window_ms);
    ensure!(
        at >= T::Time::now_ms().saturating_add(window),
        Error::<T>::EndTooSoon
    );
    match kind {
        ContractKind::Future { expires_at } if at > expires_at => Err(Error::<T>::EndAfterExpiry),
        _ => Ok(()),
    }
}
