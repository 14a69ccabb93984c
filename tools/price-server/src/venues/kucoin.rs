//! KuCoin: <https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-ticker>

use super::{is_upper_case, usdt_for_usd, Answer, Call, Market};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::json;

const TICKER: &str = "/api/v1/market/orderbook/level1";

/// Path and query of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let quote = usdt_for_usd(symbol.quote());
    format!("{TICKER}?symbol={}-{quote}", symbol.base())
}

/// The answer to a call.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    if call.path != TICKER {
        return None;
    }
    let symbol = call.parameter("symbol").unwrap_or("");
    let quote = market.hyphenated(symbol).filter(|_| is_upper_case(symbol));
    let Some(quote) = quote else {
        return Some(Answer::error(
            StatusCode::BAD_REQUEST,
            json!({ "code": "900001", "msg": "symbol not exists" }),
        ));
    };
    Some(Answer::ok(json!({
        "code": "200000",
        "data": {
            "time": quote.at_ms,
            "sequence": quote.serial().to_string(),
            "price": quote.last(),
            "size": quote.size(),
            "bestBid": quote.bid(),
            "bestBidSize": quote.size(),
            "bestAsk": quote.ask(),
            "bestAskSize": quote.size(),
        },
    })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Kucoin;

    #[test]
    fn ticker_should_have_the_shape_of_kucoin() {
        assert_fields(
            &body(Kucoin, "/api/v1/market/orderbook/level1?symbol=BTC-USDT"),
            &[
                ("/code", "200000"),
                ("/data/price", "60000"),
                ("/data/bestBid", "59999.4"),
                ("/data/bestAsk", "60000.6"),
                ("/data/time", "1767323045678"),
                ("/data/sequence", "1767323045678"),
            ],
        );
    }

    #[test]
    fn kucoin_should_refuse_when_the_symbol_is_unknown() {
        for query in [
            "?symbol=XYZ-USDT",
            "?symbol=btc-usdt",
            "?symbol=BTCUSDT",
            "",
        ] {
            let url = format!("/api/v1/market/orderbook/level1{query}");
            assert_error(Kucoin, &url, 400, "/code", "900001");
        }
    }
}
