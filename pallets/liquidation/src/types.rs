//! What the pallet stores, and the terms it works under.

use caisson_primitives::{
    trading::{AccountIndex, Cash, MarketId, Side},
    BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The most orders that one visit enters for an account: its riskiest positions.
pub const MAX_ORDERS: usize = 4;

/// The most accounts that one block deleverages, or takes a haircut from, in one market.
pub const MAX_HOLDERS: u32 = 64;

/// The longest name of a place among the holders of a market.
pub const MAX_PLACE_BYTES: u32 = 64;

/// The classes of the latency histogram.
pub const LATENCY_CLASSES: usize = 12;

/// What governance sets for the engine. One set for the chain: what differs between markets is in their margins.
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
    Serialize,
    Deserialize,
)]
pub struct Terms {
    /// The margin to which an account is brought back, as a share of maintenance margin, in parts per million; at least
    /// one.
    pub target_ppm: u32,
    /// By how much a limit gives way with each block that the account was not restored, in parts per million of the way
    /// from mark to bankruptcy price.
    pub give_way_ppm: u32,
    /// In how many blocks orders are tried before the market's fund buys what they offer.
    pub max_attempts: u8,
    /// The fund takes an account over at once when its equity is under this share of its maintenance margin, in parts per
    /// million.
    pub take_over_ppm: u32,
    /// The most of a position that one block closes, in parts per million.
    pub slice_ppm: u32,
    /// The least notional of a slice: a smaller position is closed whole.
    pub slice_at_least: Cash,
    /// The most notional of a slice.
    pub slice_at_most: Cash,
    /// The most of the visible depth that a slice of a fund's inventory takes, in parts per million.
    pub unwind_depth_ppm: u32,
    /// How far from the mark a fund sells, in parts per million.
    pub unwind_band_ppm: u32,
    /// The most notional of a slice of a fund's inventory.
    pub unwind_at_most: Cash,
}

/// A whole of the settlement asset, in quanta.
const WHOLE: i128 = 1_000_000_000_000;

impl Default for Terms {
    /// A start, not a recommendation: a fifth above maintenance margin, three blocks of patience, slices of half a
    /// position but up to a thousand whole at once.
    fn default() -> Self {
        Self {
            target_ppm: 1_200_000,
            give_way_ppm: 250_000,
            max_attempts: 3,
            take_over_ppm: 300_000,
            slice_ppm: 500_000,
            slice_at_least: Cash(1_000 * WHOLE),
            slice_at_most: Cash(1_000_000 * WHOLE),
            unwind_depth_ppm: 100_000,
            unwind_band_ppm: 5_000,
            unwind_at_most: Cash(100_000 * WHOLE),
        }
    }
}

impl Terms {
    /// Whether they make sense together.
    pub fn are_valid(&self) -> bool {
        let share = |ppm: u32| ppm > 0 && ppm <= 1_000_000;
        (1_000_000..=10_000_000).contains(&self.target_ppm)
            && self.give_way_ppm <= 1_000_000
            && self.max_attempts > 0
            && share(self.take_over_ppm)
            && share(self.slice_ppm)
            && share(self.unwind_depth_ppm)
            && share(self.unwind_band_ppm)
            && self.slice_at_least.is_positive()
            && self.slice_at_least.is_le(&self.slice_at_most)
            && self.unwind_at_most.is_positive()
    }
}

/// How far the liquidation of an account is.
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
pub struct Progress {
    /// The market in which it was acted on last: of its riskiest position.
    pub market: MarketId,
    /// In how many blocks orders were entered for it.
    pub attempts: u8,
    /// The last of those blocks.
    pub last: BlockNumber,
    /// The notional that was offered in its calls and that the breaker was not told of yet: it is told when it has traded or
    /// failed to, so that it can't make a call longer in which the offer stands.
    pub offered: Cash,
}

/// Where a walk over the holders of a market goes on.
pub type HolderPlace = BoundedVec<u8, ConstU32<MAX_PLACE_BYTES>>;

/// What the fund of a market has to do. There is a record while its inventory holds lots or owes money.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FundWork {
    /// The inventory: the margin account that holds what was taken over.
    pub account: AccountIndex,
    /// The side of the accounts that lost: the other one pays haircuts.
    pub lost: Side,
    /// What nobody covered yet.
    pub deficit: Cash,
    /// Where the next haircut begins; nothing at the first.
    pub place: Option<HolderPlace>,
    /// Whether the market was given up: it settles, and what is left is shared there.
    pub given_up: bool,
}

/// How long accounts were unsafe in a market, in blocks: how many for 0, 1, 2, 3, 4, then up to 8, 16, 32, 64, 256,
/// 1024, and more.
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
pub struct Latencies(pub [u32; LATENCY_CLASSES]);

/// What the waterfall did in a market since it began.
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
pub struct Totals {
    /// Lots that the fund bought of accounts it did not take over.
    pub bought: u64,
    /// Accounts that the fund took over.
    pub taken_over: u32,
    /// What they fell short of nothing together: what the fund had to pay for.
    pub losses: Cash,
    /// What insurance, backers and treasury paid.
    pub covered: Cash,
    /// Lots closed against the other side, at mark.
    pub deleveraged: u64,
    /// Haircuts on profits.
    pub haircuts: Cash,
}

/// What is left to do when the engine's step of a block ends.
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
pub struct Backlog {
    /// Accounts that are unsafe and were not visited because the budget ended.
    pub accounts: u32,
    /// The block since which there are any.
    pub since: Option<BlockNumber>,
}
