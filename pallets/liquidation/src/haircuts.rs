//! A deficit that nobody covered is taken from profits in its market. SPEC 6.4.
//!
//! Each pays at most `min(profit, equity - maintenance)`, so no healthy account becomes unsafe by it, and all pay together
//! exactly the deficit or all that can be taken.

use alloc::vec::Vec;
use caisson_primitives::trading::{AccountIndex, Cash, LiquidationAccounts, TradingAccounts};
use caisson_risk::waterfall;
use frame_support::weights::WeightMeter;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fund::Desk,
    pallet::{Config, Error, Event, Pallet, TotalsOf},
    types::{HolderPlace, MAX_HOLDERS},
    visit::{deficit, AccountOf},
    weights::WeightInfo,
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
    let limit = affordable::<T>(meter);
    if limit == 0 {
        return take(desk, winners);
    }
    meter.consume(T::WeightInfo::holder().saturating_mul(limit.into()));
    let after = desk.work.place.take();
    let (found, next) = T::Accounts::holders(
        desk.market,
        desk.work.lost.opposite(),
        limit,
        after.as_ref().map(|place| place.as_slice()),
    );
    let is_new = |index: &AccountIndex| closed.iter().all(|(other, _)| other != index);
    winners.extend(
        found
            .into_iter()
            .filter(is_new)
            .filter_map(|index| look::<T>(desk, index, Cash::ZERO)),
    );
    take(desk, winners)?;
    if !deficit(&desk.fund.collateral).is_positive() {
        return Ok(());
    }
    match next.and_then(|place| HolderPlace::try_from(place).ok()) {
        Some(place) => desk.work.place = Some(place),
        None => give_up(desk)?,
    }
    Ok(())
}

/// How many holders what is left of the budget pays for.
fn affordable<T: Config>(meter: &WeightMeter) -> u32 {
    let fitting = meter
        .remaining()
        .ref_time()
        .checked_div(T::WeightInfo::holder().ref_time().max(1))
        .unwrap_or_default();
    MAX_HOLDERS.min(u32::try_from(fitting).unwrap_or(MAX_HOLDERS))
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
