//! The step of each block: accounts first, then funds. SPEC 3.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, ForcedOrders, LiquidationAccounts, SafetySignals, TradingAccounts, MAX_POSITIONS,
};
use frame_support::{
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::{
    fund,
    pallet::{BacklogState, Config, Event, Pallet, UnsafeAccounts, Working},
    types::{Backlog, MAX_ORDERS},
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
    for index in find::<T>(waiting, meter) {
        let bound = bound::<T>(index);
        // What an account can cost at most is known once it is read. One that does not fit any more ends the round, so that
        // nobody overtakes who is in less danger.
        if !meter.can_consume(bound) {
            break;
        }
        let (weight, is_unsafe) = isolated::<T>(index, bound);
        meter.consume(weight);
        if is_unsafe {
            round.still_unsafe = round.still_unsafe.saturating_add(1);
        }
    }
    round
}

/// The most that a visit to this account costs.
fn bound<T: Config>(index: AccountIndex) -> Weight {
    match T::Accounts::load(index) {
        Some(account) => {
            let markets = u32::try_from(account.positions.len()).unwrap_or(MAX_POSITIONS);
            visit_weight::<T>(markets, account.orders.into(), MAX_ORDERS)
                .saturating_add(T::WeightInfo::take_over(markets))
        }
        None => T::WeightInfo::visit(0),
    }
}

/// The accounts that may be visited in this block: as many as would fit if each were in one market. Room for one visit to the
/// worst account is left whatever finding costs, so the first of them is always visited.
fn find<T: Config>(waiting: u32, meter: &mut WeightMeter) -> Vec<AccountIndex> {
    let find = T::WeightInfo::find();
    let each = find
        .saturating_add(T::WeightInfo::visit(1))
        .ref_time()
        .max(1);
    let first = worst_visit::<T>().saturating_add(find);
    if !meter.can_consume(first) {
        return Vec::new();
    }
    let further = meter
        .remaining()
        .saturating_sub(first)
        .ref_time()
        .checked_div(each)
        .unwrap_or_default();
    let fitting = u32::try_from(further).unwrap_or(u32::MAX).saturating_add(1);
    let found = T::Accounts::endangered(waiting.min(fitting));
    meter.consume(find.saturating_mul(u64::try_from(found.len()).unwrap_or(1)));
    found.into_iter().map(|one| one.account).collect()
}

/// The most that a visit to any account costs.
pub fn worst_visit<T: Config>() -> Weight {
    visit_weight::<T>(MAX_POSITIONS, T::MaxOrders::get(), MAX_ORDERS)
        .saturating_add(T::WeightInfo::take_over(MAX_POSITIONS))
}

/// What a visit costs without a take-over: an account in so many markets, so many orders cancelled and entered.
pub fn visit_weight<T: Config>(markets: u32, cancelled: u32, entered: usize) -> Weight {
    T::WeightInfo::visit(markets)
        .saturating_add(T::Orders::cancel_weight(cancelled))
        .saturating_add(
            T::Orders::force_weight().saturating_mul(u64::try_from(entered).unwrap_or(u64::MAX)),
        )
}

/// Visits one account in a storage layer of its own: one broken account stops no other. Returns what it cost and whether
/// the account is still unsafe.
fn isolated<T: Config>(index: AccountIndex, bound: Weight) -> (Weight, bool) {
    let result = with_storage_layer::<_, DispatchError, _>(|| visit::visit::<T>(index));
    match result {
        Ok(outcome) => (outcome.weight, outcome.is_unsafe),
        Err(error) => {
            log::error!(target: crate::LOG_TARGET, "account {index} can't be liquidated: {error:?}");
            Pallet::<T>::deposit_event(Event::CouldNotLiquidate {
                account: index,
                error,
            });
            (bound, true)
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
