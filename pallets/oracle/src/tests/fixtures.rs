//! Answers of exchanges, as their public documentation shows them: `fixtures/README.md`. SPEC 3.

use alloc::string::String;
use caisson_risk::limits::MAX_ORACLE_PRICE;
use serde::Deserialize;

use crate::{
    types::TimeUnit,
    worker::{decimal, json, time, SourceError},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// One line of `index.json`.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    pointer: String,
    price_scaled: Option<String>,
    timestamp_pointer: Option<String>,
    timestamp_unit: Option<TimeUnit>,
    timestamp_ms: Option<u64>,
    error: Option<String>,
}

fn entries() -> alloc::vec::Vec<Entry> {
    let index =
        std::fs::read(std::path::Path::new(FOLDER).join("index.json")).expect("it is there");
    serde_json::from_slice(&index).expect("it has the documented form")
}

/// The body as the worker reads it: text, or no JSON.
fn body(entry: &Entry) -> Result<String, SourceError> {
    let bytes = std::fs::read(std::path::Path::new(FOLDER).join(&entry.file)).expect("it is there");
    String::from_utf8(bytes).map_err(|_| SourceError::NotJson)
}

fn price(entry: &Entry) -> Result<u128, SourceError> {
    decimal::price(&json::find(&body(entry)?, &entry.pointer)?)
}

#[test]
fn every_answer_of_an_exchange_should_be_read() {
    let mut read = 0;
    for entry in entries().iter().filter(|entry| entry.error.is_none()) {
        let expected: u128 = entry
            .price_scaled
            .as_ref()
            .expect("a price")
            .parse()
            .expect("a number");
        let too_high = i128::try_from(expected).map_or(true, |price| price > MAX_ORACLE_PRICE);
        let expected = if too_high {
            Err(SourceError::OutOfRange)
        } else {
            Ok(expected)
        };
        assert_eq!(price(entry), expected, "{} {}", entry.file, entry.pointer);
        if let (Some(pointer), Some(unit)) = (&entry.timestamp_pointer, entry.timestamp_unit) {
            let text = json::find(&body(entry).unwrap(), pointer).expect("a time");
            let at = time::moment(&text, unit).ok();
            assert_eq!(at, entry.timestamp_ms, "{} {pointer}", entry.file);
        }
        read += 1;
    }
    assert!(read >= 100, "only {read}");
}

#[test]
fn every_bad_answer_should_be_refused_for_its_reason() {
    let mut refused = 0;
    for entry in entries().iter().filter(|entry| entry.error.is_some()) {
        let expected = match entry.error.as_deref() {
            Some("not_json") => SourceError::NotJson,
            Some("no_such_value") => SourceError::NoSuchValue,
            Some("not_a_number") => SourceError::NotANumber,
            Some("out_of_range") => SourceError::OutOfRange,
            Some("not_positive") => SourceError::NotPositive,
            other => panic!("{}: {other:?} is no error", entry.file),
        };
        assert_eq!(
            price(entry),
            Err(expected),
            "{} {}",
            entry.file,
            entry.pointer
        );
        refused += 1;
    }
    assert!(refused >= 100, "only {refused}");
}
