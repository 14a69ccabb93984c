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
    /// The order of this side may not trade in this clearing, but stays where it is.
    Skip(Side),
    /// One of them must not be matched now, or both: whoever it is must go.
    KeepOut,
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
    /// Whether nothing crosses any more but what was skipped. If not, the work did not fit.
    pub complete: bool,
    /// Whether an order was skipped: the book may still be crossed.
    pub skipped: bool,
}

impl Outcome {
    /// Of a side, what the order at the margin did not get although its limit allows this price.
    pub const fn left_at(&self, side: Side, price: Ticks) -> u64 {
        match (side, self.next_bid, self.next_ask) {
            (Side::Long, Some((limit, lots)), _) if limit >= price => lots,
            (Side::Short, _, Some((limit, lots))) if limit <= price => lots,
            _ => 0,
        }
    }
}

/// Matches until nothing crosses or the work does not fit.
///
/// Terminates: each round takes lots from an order, removes or skips one, or fetches one, and the floor's budget is finite.
pub fn run<F: Floor>(floor: &mut F) -> Outcome {
    let mut outcome = Outcome::default();
    let (mut bid, mut ask) = (None, None);
    while front(floor, Side::Long, &mut bid) && front(floor, Side::Short, &mut ask) {
        let round = match (&bid, &ask) {
            (Some(buyer), Some(seller)) if buyer.ticks >= seller.ticks => {
                pair(floor, buyer, seller).map(|lots| Some((lots, buyer.ticks, seller.ticks)))
            }
            _ => bounds(floor, &outcome, &bid, &ask).map(|()| None),
        };
        match round {
            Ok(None) => return finished(outcome, bid, ask),
            Ok(Some((lots, bid_ticks, ask_ticks))) => {
                outcome.lots = outcome.lots.saturating_add(lots);
                outcome.last = Some((bid_ticks, ask_ticks));
                for head in [&mut bid, &mut ask].into_iter().flatten() {
                    head.left = head.left.saturating_sub(lots);
                }
            }
            Err(Objection::OutOfBudget) => return outcome,
            Err(Objection::Remove(side, reason)) => {
                let head = of(side, &mut bid, &mut ask);
                if !drop_head(floor, side, head, reason) {
                    return outcome;
                }
            }
            Err(Objection::Skip(side)) => {
                *of(side, &mut bid, &mut ask) = None;
                outcome.skipped = true;
            }
            Err(Objection::KeepOut) => {
                for (side, head) in [(Side::Long, &mut bid), (Side::Short, &mut ask)] {
                    let goes = head.as_ref().is_some_and(|head| head.keeps_out);
                    if goes && !drop_head(floor, side, head, CancelReason::WouldTake) {
                        return outcome;
                    }
                }
            }
        }
    }
    outcome
}

fn of<'a, H>(side: Side, bid: &'a mut H, ask: &'a mut H) -> &'a mut H {
    match side {
        Side::Long => bid,
        Side::Short => ask,
    }
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

fn drop_head<F: Floor>(
    floor: &mut F,
    side: Side,
    head: &mut Option<Head<F::Order>>,
    reason: CancelReason,
) -> bool {
    head.take()
        .is_none_or(|head| floor.remove(side, &head.order, reason))
}

/// The lots an order may trade; none is an objection.
fn room<F: Floor>(floor: &mut F, side: Side, head: &Head<F::Order>) -> Result<u64, Objection> {
    match floor.room(side, &head.order, head.left)? {
        0 => Err(Objection::Remove(side, CancelReason::WouldNotReduce)),
        room => Ok(room.min(head.left)),
    }
}

/// Trades as many lots as both may.
fn pair<F: Floor>(
    floor: &mut F,
    bid: &Head<F::Order>,
    ask: &Head<F::Order>,
) -> Result<u64, Objection> {
    let buys = room(floor, Side::Long, bid)?;
    let sells = room(floor, Side::Short, ask)?;
    // Only now: nobody has to go for an order that can't trade.
    if bid.keeps_out || ask.keeps_out {
        return Err(Objection::KeepOut);
    }
    let lots = buys.min(sells);
    floor.consent(Side::Long, &bid.order, lots)?;
    floor.consent(Side::Short, &ask.order, lots)?;
    floor.trade(&bid.order, &ask.order, lots);
    Ok(lots)
}

/// The two orders left at the front bound the price, so they must be able to trade: otherwise an order that can't could
/// move it. One that is behind the last match of the other side bounds nothing; so skipping ends where the book does not cross.
fn bounds<F: Floor>(
    floor: &mut F,
    outcome: &Outcome,
    bid: &Option<Head<F::Order>>,
    ask: &Option<Head<F::Order>>,
) -> Result<(), Objection> {
    let Some((last_bid, last_ask)) = outcome.last else {
        return Ok(());
    };
    if let Some(head) = bid.as_ref().filter(|head| head.ticks >= last_ask) {
        room(floor, Side::Long, head)?;
    }
    if let Some(head) = ask.as_ref().filter(|head| head.ticks <= last_bid) {
        room(floor, Side::Short, head)?;
    }
    Ok(())
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
