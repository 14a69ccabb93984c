//! Block time, sessions and eras.
//!
//! Block counts are for governance and housekeeping. Whatever touches money (funding, expiry,
//! volatility) measures time in [`Moment`], because blocks can be late.

use crate::types::{BlockNumber, Moment};

/// The length of a slot, and so the target time between two blocks, in milliseconds.
pub const SLOT_MILLIS: Moment = 1_000;

/// Blocks in a minute.
pub const MINUTES: BlockNumber = 60_000 / SLOT_MILLIS as BlockNumber;
/// Blocks in an hour.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// Blocks in a day.
pub const DAYS: BlockNumber = 24 * HOURS;

/// Slots in a session, which is also a BABE epoch. New session keys take effect two sessions after
/// they were set.
pub const SESSION_SLOTS: BlockNumber = 20 * MINUTES;

/// Sessions in an era: the validator set is elected, and rewards are counted, once in an era.
pub const SESSIONS_PER_ERA: u32 = 18;

/// Eras that stake stays bonded after unbonding began.
pub const BONDING_ERAS: u32 = 28;
