//! The price feeds that networks start with, and the exchanges that quote them.
//!
//! Every source quotes against the dollar itself. A stablecoin is not one: in March 2023 one of them
//! traded at 0.88. So exchanges that list only pairs against stablecoins are not among these.

use alloc::{string::ToString, vec, vec::Vec};

use pallet_price_oracle::{
    feeds::{GenesisFeed, SourceText},
    types::{FeedParameters, TimeUnit},
};

/// One unit of a quote, in 10^-18.
const ONE: u128 = 1_000_000_000_000_000_000;

/// The feeds of all presets.
pub fn feeds() -> Vec<GenesisFeed> {
    vec![
        // Its price was between 0.05 and some 126,000 dollars since it has one.
        feed("BTC/USD", 100 * ONE, 10_000_000 * ONE, "XXBTZUSD"),
        feed("ETH/USD", 10 * ONE, 1_000_000 * ONE, "XETHZUSD"),
    ]
}

fn feed(symbol: &str, lowest: u128, highest: u128, kraken: &str) -> GenesisFeed {
    GenesisFeed {
        symbol: symbol.to_string(),
        decimals: 2,
        parameters: parameters(lowest, highest),
        sources: sources(kraken),
    }
}

/// For liquid pairs. Reports follow every move of a hundredth of a percent, and come every five seconds
/// at the latest; three late ones in a row make a price stale.
fn parameters(lowest: u128, highest: u128) -> FeedParameters {
    FeedParameters {
        lowest,
        highest,
        deviation_ppm: 100,
        heartbeat_ms: 5_000,
        max_age_ms: 15_000,
        min_sources: 3,
        // On 2020-03-12 Bitcoin fell by some 20 % within minutes; no exchange moved 5 % in a second.
        max_step_ppm: 50_000,
        // A standard deviation of half a percent among sources or reporters: they no longer see one price.
        max_confidence_ppm: 5_000,
        // Three standard deviations, of at least a tenth of a percent.
        outlier_factor_ppm: 3_000_000,
        tolerance_floor_ppm: 1_000,
        // A quarter of an hour: the fast one of the estimates that margins use.
        variance_time_constant_ms: 900_000,
    }
}

/// Four exchanges with dollar pairs, all without a key.
fn sources(kraken: &str) -> Vec<SourceText> {
    let source = |url: &str, pointer: &str, time: Option<(&str, TimeUnit)>| SourceText {
        url: url.to_string(),
        pointer: pointer.to_string(),
        inverted: false,
        weight: 1,
        time_pointer: time.map(|(pointer, _)| pointer.to_string()),
        time_unit: time.map_or(TimeUnit::Milliseconds, |(_, unit)| unit),
        // The time is that of the last trade, and quiet seconds are no fault.
        max_age_ms: 60_000,
    };
    let kraken_pointer = alloc::format!("/result/{kraken}/c/0");
    vec![
        source(
            "https://api.exchange.coinbase.com/products/{BASE}-{QUOTE}/ticker",
            "/price",
            Some(("/time", TimeUnit::Iso8601)),
        ),
        source(
            &alloc::format!("https://api.kraken.com/0/public/Ticker?pair={kraken}"),
            &kraken_pointer,
            None,
        ),
        source(
            "https://www.bitstamp.net/api/v2/ticker/{base}{quote}/",
            "/last",
            Some(("/timestamp", TimeUnit::Seconds)),
        ),
        source(
            "https://api.gemini.com/v1/pubticker/{base}{quote}",
            "/last",
            Some(("/volume/timestamp", TimeUnit::Milliseconds)),
        ),
    ]
}
