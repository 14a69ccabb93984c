//! What the oracle stores and what validators report.

use alloc::vec::Vec;

use caisson_primitives::{
    oracle::{AuthorityIndex, FeedId, FeedStatus, OraclePrice, Round, MAX_FEEDS},
    Moment,
};
use caisson_risk::twap::{Checkpoint, Ring};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedBTreeMap, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_staking::SessionIndex;

/// The most sources of one feed.
pub const MAX_SOURCES: u32 = 16;
/// The longest symbol of a feed, in bytes.
pub const MAX_SYMBOL: u32 = 24;
/// The longest URL template, in bytes.
pub const MAX_URL: u32 = 256;
/// The longest JSON pointer, in bytes.
pub const MAX_POINTER: u32 = 128;
/// How many checkpoints of the cumulative price are kept: with [`CHECKPOINT_SPACING_MS`] between two
/// of them they reach back an hour, the longest settlement window.
pub const CHECKPOINTS: usize = 128;
/// The least time between two checkpoints.
pub const CHECKPOINT_SPACING_MS: Moment = 30_000;
/// How many past aggregates of a feed are kept for charts.
pub const RECENT_PRICES: u8 = 64;
/// The interval to which variances refer, and the least time between two samples: shorter ones
/// measure the noise of sources rather than the market.
pub const VARIANCE_INTERVAL_MS: Moment = 10_000;

/// The symbol of a feed: base and quote, such as `BTC/USD`.
pub type Symbol = BoundedVec<u8, ConstU32<MAX_SYMBOL>>;
/// The sources of a feed.
pub type Sources = BoundedVec<Source, ConstU32<MAX_SOURCES>>;
/// Something for each feed.
pub type PerFeed<V> = BoundedBTreeMap<FeedId, V, ConstU32<MAX_FEEDS>>;

/// A set of feeds: bit `n` stands for feed `n`.
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
pub struct FeedSet(pub u64);

impl FeedSet {
    fn bit(feed: FeedId) -> u64 {
        1u64.checked_shl(feed.into()).unwrap_or(0)
    }

    /// Adds a feed; one that can't exist changes nothing.
    pub fn insert(&mut self, feed: FeedId) {
        self.0 |= Self::bit(feed);
    }

    /// Takes a feed out.
    pub fn remove(&mut self, feed: FeedId) {
        self.0 &= !Self::bit(feed);
    }

    /// Whether a feed is in the set.
    pub fn contains(&self, feed: FeedId) -> bool {
        self.0 & Self::bit(feed) != 0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

/// What a feed is called.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FeedInfo {
    /// Base and quote.
    pub symbol: Symbol,
    /// How many decimal places clients show. Stored prices always have eighteen.
    pub decimals: u8,
}

/// How a feed is reported, aggregated and judged. SPEC 2.
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedParameters {
    /// The lowest price that may enter, in 10^-18.
    #[serde(with = "decimal_text")]
    pub lowest: OraclePrice,
    /// The highest price that may enter, in 10^-18.
    #[serde(with = "decimal_text")]
    pub highest: OraclePrice,
    /// A validator reports when its price moved by more than this share, in parts per million.
    pub deviation_ppm: u32,
    /// It reports at the latest after this time, in milliseconds.
    pub heartbeat_ms: u32,
    /// A report counts, and an aggregate is not stale, until it is this old, in milliseconds.
    pub max_age_ms: u32,
    /// A validator reports only if so many of its sources answered.
    pub min_sources: u8,
    /// The aggregate moves by at most this share in a block, in parts per million.
    pub max_step_ppm: u32,
    /// Above this share of the price its confidence makes the feed uncertain, in parts per million.
    pub max_confidence_ppm: u32,
    /// A report is an outlier beyond this multiple of the tolerance, in parts per million.
    pub outlier_factor_ppm: u32,
    /// The tolerance is at least this share of the price, in parts per million.
    pub tolerance_floor_ppm: u32,
    /// The time constant of the variance, in milliseconds.
    pub variance_time_constant_ms: u32,
}

/// Prices in chain specifications: decimal text, because numbers in JSON lose their last digits in many
/// tools.
mod decimal_text {
    use alloc::{format, string::String};
    use caisson_primitives::oracle::OraclePrice;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    const ONE: OraclePrice = 1_000_000_000_000_000_000;

    pub fn serialize<S: Serializer>(price: &OraclePrice, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = price.checked_div(ONE).unwrap_or_default();
        let rest = price.checked_rem(ONE).unwrap_or_default();
        serializer.serialize_str(&format!("{whole}.{rest:018}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OraclePrice, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::worker::decimal::price(&text).map_err(|_| {
            D::Error::custom(format!(
                "`{text}` is no price: a positive decimal number is wanted"
            ))
        })
    }
}

/// The unit of a time that a source states.
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
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds since the Unix epoch, with or without decimals.
    #[codec(index = 0)]
    Seconds,
    /// Milliseconds since the epoch.
    #[codec(index = 1)]
    Milliseconds,
    /// Microseconds since the epoch.
    #[codec(index = 2)]
    Microseconds,
    /// Nanoseconds since the epoch.
    #[codec(index = 3)]
    Nanoseconds,
    /// Text as of ISO 8601, such as `2026-01-31T12:00:00.5Z`.
    #[codec(index = 4)]
    Iso8601,
}

/// Where a source says how old its answer is.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SourceTime {
    /// A JSON pointer to the time.
    pub pointer: BoundedVec<u8, ConstU32<MAX_POINTER>>,
    /// Its unit.
    pub unit: TimeUnit,
    /// Answers older than this are dropped, in milliseconds.
    pub max_age_ms: u32,
}

/// One place where a price is quoted. SPEC 3.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Source {
    /// A URL in which `{base}`, `{quote}` (lower case), `{BASE}` and `{QUOTE}` (upper case) stand for the
    /// parts of the feed's symbol.
    pub url: BoundedVec<u8, ConstU32<MAX_URL>>,
    /// A JSON pointer (RFC 6901) to the price, a number or a text of one.
    pub pointer: BoundedVec<u8, ConstU32<MAX_POINTER>>,
    /// The source quotes base per quote: its price is inverted.
    pub inverted: bool,
    /// Its weight in the median of sources, at least one.
    pub weight: u32,
    /// Where it says how old its answer is, if it does.
    pub time: Option<SourceTime>,
}

/// One price in a report.
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
pub struct ReportedPrice {
    /// The feed.
    pub feed: FeedId,
    /// The median of the reporter's sources, in 10^-18.
    #[codec(compact)]
    pub price: OraclePrice,
    /// The spread of its sources as one standard deviation, in 10^-18.
    #[codec(compact)]
    pub confidence: OraclePrice,
}

/// What a validator observed in one slot of its clock. SPEC 4.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Report {
    /// The session in which the key and the index are those of the validator.
    pub session: SessionIndex,
    /// The validator's place in the session's set.
    pub authority: AuthorityIndex,
    /// The slot in which the prices were observed.
    pub round: Round,
    /// The prices of all feeds that were due, ascending by feed.
    pub prices: BoundedVec<ReportedPrice, ConstU32<MAX_FEEDS>>,
}

/// A report that disagreed with the aggregate and waits to be judged. SPEC 7.
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
pub struct Suspect {
    /// What was reported.
    pub price: OraclePrice,
    /// The slot of the block in which it was found to disagree.
    pub since: u64,
    /// The lowest median from just before then on.
    pub low: OraclePrice,
    /// The highest.
    pub high: OraclePrice,
}

/// The latest that one validator reported of one feed.
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
pub struct Observation {
    /// The feed.
    pub feed: FeedId,
    /// The slot of the block in which it arrived. It is new until a closing after that has a quorum; so closing
    /// needs no write to remember what it has seen.
    pub arrived: u64,
    /// The price.
    pub price: OraclePrice,
    /// The spread of its sources.
    pub confidence: OraclePrice,
    /// The slot in which it was observed.
    pub round: Round,
    /// An earlier or this same report that waits to be judged.
    pub suspect: Option<Suspect>,
}

/// The latest reports of one validator.
#[derive(
    Clone,
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
pub struct LatestReport {
    /// The round of the last report.
    pub round: Round,
    /// The latest observation of each feed, ascending by feed.
    pub observations: BoundedVec<Observation, ConstU32<MAX_FEEDS>>,
}

impl LatestReport {
    /// The latest observation of a feed. `O(log n)`.
    pub fn of(&self, feed: FeedId) -> Option<&Observation> {
        let at = self
            .observations
            .binary_search_by_key(&feed, |observation| observation.feed)
            .ok()?;
        self.observations.get(at)
    }

    /// The same, to change it.
    pub fn of_mut(&mut self, feed: FeedId) -> Option<&mut Observation> {
        let at = self
            .observations
            .binary_search_by_key(&feed, |observation| observation.feed)
            .ok()?;
        self.observations.get_mut(at)
    }

    /// Takes a new observation in; a suspect of the one it replaces stays until it is judged.
    pub fn observe(&mut self, mut new: Observation) {
        let found = self
            .observations
            .binary_search_by_key(&new.feed, |observation| observation.feed);
        match found {
            Ok(at) => {
                if let Some(old) = self.observations.get_mut(at) {
                    new.suspect = old.suspect;
                    *old = new;
                }
            }
            // There is one place for every feed there can be, so this never fails.
            Err(at) => drop(self.observations.try_insert(at, new)),
        }
    }

    /// Forgets a feed.
    pub fn forget(&mut self, feed: FeedId) {
        self.observations
            .retain(|observation| observation.feed != feed);
    }
}

/// The owner of an oracle key in the current session.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Authority<AccountId, AuthorityId> {
    /// Verifies its reports.
    pub key: AuthorityId,
    /// Who it is.
    pub validator: AccountId,
}

/// A validator of the current session and what its word weighs.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reporter<AccountId> {
    /// Who it is.
    pub validator: AccountId,
    /// Its stake in the active era, capped. SPEC 5.
    pub weight: u128,
}

/// A feed's price, as everyone reads it.
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
pub struct Aggregate {
    /// The price, in 10^-18.
    pub price: OraclePrice,
    /// Its confidence, in 10^-18.
    pub confidence: OraclePrice,
    /// The stake-weighted median of the times of the reports in it.
    pub observed_at: Moment,
    /// When a quorum last agreed on it.
    pub updated_at: Moment,
    /// It is on its way to a median further than one step away.
    pub held_back: bool,
    /// Its status, which each block brings up to date.
    pub status: FeedStatus,
}

/// What aggregation remembers of a feed, besides its price.
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
pub struct Trace {
    /// The last median, before it was held back; zero before the first.
    pub median: OraclePrice,
    /// When aggregation was last tried, with or without a quorum.
    pub closed_at: Moment,
    /// The slot of the block in which a quorum last agreed.
    pub agreed_in: u64,
    /// The cumulative price up to the last change of the price.
    pub cumulative: Checkpoint,
    /// When a checkpoint was last kept.
    pub checkpoint_at: Moment,
    /// The variance, in `ppb^2` per [`VARIANCE_INTERVAL_MS`].
    pub variance: i128,
    /// The price of the last sample of the variance; zero before the first.
    pub sampled_price: OraclePrice,
    /// When it was taken.
    pub sampled_at: Moment,
    /// How many samples there were.
    pub samples: u32,
    /// How many aggregates there were.
    pub updates: u64,
}

/// The checkpoints of a feed's cumulative price.
pub type Checkpoints = Ring<CHECKPOINTS>;

/// A past aggregate.
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
pub struct RecentPrice {
    /// When it was made.
    pub at: Moment,
    /// The price.
    pub price: OraclePrice,
    /// Its confidence.
    pub confidence: OraclePrice,
}

/// What a validator has done in this session. SPEC 7, 8.
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
pub struct Performance {
    /// Prices that were expected of it.
    pub expected: u32,
    /// Those for which it had a fresh report.
    pub fresh: u32,
    /// Those of which agreed with the aggregate.
    pub accurate: u32,
    /// Reports that were judged to be outliers, or insane.
    pub outliers: u32,
    /// The offence for its outliers has been reported.
    pub reported: bool,
}

/// What a validator did wrong.
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
pub enum Misconduct {
    /// More outliers in a session than are tolerated.
    #[codec(index = 0)]
    Deviation,
    /// Too little participation, in more than one session in a row.
    #[codec(index = 1)]
    Silence,
    /// Two different reports for one round.
    #[codec(index = 2)]
    Equivocation,
}

/// An offence that waits for its turn to be handed to the staking system.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PendingOffence<AccountId, Offender> {
    /// Who did it, as the staking system names it. Found out when the offence is: an offender that leaves with
    /// the era can't be named any more after it.
    pub offender: Offender,
    /// What it did.
    pub kind: Misconduct,
    /// In which session.
    pub session: SessionIndex,
    /// How many validators there were.
    pub validators: u32,
    /// Tells it apart from others of its kind in the session: a hash of the offender, or the round.
    pub time_slot: u64,
    /// The share of its stake to slash.
    pub slash: sp_runtime::Perbill,
    /// Who proved it, if it took a proof; the staking system rewards that.
    pub reporter: Option<AccountId>,
}

/// Two different reports of one key for one round: proof enough by itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct EquivocationProof<AuthorityId, Signature> {
    /// The key that signed both.
    pub key: AuthorityId,
    /// One report.
    pub first: Report,
    /// Its signature.
    pub first_signature: Signature,
    /// The other.
    pub second: Report,
    /// Its signature.
    pub second_signature: Signature,
}

/// What a node's operator says of the sources of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LocalSources {
    /// The symbol of the feed.
    pub symbol: Vec<u8>,
    /// Use these sources only, and not also those on chain.
    pub replace: bool,
    /// The sources.
    pub sources: Vec<Source>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(feed: FeedId, price: OraclePrice) -> Observation {
        Observation {
            feed,
            arrived: 1,
            price,
            confidence: 0,
            round: 1,
            suspect: None,
        }
    }

    #[test]
    fn feed_set_should_hold_every_feed_there_can_be_and_no_other() {
        let mut set = FeedSet::default();
        for feed in [0, 1, 63, 64, 255] {
            set.insert(feed);
        }
        assert!(set.contains(0) && set.contains(1) && set.contains(63));
        assert!(!set.contains(2) && !set.contains(64) && !set.contains(255));
        set.remove(0);
        set.remove(64);
        assert!(!set.contains(0) && set.contains(1) && !set.is_empty());
    }

    #[test]
    fn latest_report_should_stay_sorted_and_keep_suspects() {
        let mut latest = LatestReport::default();
        for feed in [5, 1, 3] {
            latest.observe(observation(feed, feed.into()));
        }
        let feeds: Vec<_> = latest.observations.iter().map(|o| o.feed).collect();
        assert_eq!(feeds, [1, 3, 5]);
        let suspect = Some(Suspect {
            price: 3,
            since: 9,
            low: 1,
            high: 2,
        });
        latest.of_mut(3).unwrap().suspect = suspect;
        latest.observe(observation(3, 4));
        assert_eq!(latest.of(3).unwrap().price, 4);
        assert_eq!(latest.of(3).unwrap().suspect, suspect);
        latest.forget(3);
        assert_eq!(latest.of(3), None);
    }
}
