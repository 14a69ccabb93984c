//! The price of every symbol at any wall-clock time: the history as it plays, and pins over it.

use crate::clock::Playback;
use crate::error::{Error, Result};
use crate::history::History;
use crate::pins::Pins;
use crate::symbol::Symbol;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Most prices in one answer about the past: some megabytes of JSON.
const MAX_PAST_PRICES: usize = 200_000;

/// Prices that hold from a moment on, in the order of the symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The wall-clock time from which they hold.
    pub from_ms: u64,
    /// One for each symbol.
    pub prices: Vec<Decimal>,
}

/// What the venues quote around.
#[derive(Debug)]
pub struct Book {
    history: History,
    playback: Playback,
    pins: RwLock<Pins>,
}

impl Book {
    /// A book without pins.
    pub fn new(history: History, playback: Playback) -> Self {
        let pins = RwLock::new(Pins::new(history.symbols().len()));
        Self {
            history,
            playback,
            pins,
        }
    }

    /// What the history says of itself.
    pub fn title(&self) -> Option<&str> {
        self.history.title()
    }

    /// The symbols, in the order of all prices.
    pub fn symbols(&self) -> &[Symbol] {
        self.history.symbols()
    }

    /// The prices at a wall-clock time. Before the start they are those of the first row.
    pub fn prices_at(&self, wall_ms: u64) -> Vec<Decimal> {
        self.prices_with(&self.read_pins(), wall_ms)
    }

    fn prices_with(&self, pins: &Pins, wall_ms: u64) -> Vec<Decimal> {
        let row = self.history.row_at(self.offset_ms(wall_ms));
        let pinned = |(index, price): (usize, &Decimal)| pins.at(index, wall_ms).unwrap_or(*price);
        self.history
            .prices(row)
            .iter()
            .enumerate()
            .map(pinned)
            .collect()
    }

    /// The time of the history, as its file counts it, at a wall-clock time.
    pub fn history_ms(&self, wall_ms: u64) -> u64 {
        self.history.first_ms() + self.offset_ms(wall_ms)
    }

    /// Time since the first row, with loops and the end taken into account.
    fn offset_ms(&self, wall_ms: u64) -> u64 {
        let played_ms = self.playback.played_ms(wall_ms);
        if self.playback.looping {
            played_ms % self.history.period_ms()
        } else {
            played_ms.min(self.history.duration_ms())
        }
    }

    /// The prices that held at `from_ms`, and every change up to `to_ms`. Computed, so it doesn't
    /// matter whether anyone asked for these prices at the time.
    pub fn past(&self, from_ms: u64, to_ms: u64) -> Result<Vec<Held>> {
        let most = MAX_PAST_PRICES / self.symbols().len();
        let pins = self.read_pins();
        let mut moments = self.row_changes(from_ms, to_ms, most).ok_or_else(|| {
            Error::new(format!(
                "the prices changed more than {most} times in that window; ask for fewer \
                 back_seconds"
            ))
        })?;
        moments.extend(pins.changes(from_ms, to_ms));
        moments.insert(from_ms);
        let mut past: Vec<Held> = Vec::new();
        for from_ms in moments {
            let prices = self.prices_with(&pins, from_ms);
            if past.last().is_none_or(|last| last.prices != prices) {
                past.push(Held { from_ms, prices });
            }
        }
        Ok(past)
    }

    /// The wall-clock times after `from_ms` and up to `to_ms` at which a row begins; none if they are
    /// more than `most`.
    fn row_changes(&self, from_ms: u64, to_ms: u64, most: usize) -> Option<BTreeSet<u64>> {
        let (after_ms, until_ms) = (
            self.playback.played_ms(from_ms),
            self.playback.played_ms(to_ms),
        );
        let period_ms = self.history.period_ms();
        let mut cycle = match self.playback.looping {
            true => after_ms / period_ms,
            false => 0,
        };
        let mut moments = BTreeSet::new();
        let mut seen = 0;
        loop {
            let cycle_ms = cycle * period_ms;
            let first = match after_ms.checked_sub(cycle_ms) {
                Some(offset_ms) => self.history.row_at(offset_ms) + 1,
                None => 0,
            };
            for row in first..self.history.rows() {
                let begins_ms = cycle_ms.saturating_add(self.history.offset_ms(row));
                if begins_ms > until_ms {
                    return Some(moments);
                }
                seen += 1;
                if seen > most {
                    return None;
                }
                moments.insert(self.playback.wall_ms_of(begins_ms));
            }
            cycle += 1;
            // A cycle may have no row left to begin, so the end is checked here as well.
            let next_ms = cycle.checked_mul(period_ms);
            if !self.playback.looping || next_ms.is_none_or(|next_ms| next_ms > until_ms) {
                return Some(moments);
            }
        }
    }

    /// Pins a symbol at a price, by its name.
    pub fn pin(&self, name: &str, price: Decimal, from_ms: u64) -> Result<()> {
        let index = self.index_of(name)?;
        self.write_pins().set(index, Some(price), from_ms);
        Ok(())
    }

    /// Releases a symbol by its name; true if it was pinned.
    pub fn release(&self, name: &str, from_ms: u64) -> Result<bool> {
        let index = self.index_of(name)?;
        let mut pins = self.write_pins();
        let was_pinned = pins.last(index).is_some();
        if was_pinned {
            pins.set(index, None, from_ms);
        }
        Ok(was_pinned)
    }

    /// The symbols that are pinned.
    pub fn pinned(&self) -> Vec<&Symbol> {
        let pins = self.read_pins();
        self.symbols()
            .iter()
            .enumerate()
            .filter(|(index, _)| pins.last(*index).is_some())
            .map(|(_, symbol)| symbol)
            .collect()
    }

    fn index_of(&self, name: &str) -> Result<usize> {
        self.history.index_of(name).ok_or_else(|| {
            let names: Vec<String> = self.symbols().iter().map(Symbol::to_string).collect();
            Error::new(format!(
                "the history has no symbol `{name}`; it has {}",
                names.join(", ")
            ))
        })
    }

    // A panic elsewhere can't leave pins half written, so a poisoned lock is as good as any.
    fn read_pins(&self) -> RwLockReadGuard<'_, Pins> {
        self.pins.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_pins(&self) -> RwLockWriteGuard<'_, Pins> {
        self.pins.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prices 1, 2, 2, 3 at 0, 100, 200 and 300 ms, from wall-clock time 1000 on.
    fn book(speed: &str, looping: bool) -> Book {
        let text = "time_ms,BTC/USD\n5000,1\n5100,2\n5200,2\n5300,3\n";
        let playback = Playback {
            started_ms: 1_000,
            speed: speed.parse().expect("a speed"),
            looping,
        };
        Book::new(
            History::parse("test.csv", text).expect("a history"),
            playback,
        )
    }

    fn price_at(book: &Book, wall_ms: u64) -> String {
        book.prices_at(wall_ms)[0].to_string()
    }

    fn past(book: &Book, from_ms: u64, to_ms: u64) -> Vec<(u64, String)> {
        let past = book.past(from_ms, to_ms).expect("a short past");
        past.iter()
            .map(|held| (held.from_ms, held.prices[0].to_string()))
            .collect()
    }

    fn expected(past: &[(u64, &str)]) -> Vec<(u64, String)> {
        past.iter()
            .map(|(from_ms, price)| (*from_ms, (*price).to_owned()))
            .collect()
    }

    #[test]
    fn price_should_stay_the_last_when_the_history_ends() {
        let book = book("1", false);
        for (wall_ms, price) in [(0, "1"), (1_099, "1"), (1_100, "2"), (1_300, "3")] {
            assert_eq!(price_at(&book, wall_ms), price, "{wall_ms}");
        }
        assert_eq!(price_at(&book, 1_000_000), "3");
        assert_eq!(book.history_ms(1_000_000), 5_300);
    }

    #[test]
    fn price_should_start_again_when_it_loops() {
        let book = book("1", true);
        for (wall_ms, price) in [(1_399, "3"), (1_400, "1"), (1_500, "2"), (1_800, "1")] {
            assert_eq!(price_at(&book, wall_ms), price, "{wall_ms}");
        }
        assert_eq!(book.history_ms(1_410), 5_010);
    }

    #[test]
    fn price_should_move_faster_when_the_speed_is_higher() {
        assert_eq!(price_at(&book("10", false), 1_010), "2");
        assert_eq!(price_at(&book("0.1", false), 1_999), "1");
    }

    #[test]
    fn past_should_have_the_price_at_the_start_and_every_change() {
        let book = book("1", false);
        let all = expected(&[(0, "1"), (1_100, "2"), (1_300, "3")]);
        assert_eq!(past(&book, 0, 9_000), all);
        assert_eq!(past(&book, 1_150, 1_250), expected(&[(1_150, "2")]));
        assert_eq!(past(&book, 1_100, 1_100), expected(&[(1_100, "2")]));
        let end = expected(&[(1_299, "2"), (1_300, "3")]);
        assert_eq!(past(&book, 1_299, 1_300), end);
        assert_eq!(past(&book, 8_000, 9_000), expected(&[(8_000, "3")]));
    }

    #[test]
    fn past_should_go_on_when_it_loops() {
        let moments = [
            (1_350, "3"),
            (1_400, "1"),
            (1_500, "2"),
            (1_700, "3"),
            (1_800, "1"),
        ];
        assert_eq!(past(&book("1", true), 1_350, 1_850), expected(&moments));
    }

    #[test]
    fn past_should_agree_with_the_price_at_every_moment() {
        for (speed, looping) in [("1", true), ("0.7", false), ("37", true), ("350", true)] {
            let book = book(speed, looping);
            let past = past(&book, 900, 1_600);
            for wall_ms in 900..=1_600 {
                let held = past.iter().rev().find(|(from_ms, _)| *from_ms <= wall_ms);
                assert_eq!(
                    held.map(|(_, price)| price.clone()),
                    Some(price_at(&book, wall_ms)),
                    "speed {speed}, {wall_ms}"
                );
            }
        }
    }

    #[test]
    fn past_should_fail_when_there_are_too_many_changes() {
        let error = book("1000000", true).past(1_000, 61_000).expect_err("many");
        assert!(error.to_string().contains("back_seconds"), "{error}");
    }

    #[test]
    fn pin_should_hold_from_its_time_on_until_released() {
        let book = book("1", false);
        book.pin("BTC/USD", Decimal::from(9), 1_050)
            .expect("a symbol");
        assert_eq!(book.pinned().len(), 1);
        assert_eq!(price_at(&book, 1_049), "1");
        assert_eq!(price_at(&book, 1_200), "9");
        assert_eq!(book.release("BTC/USD", 1_310), Ok(true));
        assert_eq!(book.release("BTC/USD", 1_311), Ok(false));
        assert_eq!(price_at(&book, 1_310), "3");
        assert!(book.pinned().is_empty());
        let moments = [(1_000, "1"), (1_050, "9"), (1_310, "3")];
        assert_eq!(past(&book, 1_000, 2_000), expected(&moments));
    }

    #[test]
    fn pin_should_name_the_symbols_when_it_is_none_of_them() {
        let error = book("1", false)
            .pin("ETH/USD", Decimal::ONE, 0)
            .expect_err("no such symbol");
        assert!(error.to_string().contains("it has BTC/USD"), "{error}");
    }
}
