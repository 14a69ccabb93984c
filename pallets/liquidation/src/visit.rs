//! A visit to one unsafe account: steps 1 to 3 of the waterfall. SPEC 4, 5.

use alloc::vec::Vec;
use caisson_primitives::{
    trading::{
        Account, AccountIndex, AccountRole, CallSource, Cash, ForcedOrders, LiquidationAccounts,
        MarketId, Markets, OpenOrdersSource, Ppm, SafetySignals, Standing, TradingAccounts,
    },
    BlockNumber,
};
use caisson_risk::waterfall;
use frame_support::ensure;
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::{
    metering::{Size, Treatment, Visited},
    pallet::{Config, CurrentTerms, Error, Event, InProgress, Pallet},
    plan::{self, Planned},
    purchase, takeover,
    types::{Progress, Terms},
};

/// What a visit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was done, for its price.
    pub visited: Visited,
    /// Whether the account is still short of maintenance margin.
    pub is_unsafe: bool,
    /// Whether anything came of it: orders went or were planned, or the account was taken over.
    pub has_acted: bool,
}

/// The account as the pallet's neighbours store it.
pub type AccountOf<T> = Account<<T as frame_system::Config>::AccountId>;

/// Visits an account: puts it right in the index if it has recovered, otherwise cancels its orders and enters those of the
/// engine, or has the fund take it over.
///
/// Errors: the account is gone, or can't be assessed; nothing is changed then (the caller's storage layer).
pub fn visit<T: Config>(index: AccountIndex) -> Result<Outcome, DispatchError> {
    let account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
    let standing = T::Accounts::standing(&account)?;
    let mut visited = Visited {
        size: Size::of::<T>(&account),
        cancelled: 0,
        was_marked: false,
        treatment: Treatment::Recovered,
    };
    if !standing.slack.is_negative() {
        // It has recovered: its triggers are armed again.
        T::Accounts::settle(index, account)?;
        return Ok(Outcome {
            visited,
            is_unsafe: false,
            has_acted: true,
        });
    }
    let account = match account.unsafe_since {
        Some(_) => account,
        // Nobody found it before: it is marked, so that its own orders don't trade.
        None => {
            visited.was_marked = true;
            T::Accounts::settle(index, account)?;
            T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?
        }
    };
    if account.orders > 0 {
        visited.cancelled = T::Orders::cancel_all(index)?;
    }
    let terms = CurrentTerms::<T>::get();
    let progress = InProgress::<T>::get(index);
    if must_take_over::<T>(&standing, &terms)? {
        // Cancelling changed the record.
        let account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
        let is_done = takeover::take_over::<T>(index, account, &standing, progress.as_ref())?;
        visited.treatment = Treatment::TakenOver;
        return Ok(Outcome {
            has_acted: is_done || visited.cancelled > 0,
            is_unsafe: !is_done,
            visited,
        });
    }
    let attempts = progress.map_or(0, |progress| progress.attempts);
    let (entered, bought) = offer::<T>(index, &standing, attempts, &terms)?;
    Ok(Outcome {
        is_unsafe: T::Accounts::load(index).is_none_or(|left| left.unsafe_since.is_some()),
        has_acted: visited.cancelled > 0 || entered > 0 || !bought.is_empty(),
        visited: Visited {
            treatment: Treatment::Offered { entered, bought },
            ..visited
        },
    })
}

/// A visit on somebody's word, for an account that is truly unsafe. SPEC 7.
pub fn on_demand<T: Config>(index: AccountIndex) -> Result<Outcome, DispatchError> {
    let account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
    let standing = T::Accounts::standing(&account)?;
    ensure!(
        standing.slack.is_negative() && account.role == AccountRole::Trader,
        Error::<T>::NotUnsafe
    );
    // Else anyone could use up the attempts of many blocks in one, and have the limit give way before it was tried.
    let is_visited = InProgress::<T>::get(index).is_some_and(|it| it.last == this_block::<T>());
    ensure!(!is_visited, Error::<T>::VisitedAlready);
    visit::<T>(index)
}

/// SPEC 5.1: the margin that is left is too little to sell on. Never on a price that may not be used for it.
fn must_take_over<T: Config>(standing: &Standing, terms: &Terms) -> Result<bool, DispatchError> {
    if !standing.may_liquidate {
        return Ok(false);
    }
    if standing.legs.is_empty() {
        return Ok(true);
    }
    let takes_over = waterfall::takes_over(
        &standing.equity,
        &standing.maintenance,
        &Ppm(i128::from(terms.take_over_ppm)),
        // Patience is another matter: then the fund buys what is offered, and no more.
        &0,
        &1,
    );
    Ok(takes_over.map_err(Error::<T>::from)?)
}

/// Offers lots of the riskiest positions: to the market's call, or to its fund when patience is at its end or the call goes on
/// for longer than that. SPEC 4.4, 4.6. Returns how many orders were for calls, and the markets whose funds filled theirs.
fn offer<T: Config>(
    index: AccountIndex,
    standing: &Standing,
    attempts: u8,
    terms: &Terms,
) -> Result<(usize, Vec<MarketId>), DispatchError> {
    let read = |market| Some((T::Markets::contract(market)?, T::Markets::prices(market)?));
    let planned = plan::orders(standing, attempts, terms, read).map_err(Error::<T>::from)?;
    let Some(first) = planned.first().map(|order| order.market) else {
        return Ok((0, Vec::new()));
    };
    let is_patient = attempts < terms.max_attempts;
    let (to_calls, to_funds): (Vec<&Planned>, Vec<&Planned>) = planned
        .iter()
        .partition(|order| is_patient && !T::Calls::call(order.market).long_call);
    let offered = to_calls.iter().fold(Cash::ZERO, |sum, order| {
        Cash(sum.0.saturating_add(order.notional.0))
    });
    note_attempt::<T>(index, first, offered);
    for order in &to_calls {
        enter::<T>(index, standing, attempts, order);
    }
    if !to_funds.is_empty() {
        purchase::buy::<T>(index, standing, attempts, &to_funds)?;
    }
    let bought = to_funds.iter().map(|order| order.market).collect();
    Ok((to_calls.len(), bought))
}

fn enter<T: Config>(index: AccountIndex, standing: &Standing, attempts: u8, order: &Planned) {
    let Planned {
        market,
        side,
        lots,
        limit,
        ..
    } = *order;
    match T::Orders::force(index, market, side, lots, limit) {
        Ok(()) => Pallet::<T>::deposit_event(Event::OrderEntered {
            account: index,
            market,
            side,
            lots,
            limit,
            attempt: attempts,
            equity: standing.equity,
            slack: standing.slack,
        }),
        // A halted market or a full call: the attempt counts, so that the fund takes over in time.
        Err(error) => Pallet::<T>::deposit_event(Event::OrderNotEntered {
            account: index,
            market,
            error,
        }),
    }
}

fn this_block<T: Config>() -> BlockNumber {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

/// Counts an attempt, once for each block, in which so much notional is offered in calls.
pub fn note_attempt<T: Config>(index: AccountIndex, market: MarketId, offered: Cash) {
    let now = this_block::<T>();
    let before = InProgress::<T>::get(index);
    if let Some(before) = before.filter(|before| before.last != now) {
        tell::<T>(&before);
    }
    let attempts = match before {
        Some(before) if before.last == now => before.attempts,
        Some(before) => before.attempts.saturating_add(1),
        None => 1,
    };
    InProgress::<T>::insert(
        index,
        Progress {
            market,
            attempts,
            last: now,
            // What is offered again is told once.
            offered: match attempts {
                1 => offered,
                _ => Cash::ZERO,
            },
        },
    );
}

/// Tells the breaker of what was offered.
pub fn tell<T: Config>(progress: &Progress) {
    if progress.offered.is_positive() {
        T::Signals::liquidated(progress.market, progress.offered);
    }
}

/// What an account falls short of nothing: the part of its debt that nothing of its own pays.
pub fn deficit(equity: &Cash) -> Cash {
    Cash(equity.0.saturating_neg()).positive_part()
}
