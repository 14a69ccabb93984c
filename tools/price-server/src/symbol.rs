//! Symbols of a history, and which of them a venue's symbol means.

use crate::error::Error;
use std::fmt;
use std::str::FromStr;

/// Most letters of an asset's name.
const MAX_ASSET_LENGTH: usize = 20;

/// Dollars and the two tokens that stand for them, in the order in which they replace each other.
const DOLLARS: [&str; 3] = ["USD", "USDT", "USDC"];

/// What is traded and what it is paid in, such as `BTC/USD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol {
    base: String,
    quote: String,
}

impl Symbol {
    /// What is traded.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it is paid in.
    pub fn quote(&self) -> &str {
        &self.quote
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.base, self.quote)
    }
}

impl FromStr for Symbol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_asset = |name: &str| {
            (1..=MAX_ASSET_LENGTH).contains(&name.len())
                && name
                    .bytes()
                    .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
        };
        match text.split_once('/') {
            Some((base, quote)) if is_asset(base) && is_asset(quote) => Ok(Self {
                base: base.to_owned(),
                quote: quote.to_owned(),
            }),
            _ => Err(Error::new(format!(
                "`{text}` isn't a symbol; write BASE/QUOTE in capitals, such as BTC/USD"
            ))),
        }
    }
}

/// A symbol found in the history, with base and quote spelled as they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the symbol in the history.
    pub index: usize,
    /// The base as asked for.
    pub base: String,
    /// The quote as asked for.
    pub quote: String,
}

/// The symbol that `base` and `quote` mean: the very one, or one of another dollar.
pub fn find_pair(symbols: &[Symbol], base: &str, quote: &str) -> Option<Found> {
    let (base, quote) = (base.to_ascii_uppercase(), quote.to_ascii_uppercase());
    let index = best(symbols, |symbol| {
        let same_base = canonical(&symbol.base) == canonical(&base);
        same_base.then(|| rank(&symbol.quote, &quote)).flatten()
    })?;
    Some(Found { index, base, quote })
}

/// The symbol that a text like `BTCUSDT` means. Where base ends and quote begins is known only from
/// the history.
pub fn find_joined(symbols: &[Symbol], text: &str) -> Option<Found> {
    let text = text.to_ascii_uppercase();
    let split = |symbol: &Symbol| {
        spellings(&symbol.base).into_iter().find_map(|base| {
            let quote = text.strip_prefix(base)?;
            Some((base.len(), rank(&symbol.quote, quote)?))
        })
    };
    let index = best(symbols, |symbol| split(symbol).map(|(_, rank)| rank))?;
    let (length, _) = split(&symbols[index])?;
    let (base, quote) = text.split_at(length);
    Some(Found {
        index,
        base: base.to_owned(),
        quote: quote.to_owned(),
    })
}

/// The index with the lowest rank, the first of equals.
fn best(symbols: &[Symbol], rank_of: impl Fn(&Symbol) -> Option<usize>) -> Option<usize> {
    symbols
        .iter()
        .enumerate()
        .filter_map(|(index, symbol)| Some((rank_of(symbol)?, index)))
        .min()
        .map(|(_, index)| index)
}

/// How well a quote of the history serves the one asked for: 0 is the very same.
fn rank(listed: &str, asked: &str) -> Option<usize> {
    if listed == asked {
        return Some(0);
    }
    let place = |name: &str| DOLLARS.iter().position(|dollar| *dollar == name);
    place(asked)?;
    place(listed).map(|place| place + 1)
}

/// One name for each asset: XBT is the ISO-like name of BTC.
fn canonical(asset: &str) -> &str {
    match asset {
        "XBT" => "BTC",
        other => other,
    }
}

fn spellings(asset: &str) -> Vec<&str> {
    match canonical(asset) {
        "BTC" => vec!["BTC", "XBT"],
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(names: &[&str]) -> Vec<Symbol> {
        names
            .iter()
            .map(|name| name.parse().expect("a symbol"))
            .collect()
    }

    fn joined(names: &[&str], text: &str) -> Option<usize> {
        find_joined(&symbols(names), text).map(|found| found.index)
    }

    #[test]
    fn symbol_should_print_as_it_was_read() {
        assert_eq!(symbols(&["BTC/USD"])[0].to_string(), "BTC/USD");
    }

    #[test]
    fn symbol_should_fail_when_it_is_not_base_and_quote() {
        for text in [
            "",
            "BTC",
            "/",
            "BTC/",
            "/USD",
            "btc/usd",
            "BTC/USD/EUR",
            "BTC-USD",
            "B C/USD",
            "ABCDEFGHIJKLMNOPQRSTU/USD",
        ] {
            assert!(text.parse::<Symbol>().is_err(), "{text}");
        }
    }

    #[test]
    fn find_joined_should_split_by_the_history() {
        let names = ["ETH/USD", "ETH/BTC", "BTC/USD"];
        assert_eq!(joined(&names, "ETHBTC"), Some(1));
        assert_eq!(joined(&names, "btcusd"), Some(2));
        assert_eq!(joined(&names, "BTCEUR"), None);
        assert_eq!(joined(&names, "BTC"), None);
        assert_eq!(joined(&names, ""), None);
    }

    #[test]
    fn find_joined_should_keep_the_spelling_when_it_is_another() {
        let found = find_joined(&symbols(&["BTC/USD"]), "xbtusdt");
        let found = found.expect("XBT is BTC and USDT falls back to USD");
        assert_eq!((found.base.as_str(), found.quote.as_str()), ("XBT", "USDT"));
    }

    #[test]
    fn find_joined_should_prefer_the_same_quote_when_both_are_there() {
        let names = ["BTC/USD", "BTC/USDT"];
        assert_eq!(joined(&names, "BTCUSD"), Some(0));
        assert_eq!(joined(&names, "BTCUSDT"), Some(1));
        assert_eq!(joined(&names, "BTCUSDC"), Some(0));
    }

    #[test]
    fn find_pair_should_fall_back_both_ways_when_the_dollar_is_another() {
        for (listed, asked) in [("USD", "USDT"), ("USD", "USDC"), ("USDT", "USD")] {
            let listed = symbols(&[&format!("BTC/{listed}")]);
            assert!(find_pair(&listed, "BTC", asked).is_some(), "{asked}");
        }
        assert_eq!(find_pair(&symbols(&["BTC/EUR"]), "BTC", "USD"), None);
    }

    #[test]
    fn find_pair_should_take_xbt_for_btc_both_ways() {
        assert!(find_pair(&symbols(&["XBT/USD"]), "BTC", "USD").is_some());
        assert!(find_pair(&symbols(&["BTC/USD"]), "xbt", "usd").is_some());
    }
}
