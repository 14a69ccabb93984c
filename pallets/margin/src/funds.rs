//! A compartment's money besides that of accounts, for the insurance pallet: SPEC 13.

use caisson_primitives::{
    trading::{Cash, CompartmentFunds, CompartmentId, Pot, Pots},
    AssetId, Balance,
};
use caisson_risk::Res;
use frame_support::{
    ensure,
    traits::{fungibles::Mutate, tokens::Preservation},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    custody,
    pallet::{Compartments, Config, Error, Ledgers, Pallet},
    types::{Compartment, Ledger},
};

impl<T: Config> CompartmentFunds<T::AccountId> for Pallet<T> {
    fn pots(compartment: CompartmentId) -> Pots {
        let ledger = Ledgers::<T>::get(compartment);
        Pots {
            insurance: ledger.insurance,
            backers: ledger.backers,
            custody: ledger.custody,
        }
    }

    fn settlement_asset(compartment: CompartmentId) -> Option<(AssetId, i128)> {
        let compartment = Compartments::<T>::get(compartment)?;
        Some((compartment.settlement_asset, compartment.scale))
    }

    fn credit(compartment: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult {
        ensure!(!amount.is_negative(), Error::<T>::Arithmetic);
        change::<T>(compartment, pot, |held| held.add(&amount))
    }

    fn debit(compartment: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult {
        ensure!(!amount.is_negative(), Error::<T>::Arithmetic);
        change::<T>(compartment, pot, |held| held.sub(&amount))
    }

    fn receive(
        id: CompartmentId,
        pot: Pot,
        from: &T::AccountId,
        units: Balance,
    ) -> Result<Cash, DispatchError> {
        let compartment = existing::<T>(id)?;
        let amount = custody::to_cash::<T>(&compartment, units)?;
        T::Assets::transfer(
            compartment.settlement_asset,
            from,
            &custody::custody_account::<T>(id),
            units,
            Preservation::Expendable,
        )?;
        custody::move_custody::<T>(id, amount)?;
        Self::credit(id, pot, amount)?;
        Ok(amount)
    }

    fn pay_out(
        id: CompartmentId,
        pot: Pot,
        to: &T::AccountId,
        amount: Cash,
    ) -> Result<(Balance, Cash), DispatchError> {
        ensure!(!amount.is_negative(), Error::<T>::Arithmetic);
        let compartment = existing::<T>(id)?;
        let units = custody::to_units(&compartment, &amount);
        if units == 0 {
            return Ok((0, Cash(0)));
        }
        let leaving = custody::to_cash::<T>(&compartment, units)?;
        Self::debit(id, pot, leaving)?;
        custody::move_custody::<T>(id, custody::outgoing::<T>(&leaving)?)?;
        T::Assets::transfer(
            compartment.settlement_asset,
            &custody::custody_account::<T>(id),
            to,
            units,
            Preservation::Expendable,
        )?;
        Ok((units, leaving))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_funds(compartment: CompartmentId, insurance: Cash, backers: Cash) {
        crate::benchmarking::funds::<T>(compartment, insurance, backers);
    }
}

fn existing<T: Config>(id: CompartmentId) -> Result<Compartment, DispatchError> {
    Ok(Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?)
}

/// Changes one pot, which may neither become negative nor leave the range of money.
fn change<T: Config>(
    id: CompartmentId,
    pot: Pot,
    change: impl FnOnce(&Cash) -> Res<Cash>,
) -> DispatchResult {
    ensure!(
        Compartments::<T>::contains_key(id),
        Error::<T>::NoSuchCompartment
    );
    Ledgers::<T>::try_mutate(id, |ledger| {
        let held = pot_mut(ledger, pot);
        let after = custody::bounded::<T>(change(held))?;
        ensure!(!after.is_negative(), Error::<T>::NotEnoughFunds);
        *held = after;
        Ok(())
    })
}

fn pot_mut(ledger: &mut Ledger, pot: Pot) -> &mut Cash {
    match pot {
        Pot::Insurance => &mut ledger.insurance,
        Pot::Backers => &mut ledger.backers,
    }
}
