//! Booking a matching: all of a market or nothing. SPEC 6.7.

use alloc::{collections::BTreeMap, vec::Vec};
use caisson_primitives::{
    trading::{
        AccountIndex, AccountRole, Cash, Contract, Fill, FillKind, LotPrice, MarketId,
        MarketPrices, TradingAccounts,
    },
    Moment,
};
use frame_support::storage::with_storage_layer;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    desk::{AccountOf, OrderList},
    floor::Met,
    pallet::{Book, Config, Event, OrdersOf, Pallet},
    types::sums,
};

/// What is to be booked.
pub struct Batch<'a> {
    /// The market.
    pub market: MarketId,
    /// What it is.
    pub contract: &'a Contract,
    /// Its prices.
    pub prices: &'a MarketPrices,
    /// The time of the block.
    pub now: Moment,
    /// The clearing price; of no meaning when nothing trades.
    pub price: LotPrice,
}

/// Why nothing was booked: the account that could not be, or none if it was the market.
pub struct Failure {
    /// The account.
    pub account: Option<AccountIndex>,
    /// What its booking said.
    pub error: DispatchError,
}

impl From<DispatchError> for Failure {
    fn from(error: DispatchError) -> Self {
        Self {
            account: None,
            error,
        }
    }
}

/// What a matching moved besides accounts.
#[derive(Default)]
pub(crate) struct Totals {
    fees: Cash,
    long_lots: i64,
}

impl Totals {
    fn add(&mut self, fee: &Cash, long_lots: i64) -> DispatchResult {
        self.fees = self.fees.add(fee).map_err(|_| overflow())?;
        self.long_lots = self.long_lots.checked_add(long_lots).ok_or_else(overflow)?;
        Ok(())
    }
}

fn overflow() -> DispatchError {
    DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow)
}

/// What the orders of one account came to.
#[derive(Default)]
pub(crate) struct Tally {
    /// Whether anything traded.
    pub(crate) traded: bool,
    /// Whether an order that the chain entered for it traded.
    pub(crate) liquidated: bool,
    /// What it is due for that.
    pub(crate) penalty: Cash,
}

/// Books the fills and removals of a matching. As many lots are bought as sold, so one account's fill can't be left out:
/// either all is booked or nothing, and then the account that failed is named.
pub fn commit<T: Config>(
    batch: &Batch,
    orders: &[Met],
    loaded: &mut BTreeMap<AccountIndex, AccountOf<T>>,
) -> Result<(), Failure> {
    let mut by_account: BTreeMap<AccountIndex, Vec<&Met>> = BTreeMap::new();
    for met in orders {
        if met.filled > 0 || met.removed.is_some() {
            by_account.entry(met.key.account).or_default().push(met);
        }
    }
    if by_account.is_empty() {
        return Ok(());
    }
    with_storage_layer(|| {
        let mut totals = Totals::default();
        for (index, orders) in &by_account {
            commit_account::<T>(batch, *index, loaded.remove(index), orders, &mut totals).map_err(
                |error| Failure {
                    account: Some(*index),
                    error,
                },
            )?;
        }
        if orders.iter().any(|met| met.filled > 0) {
            T::Accounts::conclude(batch.market, batch.contract, totals.fees, totals.long_lots)?;
        }
        Ok(())
    })
}

pub(crate) fn commit_account<T: Config>(
    batch: &Batch,
    index: AccountIndex,
    loaded: Option<AccountOf<T>>,
    orders: &[&Met],
    totals: &mut Totals,
) -> DispatchResult {
    let mut account = loaded
        .or_else(|| T::Accounts::load(index))
        .ok_or(DispatchError::Corruption)?;
    let mut list = OrdersOf::<T>::get(index, batch.market);
    let mut tally = Tally::default();
    for met in orders {
        commit_order::<T>(batch, &mut account, &mut list, met, &mut tally, totals)?;
    }
    close::<T>(batch, index, account, list, &tally)
}

/// Stores an account and its list after its orders were booked.
pub(crate) fn close<T: Config>(
    batch: &Batch,
    index: AccountIndex,
    mut account: AccountOf<T>,
    list: OrderList<T>,
    tally: &Tally,
) -> DispatchResult {
    if !account.set_open(batch.market, sums(&list)) {
        return Err(DispatchError::Corruption);
    }
    if list.is_empty() {
        OrdersOf::<T>::remove(index, batch.market);
    } else {
        OrdersOf::<T>::insert(index, batch.market, list);
    }
    if tally.liquidated {
        settle_liquidated::<T>(batch, index, account, tally.penalty)
    } else if tally.traded {
        T::Accounts::settle(index, account)
    } else {
        T::Accounts::store(index, &account);
        Ok(())
    }
}

/// SPEC 14.5: the penalty is bounded by what equity there is, which margin knows.
fn settle_liquidated<T: Config>(
    batch: &Batch,
    index: AccountIndex,
    account: AccountOf<T>,
    due: Cash,
) -> DispatchResult {
    let penalty = T::Accounts::settle_liquidated(index, account, due)?;
    if due.is_positive() {
        Pallet::<T>::deposit_event(Event::Penalised {
            account: index,
            market: batch.market,
            penalty,
        });
    }
    Ok(())
}

/// The lots that an order traded, by who wanted them. SPEC 14.5.
///
/// An order that rested gets no rebate for lots that it traded with a forced order, because nobody pays a fee for them.
fn parts(met: &Met, role: AccountRole) -> [(u64, FillKind); 2] {
    if met.order.flags.forced() {
        let kind = match role {
            AccountRole::Trader => FillKind::Liquidation,
            // The chain doesn't fine itself.
            AccountRole::Fund => FillKind::AtMark,
        };
        return [(met.filled, kind), (0, kind)];
    }
    let free = if met.maker {
        met.with_forced.min(met.filled)
    } else {
        0
    };
    [
        (
            met.filled.saturating_sub(free),
            FillKind::of_order(met.maker),
        ),
        (free, FillKind::AtMark),
    ]
}

/// Books the fill of an order in memory, and says so.
fn fill<T: Config>(
    batch: &Batch,
    account: &mut AccountOf<T>,
    met: &Met,
    remaining: u64,
    tally: &mut Tally,
    totals: &mut Totals,
) -> DispatchResult {
    let (mut fee, mut realised) = (Cash::ZERO, Cash::ZERO);
    for (lots, kind) in parts(met, account.role) {
        if lots == 0 {
            continue;
        }
        let fill = Fill {
            market: batch.market,
            side: met.key.side,
            lots,
            price: batch.price,
            kind,
        };
        let settled = T::Accounts::fill(account, batch.contract, batch.prices, batch.now, &fill)?;
        totals.add(&settled.fee, settled.long_lots)?;
        let add = |sum: &Cash, one: &Cash| sum.add(one).map_err(|_| overflow());
        fee = add(&fee, &settled.fee)?;
        realised = add(&realised, &settled.realised)?;
        tally.penalty = add(&tally.penalty, &settled.penalty)?;
        tally.liquidated |= kind == FillKind::Liquidation;
    }
    tally.traded = true;
    Pallet::<T>::deposit_event(Event::Filled {
        account: met.key.account,
        market: batch.market,
        number: met.key.number,
        side: met.key.side,
        lots: met.filled,
        price: batch.price,
        fee,
        realised,
        remaining,
        maker: met.maker,
        forced: met.order.flags.forced(),
    });
    Ok(())
}

fn commit_order<T: Config>(
    batch: &Batch,
    account: &mut AccountOf<T>,
    list: &mut OrderList<T>,
    met: &Met,
    tally: &mut Tally,
    totals: &mut Totals,
) -> DispatchResult {
    let corrupted = DispatchError::Corruption;
    let remaining = met.order.lots.checked_sub(met.filled).ok_or(corrupted)?;
    let place = list
        .iter()
        .position(|listed| listed.number == met.key.number)
        .ok_or(corrupted)?;
    if met.filled > 0 {
        fill::<T>(batch, account, met, remaining, tally, totals)?;
    }
    if remaining > 0 && met.removed.is_none() {
        list.get_mut(place).ok_or(corrupted)?.lots = remaining;
        let mut order = met.order;
        order.lots = remaining;
        Book::<T>::insert(met.key, order);
        return Ok(());
    }
    list.remove(place);
    Book::<T>::remove(met.key);
    account.orders = account.orders.checked_sub(1).ok_or(corrupted)?;
    if let (Some(reason), true) = (met.removed, remaining > 0) {
        Pallet::<T>::deposit_event(Event::Cancelled {
            account: met.key.account,
            market: batch.market,
            number: met.key.number,
            reason,
        });
    }
    Ok(())
}
