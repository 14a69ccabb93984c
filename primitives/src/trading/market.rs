//! What a market is, and what the other pallets ask about it.

use alloc::vec::Vec;
use caisson_risk::{Cash, LotPrice, Lots};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

use crate::{
    oracle::{FeedId, FeedStatus},
    types::Moment,
};

/// The identifier of a market, at most [`MAX_MARKET_ID`].
pub type MarketId = u16;

/// The highest identifier of a market. The upper half of the numbers names collateral assets in the trigger
/// index, where they are one more exposure.
pub const MAX_MARKET_ID: MarketId = 0x7fff;

/// The identifier of a compartment: markets and accounts that share custody, fund and losses.
pub type CompartmentId = u16;

/// The price of an order, in the market's ticks.
pub type Ticks = u32;

/// The most size tiers of a market.
pub const MAX_TIERS: u32 = 8;

/// The most volume tiers of a market's fees.
pub const MAX_FEE_TIERS: u32 = 8;

/// What is traded, and until when.
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
pub enum ContractKind {
    /// No expiry; funding ties the mark to the index.
    #[codec(index = 0)]
    Perpetual,
    /// Settled in cash at the average index of the time before `expires_at`.
    #[codec(index = 1)]
    Future {
        /// When it ends, in milliseconds since the epoch.
        expires_at: Moment,
    },
}

/// How far a market is in its life. It only ever moves down this list.
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
pub enum Phase {
    /// Listed; no orders yet, and it can still be withdrawn.
    #[codec(index = 0)]
    Proposed,
    /// Orders are collected for the opening call.
    #[codec(index = 1)]
    Opening,
    /// Calls clear.
    #[codec(index = 2)]
    Trading,
    /// No new orders; orders are cancelled and positions closed at the settlement price, over blocks.
    #[codec(index = 3)]
    Settling,
    /// Nothing is left.
    #[codec(index = 4)]
    Settled,
}

impl Phase {
    /// Whether orders may be placed.
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Opening | Self::Trading)
    }

    /// Whether the market has prices and may have positions.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Opening | Self::Trading | Self::Settling)
    }
}

/// Fees from a trading volume on.
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
pub struct FeeTier {
    /// The account's volume, of the current or the last thirty days, from which this tier applies.
    pub min_volume: Cash,
    /// Paid by an order that is filled in the call it was placed in.
    pub taker_ppm: u32,
    /// Paid by an order that rested before; negative is a rebate.
    pub maker_ppm: i32,
}

/// Where the fees of a market go; what these two leave goes to the treasury.
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
    Serialize,
    Deserialize,
)]
pub struct FeeSplit {
    /// To the compartment's insurance fund.
    pub insurance_ppm: u32,
    /// To the backers of that fund.
    pub backers_ppm: u32,
}

/// What traders agree to: all that orders, fills and margin need to know of a market and that does not change
/// from block to block.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contract {
    /// Whose accounts may trade it.
    pub compartment: CompartmentId,
    /// What it is.
    pub kind: ContractKind,
    /// How far it is in its life.
    pub phase: Phase,
    /// The feed of its index.
    pub feed: FeedId,
    /// One lot, in 10^-18 of the base.
    pub lot_size: u128,
    /// One tick, in quanta for one lot; positive.
    pub tick: u64,
    /// The least value of an order at its limit.
    pub min_notional: Cash,
    /// The most lots of one order.
    pub max_order_lots: u64,
    /// The largest position of each size tier, ascending; the last bounds every position.
    pub tier_bounds: BoundedVec<Lots, ConstU32<MAX_TIERS>>,
    /// No order that adds risk is accepted while open interest would exceed this, in lots.
    pub open_interest_cap: u64,
    /// How far from the mark an order's limit and a clearing price may be.
    pub band_ppm: u32,
    /// The fees, ascending in volume; the first applies from zero.
    pub fees: BoundedVec<FeeTier, ConstU32<MAX_FEE_TIERS>>,
    /// Where fees go.
    pub fee_split: FeeSplit,
    /// How many blocks an ordinary call lasts; at least one.
    pub call_blocks: u32,
    /// What a liquidated account pays to the insurance fund, as a share of the value of what was closed; never more than
    /// its equity.
    pub liquidation_penalty_ppm: u32,
}

impl Contract {
    /// The price of one lot at an order price.
    pub fn price(&self, ticks: Ticks) -> LotPrice {
        LotPrice(i128::from(ticks).saturating_mul(i128::from(self.tick)))
    }

    /// The fees of an account with that volume.
    pub fn fee_tier(&self, volume: Cash) -> Option<&FeeTier> {
        self.fees
            .iter()
            .rev()
            .find(|tier| tier.min_volume.0 <= volume.0)
            .or_else(|| self.fees.first())
    }
}

/// The prices of a market in this block: computed once, at its start.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MarketPrices {
    /// When they were computed, in milliseconds since the epoch: the time of the block's slot.
    pub at: Moment,
    /// The index: the oracle's price of one lot.
    pub index: LotPrice,
    /// What positions are valued at.
    pub mark: LotPrice,
    /// The slow price that initial margin also looks at.
    pub stable: LotPrice,
    /// What one long lot has paid in funding since the market began.
    pub funding: LotPrice,
    /// Maintenance margin of one lot, by size tier.
    pub maintenance: BoundedVec<LotPrice, ConstU32<MAX_TIERS>>,
    /// Initial margin of one lot, by size tier.
    pub initial: BoundedVec<LotPrice, ConstU32<MAX_TIERS>>,
    /// The most that a fill of one lot can cost in fees.
    pub fee_reserve: LotPrice,
    /// The lots held long at the start of the block, which equal those held short.
    pub open_interest: u64,
    /// How far the index can be trusted.
    pub status: FeedStatus,
}

/// Markets, for the pallets that trade and settle in them.
pub trait Markets {
    /// What a market is. One read.
    fn contract(market: MarketId) -> Option<Contract>;
    /// Its prices; nothing before its first price and after its end. One read.
    fn prices(market: MarketId) -> Option<MarketPrices>;
    /// The markets that have prices or may have positions.
    fn live() -> Vec<MarketId>;
    /// The markets in [`Phase::Settling`] with the price at which positions are closed.
    fn settling() -> Vec<(MarketId, LotPrice)>;
    /// No order and no position is left in a settling market.
    fn settled(market: MarketId);
    /// The market ends now: it settles at the mark that it has.
    ///
    /// Errors: it is not live, or it settles already.
    fn end_at_mark(market: MarketId) -> sp_runtime::DispatchResult;
    /// A market with prices for a benchmark, whose contract the closure may change before it is stored.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: CompartmentId,
        mark: LotPrice,
        change: impl FnOnce(&mut Contract, &mut MarketPrices),
    );
}

/// What the mark takes from the calls of a market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CallState {
    /// The best bid that rests.
    pub best_bid: Option<Ticks>,
    /// The best ask that rests.
    pub best_ask: Option<Ticks>,
    /// The price and time of the last clearing.
    pub cleared: Option<(Ticks, Moment)>,
    /// Whether a call longer than a block is going on.
    pub long_call: bool,
}

/// Where markets read the state of their calls.
pub trait CallSource {
    /// The state of a market's call after the last block. One read.
    fn call(market: MarketId) -> CallState;
}

/// Where markets read their open interest.
pub trait OpenInterestSource {
    /// The lots held long, which equal those held short. One read.
    fn open_interest(market: MarketId) -> u64;
}

/// Where markets look up compartments.
pub trait CompartmentSource {
    /// Whether a compartment exists.
    fn exists(compartment: CompartmentId) -> bool;
    /// Makes a compartment for a benchmark.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_compartment(compartment: CompartmentId);
}
