//! The dead-man switch: all orders of an account are cancelled at a time its owner sets, and sets again to keep
//! them. SPEC 8.1.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{AccountIndex, TradingAccounts},
    Moment,
};
use frame_support::{
    defensive, ensure, storage::with_storage_layer, traits::Get, weights::WeightMeter,
};
use sp_runtime::DispatchResult;

use crate::{
    cancelling,
    desk::AccountOf,
    keys::{DeadlineKey, Walk},
    pallet::{Config, Deadlines, Error, Event, OrdersOf, Pallet},
    types::CancelReason,
    weights::WeightInfo,
};

/// Sets, moves or clears the time.
pub fn schedule<T: Config>(
    index: AccountIndex,
    mut account: AccountOf<T>,
    at: Option<Moment>,
) -> DispatchResult {
    ensure!(
        at.is_none_or(|at| at > T::Time::now_ms()),
        Error::<T>::ExpiryPassed
    );
    if account.cancel_at == at {
        return Ok(());
    }
    forget::<T>(index, &account);
    if let Some(at) = at {
        Deadlines::<T>::insert(DeadlineKey { at, account: index }, ());
    }
    account.cancel_at = at;
    T::Accounts::store(index, &account);
    Pallet::<T>::deposit_event(Event::CancelScheduled { account: index, at });
    Ok(())
}

/// Drops an account's deadline from the index.
pub fn forget<T: Config>(index: AccountIndex, account: &AccountOf<T>) {
    if let Some(at) = account.cancel_at {
        Deadlines::<T>::remove(DeadlineKey { at, account: index });
    }
}

/// Cancels the orders of accounts whose time came, as far as the budget goes, a market of an account at a time. What is
/// left waits for the next block; clearings drop those orders meanwhile.
pub fn run<T: Config>(meter: &mut WeightMeter) {
    let now = T::Time::now_ms();
    for key in Walk::<DeadlineKey>::new::<(), Deadlines<T>>(&[]) {
        if key.at > now || !run_one::<T>(&key, meter) {
            return;
        }
    }
}

/// `false` when the budget ended.
fn run_one<T: Config>(key: &DeadlineKey, meter: &mut WeightMeter) -> bool {
    if meter.try_consume(T::WeightInfo::deadline()).is_err() {
        return false;
    }
    let Some(mut account) = T::Accounts::load(key.account) else {
        Deadlines::<T>::remove(key);
        return true;
    };
    let most = usize::try_from(T::MaxMarkets::get()).unwrap_or(usize::MAX);
    let markets = OrdersOf::<T>::iter_key_prefix(key.account).take(most);
    let mut complete = true;
    let done = with_storage_layer(|| -> DispatchResult {
        for market in markets {
            let one = cancelling::weight_to_clear::<T>(key.account, market);
            if meter.try_consume(one).is_err() {
                complete = false;
                break;
            }
            let cleared = cancelling::clear_market::<T>(
                key.account,
                account,
                market,
                CancelReason::Deadline,
            )?;
            account = cleared.0;
        }
        if complete {
            Deadlines::<T>::remove(key);
            account.cancel_at = None;
        }
        T::Accounts::store(key.account, &account);
        Ok(())
    });
    if let Err(error) = done {
        defensive!("an account's orders can't be cancelled");
        log::error!(target: crate::LOG_TARGET, "account {}: {error:?}", key.account);
        Deadlines::<T>::remove(key);
    }
    complete
}
