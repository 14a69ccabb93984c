//! The times that sources state, in milliseconds since the Unix epoch.

use caisson_primitives::Moment;

use super::{decimal, SourceError};
use crate::types::TimeUnit;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The moment that a text names. Fractions of a millisecond are dropped, or rounded for numbers.
///
/// Errors: [`SourceError::NoTime`] when the text is not of that unit.
pub fn moment(text: &str, unit: TimeUnit) -> Result<Moment, SourceError> {
    let places = match unit {
        TimeUnit::Seconds => 3,
        TimeUnit::Milliseconds => 0,
        TimeUnit::Microseconds => -3,
        TimeUnit::Nanoseconds => -6,
        TimeUnit::Iso8601 => return iso8601(text.trim()).ok_or(SourceError::NoTime),
    };
    decimal::scaled(text, places)
        .ok()
        .and_then(|millis| Moment::try_from(millis).ok())
        .ok_or(SourceError::NoTime)
}

/// `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; without a zone it is taken as UTC.
fn iso8601(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date_parts = date.splitn(3, '-').map(number);
    let (year, month, day) = (
        date_parts.next()??,
        date_parts.next()??,
        date_parts.next()??,
    );
    let (clock, offset_minutes) = zone(time)?;
    let (clock, millis) = fraction(clock)?;
    let mut clock_parts = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (
        clock_parts.next()??,
        clock_parts.next()??,
        clock_parts.next()??,
    );
    let in_range = (1970..=2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !in_range {
        return None;
    }
    let seconds = hour
        .checked_mul(3_600)?
        .checked_add(minute.checked_sub(offset_minutes)?.checked_mul(60)?)?
        .checked_add(second)?;
    let total = days_since_epoch(year, month, day)?
        .checked_mul(MILLIS_PER_DAY)?
        .checked_add(seconds.checked_mul(1_000)?)?
        .checked_add(millis)?;
    Moment::try_from(total).ok()
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Takes the zone off a time: what is left, and how many minutes it is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let (clock, zone) = time.split_at(at);
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let minutes = number(hours)?
        .checked_mul(60)?
        .checked_add(number(minutes)?)?;
    Some((
        clock,
        if zone.starts_with('-') {
            minutes.checked_neg()?
        } else {
            minutes
        },
    ))
}

/// Takes the fraction of a second off, in milliseconds, rounded down.
fn fraction(clock: &str) -> Option<(&str, i64)> {
    let Some((clock, digits)) = clock.split_once('.') else {
        return Some((clock, 0));
    };
    let head = digits.get(..digits.len().min(3))?;
    let mut millis = number(head)?;
    for _ in head.len()..3 {
        millis = millis.checked_mul(10)?;
    }
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then_some((clock, millis))
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; the year is at least 1970. Source: the
/// usual counting of years from March, so that the leap day is the last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.checked_sub(1)?, month.checked_add(9)?)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = month.checked_mul(153)?.checked_add(2)? / 5;
    year.checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(day_of_year)?
        .checked_add(day)?
        .checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_should_be_the_same_in_every_unit() {
        let at = 1_795_598_734_567;
        for (text, unit) in [
            ("1795598734.567", TimeUnit::Seconds),
            ("1795598734567", TimeUnit::Milliseconds),
            ("1795598734567000", TimeUnit::Microseconds),
            ("1795598734567000000", TimeUnit::Nanoseconds),
            ("2026-11-25T09:25:34.567Z", TimeUnit::Iso8601),
            ("2026-11-25T09:25:34.567891", TimeUnit::Iso8601),
            ("2026-11-25 11:25:34.5678+02:00", TimeUnit::Iso8601),
            ("2026-11-25T04:25:34.567-05:00", TimeUnit::Iso8601),
        ] {
            assert_eq!(moment(text, unit), Ok(at), "{text}");
        }
        assert_eq!(moment("1970-01-01T00:00:00Z", TimeUnit::Iso8601), Ok(0));
        assert_eq!(
            moment("2000-02-29T00:00:00.5Z", TimeUnit::Iso8601),
            Ok(951_782_400_500)
        );
        assert_eq!(
            moment("2000-03-01T00:00:00Z", TimeUnit::Iso8601),
            Ok(951_868_800_000)
        );
    }

    #[test]
    fn moments_should_be_refused_when_they_are_of_another_form() {
        for text in [
            "",
            "now",
            "2026-13-01T00:00:00Z",
            "2026-11-25",
            "2026-11-25T25:00:00Z",
            "2026-11-25T00:00:00.xZ",
            "0001-01-01T00:00:00Z",
            "2026-11-25T00:00:00+0200",
        ] {
            assert_eq!(
                moment(text, TimeUnit::Iso8601),
                Err(SourceError::NoTime),
                "{text}"
            );
        }
        assert_eq!(moment("-5", TimeUnit::Seconds), Err(SourceError::NoTime));
        assert_eq!(
            moment("soon", TimeUnit::Milliseconds),
            Err(SourceError::NoTime)
        );
    }
}
