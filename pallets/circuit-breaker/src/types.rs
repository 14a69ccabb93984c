//! What the pallet remembers between blocks.

use caisson_primitives::{
    trading::{Cash, CompartmentId, Level, MarketId, Scope},
    BlockNumber, Moment,
};
use caisson_risk::breaker::LeakyBucket;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{ConstU32, Get},
    BoundedVec,
};
use scale_info::TypeInfo;

use crate::{pallet::Config, terms::HORIZONS};

/// The most samples of a past that are kept for one horizon.
pub const RING_SAMPLES: u32 = 8;

/// The longest reason a guardian gives, in bytes.
pub const MAX_REASON: u32 = 128;

/// A reason, in UTF-8 or whatever a client shows.
pub type Reason = BoundedVec<u8, ConstU32<MAX_REASON>>;

/// A scope that is restricted, and how.
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
pub struct Restriction {
    /// What is restricted.
    pub scope: Scope,
    /// How strictly: the strictest level of its trips. Never open.
    pub level: Level,
    /// No call ends before this block; zero for none.
    pub hold: BlockNumber,
}

/// The most scopes there are: the markets, the compartments, and the chain.
pub struct MaxScopes<T>(core::marker::PhantomData<T>);

impl<T: Config> Get<u32> for MaxScopes<T> {
    fn get() -> u32 {
        T::MaxMarkets::get()
            .saturating_add(T::MaxCompartments::get().into())
            .saturating_add(1)
    }
}

/// A value at a time.
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
pub struct Sample {
    /// When, in milliseconds since the epoch.
    pub at: Moment,
    /// What: quanta for one lot, or lots. Both fit 60 bits.
    pub value: u64,
}

/// Samples of the last span of time, an eighth of it apart, oldest first.
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
pub struct Ring(BoundedVec<Sample, ConstU32<RING_SAMPLES>>);

impl Ring {
    fn inside(&self, now: Moment, span_ms: Moment) -> impl Iterator<Item = &Sample> {
        self.0
            .iter()
            .filter(move |sample| sample.at.saturating_add(span_ms) >= now)
    }

    /// The oldest value that is not older than the span.
    pub fn oldest(&self, now: Moment, span_ms: Moment) -> Option<u64> {
        self.inside(now, span_ms).next().map(|sample| sample.value)
    }

    /// The lowest value that is not older than the span.
    pub fn lowest(&self, now: Moment, span_ms: Moment) -> Option<u64> {
        self.inside(now, span_ms).map(|sample| sample.value).min()
    }

    /// Whether the last sample is an eighth of the span old.
    pub fn is_due(&self, now: Moment, span_ms: Moment) -> bool {
        let spacing = span_ms.checked_div(RING_SAMPLES.into()).unwrap_or_default();
        self.0
            .last()
            .is_none_or(|last| last.at.saturating_add(spacing) <= now)
    }

    /// Adds a sample; drops those older than the span, and the oldest if there is no room.
    pub fn push(&mut self, now: Moment, value: u64, span_ms: Moment) {
        self.0
            .retain(|sample| sample.at.saturating_add(span_ms) >= now);
        if self.0.is_full() {
            self.0.remove(0);
        }
        // There is room: at most one less than the bound is left.
        let _ = self.0.try_push(Sample { at: now, value });
    }

    /// Forgets the past: it begins now, with this value.
    pub fn restart(&mut self, now: Moment, value: u64) {
        self.0.clear();
        // There is room: it is empty.
        let _ = self.0.try_push(Sample { at: now, value });
    }

    /// All samples.
    pub fn samples(&self) -> &[Sample] {
        &self.0
    }
}

/// A call that is extended because its price is outside a horizon's band.
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
pub struct Extension {
    /// When it was extended first.
    pub since: Moment,
    /// When it was extended last.
    pub last: Moment,
}

/// What is remembered of a live market's prices.
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
pub struct Watch {
    /// Past marks, by horizon.
    pub marks: [Ring; HORIZONS],
    /// Past open interest.
    pub interest: Ring,
    /// Since when the index is not live.
    pub untrusted_since: Option<Moment>,
    /// The extension of its call that goes on, or did.
    pub extension: Option<Extension>,
}

/// A running average, and that of the distance to it.
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
pub struct Running {
    /// The average.
    pub centre: i128,
    /// The mean absolute deviation. Not negative.
    pub deviation: i128,
}

/// How many figures of a call are looked at.
pub const FIGURES: usize = 4;

/// What the calls of a market were like.
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
pub struct Flow {
    /// How many calls were seen in which something traded.
    pub calls: u32,
    /// Imbalance, cancels to fills, concentration, volume, as [`figures`](crate::flow::figures) gives them.
    pub usual: [Running; FIGURES],
}

/// What left a compartment.
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
pub struct Outflow {
    /// Everything, over hours.
    pub hour: LeakyBucket,
    /// Everything, over days.
    pub day: LeakyBucket,
    /// What was small and did not wait, over hours.
    pub small: LeakyBucket,
    /// When the last deficit was covered, if there ever was one.
    pub covered_at: Option<Moment>,
}

/// A deficit that nobody covered yet.
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
pub struct Deficit {
    /// Where.
    pub compartment: CompartmentId,
    /// Of which market.
    pub market: MarketId,
    /// How much. Positive.
    pub open: Cash,
}

/// The last block.
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
pub struct Beat {
    /// The time of its slot.
    pub at: Moment,
    /// The version of the runtime that made it.
    pub spec_version: u32,
}
