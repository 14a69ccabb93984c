//! The step of each block: accounts first, then funds. SPEC 3.

use caisson_primitives::trading::{
    AccountIndex, LiquidationAccounts, SafetySignals, TradingAccounts,
};
use frame_support::{
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::{
    fund,
    metering::{self, Shared, Size, Visited},
    pallet::{BacklogState, Config, Event, Pallet, UnsafeAccounts, Working},
    types::Backlog,
    visit,
    weights::WeightInfo,
};

/// Runs the step. Returns what it cost.
pub fn run<T: Config>() -> Weight {
    let mut used = T::WeightInfo::quiet();
    // One after the other, so that neither an avalanche of accounts nor one of funds starves the other.
    let waiting = UnsafeAccounts::<T>::get();
    let mut left = waiting;
    if waiting > 0 {
        let mut meter = WeightMeter::with_limit(T::AccountBudget::get());
        let visited = visit_accounts::<T>(waiting, &mut meter);
        left = UnsafeAccounts::<T>::get()
            .saturating_sub(visited.still_unsafe)
            .min(waiting);
        used.saturating_accrue(T::Accounts::search_weight(waiting));
        used.saturating_accrue(meter.consumed());
    }
    note_backlog::<T>(left);
    let working = Working::<T>::get();
    if !working.is_empty() {
        let mut meter = WeightMeter::with_limit(T::FundBudget::get());
        fund::run::<T>(&working, &mut meter);
        used.saturating_accrue(meter.consumed());
    }
    used
}

/// What a round of visits did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Round {
    /// Accounts that were visited and are not safe yet: their orders are in this block's calls.
    still_unsafe: u32,
}

/// Visits unsafe accounts, the most endangered first, as far as the budget goes.
fn visit_accounts<T: Config>(waiting: u32, meter: &mut WeightMeter) -> Round {
    let mut round = Round::default();
    let found = T::Accounts::endangered(waiting.min(most_named::<T>()));
    let before = metering::opening::<T>().saturating_add(naming::<T>(found.len()));
    meter.consume(before.min(meter.remaining()));
    let mut shared = Shared::default();
    for endangered in found {
        let size = size::<T>(endangered.account);
        let bound = shared.bound::<T>(&size);
        // What an account can cost at most is known once it is read. One that does not fit any more ends the round, so that
        // nobody overtakes who is in less danger. The budget has room for the worst there can be, so the first always fits.
        if !meter.can_consume(bound) {
            break;
        }
        let (visited, is_unsafe) = isolated::<T>(endangered.account);
        let cost = visited.map_or(bound, |visited| shared.pay::<T>(&visited));
        meter.consume(cost.min(bound));
        if is_unsafe {
            round.still_unsafe = round.still_unsafe.saturating_add(1);
        }
    }
    round
}

/// How many accounts are named: as many as would fit the budget if each cost the least.
fn most_named<T: Config>() -> u32 {
    let each = metering::least_visit::<T>().ref_time().max(1);
    let fitting = T::AccountBudget::get().ref_time().checked_div(each);
    u32::try_from(fitting.unwrap_or_default())
        .unwrap_or(u32::MAX)
        .max(1)
}

/// What it costs to name so many accounts. Finding the first of each bucket is not in it: that comes on top of the budget.
fn naming<T: Config>(named: usize) -> Weight {
    T::Accounts::naming_weight(u32::try_from(named).unwrap_or(u32::MAX))
}

fn size<T: Config>(index: AccountIndex) -> Size {
    match T::Accounts::load(index) {
        Some(account) => Size::of::<T>(&account),
        None => Size::default(),
    }
}

/// The least with which the engine gets on in every block, whoever is first.
pub fn least<T: Config>() -> Weight {
    T::Accounts::naming_weight(most_named::<T>()).saturating_add(metering::worst_visit::<T>())
}

/// Visits one account in a storage layer of its own: one broken account stops no other. Returns what was done, if anything
/// was, and whether the account is still unsafe.
fn isolated<T: Config>(index: AccountIndex) -> (Option<Visited>, bool) {
    let result = with_storage_layer::<_, DispatchError, _>(|| visit::visit::<T>(index));
    match result {
        Ok(outcome) => (Some(outcome.visited), outcome.is_unsafe),
        Err(error) => {
            log::error!(target: crate::LOG_TARGET, "account {index} can't be liquidated: {error:?}");
            Pallet::<T>::deposit_event(Event::CouldNotLiquidate {
                account: index,
                error,
            });
            (None, true)
        }
    }
}

/// Remembers how many accounts were not visited, and tells the breaker.
fn note_backlog<T: Config>(accounts: u32) {
    let before = BacklogState::<T>::get();
    let since = match accounts {
        0 => None,
        _ => before
            .since
            .or_else(|| Some(frame_system::Pallet::<T>::block_number().saturated_into())),
    };
    let after = Backlog { accounts, since };
    if after != before {
        if after == Backlog::default() {
            BacklogState::<T>::kill();
        } else {
            BacklogState::<T>::put(after);
        }
        T::Signals::backlog(accounts);
    }
}
