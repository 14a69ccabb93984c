//! The level machine: what trips make of a level, and how it goes up and down. Without storage. SPEC 3.
//!
//! There are two ways to change a level. [`Machine::raise_to`] takes the larger of everything and can do nothing else;
//! it is all that triggers and guardians reach. The private `loosen` is reached from [`Machine::recover`], which asks
//! for time and a clear condition, and from [`Machine::lower`], which is the referendum's.
//!
//! Everything here is a function of the machine, an event and a [`Clock`], so that a model checker can drive it with
//! small numbers.

use caisson_primitives::{trading::Level, BlockNumber, Moment};
use caisson_risk::breaker::may_step_down;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{defensive, traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Why a scope is restricted.
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
pub enum Cause {
    /// The mark, or a price about to be committed, is too far from a past mark.
    #[codec(index = 0)]
    PriceBand,
    /// The index can't be trusted fully, or not at all.
    #[codec(index = 1)]
    OracleHealth,
    /// The chain stood still.
    #[codec(index = 2)]
    BlockGap,
    /// The runtime is a new one.
    #[codec(index = 3)]
    RuntimeUpgrade,
    /// The orders of a call are unlike those of the calls before.
    #[codec(index = 4)]
    OrderFlow,
    /// Open interest grows fast and is large for the fund.
    #[codec(index = 5)]
    OpenInterest,
    /// Much was liquidated, or many accounts wait for it.
    #[codec(index = 6)]
    LiquidationPressure,
    /// The fund pays out fast.
    #[codec(index = 7)]
    InsuranceDrawdown,
    /// Guardians raised it, for a time.
    #[codec(index = 8)]
    Guardian,
    /// A referendum ratified what guardians raised: it stays until a referendum lowers it.
    #[codec(index = 9)]
    Ratified,
}

/// How many causes there are.
pub const CAUSES: u32 = 10;

impl Cause {
    /// All of them.
    pub const ALL: [Self; CAUSES as usize] = [
        Self::PriceBand,
        Self::OracleHealth,
        Self::BlockGap,
        Self::RuntimeUpgrade,
        Self::OrderFlow,
        Self::OpenInterest,
        Self::LiquidationPressure,
        Self::InsuranceDrawdown,
        Self::Guardian,
        Self::Ratified,
    ];
}

/// A level that one cause demands in one scope.
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
pub struct Trip {
    /// Why.
    pub cause: Cause,
    /// How strict. Never open.
    pub level: Level,
    /// When it was raised to its strictest level since it began, in milliseconds since the epoch.
    pub raised_at: Moment,
    /// From when the cool-down counts: the last time the condition of this level held, or the last step down.
    pub renewed_at: Moment,
    /// What was measured when it was last raised or renewed, in the unit of the cause (SPEC 4).
    pub figure: i128,
    /// What it was measured against.
    pub limit: i128,
    /// No call ends, and this trip does not step down, before this block; zero for none.
    pub hold: BlockNumber,
    /// When a guardian's trip stops holding; nothing for other causes.
    pub expires_at: Option<Moment>,
}

/// What the machine knows of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time of the block's slot, in milliseconds since the epoch.
    pub now: Moment,
    /// The number of the block.
    pub block: BlockNumber,
}

/// How a trip comes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How long a level stays at least after its condition last held, and each step after the one before, in
    /// milliseconds.
    pub cool_down_ms: Moment,
    /// How many blocks the call lasts with which trading resumes after a level stricter than long calls.
    pub reopen_blocks: BlockNumber,
}

/// What a trigger found, or a guardian decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raise {
    /// Why.
    pub cause: Cause,
    /// The level that is demanded now; open demands nothing.
    pub level: Level,
    /// What was measured.
    pub figure: i128,
    /// What it is measured against.
    pub limit: i128,
    /// No call ends before this block; zero for none.
    pub hold: BlockNumber,
    /// When it stops holding, for guardians.
    pub expires_at: Option<Moment>,
}

impl Raise {
    /// A demand without a hold or an expiry.
    pub const fn new(cause: Cause, level: Level, figure: i128, limit: i128) -> Self {
        Self {
            cause,
            level,
            figure,
            limit,
            hold: 0,
            expires_at: None,
        }
    }

    /// That a cause demands nothing now.
    pub const fn clear(cause: Cause) -> Self {
        Self::new(cause, Level::Open, 0, 0)
    }
}

/// How the trip of a cause changed; open where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The level of the cause's trip before.
    pub before: Level,
    /// And after.
    pub after: Level,
}

/// All trips of one scope, at most one for each cause, in the order of causes.
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
pub struct Machine {
    // The bound is the number of causes: there is one trip for each at most.
    trips: BoundedVec<Trip, ConstU32<CAUSES>>,
}

impl Machine {
    /// The trips, in the order of causes.
    pub fn trips(&self) -> &[Trip] {
        &self.trips
    }

    /// The trip of a cause.
    pub fn trip(&self, cause: Cause) -> Option<&Trip> {
        self.trips.iter().find(|trip| trip.cause == cause)
    }

    /// The strictest level of all trips.
    pub fn level(&self) -> Level {
        self.trips
            .iter()
            .map(|trip| trip.level)
            .max()
            .unwrap_or_default()
    }

    /// The block before which no call ends; zero for none.
    pub fn hold(&self) -> BlockNumber {
        self.trips.iter().map(|trip| trip.hold).max().unwrap_or(0)
    }

    /// Takes the stricter of what there is and what is demanded, in level, hold and expiry. The cool-down begins anew
    /// when what is demanded is at least the level there is.
    ///
    /// Says how the trip changed if its level, its hold or its expiry did; a mere renewal changes nothing that anyone
    /// must be told.
    pub fn raise_to(&mut self, raise: &Raise, now: Moment) -> Option<Change> {
        if raise.level == Level::Open {
            return None;
        }
        let place = self
            .trips
            .binary_search_by_key(&raise.cause, |trip| trip.cause);
        let place = match place {
            Ok(place) => place,
            Err(place) => return self.begin(place, raise, now),
        };
        let trip = self.trips.get_mut(place)?;
        let old = *trip;
        trip.level = old.level.max(raise.level);
        trip.hold = old.hold.max(raise.hold);
        trip.expires_at = old.expires_at.max(raise.expires_at);
        if raise.level >= old.level {
            trip.renewed_at = old.renewed_at.max(now);
            trip.figure = raise.figure;
            trip.limit = raise.limit;
        }
        if raise.level > old.level {
            trip.raised_at = now;
        }
        let has_changed =
            (trip.level, trip.hold, trip.expires_at) != (old.level, old.hold, old.expires_at);
        has_changed.then_some(Change {
            before: old.level,
            after: trip.level,
        })
    }

    fn begin(&mut self, place: usize, raise: &Raise, now: Moment) -> Option<Change> {
        let trip = Trip {
            cause: raise.cause,
            level: raise.level,
            raised_at: now,
            renewed_at: now,
            figure: raise.figure,
            limit: raise.limit,
            hold: raise.hold,
            expires_at: raise.expires_at,
        };
        if self.trips.try_insert(place, trip).is_err() {
            defensive!("circuit breaker: more trips than causes");
            return None;
        }
        Some(Change {
            before: Level::Open,
            after: raise.level,
        })
    }

    /// One look at a cause: what it demands now keeps the trip up or raises it; if it demands less than the trip's level,
    /// the trip may step down.
    pub fn observe(&mut self, raise: &Raise, clock: Clock, recovery: Recovery) -> Option<Change> {
        let held = self
            .trip(raise.cause)
            .map_or(Level::Open, |trip| trip.level);
        if raise.level >= held {
            return self.raise_to(raise, clock.now);
        }
        self.recover(raise.cause, raise.level, clock, recovery)
    }

    /// Steps the trip of a cause down by one level, if `demanded`, the level of its condition now, is looser, the hold and
    /// the expiry have passed, and so has the cool-down since it was last renewed. What is ratified stays.
    pub fn recover(
        &mut self,
        cause: Cause,
        demanded: Level,
        clock: Clock,
        recovery: Recovery,
    ) -> Option<Change> {
        let trip = *self.trip(cause)?;
        let clear = demanded < trip.level
            && clock.block >= trip.hold
            && trip.expires_at.is_none_or(|at| at <= clock.now)
            && cause != Cause::Ratified;
        let may = may_step_down(
            clear,
            &i128::from(trip.renewed_at),
            &i128::from(clock.now),
            &i128::from(recovery.cool_down_ms),
        );
        if !may.unwrap_or(false) {
            return None;
        }
        let to = trip.level.loosened();
        self.loosen(cause, to, clock, recovery.reopen_blocks);
        Some(Change {
            before: trip.level,
            after: to,
        })
    }

    /// Lowers every trip that is stricter than `level` to it, at once; open ends all. The referendum's alone.
    ///
    /// Says whether any trip was stricter.
    pub fn lower(&mut self, level: Level, clock: Clock, reopen_blocks: BlockNumber) -> bool {
        let before = self.level();
        for cause in Cause::ALL {
            if self.trip(cause).is_some_and(|trip| trip.level > level) {
                self.loosen(cause, level, clock, reopen_blocks);
            }
        }
        before > level
    }

    /// What guardians raised stays until it is lowered: their trip becomes one that doesn't expire, and is never looser
    /// than what was ratified before.
    ///
    /// Says how the ratified trip changed; nothing if guardians raised nothing here.
    pub fn ratify(&mut self, now: Moment) -> Option<Change> {
        let guardian = *self.trip(Cause::Guardian)?;
        let ratified = Raise {
            cause: Cause::Ratified,
            hold: guardian.hold,
            ..Raise::new(
                Cause::Ratified,
                guardian.level,
                guardian.figure,
                guardian.limit,
            )
        };
        let before = self
            .trip(Cause::Ratified)
            .map_or(Level::Open, |trip| trip.level);
        self.raise_to(&ratified, now);
        let after = self.trip(Cause::Ratified)?.level;
        // Nothing is lost: the ratified trip is at least as strict, and for longer.
        self.trips.retain(|trip| trip.cause != Cause::Guardian);
        Some(Change { before, after })
    }

    /// The only way down.
    fn loosen(&mut self, cause: Cause, to: Level, clock: Clock, reopen_blocks: BlockNumber) {
        if to == Level::Open {
            self.trips.retain(|trip| trip.cause != cause);
            return;
        }
        let trip = self.trips.iter_mut().find(|trip| trip.cause == cause);
        let Some(trip) = trip.filter(|trip| trip.level > to) else {
            return;
        };
        trip.level = to;
        trip.renewed_at = clock.now;
        if to == Level::LongCalls {
            // Trading resumes with a call, however long the call that was held back is open already.
            trip.hold = trip.hold.max(clock.block.saturating_add(reopen_blocks));
        }
    }
}
