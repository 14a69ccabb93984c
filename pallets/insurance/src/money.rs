//! Units of the settlement asset, quanta, and where the backstop has its own. SPEC 1.

use caisson_primitives::{
    trading::{Cash, CompartmentFunds, CompartmentId},
    AssetId, Balance,
};
use caisson_risk::{limits::MAX_CASH, Num};
use frame_support::{
    ensure,
    traits::{
        fungibles::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
        Get,
    },
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::pallet::{Config, Error};

/// A compartment's settlement asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Which.
    pub asset: AssetId,
    /// Quanta in its smallest unit; positive.
    pub scale: i128,
}

impl Settlement {
    /// Of a compartment. One read.
    pub fn of<T: Config>(compartment: CompartmentId) -> Result<Self, Error<T>> {
        let (asset, scale) =
            T::Funds::settlement_asset(compartment).ok_or(Error::<T>::NoSuchCompartment)?;
        ensure!(scale > 0, Error::<T>::CorruptedFunds);
        Ok(Self { asset, scale })
    }

    /// Units in quanta, exact.
    pub fn to_cash<T: Config>(&self, units: Balance) -> Result<Cash, Error<T>> {
        let quanta = i128::try_from(units)
            .ok()
            .and_then(|units| units.checked_mul(self.scale))
            .filter(|quanta| *quanta <= MAX_CASH);
        quanta.map(Cash).ok_or(Error::<T>::TooLarge)
    }

    /// The whole units in an amount, rounded down; none in a debt.
    pub fn units_in<T: Config>(&self, amount: &Cash) -> Result<Balance, DispatchError> {
        let units = Num::div_floor(&amount.positive_part().0, &self.scale);
        Ok(to_balance::<T>(units.map_err(Error::<T>::from)?)?)
    }

    /// The units that an amount takes, rounded up; none for a debt.
    pub fn units_for<T: Config>(&self, amount: &Cash) -> Result<Balance, DispatchError> {
        let units = Num::div_ceil(&amount.positive_part().0, &self.scale);
        Ok(to_balance::<T>(units.map_err(Error::<T>::from)?)?)
    }
}

fn to_balance<T: Config>(units: i128) -> Result<Balance, Error<T>> {
    Balance::try_from(units).map_err(|_| Error::<T>::TooLarge)
}

/// The account of the treasury's backstop.
pub fn backstop_account<T: Config>() -> T::AccountId {
    T::BackstopId::get().into_account_truncating()
}

/// Pays units out of the backstop.
pub fn spend_backstop<T: Config>(
    asset: AssetId,
    to: &T::AccountId,
    units: Balance,
) -> DispatchResult {
    T::Assets::transfer(
        asset,
        &backstop_account::<T>(),
        to,
        units,
        Preservation::Preserve,
    )?;
    Ok(())
}

/// The units that the backstop can pay of an asset. It stays alive: what keeps the account in being stays.
pub fn backstop_units<T: Config>(asset: AssetId) -> Balance {
    T::Assets::reducible_balance(
        asset,
        &backstop_account::<T>(),
        Preservation::Preserve,
        Fortitude::Polite,
    )
}
