//! What the view shows of one block.
//!
//! All of it but [`Frame::finalised`] is a function of the block: whoever asks the runtime's APIs at the block's hash finds the
//! same figures.

use crate::units::Terms;
use caisson_primitives::{
    oracle::{FeedId, FeedStatus},
    trading::{
        risk_api::{CompartmentRisk, FundView, LatencyView, LevelReason},
        Cash, Level, LotPrice, MarketId, Phase, Ticks,
    },
    AccountId, BlockNumber, Hash,
};

/// The figures of one block.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its height.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
    /// The height up to which blocks were final when this one was read, if the node said so.
    pub finalised: Option<BlockNumber>,
    /// The whole chain.
    pub chain: ChainFigures,
    /// All markets, by number.
    pub markets: Vec<MarketFigures>,
    /// All compartments, by number.
    pub compartments: Vec<CompartmentFigures>,
    /// All price feeds.
    pub feeds: Vec<FeedFigures>,
    /// What the validators report.
    pub reporters: Vec<Reporter>,
    /// What happened in the block that is worth a line.
    pub events: Vec<Happening>,
    /// The blocks since the frame before this one, oldest first.
    pub skipped: Vec<Skipped>,
}

/// The safety of the chain.
#[derive(Clone, Debug)]
pub struct ChainFigures {
    /// The level held for all markets.
    pub level: Level,
    /// Why.
    pub reasons: Vec<LevelReason>,
    /// Accounts that are unsafe now.
    pub unsafe_accounts: u32,
    /// Those of them that the engine did not reach.
    pub backlog: u32,
    /// Since which block there is a backlog.
    pub backlog_since: Option<BlockNumber>,
    /// Whether the block's budget ended before all accounts were looked at that prices had reached.
    pub sweep_incomplete: bool,
}

/// A market.
#[derive(Clone, Debug)]
pub struct MarketFigures {
    /// How to read its sizes and prices.
    pub terms: Terms,
    /// How far it is in its life.
    pub phase: Phase,
    /// Its prices, if it has any.
    pub prices: Option<Prices>,
    /// The funding rate, in parts per 10^9 of the mark for eight hours.
    pub funding_rate_ppb: i64,
    /// The lots held long.
    pub open_interest: u64,
    /// The best bid that rests.
    pub best_bid: Option<Ticks>,
    /// The best ask that rests.
    pub best_ask: Option<Ticks>,
    /// The call that is longer than usual, if one goes on.
    pub long_call: Option<LongCall>,
    /// What traded in the block.
    pub traded: Traded,
    /// What the last minute was like.
    pub minute: Minute,
    /// Its marks in the last blocks, oldest first, for a drawing. Not in JSON.
    pub trail: Vec<LotPrice>,
    /// Its safety, once it has prices.
    pub safety: Option<MarketSafety>,
}

/// The prices of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The oracle's price.
    pub index: LotPrice,
    /// What positions are valued at.
    pub mark: LotPrice,
    /// How far the index can be trusted.
    pub status: FeedStatus,
}

/// A call that is longer than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongCall {
    /// The block in which it began.
    pub since: BlockNumber,
    /// Its last block; nothing in an opening call.
    pub ends: Option<BlockNumber>,
    /// At what price how many lots would clear now.
    pub indicative: Option<(Ticks, u64)>,
}

/// What traded in a market, in one block or in several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traded {
    /// Orders that were filled, wholly or in part: each side counts.
    pub fills: u64,
    /// Those of them that the chain itself had entered, to liquidate or for a fund.
    pub forced: u64,
    /// The lots that changed hands.
    pub lots: u64,
}

impl Traded {
    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            fills: self.fills.saturating_add(other.fills),
            forced: self.forced.saturating_add(other.forced),
            lots: self.lots.saturating_add(other.lots),
        }
    }
}

/// The minute that ends with the block: all blocks whose time is less than a minute before its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    /// How many blocks it had.
    pub blocks: u32,
    /// What traded in them.
    pub traded: Traded,
    /// How far the mark moved since the block before the minute, in parts per million; nothing if there is no such block or
    /// no mark there.
    pub change_ppm: Option<i128>,
}

/// The safety of a market.
#[derive(Clone, Debug)]
pub struct MarketSafety {
    /// The level that holds.
    pub level: Level,
    /// Why.
    pub reasons: Vec<LevelReason>,
    /// The value of open interest at mark.
    pub open_interest_notional: Cash,
    /// How long accounts were unsafe, in blocks.
    pub latency: LatencyView,
    /// Its fund.
    pub fund: FundView,
}

/// A compartment.
#[derive(Clone, Debug)]
pub struct CompartmentFigures {
    /// Its money and its level.
    pub risk: CompartmentRisk,
    /// How many withdrawals wait.
    pub withdrawals_queued: u32,
}

/// A price feed.
#[derive(Clone, Debug)]
pub struct FeedFigures {
    /// Its number.
    pub feed: FeedId,
    /// Base and quote.
    pub symbol: String,
    /// How many decimal places to show.
    pub decimals: u8,
    /// Its price, in 10^-18.
    pub price: Option<u128>,
    /// How far it may be off, in 10^-18.
    pub confidence: u128,
    /// How old it is, in milliseconds.
    pub age_ms: u64,
    /// How far it can be trusted.
    pub status: FeedStatus,
}

/// What a validator did for the oracle in this session.
#[derive(Clone, Debug)]
pub struct Reporter {
    /// The validator.
    pub validator: AccountId,
    /// Prices that were expected of it.
    pub expected: u32,
    /// Those that were fresh.
    pub fresh: u32,
    /// Those that agreed with the aggregate.
    pub accurate: u32,
    /// Those that were outliers.
    pub outliers: u32,
}

/// How much something that happened matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good news, or ordinary.
    Calm,
    /// Somebody was restricted or closed.
    Notable,
    /// Money was lost, or something is not as it should be.
    Grave,
}

/// Something that happened, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The block.
    pub block: BlockNumber,
    /// What sort of event: the pallet's name for it, such as `liquidation.Restored`.
    pub kind: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// Where, if it is about a market.
    pub market: Option<MarketId>,
    /// What happened.
    pub text: String,
}

/// A block between two frames.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Its height.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
    /// What traded in it, over all markets. Lots of different markets don't add up, so they are left out.
    pub fills: u64,
    /// What happened in it.
    pub events: Vec<Happening>,
}

impl Frame {
    /// What traded in the block over all markets.
    pub fn fills(&self) -> u64 {
        self.markets.iter().map(|one| one.traded.fills).sum()
    }

    /// All that happened since the frame before, oldest first.
    pub fn news(&self) -> impl Iterator<Item = &Happening> {
        self.skipped
            .iter()
            .flat_map(|one| &one.events)
            .chain(&self.events)
    }
}

impl MarketFigures {
    /// The level that holds.
    pub fn level(&self) -> Level {
        self.safety
            .as_ref()
            .map_or(Level::Open, |safety| safety.level)
    }

    /// The reason for the level that weighs most.
    pub fn main_reason(&self) -> Option<&LevelReason> {
        let reasons = self.safety.as_ref().map(|safety| &safety.reasons)?;
        reasons.iter().max_by_key(|reason| reason.level)
    }
}
