//! Every venue by the JSON pointers that its real ticker is read with.

use crate::client::get;
use crate::still;
use std::time::{SystemTime, UNIX_EPOCH};

/// Path, then pointers and what is there.
type Ticker = (&'static str, &'static [(&'static str, &'static str)]);

const TICKERS: [Ticker; 10] = [
    (
        "/binance/api/v3/ticker/price?symbol=BTCUSDT",
        &[("/symbol", "BTCUSDT"), ("/price", "60000.06000000")],
    ),
    (
        "/binance/api/v3/ticker/24hr?symbol=ETHUSDT",
        &[("/lastPrice", "3000.00300000")],
    ),
    (
        "/coinbase/products/BTC-USD/ticker",
        &[("/price", "59999.94")],
    ),
    (
        "/kraken/0/public/Ticker?pair=XBTUSD",
        &[("/error", "[]"), ("/result/XXBTZUSD/c/0", "60000.12")],
    ),
    (
        "/kraken/0/public/Ticker?pair=ETHUSD",
        &[("/result/XETHZUSD/c/0", "3000.006")],
    ),
    ("/bitstamp/api/v2/ticker/btcusd/", &[("/last", "59999.88")]),
    (
        "/okx/api/v5/market/ticker?instId=BTC-USDT",
        &[("/code", "0"), ("/data/0/last", "60000.18")],
    ),
    (
        "/bybit/v5/market/tickers?category=spot&symbol=BTCUSDT",
        &[("/retCode", "0"), ("/result/list/0/lastPrice", "59999.82")],
    ),
    ("/gemini/v1/pubticker/btcusd", &[("/last", "60000.24")]),
    (
        "/kucoin/api/v1/market/orderbook/level1?symbol=BTC-USDT",
        &[("/code", "200000"), ("/data/price", "59999.76")],
    ),
];

/// Timestamps in milliseconds: venue's path, pointer, what one of its units is.
const TIMES_MS: [(&str, &str, u64); 6] = [
    (
        "/binance/api/v3/ticker/24hr?symbol=BTCUSDT",
        "/closeTime",
        1,
    ),
    ("/bitstamp/api/v2/ticker/btcusd/", "/timestamp", 1_000),
    ("/okx/api/v5/market/ticker?instId=BTC-USDT", "/data/0/ts", 1),
    (
        "/bybit/v5/market/tickers?category=spot&symbol=BTCUSDT",
        "/time",
        1,
    ),
    ("/gemini/v1/pubticker/btcusd", "/volume/timestamp", 1),
    (
        "/kucoin/api/v1/market/orderbook/level1?symbol=BTC-USDT",
        "/data/time",
        1,
    ),
];

fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    since.as_millis() as u64
}

#[test]
fn ticker_should_have_its_price_where_the_real_one_has() {
    let server = still();
    for (path, fields) in TICKERS {
        let response = get(server.address(), &format!("/alice{path}"));
        assert_eq!(response.status, 200, "{path}");
        for (pointer, expected) in fields {
            assert_eq!(response.at(pointer), *expected, "{path}");
        }
    }
}

#[test]
fn ticker_should_have_the_wall_clock_in_its_own_unit() {
    let server = still();
    for (path, pointer, unit_ms) in TIMES_MS {
        let before_ms = wall_ms();
        let response = get(server.address(), &format!("/alice{path}"));
        let time: u64 = response.at(pointer).parse().expect("a whole number");
        let units = before_ms / unit_ms..=wall_ms() / unit_ms;
        assert!(units.contains(&time), "{path}: {time} is not in {units:?}");
    }
    let response = get(server.address(), "/alice/coinbase/products/BTC-USD/ticker");
    let time = response.at("/time");
    assert!(time.starts_with("20") && time.ends_with("000Z"), "{time}");
}

#[test]
fn ticker_should_be_an_error_when_the_symbol_is_unknown() {
    let server = still();
    for (path, status, pointer, expected) in [
        (
            "/binance/api/v3/ticker/price?symbol=ABCUSDT",
            400,
            "/code",
            "-1121",
        ),
        (
            "/coinbase/products/ABC-USD/ticker",
            404,
            "/message",
            "NotFound",
        ),
        (
            "/kraken/0/public/Ticker?pair=ABCUSD",
            200,
            "/error/0",
            "EQuery:Unknown asset pair",
        ),
        ("/bitstamp/api/v2/ticker/abcusd/", 404, "/status", "error"),
        (
            "/okx/api/v5/market/ticker?instId=ABC-USDT",
            200,
            "/code",
            "51001",
        ),
        (
            "/bybit/v5/market/tickers?category=spot&symbol=ABC",
            200,
            "/retCode",
            "10001",
        ),
        (
            "/gemini/v1/pubticker/abcusd",
            400,
            "/reason",
            "InvalidSymbol",
        ),
        (
            "/kucoin/api/v1/market/orderbook/level1?symbol=ABC-USDT",
            400,
            "/code",
            "900001",
        ),
    ] {
        let response = get(server.address(), &format!("/alice{path}"));
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.at(pointer), expected, "{path}");
    }
}

#[test]
fn server_should_say_what_is_where_when_the_url_is_wrong() {
    let server = still();
    for (path, part) in [
        ("/", "/{observer}/{venue}/"),
        ("/alice", "/{observer}/{venue}/"),
        (
            "/Alice/binance/api/v3/ticker/price?symbol=BTCUSDT",
            "/{observer}/{venue}/",
        ),
        ("/control/nothing", "/control/health"),
        ("/alice/mtgox/api", "the venues are binance"),
        (
            "/alice/binance/api/v3/depth",
            "/api/v3/ticker/price?symbol=BTCUSDT",
        ),
    ] {
        let response = get(server.address(), path);
        assert_eq!(response.status, 404, "{path}");
        assert!(response.at("/error").contains(part), "{path}");
    }
}
