//! The fund of a market takes an account over, at mark. SPEC 5.
//!
//! ```text
//! each position        moves to the inventory of its market at mark: nobody's equity changes
//! other collateral     goes to what the compartment seized
//! the money, E or less goes to the inventory of the account's riskiest market; negative money is a loss there
//! ```

use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        AccountIndex, Cash, CompartmentId, Contract, Fill, FillKind, Leg, LiquidationAccounts,
        MarketId, MarketPrices, Markets, SafetySignals, Side, Standing, TradingAccounts,
    },
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fund,
    pallet::{Config, Error, Event, Pallet, TotalsOf},
    types::Progress,
    visit::{self, deficit, AccountOf},
};

/// Takes the account over. Says whether it is done: `false` when there is no market whose fund could.
pub fn take_over<T: Config>(
    index: AccountIndex,
    mut account: AccountOf<T>,
    standing: &Standing,
    progress: Option<&Progress>,
) -> Result<bool, DispatchError> {
    let Some((market, side)) = responsible::<T>(account.compartment, standing, progress) else {
        return Ok(false);
    };
    for leg in &standing.legs {
        move_position::<T>(&mut account, leg)?;
    }
    let seized = match account.pledges.is_empty() {
        true => Cash::ZERO,
        false => T::Accounts::seize_pledges(&mut account)?,
    };
    let money = core::mem::replace(&mut account.collateral, Cash::ZERO);
    let inventory = T::Accounts::inventory(market)?;
    let mut fund = T::Accounts::load(inventory).ok_or(Error::<T>::NoInventory)?;
    fund.collateral = fund.collateral.add(&money).map_err(Error::<T>::from)?;
    T::Accounts::settle(inventory, fund)?;
    fund::put_to_work::<T>(market, inventory, side)?;

    let unsafe_since = account.unsafe_since;
    // Noted first: storing the account says that it is restored, and the time counts for this market.
    visit::note_attempt::<T>(index, market, Cash::ZERO);
    T::Accounts::settle(index, account)?;
    let loss = deficit(&standing.equity);
    TotalsOf::<T>::mutate(market, |totals| {
        totals.taken_over = totals.taken_over.saturating_add(1);
        totals.losses = Cash(totals.losses.0.saturating_add(loss.0));
    });
    for leg in &standing.legs {
        T::Signals::liquidated(leg.market, leg.notional);
    }
    Pallet::<T>::deposit_event(Event::TakenOver {
        account: index,
        market,
        positions: u32::try_from(standing.legs.len()).unwrap_or(u32::MAX),
        equity: standing.equity,
        maintenance: standing.maintenance,
        seized,
        loss,
        unsafe_since,
    });
    Ok(true)
}

/// The market whose fund answers for an account, and the side on which the account lost: its riskiest position; without
/// positions, the market in which it was liquidated last, or else the first live market of its compartment.
fn responsible<T: Config>(
    compartment: CompartmentId,
    standing: &Standing,
    progress: Option<&Progress>,
) -> Option<(MarketId, Side)> {
    let riskiest = standing
        .legs
        .iter()
        .max_by_key(|leg| (leg.maintenance.0, core::cmp::Reverse(leg.market)));
    if let Some(leg) = riskiest {
        return Some((leg.market, leg.side()));
    }
    let is_here = |market: &MarketId| {
        T::Markets::contract(*market).is_some_and(|contract| contract.compartment == compartment)
            && T::Markets::prices(*market).is_some()
    };
    progress
        .map(|progress| progress.market)
        .filter(is_here)
        .or_else(|| T::Markets::live().into_iter().find(is_here))
        .map(|market| (market, Side::Long))
}

/// Moves one position to its market's inventory.
fn move_position<T: Config>(account: &mut AccountOf<T>, leg: &Leg) -> DispatchResult {
    let (contract, prices) = read::<T>(leg.market)?;
    let inventory = T::Accounts::inventory(leg.market)?;
    let mut fund = T::Accounts::load(inventory).ok_or(Error::<T>::NoInventory)?;
    let lots = leg.lots.0.unsigned_abs();
    let long_lots = trade_at_mark::<T>(
        (leg.market, &contract, &prices),
        account,
        &mut fund,
        leg.side(),
        lots,
    )?;
    T::Accounts::settle(inventory, fund)?;
    fund::put_to_work::<T>(leg.market, inventory, leg.side())?;
    T::Accounts::conclude(leg.market, &contract, Cash::ZERO, long_lots)
}

/// A market's contract and prices.
pub fn read<T: Config>(market: MarketId) -> Result<(Contract, MarketPrices), DispatchError> {
    let contract = T::Markets::contract(market).ok_or(Error::<T>::NoSuchMarket)?;
    let prices = T::Markets::prices(market).ok_or(Error::<T>::NoPrice)?;
    Ok((contract, prices))
}

/// `from` gives up `lots` of a position on `side` at mark and `to` takes them. Both stay in memory. Returns by how much the
/// lots held long changed in the market.
pub fn trade_at_mark<T: Config>(
    (market, contract, prices): (MarketId, &Contract, &MarketPrices),
    from: &mut AccountOf<T>,
    to: &mut AccountOf<T>,
    side: Side,
    lots: u64,
) -> Result<i64, DispatchError> {
    let fill = |side| Fill {
        market,
        side,
        lots,
        price: prices.mark,
        kind: FillKind::AtMark,
    };
    let now = T::Time::now_ms();
    let gave = T::Accounts::fill(from, contract, prices, now, &fill(side.opposite()))?;
    let took = T::Accounts::fill(to, contract, prices, now, &fill(side))?;
    gave.long_lots
        .checked_add(took.long_lots)
        .ok_or_else(|| Error::<T>::Arithmetic.into())
}
