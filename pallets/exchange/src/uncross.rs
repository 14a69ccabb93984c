//! Matching of one call, without storage: SPEC 6.
//!
//! The best bid meets the best ask while they cross. Which orders there are, what an account may trade and what the
//! work costs is asked of a [`Floor`]; this file only decides who meets whom and when it ends. It looks at each
//! order once, in the order of the book, so it needs no list of them.

use caisson_primitives::trading::{Side, Ticks};

use crate::types::CancelReason;

/// An order that came to the front of its side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<O> {
    /// Its limit.
    pub ticks: Ticks,
    /// The lots not matched yet.
    pub left: u64,
    /// Whether it must not be matched now: a post-only order in its first clearing.
    pub keeps_out: bool,
    /// What the floor knows it by.
    pub order: O,
}

/// The answer to the question for the next order of a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<O> {
    /// Here it is.
    Order(Head<O>),
    /// There is none.
    End,
    /// The work for it does not fit any more.
    OutOfBudget,
}

/// Why two orders do not trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The order of this side must go.
    Remove(Side, CancelReason),
    /// The work does not fit any more.
    OutOfBudget,
}

/// Where orders come from and what they may do.
pub trait Floor {
    /// What an order is known by.
    type Order;

    /// The next order of a side, best first. Orders that are not to take part are dropped on the way.
    fn next(&mut self, side: Side) -> Next<Self::Order>;

    /// How many of its `left` lots an order may trade now, given all that was matched before. With room for none it
    /// is removed, because it can only reduce and there is nothing to reduce.
    fn room(&mut self, side: Side, order: &Self::Order, left: u64) -> Result<u64, Objection>;

    /// Whether an order with room for at least so many lots may trade just these.
    fn consent(&mut self, side: Side, order: &Self::Order, lots: u64) -> Result<(), Objection>;

    /// Two orders trade.
    fn trade(&mut self, bid: &Self::Order, ask: &Self::Order, lots: u64);

    /// An order is removed. `false` if the work does not fit; then it stays.
    fn remove(&mut self, side: Side, order: &Self::Order, reason: CancelReason) -> bool;
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The lots matched.
    pub lots: u64,
    /// The limits of the last pair: the worst bid and the worst ask that were matched.
    pub last: Option<(Ticks, Ticks)>,
    /// The best bid with lots left and how many of that order, if the end was reached.
    pub next_bid: Option<(Ticks, u64)>,
    /// The best ask with lots left.
    pub next_ask: Option<(Ticks, u64)>,
    /// Whether nothing crosses any more. If not, the work did not fit.
    pub complete: bool,
}

/// Matches until nothing crosses or the work does not fit.
///
/// Terminates: each round takes lots from an order, removes one or fetches one, and the floor's budget is finite.
pub fn run<F: Floor>(floor: &mut F) -> Outcome {
    let mut outcome = Outcome::default();
    let (mut bid, mut ask) = (None, None);
    while front(floor, Side::Long, &mut bid) && front(floor, Side::Short, &mut ask) {
        let (Some(buyer), Some(seller)) = (&mut bid, &mut ask) else {
            return finished(outcome, bid, ask);
        };
        if buyer.ticks < seller.ticks {
            return finished(outcome, bid, ask);
        }
        if buyer.keeps_out || seller.keeps_out {
            let bids = !buyer.keeps_out || drop_head(floor, Side::Long, &mut bid);
            let asks = match &ask {
                Some(seller) if seller.keeps_out => drop_head(floor, Side::Short, &mut ask),
                _ => true,
            };
            if bids && asks {
                continue;
            }
            return outcome;
        }
        match pair(floor, buyer, seller) {
            Ok(lots) => {
                outcome.lots = outcome.lots.saturating_add(lots);
                outcome.last = Some((buyer.ticks, seller.ticks));
                buyer.left = buyer.left.saturating_sub(lots);
                seller.left = seller.left.saturating_sub(lots);
            }
            Err(Objection::OutOfBudget) => return outcome,
            Err(Objection::Remove(side, reason)) => {
                let head = match side {
                    Side::Long => &mut bid,
                    Side::Short => &mut ask,
                };
                if let Some(refused) = head.take() {
                    if !floor.remove(side, &refused.order, reason) {
                        return outcome;
                    }
                }
            }
        }
    }
    outcome
}

/// Sees to it that an order with lots left is at the front of a side, if there is one. `false` when the work does not
/// fit.
fn front<F: Floor>(floor: &mut F, side: Side, head: &mut Option<Head<F::Order>>) -> bool {
    if head.as_ref().is_some_and(|head| head.left > 0) {
        return true;
    }
    match floor.next(side) {
        Next::Order(next) => *head = Some(next),
        Next::End => *head = None,
        Next::OutOfBudget => return false,
    }
    true
}

fn drop_head<F: Floor>(floor: &mut F, side: Side, head: &mut Option<Head<F::Order>>) -> bool {
    head.take()
        .is_none_or(|head| floor.remove(side, &head.order, CancelReason::WouldTake))
}

/// Trades as many lots as both may.
fn pair<F: Floor>(
    floor: &mut F,
    bid: &Head<F::Order>,
    ask: &Head<F::Order>,
) -> Result<u64, Objection> {
    let buys = floor.room(Side::Long, &bid.order, bid.left)?;
    let sells = floor.room(Side::Short, &ask.order, ask.left)?;
    for (side, room) in [(Side::Long, buys), (Side::Short, sells)] {
        if room == 0 {
            return Err(Objection::Remove(side, CancelReason::WouldNotReduce));
        }
    }
    let lots = buys.min(sells).min(bid.left).min(ask.left);
    floor.consent(Side::Long, &bid.order, lots)?;
    floor.consent(Side::Short, &ask.order, lots)?;
    floor.trade(&bid.order, &ask.order, lots);
    Ok(lots)
}

fn finished<O>(outcome: Outcome, bid: Option<Head<O>>, ask: Option<Head<O>>) -> Outcome {
    let rest = |head: Option<Head<O>>| head.map(|head| (head.ticks, head.left));
    Outcome {
        next_bid: rest(bid),
        next_ask: rest(ask),
        complete: true,
        ..outcome
    }
}
