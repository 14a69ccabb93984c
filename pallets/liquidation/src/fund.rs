//! The work of a market's fund in a block: money, capacity, deficit, unwinding. SPEC 6.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    AccountIndex, Cash, CompartmentId, Contract, Cover, ForcedOrders, InsuranceFunds,
    LiquidationAccounts, Lots, MarketId, MarketPrices, Markets, SafetySignals, Side,
    TradingAccounts, MAX_PLEDGES, MAX_POSITIONS,
};
use caisson_risk::waterfall;
use frame_support::{
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    deleveraging, haircuts,
    pallet::{Config, Cursor, Error, Event, Pallet, TotalsOf, Work, Working},
    takeover::read,
    types::FundWork,
    unwinding,
    visit::{deficit, AccountOf},
    weights::WeightInfo,
};

/// A fund at work, with all that its steps share.
pub struct Desk<T: Config> {
    /// The market.
    pub market: MarketId,
    /// What it is.
    pub contract: Contract,
    /// Its prices.
    pub prices: MarketPrices,
    /// The inventory, changed in memory and stored at the end.
    pub fund: AccountOf<T>,
    /// What there is to do.
    pub work: FundWork,
    /// Whose lots were closed against the inventory in this block, and the profit that this made of paper: without it those
    /// who were closed first would pay no haircut.
    pub closed: Vec<(AccountIndex, Cash)>,
}

impl<T: Config> Desk<T> {
    /// The side of the inventory, if it holds lots.
    pub fn side(&self) -> Option<Side> {
        let lots = self.fund.lots(self.market);
        (lots.0 != 0).then(|| Side::of(&lots.widen()))
    }

    /// How many lots it holds.
    pub fn size(&self) -> u64 {
        self.fund.lots(self.market).0.unsigned_abs()
    }
}

/// Has the fund of a market looked at from now on.
pub fn put_to_work<T: Config>(
    market: MarketId,
    account: AccountIndex,
    lost: Side,
) -> DispatchResult {
    Working::<T>::try_mutate(|working| {
        if let Err(place) = working.binary_search(&market) {
            working
                .try_insert(place, market)
                .map_err(|_| Error::<T>::TooManyMarkets)?;
        }
        Ok::<_, DispatchError>(())
    })?;
    Work::<T>::mutate(market, |work| match work {
        Some(work) => {
            // A deficit is paid by those against whom it arose.
            if work.deficit.0 == 0 {
                work.lost = lost;
            }
        }
        None => {
            *work = Some(FundWork {
                account,
                lost,
                deficit: Cash::ZERO,
                place: None,
                given_up: false,
            });
        }
    });
    Ok(())
}

/// Lets each fund with work do its work, another one first in each block, as far as the budget goes.
pub fn run<T: Config>(working: &[MarketId], meter: &mut WeightMeter) {
    let first = Cursor::<T>::get();
    let mut markets = working.to_vec();
    let start = markets.partition_point(|market| *market < first);
    let count = markets.len();
    markets.rotate_left(start.checked_rem(count.max(1)).unwrap_or_default());
    for market in markets {
        // One that could see to no holder is not begun: it is first in the next block.
        if !meter.can_consume(least::<T>()) {
            Cursor::<T>::put(market);
            return;
        }
        meter.consume(weight::<T>());
        let result = with_storage_layer::<_, DispatchError, _>(|| work::<T>(market, meter));
        if let Err(error) = result {
            log::error!(target: crate::LOG_TARGET, "the fund of market {market}: {error:?}");
            Pallet::<T>::deposit_event(Event::FundFailed { market, error });
        }
    }
}

/// The work of a fund without its counterparties: it asks for cover twice, and offers one slice.
pub fn weight<T: Config>() -> Weight {
    T::WeightInfo::fund(0, 0)
        .saturating_add(T::Funds::cover_weight().saturating_mul(2))
        .saturating_add(T::WeightInfo::unwind())
        .saturating_add(T::Orders::force_weight())
}

/// What looking at a holder of so many legs costs, closing its lots and cutting its profit.
pub fn holder<T: Config>(legs: u32) -> Weight {
    T::WeightInfo::fund(1, legs.saturating_sub(1)).saturating_sub(T::WeightInfo::fund(0, 0))
}

/// The same for the largest.
pub fn largest_holder<T: Config>() -> Weight {
    holder::<T>(MAX_POSITIONS.saturating_add(MAX_PLEDGES))
}

/// How many legs an account has: positions, and what it pledges.
pub fn legs<T: Config>(account: &AccountOf<T>) -> u32 {
    let legs = account
        .positions
        .len()
        .saturating_add(account.pledges.len());
    u32::try_from(legs).unwrap_or(u32::MAX)
}

/// The least with which a fund gets on: it can deleverage against one holder, and cut what that made of its profit.
pub fn least<T: Config>() -> Weight {
    weight::<T>().saturating_add(largest_holder::<T>())
}

fn work<T: Config>(market: MarketId, meter: &mut WeightMeter) -> DispatchResult {
    let work = Work::<T>::get(market).ok_or(Error::<T>::NoInventory)?;
    let fund = T::Accounts::load(work.account).ok_or(Error::<T>::NoInventory)?;
    let contract = T::Markets::contract(market).ok_or(Error::<T>::NoSuchMarket)?;
    if T::Markets::prices(market).is_none() {
        // It ended: no positions are left, and money is all that there is to see to.
        return finish_ended::<T>(market, contract, fund, work);
    }
    let (contract, prices) = read::<T>(market)?;
    let mut desk = Desk::<T> {
        market,
        contract,
        prices,
        fund,
        work,
        closed: Vec::new(),
    };
    settle_money(&mut desk)?;
    if desk.contract.phase.takes_orders() {
        let excess = excess(&desk)?;
        if excess > 0 {
            deleveraging::run(&mut desk, excess, meter)?;
            // Lots that were closed at another price than they were taken over at made a profit or a loss.
            settle_money(&mut desk)?;
        }
        let open = deficit(&desk.fund.collateral);
        if open.is_positive() {
            // Said before it is cut from profits: a loss that nobody covered gates withdrawals, however soon it is paid.
            let compartment = desk.contract.compartment;
            note_deficit::<T>(market, compartment, &mut desk.work, open);
            haircuts::run(&mut desk, meter)?;
        }
    }
    store(&desk)?;
    // After the record is stored: entering an order changes it.
    if desk.contract.phase.takes_orders() && !desk.work.given_up {
        unwinding::run(&desk)?;
    }
    Ok(())
}

/// A market that has ended: only money is left.
fn finish_ended<T: Config>(
    market: MarketId,
    contract: Contract,
    mut fund: AccountOf<T>,
    mut work: FundWork,
) -> DispatchResult {
    bank::<T>(market, contract.compartment, &mut fund)?;
    let open = deficit(&fund.collateral);
    note_deficit::<T>(market, contract.compartment, &mut work, open);
    T::Accounts::settle(work.account, fund)?;
    match open.is_positive() {
        true => Work::<T>::insert(market, work),
        false => retire::<T>(market),
    }
    Ok(())
}

/// SPEC 6.1: what the inventory earned goes to the insurance fund; what it lost is paid for, as far as the limits go.
fn settle_money<T: Config>(desk: &mut Desk<T>) -> DispatchResult {
    bank::<T>(desk.market, desk.contract.compartment, &mut desk.fund)
}

fn bank<T: Config>(
    market: MarketId,
    compartment: CompartmentId,
    fund: &mut AccountOf<T>,
) -> DispatchResult {
    if fund.collateral.is_positive() {
        let income = core::mem::replace(&mut fund.collateral, Cash::ZERO);
        return T::Funds::income(compartment, market, income);
    }
    let loss = deficit(&fund.collateral);
    if !loss.is_positive() {
        return Ok(());
    }
    let Cover {
        insurance,
        backers,
        treasury,
    } = T::Funds::cover(compartment, market, loss)?;
    let paid = insurance
        .add(&backers)
        .and_then(|paid| paid.add(&treasury))
        .map_err(Error::<T>::from)?;
    fund.collateral = fund.collateral.add(&paid).map_err(Error::<T>::from)?;
    TotalsOf::<T>::mutate(market, |totals| {
        totals.covered = Cash(totals.covered.0.saturating_add(paid.0));
    });
    Ok(())
}

/// What the inventory made at mark.
fn profit<T: Config>(desk: &Desk<T>) -> Result<Cash, DispatchError> {
    let standing = T::Accounts::standing(&desk.fund)?;
    let leg = standing.legs.iter().find(|leg| leg.market == desk.market);
    Ok(leg.map_or(Cash::ZERO, |leg| leg.profit))
}

/// SPEC 6.2: how many lots the inventory holds beyond what the fund may.
fn excess<T: Config>(desk: &Desk<T>) -> Result<u64, DispatchError> {
    let size = desk.size();
    if size == 0 {
        return Ok(0);
    }
    let mut capacity = T::Funds::capacity(desk.contract.compartment, desk.market, Cash::ZERO);
    // What the inventory has lost at mark is as good as drawn: else winners could leave before it is realised.
    let lost = deficit(&profit(desk)?);
    capacity.drawdown_left = capacity
        .drawdown_left
        .sub(&lost)
        .map_err(Error::<T>::from)?
        .positive_part();
    let one = caisson_primitives::trading::LotPrice(1);
    // What a lot may lose before it is sold: the margin that the market asks for just that.
    let stress = desk
        .prices
        .maintenance
        .first()
        .map_or(one, |margin| margin.larger(&one));
    let allowed = waterfall::capacity_lots(
        &Lots(i128::from(size)),
        &desk.prices.mark,
        &stress,
        &capacity,
    )
    .map_err(Error::<T>::from)?;
    let allowed = u64::try_from(allowed.0).unwrap_or_default();
    Ok(size.saturating_sub(allowed))
}

fn store<T: Config>(desk: &Desk<T>) -> DispatchResult {
    let market = desk.market;
    let mut work = desk.work.clone();
    let open = deficit(&desk.fund.collateral);
    let is_idle = desk.size() == 0 && desk.fund.collateral.0 == 0;
    note_deficit::<T>(market, desk.contract.compartment, &mut work, open);
    T::Accounts::settle(work.account, desk.fund.clone())?;
    match is_idle {
        true => retire::<T>(market),
        false => Work::<T>::insert(market, work),
    }
    Ok(())
}

/// Says when the open deficit changed. The next one begins its haircuts at the front.
fn note_deficit<T: Config>(
    market: MarketId,
    compartment: CompartmentId,
    work: &mut FundWork,
    open: Cash,
) {
    if work.deficit == open {
        return;
    }
    Pallet::<T>::deposit_event(Event::DeficitChanged {
        market,
        before: work.deficit,
        after: open,
    });
    work.deficit = open;
    if open.0 == 0 {
        work.place = None;
    }
    T::Signals::deficit(compartment, market, open);
}

fn retire<T: Config>(market: MarketId) {
    Work::<T>::remove(market);
    Working::<T>::mutate(|working| working.retain(|other| *other != market));
}
