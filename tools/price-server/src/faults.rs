//! What a venue can be made to do wrong, and how a fault is written in JSON.

use crate::error::{Error, Result};
use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{json, Number, Value};
use std::str::FromStr;

/// The kinds, for messages.
const KINDS: &str = "\
{\"kind\":\"lie\",\"percent\":50}, {\"kind\":\"lag\",\"seconds\":30}, {\"kind\":\"frozen\"}, \
{\"kind\":\"status\",\"code\":500}, {\"kind\":\"timeout\"}, {\"kind\":\"html\"}, \
{\"kind\":\"truncated\"}, {\"kind\":\"zero\"}, {\"kind\":\"negative\"}, {\"kind\":\"redirect\"}, \
{\"kind\":\"oversized\"}, {\"kind\":\"malformed\"}";

/// The largest lie: ten thousand times the price, which no product in this crate overflows.
const MAX_LIE_PERCENT: u32 = 1_000_000;

/// The longest lag: a day.
const MAX_LAG_SECONDS: u64 = 86_400;

/// A way to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The price is this much higher, or lower if negative.
    Lie {
        /// Percent of the price.
        percent: Decimal,
    },
    /// Price and timestamp are those of this long ago.
    Lag {
        /// Wall-clock seconds.
        seconds: u64,
    },
    /// The price stays what it was when the fault was set; timestamps go on.
    Frozen,
    /// An HTTP status, without a price.
    Status {
        /// The status.
        code: StatusCode,
    },
    /// The request is accepted and never answered.
    Timeout,
    /// A web page instead of JSON.
    Html,
    /// Half of the body, then the connection is closed.
    Truncated,
    /// The price is 0.
    Zero,
    /// The price is below 0.
    Negative,
    /// 302 to the same ticker of the observer `honest`.
    Redirect,
    /// The right JSON, 10 MB long.
    Oversized,
    /// JSON with a mistake in it.
    Malformed,
}

impl Fault {
    /// Reads a fault from the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| bad(&format!("the body isn't JSON ({error})")))?;
        let Some(kind) = value.get("kind").and_then(Value::as_str) else {
            return Err(bad("the body has no `kind`"));
        };
        let (fault, parameter) = match kind {
            "lie" => (lie(&value)?, Some("percent")),
            "lag" => (lag(&value)?, Some("seconds")),
            "status" => (status(&value)?, Some("code")),
            "frozen" => (Self::Frozen, None),
            "timeout" => (Self::Timeout, None),
            "html" => (Self::Html, None),
            "truncated" => (Self::Truncated, None),
            "zero" => (Self::Zero, None),
            "negative" => (Self::Negative, None),
            "redirect" => (Self::Redirect, None),
            "oversized" => (Self::Oversized, None),
            "malformed" => (Self::Malformed, None),
            other => return Err(bad(&format!("there is no kind `{other}`"))),
        };
        // A misspelt field would otherwise be ignored, and the test that set it pass for nothing.
        let surplus = value
            .as_object()
            .and_then(|fields| fields.keys().find(|key| !is_field(key, parameter)));
        match surplus {
            Some(key) => Err(bad(&format!("`{kind}` has no field `{key}`"))),
            None => Ok(fault),
        }
    }

    /// The fault as it can be set.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Lie { percent } => {
                let percent = Number::from_str(&percent.to_string()).unwrap_or(0.into());
                json!({ "kind": "lie", "percent": percent })
            }
            Self::Lag { seconds } => json!({ "kind": "lag", "seconds": seconds }),
            Self::Status { code } => json!({ "kind": "status", "code": code.as_u16() }),
            Self::Frozen => json!({ "kind": "frozen" }),
            Self::Timeout => json!({ "kind": "timeout" }),
            Self::Html => json!({ "kind": "html" }),
            Self::Truncated => json!({ "kind": "truncated" }),
            Self::Zero => json!({ "kind": "zero" }),
            Self::Negative => json!({ "kind": "negative" }),
            Self::Redirect => json!({ "kind": "redirect" }),
            Self::Oversized => json!({ "kind": "oversized" }),
            Self::Malformed => json!({ "kind": "malformed" }),
        }
    }
}

fn bad(problem: &str) -> Error {
    Error::new(format!("{problem}; a fault is one of {KINDS}"))
}

fn is_field(key: &str, parameter: Option<&str>) -> bool {
    key == "kind" || Some(key) == parameter
}

fn lie(value: &Value) -> Result<Fault> {
    let number = |text: String| {
        Decimal::from_str_exact(&text)
            .or_else(|_| Decimal::from_scientific(&text))
            .ok()
    };
    let most = Decimal::from(MAX_LIE_PERCENT);
    value
        .get("percent")
        .and_then(Value::as_number)
        .and_then(|percent| number(percent.to_string()))
        .filter(|percent| *percent >= Decimal::from(-100) && *percent <= most)
        .map(|percent| Fault::Lie { percent })
        .ok_or_else(|| {
            bad(&format!(
                "`lie` needs a `percent`, a number from -100 to {MAX_LIE_PERCENT}"
            ))
        })
}

fn lag(value: &Value) -> Result<Fault> {
    value
        .get("seconds")
        .and_then(Value::as_u64)
        .filter(|seconds| *seconds <= MAX_LAG_SECONDS)
        .map(|seconds| Fault::Lag { seconds })
        .ok_or_else(|| {
            bad(&format!(
                "`lag` needs `seconds`, a whole number from 0 to {MAX_LAG_SECONDS}"
            ))
        })
}

/// Statuses below 200 aren't final: a client would wait for another.
fn status(value: &Value) -> Result<Fault> {
    value
        .get("code")
        .and_then(Value::as_u64)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (200..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .map(|code| Fault::Status { code })
        .ok_or_else(|| bad("`status` needs a `code`, an HTTP status from 200 to 599"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_should_be_the_same_when_written_and_read() {
        let text = format!("[{KINDS}]");
        let kinds: Vec<Value> = serde_json::from_str(&text).expect("the kinds are JSON");
        assert_eq!(kinds.len(), 12);
        for kind in kinds {
            let fault = Fault::from_json(kind.to_string().as_bytes()).expect("a fault");
            assert_eq!(fault.to_json(), kind);
        }
    }

    #[test]
    fn lie_should_take_negative_and_fractional_percents() {
        for (text, percent) in [("-30", "-30"), ("0.5", "0.5"), ("-0.001", "-0.001")] {
            let body = format!("{{\"kind\":\"lie\",\"percent\":{text}}}");
            let percent = percent.parse().expect("a number");
            assert_eq!(
                Fault::from_json(body.as_bytes()),
                Ok(Fault::Lie { percent })
            );
        }
    }

    #[test]
    fn fault_should_list_the_kinds_when_it_is_bad() {
        for body in [
            "",
            "nonsense",
            "[]",
            "{}",
            "{\"kind\":5}",
            "{\"kind\":\"explode\"}",
            "{\"kind\":\"lie\"}",
            "{\"kind\":\"lie\",\"percent\":\"50\"}",
            "{\"kind\":\"lie\",\"percent\":-101}",
            "{\"kind\":\"lie\",\"percent\":1e300}",
            "{\"kind\":\"lag\",\"seconds\":-1}",
            "{\"kind\":\"lag\",\"seconds\":1.5}",
            "{\"kind\":\"lag\",\"seconds\":86401}",
            "{\"kind\":\"status\",\"code\":101}",
            "{\"kind\":\"status\",\"code\":600}",
            "{\"kind\":\"status\"}",
            "{\"kind\":\"zero\",\"percent\":5}",
            "{\"kind\":\"lie\",\"percent\":5,\"percnt\":6}",
        ] {
            let error = Fault::from_json(body.as_bytes()).expect_err(body);
            assert!(error.to_string().contains(KINDS), "{body}: {error}");
        }
    }
}
