//! SPEC 6.2, 6.6 and 13.5: matching and price against a reference that is naive on purpose.
//!
//! The reference knows nothing of a front of the book. It tries every price, takes the largest volume, finds all prices
//! at which nobody who wants to trade is left out, and shares the volume out by rank. Orders that must not trade are
//! taken out one after the other, each time beginning anew. When nothing may add risk every order is one that only reduces.

use std::collections::{BTreeMap, BTreeSet};

use caisson_primitives::trading::{LotPrice, Side, Ticks};
use caisson_risk::auction::{self, Margin};
use proptest::prelude::*;

use crate::{
    types::CancelReason,
    uncross::{self, Floor, Head, Next, Objection},
};

const TICK: i128 = 7;
const PRICES: std::ops::RangeInclusive<Ticks> = 1..=60;

#[derive(Clone, Debug)]
pub struct Given {
    side: Side,
    ticks: Ticks,
    lots: u64,
    rank: (u32, u32),
    account: u32,
    post_only: bool,
    reduce_only: bool,
    expired: bool,
}

/// What matters of a result: volume, price and what each order traded.
#[derive(Debug, PartialEq, Eq)]
struct Result_ {
    volume: u64,
    price: Option<i128>,
    fills: Vec<u64>,
}

/// Places in the list, of one side, in the order of the book.
fn sorted(orders: &[Given], side: Side) -> Vec<usize> {
    let mut places: Vec<usize> = (0..orders.len())
        .filter(|place| orders[*place].side == side)
        .collect();
    places.sort_by_key(|place| {
        let order = &orders[*place];
        let price = match side {
            Side::Long => u32::MAX - order.ticks,
            Side::Short => order.ticks,
        };
        (price, order.rank, *place)
    });
    places
}

/// How many lots of each order can trade at all: orders that only reduce share their account's position by rank. `gone`
/// are places of orders that were taken out.
fn effective(
    orders: &[Given],
    positions: &BTreeMap<u32, i64>,
    only_reductions: bool,
    gone: &BTreeSet<usize>,
) -> Vec<u64> {
    let mut left: BTreeMap<u32, u64> = positions
        .iter()
        .map(|(account, lots)| (*account, lots.unsigned_abs()))
        .collect();
    let mut lots = vec![0; orders.len()];
    for side in [Side::Long, Side::Short] {
        for place in sorted(orders, side) {
            let order = &orders[place];
            if order.expired || gone.contains(&place) {
                continue;
            }
            lots[place] = order.lots;
            if order.reduce_only || only_reductions {
                let position = positions.get(&order.account).copied().unwrap_or_default();
                let closes = (side == Side::Long) == (position < 0) && position != 0;
                let share = left.entry(order.account).or_default();
                lots[place] = if closes { order.lots.min(*share) } else { 0 };
                *share -= lots[place];
            }
        }
    }
    lots
}

fn naive(
    orders: &[Given],
    positions: &BTreeMap<u32, i64>,
    mark: i128,
    only_reductions: bool,
) -> Result_ {
    let mut gone = BTreeSet::new();
    loop {
        let lots = effective(orders, positions, only_reductions, &gone);
        let sum = |side: Side, takes: &dyn Fn(Ticks) -> bool| -> u64 {
            (0..orders.len())
                .filter(|place| orders[*place].side == side && takes(orders[*place].ticks))
                .map(|place| lots[place])
                .sum()
        };
        let volume = PRICES
            .map(|p| sum(Side::Long, &|bid| bid >= p).min(sum(Side::Short, &|ask| ask <= p)))
            .max()
            .unwrap();
        let mut fills = vec![0; orders.len()];
        let mut starts = Vec::new();
        for side in [Side::Long, Side::Short] {
            let mut done = 0;
            for place in sorted(orders, side) {
                let share = lots[place].min(volume - done);
                if share > 0 && orders[place].post_only {
                    starts.push((done, place));
                }
                fills[place] = share;
                done += share;
            }
        }
        // Those that would trade first must not.
        if let Some(first) = starts.iter().map(|(start, _)| *start).min() {
            gone.extend(
                starts
                    .iter()
                    .filter(|(start, _)| *start == first)
                    .map(|(_, place)| *place),
            );
            continue;
        }
        let clears = |p: &Ticks| {
            sum(Side::Long, &|bid| bid > *p) <= volume
                && volume <= sum(Side::Long, &|bid| bid >= *p)
                && sum(Side::Short, &|ask| ask < *p) <= volume
                && volume <= sum(Side::Short, &|ask| ask <= *p)
        };
        let at = mark.div_euclid(TICK);
        let price = PRICES
            .filter(clears)
            .map(i128::from)
            .min_by_key(|p| (p - at).abs());
        return Result_ {
            volume,
            price: price.filter(|_| volume > 0),
            fills,
        };
    }
}

/// The floor over the same list.
struct List<'a> {
    orders: &'a [Given],
    positions: BTreeMap<u32, i64>,
    sides: [std::vec::IntoIter<usize>; 2],
    fills: Vec<u64>,
    /// Steps until the budget ends.
    budget: u32,
    /// Whether nothing may add risk.
    only_reductions: bool,
    /// Places of orders that were removed.
    removed: BTreeSet<usize>,
}

impl<'a> List<'a> {
    fn new(orders: &'a [Given], positions: &BTreeMap<u32, i64>, budget: u32) -> Self {
        Self {
            orders,
            positions: positions.clone(),
            sides: [Side::Long, Side::Short].map(|side| sorted(orders, side).into_iter()),
            fills: vec![0; orders.len()],
            budget,
            only_reductions: false,
            removed: BTreeSet::new(),
        }
    }

    fn pay(&mut self) -> bool {
        let fits = self.budget > 0;
        self.budget = self.budget.saturating_sub(1);
        fits
    }
}

impl Floor for List<'_> {
    type Order = usize;

    fn next(&mut self, side: Side) -> Next<usize> {
        loop {
            if !self.pay() {
                return Next::OutOfBudget;
            }
            let Some(place) = self.sides[side as usize].next() else {
                return Next::End;
            };
            let order = &self.orders[place];
            if !order.expired {
                return Next::Order(Head {
                    ticks: order.ticks,
                    left: order.lots,
                    keeps_out: order.post_only,
                    order: place,
                });
            }
        }
    }

    fn room(&mut self, side: Side, order: &usize, left: u64) -> Result<u64, Objection> {
        let order = &self.orders[*order];
        if !order.reduce_only && !self.only_reductions {
            return Ok(left);
        }
        let position = self
            .positions
            .get(&order.account)
            .copied()
            .unwrap_or_default();
        let closes = match side {
            Side::Long => (-position).max(0),
            Side::Short => position.max(0),
        };
        match left.min(closes as u64) {
            0 if !order.reduce_only => Err(Objection::Skip(side)),
            room => Ok(room),
        }
    }

    fn consent(&mut self, _: Side, _: &usize, lots: u64) -> Result<(), Objection> {
        assert!(lots > 0);
        if self.pay() {
            Ok(())
        } else {
            Err(Objection::OutOfBudget)
        }
    }

    fn trade(&mut self, bid: &usize, ask: &usize, lots: u64) {
        for (order, sign) in [(*bid, 1), (*ask, -1)] {
            self.fills[order] += lots;
            *self
                .positions
                .entry(self.orders[order].account)
                .or_default() += sign * lots as i64;
        }
    }

    fn remove(&mut self, _: Side, order: &usize, _: CancelReason) -> bool {
        self.removed.insert(*order);
        self.pay()
    }
}

fn price_of(outcome: &uncross::Outcome, mark: i128) -> Option<i128> {
    let (last_bid, last_ask) = outcome.last?;
    let next = |next: Option<(Ticks, u64)>| next.map(|(ticks, _)| i128::from(ticks));
    let margin = Margin {
        last_bid: last_bid.into(),
        last_ask: last_ask.into(),
        next_bid: next(outcome.next_bid),
        next_ask: next(outcome.next_ask),
    };
    Some(auction::clearing_price(&margin, &LotPrice(mark), &LotPrice(TICK)).unwrap())
}

/// Accounts from 100 up have positions and orders that only reduce them; so who comes first decides nothing else.
fn given() -> impl Strategy<Value = Given> {
    (
        any::<bool>(),
        PRICES,
        1u64..30,
        (0u32..3, any::<u32>()),
        0u32..20,
        0u8..12,
    )
        .prop_map(|(is_bid, ticks, lots, rank, account, kind)| {
            let reduce_only = kind < 3;
            let newest = rank.0 == 2;
            Given {
                side: if is_bid { Side::Long } else { Side::Short },
                ticks,
                lots,
                rank,
                account: if reduce_only { account + 100 } else { account },
                post_only: !reduce_only && newest && kind < 7,
                reduce_only,
                expired: kind == 11,
            }
        })
}

fn positions() -> impl Strategy<Value = BTreeMap<u32, i64>> {
    proptest::collection::btree_map(100u32..120, -60i64..60, 0..20)
}

/// The same, and positions of those whose orders may add risk.
fn all_positions() -> impl Strategy<Value = BTreeMap<u32, i64>> {
    let accounts = prop_oneof![0u32..20, 100u32..120];
    proptest::collection::btree_map(accounts, -60i64..60, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn matching_should_equal_the_reference(
        orders in proptest::collection::vec(given(), 0..200),
        positions in positions(),
        mark in 1i128..500,
    ) {
        let mut list = List::new(&orders, &positions, u32::MAX);
        let outcome = uncross::run(&mut list);
        prop_assert!(outcome.complete);
        let found = Result_ {
            volume: outcome.lots,
            price: price_of(&outcome, mark),
            fills: list.fills,
        };
        prop_assert!(!outcome.skipped);
        prop_assert_eq!(found, naive(&orders, &positions, mark, false));
    }

    /// SPEC 13.5: when nothing may add risk, reductions meet reductions, and what can't reduce stays.
    #[test]
    fn matching_of_reductions_should_equal_the_reference(
        orders in proptest::collection::vec(given(), 0..200),
        positions in all_positions(),
        mark in 1i128..500,
    ) {
        let mut list = List::new(&orders, &positions, u32::MAX);
        list.only_reductions = true;
        let outcome = uncross::run(&mut list);
        prop_assert!(outcome.complete);
        for (account, lots) in &list.positions {
            let before = positions.get(account).copied().unwrap_or_default();
            prop_assert!(lots.abs() <= before.abs() && lots * before >= 0, "it only became smaller");
        }
        for place in &list.removed {
            let order = &orders[*place];
            prop_assert!(order.reduce_only || order.post_only, "{order:?} was removed");
        }
        let found = Result_ {
            volume: outcome.lots,
            price: price_of(&outcome, mark),
            fills: list.fills,
        };
        prop_assert_eq!(found, naive(&orders, &positions, mark, true));
    }

    /// SPEC 6.5: wherever the budget ends, what was matched is sound, and the rest is found later.
    #[test]
    fn matching_should_be_sound_wherever_the_budget_ends(
        orders in proptest::collection::vec(given(), 0..40),
        mark in 1i128..500,
        budget in 0u32..150,
        positions in all_positions(),
        only_reductions in any::<bool>(),
    ) {
        let mut list = List::new(&orders, &positions, budget);
        list.only_reductions = only_reductions;
        let outcome = uncross::run(&mut list);
        let traded = |side| -> u64 {
            orders.iter().zip(&list.fills).filter(|(order, _)| order.side == side).map(|(_, lots)| lots).sum()
        };
        prop_assert_eq!(traded(Side::Long), outcome.lots);
        prop_assert_eq!(traded(Side::Short), outcome.lots);
        if let Some(price) = price_of(&outcome, mark) {
            for (order, lots) in orders.iter().zip(&list.fills).filter(|(_, lots)| **lots > 0) {
                prop_assert!(*lots <= order.lots && !order.expired && !order.post_only);
                let limit = i128::from(order.ticks);
                let accepts = match order.side {
                    Side::Long => price <= limit,
                    Side::Short => price >= limit,
                };
                prop_assert!(accepts);
            }
        }
    }
}

#[test]
fn reference_should_find_what_a_hand_finds() {
    let order = |side, ticks, lots| Given {
        side,
        ticks,
        lots,
        rank: (0, 0),
        account: 0,
        post_only: false,
        reduce_only: false,
        expired: false,
    };
    let orders = [
        order(Side::Long, 30, 10),
        order(Side::Long, 20, 5),
        order(Side::Short, 10, 12),
        order(Side::Short, 25, 9),
    ];
    // Twelve lots at 10 meet ten at 30 and two at 20; three at 20 are left, which bounds the price from below.
    let found = naive(&orders, &BTreeMap::new(), 5 * TICK, false);
    assert_eq!(found.volume, 12);
    assert_eq!(found.fills, [10, 2, 12, 0]);
    assert_eq!(found.price, Some(20));
}
