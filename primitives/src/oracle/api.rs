//! What clients may ask the oracle, through `state_call` and the metadata's runtime APIs.

use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use scale_info::TypeInfo;

use super::{crypto::AuthorityId, Act, FeedId, FeedStatus, OraclePrice, Price, PriceUnavailable};
use crate::types::Moment;

/// A feed as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FeedView {
    /// Its identifier.
    pub feed: FeedId,
    /// Base and quote, for example `BTC/USD`, in ASCII.
    pub symbol: Vec<u8>,
    /// How many decimal places a client should show.
    pub decimals: u8,
    /// Its status in this block.
    pub status: FeedStatus,
    /// Its price, if it ever had one, in 10^-18.
    pub price: Option<OraclePrice>,
    /// The confidence of the price, in 10^-18.
    pub confidence: OraclePrice,
    /// When the price was observed, in milliseconds since the epoch.
    pub observed_at: Moment,
    /// How old the price is in this block, in milliseconds.
    pub age_ms: Moment,
    /// When a quorum last agreed, in milliseconds since the epoch.
    pub updated_at: Moment,
}

/// A past aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PastPrice {
    /// When it was made, in milliseconds since the epoch.
    pub at: Moment,
    /// The price, in 10^-18.
    pub price: OraclePrice,
    /// Its confidence, in 10^-18.
    pub confidence: OraclePrice,
}

/// What a validator has done for the oracle in the current session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Participation<AccountId, Balance> {
    /// The validator.
    pub validator: AccountId,
    /// Its oracle key in this session.
    pub key: AuthorityId,
    /// Its share of the weight of all reporters, in parts per million, rounded down.
    pub weight_ppm: u32,
    /// How many prices of it were expected.
    pub expected: u32,
    /// For how many of them it had a fresh report.
    pub fresh: u32,
    /// How many of these agreed with the aggregate.
    pub accurate: u32,
    /// How many of its reports were outliers.
    pub outliers: u32,
    /// For how many sessions in a row, up to the last, it was silent.
    pub silent_sessions: u32,
    /// What it would earn if the session ended now.
    pub reward: Balance,
}

sp_api::decl_runtime_apis! {
    /// Prices and what is behind them.
    pub trait OracleApi<AccountId, Balance> where AccountId: Codec, Balance: Codec {
        /// All feeds.
        fn feeds() -> Vec<FeedView>;
        /// The price of a feed for an act, or why there is none.
        fn price_for(feed: FeedId, act: Act) -> Result<Price, PriceUnavailable>;
        /// The time-weighted average price over at least `window_ms`, in 10^-18, if known.
        fn twap(feed: FeedId, window_ms: Moment) -> Option<OraclePrice>;
        /// The volatility over a horizon, in parts per million, if known.
        fn volatility(feed: FeedId, horizon_ms: Moment) -> Option<u32>;
        /// The latest aggregates of a feed, oldest first.
        fn recent(feed: FeedId) -> Vec<PastPrice>;
        /// All reporters of this session.
        fn participation() -> Vec<Participation<AccountId, Balance>>;
        /// A proof that a key was a validator's oracle key in this session, SCALE-encoded, for a
        /// report of an equivocation.
        fn key_ownership_proof(key: AuthorityId) -> Option<Vec<u8>>;
    }
}
