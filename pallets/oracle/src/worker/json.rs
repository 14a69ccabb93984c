//! Finds one value in a JSON document without building the document.
//!
//! The pointer is followed while the text is read; what lies beside the way is checked and
//! skipped. So a large answer costs no memory, and a number is seen as its text, not as a float.
//! The whole document is read, so that a truncated one is refused even if the value was seen.

use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
    vec::Vec,
};
use core::fmt;
use serde::de::{
    self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

use super::SourceError;

/// The number, or the text, that a JSON pointer (RFC 6901) leads to, as its text.
///
/// An array index is a decimal number without leading zeros. A key on the way that stands twice in its
/// object makes the document one that says two things.
/// Errors: [`SourceError::NotJson`] when the whole is not one JSON value, [`SourceError::NoSuchValue`]
/// when there is nothing at the end of the pointer, [`SourceError::NotANumber`] when there is something
/// other than a number or a text. What is skipped is skipped without recursion, so that no nesting
/// exhausts the stack.
pub fn find(document: &str, pointer: &str) -> Result<String, SourceError> {
    let path = tokens(pointer).ok_or(SourceError::NoSuchValue)?;
    let mut reader = serde_json::Deserializer::from_str(document);
    let found = Step { path: &path }
        .deserialize(&mut reader)
        .map_err(|_| SourceError::NotJson)?;
    reader.end().map_err(|_| SourceError::NotJson)?;
    text_of(found.ok_or(SourceError::NoSuchValue)?)
}

/// The reference tokens of a pointer, unescaped; nothing if it is no pointer.
pub fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let rest = pointer.strip_prefix('/')?;
    rest.split('/')
        .map(|token| {
            let stray = token
                .split('~')
                .skip(1)
                .any(|escaped| !escaped.starts_with(['0', '1']));
            (!stray).then(|| token.replace("~1", "/").replace("~0", "~"))
        })
        .collect()
}

/// The text of a number, or the contents of a string.
fn text_of(raw: String) -> Result<String, SourceError> {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(&raw).map_err(|_| SourceError::NotJson),
        Some(b'-' | b'0'..=b'9') => Ok(raw),
        _ => Err(SourceError::NotANumber),
    }
}

/// What remains of the way to the value.
struct Step<'a> {
    path: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Step<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            let raw = <&RawValue as de::Deserialize>::deserialize(deserializer)?;
            return Ok(Some(raw.get().to_owned()));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((token, rest)) = self.path.split_first() else {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        };
        let mut found = None;
        let mut seen = false;
        while let Some(key) = map.next_key::<Cow<str>>()? {
            if key != token.as_str() {
                map.next_value::<IgnoredAny>()?;
            } else if seen {
                return Err(de::Error::custom("a key stands twice"));
            } else {
                seen = true;
                found = map.next_value_seed(Step { path: rest })?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let Some((token, rest)) = self.path.split_first() else {
            return Err(de::Error::invalid_type(Unexpected::Seq, &self));
        };
        let wanted = index(token);
        let mut found = None;
        let mut place: usize = 0;
        loop {
            if wanted == Some(place) {
                match seq.next_element_seed(Step { path: rest })? {
                    Some(value) => found = value,
                    None => return Ok(found),
                }
            } else if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(found);
            }
            place = place.saturating_add(1);
        }
    }

    // A value without parts where the way goes on: the pointer leads nowhere.

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| token.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DOCUMENT: &str =
        r#"{"a":{"b":[10,{"c":"1.50"}]},"x/y":1e-7,"m~n":-2,"":true,"a ":0,"n":null}"#;

    #[test]
    fn find_should_follow_objects_arrays_and_escapes() {
        for (pointer, expected) in [
            ("/a/b/0", "10"),
            ("/a/b/1/c", "1.50"),
            ("/x~1y", "1e-7"),
            ("/m~0n", "-2"),
        ] {
            assert_eq!(
                find(DOCUMENT, pointer).as_deref(),
                Ok(expected),
                "{pointer}"
            );
        }
        assert_eq!(find("42", "").as_deref(), Ok("42"));
        assert_eq!(find("[[1,[2,3]]]", "/0/1/1").as_deref(), Ok("3"));
        assert_eq!(find(r#"{"k":"a\u0031\n"}"#, "/k").as_deref(), Ok("a1\n"));
    }

    #[test]
    fn find_should_say_what_is_not_there() {
        for pointer in [
            "/z",
            "/a/b/2",
            "/a/b/00",
            "/a/b/-",
            "/a/b/0/c",
            "a",
            "/m~2n",
            "/m~",
            "/a/b/1/c/0",
        ] {
            assert_eq!(
                find(DOCUMENT, pointer),
                Err(SourceError::NoSuchValue),
                "{pointer}"
            );
        }
        for pointer in ["/a", "/a/b", "/", "/n", ""] {
            assert_eq!(
                find(DOCUMENT, pointer),
                Err(SourceError::NotANumber),
                "{pointer}"
            );
        }
    }

    #[test]
    fn find_should_refuse_what_is_not_one_json_value() {
        for document in [
            "",
            "<html></html>",
            r#"{"a":1"#,
            r#"{"a":1}x"#,
            r#"{"a":1}{"a":2}"#,
            "{'a':1}",
        ] {
            assert_eq!(
                find(document, "/a"),
                Err(SourceError::NotJson),
                "{document}"
            );
        }
    }

    #[test]
    fn find_should_survive_any_nesting() {
        let deep = alloc::format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find(&deep, "/0"), Err(SourceError::NotANumber));
        assert_eq!(find(&"[".repeat(100_000), "/0"), Err(SourceError::NotJson));
        let path = "/0".repeat(64);
        assert_eq!(find(&deep, &path), Err(SourceError::NotANumber));
    }

    #[test]
    fn find_should_refuse_duplicate_keys_on_the_way() {
        assert_eq!(find(r#"{"a":1,"a":2}"#, "/a"), Err(SourceError::NotJson));
        assert_eq!(find(r#"{"a":1,"b":2,"b":3}"#, "/a").as_deref(), Ok("1"));
    }

    proptest! {
        #[test]
        fn find_should_agree_with_a_parsed_document(
            numbers in proptest::collection::vec(0u64.., 0..8), at in 0usize..10,
        ) {
            let document = serde_json::json!({ "list": numbers, "other": [{ "a": "b" }] });
            let pointer = alloc::format!("/list/{at}");
            let expected = document.pointer(&pointer).map(|value| alloc::format!("{value}"));
            prop_assert_eq!(find(&alloc::format!("{document}"), &pointer).ok(), expected);
        }

        #[test]
        fn find_should_never_panic(document in "\\PC{0,60}", pointer in "[/~0-9a]{0,8}") {
            let _ = find(&document, &pointer);
        }
    }
}
