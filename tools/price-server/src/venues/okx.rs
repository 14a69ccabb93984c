//! OKX: <https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-ticker>

use super::{is_upper_case, usdt_for_usd, Answer, Call, Market};
use crate::symbol::Symbol;
use axum::http::StatusCode;
use serde_json::json;

const TICKER: &str = "/api/v5/market/ticker";

/// Path and query of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let quote = usdt_for_usd(symbol.quote());
    format!("{TICKER}?instId={}-{quote}", symbol.base())
}

/// The answer to a call. An unknown instrument has the status of a success.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    if call.path != TICKER {
        return None;
    }
    let Some(instrument) = call.parameter("instId") else {
        let body = json!({
            "code": "50014",
            "msg": "Parameter instId can not be empty.",
            "data": [],
        });
        return Some(Answer::error(StatusCode::BAD_REQUEST, body));
    };
    let quote = market
        .hyphenated(instrument)
        .filter(|_| is_upper_case(instrument));
    let Some(quote) = quote else {
        return Some(Answer::ok(json!({
            "code": "51001",
            "msg": "Instrument ID doesn't exist.",
            "data": [],
        })));
    };
    Some(Answer::ok(json!({
        "code": "0",
        "msg": "",
        "data": [{
            "instType": "SPOT",
            "instId": instrument,
            "last": quote.last(),
            "lastSz": quote.size(),
            "askPx": quote.ask(),
            "askSz": quote.size(),
            "bidPx": quote.bid(),
            "bidSz": quote.size(),
            "open24h": quote.open(),
            "high24h": quote.high(),
            "low24h": quote.low(),
            "volCcy24h": quote.turnover(),
            "vol24h": quote.volume(),
            "ts": quote.at_ms.to_string(),
            "sodUtc0": quote.open(),
            "sodUtc8": quote.open(),
        }],
    })))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Okx;

    #[test]
    fn ticker_should_have_the_shape_of_okx() {
        assert_fields(
            &body(Okx, "/api/v5/market/ticker?instId=BTC-USDT"),
            &[
                ("/code", "0"),
                ("/data/0/instId", "BTC-USDT"),
                ("/data/0/last", "60000"),
                ("/data/0/bidPx", "59999.4"),
                ("/data/0/askPx", "60000.6"),
                ("/data/0/ts", "1767323045678"),
            ],
        );
    }

    #[test]
    fn okx_should_refuse_when_the_instrument_is_unknown() {
        for instrument in ["XYZ-USDT", "btc-usdt", "BTCUSDT"] {
            let url = format!("/api/v5/market/ticker?instId={instrument}");
            assert_error(Okx, &url, 200, "/code", "51001");
        }
        assert_error(Okx, "/api/v5/market/ticker", 400, "/code", "50014");
    }
}
