//! The floor that a call is matched on: orders from the book, what their accounts may trade, and the work meter.
//! SPEC 6.2 to 6.5.
//!
//! Nothing is written here, so a matching can be thrown away: for an indicative price, or when the guard says that the
//! call goes on.

use alloc::{collections::BTreeMap, vec::Vec};
use caisson_primitives::{
    trading::{
        AccountIndex, AccountRole, Cash, Contract, Headroom, Level, Lots, MarketId, MarketPrices,
        OpenOrders, Permit, Requirement, Side, TradingAccounts, MAX_POSITIONS,
    },
    BlockNumber, Moment,
};
use caisson_risk::{Res, RiskError};
use frame_support::weights::{Weight, WeightMeter};

use crate::{
    desk::AccountOf,
    keys::{BookKey, Walk},
    pallet::{Book, Config},
    placement::reducible,
    summary,
    types::{CancelReason, Order},
    uncross::{Floor, Head, Next, Objection},
    weights::{self, WeightInfo},
};

/// An order that was met, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Met {
    /// Its place in the book.
    pub key: BookKey,
    /// As it stands there.
    pub order: Order,
    /// The lots it trades.
    pub filled: u64,
    /// Those of them that it trades with orders which the chain entered.
    pub with_forced: u64,
    /// Whether it rested before the call.
    pub maker: bool,
    /// Why it is removed, if it is.
    pub removed: Option<CancelReason>,
}

/// What an account may do in this clearing.
enum Standing {
    /// Its orders are dropped.
    Out(CancelReason),
    /// All its orders that margin counts are fine, whatever subset fills: see `caisson_primitives::trading::health`.
    /// Its initial health is at least so much.
    Healthy(Cash),
    /// It may only reduce, and not at a worse price than the margin that this frees.
    Short,
}

/// An account that was met, with its position as what was matched so far leaves it.
pub struct Trader<T: Config> {
    /// As it is stored.
    pub account: Option<AccountOf<T>>,
    lots: i128,
    open: OpenOrders,
    standing: Standing,
    /// Whether its orders that the chain entered may trade, or why they go.
    forced: Result<(), CancelReason>,
    requirement: Option<Requirement>,
}

/// What a matching starts from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The market.
    pub market: MarketId,
    /// What it is.
    pub contract: &'a Contract,
    /// Its prices.
    pub prices: &'a MarketPrices,
    /// What the circuit breaker lets through.
    pub level: Level,
    /// The block in which the call began.
    pub since: BlockNumber,
    /// The time of the block.
    pub now: Moment,
}

/// The floor of one market.
pub struct Pit<'a, T: Config> {
    scene: Scene<'a>,
    bids: Walk<BookKey>,
    asks: Walk<BookKey>,
    /// The orders that were met, in that order.
    pub orders: Vec<Met>,
    /// The accounts of those that could trade.
    pub traders: BTreeMap<AccountIndex, Trader<T>>,
    /// Whether it is paid for that the market is concluded: with its first fill.
    concludes: bool,
    meter: &'a mut WeightMeter,
}

impl<'a, T: Config> Pit<'a, T> {
    /// The floor of a call.
    pub fn new(scene: Scene<'a>, meter: &'a mut WeightMeter) -> Self {
        Self {
            scene,
            bids: summary::side_walk::<T>(scene.market, Side::Long),
            asks: summary::side_walk::<T>(scene.market, Side::Short),
            orders: Vec::new(),
            traders: BTreeMap::new(),
            concludes: false,
            meter,
        }
    }

    fn pay(&mut self, weight: Weight) -> Result<(), Objection> {
        self.meter
            .try_consume(weight)
            .map_err(|_| Objection::OutOfBudget)
    }

    /// Pays for the first fill of an order, and with the first of all for concluding the market.
    fn pay_fill(&mut self, is_forced: bool) -> Result<(), Objection> {
        let fill = weights::filling::<T>(is_forced);
        if self.concludes {
            return self.pay(fill);
        }
        self.pay(fill.saturating_add(weights::each(T::WeightInfo::conclude)))?;
        self.concludes = true;
        Ok(())
    }

    fn met(&self, side: Side, order: usize) -> Result<Met, Objection> {
        self.orders
            .get(order)
            .cloned()
            .ok_or(Objection::Remove(side, CancelReason::Failed))
    }

    /// The trader of an order, assessed when it is met first.
    fn trader(&mut self, index: AccountIndex) -> Result<&mut Trader<T>, Objection> {
        if !self.traders.contains_key(&index) {
            // Room for the most there can be, before it is known how much it is.
            if !self
                .meter
                .can_consume(T::WeightInfo::account_met(MAX_POSITIONS))
            {
                return Err(Objection::OutOfBudget);
            }
            let trader = self.assess(index);
            // A fill may be in a market that is new to it.
            let markets = trader.markets().saturating_add(1).min(MAX_POSITIONS);
            self.pay(T::WeightInfo::account_met(markets))?;
            self.traders.insert(index, trader);
        }
        self.traders.get_mut(&index).ok_or(Objection::OutOfBudget)
    }

    /// An account as the clearing finds it.
    pub(crate) fn assess(&self, index: AccountIndex) -> Trader<T> {
        let Some(account) = T::Accounts::load(index) else {
            return Trader {
                account: None,
                lots: 0,
                open: OpenOrders::default(),
                standing: Standing::Out(CancelReason::Failed),
                forced: Err(CancelReason::Failed),
                requirement: None,
            };
        };
        let (standing, requirement) = self.stands(&account);
        Trader {
            lots: i128::from(account.lots(self.scene.market).0),
            open: account.open(self.scene.market),
            standing,
            forced: match account.role {
                AccountRole::Trader if account.unsafe_since.is_none() => {
                    Err(CancelReason::Restored)
                }
                AccountRole::Trader | AccountRole::Fund => Ok(()),
            },
            requirement,
            account: Some(account),
        }
    }

    /// How it stands for the orders of its owner.
    fn stands(&self, account: &AccountOf<T>) -> (Standing, Option<Requirement>) {
        let scene = &self.scene;
        if account.unsafe_since.is_some() {
            return (Standing::Out(CancelReason::Unsafe), None);
        }
        if account.cancel_at.is_some_and(|at| at <= scene.now) {
            return (Standing::Out(CancelReason::Deadline), None);
        }
        match T::Accounts::headroom(account, scene.market, scene.contract, scene.prices) {
            Ok(headroom) => {
                let standing = standing(&headroom, &account.open(scene.market));
                (standing, Some(headroom.requirement))
            }
            // Another market has no price: the account takes no risk on.
            Err(_) => {
                let requirement =
                    Requirement::new(scene.contract, scene.prices, account.leverage).ok();
                (Standing::Short, requirement)
            }
        }
    }
}

fn standing(headroom: &Headroom, open: &OpenOrders) -> Standing {
    match headroom.health(open) {
        Ok(health) if !health.is_negative() => Standing::Healthy(health),
        _ => Standing::Short,
    }
}

/// The signed lots that a trade adds.
fn signed(side: Side, lots: u64) -> i128 {
    match side {
        Side::Long => i128::from(lots),
        Side::Short => i128::from(lots).saturating_neg(),
    }
}

impl<T: Config> Trader<T> {
    /// How many markets it is in.
    fn markets(&self) -> u32 {
        let markets = self
            .account
            .as_ref()
            .map_or(0, |account| account.positions.len());
        u32::try_from(markets).unwrap_or(MAX_POSITIONS)
    }

    fn reducible(&self, side: Side) -> u64 {
        // A position fits 64 bits; what does not is beyond every tier and refused by margin.
        let lots = i64::try_from(self.lots).unwrap_or_default();
        reducible(Lots(lots), side)
    }

    fn room(&self, side: Side, met: &Met, left: u64, level: Level) -> Result<u64, Objection> {
        let removed = |reason| Objection::Remove(side, reason);
        let room = left.min(self.reducible(side));
        if met.order.flags.forced() {
            return self.forced.map(|()| room).map_err(removed);
        }
        if let Standing::Out(reason) = self.standing {
            return Err(removed(reason));
        }
        let reduces = met.order.flags.reduce_only();
        let may_increase = level.permits(Permit::Increase);
        if room == 0 && !reduces && !may_increase {
            // It may trade when the level is lower.
            return Err(Objection::Skip(side));
        }
        match self.standing {
            Standing::Healthy(_) if may_increase && !reduces => Ok(left),
            Standing::Healthy(_) => Ok(room),
            Standing::Short | Standing::Out(_) => {
                let frees_enough = || matches!(self.is_covered(side, met), Ok(true));
                if room > 0 && !frees_enough() || room == 0 && !reduces {
                    return Err(removed(CancelReason::NotEnoughMargin));
                }
                Ok(room)
            }
        }
    }

    /// Whether a lot traded at the limit costs no more than the maintenance margin it frees, so that slack can't get
    /// worse.
    fn is_covered(&self, side: Side, met: &Met) -> Res<bool> {
        let requirement = self.requirement.as_ref().ok_or(RiskError::Empty)?;
        let loss = requirement.loss_per_lot_at_mark(side, met.key.ticks)?;
        let tier = requirement.tier(&Lots(self.lots))?;
        Ok(loss.is_le(&requirement.maintenance_per_lot(tier)?))
    }

    /// The lower bound of initial health after a trade. Orders that margin counts leave it; one that only reduces may
    /// cost more than the initial margin it frees, and may leave the account's other orders room to turn the position.
    fn health_after(&self, side: Side, met: &Met, lots: u64) -> Res<Option<Cash>> {
        let Standing::Healthy(health) = &self.standing else {
            return Ok(None);
        };
        if !met.order.flags.reduce_only() {
            return Ok(Some(*health));
        }
        let requirement = self.requirement.as_ref().ok_or(RiskError::Empty)?;
        let after = self
            .lots
            .checked_add(signed(side, lots))
            .ok_or(RiskError::Overflow)?;
        let loss = requirement
            .loss_per_lot_at_mark(side, met.key.ticks)?
            .times(&Lots(i128::from(lots)))?;
        let before = requirement.initial(Lots(self.lots).narrow()?, &self.open)?;
        let then = requirement.initial(Lots(after).narrow()?, &self.open)?;
        let health = health.sub(&loss)?.add(&before)?.sub(&then)?;
        Ok(Some(health))
    }

    fn forget_health(&mut self) {
        if matches!(self.standing, Standing::Healthy(_)) {
            self.standing = Standing::Short;
        }
    }

    fn consents(&self, side: Side, met: &Met, lots: u64) -> bool {
        if met.order.flags.forced() {
            return true;
        }
        match self.health_after(side, met, lots) {
            Ok(Some(health)) => !met.order.flags.reduce_only() || !health.is_negative(),
            Ok(None) => true,
            Err(_) => false,
        }
    }

    fn trade(&mut self, side: Side, met: &Met, lots: u64) {
        match self.health_after(side, met, lots) {
            // A forced fill may cost more than its account has: nothing is known of its health after it.
            _ if met.order.flags.forced() => self.forget_health(),
            Ok(Some(health)) => self.standing = Standing::Healthy(health),
            Ok(None) | Err(_) => {}
        }
        if !met.order.flags.reduce_only() {
            let left = match side {
                Side::Long => &mut self.open.buy,
                Side::Short => &mut self.open.sell,
            };
            *left = left.saturating_sub(lots);
        }
        self.lots = self.lots.saturating_add(signed(side, lots));
    }
}

impl<T: Config> Floor for Pit<'_, T> {
    /// The place in `orders`.
    type Order = usize;

    fn next(&mut self, side: Side) -> Next<usize> {
        loop {
            if self.pay(weights::each(T::WeightInfo::order_met)).is_err() {
                return Next::OutOfBudget;
            }
            let walk = match side {
                Side::Long => &mut self.bids,
                Side::Short => &mut self.asks,
            };
            let Some(key) = walk.next() else {
                return Next::End;
            };
            let Some(order) = Book::<T>::get(key) else {
                continue;
            };
            let mut met = Met {
                key,
                order,
                filled: 0,
                with_forced: 0,
                maker: key.batch < self.scene.since,
                removed: None,
            };
            if order.expires_at.is_some_and(|at| at <= self.scene.now) {
                if self.pay(weights::each(T::WeightInfo::remove)).is_err() {
                    return Next::OutOfBudget;
                }
                met.removed = Some(CancelReason::Expired);
                self.orders.push(met);
                continue;
            }
            let place = self.orders.len();
            let head = Head {
                ticks: key.ticks,
                left: order.lots,
                keeps_out: order.flags.post_only() && !met.maker,
                order: place,
            };
            self.orders.push(met);
            return Next::Order(head);
        }
    }

    fn room(&mut self, side: Side, order: &usize, left: u64) -> Result<u64, Objection> {
        let met = self.met(side, *order)?;
        let level = self.scene.level;
        self.trader(met.key.account)?.room(side, &met, left, level)
    }

    fn consent(&mut self, side: Side, order: &usize, lots: u64) -> Result<(), Objection> {
        let met = self.met(side, *order)?;
        if !self.trader(met.key.account)?.consents(side, &met, lots) {
            return Err(Objection::Remove(side, CancelReason::NotEnoughMargin));
        }
        if met.filled == 0 {
            self.pay_fill(met.order.flags.forced())?;
        }
        Ok(())
    }

    fn trade(&mut self, bid: &usize, ask: &usize, lots: u64) {
        // Two that both rested meet only after a call's length was changed: then neither made the price, and no fee
        // is paid that a rebate could be paid from.
        let is_maker = |order: &usize| self.orders.get(*order).is_some_and(|met| met.maker);
        let is_forced = |order: &usize| {
            self.orders
                .get(*order)
                .is_some_and(|met| met.order.flags.forced())
        };
        let both_rested = is_maker(bid) && is_maker(ask);
        let (forced_bid, forced_ask) = (is_forced(bid), is_forced(ask));
        let sides = [
            (Side::Long, bid, forced_ask),
            (Side::Short, ask, forced_bid),
        ];
        for (side, order, with_forced) in sides {
            let Some(met) = self.orders.get_mut(*order) else {
                continue;
            };
            met.filled = met.filled.saturating_add(lots);
            if with_forced {
                met.with_forced = met.with_forced.saturating_add(lots);
            }
            met.maker &= !both_rested;
            if let Some(trader) = self.traders.get_mut(&met.key.account) {
                trader.trade(side, met, lots);
            }
        }
    }

    fn remove(&mut self, _side: Side, order: &usize, reason: CancelReason) -> bool {
        if self.pay(weights::each(T::WeightInfo::remove)).is_err() {
            return false;
        }
        if let Some(met) = self.orders.get_mut(*order) {
            met.removed = Some(reason);
        }
        true
    }
}
