//! Requests to the venues: `GET /{observer}/{venue}/<the venue's path and query>`.

use crate::clock;
use crate::fault_table::{is_observer, Active, HONEST};
use crate::faults::Fault;
use crate::replies;
use crate::state::State;
use crate::venues::{rounded, Answer, Call, Market, Venue};
use axum::extract::Query;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::Arc;

/// Answers whatever isn't under `/control`.
pub async fn ticker(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    method: Method,
    uri: Uri,
) -> Response {
    if method != Method::GET {
        let message = "tickers are read with GET; faults and prices are set under /control";
        return replies::problem(StatusCode::METHOD_NOT_ALLOWED, &message);
    }
    let Some((observer, venue, path)) = split(uri.path()) else {
        let message = "there is nothing here; tickers are at \
                       /{observer}/{venue}/<the venue's own path and query>, such as \
                       /alice/binance/api/v3/ticker/price?symbol=BTCUSDT, and the rest is at \
                       /control/health, /control/prices, /control/price and /control/faults";
        return replies::problem(StatusCode::NOT_FOUND, &message);
    };
    let venue: Venue = match venue.parse() {
        Ok(venue) => venue,
        Err(error) => return replies::problem(StatusCode::NOT_FOUND, &error),
    };
    state.count(venue);
    let active = state.faults().find(observer, venue).cloned();
    match active.as_ref().map(|active| &active.fault) {
        Some(Fault::Timeout) => std::future::pending().await,
        Some(Fault::Status { code }) => return replies::status(*code),
        Some(Fault::Html) => return replies::html(),
        Some(Fault::Redirect) => return replies::redirect(&honest_path(venue, path, &uri)),
        _ => {}
    }
    let Ok(Query(query)) = Query::<HashMap<String, String>>::try_from_uri(&uri) else {
        let message = "the query isn't readable; write it as name=value&name=value";
        return replies::problem(StatusCode::BAD_REQUEST, &message);
    };
    let call = Call {
        path,
        query: &query,
    };
    match answer(&state, venue, &call, active.as_ref()) {
        Some(answer) => send(&answer, active.as_ref()),
        None => {
            let example = venue.example(&state.book.symbols()[0]);
            let message = format!("{venue} has no such path here; try {example}");
            replies::problem(StatusCode::NOT_FOUND, &message)
        }
    }
}

/// Observer, venue, and the venue's own path with its slash.
fn split(path: &str) -> Option<(&str, &str, &str)> {
    let (observer, rest) = path.strip_prefix('/')?.split_once('/')?;
    let (venue, _) = rest.split_once('/')?;
    let valid = is_observer(observer) && observer != "control";
    valid.then(|| (observer, venue, &rest[venue.len()..]))
}

fn honest_path(venue: Venue, path: &str, uri: &Uri) -> String {
    let query = uri
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    format!("/{HONEST}/{venue}{path}{query}")
}

/// The venue's answer, with what a fault does to price and time.
fn answer(state: &State, venue: Venue, call: &Call, active: Option<&Active>) -> Option<Answer> {
    let now_ms = clock::wall_ms();
    let at_ms = match active.map(|active| &active.fault) {
        Some(Fault::Lag { seconds }) => now_ms.saturating_sub(seconds * 1_000),
        _ => now_ms,
    };
    let mut prices = match active {
        Some(active) if active.fault == Fault::Frozen => active.prices.clone(),
        _ => state.book.prices_at(at_ms),
    };
    for price in &mut prices {
        let quoted = *price * Decimal::new(1_000_000 + venue.offset_ppm(), 6);
        *price = rounded(distorted(quoted, active));
    }
    let market = Market {
        symbols: state.book.symbols(),
        prices: &prices,
        at_ms,
    };
    venue.answer(call, &market)
}

fn distorted(price: Decimal, active: Option<&Active>) -> Decimal {
    match active.map(|active| &active.fault) {
        Some(Fault::Lie { percent }) => price * (Decimal::ONE + percent / Decimal::ONE_HUNDRED),
        Some(Fault::Zero) => Decimal::ZERO,
        Some(Fault::Negative) => -price,
        _ => price,
    }
}

/// The response, with what a fault does to the body.
fn send(answer: &Answer, active: Option<&Active>) -> Response {
    let (status, body) = (answer.status, &answer.body);
    match active.map(|active| &active.fault) {
        Some(Fault::Truncated) => replies::truncated(status, body),
        Some(Fault::Oversized) => replies::oversized(status, body),
        Some(Fault::Malformed) => replies::malformed(status, body),
        _ => replies::json(status, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_should_give_the_path_of_the_venue() {
        assert_eq!(
            split("/alice/bitstamp/api/v2/ticker/btcusd/"),
            Some(("alice", "bitstamp", "/api/v2/ticker/btcusd/"))
        );
    }

    #[test]
    fn split_should_fail_when_a_part_is_missing() {
        for path in [
            "/",
            "/alice",
            "/alice/okx",
            "//okx/x",
            "/Alice/okx/x",
            "/control/okx/x",
        ] {
            assert_eq!(split(path), None, "{path}");
        }
    }
}
