//! Made-up histories: integers only, so that the same seed gives the same file everywhere.
//!
//! `samples` are short and about nothing that happened. [`famous_days`] are paths between the prices
//! that were published of a day whose own data isn't free. `path` joins points in uneven steps, many
//! small and few large, as in a liquidation cascade, and `dice` has the random numbers and the noise
//! that lies on every path.

pub mod famous_days;

mod dice;
mod path;
mod samples;

use clap::ValueEnum;

/// What happens in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Small moves around one price
    Calm,
    /// Two calm minutes, minus 30 % in 100 seconds, a bounce and aftershocks
    Crash,
    /// Between published prices of 12 March 2020, "Black Thursday": two falls, 28 hours
    #[value(name = "2020-03-12")]
    March2020,
    /// Between published prices of 10 October 2025: a cascade of liquidations, 9 hours
    #[value(name = "2025-10-10")]
    October2025,
}

impl Kind {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Crash => "crash",
            Self::March2020 => "2020-03-12",
            Self::October2025 => "2025-10-10",
        }
    }

    /// The name of the committed file with seed 1. A day's name alone would pass for its real prices.
    pub fn file_name(self) -> String {
        match self {
            Self::Calm | Self::Crash => format!("{}.csv", self.name()),
            Self::March2020 | Self::October2025 => format!("synthetic-{}.csv", self.name()),
        }
    }
}

/// The CSV text of a history.
pub fn history(kind: Kind, seed: u64) -> String {
    let by = format!(
        "# Written by: caisson-price-server synthesise --kind {} --seed {seed}\n",
        kind.name()
    );
    match kind {
        Kind::Calm => samples::calm(&by, seed),
        Kind::Crash => samples::crash(&by, seed),
        Kind::March2020 => famous_days::MARCH_2020.history(&by, seed),
        Kind::October2025 => famous_days::OCTOBER_2025.history(&by, seed),
    }
}

/// The first price or level, in the unit of noise.
const PPM: i64 = 1_000_000;

/// The price in hundredths with a noise on it, rounded down.
fn noisy(cents: i64, noise_ppm: i64) -> i64 {
    cents * (PPM + noise_ppm) / PPM
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn committed_histories_should_be_what_the_generator_writes() {
        for kind in Kind::value_variants() {
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("histories")
                .join(kind.file_name());
            let committed = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                committed == history(*kind, 1),
                "{} differs from `caisson-price-server synthesise --kind {} --seed 1`; write it \
                 anew",
                file.display(),
                kind.name()
            );
        }
    }

    #[test]
    fn kind_should_have_the_name_of_the_command_line() {
        for kind in Kind::value_variants() {
            let value = kind.to_possible_value().expect("no kind is hidden");
            assert_eq!(value.get_name(), kind.name());
        }
    }

    #[test]
    fn history_should_differ_when_the_seed_does() {
        for kind in Kind::value_variants() {
            assert_eq!(history(*kind, 1), history(*kind, 1));
            assert_ne!(history(*kind, 1), history(*kind, 2));
        }
    }

    #[test]
    fn decimal_should_keep_leading_zeros_of_the_cents() {
        assert_eq!(decimal(390_005), "3900.05");
        assert_eq!(noisy(390_005, -1), 390_004);
    }
}
