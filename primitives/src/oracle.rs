//! Prices of the outside world, as the rest of the chain asks for them.
//!
//! A price is never read without saying what for: [`PriceFeeds::price_for`] takes the [`Act`], and
//! [`FeedStatus::allows`] is the one table that says which act is possible on which status. So no
//! consumer can use a stale price by forgetting to look.

pub mod api;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::types::Moment;

/// The identifier of a feed, below [`MAX_FEEDS`].
pub type FeedId = u8;

/// A price in 10^-18 of the quote per unit of the base.
pub type OraclePrice = u128;

/// The place of a validator in the session's set.
pub type AuthorityIndex = u16;

/// The slot, by the reporter's clock, in which it observed the prices of a report.
pub type Round = u64;

/// The most feeds there can be: a set of feeds is the 64 bits of one word.
pub const MAX_FEEDS: u32 = 64;

/// The key type of the oracle's session keys.
pub const KEY_TYPE: sp_core::crypto::KeyTypeId = sp_core::crypto::KeyTypeId(*b"orcl");

/// The keys with which validators sign their reports (sr25519).
pub mod crypto {
    mod app {
        use sp_application_crypto::{app_crypto, sr25519};
        app_crypto!(sr25519, crate::oracle::KEY_TYPE);
    }

    /// A validator's public oracle key.
    pub type AuthorityId = app::Public;
    /// What it signs with that key.
    pub type AuthoritySignature = app::Signature;
    /// The pair, for tests and tools that hold the secret key.
    #[cfg(feature = "std")]
    pub type AuthorityPair = app::Pair;
}

/// How far a feed's price can be trusted, from worst to best.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
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
pub enum FeedStatus {
    /// There is no price, or only one so old that it says nothing.
    #[default]
    #[codec(index = 0)]
    Down,
    /// The price is older than the feed's `max_age`.
    #[codec(index = 1)]
    Stale,
    /// The price moved by more than a step and is held back on its way to the reporters' median.
    #[codec(index = 2)]
    Guarded,
    /// The reporters differ, or their sources do, by more than the feed tolerates.
    #[codec(index = 3)]
    Uncertain,
    /// Fresh, agreed on by a quorum, and narrow.
    #[codec(index = 4)]
    Live,
}

/// What a price is wanted for.
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
pub enum Act {
    /// Anything that may add risk: opening, growing or flipping a position, an order that could.
    #[codec(index = 0)]
    OpenRisk,
    /// Reducing a position, cancelling, depositing: always allowed, on the last price there is.
    #[codec(index = 1)]
    ReduceRisk,
    /// Liquidating an account that is hurt by a lower price.
    #[codec(index = 2)]
    LiquidateLong,
    /// Liquidating an account that is hurt by a higher price.
    #[codec(index = 3)]
    LiquidateShort,
    /// Taking collateral out.
    #[codec(index = 4)]
    Withdraw,
    /// Accruing funding.
    #[codec(index = 5)]
    Funding,
}

impl FeedStatus {
    /// Whether an act may use the price of a feed of this status: the table of the oracle.
    ///
    /// | act | Live | Uncertain | Guarded | Stale | Down |
    /// |---|---|---|---|---|---|
    /// | open risk, withdraw, funding | yes | | | | |
    /// | liquidate | yes | moved by its confidence in the account's favour | yes | | |
    /// | reduce risk | yes | yes | yes | yes | yes, if there ever was a price |
    pub const fn allows(self, act: Act) -> bool {
        match act {
            Act::OpenRisk | Act::Withdraw | Act::Funding => matches!(self, Self::Live),
            Act::LiquidateLong | Act::LiquidateShort => {
                matches!(self, Self::Live | Self::Uncertain | Self::Guarded)
            }
            Act::ReduceRisk => true,
        }
    }
}

/// A price together with what one must know of it.
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
pub struct Price {
    /// The price for the act that was asked for.
    pub price: OraclePrice,
    /// One standard deviation of it, in the same unit.
    pub confidence: OraclePrice,
    /// When it was observed: the stake-weighted median of the reporters' times.
    pub observed_at: Moment,
    /// The status of the feed.
    pub status: FeedStatus,
}

/// Why there is no price for an act.
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
pub enum PriceUnavailable {
    /// No feed has this identifier.
    NoSuchFeed,
    /// The feed never had a price.
    NoPriceYet,
    /// The status of the feed does not allow the act.
    NotFor(FeedStatus),
}

/// Prices for the rest of the chain.
pub trait PriceFeeds {
    /// The price of a feed for an act.
    ///
    /// Cost: one storage read of a value that is read in every block anyway.
    fn price_for(feed: FeedId, act: Act) -> Result<Price, PriceUnavailable>;

    /// The status of a feed, [`FeedStatus::Down`] when there is no such feed.
    fn status(feed: FeedId) -> FeedStatus;

    /// The time-weighted average over at least `window_ms` up to now, rounded down; nothing when the
    /// record doesn't reach back that far. While the feed was stale its last price counts.
    ///
    /// Cost: three storage reads, one of them of 4 KiB.
    fn twap(feed: FeedId, window_ms: Moment) -> Option<OraclePrice>;

    /// The volatility over a horizon, in parts per million, rounded up; nothing before two prices.
    fn volatility_ppm(feed: FeedId, horizon_ms: Moment) -> Option<u32>;

    /// As many feeds as there can be, each with a price and a volatility, for a benchmark of whoever reads them.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_feeds() {}
}

/// The time of a block, known from its slot before any extrinsic runs.
///
/// In `on_initialize` the timestamp pallet still has the time of the parent.
pub trait BlockTime {
    /// The current slot.
    fn slot() -> u64;
    /// The length of a slot in milliseconds.
    fn slot_millis() -> Moment;
    /// When the current slot began, in milliseconds since the Unix epoch.
    fn now_ms() -> Moment {
        Self::slot().saturating_mul(Self::slot_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Act::*;
    use FeedStatus::*;

    #[test]
    fn table_should_be_the_documented_one() {
        for status in [Down, Stale, Guarded, Uncertain, Live] {
            for act in [OpenRisk, Withdraw, Funding] {
                assert_eq!(status.allows(act), status == Live, "{status:?} {act:?}");
            }
            for act in [LiquidateLong, LiquidateShort] {
                assert_eq!(status.allows(act), status >= Guarded, "{status:?} {act:?}");
            }
            assert!(status.allows(ReduceRisk), "{status:?}");
        }
    }
}
