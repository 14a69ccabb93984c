//! What a venue knows at the moment of a call.

use super::quote::Quote;
use crate::symbol::{find_joined, find_pair, Found, Symbol};
use rust_decimal::Decimal;

/// The prices that a venue quotes, and their time.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    /// All symbols.
    pub symbols: &'a [Symbol],
    /// The venue's price of each.
    pub prices: &'a [Decimal],
    /// The wall-clock time of the prices.
    pub at_ms: u64,
}

impl Market<'_> {
    /// The market of a text like `BTCUSDT`.
    pub fn joined(&self, text: &str) -> Option<Quote> {
        self.quote(find_joined(self.symbols, text)?)
    }

    /// The market of a text like `BTC-USDT`.
    pub fn hyphenated(&self, text: &str) -> Option<Quote> {
        let (base, quote) = text.split_once('-')?;
        self.quote(find_pair(self.symbols, base, quote)?)
    }

    fn quote(&self, found: Found) -> Option<Quote> {
        Some(Quote {
            base: found.base,
            quote: found.quote,
            last: *self.prices.get(found.index)?,
            at_ms: self.at_ms,
        })
    }
}
