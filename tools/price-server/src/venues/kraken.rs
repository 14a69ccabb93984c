//! Kraken: <https://docs.kraken.com/api/docs/rest-api/get-ticker-information>

use super::{Answer, Call, Market, Quote};
use crate::symbol::Symbol;
use serde_json::{json, Map, Value};

const TICKER: &str = "/0/public/Ticker";

/// Most pairs in one call.
const MAX_PAIRS: usize = 100;

/// Assets and currencies of the older pairs, which Kraken writes with a letter before each.
const OLD_ASSETS: [&str; 2] = ["XBT", "ETH"];
const OLD_CURRENCIES: [&str; 5] = ["USD", "EUR", "GBP", "JPY", "CAD"];

/// Path and query of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let base = kraken_name(symbol.base());
    format!("{TICKER}?pair={base}{}", symbol.quote())
}

/// The answer to a call. Kraken's errors have the status of a success.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    if call.path != TICKER {
        return None;
    }
    let pairs: Vec<&str> = call.parameter("pair").unwrap_or("").split(',').collect();
    if pairs.len() > MAX_PAIRS {
        return Some(refusal("EGeneral:Invalid arguments"));
    }
    let mut result = Map::new();
    for pair in pairs {
        let Some(quote) = market.joined(&without_letters(pair)) else {
            return Some(refusal("EQuery:Unknown asset pair"));
        };
        result.insert(key(&quote), ticker(&quote));
    }
    Some(Answer::ok(json!({ "error": [], "result": result })))
}

fn refusal(error: &str) -> Answer {
    Answer::ok(json!({ "error": [error] }))
}

/// `a` is the ask, `b` the bid, `c` the last trade, `v` volume, `p` average price, `t` trades, `l` low
/// and `h` high, each of today and of 24 hours, `o` today's opening price. There is no timestamp.
fn ticker(quote: &Quote) -> Value {
    json!({
        "a": [quote.ask(), "1", quote.size()],
        "b": [quote.bid(), "1", quote.size()],
        "c": [quote.last(), quote.size()],
        "v": [quote.volume(), quote.volume()],
        "p": [quote.average(), quote.average()],
        "t": [54_321, 54_321],
        "l": [quote.low(), quote.low()],
        "h": [quote.high(), quote.high()],
        "o": quote.open(),
    })
}

/// The name of the pair in a result: `XXBTZUSD` for `XBTUSD`, but `XBTUSDT` for itself.
fn key(quote: &Quote) -> String {
    let base = kraken_name(&quote.base);
    if OLD_ASSETS.contains(&base) && OLD_CURRENCIES.contains(&quote.quote.as_str()) {
        format!("X{base}Z{}", quote.quote)
    } else {
        format!("{base}{}", quote.quote)
    }
}

/// Kraken takes an older pair by both names: `XXBTZUSD` and `XBTUSD`.
fn without_letters(pair: &str) -> String {
    for base in OLD_ASSETS {
        for currency in OLD_CURRENCIES {
            if pair.eq_ignore_ascii_case(&format!("X{base}Z{currency}")) {
                return format!("{base}{currency}");
            }
        }
    }
    pair.to_owned()
}

fn kraken_name(base: &str) -> &str {
    match base {
        "BTC" => "XBT",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Kraken;

    #[test]
    fn ticker_should_have_the_shape_of_kraken() {
        assert_fields(
            &body(Kraken, "/0/public/Ticker?pair=XBTUSD"),
            &[
                ("/error", "[]"),
                ("/result/XXBTZUSD/c/0", "60000"),
                ("/result/XXBTZUSD/a/0", "60000.6"),
                ("/result/XXBTZUSD/b/0", "59999.4"),
                ("/result/XXBTZUSD/v/1", "12345.678"),
                ("/result/XXBTZUSD/o", "59400"),
            ],
        );
    }

    #[test]
    fn ticker_should_be_keyed_by_krakens_name_whatever_was_asked() {
        for (pair, key) in [
            ("XBTUSD", "XXBTZUSD"),
            ("BTCUSD", "XXBTZUSD"),
            ("XXBTZUSD", "XXBTZUSD"),
            ("ETHUSD", "XETHZUSD"),
            ("XETHZUSD", "XETHZUSD"),
            ("XBTUSDT", "XBTUSDT"),
            ("ETHUSDC", "ETHUSDC"),
        ] {
            let body = body(Kraken, &format!("/0/public/Ticker?pair={pair}"));
            let pointer = format!("/result/{key}/c/1");
            assert_fields(&body, &[(&pointer, "0.25")]);
        }
    }

    #[test]
    fn ticker_should_have_every_pair_when_several_are_asked() {
        assert_fields(
            &body(Kraken, "/0/public/Ticker?pair=XBTUSD,ETHUSD"),
            &[
                ("/result/XXBTZUSD/c/0", "60000"),
                ("/result/XETHZUSD/c/0", "3000"),
            ],
        );
    }

    #[test]
    fn kraken_should_refuse_when_the_pair_is_unknown() {
        for query in ["?pair=XYZUSD", "?pair=XBTUSD,XYZUSD", ""] {
            let url = format!("/0/public/Ticker{query}");
            assert_error(Kraken, &url, 200, "/error/0", "EQuery:Unknown asset pair");
        }
    }
}
