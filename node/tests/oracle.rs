//! A development chain whose validator reports prices of a real server, over real HTTP.

mod common;

use caisson_price_server::{History, Options, Server};
use common::{poll, Node};
use std::fs;

/// One source of the server's for a feed.
fn source(server: &Server, path: &str, pointer: &str) -> String {
    let url = server.url(path);
    format!(r#"{{ "url": "{url}", "pointer": "{pointer}" }}"#)
}

/// The value of a metric of the feed.
fn metric(node: &Node, name: &str) -> Option<f64> {
    let start = format!("{name}{{feed=\"BTC/USD\"");
    let metrics = node.metrics();
    let line = metrics.lines().find(|line| line.starts_with(&start))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[test]
fn validator_should_report_prices_of_its_operators_sources() {
    let history = History::parse("still", "time_ms,BTC/USD\n0,60000\n").expect("a history");
    let server = Server::start(history, Options::at_free_port()).expect("it starts");
    let sources = [
        source(
            &server,
            "/me/binance/api/v3/ticker/price?symbol={BASE}USDT",
            "/price",
        ),
        source(
            &server,
            "/me/coinbase/products/{BASE}-{QUOTE}/ticker",
            "/price",
        ),
        source(
            &server,
            "/me/kraken/0/public/Ticker?pair=XBTUSD",
            "/result/XXBTZUSD/c/0",
        ),
        source(
            &server,
            "/me/okx/api/v5/market/ticker?instId={BASE}-USDT",
            "/data/0/last",
        ),
    ];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("sources.json");
    let text = format!(
        r#"{{ "BTC/USD": {{ "replace": true, "sources": [{}] }} }}"#,
        sources.join(",")
    );
    fs::write(&file, text).expect("it can be written");

    let data = folder.path().join("data");
    let args = ["--oracle-sources", file.to_str().expect("text")];
    let node = Node::development(&data, &args);
    let live = || (metric(&node, "caisson_oracle_status")? == 4.0).then_some(());
    poll(live).unwrap_or_else(|| panic!("no live price:\n{}", node.log()));

    let price = metric(&node, "caisson_oracle_price").expect("it is live");
    assert!((59_999.5..=60_000.5).contains(&price), "{price}");
    let own_reports = || {
        let metrics = node.metrics();
        let line = metrics
            .lines()
            .find(|line| line.starts_with("caisson_oracle_own_accurate"))?;
        let accurate: f64 = line.rsplit_once(' ')?.1.parse().ok()?;
        (accurate > 0.0).then_some(())
    };
    poll(own_reports).expect("its own reports count");
    node.stop();
}
