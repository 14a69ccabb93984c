//! Bitstamp: <https://www.bitstamp.net/api/#tag/Tickers>

use super::{Answer, Call, Market};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::json;

const TICKER: &str = "/api/v2/ticker/";

/// Path of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let market = format!("{}{}", symbol.base(), symbol.quote());
    format!("{TICKER}{}/", market.to_ascii_lowercase())
}

/// The answer to a call.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    let rest = call.path.strip_prefix(TICKER)?;
    let name = rest.strip_suffix('/').unwrap_or(rest);
    if name.is_empty() || name.contains('/') {
        return None;
    }
    let Some(quote) = market.joined(name) else {
        let reason = format!("Invalid market symbol: {name}");
        return Some(Answer::error(
            StatusCode::NOT_FOUND,
            json!({ "status": "error", "reason": reason }),
        ));
    };
    Some(Answer::ok(json!({
        "timestamp": (quote.at_ms / 1_000).to_string(),
        "open": quote.open(),
        "high": quote.high(),
        "low": quote.low(),
        "last": quote.last(),
        "volume": quote.volume(),
        "vwap": quote.average(),
        "bid": quote.bid(),
        "ask": quote.ask(),
        "side": "0",
        "open_24": quote.open(),
        "percent_change_24": quote.change_percent(),
        "market": format!("{}/{}", quote.base, quote.quote),
        "market_type": "SPOT",
    })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Bitstamp;

    #[test]
    fn ticker_should_have_the_shape_of_bitstamp() {
        for url in ["/api/v2/ticker/btcusd/", "/api/v2/ticker/btcusd"] {
            assert_fields(
                &body(Bitstamp, url),
                &[
                    ("/last", "60000"),
                    ("/bid", "59999.4"),
                    ("/ask", "60000.6"),
                    ("/timestamp", "1767323045"),
                    ("/market", "BTC/USD"),
                ],
            );
        }
    }

    #[test]
    fn bitstamp_should_refuse_when_the_market_is_unknown() {
        assert_error(Bitstamp, "/api/v2/ticker/xyzusd/", 404, "/status", "error");
    }
}
