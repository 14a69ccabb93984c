//! The real server, spoken to over real HTTP.

mod client;
mod control;
mod faults;
mod playback;
mod program;
mod venues;

use caisson_price_server::{History, Options, Server};

/// A history that never changes: BTC at 60000, ETH at 3000.
const STILL: &str = "time_ms,BTC/USD,ETH/USD\n0,60000,3000\n";

/// The ticker of BTC at Binance, after the observer.
const BINANCE: &str = "/binance/api/v3/ticker/price?symbol=BTCUSDT";

/// Binance's price of [`STILL`]: 1 ppm above 60000.
const BINANCE_PRICE: &str = "60000.06000000";

fn server(csv: &str, options: Options) -> Server {
    let history = History::parse("test.csv", csv).expect("a good history");
    Server::start(history, options).expect("a free port")
}

fn still() -> Server {
    server(STILL, Options::at_free_port())
}
