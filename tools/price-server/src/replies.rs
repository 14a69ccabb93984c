//! Responses, good and broken.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use serde_json::{json, Value};
use std::io;
use std::time::Duration;

const JSON: &str = "application/json";

/// Length of an oversized body.
const OVERSIZED_BYTES: usize = 10_000_000;

/// Time for the first half of a truncated body to leave before the connection is cut.
const CUT_AFTER: Duration = Duration::from_millis(20);

/// What an exchange's front end shows when it doesn't like a client.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>\
                    <body><h1>Checking your browser</h1></body></html>\n";

/// JSON with a status.
pub fn json(status: StatusCode, body: &Value) -> Response {
    text(status, JSON, body.to_string())
}

/// JSON with a message of what went wrong.
pub fn problem(status: StatusCode, message: &dyn std::fmt::Display) -> Response {
    json(status, &json!({ "error": message.to_string() }))
}

/// A status as a fault. A 204 and a 304 have no body.
pub fn status(code: StatusCode) -> Response {
    match code {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
            code.into_response()
        }
        _ => problem(code, &code),
    }
}

/// A web page.
pub fn html() -> Response {
    text(StatusCode::OK, "text/html; charset=utf-8", PAGE.to_owned())
}

/// A redirect to another path.
pub fn redirect(path: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, path)]).into_response()
}

/// The body, padded with a field in front so that it stays valid JSON.
pub fn oversized(status: StatusCode, body: &Value) -> Response {
    const FRONT: &str = "{\"padding\":\"";
    const BACK: &str = "\",";
    let body = body.to_string();
    let rest = body.strip_prefix('{').unwrap_or(&body);
    let used = FRONT.len() + BACK.len() + rest.len();
    let padding = "x".repeat(OVERSIZED_BYTES.saturating_sub(used));
    text(status, JSON, format!("{FRONT}{padding}{BACK}{rest}"))
}

/// The body with its end replaced by what no JSON reader accepts.
pub fn malformed(status: StatusCode, body: &Value) -> Response {
    let body = body.to_string();
    let start = body.strip_suffix('}').unwrap_or(&body);
    text(status, JSON, format!("{start},,]"))
}

/// Half of the body under a length that promises more than all of it.
pub fn truncated(status: StatusCode, body: &Value) -> Response {
    let body = body.to_string();
    let declared = body.len() + 1;
    let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
    let cut = async {
        tokio::time::sleep(CUT_AFTER).await;
        Err(io::Error::other("cut by a fault"))
    };
    let stream = stream::once(async { Ok(half) }).chain(stream::once(cut));
    let headers = [
        (CONTENT_TYPE, JSON.to_owned()),
        (CONTENT_LENGTH, declared.to_string()),
    ];
    (status, headers, Body::from_stream(stream)).into_response()
}

fn text(status: StatusCode, kind: &str, body: String) -> Response {
    (status, [(CONTENT_TYPE, kind)], body).into_response()
}
