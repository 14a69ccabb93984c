//! Orders as their owners state and name them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

use super::market::{MarketId, Ticks};
use crate::types::Moment;
use caisson_risk::Side;

use super::account::AccountIndex;

/// The number of an order among all that its account ever placed.
pub type OrderNumber = u32;

/// A name that the trader gives an order; unique among the live orders of its account in its market.
pub type ClientOrderId = u64;

/// How an order of an account in a market is named in a call.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum OrderRef {
    /// By the number that the event of its placement gave.
    #[codec(index = 0)]
    Number(OrderNumber),
    /// By the name its owner gave it.
    #[codec(index = 1)]
    Client(ClientOrderId),
}

/// At what price.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum OrderKind {
    /// At this price or better.
    #[codec(index = 0)]
    Limit(Ticks),
    /// At the mark or worse by at most this share of it: a market order that can't be filled at any price.
    /// Takes part in one clearing.
    #[codec(index = 1)]
    Market {
        /// The bound, in parts per million of the mark.
        slippage_ppm: u32,
    },
}

/// How long an order lives.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum TimeInForce {
    /// Until it is filled or cancelled (GTC).
    #[codec(index = 0)]
    GoodTillCancelled,
    /// Until this time, in milliseconds since the epoch (GTT).
    #[codec(index = 1)]
    GoodTillTime(Moment),
    /// It takes part in one clearing, and what is left is cancelled (IOC).
    #[codec(index = 2)]
    ImmediateOrCancel,
    /// As GTC, but cancelled instead of filled if it would be filled in its first clearing.
    #[codec(index = 3)]
    PostOnly,
}

/// Which way the mark must cross a trigger price.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Direction {
    /// Fires when the mark is at or above it: a stop of a short, a take-profit of a long.
    #[codec(index = 0)]
    AtOrAbove,
    /// Fires when the mark is at or below it: a stop of a long, a take-profit of a short.
    #[codec(index = 1)]
    AtOrBelow,
}

/// What makes a dormant order enter the book.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Trigger {
    /// Which way.
    pub direction: Direction,
    /// The mark, in ticks.
    pub price: Ticks,
}

/// An order as its owner asks for it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct OrderRequest {
    /// Buy (long) or sell (short).
    pub side: Side,
    /// How many lots, at least one.
    #[codec(compact)]
    pub lots: u64,
    /// At what price.
    pub kind: OrderKind,
    /// How long.
    pub time_in_force: TimeInForce,
    /// Whether it may only make the position smaller: it is clipped to it at clearing.
    pub reduce_only: bool,
    /// If given, the order sleeps until then: a stop or a take-profit.
    pub trigger: Option<Trigger>,
    /// The trader's name for it.
    pub client_id: Option<ClientOrderId>,
}

impl OrderRequest {
    /// A limit order for so many lots at this price, in ticks of its market, or better.
    ///
    /// It is [good till cancelled](TimeInForce::GoodTillCancelled), may open a position as well as reduce one, enters the
    /// book at once and has no name, until the methods below change that.
    pub const fn limit(side: Side, lots: u64, price: Ticks) -> Self {
        Self::plain(side, lots, OrderKind::Limit(price))
    }

    /// A market order for so many lots, at the mark or worse by at most `slippage_ppm` parts per million of it.
    ///
    /// All else is as in [`Self::limit`]. That includes the time in force, which decides nothing here: a market order takes
    /// part in one clearing whatever it says.
    pub const fn market(side: Side, lots: u64, slippage_ppm: u32) -> Self {
        Self::plain(side, lots, OrderKind::Market { slippage_ppm })
    }

    const fn plain(side: Side, lots: u64, kind: OrderKind) -> Self {
        Self {
            side,
            lots,
            kind,
            time_in_force: TimeInForce::GoodTillCancelled,
            reduce_only: false,
            trigger: None,
            client_id: None,
        }
    }

    /// The same order, but [immediate or cancelled](TimeInForce::ImmediateOrCancel).
    #[must_use]
    pub const fn immediate(self) -> Self {
        Self {
            time_in_force: TimeInForce::ImmediateOrCancel,
            ..self
        }
    }

    /// The same order, but [post-only](TimeInForce::PostOnly).
    #[must_use]
    pub const fn post_only(self) -> Self {
        Self {
            time_in_force: TimeInForce::PostOnly,
            ..self
        }
    }

    /// The same order, but [good till a time](TimeInForce::GoodTillTime), in milliseconds since the epoch.
    #[must_use]
    pub const fn good_till(self, time: Moment) -> Self {
        Self {
            time_in_force: TimeInForce::GoodTillTime(time),
            ..self
        }
    }

    /// The same order, but it may only make the position smaller.
    #[must_use]
    pub const fn reduce_only(self) -> Self {
        Self {
            reduce_only: true,
            ..self
        }
    }

    /// The same order, but it sleeps until the mark is at this price, in ticks, or beyond it in that direction: a stop or a
    /// take-profit.
    #[must_use]
    pub const fn triggered_at(self, direction: Direction, price: Ticks) -> Self {
        Self {
            trigger: Some(Trigger { direction, price }),
            ..self
        }
    }

    /// The same order under a name.
    #[must_use]
    pub const fn named(self, client_id: ClientOrderId) -> Self {
        Self {
            client_id: Some(client_id),
            ..self
        }
    }
}

/// What the margin pallet asks of the order book.
pub trait OpenOrdersSource {
    /// Whether no order is left in a settling market.
    fn drained(market: MarketId) -> bool;
    /// Cancels all orders of an account; how many. Bounded by the orders an account may have.
    fn cancel_all(account: AccountIndex) -> Result<u32, sp_runtime::DispatchError>;
    /// Drops what is remembered of an account that is closed.
    fn closed(account: AccountIndex) -> DispatchResult;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_should_be_plain_until_more_is_asked_for() {
        let limit = OrderRequest::limit(Side::Short, 7, 600);
        let expected = OrderRequest {
            side: Side::Short,
            lots: 7,
            kind: OrderKind::Limit(600),
            time_in_force: TimeInForce::GoodTillCancelled,
            reduce_only: false,
            trigger: None,
            client_id: None,
        };
        assert_eq!(limit, expected);
        let kind = OrderKind::Market { slippage_ppm: 600 };
        assert_eq!(
            OrderRequest::market(Side::Short, 7, 600),
            OrderRequest { kind, ..expected }
        );
    }

    #[test]
    fn each_term_should_change_its_field_and_no_other() {
        let order = OrderRequest::limit(Side::Long, 7, 600);
        let lasting = |time_in_force| OrderRequest {
            time_in_force,
            ..order
        };
        assert_eq!(order.immediate(), lasting(TimeInForce::ImmediateOrCancel));
        assert_eq!(order.post_only(), lasting(TimeInForce::PostOnly));
        assert_eq!(order.good_till(9), lasting(TimeInForce::GoodTillTime(9)));
        let reducing = OrderRequest {
            reduce_only: true,
            ..order
        };
        assert_eq!(order.reduce_only(), reducing);
        let (direction, price) = (Direction::AtOrBelow, 590);
        let asleep = OrderRequest {
            trigger: Some(Trigger { direction, price }),
            ..order
        };
        assert_eq!(order.triggered_at(direction, price), asleep);
        let named = OrderRequest {
            client_id: Some(3),
            ..order
        };
        assert_eq!(order.named(3), named);
    }
}
