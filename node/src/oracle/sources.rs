//! `--oracle-sources FILE`: sources of an operator's own, beside those on chain or instead of them.
//!
//! The worker that fetches prices is part of the runtime and sees no files. So the node reads the file
//! when it starts, checks it, and puts it into its off-chain database, where the worker looks.

use crate::errors::Refusal;
use codec::Encode;
use pallet_price_oracle::{
    feeds::{BadSource, SourceText},
    types::{LocalSources, MAX_SOURCES},
    worker::{source, LOCAL_SOURCES_KEY},
};
use serde::Deserialize;
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::{collections::BTreeMap, fs, path::Path};

/// What the file says of one feed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FeedText {
    /// Use these sources only.
    #[serde(default)]
    replace: bool,
    sources: Vec<SourceText>,
}

/// Reads and checks the file.
pub fn read(path: &Path) -> Result<Vec<LocalSources>, Refusal> {
    let refuse = |reason: String| Refusal::OracleSources {
        path: path.to_owned(),
        reason,
    };
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    parse(&text).map_err(refuse)
}

fn parse(text: &str) -> Result<Vec<LocalSources>, String> {
    let feeds: BTreeMap<String, FeedText> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    feeds
        .into_iter()
        .map(|(symbol, feed)| {
            let sources = checked(&symbol, &feed)?;
            Ok(LocalSources {
                symbol: symbol.into_bytes(),
                replace: feed.replace,
                sources,
            })
        })
        .collect()
}

fn checked(
    symbol: &str,
    feed: &FeedText,
) -> Result<Vec<pallet_price_oracle::types::Source>, String> {
    if source::parts(symbol.as_bytes()).is_none() {
        return Err(format!(
            "`{symbol}` is no feed: a feed is called by base and quote, such as BTC/USD"
        ));
    }
    if feed.sources.len() > MAX_SOURCES as usize {
        return Err(format!(
            "{symbol} has {} sources; at most {MAX_SOURCES} are asked",
            feed.sources.len()
        ));
    }
    if feed.replace && feed.sources.is_empty() {
        return Err(format!(
            "{symbol} would have no source at all: name one, or leave `replace` out"
        ));
    }
    let check = |(number, text): (usize, &SourceText)| {
        text.checked(true).map_err(|error| {
            let why = match error {
                BadSource::Url => {
                    "its `url` must be http:// or https://, without spaces, at most 256 bytes"
                }
                BadSource::Pointer => {
                    "`pointer` and `timePointer` must be JSON pointers, such as /result/0/price"
                }
                BadSource::Zero => "`weight` and `maxAgeMs` must be above zero",
            };
            format!("source {} of {symbol} can't be used: {why}", number + 1)
        })
    };
    feed.sources.iter().enumerate().map(check).collect()
}

/// Puts the sources where the worker looks; without any, what an earlier start put there is removed.
pub fn store(database: &mut impl OffchainStorage, sources: &[LocalSources]) {
    if sources.is_empty() {
        database.remove(STORAGE_PREFIX, LOCAL_SOURCES_KEY);
        return;
    }
    database.set(STORAGE_PREFIX, LOCAL_SOURCES_KEY, &sources.encode());
    for feed in sources {
        log::info!(
            "💱 {} sources of this node's own for {}{}",
            feed.sources.len(),
            String::from_utf8_lossy(&feed.symbol),
            if feed.replace {
                ", instead of those on chain"
            } else {
                ""
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Decode;
    use sp_core::offchain::storage::InMemOffchainStorage;

    const GOOD: &str = r#"{
        "BTC/USD": { "replace": true, "sources": [
            { "url": "http://127.0.0.1:9950/{BASE}", "pointer": "/price" },
            { "url": "https://a.example", "pointer": "/0/1", "inverted": true, "weight": 3,
              "timePointer": "/at", "timeUnit": "seconds", "maxAgeMs": 5000 } ] },
        "ETH/USD": { "sources": [] } }"#;

    #[test]
    fn file_should_be_read_with_its_defaults() {
        let feeds = parse(GOOD).expect("it is right");
        assert_eq!(feeds.len(), 2);
        assert!(feeds[0].replace && !feeds[1].replace);
        let [first, second] = &feeds[0].sources[..] else {
            panic!("two sources")
        };
        assert!(first.weight == 1 && !first.inverted && first.time.is_none());
        assert!(second.weight == 3 && second.inverted);
        assert_eq!(
            second.time.as_ref().map(|time| time.max_age_ms),
            Some(5_000)
        );
    }

    #[test]
    fn file_for_the_price_server_should_be_right() {
        let text = include_str!("../../../tools/price-server/dev-sources.json");
        let feeds = parse(text).expect("it is right");
        assert_eq!(feeds.len(), 2);
        assert!(feeds
            .iter()
            .all(|feed| feed.replace && feed.sources.len() == 8));
    }

    #[test]
    fn mistakes_should_be_named() {
        for (text, hint) in [
            ("", "EOF"),
            ("[]", "expected a map"),
            (r#"{"BTC":{"sources":[]}}"#, "`BTC` is no feed"),
            (
                r#"{"BTC/USD":{"sources":[{"url":"x","pointer":""}]}}"#,
                "source 1 of BTC/USD",
            ),
            (
                r#"{"BTC/USD":{"sources":[{"url":"https://a","pointer":"p"}]}}"#,
                "JSON pointers",
            ),
            (
                r#"{"BTC/USD":{"sources":[{"url":"https://a","pointer":"","weight":0}]}}"#,
                "above zero",
            ),
            (
                r#"{"BTC/USD":{"sources":[{"url":"https://a"}]}}"#,
                "missing field `pointer`",
            ),
            (r#"{"BTC/USD":{"source":[]}}"#, "unknown field `source`"),
            (
                r#"{"BTC/USD":{"replace":true,"sources":[]}}"#,
                "no source at all",
            ),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(hint), "{text}: {error}");
        }
        let many = vec![r#"{"url":"https://a","pointer":""}"#; 17].join(",");
        let error =
            parse(&format!(r#"{{"BTC/USD":{{"sources":[{many}]}}}}"#)).expect_err("too many");
        assert!(error.contains("at most 16"), "{error}");
    }

    #[test]
    fn sources_should_be_forgotten_when_the_node_starts_without_them() {
        let mut database = InMemOffchainStorage::default();
        let feeds = parse(GOOD).expect("it is right");
        store(&mut database, &feeds);
        let stored = database
            .get(STORAGE_PREFIX, LOCAL_SOURCES_KEY)
            .expect("stored");
        assert_eq!(Vec::<LocalSources>::decode(&mut &stored[..]), Ok(feeds));
        store(&mut database, &[]);
        assert_eq!(database.get(STORAGE_PREFIX, LOCAL_SOURCES_KEY), None);
    }
}
