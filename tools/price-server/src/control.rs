//! Requests under `/control`: faults, prices, health.

use crate::book::Held;
use crate::clock;
use crate::error::{Error, Result};
use crate::fault_table::{self, Active, Key};
use crate::faults::Fault;
use crate::price;
use crate::replies;
use crate::state::State;
use crate::venues::Venue;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::Router;
use rust_decimal::Decimal;
use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Longest body: a fault or a price is far shorter.
const MAX_BODY_BYTES: usize = 65_536;

/// The longest window of past prices: an hour.
const MAX_BACK_SECONDS: u64 = 3_600;

type Shared = axum::extract::State<Arc<State>>;
type Parameters = Query<HashMap<String, String>>;

/// The routes under `/control`.
pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/control/health", get(health))
        .route("/control/prices", get(prices))
        .route("/control/price", post(pin).delete(release))
        .route("/control/faults", get(list_faults).delete(clear_faults))
        .route(
            "/control/faults/{observer}/{venue}",
            put(set_fault).delete(clear_fault),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// The JSON of a success, or a 400 with a message.
fn reply(result: Result<Value>) -> Response {
    match result {
        Ok(body) => replies::json(StatusCode::OK, &body),
        Err(error) => replies::problem(StatusCode::BAD_REQUEST, &error),
    }
}

async fn health(state: Shared) -> Response {
    let requests = Venue::ALL.map(|venue| (venue, state.requests(venue)));
    let total: u64 = requests.iter().map(|(_, count)| count).sum();
    let by_venue: Map<String, Value> = requests
        .iter()
        .map(|(venue, count)| (venue.to_string(), (*count).into()))
        .collect();
    reply(Ok(json!({
        "ok": true,
        "history": state.book.title(),
        "requests": total,
        "by_venue": by_venue,
    })))
}

async fn prices(state: Shared, parameters: Parameters) -> Response {
    reply(prices_body(&state, &parameters))
}

fn prices_body(state: &State, parameters: &HashMap<String, String>) -> Result<Value> {
    let book = &state.book;
    let now_ms = clock::wall_ms();
    let pinned: Vec<String> = book.pinned().iter().map(ToString::to_string).collect();
    let mut body = json!({
        "now_ms": now_ms,
        "history_ms": book.history_ms(now_ms),
        "prices": by_symbol(state, &book.prices_at(now_ms)),
        "pinned": pinned,
    });
    if let Some(text) = parameters.get("back_seconds") {
        let back_seconds = back_seconds(text)?;
        let past = book.past(now_ms.saturating_sub(back_seconds * 1_000), now_ms)?;
        let past: Vec<Value> = past.iter().map(|held| held_json(state, held)).collect();
        body["past"] = past.into();
    }
    Ok(body)
}

fn back_seconds(text: &str) -> Result<u64> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_BACK_SECONDS)
        .ok_or_else(|| {
            Error::new(format!(
                "back_seconds is `{text}`; write a whole number from 0 to {MAX_BACK_SECONDS}"
            ))
        })
}

fn held_json(state: &State, held: &Held) -> Value {
    json!({ "from_ms": held.from_ms, "prices": by_symbol(state, &held.prices) })
}

fn by_symbol(state: &State, prices: &[Decimal]) -> Map<String, Value> {
    let symbols = state.book.symbols().iter();
    symbols
        .zip(prices)
        .map(|(symbol, price)| (symbol.to_string(), price.to_string().into()))
        .collect()
}

async fn pin(state: Shared, body: Bytes) -> Response {
    reply(pin_body(&state, &body))
}

fn pin_body(state: &State, body: &[u8]) -> Result<Value> {
    const FORM: &str = "write {\"symbol\":\"BTC/USD\",\"price\":\"12345.6\"}";
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Error::new(format!("the body isn't JSON ({error}); {FORM}")))?;
    let field = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Error::new(format!("the body has no `{name}` in quotes; {FORM}")))
    };
    let (symbol, price) = (field("symbol")?, price::parse(field("price")?)?);
    state.book.pin(symbol, price, clock::wall_ms())?;
    Ok(json!({ "symbol": symbol, "price": price.to_string() }))
}

async fn release(state: Shared, parameters: Parameters) -> Response {
    reply(release_body(&state, &parameters))
}

fn release_body(state: &State, parameters: &HashMap<String, String>) -> Result<Value> {
    let symbol = parameters
        .get("symbol")
        .ok_or_else(|| Error::new("which symbol? write DELETE /control/price?symbol=BTC/USD"))?;
    let released = state.book.release(symbol, clock::wall_ms())?;
    Ok(json!({ "released": u8::from(released) }))
}

async fn list_faults(state: Shared) -> Response {
    let faults: Vec<Value> = state
        .faults()
        .iter()
        .map(|(key, active)| fault_json(key, &active.fault))
        .collect();
    reply(Ok(json!({ "faults": faults })))
}

async fn clear_faults(state: Shared) -> Response {
    let cleared = state.faults().clear_all();
    reply(Ok(json!({ "cleared": cleared })))
}

async fn set_fault(
    state: Shared,
    Path((observer, venue)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    reply(set_fault_body(&state, &observer, &venue, &body))
}

fn set_fault_body(state: &State, observer: &str, venue: &str, body: &[u8]) -> Result<Value> {
    let key = fault_table::key(observer, venue)?;
    let fault = Fault::from_json(body)?;
    let shown = fault_json(&key, &fault);
    let prices = state.book.prices_at(clock::wall_ms());
    state.faults().set(key, Active { fault, prices })?;
    Ok(shown)
}

async fn clear_fault(state: Shared, Path((observer, venue)): Path<(String, String)>) -> Response {
    reply(fault_table::key(&observer, &venue).map(|key| {
        let cleared = state.faults().clear(&key);
        json!({ "cleared": u8::from(cleared) })
    }))
}

fn fault_json(key: &Key, fault: &Fault) -> Value {
    json!({
        "observer": key.0.to_string(),
        "venue": key.1.to_string(),
        "fault": fault.to_json(),
    })
}
