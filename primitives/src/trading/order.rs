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

/// What the margin pallet asks of the order book.
pub trait OpenOrdersSource {
    /// Whether no order is left in a settling market.
    fn drained(market: MarketId) -> bool;
    /// Cancels all orders of an account; how many. Bounded by the orders an account may have.
    fn cancel_all(account: AccountIndex) -> Result<u32, sp_runtime::DispatchError>;
    /// Drops what is remembered of an account that is closed.
    fn closed(account: AccountIndex) -> DispatchResult;
}
