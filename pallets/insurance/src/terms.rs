//! What governance sets, and within which bounds. SPEC 3.

use caisson_primitives::trading::{Cash, CompartmentFunds, CompartmentId, MarketId, Markets};
use caisson_risk::limits::MAX_CASH;
use frame_support::ensure;
use sp_runtime::DispatchResult;

use crate::{
    pallet::{Config, Error, Event, Pallet, SubLimits, Terms},
    types::{
        FundTerms, SubLimit, MAX_COOL_DOWN_MS, MAX_FALL_PPM, MAX_INVENTORY_PPM, MAX_MIN_BACKING,
        MAX_RISE_PPM, MAX_WINDOW_MS, MIN_COOL_DOWN_MS, MIN_WINDOW_MS, PPM,
    },
};

/// Gives a compartment other terms.
pub fn set<T: Config>(compartment: CompartmentId, after: FundTerms) -> DispatchResult {
    ensure!(
        T::Funds::settlement_asset(compartment).is_some(),
        Error::<T>::NoSuchCompartment
    );
    check::<T>(&after)?;
    let before = Terms::<T>::get(compartment);
    Terms::<T>::insert(compartment, &after);
    Pallet::<T>::deposit_event(Event::TermsSet {
        compartment,
        before,
        after,
    });
    Ok(())
}

/// Gives a market a limit of its own, or takes it away.
pub fn set_sub_limit<T: Config>(
    compartment: CompartmentId,
    market: MarketId,
    after: Option<SubLimit>,
) -> DispatchResult {
    if let Some(limit) = &after {
        let contract = T::Markets::contract(market).ok_or(Error::<T>::NoSuchMarket)?;
        ensure!(
            contract.compartment == compartment,
            Error::<T>::OtherCompartment
        );
        check_limit::<T>(limit, &Terms::<T>::get(compartment))?;
    }
    let before = SubLimits::<T>::get(compartment, market);
    SubLimits::<T>::set(compartment, market, after);
    Pallet::<T>::deposit_event(Event::SubLimitSet {
        compartment,
        market,
        before,
        after,
    });
    Ok(())
}

/// Every bound of SPEC 3.2.
pub fn check<T: Config>(terms: &FundTerms) -> Result<(), Error<T>> {
    ensure!(
        terms.inventory_ppm <= MAX_INVENTORY_PPM,
        Error::<T>::InventoryTooLarge
    );
    ensure!(
        terms.drawdown_ppm <= PPM && terms.backers_ppm <= PPM,
        Error::<T>::ShareAboveWhole
    );
    ensure!(
        (MIN_WINDOW_MS..=MAX_WINDOW_MS).contains(&terms.window_ms),
        Error::<T>::BadWindow
    );
    ensure!(
        !terms.backstop_cap.is_negative() && terms.backstop_cap.0 <= MAX_CASH,
        Error::<T>::BadBackstopCap
    );
    ensure!(
        (MIN_COOL_DOWN_MS..=MAX_COOL_DOWN_MS).contains(&terms.cool_down_ms),
        Error::<T>::BadCoolDown
    );
    ensure!(
        terms.min_backing > Cash::ZERO && terms.min_backing <= MAX_MIN_BACKING,
        Error::<T>::BadMinimumBacking
    );
    let jumps = &terms.stress_jumps_ppm;
    ensure!(
        jumps
            .iter()
            .all(|jump| *jump != 0 && (MAX_FALL_PPM..=MAX_RISE_PPM).contains(jump)),
        Error::<T>::BadJump
    );
    ensure!(
        terms.tail > 0 && usize::from(terms.tail) <= jumps.len(),
        Error::<T>::BadTail
    );
    Ok(())
}

fn check_limit<T: Config>(limit: &SubLimit, terms: &FundTerms) -> Result<(), Error<T>> {
    ensure!(
        limit.inventory_ppm <= terms.inventory_ppm
            && limit.drawdown_ppm <= terms.drawdown_ppm
            && limit.backers_ppm <= terms.backers_ppm
            && limit.backstop_cap.is_le(&terms.backstop_cap),
        Error::<T>::LimitAboveTerms
    );
    ensure!(
        !limit.backstop_cap.is_negative(),
        Error::<T>::BadBackstopCap
    );
    Ok(())
}
