//! Binance: <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints>

use super::quote::with_eight_decimals;
use super::{is_upper_case, usdt_for_usd, Answer, Call, Market, Quote};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::{json, Value};

const PRICE: &str = "/api/v3/ticker/price";
const DAY: &str = "/api/v3/ticker/24hr";
const DAY_MS: u64 = 86_400_000;

/// Path and query of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let quote = usdt_for_usd(symbol.quote());
    format!("{PRICE}?symbol={}{quote}", symbol.base())
}

/// The answer to a call.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    let show = match call.path {
        PRICE => price,
        DAY => day,
        _ => return None,
    };
    let Some(symbol) = call.parameter("symbol") else {
        let text = "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.";
        return Some(refusal(-1102, text));
    };
    let quote = market.joined(symbol).filter(|_| is_upper_case(symbol));
    Some(match quote {
        Some(quote) => Answer::ok(show(&quote)),
        None => refusal(-1121, "Invalid symbol."),
    })
}

fn refusal(code: i32, text: &str) -> Answer {
    Answer::error(
        StatusCode::BAD_REQUEST,
        json!({ "code": code, "msg": text }),
    )
}

fn price(quote: &Quote) -> Value {
    json!({
        "symbol": symbol(quote),
        "price": with_eight_decimals(&quote.last()),
    })
}

fn day(quote: &Quote) -> Value {
    let decimals = |number: &str| with_eight_decimals(number);
    json!({
        "symbol": symbol(quote),
        "priceChange": decimals(&quote.change()),
        "priceChangePercent": quote.change_percent(),
        "weightedAvgPrice": decimals(&quote.average()),
        "prevClosePrice": decimals(&quote.open()),
        "lastPrice": decimals(&quote.last()),
        "lastQty": decimals(quote.size()),
        "bidPrice": decimals(&quote.bid()),
        "bidQty": decimals(quote.size()),
        "askPrice": decimals(&quote.ask()),
        "askQty": decimals(quote.size()),
        "openPrice": decimals(&quote.open()),
        "highPrice": decimals(&quote.high()),
        "lowPrice": decimals(&quote.low()),
        "volume": decimals(quote.volume()),
        "quoteVolume": decimals(&quote.turnover()),
        "openTime": quote.at_ms.saturating_sub(DAY_MS),
        "closeTime": quote.at_ms,
        "firstId": quote.serial().saturating_sub(1_000_000),
        "lastId": quote.serial(),
        "count": 1_000_001,
    })
}

fn symbol(quote: &Quote) -> String {
    format!("{}{}", quote.base, quote.quote)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Binance;

    #[test]
    fn price_should_have_the_shape_of_binance() {
        let body = body(Binance, "/api/v3/ticker/price?symbol=BTCUSDT");
        assert_fields(
            &body,
            &[("/symbol", "BTCUSDT"), ("/price", "60000.00000000")],
        );
    }

    #[test]
    fn day_should_have_the_shape_of_binance() {
        let body = body(Binance, "/api/v3/ticker/24hr?symbol=ETHUSDC");
        assert_fields(
            &body,
            &[
                ("/symbol", "ETHUSDC"),
                ("/lastPrice", "3000.00000000"),
                ("/bidPrice", "2999.97000000"),
                ("/askPrice", "3000.03000000"),
                ("/volume", "12345.67800000"),
                ("/closeTime", "1767323045678"),
            ],
        );
    }

    #[test]
    fn binance_should_refuse_when_the_symbol_is_unknown() {
        for symbol in ["XYZUSDT", "btcusdt", "BTC-USDT"] {
            let url = format!("/api/v3/ticker/price?symbol={symbol}");
            assert_error(Binance, &url, 400, "/code", "-1121");
        }
        assert_error(Binance, "/api/v3/ticker/price", 400, "/code", "-1102");
    }
}
