//! The fund of a market buys what the engine offers of an account, at the engine's limit. SPEC 4.6.
//!
//! No more than what restores the account leaves it, and at the very price at which a stranger could have had it.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        AccountIndex, Cash, Fill, FillKind, LiquidationAccounts, SafetySignals, Standing,
        TradingAccounts,
    },
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fund,
    pallet::{Config, Error, Event, Pallet, TotalsOf},
    plan::Planned,
    takeover::read,
    visit::AccountOf,
};

/// Fills the orders against the funds of their markets. The penalty is that of a fill in a call.
pub fn buy<T: Config>(
    index: AccountIndex,
    standing: &Standing,
    attempts: u8,
    orders: &[&Planned],
) -> DispatchResult {
    let mut account = T::Accounts::load(index).ok_or(Error::<T>::NoSuchAccount)?;
    let mut penalty = Cash::ZERO;
    for order in orders {
        let due = fill::<T>(&mut account, order)?;
        penalty = penalty.add(&due).map_err(Error::<T>::from)?;
        T::Signals::liquidated(order.market, order.notional);
        Pallet::<T>::deposit_event(Event::Bought {
            account: index,
            market: order.market,
            side: order.side,
            lots: order.lots,
            price: order.limit,
            attempt: attempts,
            equity: standing.equity,
            slack: standing.slack,
        });
    }
    T::Accounts::settle_liquidated(index, account, penalty)?;
    Ok(())
}

/// Fills one order. Returns the penalty that is due.
fn fill<T: Config>(account: &mut AccountOf<T>, order: &Planned) -> Result<Cash, DispatchError> {
    let market = order.market;
    let (contract, prices) = read::<T>(market)?;
    let inventory = T::Accounts::inventory(market)?;
    let mut fund = T::Accounts::load(inventory).ok_or(Error::<T>::NoInventory)?;
    let now = T::Time::now_ms();
    let fill = |side, kind| Fill {
        market,
        side,
        lots: order.lots,
        price: order.limit,
        kind,
    };
    let position = order.side.opposite();
    let gave = T::Accounts::fill(
        account,
        &contract,
        &prices,
        now,
        &fill(order.side, FillKind::Liquidation),
    )?;
    let took = T::Accounts::fill(
        &mut fund,
        &contract,
        &prices,
        now,
        &fill(position, FillKind::AtMark),
    )?;
    let long_lots = gave
        .long_lots
        .checked_add(took.long_lots)
        .ok_or(Error::<T>::Arithmetic)?;
    T::Accounts::settle(inventory, fund)?;
    fund::put_to_work::<T>(market, inventory, position)?;
    T::Accounts::conclude(market, &contract, Cash::ZERO, long_lots)?;
    TotalsOf::<T>::mutate(market, |totals| {
        totals.bought = totals.bought.saturating_add(order.lots);
    });
    Ok(gave.penalty)
}
