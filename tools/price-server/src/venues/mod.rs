//! The eight exchanges: the path, the query and the answer of each one's public ticker.
//!
//! Each module holds one exchange, in the shape of its public API documentation. Prices and
//! timestamps are the server's. What the history doesn't have is made up from the price, see
//! [`Quote`]. An unknown symbol gets the exchange's own kind of error, with its own HTTP status.

mod binance;
mod bitstamp;
mod bybit;
mod coinbase;
mod gemini;
mod iso_time;
mod kraken;
mod kucoin;
mod market;
mod okx;
mod quote;

pub use market::Market;
pub use quote::{rounded, Quote};

use crate::error::Error;
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// An exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Venue {
    /// Binance spot.
    Binance,
    /// Coinbase Exchange.
    Coinbase,
    /// Kraken spot.
    Kraken,
    /// Bitstamp.
    Bitstamp,
    /// OKX spot.
    Okx,
    /// Bybit spot.
    Bybit,
    /// Gemini.
    Gemini,
    /// KuCoin spot.
    Kucoin,
}

/// What is asked of a venue.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The venue's own path, with its leading slash.
    pub path: &'a str,
    /// The query, decoded.
    pub query: &'a HashMap<String, String>,
}

impl Call<'_> {
    /// A parameter of the query; an empty one counts as missing.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// What a venue answers: HTTP status and JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

impl Answer {
    fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
        }
    }

    fn error(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }
}

impl Venue {
    /// All venues.
    pub const ALL: [Self; 8] = [
        Self::Binance,
        Self::Coinbase,
        Self::Kraken,
        Self::Bitstamp,
        Self::Okx,
        Self::Bybit,
        Self::Gemini,
        Self::Kucoin,
    ];

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binance => "binance",
            Self::Coinbase => "coinbase",
            Self::Kraken => "kraken",
            Self::Bitstamp => "bitstamp",
            Self::Okx => "okx",
            Self::Bybit => "bybit",
            Self::Gemini => "gemini",
            Self::Kucoin => "kucoin",
        }
    }

    /// How far the venue's price is from that of the history, in parts per million: a little, so
    /// that a median over venues has something to do. The median of all eight is the history's.
    pub fn offset_ppm(self) -> i64 {
        match self {
            Self::Binance => 1,
            Self::Coinbase => -1,
            Self::Kraken => 2,
            Self::Bitstamp => -2,
            Self::Okx => 3,
            Self::Bybit => -3,
            Self::Gemini => 4,
            Self::Kucoin => -4,
        }
    }

    /// Path and query of this symbol's ticker.
    pub fn example(self, symbol: &Symbol) -> String {
        match self {
            Self::Binance => binance::example(symbol),
            Self::Coinbase => coinbase::example(symbol),
            Self::Kraken => kraken::example(symbol),
            Self::Bitstamp => bitstamp::example(symbol),
            Self::Okx => okx::example(symbol),
            Self::Bybit => bybit::example(symbol),
            Self::Gemini => gemini::example(symbol),
            Self::Kucoin => kucoin::example(symbol),
        }
    }

    /// The answer to a call; none if the venue has no such path here.
    pub fn answer(self, call: &Call, market: &Market) -> Option<Answer> {
        match self {
            Self::Binance => binance::answer(call, market),
            Self::Coinbase => coinbase::answer(call, market),
            Self::Kraken => kraken::answer(call, market),
            Self::Bitstamp => bitstamp::answer(call, market),
            Self::Okx => okx::answer(call, market),
            Self::Bybit => bybit::answer(call, market),
            Self::Gemini => gemini::answer(call, market),
            Self::Kucoin => kucoin::answer(call, market),
        }
    }
}

impl fmt::Display for Venue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Venue {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|venue| venue.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                Error::new(format!(
                    "there is no venue `{name}`; the venues are {names}"
                ))
            })
    }
}

/// The quote that stands for dollars where a venue's main market is in USDT.
fn usdt_for_usd(quote: &str) -> &str {
    match quote {
        "USD" => "USDT",
        other => other,
    }
}

/// True when a venue that writes symbols in capitals would know this text; it refuses others.
fn is_upper_case(symbol: &str) -> bool {
    !symbol.bytes().any(|letter| letter.is_ascii_lowercase())
}

/// What the tests of all venues share.
#[cfg(test)]
mod testing {
    use super::*;
    use rust_decimal::Decimal;

    /// 2026-01-02 03:04:05.678 UTC.
    pub const AT_MS: u64 = 1_767_323_045_678;

    /// BTC/USD at 60000 and ETH/USD at 3000, without an offset.
    pub fn answer(venue: Venue, url: &str) -> Option<Answer> {
        let symbols: Vec<Symbol> = ["BTC/USD", "ETH/USD"]
            .iter()
            .map(|name| name.parse().expect("a symbol"))
            .collect();
        let market = Market {
            symbols: &symbols,
            prices: &[Decimal::from(60_000), Decimal::from(3_000)],
            at_ms: AT_MS,
        };
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let query = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let call = Call {
            path,
            query: &query,
        };
        venue.answer(&call, &market)
    }

    /// The body of a good answer.
    pub fn body(venue: Venue, url: &str) -> Value {
        let answer = answer(venue, url).expect("a path of the venue");
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    /// Checks values by their JSON pointers.
    pub fn assert_fields(body: &Value, fields: &[(&str, &str)]) {
        for (pointer, expected) in fields {
            let value = body.pointer(pointer).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            assert_eq!(value.as_deref(), Some(*expected), "{pointer} of {body}");
        }
    }

    /// Checks the status and one value of an error.
    pub fn assert_error(venue: Venue, url: &str, status: u16, pointer: &str, expected: &str) {
        let answer = answer(venue, url).expect("a path of the venue");
        assert_eq!(answer.status.as_u16(), status, "{url}");
        assert_fields(&answer.body, &[(pointer, expected)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn venue_should_be_found_by_its_name() {
        for venue in Venue::ALL {
            assert_eq!(venue.name().parse(), Ok(venue));
        }
    }

    #[test]
    fn venue_should_name_all_when_it_is_unknown() {
        let error = "mtgox".parse::<Venue>().expect_err("no such venue");
        for venue in Venue::ALL {
            assert!(error.to_string().contains(venue.name()), "{error}");
        }
    }

    #[test]
    fn offsets_should_differ_and_cancel() {
        let mut offsets = Venue::ALL.map(Venue::offset_ppm);
        assert_eq!(offsets.iter().sum::<i64>(), 0);
        offsets.sort_unstable();
        assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn example_should_be_answered() {
        let symbol = "ETH/USD".parse().expect("a symbol");
        for venue in Venue::ALL {
            testing::body(venue, &venue.example(&symbol));
        }
    }

    #[test]
    fn venue_should_have_no_answer_when_the_path_is_not_its_own() {
        for venue in Venue::ALL {
            for path in ["/", "/nothing", "/products//ticker/x", "/api/v2/ticker/a/b"] {
                assert_eq!(testing::answer(venue, path), None, "{venue} {path}");
            }
        }
    }
}
