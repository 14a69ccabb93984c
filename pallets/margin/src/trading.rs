//! What the exchange and the markets use of this pallet.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::vec::Vec;
use caisson_primitives::{
    trading::{
        Account, AccountIndex, Cash, CompartmentId, CompartmentSource, Contract, Fill, Headroom,
        MarketId, MarketPrices, OpenInterestSource, Ppm, Settled, TradingAccounts,
    },
    Moment,
};
use caisson_risk::Res;
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fills, health,
    pallet::{Accounts, Compartments, Config, Error, Ledgers, OpenInterest, Pallet},
    triggers,
    types::Ledger,
};

impl<T: Config> TradingAccounts<T::AccountId> for Pallet<T> {
    fn load(index: AccountIndex) -> Option<Account<T::AccountId>> {
        Accounts::<T>::get(index)
    }

    fn store(index: AccountIndex, account: &Account<T::AccountId>) {
        Accounts::<T>::insert(index, account);
    }

    fn headroom(
        account: &Account<T::AccountId>,
        market: MarketId,
        contract: &Contract,
        prices: &MarketPrices,
    ) -> Result<Headroom, DispatchError> {
        health::headroom::<T>(account, market, contract, prices)
    }

    fn fill(
        account: &mut Account<T::AccountId>,
        contract: &Contract,
        prices: &MarketPrices,
        now: Moment,
        fill: &Fill,
    ) -> Result<Settled, DispatchError> {
        fills::book(account, contract, prices, now, fill)
            .map_err(|error| Error::<T>::from(error).into())
    }

    fn settle(index: AccountIndex, account: Account<T::AccountId>) -> DispatchResult {
        triggers::settle::<T>(index, account)
    }

    fn settle_liquidated(
        index: AccountIndex,
        account: Account<T::AccountId>,
        penalty: Cash,
    ) -> Result<Cash, DispatchError> {
        triggers::settle_liquidated::<T>(index, account, penalty)
    }

    fn conclude(
        market: MarketId,
        contract: &Contract,
        fees: Cash,
        long_lots: i64,
    ) -> DispatchResult {
        ensure!(!fees.is_negative(), Error::<T>::Arithmetic);
        if fees.is_positive() {
            Ledgers::<T>::try_mutate(contract.compartment, |ledger| {
                share_fees(ledger, contract, &fees)
            })
            .map_err(Error::<T>::from)?;
        }
        if long_lots != 0 {
            OpenInterest::<T>::try_mutate(market, |interest| {
                *interest = interest
                    .checked_add_signed(long_lots)
                    .ok_or(Error::<T>::Arithmetic)?;
                Ok::<_, DispatchError>(())
            })?;
        }
        Ok(())
    }

    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn all() -> Vec<(AccountIndex, Account<T::AccountId>)> {
        Accounts::<T>::iter().collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_account(
        owner: &T::AccountId,
        compartment: CompartmentId,
        collateral: Cash,
    ) -> AccountIndex {
        crate::benchmarking::account::<T>(owner, compartment, collateral)
    }
}

/// Splits fees: the parts round down, and the rest, with what rounding left, is the treasury's.
fn share_fees(ledger: &mut Ledger, contract: &Contract, fees: &Cash) -> Res<()> {
    let part = |ppm: u32| fees.ratio_floor(&Ppm(i128::from(ppm)));
    let insurance = part(contract.fee_split.insurance_ppm)?;
    let backers = part(contract.fee_split.backers_ppm)?;
    let treasury = fees.sub(&insurance)?.sub(&backers)?;
    ledger.insurance = ledger.insurance.add(&insurance)?;
    ledger.backers = ledger.backers.add(&backers)?;
    ledger.treasury = ledger.treasury.add(&treasury)?;
    Ok(())
}

impl<T: Config> OpenInterestSource for Pallet<T> {
    fn open_interest(market: MarketId) -> u64 {
        OpenInterest::<T>::get(market)
    }
}

impl<T: Config> CompartmentSource for Pallet<T> {
    fn exists(compartment: CompartmentId) -> bool {
        Compartments::<T>::contains_key(compartment)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_compartment(compartment: CompartmentId) {
        crate::benchmarking::compartment::<T>(compartment);
    }
}
