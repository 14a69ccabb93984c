//! One source: its URL for a feed, and the price in its answer.

use alloc::{string::String, vec::Vec};
use caisson_primitives::{oracle::OraclePrice, Moment};

use super::{decimal, json, time, SourceError};
use crate::types::Source;

/// How far ahead of this node's clock a source's clock may be, in milliseconds.
const CLOCK_TOLERANCE_MS: Moment = 5_000;

/// Base and quote of a symbol; nothing if it isn't two non-empty ASCII words with a slash between.
pub fn parts(symbol: &[u8]) -> Option<(&str, &str)> {
    let symbol = core::str::from_utf8(symbol).ok()?;
    let (base, quote) = symbol.split_once('/')?;
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (word(base) && word(quote)).then_some((base, quote))
}

/// Whether a template makes a URL that the worker may open.
///
/// On chain only `https` is accepted: a price that anyone between can change is nobody's price. A node's
/// operator may use `http`, for a server next door.
pub fn is_url(template: &[u8], allow_http: bool) -> bool {
    let printable = template.iter().all(|byte| byte.is_ascii_graphic());
    let rest = template.strip_prefix(b"https://".as_slice()).or_else(|| {
        template
            .strip_prefix(b"http://".as_slice())
            .filter(|_| allow_http)
    });
    printable && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(b"/"))
}

/// The URL to ask for a symbol.
pub fn url(source: &Source, symbol: &[u8]) -> Result<String, SourceError> {
    let template = core::str::from_utf8(&source.url).map_err(|_| SourceError::BadUrl)?;
    let (base, quote) = parts(symbol).ok_or(SourceError::BadUrl)?;
    Ok(template
        .replace("{base}", &base.to_ascii_lowercase())
        .replace("{quote}", &quote.to_ascii_lowercase())
        .replace("{BASE}", &base.to_ascii_uppercase())
        .replace("{QUOTE}", &quote.to_ascii_uppercase()))
}

/// The price in an answer, in 10^-18 of the quote per base.
pub fn price(source: &Source, answer: &str, now: Moment) -> Result<OraclePrice, SourceError> {
    if let Some(stated) = &source.time {
        let text = json::find(answer, pointer(&stated.pointer)?)?;
        let at = time::moment(&text, stated.unit)?;
        if at > now.saturating_add(CLOCK_TOLERANCE_MS) {
            return Err(SourceError::FromTheFuture);
        }
        if now.saturating_sub(at) > stated.max_age_ms.into() {
            return Err(SourceError::TooOld);
        }
    }
    let price = decimal::price(&json::find(answer, pointer(&source.pointer)?)?)?;
    if source.inverted {
        decimal::inverse(price)
    } else {
        Ok(price)
    }
}

fn pointer(bytes: &[u8]) -> Result<&str, SourceError> {
    core::str::from_utf8(bytes).map_err(|_| SourceError::NoSuchValue)
}

/// The sources to ask for a feed: those on chain, and its operator's.
pub fn merged(on_chain: &[Source], local: &[Source], replace: bool) -> Vec<Source> {
    let kept = if replace { &[] } else { on_chain };
    kept.iter().chain(local).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{SourceTime, TimeUnit};
    use alloc::string::ToString;

    fn source(url: &str, pointer: &str) -> Source {
        Source {
            url: url.as_bytes().to_vec().try_into().unwrap(),
            pointer: pointer.as_bytes().to_vec().try_into().unwrap(),
            inverted: false,
            weight: 1,
            time: None,
        }
    }

    #[test]
    fn url_should_put_base_and_quote_into_the_template() {
        let templates = [
            ("https://a/{BASE}-{QUOTE}", "https://a/BTC-USD"),
            ("https://a/{base}{quote}/", "https://a/btcusd/"),
            ("https://a/x?s={BASE}", "https://a/x?s=BTC"),
            ("https://a/fixed", "https://a/fixed"),
        ];
        for (template, expected) in templates {
            assert_eq!(
                url(&source(template, ""), b"BTC/USD"),
                Ok(expected.to_string())
            );
        }
        assert_eq!(
            url(&source("https://a", ""), b"BTCUSD"),
            Err(SourceError::BadUrl)
        );
    }

    #[test]
    fn urls_should_be_https_on_chain() {
        assert!(is_url(b"https://host/path", false));
        assert!(is_url(b"http://127.0.0.1:9950/a", true));
        for bad in [
            "http://host/path",
            "ftp://host",
            "https://",
            "https:///x",
            "https://a b",
            "host",
            "",
        ] {
            assert!(!is_url(bad.as_bytes(), false), "{bad}");
        }
        assert!(!is_url(b"file:///etc/passwd", true));
        assert!(!is_url("https://hö/".as_bytes(), true));
    }

    #[test]
    fn price_should_be_dropped_when_it_is_old() {
        let mut source = source("https://a", "/p");
        source.time = Some(SourceTime {
            pointer: b"/t".to_vec().try_into().unwrap(),
            unit: TimeUnit::Milliseconds,
            max_age_ms: 1_000,
        });
        let at = |now| price(&source, r#"{"p":"2","t":100000}"#, now);
        assert_eq!(at(100_500), Ok(2_000_000_000_000_000_000));
        assert_eq!(at(101_001), Err(SourceError::TooOld));
        assert_eq!(at(94_000), Err(SourceError::FromTheFuture));
        assert_eq!(
            price(&source, r#"{"p":"2"}"#, 1),
            Err(SourceError::NoSuchValue)
        );
    }

    #[test]
    fn price_should_be_inverted_when_the_source_quotes_the_other_way() {
        let mut source = source("https://a", "");
        source.inverted = true;
        assert_eq!(price(&source, "4", 0), Ok(250_000_000_000_000_000));
    }
}
