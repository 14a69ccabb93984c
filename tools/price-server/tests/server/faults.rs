//! Every fault as a client sees it.

use crate::client::{delete, get, hears_nothing, post, put};
use crate::{server, still, BINANCE, BINANCE_PRICE};
use caisson_price_server::{Options, Server};
use std::thread::sleep;
use std::time::Duration;

fn set(server: &Server, scope: &str, fault: &str) {
    let response = put(server.address(), &format!("/control/faults/{scope}"), fault);
    assert_eq!(response.status, 200, "{}", response.text());
}

/// Alice's ticker at Binance under a fault.
fn faulty(fault: &str) -> crate::client::Response {
    let server = still();
    set(&server, "alice/binance", fault);
    get(server.address(), &format!("/alice{BINANCE}"))
}

fn price(server: &Server, observer: &str) -> String {
    get(server.address(), &format!("/{observer}{BINANCE}")).at("/price")
}

#[test]
fn lie_should_multiply_the_price() {
    for (percent, price) in [
        ("50", "90000.09000000"),
        ("-30", "42000.04200000"),
        ("0.5", "60300.06030000"),
    ] {
        let response = faulty(&format!("{{\"kind\":\"lie\",\"percent\":{percent}}}"));
        assert_eq!(response.at("/price"), price);
    }
}

#[test]
fn zero_and_negative_should_be_so() {
    assert_eq!(faulty("{\"kind\":\"zero\"}").at("/price"), "0.00000000");
    assert_eq!(
        faulty("{\"kind\":\"negative\"}").at("/price"),
        format!("-{BINANCE_PRICE}")
    );
}

#[test]
fn lag_should_serve_price_and_time_of_a_while_ago() {
    let server = still();
    let path = "/binance/api/v3/ticker/24hr?symbol=BTCUSDT";
    set(
        &server,
        "alice/binance",
        "{\"kind\":\"lag\",\"seconds\":30}",
    );
    post(
        server.address(),
        "/control/price",
        "{\"symbol\":\"BTC/USD\",\"price\":\"70000\"}",
    );
    let honest = get(server.address(), &format!("/bob{path}"));
    let lagging = get(server.address(), &format!("/alice{path}"));
    assert_eq!(honest.at("/lastPrice"), "70000.07000000");
    assert_eq!(lagging.at("/lastPrice"), BINANCE_PRICE);
    let time = |text: String| text.parse::<i64>().expect("milliseconds");
    let behind = time(honest.at("/closeTime")) - time(lagging.at("/closeTime"));
    assert!((25_000..=30_000).contains(&behind), "{behind}");
}

#[test]
fn lag_should_follow_the_history_at_its_distance() {
    let csv = "time_ms,BTC/USD\n0,100\n1000,200\n";
    let server = server(csv, Options::at_free_port());
    set(&server, "alice/*", "{\"kind\":\"lag\",\"seconds\":1}");
    sleep(Duration::from_millis(1_200));
    assert_eq!(price(&server, "bob"), "200.00020000");
    assert_eq!(price(&server, "alice"), "100.00010000");
    sleep(Duration::from_millis(1_000));
    assert_eq!(price(&server, "alice"), "200.00020000");
}

#[test]
fn frozen_should_keep_the_price_and_move_the_time() {
    let server = still();
    let path = "/alice/kucoin/api/v1/market/orderbook/level1?symbol=BTC-USDT";
    set(&server, "alice/kucoin", "{\"kind\":\"frozen\"}");
    let before = get(server.address(), path);
    post(
        server.address(),
        "/control/price",
        "{\"symbol\":\"BTC/USD\",\"price\":\"70000\"}",
    );
    sleep(Duration::from_millis(5));
    let after = get(server.address(), path);
    assert_eq!(after.at("/data/price"), "59999.76");
    assert_ne!(before.at("/data/time"), after.at("/data/time"));
}

#[test]
fn status_should_be_the_code() {
    for code in [429, 500, 503] {
        let response = faulty(&format!("{{\"kind\":\"status\",\"code\":{code}}}"));
        assert_eq!(response.status, code);
        assert!(!response.text().contains("60000"));
    }
    assert!(faulty("{\"kind\":\"status\",\"code\":204}").body.is_empty());
}

#[test]
fn timeout_should_never_answer_and_hold_up_no_one_else() {
    let server = still();
    set(&server, "alice/binance", "{\"kind\":\"timeout\"}");
    let path = format!("/alice{BINANCE}");
    assert!(hears_nothing(
        server.address(),
        &path,
        Duration::from_millis(300)
    ));
    assert_eq!(price(&server, "bob"), BINANCE_PRICE);
}

#[test]
fn html_should_be_a_page_with_a_good_status() {
    let response = faulty("{\"kind\":\"html\"}");
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(response.text().starts_with("<!DOCTYPE html>"));
}

#[test]
fn truncated_should_end_before_its_declared_length() {
    let whole = get(still().address(), &format!("/alice{BINANCE}")).body;
    let response = faulty("{\"kind\":\"truncated\"}");
    assert_eq!(response.status, 200);
    assert!(response.declared_length() > whole.len());
    assert_eq!(response.body, whole[..whole.len() / 2]);
}

#[test]
fn redirect_should_lead_to_the_honest_price() {
    let server = still();
    set(&server, "*/*", "{\"kind\":\"redirect\"}");
    let response = get(server.address(), &format!("/alice{BINANCE}"));
    assert_eq!(response.status, 302);
    let location = response.header("location").expect("a location");
    assert_eq!(location, format!("/honest{BINANCE}"));
    assert_eq!(get(server.address(), location).at("/price"), BINANCE_PRICE);
}

#[test]
fn oversized_should_be_valid_json_of_ten_megabytes() {
    let response = faulty("{\"kind\":\"oversized\"}");
    assert_eq!(response.body.len(), 10_000_000);
    assert_eq!(response.declared_length(), 10_000_000);
    assert_eq!(response.at("/price"), BINANCE_PRICE);
}

#[test]
fn malformed_should_be_whole_but_no_json() {
    let response = faulty("{\"kind\":\"malformed\"}");
    assert_eq!(response.status, 200);
    assert_eq!(response.declared_length(), response.body.len());
    assert!(response.text().contains("60000.06"));
    assert!(serde_json::from_slice::<serde_json::Value>(&response.body).is_err());
}

#[test]
fn fault_should_be_the_most_specific_when_several_match() {
    let server = still();
    set(&server, "*/*", "{\"kind\":\"status\",\"code\":501}");
    set(&server, "*/binance", "{\"kind\":\"status\",\"code\":502}");
    set(&server, "alice/%2A", "{\"kind\":\"status\",\"code\":503}");
    set(
        &server,
        "alice/binance",
        "{\"kind\":\"status\",\"code\":504}",
    );
    let kraken = "/kraken/0/public/Ticker?pair=XBTUSD";
    for (observer, path, status) in [
        ("alice", BINANCE, 504),
        ("alice", kraken, 503),
        ("bob", BINANCE, 502),
        ("bob", kraken, 501),
        ("honest", BINANCE, 200),
    ] {
        let response = get(server.address(), &format!("/{observer}{path}"));
        assert_eq!(response.status, status, "{observer}{path}");
    }
}

#[test]
fn fault_should_be_listed_until_it_is_cleared() {
    let server = still();
    set(
        &server,
        "alice/binance",
        "{\"kind\":\"lie\",\"percent\":50}",
    );
    set(&server, "*/okx", "{\"kind\":\"timeout\"}");
    let listed = get(server.address(), "/control/faults");
    assert_eq!(listed.at("/faults/0/observer"), "alice");
    assert_eq!(listed.at("/faults/0/venue"), "binance");
    assert_eq!(listed.at("/faults/0/fault/percent"), "50");
    assert_eq!(listed.at("/faults/1/observer"), "*");
    let one = "/control/faults/alice/binance";
    assert_eq!(delete(server.address(), one).at("/cleared"), "1");
    assert_eq!(delete(server.address(), one).at("/cleared"), "0");
    assert_eq!(price(&server, "alice"), BINANCE_PRICE);
    assert_eq!(
        delete(server.address(), "/control/faults").at("/cleared"),
        "1"
    );
    assert_eq!(get(server.address(), "/control/faults").at("/faults"), "[]");
}

#[test]
fn fault_should_be_refused_in_words_when_it_is_bad() {
    let server = still();
    for (scope, body, part) in [
        ("alice/binance", "", "isn't JSON"),
        (
            "alice/binance",
            "{\"kind\":\"explode\"}",
            "{\"kind\":\"oversized\"}",
        ),
        ("alice/binance", "{\"kind\":\"lie\"}", "needs a `percent`"),
        ("alice/mtgox", "{\"kind\":\"zero\"}", "the venues are"),
        ("Alice/okx", "{\"kind\":\"zero\"}", "small letters"),
        ("honest/okx", "{\"kind\":\"zero\"}", "redirects lead to it"),
    ] {
        let response = put(server.address(), &format!("/control/faults/{scope}"), body);
        assert_eq!(response.status, 400, "{scope} {body}");
        assert!(response.at("/error").contains(part), "{}", response.text());
    }
    assert_eq!(get(server.address(), "/control/faults").at("/faults"), "[]");
}
