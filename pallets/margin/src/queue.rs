//! Withdrawals that wait, because more left the compartment lately than may leave at once: SPEC 14.
//!
//! A withdrawal that must wait has left its account already: the compartment owes it. Each compartment pays its own in the
//! order in which they came. One whose owner can't receive is set aside, so that it stops nobody else.

use caisson_primitives::{
    trading::{AccountIndex, AccountRole, Cash, CompartmentId, WithdrawalGate},
    Balance, BlockNumber,
};
use caisson_risk::Res;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{fungibles::Mutate, tokens::Preservation, Get},
    weights::WeightMeter,
};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

use crate::{
    custody,
    pallet::{
        Accounts, Compartments, Config, Error, Event, Ledgers, NextQueued, Pallet, Parked, Queued,
        Queues,
    },
    triggers,
    types::Compartment,
    weights::{legs, WeightInfo},
};

/// The most payments to the queue of one compartment in a block.
pub const MAX_PAYMENTS: u32 = 4;

/// A withdrawal that waits.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct QueuedWithdrawal<AccountId> {
    /// Who is paid.
    pub owner: AccountId,
    /// The account from which it came, which may be closed since.
    pub account: AccountIndex,
    /// What is still owed, in the smallest units of the settlement asset. Never zero.
    pub units: Balance,
    /// The block in which it was asked for.
    pub at: BlockNumber,
}

/// The number of a withdrawal as it stands in keys: the order of the keys is that of the numbers.
pub fn place(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// Whether withdrawals of a compartment wait.
pub fn others_wait<T: Config>(compartment: CompartmentId) -> bool {
    Queues::<T>::get(compartment) > 0
}

/// Puts a withdrawal at the end of its compartment's queue. The caller took `amount`, which is `units` in quanta, out of the
/// account. Four reads, four writes.
///
/// Errors: the queue is full, or the amount is less than what opens an account.
pub fn push<T: Config>(
    owner: &T::AccountId,
    account: AccountIndex,
    (id, compartment): (CompartmentId, &Compartment),
    units: Balance,
    amount: Cash,
) -> DispatchResult {
    // Places in the queue are few: taking them all must cost as much as opening as many accounts.
    ensure!(units >= compartment.terms.min_deposit, Error::<T>::MustWait);
    let waiting = Queues::<T>::get(id);
    ensure!(waiting < T::MaxQueued::get(), Error::<T>::QueueFull);
    let number = NextQueued::<T>::get();
    let next = number.checked_add(1).ok_or(Error::<T>::Arithmetic)?;
    NextQueued::<T>::put(next);
    Queues::<T>::insert(id, waiting.saturating_add(1));
    let entry = QueuedWithdrawal {
        owner: owner.clone(),
        account,
        units,
        at: frame_system::Pallet::<T>::block_number().saturated_into(),
    };
    Queued::<T>::insert(id, place(number), entry);
    owe::<T>(id, |queued| queued.add(&amount))?;
    Pallet::<T>::deposit_event(Event::WithdrawalQueued {
        account,
        owner: owner.clone(),
        compartment: id,
        units,
        number,
    });
    Ok(())
}

/// Changes what a compartment owes to those who wait.
fn owe<T: Config>(id: CompartmentId, change: impl FnOnce(&Cash) -> Res<Cash>) -> DispatchResult {
    Ledgers::<T>::try_mutate(id, |ledger| {
        let queued = custody::bounded::<T>(change(&ledger.queued))?;
        ensure!(!queued.is_negative(), Error::<T>::Arithmetic);
        ledger.queued = queued;
        Ok(())
    })
}

/// Pays what may leave to the first of each queue, as far as the budget goes.
pub fn run<T: Config>(meter: &mut WeightMeter) {
    // Only compartments in which somebody waits have a record, and there are few compartments.
    for id in Queues::<T>::iter_keys() {
        for _ in 0..MAX_PAYMENTS {
            if meter.try_consume(T::WeightInfo::pay_queued()).is_err() {
                return;
            }
            if !pay_first::<T>(id) {
                break;
            }
        }
    }
}

/// Pays the first of a queue. Says whether it is gone from the queue, so that it is the next one's turn.
fn pay_first<T: Config>(id: CompartmentId) -> bool {
    let Some((key, entry)) = Queued::<T>::iter_prefix(id).next() else {
        return false;
    };
    let number = u64::from_be_bytes(key);
    match with_storage_layer(|| pay::<T>(id, number, &entry)) {
        Ok(0) => {
            leave::<T>(id, number);
            true
        }
        Ok(units) => {
            if units < entry.units {
                Queued::<T>::insert(id, key, QueuedWithdrawal { units, ..entry });
            }
            false
        }
        Err(Unpaid::TooLittle) => false,
        Err(Unpaid::Failed(error)) => {
            leave::<T>(id, number);
            Pallet::<T>::deposit_event(Event::WithdrawalParked {
                owner: entry.owner.clone(),
                compartment: id,
                number,
                units: entry.units,
                error,
            });
            Parked::<T>::insert(id, number, entry);
            true
        }
    }
}

/// Why nothing was paid.
enum Unpaid {
    /// Less than a unit may leave now.
    TooLittle,
    /// The payment failed.
    Failed(DispatchError),
}

impl From<DispatchError> for Unpaid {
    fn from(error: DispatchError) -> Self {
        Self::Failed(error)
    }
}

/// Pays what may leave of a withdrawal, in whole units, rounded down. Returns what is left of it. On an error nothing counts
/// as released (the caller's storage layer).
fn pay<T: Config>(
    id: CompartmentId,
    number: u64,
    entry: &QueuedWithdrawal<T::AccountId>,
) -> Result<Balance, Unpaid> {
    let compartment = Compartments::<T>::get(id)
        .ok_or_else(|| DispatchError::from(Error::<T>::NoSuchCompartment))?;
    let wanted = custody::to_cash::<T>(&compartment, entry.units)?;
    let released = T::Gate::release(id, wanted);
    let units = custody::to_units(&compartment, &released).min(entry.units);
    if units == 0 {
        // The gate notes that nothing left; a part of a unit must not be counted as if it had.
        return match released.is_positive() {
            true => Err(Unpaid::TooLittle),
            false => Ok(entry.units),
        };
    }
    let left = entry.units.saturating_sub(units);
    let amount = custody::to_cash::<T>(&compartment, units)?;
    owe::<T>(id, |queued| queued.sub(&amount))?;
    custody::move_custody::<T>(id, custody::outgoing::<T>(&amount)?)?;
    T::Assets::transfer(
        compartment.settlement_asset,
        &custody::custody_account::<T>(id),
        &entry.owner,
        units,
        Preservation::Expendable,
    )?;
    Pallet::<T>::deposit_event(Event::QueuedWithdrawalPaid {
        owner: entry.owner.clone(),
        compartment: id,
        number,
        units,
        left,
    });
    Ok(left)
}

/// Takes an entry out of the queue.
fn leave<T: Config>(id: CompartmentId, number: u64) {
    Queued::<T>::remove(id, place(number));
    Queues::<T>::mutate_exists(id, |waiting| {
        *waiting = waiting.and_then(|count| count.checked_sub(1).filter(|left| *left > 0));
    });
}

/// Pays a withdrawal that was set aside, as far as it may leave now. It was first when that happened, so it overtakes nobody.
///
/// Errors: it is not there or not the caller's, nothing may leave, or the payment fails again.
pub fn claim<T: Config>(who: &T::AccountId, id: CompartmentId, number: u64) -> DispatchResult {
    let entry = Parked::<T>::get(id, number).ok_or(Error::<T>::NoSuchWithdrawal)?;
    ensure!(entry.owner == *who, Error::<T>::NotOwner);
    let left = pay::<T>(id, number, &entry).map_err(|unpaid| match unpaid {
        Unpaid::TooLittle => Error::<T>::MustWait.into(),
        Unpaid::Failed(error) => error,
    })?;
    ensure!(left < entry.units, Error::<T>::MustWait);
    match left {
        0 => Parked::<T>::remove(id, number),
        units => Parked::<T>::insert(id, number, QueuedWithdrawal { units, ..entry }),
    }
    Ok(())
}

/// Puts what is left of a withdrawal back into the account from which it came. Returns how many legs that has.
///
/// Errors: it is not there or not the caller's, or that account is closed.
pub fn cancel<T: Config>(
    who: &T::AccountId,
    id: CompartmentId,
    number: u64,
) -> Result<u32, DispatchError> {
    let waits = Queued::<T>::get(id, place(number));
    let entry = waits
        .clone()
        .or_else(|| Parked::<T>::get(id, number))
        .ok_or(Error::<T>::NoSuchWithdrawal)?;
    ensure!(entry.owner == *who, Error::<T>::NotOwner);
    let mut account = Accounts::<T>::get(entry.account).ok_or(Error::<T>::NoSuchAccount)?;
    ensure!(
        account.owner == *who && account.compartment == id && account.role == AccountRole::Trader,
        Error::<T>::NoSuchAccount
    );
    match waits.is_some() {
        true => leave::<T>(id, number),
        false => Parked::<T>::remove(id, number),
    }
    let compartment = Compartments::<T>::get(id).ok_or(Error::<T>::NoSuchCompartment)?;
    let amount = custody::to_cash::<T>(&compartment, entry.units)?;
    owe::<T>(id, |queued| queued.sub(&amount))?;
    account.collateral = custody::bounded::<T>(account.collateral.add(&amount))?;
    Pallet::<T>::deposit_event(Event::WithdrawalCancelled {
        account: entry.account,
        owner: entry.owner,
        compartment: id,
        number,
        units: entry.units,
    });
    let legs = legs(&account);
    triggers::settle::<T>(entry.account, account)?;
    Ok(legs)
}
