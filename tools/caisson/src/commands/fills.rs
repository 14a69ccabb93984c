//! What became of orders in the block that took them.

use crate::units::{money, Terms};
use caisson_primitives::{
    trading::{AccountIndex, Cash, LotPrice, OrderNumber},
    Hash,
};
use caisson_runtime::RuntimeEvent;
use frame_system::EventRecord;
use pallet_exchange::{types::CancelReason, Event};
use serde_json::{json, Value};

/// An order and its market's terms.
pub struct Followed<'a> {
    /// The account.
    pub account: AccountIndex,
    /// The order's number.
    pub number: OrderNumber,
    /// The market.
    pub terms: &'a Terms,
}

/// A fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    lots: u64,
    price: LotPrice,
    fee: Cash,
    realised: Cash,
    remaining: u64,
    maker: bool,
}

/// What became of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    fills: Vec<Filled>,
    left: Option<CancelReason>,
}

impl Followed<'_> {
    /// What the events of a block say of the order.
    pub fn fate(&self, events: &[EventRecord<RuntimeEvent, Hash>]) -> Fate {
        let mut fate = Fate::default();
        for record in events {
            if let RuntimeEvent::Exchange(event) = &record.event {
                self.note(event, &mut fate);
            }
        }
        fate
    }

    fn note(&self, event: &Event<caisson_runtime::Runtime>, fate: &mut Fate) {
        match event {
            Event::Filled {
                account,
                market,
                number,
                lots,
                price,
                fee,
                realised,
                remaining,
                maker,
                ..
            } if self.is(*account, *market) && *number == self.number => fate.fills.push(Filled {
                lots: *lots,
                price: *price,
                fee: *fee,
                realised: *realised,
                remaining: *remaining,
                maker: *maker,
            }),
            Event::Cancelled {
                account,
                market,
                number,
                reason,
            } if self.is(*account, *market) && *number == self.number => {
                fate.left = Some(*reason);
            }
            Event::AllCancelled {
                account,
                market,
                numbers,
                reason,
            } if self.is(*account, *market) && numbers.contains(&self.number) => {
                fate.left = Some(*reason);
            }
            _ => {}
        }
    }

    fn is(&self, account: AccountIndex, market: u16) -> bool {
        account == self.account && market == self.terms.market
    }
}

impl Fate {
    /// Lots that are left of an order of so many; nothing when it is gone.
    pub fn rests(&self, lots: u64) -> u64 {
        match (self.left, self.fills.last()) {
            (Some(_), _) => 0,
            (None, Some(last)) => last.remaining,
            (None, None) => lots,
        }
    }

    /// Lots that were filled.
    pub fn filled(&self) -> u64 {
        self.fills.iter().map(|fill| fill.lots).sum()
    }

    /// Why what was left is cancelled, if it is.
    pub fn cancelled(&self) -> Option<CancelReason> {
        self.left
    }

    /// A line for each fill.
    pub fn text(&self, terms: &Terms, bought: bool) -> String {
        let verb = if bought { "bought" } else { "sold" };
        let line = |fill: &Filled| {
            let fee = if fill.fee.0 < 0 {
                format!("rebate {}", money(Cash(fill.fee.0.saturating_neg())))
            } else {
                format!("fee {}", money(fill.fee))
            };
            let realised = match fill.realised.0 {
                0 => String::new(),
                _ => format!(", realised {}", money(fill.realised)),
            };
            format!(
                "  {verb} {} {} at {}, {fee} as {}{realised}\n",
                terms.amount(fill.lots),
                terms.base(),
                terms.price(fill.price),
                if fill.maker { "maker" } else { "taker" },
            )
        };
        self.fills.iter().map(line).collect()
    }

    /// The fills for programs.
    pub fn json(&self, terms: &Terms) -> Vec<Value> {
        let fill = |fill: &Filled| {
            json!({
                "amount": terms.amount(fill.lots),
                "price": terms.price(fill.price),
                "fee": money(fill.fee),
                "realised": money(fill.realised),
                "maker": fill.maker,
                "lots": fill.lots.to_string(),
                "price_quanta_per_lot": fill.price.0.to_string(),
            })
        };
        self.fills.iter().map(fill).collect()
    }
}

/// Why an order left, in words.
pub fn why(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Owner => "you cancelled it",
        CancelReason::Expired => "its time was over",
        CancelReason::Unfilled => "nobody took it, and it does not rest",
        CancelReason::WouldTake => "it is post-only and would have been filled at once",
        CancelReason::WouldNotReduce => "there was no position left to reduce",
        CancelReason::NotEnoughMargin => "the account had not the margin for it any more",
        CancelReason::Unsafe => "the account is short of maintenance margin",
        CancelReason::Deadline => "the time of `cancel-at` came",
        CancelReason::MarketEnded => "the market settles",
        CancelReason::Failed => "its fill could not be booked; place it again",
        CancelReason::Restored => "the account has its maintenance margin again",
        CancelReason::Replaced => "the chain entered another in its place",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caisson_primitives::trading::Side;
    use frame_system::Phase;

    fn terms() -> Terms {
        Terms {
            market: 0,
            symbol: "BTC-PERP".into(),
            compartment: 0,
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
        }
    }

    fn fill(account: AccountIndex, number: OrderNumber, lots: u64, remaining: u64) -> RuntimeEvent {
        RuntimeEvent::Exchange(Event::Filled {
            account,
            market: 0,
            number,
            side: Side::Long,
            lots,
            price: LotPrice(5_997_000_000_000),
            fee: Cash(-299_850_000_000),
            realised: Cash(0),
            remaining,
            maker: true,
            forced: false,
        })
    }

    fn fate(events: Vec<RuntimeEvent>) -> Fate {
        let terms = terms();
        let followed = Followed {
            account: 3,
            number: 7,
            terms: &terms,
        };
        let records: Vec<_> = events
            .into_iter()
            .map(|event| EventRecord {
                phase: Phase::Finalization,
                event,
                topics: Vec::new(),
            })
            .collect();
        followed.fate(&records)
    }

    #[test]
    fn fate_should_count_only_the_fills_of_the_order_itself() {
        let fate = fate(vec![
            fill(3, 7, 600, 400),
            fill(3, 8, 5, 0),
            fill(4, 7, 5, 0),
        ]);
        assert_eq!((fate.filled(), fate.rests(1_000)), (600, 400));
        let text = fate.text(&terms(), true);
        assert_eq!(
            text,
            "  bought 0.06 BTC at 59970, rebate 0.29985 as maker\n"
        );
    }

    #[test]
    fn fate_should_leave_nothing_when_the_rest_is_cancelled() {
        let gone = RuntimeEvent::Exchange(Event::Cancelled {
            account: 3,
            market: 0,
            number: 7,
            reason: CancelReason::Unfilled,
        });
        let fate = fate(vec![fill(3, 7, 600, 400), gone]);
        assert_eq!((fate.filled(), fate.rests(1_000)), (600, 0));
        assert_eq!(fate.cancelled(), Some(CancelReason::Unfilled));
    }

    #[test]
    fn fate_should_leave_all_when_nothing_happened() {
        assert_eq!(fate(vec![fill(4, 1, 1, 0)]).rests(1_000), 1_000);
    }
}
