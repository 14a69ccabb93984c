//! Collateral in other assets that a compartment took from liquidated accounts, and sells: SPEC 15.

use caisson_primitives::{
    trading::{Account, Cash, CompartmentFunds, CompartmentId, Lots, Pot},
    AssetId, Balance,
};
use caisson_risk::{Num, RiskError};
use frame_support::{
    ensure,
    traits::{fungibles::Mutate, tokens::Preservation},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    custody,
    pallet::{AccountIndices, Collaterals, Compartments, Config, Error, Event, Pallet},
    triggers,
    types::Exposure,
};

/// Takes all collateral in other assets, with its keys in the trigger index, out of an account in memory, which the caller
/// stores. Returns what it counts for after its haircut: exactly its lots at the listing's price, which was rounded down.
///
/// Errors: the account has no name, or a number leaves its range.
pub fn seize<T: Config>(account: &mut Account<T::AccountId>) -> Result<Cash, DispatchError> {
    if account.pledges.is_empty() {
        return Ok(Cash(0));
    }
    let name = (account.compartment, account.sub);
    let index = AccountIndices::<T>::get(&account.owner, name).ok_or(Error::<T>::NoSuchAccount)?;
    let mut list = Collaterals::<T>::get();
    let mut total = Cash(0);
    for pledge in core::mem::take(&mut account.pledges) {
        let (place, listing) = list
            .iter_mut()
            .enumerate()
            .find(|(_, one)| one.compartment == account.compartment && one.asset == pledge.asset)
            .ok_or(Error::<T>::NotCollateral)?;
        if let Some(armed) = pledge.armed {
            let place = u8::try_from(place).map_err(|_| Error::<T>::CorruptedIndex)?;
            triggers::remove_watching::<T>(index, Exposure::collateral(place), armed);
        }
        let seized = listing.seized.0.checked_add(pledge.lots.0);
        listing.seized = Lots(seized.ok_or(Error::<T>::TooLarge)?);
        let value = listing
            .price
            .times(&pledge.lots.widen())
            .map_err(Error::<T>::from)?;
        total = total.add(&value).map_err(Error::<T>::from)?;
        Pallet::<T>::deposit_event(Event::CollateralSeized {
            account: index,
            asset: pledge.asset,
            lots: pledge.lots,
            value,
        });
    }
    Collaterals::<T>::put(list);
    Ok(total)
}

/// Sells seized lots at what they count for: the haircut is the buyer's. What is paid, rounded up to whole units, goes to the
/// insurance fund.
///
/// Errors: no such listing, no or too many lots, a price that is not fresh, or more than `max_cost` units.
pub fn buy<T: Config>(
    who: &T::AccountId,
    id: CompartmentId,
    asset: AssetId,
    lots: u64,
    max_cost: Balance,
) -> DispatchResult {
    let compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    let mut list = Collaterals::<T>::get();
    let listing = list
        .iter_mut()
        .find(|one| one.compartment == id && one.asset == asset)
        .ok_or(Error::<T>::NotCollateral)?;
    ensure!(lots > 0, Error::<T>::ZeroAmount);
    // At a price of nothing it would be given away.
    ensure!(
        listing.fresh && listing.price.is_positive(),
        Error::<T>::PriceNotTrusted
    );
    let sold = i64::try_from(lots).map_err(|_| Error::<T>::NotSeized)?;
    let left = listing.seized.0.checked_sub(sold);
    listing.seized = Lots(
        left.filter(|left| *left >= 0)
            .ok_or(Error::<T>::NotSeized)?,
    );
    let deposited = listing.deposited.0.checked_sub(sold);
    listing.deposited = Lots(deposited.ok_or(Error::<T>::Arithmetic)?);
    let cost = listing
        .price
        .times(&Lots(i128::from(lots)))
        .and_then(|cost| Num::div_ceil(&cost.0, &compartment.scale))
        .and_then(|units| Balance::try_from(units).map_err(|_| RiskError::OutOfRange))
        .map_err(Error::<T>::from)?;
    ensure!(cost <= max_cost, Error::<T>::CostsMore);
    let units = Balance::from(lots)
        .checked_mul(listing.lot_units)
        .ok_or(Error::<T>::TooLarge)?;
    Collaterals::<T>::put(list);
    let paid = Pallet::<T>::receive(id, Pot::Insurance, who, cost)?;
    T::Assets::transfer(
        asset,
        &custody::custody_account::<T>(id),
        who,
        units,
        Preservation::Expendable,
    )?;
    Pallet::<T>::deposit_event(Event::SeizedSold {
        compartment: id,
        asset,
        buyer: who.clone(),
        lots,
        units,
        cost,
        paid,
    });
    Ok(())
}
