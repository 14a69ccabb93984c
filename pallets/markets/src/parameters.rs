//! What governance may change in a listed market. SPEC 3.
//!
//! What traders' positions are measured in never changes: lot, tick, feed, compartment and kind; and size tiers, which
//! are part of the keys of the trigger index, not once the market has opened.

use caisson_primitives::trading::{Contract, MarketId, Phase};
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{
    pallet::{Config, Contracts, Error, Event, Pallet, Parameters},
    types::{Fees, Limits, RiskParameters, TierBounds, TierRatios},
    validation,
};

/// The contract of a market whose terms can still change.
fn contract<T: Config>(market: MarketId) -> Result<Contract, Error<T>> {
    let contract = Contracts::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    ensure!(contract.phase < Phase::Settling, Error::<T>::MarketHasEnded);
    Ok(contract)
}

/// Sets how prices and margins are computed, from the next block on, and the liquidation penalty, from now on.
pub fn set_risk<T: Config>(market: MarketId, after: RiskParameters) -> DispatchResult {
    let mut contract = contract::<T>(market)?;
    validation::check_risk::<T>(&after, &contract.tier_bounds)?;
    let before = Parameters::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    contract.liquidation_penalty_ppm = after.liquidation_penalty_ppm;
    Contracts::<T>::insert(market, contract);
    Parameters::<T>::insert(market, &after);
    Pallet::<T>::deposit_event(Event::RiskParametersSet {
        market,
        before,
        after,
    });
    Ok(())
}

/// Sets fees, from the next clearing on.
pub fn set_fees<T: Config>(market: MarketId, after: Fees) -> DispatchResult {
    let mut contract = contract::<T>(market)?;
    validation::check_fees::<T>(&after)?;
    let before = Fees::of(&contract);
    contract.fees = after.tiers.clone();
    contract.fee_split = after.split;
    Contracts::<T>::insert(market, contract);
    Pallet::<T>::deposit_event(Event::FeesSet {
        market,
        before,
        after,
    });
    Ok(())
}

/// Sets what bounds orders, from now on.
pub fn set_limits<T: Config>(market: MarketId, after: Limits) -> DispatchResult {
    let mut contract = contract::<T>(market)?;
    validation::check_limits::<T>(&after)?;
    let before = Limits::of(&contract);
    after.put(&mut contract);
    Contracts::<T>::insert(market, contract);
    Pallet::<T>::deposit_event(Event::LimitsSet {
        market,
        before,
        after,
    });
    Ok(())
}

/// Sets the size tiers of a market that has not opened.
pub fn set_tiers<T: Config>(
    market: MarketId,
    after: TierBounds,
    add_ons: TierRatios,
) -> DispatchResult {
    let mut contract = contract::<T>(market)?;
    ensure!(contract.phase == Phase::Proposed, Error::<T>::TiersAreFixed);
    let mut risk = Parameters::<T>::get(market).ok_or(Error::<T>::NoSuchMarket)?;
    risk.tier_add_ons_ppm = add_ons;
    validation::check_tiers::<T>(&after)?;
    validation::check_risk::<T>(&risk, &after)?;
    let before = core::mem::replace(&mut contract.tier_bounds, after.clone());
    Contracts::<T>::insert(market, contract);
    Parameters::<T>::insert(market, risk);
    Pallet::<T>::deposit_event(Event::TiersSet {
        market,
        before,
        after,
    });
    Ok(())
}
