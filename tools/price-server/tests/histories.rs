//! The committed histories: each says what it is, and a chain can follow it.

use caisson_price_server::History;
use rust_decimal::Decimal;
use std::fs;
use std::path::{Path, PathBuf};

/// The most that a price may move in a second, in percent: the step that the chain's oracle follows.
const MAX_STEP_PERCENT: i64 = 5;

/// A history of hours plays at up to this speed within that step.
const MAX_SPEED: u64 = 120;

const REAL: &str = "real-btc-2025-02-03.csv";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("histories")
}

/// Name, text and history of every file, by name.
fn histories() -> Vec<(String, String, History)> {
    let files = fs::read_dir(folder()).expect("a folder");
    let mut histories = Vec::new();
    for file in files {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if let Some(name) = name.strip_suffix(".csv") {
            let text = fs::read_to_string(&path).expect("text");
            let history = History::parse(name, &text).unwrap_or_else(|error| panic!("{error}"));
            histories.push((format!("{name}.csv"), text, history));
        }
    }
    histories.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    assert!(histories.len() >= 5, "{} histories", histories.len());
    histories
}

fn real() -> (String, History) {
    let found = histories().into_iter().find(|(name, ..)| name == REAL);
    let (_, text, history) = found.expect("a real history");
    (text, history)
}

/// Whether the move from one price to the other is within [`MAX_STEP_PERCENT`].
fn is_small_step(from: Decimal, to: Decimal) -> bool {
    (to - from).abs() * Decimal::ONE_HUNDRED < from * Decimal::from(MAX_STEP_PERCENT)
}

#[test]
fn history_should_say_first_whether_it_is_real() {
    for (name, _, history) in histories() {
        let title = history.title().unwrap_or_default();
        let real = name.starts_with("real-");
        let marks = if real { "REAL" } else { "SYNTHETIC" };
        assert!(title.starts_with(marks), "{name} begins with `{title}`");
        let named = ["real-", "synthetic-", "calm.csv", "crash.csv"];
        assert!(named.iter().any(|part| name.starts_with(part)), "{name}");
    }
}

#[test]
fn history_should_be_in_the_readme_with_its_mark() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("a readme");
    for (name, ..) in histories() {
        let begin = format!("| `{name}` |");
        let row = readme.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row for {name}"));
        let mark = if name.starts_with("real-") {
            "**real**"
        } else {
            "**synthetic**"
        };
        assert!(row.contains(mark), "{row}");
    }
}

#[test]
fn history_should_price_what_the_development_chain_trades() {
    for (name, text, history) in histories() {
        for symbol in ["BTC/USD", "ETH/USD"] {
            assert!(history.index_of(symbol).is_some(), "{name}: {symbol}");
        }
        assert!(text.len() < 400_000, "{name} has {} bytes", text.len());
    }
}

#[test]
fn history_should_move_less_than_five_percent_a_second() {
    const HOUR_MS: u64 = 3_600_000;
    for (name, _, history) in histories() {
        // The short samples are made for natural speed.
        let long = history.duration_ms() > HOUR_MS;
        let window_ms = 1_000 * if long { MAX_SPEED } else { 1 };
        for row in 0..history.rows() {
            // What holds one second of play later, and at least the next row.
            let later = history.row_at(history.offset_ms(row) + window_ms);
            let later = later.max(row + 1).min(history.rows() - 1);
            for symbol in 0..history.symbols().len() {
                let (from, to) = (history.prices(row)[symbol], history.prices(later)[symbol]);
                assert!(is_small_step(from, to), "{name}, row {row}: {from} to {to}");
            }
        }
    }
}

#[test]
fn step_should_be_large_when_it_is_five_percent() {
    let price = Decimal::from(60_000);
    assert!(is_small_step(price, Decimal::from(62_999)));
    assert!(is_small_step(price, Decimal::from(57_001)));
    assert!(!is_small_step(price, Decimal::from(63_000)));
    assert!(!is_small_step(price, Decimal::from(57_000)));
}

#[test]
fn real_history_should_carry_its_attribution() {
    let (text, _) = real();
    for part in [
        "Bitstamp BTC/USD minute data, github.com/ff137/bitstamp-btcusd-minute-data",
        "https://creativecommons.org/licenses/by/4.0/",
        "6833312ddf29be67095ee701f99ecc92b92f34c1",
        "Changes:",
        "ETH/USD is SYNTHETIC",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn real_history_should_have_a_row_a_minute_for_22_hours() {
    let (_, history) = real();
    assert_eq!(history.rows(), 22 * 60);
    // The first minute of 21:00 UTC on 2 February 2025 closes at 21:01.
    assert_eq!(history.first_ms(), 1_738_530_060_000);
    for row in 0..history.rows() {
        assert_eq!(history.offset_ms(row), row as u64 * 60_000);
    }
    let btc = |row| history.prices(row)[0];
    let lowest = (0..history.rows()).min_by_key(|row| btc(*row));
    // 02:08 UTC, from 02:07 to 02:08 as the source has it: 92,547 to 91,532.
    assert_eq!(lowest, Some(5 * 60 + 7));
    assert_eq!(btc(5 * 60 + 7), Decimal::from(91_532));
}

#[test]
fn real_history_should_have_an_ether_that_moves_twice_as_far_as_the_bitcoin() {
    let (_, history) = real();
    let start = history.prices(0)[0];
    for row in 0..history.rows() {
        let [btc, eth] = history.prices(row) else {
            panic!("two symbols");
        };
        let exact = Decimal::from(2_900) * (*btc + *btc - start) / start;
        let rounded = (exact * Decimal::ONE_HUNDRED).floor() / Decimal::ONE_HUNDRED;
        assert_eq!(*eth, rounded, "row {row}");
    }
}
