//! Coinbase Exchange:
//! <https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-ticker>

use super::iso_time::iso_time;
use super::{Answer, Call, Market};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::json;

/// Path of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    format!("/products/{}-{}/ticker", symbol.base(), symbol.quote())
}

/// The answer to a call.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    let product = call
        .path
        .strip_prefix("/products/")?
        .strip_suffix("/ticker")
        .filter(|product| !product.contains('/'))?;
    let Some(quote) = market.hyphenated(product) else {
        return Some(Answer::error(
            StatusCode::NOT_FOUND,
            json!({ "message": "NotFound" }),
        ));
    };
    Some(Answer::ok(json!({
        "ask": quote.ask(),
        "bid": quote.bid(),
        "volume": quote.volume(),
        "trade_id": quote.serial(),
        "price": quote.last(),
        "size": quote.size(),
        "time": iso_time(quote.at_ms),
        "rfq_volume": "0.000000",
        "conversions_volume": "0.00",
    })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Coinbase;

    #[test]
    fn ticker_should_have_the_shape_of_coinbase() {
        assert_fields(
            &body(Coinbase, "/products/BTC-USD/ticker"),
            &[
                ("/price", "60000"),
                ("/bid", "59999.4"),
                ("/ask", "60000.6"),
                ("/time", "2026-01-02T03:04:05.678000Z"),
                ("/trade_id", "1767323045678"),
            ],
        );
    }

    #[test]
    fn coinbase_should_refuse_when_the_product_is_unknown() {
        for product in ["XYZ-USD", "BTCUSD", "-"] {
            let url = format!("/products/{product}/ticker");
            assert_error(Coinbase, &url, 404, "/message", "NotFound");
        }
    }
}
