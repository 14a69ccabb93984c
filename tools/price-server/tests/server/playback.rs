//! Speed, end and loop of a history.

use crate::client::{get, Response};
use crate::server;
use caisson_price_server::{Options, Server};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Prices 100, 101, ... one a second, beginning at a time that isn't 0.
fn rising(rows: u64) -> String {
    let rows = (0..rows).map(|row| format!("{},{}\n", 50_000 + row * 1_000, 100 + row));
    format!("time_ms,BTC/USD\n{}", rows.collect::<String>())
}

fn playing(csv: &str, speed: &str, looping: bool) -> Server {
    let options = Options {
        speed: speed.parse().expect("a speed"),
        looping,
        ..Options::at_free_port()
    };
    server(csv, options)
}

fn number(response: &Response, pointer: &str) -> u64 {
    response.at(pointer).parse().expect("a whole number")
}

#[test]
fn history_should_play_at_its_speed() {
    let server = playing(&rising(10_000), "100", false);
    let first = get(server.address(), "/control/prices");
    sleep(Duration::from_millis(100));
    let second = get(server.address(), "/control/prices");
    let passed = number(&second, "/now_ms") - number(&first, "/now_ms");
    let played = number(&second, "/history_ms") - number(&first, "/history_ms");
    assert!(passed >= 100);
    assert_eq!(played, passed * 100);
    let row = (number(&second, "/history_ms") - 50_000) / 1_000;
    assert_eq!(number(&second, "/prices/BTC~1USD"), 100 + row);
}

#[test]
fn history_should_stay_at_its_last_price_when_it_ends() {
    let server = playing(&rising(3), "1000", false);
    sleep(Duration::from_millis(50));
    let prices = get(server.address(), "/control/prices");
    assert_eq!(prices.at("/prices/BTC~1USD"), "102");
    assert_eq!(prices.at("/history_ms"), "52000");
}

#[test]
fn history_should_start_again_when_it_loops() {
    let server = playing(&rising(3), "100", true);
    let until = Instant::now() + Duration::from_secs(10);
    let mut seen = Vec::new();
    while !seen.ends_with(&[100, 101, 102, 100]) {
        assert!(Instant::now() < until, "{seen:?}");
        let price = number(
            &get(server.address(), "/control/prices"),
            "/prices/BTC~1USD",
        );
        if seen.last() != Some(&price) {
            seen.push(price);
        }
    }
}

#[test]
fn past_should_have_every_change_in_the_window() {
    let server = playing(&rising(1_000), "50", false);
    sleep(Duration::from_millis(210));
    let response = get(server.address(), "/control/prices?back_seconds=5");
    let body = response.json();
    let past = body["past"].as_array().expect("an array");
    let price = |index: usize| past[index]["prices"]["BTC/USD"].as_str();
    assert_eq!(price(0), Some("100"));
    assert_eq!(price(1), Some("101"));
    assert_eq!(
        past.len() as u64,
        number(&response, "/prices/BTC~1USD") - 99
    );
    let window = number(&response, "/now_ms") - 5_000;
    assert_eq!(number(&response, "/past/0/from_ms"), window);
    let step = number(&response, "/past/2/from_ms") - number(&response, "/past/1/from_ms");
    assert_eq!(step, 20);
}
