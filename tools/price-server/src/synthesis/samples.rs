//! Two short histories about nothing that happened: calm and crash.
//!
//! Both symbols follow a path of levels, in parts per million of their first price, and on it a
//! noise that drifts and returns. A calm history stays at one level. A crash falls by 30 % in 100
//! seconds, bounces and has aftershocks.

use super::dice::{Dice, Noise};
use super::{decimal, noisy, path, PPM};
use std::fmt::Write;

/// One row each second, for ten minutes.
const ROWS: usize = 600;
const STEP_MS: usize = 1_000;

/// Prices in hundredths at the start.
const BTC_CENTS: i64 = 6_000_000;
const ETH_CENTS: i64 = 300_000;

/// The noise's largest step in ppm, and the divisor of its way back.
const NOISE: (i64, i64) = (40, 60);

/// Where a crash is at which second, in ppm of the first price.
const CRASH: [(usize, [i64; 1]); 14] = [
    (0, [1_000_000]),
    (120, [1_000_000]),
    (220, [700_000]),
    (280, [785_000]),
    (330, [770_000]),
    (345, [722_000]),
    (390, [758_000]),
    (430, [750_000]),
    (442, [715_000]),
    (500, [742_000]),
    (515, [738_000]),
    (521, [724_000]),
    (560, [740_000]),
    (ROWS - 1, [745_000]),
];

/// The CSV text of a calm history. `by` is the comment that says how it was written.
pub fn calm(by: &str, seed: u64) -> String {
    text(by, &vec![[PPM]; ROWS], &mut Dice::new(seed))
}

/// The CSV text of a crash. `by` is the comment that says how it was written.
pub fn crash(by: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let levels = path::through(&CRASH, &mut dice);
    text(by, &levels, &mut dice)
}

fn text(by: &str, levels: &[[i64; 1]], dice: &mut Dice) -> String {
    let mut market = Noise::new(NOISE.0, NOISE.1);
    let mut own = Noise::new(NOISE.0, NOISE.1);
    let mut text = format!(
        "# SYNTHETIC: made-up prices that no market ever traded at; one row a second, ten minutes.\n\
         {by}time_ms,BTC/USD,ETH/USD\n"
    );
    for (row, [level]) in levels.iter().enumerate() {
        // Both assets share the market's moves, and the smaller one has moves of its own.
        let (market_ppm, own_ppm) = (market.next(dice), own.next(dice));
        let btc = noisy(BTC_CENTS * level / PPM, market_ppm);
        let eth = noisy(ETH_CENTS * level / PPM, market_ppm + own_ppm);
        let time_ms = row * STEP_MS;
        // Writing to a string can't fail.
        let _ = writeln!(text, "{time_ms},{},{}", decimal(btc), decimal(eth));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use rust_decimal::prelude::ToPrimitive;

    fn parsed(text: &str) -> History {
        History::parse("synthetic", text).expect("a good history")
    }

    /// The first symbol's price in whole units.
    fn btc(history: &History, second: usize) -> i64 {
        history.prices(second)[0].to_i64().expect("a small price")
    }

    #[test]
    fn history_should_have_a_row_each_second_for_ten_minutes() {
        for text in [calm("", 7), crash("", 7)] {
            let history = parsed(&text);
            assert_eq!(history.rows(), 600);
            assert_eq!(history.duration_ms(), 599_000);
            assert_eq!(history.period_ms(), 600_000);
        }
    }

    #[test]
    fn calm_should_move_a_little_each_second() {
        for seed in 0..20 {
            let history = parsed(&calm("", seed));
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
            let history = parsed(&crash("", seed));
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
}
