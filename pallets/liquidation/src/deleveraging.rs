//! Closing what the fund may not hold against the other side, at mark. SPEC 6.3.
//!
//! The most leveraged go first, down to one common leverage. Everything happens at mark, so nobody's equity changes by it.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, Cash, LiquidationAccounts, Lots, Side, TradingAccounts,
};
use caisson_risk::{
    liquidation::attributed_equity,
    waterfall::{water_fill, Claim},
};
use frame_support::weights::WeightMeter;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    fund::{self, Desk},
    pallet::{Config, Error, Event, Pallet, TotalsOf},
    takeover::trade_at_mark,
    types::MAX_HOLDERS,
    visit::AccountOf,
};

/// Someone on the other side.
struct Holder<T: Config> {
    index: AccountIndex,
    account: AccountOf<T>,
    claim: Claim<i128>,
}

/// Closes up to `excess` lots of the inventory, as far as the budget goes: what is left is the first thing in the next
/// block. Remembers whose lots were closed, and at which profit: a haircut may still reach it in this block.
pub fn run<T: Config>(desk: &mut Desk<T>, excess: u64, meter: &mut WeightMeter) -> DispatchResult {
    let Some(side) = desk.side() else {
        return Ok(());
    };
    let mut holders = gather::<T>(desk, side.opposite(), meter)?;
    holders.sort_by(|one, other| Claim::by_leverage_descending(&one.claim, &other.claim));
    let mut claims: Vec<Claim<i128>> = holders.iter().map(|holder| holder.claim).collect();
    let offered: i128 = claims
        .iter()
        .fold(0, |sum, claim| claim.lots.0.saturating_add(sum));
    let quantity = Lots(i128::from(excess).min(offered));
    water_fill(&mut claims, &quantity).map_err(Error::<T>::from)?;

    let mut long_lots = 0i64;
    let mut closed = 0u64;
    for (holder, claim) in holders.into_iter().zip(claims) {
        let lots = u64::try_from(claim.reduction.0).map_err(|_| Error::<T>::Arithmetic)?;
        if lots == 0 {
            continue;
        }
        long_lots = long_lots
            .checked_add(close::<T>(desk, side, holder, lots)?)
            .ok_or(Error::<T>::Arithmetic)?;
        closed = closed.saturating_add(lots);
    }
    if closed > 0 {
        T::Accounts::conclude(desk.market, &desk.contract, Cash::ZERO, long_lots)?;
        TotalsOf::<T>::mutate(desk.market, |totals| {
            totals.deleveraged = totals.deleveraged.saturating_add(closed);
        });
    }
    Ok(())
}

/// Those on a side with the least slack for their size, with the equity behind their position.
fn gather<T: Config>(
    desk: &Desk<T>,
    side: Side,
    meter: &mut WeightMeter,
) -> Result<Vec<Holder<T>>, DispatchError> {
    let (found, _) = T::Accounts::holders(desk.market, side, MAX_HOLDERS, None);
    let mut holders = Vec::new();
    for index in found {
        if !meter.can_consume(fund::largest_holder::<T>()) {
            break;
        }
        let Some(account) = T::Accounts::load(index) else {
            continue;
        };
        // With the cut of the profit that it makes by it.
        meter.consume(fund::holder::<T>(fund::legs::<T>(&account)));
        // One that can't be assessed is passed over: it stops nobody.
        if let Some(holder) = look::<T>(desk, index, account) {
            holders.push(holder);
        }
    }
    Ok(holders)
}

fn look<T: Config>(
    desk: &Desk<T>,
    index: AccountIndex,
    account: AccountOf<T>,
) -> Option<Holder<T>> {
    // Who is unsafe is liquidated; his position is closed that way.
    if account.unsafe_since.is_some() {
        return None;
    }
    let standing = T::Accounts::standing(&account).ok()?;
    let leg = standing.legs.iter().find(|leg| leg.market == desk.market)?;
    let maintenance = standing.maintenance.larger(&Cash(1));
    let equity = attributed_equity(&standing.equity, &leg.maintenance, &maintenance).ok()?;
    let claim = Claim {
        lots: leg.lots.widen().magnitude().ok()?,
        // A position with a maintenance margin of nothing has nothing behind it, which can't be divided by.
        equity: equity.larger(&Cash(1)),
        reduction: Lots(0),
    };
    Some(Holder {
        index,
        account,
        claim,
    })
}

fn close<T: Config>(
    desk: &mut Desk<T>,
    side: Side,
    holder: Holder<T>,
    lots: u64,
) -> Result<i64, DispatchError> {
    let Holder {
        index, mut account, ..
    } = holder;
    let before = account.collateral;
    let long_lots = trade_at_mark::<T>(
        (desk.market, &desk.contract, &desk.prices),
        &mut desk.fund,
        &mut account,
        side,
        lots,
    )?;
    let left = account.lots(desk.market);
    let profit = account.collateral.sub(&before).map_err(Error::<T>::from)?;
    T::Accounts::settle(index, account)?;
    desk.closed.push((index, profit));
    Pallet::<T>::deposit_event(Event::Deleveraged {
        account: index,
        market: desk.market,
        side: side.opposite(),
        lots,
        left: left.0.unsigned_abs(),
        price: desk.prices.mark,
    });
    Ok(long_lots)
}
