//! Money in, out and between an owner's accounts: SPEC 3.
//!
//! Amounts of the settlement asset enter as whole units and become `units * scale` quanta, exactly. What leaves is
//! whole units too; what is less than one when an account closes goes to the compartment's dust.

use caisson_primitives::{
    trading::{
        Account, AccountIndex, AccountRole, Admission, Cash, CompartmentId, OpenOrdersSource,
        Pledge, WithdrawalGate,
    },
    AssetId, Balance,
};
use caisson_risk::{limits::MAX_CASH, limits::MAX_LOTS, Res};
use frame_support::{
    ensure,
    traits::{fungibles::Mutate, tokens::Preservation, Get},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::{
    health,
    pallet::{
        AccountIndices, Accounts, Collaterals, Compartments, Config, Error, Event, Ledgers,
        NextAccount, Pallet,
    },
    queue, triggers,
    types::Compartment,
    weights::legs,
};

/// The account that holds the assets of a compartment.
pub fn custody_account<T: Config>(compartment: CompartmentId) -> T::AccountId {
    T::CustodyId::get().into_sub_account_truncating(("compartment", compartment))
}

/// Opens an account with its first deposit.
pub fn open<T: Config>(
    who: T::AccountId,
    id: CompartmentId,
    sub: u8,
    units: Balance,
) -> DispatchResult {
    let compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    ensure!(
        sub < T::MaxSubaccounts::get(),
        Error::<T>::TooManySubaccounts
    );
    ensure!(
        !AccountIndices::<T>::contains_key(&who, (id, sub)),
        Error::<T>::AccountExists
    );
    ensure!(
        units >= compartment.terms.min_deposit,
        Error::<T>::BelowMinimumDeposit
    );
    let index = NextAccount::<T>::get();
    let next = index.checked_add(1).ok_or(Error::<T>::TooManyAccounts)?;
    NextAccount::<T>::put(next);
    AccountIndices::<T>::insert(&who, (id, sub), index);
    Pallet::<T>::deposit_event(Event::AccountOpened {
        account: index,
        owner: who.clone(),
        compartment: id,
        sub,
    });
    let account = Account::new(who, id, sub);
    deposit_settlement::<T>(index, account, &compartment, units)?;
    Ok(())
}

/// Brings more collateral into an account of the caller. Returns how many legs the account has.
pub fn deposit<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    asset: AssetId,
    units: Balance,
) -> Result<u32, DispatchError> {
    let account = owned::<T>(index, who)?;
    ensure!(units > 0, Error::<T>::ZeroAmount);
    let compartment = compartment_of::<T>(&account)?;
    match asset == compartment.settlement_asset {
        true => deposit_settlement::<T>(index, account, &compartment, units),
        false => deposit_pledge::<T>(index, account, asset, units),
    }
}

fn deposit_settlement<T: Config>(
    index: AccountIndex,
    mut account: Account<T::AccountId>,
    compartment: &Compartment,
    units: Balance,
) -> Result<u32, DispatchError> {
    let amount = to_cash::<T>(compartment, units)?;
    let custody = custody_account::<T>(account.compartment);
    T::Assets::transfer(
        compartment.settlement_asset,
        &account.owner,
        &custody,
        units,
        Preservation::Expendable,
    )?;
    let before = account.collateral;
    account.collateral = bounded::<T>(before.add(&amount))?;
    move_custody::<T>(account.compartment, amount)?;
    Pallet::<T>::deposit_event(Event::Deposited {
        account: index,
        asset: compartment.settlement_asset,
        units,
        before,
        after: account.collateral,
    });
    settle::<T>(index, account)
}

/// Stores an account. Returns how many legs it has.
fn settle<T: Config>(
    index: AccountIndex,
    account: Account<T::AccountId>,
) -> Result<u32, DispatchError> {
    let legs = legs(&account);
    triggers::settle::<T>(index, account)?;
    Ok(legs)
}

fn deposit_pledge<T: Config>(
    index: AccountIndex,
    mut account: Account<T::AccountId>,
    asset: AssetId,
    units: Balance,
) -> Result<u32, DispatchError> {
    let mut list = Collaterals::<T>::get();
    let listing = list
        .iter_mut()
        .find(|one| one.compartment == account.compartment && one.asset == asset)
        .ok_or(Error::<T>::NotCollateral)?;
    ensure!(
        units.checked_rem(listing.lot_units) == Some(0),
        Error::<T>::NotWholeLots
    );
    let lots = units
        .checked_div(listing.lot_units)
        .and_then(|lots| i64::try_from(lots).ok())
        .ok_or(Error::<T>::TooLarge)?;
    let deposited = listing
        .deposited
        .0
        .checked_add(lots)
        .ok_or(Error::<T>::TooLarge)?;
    ensure!(
        deposited.unsigned_abs() <= listing.terms.cap,
        Error::<T>::CollateralCap
    );
    listing.deposited.0 = deposited;
    Collaterals::<T>::put(list);

    let custody = custody_account::<T>(account.compartment);
    T::Assets::transfer(
        asset,
        &account.owner,
        &custody,
        units,
        Preservation::Expendable,
    )?;
    match account
        .pledges
        .binary_search_by_key(&asset, |pledge| pledge.asset)
    {
        Ok(place) => {
            if let Some(pledge) = account.pledges.get_mut(place) {
                let lots = pledge.lots.0.checked_add(lots);
                pledge.lots.0 = lots
                    .filter(|lots| i128::from(*lots) <= MAX_LOTS)
                    .ok_or(Error::<T>::TooLarge)?;
            }
        }
        Err(place) => {
            let pledge = Pledge {
                asset,
                lots: caisson_primitives::trading::Lots(lots),
                armed: None,
            };
            account
                .pledges
                .try_insert(place, pledge)
                .map_err(|_| Error::<T>::TooManyPledges)?;
        }
    }
    Pallet::<T>::deposit_event(Event::Pledged {
        account: index,
        asset,
        units,
    });
    settle::<T>(index, account)
}

/// Takes collateral out of an account of the caller, as far as its margin allows. Money waits in the queue if it must.
/// Returns how many legs the account had.
pub fn withdraw<T: Config>(
    who: &T::AccountId,
    index: AccountIndex,
    asset: AssetId,
    units: Balance,
) -> Result<u32, DispatchError> {
    let mut account = owned::<T>(index, who)?;
    let legs = legs(&account);
    ensure!(units > 0, Error::<T>::ZeroAmount);
    let compartment = compartment_of::<T>(&account)?;
    if asset == compartment.settlement_asset {
        let amount = to_cash::<T>(&compartment, units)?;
        let before = account.collateral;
        take::<T>(&mut account, &compartment, amount)?;
        if pay::<T>(index, &account, &compartment, units, amount)? == Admission::Now {
            Pallet::<T>::deposit_event(Event::Withdrawn {
                account: index,
                asset,
                units,
                before,
                after: account.collateral,
            });
        }
    } else {
        let value = take_pledge::<T>(index, &mut account, &compartment, asset, units)?;
        match admit::<T>(account.compartment, value)? {
            Admission::Now => leave::<T>(account.compartment, asset, who, units)?,
            Admission::Queue => return Err(Error::<T>::MustWait.into()),
        }
        Pallet::<T>::deposit_event(Event::Unpledged {
            account: index,
            asset,
            units,
        });
    }
    triggers::settle::<T>(index, account)?;
    Ok(legs)
}

/// Pays money that was taken out of an account to its owner, or queues it, as the gate says.
fn pay<T: Config>(
    index: AccountIndex,
    account: &Account<T::AccountId>,
    compartment: &Compartment,
    units: Balance,
    amount: Cash,
) -> Result<Admission, DispatchError> {
    let (id, owner) = (account.compartment, &account.owner);
    let admission = admit::<T>(id, amount)?;
    match admission {
        Admission::Now => {
            move_custody::<T>(id, outgoing::<T>(&amount)?)?;
            leave::<T>(id, compartment.settlement_asset, owner, units)?;
        }
        Admission::Queue => queue::push::<T>(owner, index, (id, compartment), units, amount)?,
    }
    Ok(admission)
}

/// Asks the gate.
fn admit<T: Config>(id: CompartmentId, amount: Cash) -> Result<Admission, DispatchError> {
    T::Gate::admit(id, amount, queue::others_wait::<T>(id))
}

/// Moves units of an asset out of a compartment.
fn leave<T: Config>(
    id: CompartmentId,
    asset: AssetId,
    to: &T::AccountId,
    units: Balance,
) -> DispatchResult {
    T::Assets::transfer(
        asset,
        &custody_account::<T>(id),
        to,
        units,
        Preservation::Expendable,
    )?;
    Ok(())
}

/// Moves money of the settlement asset between two accounts of the caller in one compartment. Returns how many legs each has.
pub fn transfer<T: Config>(
    who: &T::AccountId,
    from: AccountIndex,
    to: AccountIndex,
    units: Balance,
) -> Result<(u32, u32), DispatchError> {
    ensure!(units > 0, Error::<T>::ZeroAmount);
    ensure!(from != to, Error::<T>::SameAccount);
    let mut source = owned::<T>(from, who)?;
    let mut target = owned::<T>(to, who)?;
    ensure!(
        source.compartment == target.compartment,
        Error::<T>::OtherCompartment
    );
    let compartment = compartment_of::<T>(&source)?;
    let amount = to_cash::<T>(&compartment, units)?;
    take::<T>(&mut source, &compartment, amount)?;
    target.collateral = bounded::<T>(target.collateral.add(&amount))?;
    Pallet::<T>::deposit_event(Event::Transferred { from, to, units });
    Ok((settle::<T>(from, source)?, settle::<T>(to, target)?))
}

/// Takes money out of an account in memory, if what stays is enough.
fn take<T: Config>(
    account: &mut Account<T::AccountId>,
    compartment: &Compartment,
    amount: Cash,
) -> DispatchResult {
    account.collateral = bounded::<T>(account.collateral.sub(&amount))?;
    ensure!(
        !account.collateral.is_negative(),
        Error::<T>::NotEnoughCollateral
    );
    ensure_margin::<T>(account, compartment)
}

/// Takes lots of a pledged asset out of an account in memory, if what stays is enough. Returns what they counted for.
fn take_pledge<T: Config>(
    index: AccountIndex,
    account: &mut Account<T::AccountId>,
    compartment: &Compartment,
    asset: AssetId,
    units: Balance,
) -> Result<Cash, DispatchError> {
    let mut list = Collaterals::<T>::get();
    let place = list
        .iter()
        .position(|one| one.compartment == account.compartment && one.asset == asset)
        .ok_or(Error::<T>::NotCollateral)?;
    let listing = list.get_mut(place).ok_or(Error::<T>::NotCollateral)?;
    ensure!(
        units.checked_rem(listing.lot_units) == Some(0),
        Error::<T>::NotWholeLots
    );
    let lots = units
        .checked_div(listing.lot_units)
        .and_then(|lots| i64::try_from(lots).ok())
        .ok_or(Error::<T>::TooLarge)?;
    let value = listing
        .price
        .times(&caisson_primitives::trading::Lots(i128::from(lots)))
        .map_err(Error::<T>::from)?;
    listing.deposited.0 = listing
        .deposited
        .0
        .checked_sub(lots)
        .ok_or(Error::<T>::NotEnoughCollateral)?;

    let held = account
        .pledges
        .binary_search_by_key(&asset, |pledge| pledge.asset)
        .map_err(|_| Error::<T>::NotEnoughCollateral)?;
    let pledge = account
        .pledges
        .get_mut(held)
        .ok_or(Error::<T>::NotEnoughCollateral)?;
    let left = pledge.lots.0.checked_sub(lots).filter(|left| *left >= 0);
    pledge.lots.0 = left.ok_or(Error::<T>::NotEnoughCollateral)?;
    if pledge.lots.0 == 0 {
        if let Some(armed) = pledge.armed.take() {
            let place = u8::try_from(place).map_err(|_| Error::<T>::CorruptedIndex)?;
            triggers::remove_watching::<T>(index, crate::types::Exposure::collateral(place), armed);
        }
        account.pledges.remove(held);
    }
    Collaterals::<T>::put(list);
    ensure_margin::<T>(account, compartment)?;
    Ok(value)
}

/// What must hold after money left: SPEC 3.4.
fn ensure_margin<T: Config>(
    account: &Account<T::AccountId>,
    compartment: &Compartment,
) -> DispatchResult {
    if account.positions.is_empty() && !account.collateral.is_negative() {
        return Ok(());
    }
    let sum = health::assess::<T>(account, None)?;
    ensure!(sum.fresh, Error::<T>::PriceNotTrusted);
    let spare = health::spare(&sum, compartment.terms.transfer_margin_ppm);
    ensure!(
        !spare.map_err(Error::<T>::from)?.is_negative(),
        Error::<T>::NotEnoughMargin
    );
    Ok(())
}

/// Closes an account that holds nothing but money: pays it out in whole units, or queues them.
pub fn close<T: Config>(who: &T::AccountId, index: AccountIndex) -> DispatchResult {
    let account = owned::<T>(index, who)?;
    let compartment = compartment_of::<T>(&account)?;
    ensure_bare::<T>(&account)?;
    let units = to_units(&compartment, &account.collateral);
    let amount = to_cash::<T>(&compartment, units)?;
    if units > 0 {
        pay::<T>(index, &account, &compartment, units, amount)?;
    }
    let dust = account.collateral.sub(&amount).map_err(Error::<T>::from)?;
    forget::<T>(index, &account, units, dust)
}

/// Closes an account that holds too little to be worth its record; what it held goes to the compartment.
pub fn sweep_dust<T: Config>(index: AccountIndex) -> DispatchResult {
    let account = Accounts::<T>::get(index).ok_or(Error::<T>::NoSuchAccount)?;
    ensure!(account.role == AccountRole::Trader, Error::<T>::FundAccount);
    let compartment = compartment_of::<T>(&account)?;
    ensure_bare::<T>(&account)?;
    let limit = to_cash::<T>(&compartment, compartment.terms.dust)?;
    ensure!(account.collateral.is_lt(&limit), Error::<T>::NotDust);
    forget::<T>(index, &account, 0, account.collateral)
}

fn ensure_bare<T: Config>(account: &Account<T::AccountId>) -> DispatchResult {
    ensure!(
        account.positions.is_empty()
            && account.pledges.is_empty()
            && account.orders == 0
            && !account.collateral.is_negative(),
        Error::<T>::AccountInUse
    );
    Ok(())
}

fn forget<T: Config>(
    index: AccountIndex,
    account: &Account<T::AccountId>,
    units: Balance,
    dust: Cash,
) -> DispatchResult {
    Ledgers::<T>::try_mutate(account.compartment, |ledger| -> Res<()> {
        ledger.dust = ledger.dust.add(&dust)?;
        Ok(())
    })
    .map_err(Error::<T>::from)?;
    T::Orders::closed(index)?;
    AccountIndices::<T>::remove(&account.owner, (account.compartment, account.sub));
    Accounts::<T>::remove(index);
    Pallet::<T>::deposit_event(Event::AccountClosed {
        account: index,
        owner: account.owner.clone(),
        units,
        dust,
    });
    Ok(())
}

/// Pays what a compartment owes to the treasury, in whole units. Returns them.
pub fn collect_fees<T: Config>(id: CompartmentId) -> Result<Balance, DispatchError> {
    let compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    let mut ledger = Ledgers::<T>::get(id);
    let units = to_units(&compartment, &ledger.treasury);
    ensure!(units > 0, Error::<T>::ZeroAmount);
    let amount = to_cash::<T>(&compartment, units)?;
    ledger.treasury = ledger.treasury.sub(&amount).map_err(Error::<T>::from)?;
    Ledgers::<T>::insert(id, ledger);
    move_custody::<T>(id, outgoing::<T>(&amount)?)?;
    T::Assets::transfer(
        compartment.settlement_asset,
        &custody_account::<T>(id),
        &T::Treasury::get(),
        units,
        Preservation::Expendable,
    )?;
    Ok(units)
}

/// An account of the caller. Inventories are nobody's: their owner has no key, and would be refused even so.
pub fn owned<T: Config>(
    index: AccountIndex,
    who: &T::AccountId,
) -> Result<Account<T::AccountId>, DispatchError> {
    let account = Accounts::<T>::get(index).ok_or(Error::<T>::NoSuchAccount)?;
    ensure!(account.owner == *who, Error::<T>::NotOwner);
    ensure!(account.role == AccountRole::Trader, Error::<T>::FundAccount);
    Ok(account)
}

fn compartment_of<T: Config>(
    account: &Account<T::AccountId>,
) -> Result<Compartment, DispatchError> {
    Ok(Compartments::<T>::get(account.compartment).ok_or(Error::<T>::NoSuchCompartment)?)
}

/// Units in quanta.
pub(crate) fn to_cash<T: Config>(
    compartment: &Compartment,
    units: Balance,
) -> Result<Cash, DispatchError> {
    let amount = i128::try_from(units)
        .ok()
        .and_then(|units| units.checked_mul(compartment.scale));
    Ok(Cash(amount.ok_or(Error::<T>::TooLarge)?))
}

/// Whole units in an amount, rounded down; none in a debt.
pub(crate) fn to_units(compartment: &Compartment, amount: &Cash) -> Balance {
    let units = amount.0.max(0).checked_div(compartment.scale);
    units
        .and_then(|units| Balance::try_from(units).ok())
        .unwrap_or_default()
}

/// A result, if money may be so much.
pub(crate) fn bounded<T: Config>(amount: Res<Cash>) -> Result<Cash, DispatchError> {
    let amount = amount.map_err(Error::<T>::from)?;
    ensure!(
        amount.0.unsigned_abs() <= MAX_CASH.unsigned_abs(),
        Error::<T>::TooLarge
    );
    Ok(amount)
}

/// An amount as it changes custody when it leaves.
pub(crate) fn outgoing<T: Config>(amount: &Cash) -> Result<Cash, DispatchError> {
    Ok(amount.neg().map_err(Error::<T>::from)?)
}

/// Counts what came into or left custody.
pub(crate) fn move_custody<T: Config>(compartment: CompartmentId, amount: Cash) -> DispatchResult {
    Ledgers::<T>::try_mutate(compartment, |ledger| -> Res<()> {
        ledger.custody = ledger.custody.add(&amount)?;
        Ok(())
    })
    .map_err(Error::<T>::from)?;
    Ok(())
}
