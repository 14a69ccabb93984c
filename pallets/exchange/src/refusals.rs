//! Why an order is refused, as events say it. SPEC 5.
//!
//! Each is an error of the pallet too: a call with one order fails with it, a batch reports it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

use crate::{
    pallet::{Config, Error},
    types::MAX_QUOTES,
};
use caisson_primitives::trading::OrderNumber;

macro_rules! refusals {
    ($($(#[$meta:meta])* $name:ident = $index:literal),* $(,)?) => {
        /// Why an order was refused. The pallet's errors of the same names say what to do.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
            TypeInfo,
        )]
        pub enum Refusal {
            $($(#[$meta])* #[codec(index = $index)] $name,)*
        }

        impl<T: Config> From<Refusal> for Error<T> {
            fn from(refusal: Refusal) -> Self {
                match refusal {
                    $(Refusal::$name => Self::$name,)*
                }
            }
        }

        #[cfg(test)]
        impl Refusal {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

refusals! {
    /// The market takes no orders.
    MarketClosed = 0,
    /// The market, or another one the account is in, has no price.
    NoPrice = 1,
    /// The price may not be used to take risk.
    PriceNotTrusted = 2,
    /// A limit of zero.
    ZeroPrice = 3,
    /// No lots.
    ZeroLots = 4,
    /// More lots than one order may have.
    TooLarge = 5,
    /// Worth less than the market's minimum.
    BelowMinimum = 6,
    /// The limit is too far from the mark.
    OutsideBand = 7,
    /// Not enough initial margin.
    NotEnoughMargin = 8,
    /// The account's list of orders in this market is full.
    TooManyOrders = 9,
    /// The account has as many orders as its equity allows.
    TooManyOpenOrders = 10,
    /// The account placed and amended as often as it may in a block.
    TooManyActs = 11,
    /// The account is in as many markets as it may be.
    TooManyMarkets = 12,
    /// Open interest is at its cap.
    OpenInterestCap = 13,
    /// A reduce-only order without a position on the other side.
    WouldNotReduce = 14,
    /// The time is over.
    ExpiryPassed = 15,
    /// The name is in use.
    DuplicateClientId = 16,
    /// The account has no such order in this market.
    NoSuchOrder = 17,
    /// The call can't take more immediate orders.
    CallFull = 18,
    /// A trigger price of zero.
    BadTrigger = 19,
    /// The account is short of maintenance margin.
    AccountUnsafe = 20,
    /// A dormant order can't be amended.
    OrderIsDormant = 21,
    /// A risk formula left its range.
    OutOfRange = 22,
    /// The account gave out all order numbers.
    NumbersExhausted = 23,
    /// An order is listed but not stored.
    CorruptedBook = 24,
    /// Only orders that reduce a position are taken.
    OnlyReducing = 25,
    /// Only immediate orders that reduce a position are taken.
    OnlyImmediateReducing = 26,
    /// The market is halted.
    MarketHalted = 27,
    /// The chain entered this order; its account's owner can't change it.
    OrderIsForced = 28,
}

/// What became of an entry of a batch.
pub type EntryResult = Result<OrderNumber, Refusal>;

/// What became of each entry, in the order of the call.
pub type EntryResults = BoundedVec<EntryResult, ConstU32<MAX_QUOTES>>;
