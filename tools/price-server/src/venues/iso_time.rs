//! Timestamps as text, for the one venue that writes them so.

const DAY_MS: u64 = 86_400_000;

/// A time such as `2026-01-02T03:04:05.678000Z`, from milliseconds since 1970.
pub fn iso_time(wall_ms: u64) -> String {
    let (year, month, day) = date(wall_ms / DAY_MS);
    let in_day = wall_ms % DAY_MS;
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, millisecond) = (in_day / 1_000 % 60, in_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}000Z")
}

/// Year, month and day of a day since 1970, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is their last; 400 of them are 146,097 days.
/// The formula is Howard Hinnant's `civil_from_days`.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    /// Days from 1 March of year 0 to 1 January 1970.
    const EPOCH: u64 = 719_468;
    let days = days_since_1970 + EPOCH;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_time_should_be_that_of_the_calendar() {
        for (wall_ms, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(iso_time(wall_ms), text);
        }
    }

    #[test]
    fn date_should_advance_by_a_day_each_day() {
        let mut last = date(0);
        for days in 1..150_000 {
            let next = date(days);
            let (year, month, day) = next;
            let follows = next == (last.0, last.1, last.2 + 1)
                || (day == 1 && (year, month) == (last.0, last.1 + 1))
                || (day == 1 && month == 1 && last == (year - 1, 12, 31));
            assert!(follows, "{last:?} -> {next:?}");
            last = next;
        }
    }
}
