//! Gemini: <https://docs.gemini.com/rest/market-data>

use super::{Answer, Call, Market};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::json;

const TICKER: &str = "/v1/pubticker/";

/// Path of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let name = format!("{}{}", symbol.base(), symbol.quote());
    format!("{TICKER}{}", name.to_ascii_lowercase())
}

/// The answer to a call.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    let symbol = call
        .path
        .strip_prefix(TICKER)
        .filter(|symbol| !symbol.is_empty() && !symbol.contains('/'))?;
    let Some(quote) = market.joined(symbol) else {
        let message = format!("Supplied value '{symbol}' is not a valid symbol");
        return Some(Answer::error(
            StatusCode::BAD_REQUEST,
            json!({ "result": "error", "reason": "InvalidSymbol", "message": message }),
        ));
    };
    Some(Answer::ok(json!({
        "bid": quote.bid(),
        "ask": quote.ask(),
        "last": quote.last(),
        "volume": {
            quote.base.as_str(): quote.volume(),
            quote.quote.as_str(): quote.turnover(),
            "timestamp": quote.at_ms,
        },
    })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Gemini;

    #[test]
    fn ticker_should_have_the_shape_of_gemini() {
        assert_fields(
            &body(Gemini, "/v1/pubticker/btcusd"),
            &[
                ("/last", "60000"),
                ("/bid", "59999.4"),
                ("/ask", "60000.6"),
                ("/volume/BTC", "12345.678"),
                ("/volume/USD", "740740680"),
                ("/volume/timestamp", "1767323045678"),
            ],
        );
    }

    #[test]
    fn gemini_should_refuse_when_the_symbol_is_unknown() {
        let url = "/v1/pubticker/xyzusd";
        assert_error(Gemini, url, 400, "/reason", "InvalidSymbol");
    }
}
