//! Compartments, collateral assets, and an owner's choice of leverage.

use caisson_primitives::{
    oracle::{Act, FeedId, PriceFeeds, PriceUnavailable},
    trading::{AccountIndex, CompartmentId, LotPrice, Lots},
    AssetId, Balance,
};
use frame_support::{
    ensure,
    traits::{fungibles::metadata::Inspect as _, fungibles::Inspect as _, Get},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    collateral, custody, health,
    pallet::{Accounts, Collaterals, Compartments, Config, Error, Event, NextCompartment, Pallet},
    types::{Collateral, CollateralTerms, Compartment, CompartmentTerms, QUANTUM_DECIMALS},
    weights::legs,
};

/// The most leverage an owner can choose; more than any market allows is no limit.
const MAX_LEVERAGE: u8 = 200;

/// One whole, in parts per million.
const WHOLE: u32 = 1_000_000;

/// Makes a compartment. Its custody account gets a provider reference, so that it can hold any asset.
pub fn create_compartment<T: Config>(
    asset: AssetId,
    terms: CompartmentTerms,
) -> Result<CompartmentId, DispatchError> {
    let id = NextCompartment::<T>::get();
    ensure!(
        id < T::MaxCompartments::get(),
        Error::<T>::TooManyCompartments
    );
    ensure!(T::Assets::asset_exists(asset), Error::<T>::UnsuitableAsset);
    let scale = QUANTUM_DECIMALS
        .checked_sub(T::Assets::decimals(asset))
        .and_then(|places| 10i128.checked_pow(u32::from(places)))
        .ok_or(Error::<T>::UnsuitableAsset)?;
    check_terms::<T>(&terms)?;
    let compartment = Compartment {
        settlement_asset: asset,
        scale,
        terms,
    };
    Compartments::<T>::insert(id, compartment);
    NextCompartment::<T>::put(id.saturating_add(1));
    frame_system::Pallet::<T>::inc_providers(&custody::custody_account::<T>(id));
    Pallet::<T>::deposit_event(Event::CompartmentCreated {
        compartment: id,
        settlement_asset: asset,
        terms,
    });
    Ok(id)
}

/// Gives a compartment other terms.
pub fn set_compartment_terms<T: Config>(
    id: CompartmentId,
    terms: CompartmentTerms,
) -> DispatchResult {
    check_terms::<T>(&terms)?;
    let mut compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    let before = core::mem::replace(&mut compartment.terms, terms);
    Compartments::<T>::insert(id, compartment);
    Pallet::<T>::deposit_event(Event::CompartmentTermsSet {
        compartment: id,
        before,
        after: terms,
    });
    Ok(())
}

fn check_terms<T: Config>(terms: &CompartmentTerms) -> DispatchResult {
    ensure!(
        terms.min_deposit >= 1
            && terms.dust <= terms.min_deposit
            && terms.transfer_margin_ppm <= WHOLE,
        Error::<T>::BadTerms
    );
    Ok(())
}

/// Lets an asset count as collateral.
pub fn list_collateral<T: Config>(
    id: CompartmentId,
    asset: AssetId,
    feed: FeedId,
    lot_units: Balance,
    terms: CollateralTerms,
) -> DispatchResult {
    let compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    ensure!(T::Assets::asset_exists(asset), Error::<T>::UnsuitableAsset);
    ensure!(
        T::Feeds::price_for(feed, Act::ReduceRisk) != Err(PriceUnavailable::NoSuchFeed),
        Error::<T>::NoSuchFeed
    );
    check_collateral_terms::<T>(&terms)?;
    ensure!(lot_units >= 1, Error::<T>::BadTerms);
    // The lot in 10^-18 of the asset, as feeds quote: 10^(18 - decimals) for each of its smallest units.
    let lot_size = 18u8
        .checked_sub(T::Assets::decimals(asset))
        .and_then(|places| 10u128.checked_pow(u32::from(places)))
        .and_then(|scale| scale.checked_mul(lot_units))
        .ok_or(Error::<T>::UnsuitableAsset)?;
    let mut list = Collaterals::<T>::get();
    let known = |one: &Collateral| one.compartment == id && one.asset == asset;
    ensure!(
        asset != compartment.settlement_asset && !list.iter().any(known),
        Error::<T>::AlreadyListed
    );
    list.try_push(Collateral {
        compartment: id,
        asset,
        feed,
        lot_units,
        lot_size,
        terms,
        deposited: Lots(0),
        seized: Lots(0),
        price: LotPrice(0),
        fresh: false,
    })
    .map_err(|_| Error::<T>::TooManyCollaterals)?;
    Collaterals::<T>::put(list);
    collateral::reprice::<T>();
    Pallet::<T>::deposit_event(Event::CollateralListed {
        compartment: id,
        asset,
        terms,
    });
    Ok(())
}

/// Gives a collateral asset other terms.
pub fn set_collateral_terms<T: Config>(
    id: CompartmentId,
    asset: AssetId,
    terms: CollateralTerms,
) -> DispatchResult {
    check_collateral_terms::<T>(&terms)?;
    let mut list = Collaterals::<T>::get();
    let one = list
        .iter_mut()
        .find(|one| one.compartment == id && one.asset == asset)
        .ok_or(Error::<T>::NotCollateral)?;
    let before = core::mem::replace(&mut one.terms, terms);
    Collaterals::<T>::put(list);
    Pallet::<T>::deposit_event(Event::CollateralTermsSet {
        compartment: id,
        asset,
        before,
        after: terms,
    });
    Ok(())
}

fn check_collateral_terms<T: Config>(terms: &CollateralTerms) -> DispatchResult {
    ensure!(
        terms.haircut_ppm <= WHOLE
            && terms.share_cap_ppm <= WHOLE
            && i64::try_from(terms.cap)
                .is_ok_and(|cap| i128::from(cap) <= caisson_risk::limits::MAX_LOTS),
        Error::<T>::BadTerms
    );
    Ok(())
}

/// Sets the leverage an owner wants at most. Returns how many legs were looked at.
pub fn set_leverage<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    leverage: u8,
) -> Result<u32, DispatchError> {
    ensure!(leverage <= MAX_LEVERAGE, Error::<T>::TooMuchLeverage);
    let mut account = custody::owned::<T>(index, who)?;
    let before = core::mem::replace(&mut account.leverage, leverage);
    let lowered = leverage != 0 && (before == 0 || leverage < before);
    let mut looked_at = 0;
    if lowered && !account.positions.is_empty() {
        looked_at = legs(&account);
        let sum = health::assess::<T>(&account, None)?;
        ensure!(
            !sum.initial_health.is_negative(),
            Error::<T>::NotEnoughMargin
        );
    }
    // Maintenance margin and so the triggers don't depend on it.
    Accounts::<T>::insert(index, account);
    Pallet::<T>::deposit_event(Event::LeverageSet {
        account: index,
        before,
        after: leverage,
    });
    Ok(looked_at)
}
