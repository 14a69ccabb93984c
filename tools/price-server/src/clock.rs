//! Wall-clock time, and how it maps to the time of a history.
//!
//! Everything is a function of the wall clock, in whole milliseconds. So the price of any moment can
//! be computed afterwards, and the timestamps of answers compare with those of a chain on the same
//! machine.

use crate::error::{Error, Result};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::Decimal;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// Parts of a speed: it is kept in millionths of real time.
const MILLION: u64 = 1_000_000;

/// The fastest speed: a year in half a minute.
const MAX_SPEED: u64 = 1_000_000;

/// Milliseconds since 1970.
pub fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// How many times faster than real a history plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    ppm: u64,
}

impl Speed {
    /// Real speed.
    pub const REAL: Self = Self { ppm: MILLION };
}

impl FromStr for Speed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Decimal::from_str_exact(text)
            .ok()
            .filter(|speed| *speed <= Decimal::from(MAX_SPEED))
            .and_then(|speed| (speed * Decimal::from(MILLION)).to_u64())
            .filter(|ppm| *ppm > 0)
            .map(|ppm| Self { ppm })
            .ok_or_else(|| {
                Error::new(format!(
                    "`{text}` isn't a speed; write a number such as 1, 0.5 or 60, at least \
                     0.000001 and at most {MAX_SPEED}"
                ))
            })
    }
}

/// When and how a history plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playback {
    /// The wall-clock time of the first row.
    pub started_ms: u64,
    /// How fast it plays.
    pub speed: Speed,
    /// Whether it starts again at its end; otherwise its last price stays.
    pub looping: bool,
}

impl Playback {
    /// How much history has passed at this wall-clock time, loops included; none before the start.
    pub fn played_ms(&self, wall_ms: u64) -> u64 {
        let elapsed = u128::from(wall_ms.saturating_sub(self.started_ms));
        let played = elapsed * u128::from(self.speed.ppm) / u128::from(MILLION);
        u64::try_from(played).unwrap_or(u64::MAX)
    }

    /// The first wall-clock time at which this much history has passed.
    pub fn wall_ms_of(&self, played_ms: u64) -> u64 {
        let elapsed =
            (u128::from(played_ms) * u128::from(MILLION)).div_ceil(u128::from(self.speed.ppm));
        u64::try_from(elapsed)
            .unwrap_or(u64::MAX)
            .saturating_add(self.started_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playback(speed: &str) -> Playback {
        Playback {
            started_ms: 1_000,
            speed: speed.parse().expect("a speed"),
            looping: false,
        }
    }

    #[test]
    fn speed_should_be_read_when_it_is_a_positive_number() {
        assert_eq!("1".parse(), Ok(Speed::REAL));
        assert_eq!("0.5".parse(), Ok(Speed { ppm: 500_000 }));
        assert_eq!(
            "1000000".parse(),
            Ok(Speed {
                ppm: 1_000_000_000_000
            })
        );
    }

    #[test]
    fn speed_should_fail_when_it_is_out_of_range() {
        for text in ["0", "-1", "x", "", "1000001", "0.0000001", "1e3"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }

    #[test]
    fn played_should_be_nothing_when_it_has_not_started() {
        assert_eq!(playback("2").played_ms(0), 0);
        assert_eq!(playback("2").played_ms(1_000), 0);
    }

    #[test]
    fn played_should_follow_the_speed() {
        for (speed, played_ms) in [("1", 300), ("2", 600), ("0.1", 30), ("0.01", 3)] {
            assert_eq!(playback(speed).played_ms(1_300), played_ms, "{speed}");
        }
        assert_eq!(playback("1000000").played_ms(u64::MAX), u64::MAX);
    }

    #[test]
    fn wall_time_should_be_the_first_at_which_it_is_played() {
        for speed in ["1", "0.3", "3", "7.77", "1500"] {
            let playback = playback(speed);
            for played_ms in [1, 2, 999, 1_000, 123_456] {
                let wall_ms = playback.wall_ms_of(played_ms);
                assert!(playback.played_ms(wall_ms) >= played_ms, "{speed}");
                assert!(playback.played_ms(wall_ms - 1) < played_ms, "{speed}");
            }
        }
    }
}
