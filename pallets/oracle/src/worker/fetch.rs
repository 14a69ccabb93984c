//! Asks all sources at once over HTTP, with one deadline for everything.

use alloc::{string::String, vec::Vec};
use sp_core::offchain::{HttpError, HttpRequestStatus, Timestamp};
use sp_io::offchain as host;

use super::SourceError;

/// The largest answer that is read, in bytes. Tickers are a few kilobytes.
pub const MAX_BODY: usize = 256 * 1024;

/// How much is read at a time, in bytes.
const CHUNK: usize = 8 * 1024;

/// Some exchanges refuse requests that don't say what they come from.
const USER_AGENT: &str = "caisson-oracle";

/// The answers to these URLs, in the same order, whatever comes of each.
///
/// All requests are under way at once, and nothing is waited for beyond the deadline. Only an answer
/// of status 200 counts: redirects are not followed, since they lead where nobody agreed to look.
pub fn all(urls: &[String], deadline: Timestamp) -> Vec<Result<String, SourceError>> {
    let started: Vec<_> = urls.iter().map(|url| start(url, deadline)).collect();
    let ids: Vec<_> = started.iter().filter_map(|id| id.ok()).collect();
    let mut statuses = host::http_response_wait(&ids, Some(deadline)).into_iter();
    started
        .into_iter()
        .map(|started| {
            let id = started?;
            match statuses.next() {
                Some(HttpRequestStatus::Finished(200)) => body(id, deadline),
                Some(HttpRequestStatus::Finished(status)) => Err(SourceError::Status(status)),
                Some(HttpRequestStatus::DeadlineReached) => Err(SourceError::TooSlow),
                _ => Err(SourceError::Unreachable),
            }
        })
        .collect()
}

fn start(url: &str, deadline: Timestamp) -> Result<sp_core::offchain::HttpRequestId, SourceError> {
    let id = host::http_request_start("GET", url, &[]).map_err(|()| SourceError::BadUrl)?;
    for (name, value) in [("user-agent", USER_AGENT), ("accept", "application/json")] {
        host::http_request_add_header(id, name, value).map_err(|()| SourceError::BadUrl)?;
    }
    // An empty chunk ends the request and sends it.
    host::http_request_write_body(id, &[], Some(deadline)).map_err(words)?;
    Ok(id)
}

fn body(id: sp_core::offchain::HttpRequestId, deadline: Timestamp) -> Result<String, SourceError> {
    let mut bytes = Vec::new();
    let mut chunk = [0; CHUNK];
    loop {
        let read = host::http_response_read_body(id, &mut chunk, Some(deadline)).map_err(words)?;
        let read = usize::try_from(read).unwrap_or(CHUNK).min(CHUNK);
        if read == 0 {
            return String::from_utf8(bytes).map_err(|_| SourceError::NotJson);
        }
        if bytes.len().saturating_add(read) > MAX_BODY {
            return Err(SourceError::TooLarge);
        }
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
    }
}

fn words(error: HttpError) -> SourceError {
    match error {
        HttpError::DeadlineReached => SourceError::TooSlow,
        HttpError::IoError | HttpError::Invalid => SourceError::Unreachable,
    }
}
