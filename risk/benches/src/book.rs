//! A call of one market in memory: orders in the order of the chain's book, matching and price as on chain, and the positions of
//! the accounts. No storage, no margin, no fees: what matching itself takes.

use std::{cmp::Reverse, collections::BTreeMap};

use caisson_risk::{
    auction::{clearing_price, Margin},
    LotPrice, Side,
};

use crate::{
    random::numbers,
    uncross::{self, Floor, Head, Next, Objection},
};

/// The price around which orders are, in ticks.
pub const MARK: u32 = 10_000;

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Who buys or sells.
    pub side: Side,
    /// Its limit.
    pub ticks: u32,
    /// Its size.
    pub lots: u64,
    /// Whose it is.
    pub account: u32,
    /// Decides among orders of one limit.
    pub lottery: u32,
}

/// So many orders, one of each account, within 128 ticks of the mark: about half of them cross others.
pub fn orders(count: u32) -> Vec<Order> {
    let draws = numbers(48);
    (0..count)
        .zip(draws)
        .map(|(account, draw)| {
            let draw = draw as u64;
            Order {
                side: match draw & 1 {
                    0 => Side::Long,
                    _ => Side::Short,
                },
                ticks: MARK - 128 + (draw >> 1 & 255) as u32,
                lots: 1 + (draw >> 9 & 63),
                account,
                lottery: (draw >> 15) as u32,
            }
        })
        .collect()
}

/// Limit (the best first), lottery, number.
type BidKey = (Reverse<u32>, u32, u32);
/// The same of a sell order.
type AskKey = (u32, u32, u32);

/// What rests of an order: its account and lots.
type Rest = (u32, u64);

/// The orders of a market, the best first.
#[derive(Clone, Debug, Default)]
pub struct Book {
    bids: BTreeMap<BidKey, Rest>,
    asks: BTreeMap<AskKey, Rest>,
    next: u32,
}

/// What an account has: lots and what they cost.
pub type Position = (i64, i128);

/// What came of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// The price of all fills, in ticks.
    pub ticks: i128,
    /// Pairs of orders that traded.
    pub fills: u64,
    /// Lots that changed hands.
    pub lots: u64,
}

impl Book {
    /// Rests an order.
    pub fn insert(&mut self, order: &Order) {
        let number = self.next;
        self.next += 1;
        let rest = (order.account, order.lots);
        match order.side {
            Side::Long => {
                let key = (Reverse(order.ticks), order.lottery, number);
                self.bids.insert(key, rest);
            }
            Side::Short => {
                self.asks.insert((order.ticks, order.lottery, number), rest);
            }
        }
    }

    /// Ends the call: matches, finds the price, and books both sides of each fill.
    ///
    /// Panics when the matching has no price, which is a defect.
    pub fn clear(&mut self, positions: &mut [Position]) -> Cleared {
        let mut pit = Pit {
            bids: self.bids.iter(),
            asks: self.asks.iter(),
            fills: Vec::new(),
        };
        let outcome = uncross::run(&mut pit);
        let fills = pit.fills;
        let Some((last_bid, last_ask)) = outcome.last else {
            return Cleared::default();
        };
        let limit = |next: Option<(u32, u64)>| next.map(|(ticks, _)| i128::from(ticks));
        let margin = Margin {
            last_bid: i128::from(last_bid),
            last_ask: i128::from(last_ask),
            next_bid: limit(outcome.next_bid),
            next_ask: limit(outcome.next_ask),
        };
        let mark = LotPrice(i128::from(MARK));
        let ticks = clearing_price(&margin, &mark, &LotPrice(1)).expect("a price");
        for (bid, ask, lots) in &fills {
            let cost = ticks * i128::from(*lots);
            let buyer = take(&mut self.bids, bid, *lots);
            let seller = take(&mut self.asks, ask, *lots);
            book(positions, buyer, *lots as i64, cost);
            book(positions, seller, -(*lots as i64), -cost);
        }
        Cleared {
            ticks,
            fills: fills.len() as u64,
            lots: outcome.lots,
        }
    }
}

/// Takes lots from an order, and it out of the book when none are left. Returns whose it is.
fn take<K: Ord>(side: &mut BTreeMap<K, Rest>, key: &K, lots: u64) -> u32 {
    let rest = side.get_mut(key).expect("it was matched");
    rest.1 -= lots;
    let (account, left) = *rest;
    if left == 0 {
        side.remove(key);
    }
    account
}

fn book(positions: &mut [Position], account: u32, lots: i64, cost: i128) {
    let position = &mut positions[account as usize];
    position.0 += lots;
    position.1 += cost;
}

/// Either side's key.
#[derive(Clone, Copy, Debug)]
enum Key {
    Bid(BidKey),
    Ask(AskKey),
}

/// The floor on which a call is matched.
struct Pit<'a> {
    bids: std::collections::btree_map::Iter<'a, BidKey, Rest>,
    asks: std::collections::btree_map::Iter<'a, AskKey, Rest>,
    fills: Vec<(BidKey, AskKey, u64)>,
}

impl Floor for Pit<'_> {
    type Order = Key;

    fn next(&mut self, side: Side) -> Next<Key> {
        let head = |ticks, left, order| {
            Next::Order(Head {
                ticks,
                left,
                keeps_out: false,
                order,
            })
        };
        match side {
            Side::Long => self.bids.next().map_or(Next::End, |(key, rest)| {
                head(key.0 .0, rest.1, Key::Bid(*key))
            }),
            Side::Short => self
                .asks
                .next()
                .map_or(Next::End, |(key, rest)| head(key.0, rest.1, Key::Ask(*key))),
        }
    }

    fn room(&mut self, _side: Side, _order: &Key, left: u64) -> Result<u64, Objection> {
        Ok(left)
    }

    fn consent(&mut self, _side: Side, _order: &Key, _lots: u64) -> Result<(), Objection> {
        Ok(())
    }

    fn trade(&mut self, bid: &Key, ask: &Key, lots: u64) {
        if let (Key::Bid(bid), Key::Ask(ask)) = (bid, ask) {
            self.fills.push((*bid, *ask, lots));
        }
    }

    fn remove(&mut self, _side: Side, _order: &Key, _reason: crate::types::CancelReason) -> bool {
        true
    }
}

/// Price and time, one order after the other, written as simply as can be: what any continuous book must come to.
pub fn continuous(orders: &[Order]) -> (u64, u64) {
    let mut bids: BTreeMap<(Reverse<u32>, u32), u64> = BTreeMap::new();
    let mut asks: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let (mut fills, mut lots) = (0, 0);
    for order in orders {
        let mut left = order.lots;
        while left > 0 {
            let matched = match order.side {
                Side::Long => meet(&mut asks, left, |key| key.0 <= order.ticks),
                Side::Short => meet(&mut bids, left, |key| key.0 .0 >= order.ticks),
            };
            if matched == 0 {
                break;
            }
            left -= matched;
            lots += matched;
            fills += 1;
        }
        if left > 0 {
            match order.side {
                Side::Long => bids.insert((Reverse(order.ticks), order.account), left),
                Side::Short => asks.insert((order.ticks, order.account), left),
            };
        }
    }
    (fills, lots)
}

/// Takes lots from the best order of a side, if its limit allows. Returns how many.
fn meet<K: Ord>(side: &mut BTreeMap<K, u64>, lots: u64, allows: impl Fn(&K) -> bool) -> u64 {
    let Some(mut best) = side.first_entry().filter(|best| allows(best.key())) else {
        return 0;
    };
    let matched = lots.min(*best.get());
    *best.get_mut() -= matched;
    if *best.get() == 0 {
        best.remove();
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_should_move_as_many_lots_as_cross_at_its_price_and_no_money() {
        let orders = orders(2_000);
        let mut book = Book::default();
        orders.iter().for_each(|order| book.insert(order));
        let mut positions = vec![(0, 0); orders.len()];
        let cleared = book.clear(&mut positions);
        let sum = |allows: &dyn Fn(&Order) -> bool| -> u64 {
            let all = orders.iter().filter(|order| allows(order));
            all.map(|order| order.lots).sum()
        };
        let at = |ticks: u32| {
            sum(&|order| order.side == Side::Long && order.ticks >= ticks).min(sum(&|order| {
                order.side == Side::Short && order.ticks <= ticks
            }))
        };
        let most = (MARK - 130..MARK + 130).map(at).max();
        assert_eq!(Some(cleared.lots), most, "no price clears more");
        assert!(cleared.fills > 0);
        assert_eq!(positions.iter().map(|position| position.0).sum::<i64>(), 0);
        assert_eq!(positions.iter().map(|position| position.1).sum::<i128>(), 0);
    }
}
