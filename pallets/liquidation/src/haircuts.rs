//! A deficit that nobody covered is taken from profits in its market. SPEC 6.4.
//!
//! Each pays at most `min(profit, equity - maintenance)`, so no healthy account becomes unsafe by it, and all pay together
//! exactly the deficit or all that can be taken.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, Cash, CompartmentFunds, LiquidationAccounts, TradingAccounts,
};
use caisson_risk::waterfall;
use frame_support::weights::{Weight, WeightMeter};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fund::{self, Desk},
    pallet::{Config, Error, Event, Pallet, TotalsOf},
    types::{HolderPlace, MAX_HOLDERS},
    visit::{deficit, AccountOf},
};

/// Someone with a profit.
struct Winner<T: Config> {
    index: AccountIndex,
    account: AccountOf<T>,
    profit: Cash,
    weight: Cash,
}

/// Takes what can be taken from those who were deleveraged in this block and from the next holders of the winning side. After a
/// full pass with a deficit left the market is given up.
pub fn run<T: Config>(desk: &mut Desk<T>, meter: &mut WeightMeter) -> DispatchResult {
    if desk.work.given_up {
        return Ok(());
    }
    // Paid for when they were deleveraged.
    let closed = core::mem::take(&mut desk.closed);
    let mut winners: Vec<Winner<T>> = closed
        .iter()
        .filter_map(|(index, made)| look::<T>(desk, *index, *made))
        .collect();
    let is_over = gather::<T>(desk, &closed, &mut winners, meter);
    take(desk, winners)?;
    if is_over && is_beyond_fund(desk)? {
        give_up(desk)?;
    }
    Ok(())
}

/// Whether a deficit is left that is more than half of the compartment's insurance fund. A smaller one waits, with withdrawals
/// gated: the fund pays it as its windows drain, and a market is not ended for what some windows pay.
fn is_beyond_fund<T: Config>(desk: &Desk<T>) -> Result<bool, DispatchError> {
    let open = deficit(&desk.fund.collateral);
    let twice = open.add(&open).map_err(Error::<T>::from)?;
    let fund = T::Accounts::pots(desk.contract.compartment).insurance;
    Ok(fund.is_lt(&twice))
}

/// Looks at the next holders of the winning side, one after the other, as many as a block may and the budget pays for. Says
/// whether the pass is over; if not, where it goes on is remembered.
fn gather<T: Config>(
    desk: &mut Desk<T>,
    closed: &[(AccountIndex, Cash)],
    winners: &mut Vec<Winner<T>>,
    meter: &mut WeightMeter,
) -> bool {
    let side = desk.work.lost.opposite();
    for _ in 0..MAX_HOLDERS {
        if !meter.can_consume(fund::largest_holder::<T>()) {
            return false;
        }
        let after = desk.work.place.as_ref().map(|place| place.as_slice());
        let (found, next) = T::Accounts::holders(desk.market, side, 1, after);
        for index in found {
            meter.consume(cost::<T>(index));
            // Those were looked at before.
            if closed.iter().all(|(other, _)| *other != index) {
                winners.extend(look::<T>(desk, index, Cash::ZERO));
            }
        }
        desk.work.place = next.and_then(|place| HolderPlace::try_from(place).ok());
        if desk.work.place.is_none() {
            return true;
        }
    }
    false
}

/// What a look at a holder costs.
fn cost<T: Config>(index: AccountIndex) -> Weight {
    let account = T::Accounts::load(index);
    fund::holder::<T>(account.map_or(1, |account| fund::legs::<T>(&account)))
}

/// What someone can be cut by: his profit is that of the position that is left and what deleveraging `made` of it in this
/// block.
fn look<T: Config>(desk: &Desk<T>, index: AccountIndex, made: Cash) -> Option<Winner<T>> {
    let account = T::Accounts::load(index)?;
    let standing = T::Accounts::standing(&account).ok()?;
    let leg = standing.legs.iter().find(|leg| leg.market == desk.market);
    let left = leg.map_or(Cash::ZERO, |leg| leg.profit);
    let profit = left.add(&made).ok()?;
    let weight =
        waterfall::haircut_weight(&profit, &standing.equity, &standing.maintenance).ok()?;
    weight.is_positive().then_some(Winner {
        index,
        account,
        profit,
        weight,
    })
}

fn take<T: Config>(desk: &mut Desk<T>, winners: Vec<Winner<T>>) -> DispatchResult {
    let total = winners
        .iter()
        .try_fold(Cash::ZERO, |sum, winner| sum.add(&winner.weight))
        .map_err(Error::<T>::from)?;
    if !total.is_positive() {
        return Ok(());
    }
    let open = deficit(&desk.fund.collateral);
    let (mut division, _) = waterfall::haircut(&open, &total).map_err(Error::<T>::from)?;
    let mut taken = Cash::ZERO;
    for winner in winners {
        let share = Cash(division.next(&winner.weight.0).map_err(Error::<T>::from)?);
        if !share.is_positive() {
            continue;
        }
        let mut account = winner.account;
        account.collateral = account.collateral.sub(&share).map_err(Error::<T>::from)?;
        T::Accounts::settle(winner.index, account)?;
        taken = taken.add(&share).map_err(Error::<T>::from)?;
        Pallet::<T>::deposit_event(Event::ProfitCut {
            account: winner.index,
            market: desk.market,
            profit: winner.profit,
            cut: share,
        });
    }
    desk.fund.collateral = desk.fund.collateral.add(&taken).map_err(Error::<T>::from)?;
    TotalsOf::<T>::mutate(desk.market, |totals| {
        totals.haircuts = Cash(totals.haircuts.0.saturating_add(taken.0));
    });
    Ok(())
}

/// SPEC 6.5: nobody's profit can be cut any more. The market ends at its mark, and what is left is shared there.
fn give_up<T: Config>(desk: &mut Desk<T>) -> Result<(), DispatchError> {
    T::Accounts::settle_insolvent(desk.market)?;
    desk.work.given_up = true;
    Pallet::<T>::deposit_event(Event::GivenUp {
        market: desk.market,
        deficit: deficit(&desk.fund.collateral),
        mark: desk.prices.mark,
    });
    Ok(())
}
