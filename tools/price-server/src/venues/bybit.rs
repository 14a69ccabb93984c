//! Bybit: <https://bybit-exchange.github.io/docs/v5/market/tickers>

use super::{is_upper_case, usdt_for_usd, Answer, Call, Market};
use crate::symbol::Symbol;
use serde_json::{json, Value};

const TICKERS: &str = "/v5/market/tickers";

/// Path and query of this symbol's ticker.
pub fn example(symbol: &Symbol) -> String {
    let quote = usdt_for_usd(symbol.quote());
    format!("{TICKERS}?category=spot&symbol={}{quote}", symbol.base())
}

/// The answer to a call. Bybit's errors have the status of a success. Only spot is here.
pub fn answer(call: &Call, market: &Market) -> Option<Answer> {
    if call.path != TICKERS {
        return None;
    }
    if call.parameter("category") != Some("spot") {
        return Some(envelope(
            market,
            10001,
            "params error: Category is invalid",
            json!({}),
        ));
    }
    let symbol = call.parameter("symbol").unwrap_or("");
    let quote = market.joined(symbol).filter(|_| is_upper_case(symbol));
    let Some(quote) = quote else {
        return Some(envelope(market, 10001, "Not supported symbols", json!({})));
    };
    let ticker = json!({
        "symbol": symbol,
        "bid1Price": quote.bid(),
        "bid1Size": quote.size(),
        "ask1Price": quote.ask(),
        "ask1Size": quote.size(),
        "lastPrice": quote.last(),
        "prevPrice24h": quote.open(),
        "price24hPcnt": quote.change_fraction(),
        "highPrice24h": quote.high(),
        "lowPrice24h": quote.low(),
        "turnover24h": quote.turnover(),
        "volume24h": quote.volume(),
        "usdIndexPrice": quote.last(),
    });
    let result = json!({ "category": "spot", "list": [ticker] });
    Some(envelope(market, 0, "OK", result))
}

fn envelope(market: &Market, code: u32, text: &str, result: Value) -> Answer {
    Answer::ok(json!({
        "retCode": code,
        "retMsg": text,
        "result": result,
        "retExtInfo": {},
        "time": market.at_ms,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_error, assert_fields, body};
    use super::super::Venue::Bybit;

    #[test]
    fn ticker_should_have_the_shape_of_bybit() {
        assert_fields(
            &body(Bybit, "/v5/market/tickers?category=spot&symbol=BTCUSDT"),
            &[
                ("/retCode", "0"),
                ("/result/category", "spot"),
                ("/result/list/0/symbol", "BTCUSDT"),
                ("/result/list/0/lastPrice", "60000"),
                ("/result/list/0/bid1Price", "59999.4"),
                ("/result/list/0/ask1Price", "60000.6"),
                ("/time", "1767323045678"),
            ],
        );
    }

    #[test]
    fn bybit_should_refuse_when_symbol_or_category_is_unknown() {
        for query in [
            "?category=spot&symbol=XYZUSDT",
            "?category=spot&symbol=btcusdt",
            "?category=spot",
            "?category=linear&symbol=BTCUSDT",
            "",
        ] {
            let url = format!("/v5/market/tickers{query}");
            assert_error(Bybit, &url, 200, "/retCode", "10001");
        }
    }
}
