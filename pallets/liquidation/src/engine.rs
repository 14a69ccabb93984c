//! The step of each block: accounts first, then funds. SPEC 3.

use alloc::{collections::BTreeSet, vec::Vec};
use caisson_primitives::trading::{
    AccountIndex, ForcedOrders, LiquidationAccounts, MarketId, SafetySignals, TradingAccounts,
    MAX_POSITIONS, MAX_TIERS,
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
        used.saturating_accrue(heads::<T>(waiting));
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
    let naming = T::WeightInfo::find().saturating_mul(u64::try_from(found.len()).unwrap_or(1));
    meter.consume(naming.min(meter.remaining()));
    let mut seen = BTreeSet::new();
    for endangered in found {
        let (bound, markets) = bound::<T>(endangered.account, &seen);
        // What an account can cost at most is known once it is read. One that does not fit any more ends the round, so that
        // nobody overtakes who is in less danger. The budget has room for the worst there can be, so the first always fits.
        if !meter.can_consume(bound) {
            break;
        }
        let shared = shared::<T>(&markets, &seen);
        seen.extend(markets);
        let (weight, is_unsafe) = isolated::<T>(endangered.account, bound);
        meter.consume(weight.saturating_add(shared).min(bound));
        if is_unsafe {
            round.still_unsafe = round.still_unsafe.saturating_add(1);
        }
    }
    round
}

/// How many accounts are named: as many as would fit the budget if each were in one market.
fn most_named<T: Config>() -> u32 {
    let each = T::WeightInfo::find()
        .saturating_add(T::WeightInfo::visit(1))
        .ref_time()
        .max(1);
    let fitting = T::AccountBudget::get().ref_time().checked_div(each);
    u32::try_from(fitting.unwrap_or_default())
        .unwrap_or(u32::MAX)
        .max(1)
}

/// The most that a visit to this account costs, with the markets it is in.
fn bound<T: Config>(index: AccountIndex, seen: &BTreeSet<MarketId>) -> (Weight, Vec<MarketId>) {
    let Some(account) = T::Accounts::load(index) else {
        return (T::WeightInfo::visit(0), Vec::new());
    };
    let markets: Vec<MarketId> = account.positions.iter().map(|one| one.market).collect();
    let count = u32::try_from(markets.len()).unwrap_or(MAX_POSITIONS);
    let mut bound =
        most::<T>(count, account.orders.into()).saturating_add(shared::<T>(&markets, seen));
    if !account.pledges.is_empty() {
        bound.saturating_accrue(T::WeightInfo::seize());
    }
    (bound, markets)
}

/// What is read and written once for all accounts of a market, for those markets that none of was visited yet.
fn shared<T: Config>(markets: &[MarketId], seen: &BTreeSet<MarketId>) -> Weight {
    let new = markets
        .iter()
        .filter(|market| !seen.contains(market))
        .count();
    T::WeightInfo::shared().saturating_mul(u64::try_from(new).unwrap_or(u64::MAX))
}

/// What it costs to find the most endangered of each bucket, of which there are no more than unsafe accounts. On top of the
/// budget: it is spent before anyone is visited.
pub fn heads<T: Config>(waiting: u32) -> Weight {
    let markets = T::MaxMarkets::get();
    let buckets = markets.saturating_mul(MAX_TIERS.saturating_mul(2));
    T::WeightInfo::heads(markets, waiting.min(buckets))
}

/// The least with which the engine gets on in every block, whoever is first.
pub fn least<T: Config>() -> Weight {
    T::WeightInfo::find()
        .saturating_mul(most_named::<T>().into())
        .saturating_add(worst_visit::<T>())
}

/// The most that a visit to any account costs.
pub fn worst_visit<T: Config>() -> Weight {
    most::<T>(MAX_POSITIONS, T::MaxOrders::get())
        .saturating_add(T::WeightInfo::seize())
        .saturating_add(T::WeightInfo::shared().saturating_mul(MAX_POSITIONS.into()))
}

/// The most that a visit costs: the account is taken over, or orders are entered and bought.
fn most<T: Config>(markets: u32, orders: u32) -> Weight {
    let offered = u32::try_from(MAX_ORDERS).unwrap_or(u32::MAX);
    let offering = visit_weight::<T>(markets, orders, MAX_ORDERS)
        .saturating_add(T::WeightInfo::take_over(markets.min(offered)));
    let taking_over =
        visit_weight::<T>(markets, orders, 0).saturating_add(T::WeightInfo::take_over(markets));
    offering.max(taking_over)
}

/// What a visit costs without a take-over: an account in so many markets, so many orders cancelled and entered.
pub fn visit_weight<T: Config>(markets: u32, cancelled: u32, entered: usize) -> Weight {
    let cancelling = match cancelled {
        0 => Weight::zero(),
        orders => T::Orders::cancel_weight(orders),
    };
    T::WeightInfo::visit(markets)
        .saturating_add(cancelling)
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
