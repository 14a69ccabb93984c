//! Made-up histories: integers only, so that the same seed gives the same file everywhere.
//!
//! Both symbols follow a path of levels, in parts per million of their first price, and on it a
//! noise that drifts and returns. A calm history stays at one level. A crash falls by 30 % in 100
//! seconds, bounces and has aftershocks; on the way from one level to the next the steps are uneven,
//! many small and few large, as in a liquidation cascade.

use clap::ValueEnum;
use std::fmt::Write;

/// One row each second, for ten minutes.
const ROWS: usize = 600;
const STEP_MS: usize = 1_000;

/// Prices in hundredths at the start.
const BTC_CENTS: i64 = 6_000_000;
const ETH_CENTS: i64 = 300_000;

/// The first price, in the unit of levels.
const PPM: i64 = 1_000_000;

/// Where a crash is at which second, in ppm of the first price.
const CRASH: [(usize, i64); 14] = [
    (0, 1_000_000),
    (120, 1_000_000),
    (220, 700_000),
    (280, 785_000),
    (330, 770_000),
    (345, 722_000),
    (390, 758_000),
    (430, 750_000),
    (442, 715_000),
    (500, 742_000),
    (515, 738_000),
    (521, 724_000),
    (560, 740_000),
    (ROWS - 1, 745_000),
];

/// What happens in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Small moves around one price
    Calm,
    /// Two calm minutes, minus 30 % in 100 seconds, a bounce and aftershocks
    Crash,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Crash => "crash",
        }
    }
}

/// The CSV text of a history.
pub fn history(kind: Kind, seed: u64) -> String {
    let mut dice = Dice(seed);
    let levels = match kind {
        Kind::Calm => vec![PPM; ROWS],
        Kind::Crash => path(&CRASH, &mut dice),
    };
    let mut market = Noise::default();
    let mut own = Noise::default();
    let name = kind.name();
    let mut text = format!(
        "# SYNTHETIC: made-up prices that no market ever traded at; one row a second, ten minutes.\n\
         # Written by: caisson-price-server synthesise --kind {name} --seed {seed}\n\
         time_ms,BTC/USD,ETH/USD\n"
    );
    for (row, level) in levels.iter().enumerate() {
        // Both assets share the market's moves, and the smaller one has moves of its own.
        let (market_ppm, own_ppm) = (market.next(&mut dice), own.next(&mut dice));
        let btc = priced(BTC_CENTS, *level, market_ppm);
        let eth = priced(ETH_CENTS, *level, market_ppm + own_ppm);
        let time_ms = row * STEP_MS;
        // Writing to a string can't fail.
        let _ = writeln!(text, "{time_ms},{},{}", decimal(btc), decimal(eth));
    }
    text
}

/// The price in hundredths, rounded down.
fn priced(cents: i64, level_ppm: i64, noise_ppm: i64) -> i64 {
    cents * level_ppm / PPM * (PPM + noise_ppm) / PPM
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The level of each second, with uneven steps between the given ones.
fn path(points: &[(usize, i64)], dice: &mut Dice) -> Vec<i64> {
    let mut levels = Vec::with_capacity(ROWS);
    levels.extend(points.first().map(|(_, level)| *level));
    for pair in points.windows(2) {
        let ((from_second, from), (to_second, to)) = (pair[0], pair[1]);
        // The cube of a uniform number: most steps are small, the largest several times the mean.
        let weights: Vec<i64> = (from_second..to_second)
            .map(|_| 1 + dice.up_to(100).pow(3))
            .collect();
        let total: i64 = weights.iter().sum();
        let mut passed = 0;
        for weight in weights {
            passed += weight;
            levels.push(from + (to - from) * passed / total);
        }
    }
    levels
}

/// A random walk that is drawn back to 0, in ppm.
#[derive(Default)]
struct Noise(i64);

impl Noise {
    /// The largest step.
    const STEP_PPM: i64 = 40;
    /// The part of the distance that it returns in a step, as a divisor.
    const RETURN: i64 = 60;

    fn next(&mut self, dice: &mut Dice) -> i64 {
        let step = dice.up_to(2 * Self::STEP_PPM) - Self::STEP_PPM;
        self.0 += step - self.0 / Self::RETURN;
        self.0
    }
}

/// Random numbers: SplitMix64 of Steele, Lea and Flood (2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`, which is small, so that the bias of the remainder is none to see.
    fn up_to(&mut self, most: i64) -> i64 {
        let choices = most.unsigned_abs() + 1;
        i64::try_from(self.roll() % choices).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use rust_decimal::prelude::ToPrimitive;
    use std::path::Path;

    fn parsed(kind: Kind, seed: u64) -> History {
        History::parse("synthetic", &history(kind, seed)).expect("a good history")
    }

    /// The first symbol's price in whole units.
    fn btc(history: &History, second: usize) -> i64 {
        history.prices(second)[0].to_i64().expect("a small price")
    }

    #[test]
    fn committed_histories_should_be_what_the_generator_writes() {
        for kind in [Kind::Calm, Kind::Crash] {
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("histories")
                .join(format!("{}.csv", kind.name()));
            let committed = std::fs::read_to_string(&file).expect("a committed history");
            assert!(
                committed == history(kind, 1),
                "{} differs from `caisson-price-server synthesise --kind {} --seed 1`; write it \
                 anew",
                file.display(),
                kind.name()
            );
        }
    }

    #[test]
    fn history_should_have_a_row_each_second_for_ten_minutes() {
        for kind in [Kind::Calm, Kind::Crash] {
            let history = parsed(kind, 7);
            assert_eq!(history.rows(), 600);
            assert_eq!(history.duration_ms(), 599_000);
            assert_eq!(history.period_ms(), 600_000);
        }
    }

    #[test]
    fn history_should_differ_when_the_seed_does() {
        assert_eq!(history(Kind::Calm, 1), history(Kind::Calm, 1));
        assert_ne!(history(Kind::Calm, 1), history(Kind::Calm, 2));
    }

    #[test]
    fn calm_should_move_a_little_each_second() {
        for seed in 0..20 {
            let history = parsed(Kind::Calm, seed);
            for second in 1..600 {
                let (before, now) = (btc(&history, second - 1), btc(&history, second));
                assert!((now - 60_000).abs() < 300, "seed {seed}: {now}");
                assert!((now - before).abs() < 10, "seed {seed}: {before} {now}");
            }
        }
    }

    #[test]
    fn crash_should_fall_by_thirty_percent_in_uneven_steps() {
        for seed in 0..20 {
            let history = parsed(Kind::Crash, seed);
            for second in 0..=120 {
                assert!((btc(&history, second) - 60_000).abs() < 300, "seed {seed}");
            }
            assert!((btc(&history, 220) - 42_000).abs() < 300, "seed {seed}");
            let falls = (121..=220).map(|second| btc(&history, second - 1) - btc(&history, second));
            let mean = 18_000 / 100;
            assert!(falls.max() > Some(2 * mean), "seed {seed}");
            let end = btc(&history, 599);
            assert!((43_500..46_000).contains(&end), "seed {seed}: {end}");
        }
    }

    #[test]
    fn dice_should_be_splitmix64() {
        let mut dice = Dice(1_234_567);
        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
    }
}
