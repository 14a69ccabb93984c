//! Prices set by hand.
//!
//! A pin and its release are kept with their times, so that the price of a moment ago stays what it
//! was: a lagging venue serves it, and `past` of `/control/prices` shows it.

use rust_decimal::Decimal;
use std::collections::VecDeque;

/// Most changes kept for a symbol. Older ones are forgotten, as if the history had held then.
const MAX_CHANGES: usize = 10_000;

/// A pin, or its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    from_ms: u64,
    /// The price; none is the history's.
    price: Option<Decimal>,
}

/// What was pinned when, for each symbol.
#[derive(Debug)]
pub struct Pins {
    changes: Vec<VecDeque<Change>>,
}

impl Pins {
    /// No pins on this many symbols.
    pub fn new(symbols: usize) -> Self {
        Self {
            changes: vec![VecDeque::new(); symbols],
        }
    }

    /// Pins a symbol from this time on, or releases it.
    pub fn set(&mut self, symbol: usize, price: Option<Decimal>, from_ms: u64) {
        let changes = &mut self.changes[symbol];
        if changes.len() == MAX_CHANGES {
            changes.pop_front();
        }
        changes.push_back(Change { from_ms, price });
    }

    /// What a symbol was pinned at, if it was.
    pub fn at(&self, symbol: usize, wall_ms: u64) -> Option<Decimal> {
        self.changes[symbol]
            .iter()
            .rev()
            .find(|change| change.from_ms <= wall_ms)
            .and_then(|change| change.price)
    }

    /// What a symbol is pinned at by the last change, whatever the clock says.
    pub fn last(&self, symbol: usize) -> Option<Decimal> {
        self.changes[symbol].back().and_then(|change| change.price)
    }

    /// The times of all changes after `from_ms` and up to `to_ms`.
    pub fn changes(&self, from_ms: u64, to_ms: u64) -> impl Iterator<Item = u64> + '_ {
        self.changes
            .iter()
            .flatten()
            .map(|change| change.from_ms)
            .filter(move |at_ms| from_ms < *at_ms && *at_ms <= to_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(units: u32) -> Option<Decimal> {
        Some(Decimal::from(units))
    }

    #[test]
    fn pin_should_hold_from_its_time_until_its_release() {
        let mut pins = Pins::new(2);
        pins.set(0, price(5), 100);
        pins.set(0, None, 200);
        for (wall_ms, expected) in [(99, None), (100, price(5)), (199, price(5)), (200, None)] {
            assert_eq!(pins.at(0, wall_ms), expected, "{wall_ms}");
        }
        assert_eq!(pins.at(1, 150), None);
    }

    #[test]
    fn pin_should_win_when_it_is_the_later_of_the_same_millisecond() {
        let mut pins = Pins::new(1);
        pins.set(0, price(5), 100);
        pins.set(0, price(6), 100);
        assert_eq!(pins.at(0, 100), price(6));
        assert_eq!(pins.last(0), price(6));
    }

    #[test]
    fn pins_should_forget_the_oldest_when_there_are_too_many() {
        let mut pins = Pins::new(1);
        for at_ms in 0..=MAX_CHANGES as u64 {
            pins.set(0, price(1), at_ms);
        }
        assert_eq!(pins.at(0, 0), None);
        assert_eq!(pins.at(0, 1), price(1));
    }

    #[test]
    fn changes_should_be_those_in_the_window() {
        let mut pins = Pins::new(1);
        for at_ms in [10, 20, 30] {
            pins.set(0, price(1), at_ms);
        }
        assert_eq!(pins.changes(10, 20).collect::<Vec<_>>(), [20]);
    }
}
