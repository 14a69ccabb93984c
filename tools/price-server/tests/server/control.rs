//! Prices, pins and health.

use crate::client::{delete, get, post, send};
use crate::{server, still, BINANCE, BINANCE_PRICE};
use caisson_price_server::Options;

const PIN: &str = "{\"symbol\":\"BTC/USD\",\"price\":\"12345.6\"}";

#[test]
fn prices_should_be_those_of_the_history() {
    let csv = "time_ms,BTC/USD,ETH/EUR\n1700000000000,60000.10,3000\n";
    let server = server(csv, Options::at_free_port());
    let response = get(server.address(), "/control/prices");
    assert_eq!(response.at("/prices/BTC~1USD"), "60000.10");
    assert_eq!(response.at("/prices/ETH~1EUR"), "3000");
    assert_eq!(response.at("/history_ms"), "1700000000000");
    assert!(response.json().get("past").is_none());
}

#[test]
fn pin_should_hold_the_price_until_it_is_released() {
    let server = still();
    let address = server.address();
    assert_eq!(post(address, "/control/price", PIN).status, 200);
    let prices = get(address, "/control/prices?back_seconds=60");
    assert_eq!(prices.at("/prices/BTC~1USD"), "12345.6");
    assert_eq!(prices.at("/prices/ETH~1USD"), "3000");
    assert_eq!(prices.at("/pinned/0"), "BTC/USD");
    assert_eq!(prices.at("/past/0/prices/BTC~1USD"), "60000");
    assert_eq!(prices.at("/past/1/prices/BTC~1USD"), "12345.6");
    let price = || get(address, &format!("/alice{BINANCE}")).at("/price");
    assert_eq!(price(), "12345.61235000");
    for (symbol, released) in [("BTC/USD", "1"), ("BTC%2FUSD", "0"), ("ETH/USD", "0")] {
        let path = format!("/control/price?symbol={symbol}");
        assert_eq!(delete(address, &path).at("/released"), released, "{symbol}");
    }
    assert_eq!(price(), BINANCE_PRICE);
    assert_eq!(get(address, "/control/prices").at("/pinned"), "[]");
}

#[test]
fn pin_should_be_refused_in_words_when_it_is_bad() {
    let server = still();
    for (body, part) in [
        ("", "isn't JSON"),
        ("{\"symbol\":\"BTC/USD\"}", "no `price`"),
        (
            "{\"symbol\":\"BTC/USD\",\"price\":5}",
            "no `price` in quotes",
        ),
        (
            "{\"symbol\":\"BTC/USD\",\"price\":\"-5\"}",
            "isn't a positive",
        ),
        (
            "{\"symbol\":\"XYZ/USD\",\"price\":\"5\"}",
            "it has BTC/USD, ETH/USD",
        ),
    ] {
        let response = post(server.address(), "/control/price", body);
        assert_eq!(response.status, 400, "{body}");
        assert!(response.at("/error").contains(part), "{}", response.text());
    }
    for path in ["/control/price", "/control/price?symbol=XYZ/USD"] {
        assert_eq!(delete(server.address(), path).status, 400, "{path}");
    }
}

#[test]
fn prices_should_be_refused_when_the_window_is_bad() {
    let server = still();
    for back_seconds in ["x", "-1", "3601", "1.5", ""] {
        let path = format!("/control/prices?back_seconds={back_seconds}");
        let response = get(server.address(), &path);
        assert_eq!(response.status, 400, "{path}");
        assert!(response.at("/error").contains("whole number"), "{path}");
    }
}

#[test]
fn health_should_count_the_requests_to_venues() {
    let server = still();
    for path in [
        &format!("/alice{BINANCE}"),
        &format!("/bob{BINANCE}"),
        "/alice/okx/api/v5/market/ticker?instId=BTC-USDT",
        "/alice/okx/unknown",
        "/control/prices",
        "/nowhere",
    ] {
        get(server.address(), path);
    }
    let health = get(server.address(), "/control/health");
    assert_eq!(health.at("/ok"), "true");
    assert_eq!(health.at("/requests"), "4");
    assert_eq!(health.at("/by_venue/binance"), "2");
    assert_eq!(health.at("/by_venue/okx"), "2");
    assert_eq!(health.at("/by_venue/kraken"), "0");
}

#[test]
fn health_should_say_what_is_played() {
    let csv = "# SYNTHETIC: made up\ntime_ms,BTC/USD\n0,60000\n";
    let server = server(csv, Options::at_free_port());
    let health = get(server.address(), "/control/health");
    assert_eq!(health.at("/history"), "SYNTHETIC: made up");
}

#[test]
fn server_should_refuse_other_methods() {
    let server = still();
    for (method, path) in [
        ("POST", "/control/prices"),
        ("PUT", "/control/price"),
        ("POST", "/control/faults/alice/okx"),
        ("POST", "/alice/binance/api/v3/ticker/price?symbol=BTCUSDT"),
    ] {
        let response = send(server.address(), method, path, "{}");
        assert_eq!(response.status, 405, "{method} {path}");
    }
}
