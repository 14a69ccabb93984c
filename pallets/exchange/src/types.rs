//! What the pallet stores, and what its calls and events speak of.

use caisson_primitives::{
    trading::{
        AccountIndex, ClientOrderId, Direction, MarketId, OpenOrders, OrderKind, OrderNumber,
        OrderRequest, Side, Ticks, TimeInForce, Trigger,
    },
    BlockNumber, Moment,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

use crate::keys::{BookKey, DormantKey};

/// The most entries of `place_batch` and `cancel_batch`: a ladder of 25 prices a side.
pub const MAX_BATCH: u32 = 50;

/// The most quotes of `replace_all`: as many as an account may have orders in a market.
pub const MAX_QUOTES: u32 = 100;

/// What an order may and may not do, in one byte.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Flags(u8);

impl Flags {
    const REDUCE_ONLY: u8 = 1;
    const POST_ONLY: u8 = 2;
    const IMMEDIATE: u8 = 4;
    const EXPIRES: u8 = 8;
    const FORCED: u8 = 16;

    /// Of an order that the chain enters: immediate and reduce-only too.
    pub const fn of_forced() -> Self {
        Self(Self::FORCED | Self::IMMEDIATE | Self::REDUCE_ONLY)
    }

    /// From what its owner asked for. A market order is immediate whatever its time in force.
    pub const fn of(request: &OrderRequest) -> Self {
        let mut bits = if request.reduce_only {
            Self::REDUCE_ONLY
        } else {
            0
        };
        bits |= match (request.kind, request.time_in_force) {
            (OrderKind::Market { .. }, _) | (_, TimeInForce::ImmediateOrCancel) => Self::IMMEDIATE,
            (_, TimeInForce::PostOnly) => Self::POST_ONLY,
            (_, TimeInForce::GoodTillTime(_)) => Self::EXPIRES,
            (_, TimeInForce::GoodTillCancelled) => 0,
        };
        Self(bits)
    }

    /// Whether it may only make the position smaller.
    pub const fn reduce_only(self) -> bool {
        self.0 & Self::REDUCE_ONLY != 0
    }

    /// Whether it is cancelled instead of filled in its first clearing.
    pub const fn post_only(self) -> bool {
        self.0 & Self::POST_ONLY != 0
    }

    /// Whether it takes part in one clearing only.
    pub const fn immediate(self) -> bool {
        self.0 & Self::IMMEDIATE != 0
    }

    /// Whether the chain entered it. Its account's owner can't change it. SPEC 14.
    pub const fn forced(self) -> bool {
        self.0 & Self::FORCED != 0
    }

    /// Whether it is good till cancelled and nothing else.
    pub const fn is_plain(self) -> bool {
        self.0 == 0
    }
}

/// An order in the book. Side, limit, rank and account are in its key.
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
pub struct Order {
    /// The lots that are left; at least one.
    pub lots: u64,
    /// What it may and may not do.
    pub flags: Flags,
    /// When it expires.
    pub expires_at: Option<Moment>,
}

/// Where an order of an account is.
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
pub enum Place {
    /// In the book.
    #[codec(index = 0)]
    Book {
        /// Its limit.
        ticks: Ticks,
        /// The block in which its call began.
        batch: BlockNumber,
        /// What it drew.
        lottery: u32,
    },
    /// Among the dormant orders.
    #[codec(index = 1)]
    Dormant(Trigger),
}

/// An order in the list of its account: enough to find it, and to know what all orders sum to.
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
pub struct Listed {
    /// Its number.
    pub number: OrderNumber,
    /// Its owner's name for it.
    pub client_id: Option<ClientOrderId>,
    /// Buy or sell.
    pub side: Side,
    /// The lots that are left.
    pub lots: u64,
    /// What it may and may not do.
    pub flags: Flags,
    /// Where it is.
    pub place: Place,
}

impl Listed {
    /// Its key in the book, if it is there.
    pub const fn book_key(&self, account: AccountIndex, market: MarketId) -> Option<BookKey> {
        match self.place {
            Place::Book {
                ticks,
                batch,
                lottery,
            } => Some(BookKey {
                market,
                side: self.side,
                ticks,
                batch,
                lottery,
                account,
                number: self.number,
            }),
            Place::Dormant(_) => None,
        }
    }

    /// Its key among the dormant orders, if it is there.
    pub const fn dormant_key(&self, account: AccountIndex, market: MarketId) -> Option<DormantKey> {
        match self.place {
            Place::Dormant(Trigger { direction, price }) => Some(DormantKey {
                market,
                direction,
                price,
                account,
                number: self.number,
            }),
            Place::Book { .. } => None,
        }
    }

    /// Whether margin counts it: it is in the book and may open.
    pub const fn counts(&self) -> bool {
        matches!(self.place, Place::Book { .. }) && !self.flags.reduce_only()
    }
}

/// What the orders of a list sum to, for margin. SPEC 5.6.
pub fn sums(orders: &[Listed]) -> OpenOrders {
    let mut open = OpenOrders::default();
    for order in orders.iter().filter(|order| order.counts()) {
        if let Place::Book { ticks, .. } = order.place {
            grow(&mut open, order.side, order.lots, ticks);
        }
    }
    open
}

/// Adds an order to what an account's orders sum to.
pub fn grow(open: &mut OpenOrders, side: Side, lots: u64, ticks: Ticks) {
    match side {
        Side::Long => {
            open.highest_buy = match open.buy {
                0 => ticks,
                _ => open.highest_buy.max(ticks),
            };
            // A list is bounded and so is each order: the sum stays far below the type's range.
            open.buy = open.buy.saturating_add(lots);
        }
        Side::Short => {
            open.lowest_sell = match open.sell {
                0 => ticks,
                _ => open.lowest_sell.min(ticks),
            };
            open.sell = open.sell.saturating_add(lots);
        }
    }
}

/// An order that sleeps until the mark reaches its trigger. The trigger, the account and the number are in its key.
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
pub struct DormantOrder {
    /// Buy or sell.
    pub side: Side,
    /// How many lots.
    pub lots: u64,
    /// At what price.
    pub kind: OrderKind,
    /// How long.
    pub time_in_force: TimeInForce,
    /// Whether it may only make the position smaller.
    pub reduce_only: bool,
}

/// The first trigger of each direction in a market, or an earlier one: what a quiet block reads.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct FirstTriggers {
    /// The lowest that a rising mark fires.
    pub above: Option<Ticks>,
    /// The highest that a falling mark fires.
    pub below: Option<Ticks>,
}

impl FirstTriggers {
    /// The first of a direction.
    pub const fn of(&self, direction: Direction) -> Option<Ticks> {
        match direction {
            Direction::AtOrAbove => self.above,
            Direction::AtOrBelow => self.below,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, direction: Direction) -> &mut Option<Ticks> {
        match direction {
            Direction::AtOrAbove => &mut self.above,
            Direction::AtOrBelow => &mut self.below,
        }
    }
}

/// A call that lasts longer than the market's ordinary calls.
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
pub struct LongCall {
    /// The block in which it began: the batch of the orders that come in.
    pub since: BlockNumber,
    /// The last block of it; nothing while the market is in its opening call.
    pub ends: Option<BlockNumber>,
}

/// What everyone may know of a market's book without walking it. Exact after each block.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct BookSummary {
    /// The best bid.
    pub best_bid: Option<Ticks>,
    /// The best ask.
    pub best_ask: Option<Ticks>,
    /// The call that goes on, if it is longer than the market's ordinary calls.
    pub call: Option<LongCall>,
    /// The price and time of the last clearing.
    pub cleared: Option<(Ticks, Moment)>,
    /// At what price how many lots would clear now, while a long call goes on.
    pub indicative: Option<(Ticks, u64)>,
}

impl BookSummary {
    /// The best price of a side.
    pub const fn best(&self, side: Side) -> Option<Ticks> {
        match side {
            Side::Long => self.best_bid,
            Side::Short => self.best_ask,
        }
    }

    /// Sets the best price of a side.
    pub fn set_best(&mut self, side: Side, best: Option<Ticks>) {
        match side {
            Side::Long => self.best_bid = best,
            Side::Short => self.best_ask = best,
        }
    }

    /// Whether the best bid meets the best ask.
    pub fn is_crossed(&self) -> bool {
        self.best_bid
            .zip(self.best_ask)
            .is_some_and(|(bid, ask)| bid >= ask)
    }

    /// Whether an order would be the best of its side, or better.
    pub fn improves(&self, side: Side, ticks: Ticks) -> bool {
        match (side, self.best(side)) {
            (_, None) => true,
            (Side::Long, Some(best)) => ticks > best,
            (Side::Short, Some(best)) => ticks < best,
        }
    }

    /// Whether an order would meet the best of the other side.
    pub fn crosses(&self, side: Side, ticks: Ticks) -> bool {
        match (side, self.best(side.opposite())) {
            (_, None) => false,
            (Side::Long, Some(ask)) => ticks >= ask,
            (Side::Short, Some(bid)) => ticks <= bid,
        }
    }
}

/// One order of a market maker's ladder: good till cancelled.
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
pub struct Quote {
    /// Buy or sell.
    pub side: Side,
    /// The limit.
    pub price: Ticks,
    /// How many lots.
    #[codec(compact)]
    pub lots: u64,
    /// The trader's name for it.
    pub client_id: Option<ClientOrderId>,
}

impl Quote {
    /// The order it asks for.
    pub const fn request(&self) -> OrderRequest {
        OrderRequest {
            client_id: self.client_id,
            ..OrderRequest::limit(self.side, self.lots, self.price)
        }
    }
}

/// Why an order left without being filled.
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
pub enum CancelReason {
    /// Its owner cancelled or replaced it.
    #[codec(index = 0)]
    Owner,
    /// Its time was over.
    #[codec(index = 1)]
    Expired,
    /// It was immediate, and this is what its clearing left.
    #[codec(index = 2)]
    Unfilled,
    /// It was post-only and would have been filled in its first clearing.
    #[codec(index = 3)]
    WouldTake,
    /// It could only reduce, and there was no position left to reduce.
    #[codec(index = 4)]
    WouldNotReduce,
    /// Its account had not the margin for its fill when it was met in a clearing.
    #[codec(index = 5)]
    NotEnoughMargin,
    /// Its account is short of maintenance margin.
    #[codec(index = 6)]
    Unsafe,
    /// The time came at which its owner had all orders of the account cancelled.
    #[codec(index = 7)]
    Deadline,
    /// The market settles.
    #[codec(index = 8)]
    MarketEnded,
    /// Its fill could not be booked. The market clears again without the account's orders.
    #[codec(index = 9)]
    Failed,
    /// The chain entered it for an account that has its maintenance margin again.
    #[codec(index = 10)]
    Restored,
    /// The chain entered another one in its place.
    #[codec(index = 11)]
    Replaced,
}

impl CancelReason {
    /// Whether cancelling all orders of an account for this reason reaches the one that the chain entered. SPEC 14.6.
    pub const fn reaches_forced(self) -> bool {
        matches!(self, Self::MarketEnded | Self::Failed)
    }
}

/// A market to be looked at when the block ends.
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
pub struct TouchedMarket {
    /// The market.
    pub market: MarketId,
    /// The orders of its book that their owners cancelled since the last clearing.
    pub cancels: u32,
}

/// Numbers of orders in an event.
pub type Numbers = BoundedVec<OrderNumber, ConstU32<MAX_QUOTES>>;
