//! Bounded decoding of JSON: the part that headers and bodies have in common.
//!
//! In this order: size, UTF-8, depth, then one pass of the parser straight into the message. Only when that fails are the bytes
//! looked at again, to say whether they are version 1.
//!
//! # Duplicate names
//!
//! A member that the specification names may occur once; a second one is an error. So is a second occurrence of any name inside
//! `extra`, `payload` and `extensions`. Members that the specification does not name are skipped unread.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use self::place::AtBracket;

mod depth;
mod detail;
mod place;
mod version;

/// The largest JSON body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How deep objects and arrays may be nested.
pub const MAX_JSON_DEPTH: usize = 64;

/// Why bytes are not the JSON of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    kind: JsonErrorKind,
    position: usize,
    detail: Option<Box<str>>,
}

/// What is wrong with the JSON of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// More than [`MAX_BODY_BYTES`].
    TooLong,
    /// Not UTF-8.
    Utf8,
    /// Nested deeper than [`MAX_JSON_DEPTH`].
    TooDeep,
    /// Not JSON.
    Syntax,
    /// JSON that ends too early.
    Incomplete,
    /// JSON, but not this message: a member is missing, named twice, of the wrong type or of a value that is not allowed.
    Shape,
    /// A message of x402 version 1.
    Version1,
    /// A message of an x402 version that is neither 1 nor 2.
    UnsupportedVersion,
}

impl JsonError {
    pub(crate) const fn new(kind: JsonErrorKind, position: usize) -> Self {
        Self {
            kind,
            position,
            detail: None,
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> JsonErrorKind {
        self.kind
    }

    /// The byte at which it was noticed, counted from 0.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// More about it, where there is more to say. Holds names and types, never the sender's values.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            JsonErrorKind::TooLong => {
                return write!(f, "the JSON is longer than {MAX_BODY_BYTES} bytes");
            }
            JsonErrorKind::Utf8 => write!(f, "the JSON is not UTF-8 at byte {position}"),
            JsonErrorKind::TooDeep => {
                write!(
                    f,
                    "the JSON is nested deeper than {MAX_JSON_DEPTH} at byte {position}"
                )
            }
            JsonErrorKind::Syntax => write!(f, "the JSON is malformed at byte {position}"),
            JsonErrorKind::Incomplete => write!(f, "the JSON ends too early, at byte {position}"),
            JsonErrorKind::Shape => {
                write!(
                    f,
                    "the JSON is not the expected x402 message at byte {position}"
                )
            }
            JsonErrorKind::Version1 => f.write_str(VERSION_1_SENTENCE),
            JsonErrorKind::UnsupportedVersion => f.write_str(
                "this x402 version is not supported: send version 2, with \"x402Version\": 2",
            ),
        }?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for JsonError {}

/// Reads a message from a body.
pub(crate) fn decode_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    if bytes.len() > MAX_BODY_BYTES {
        return Err(JsonError::new(JsonErrorKind::TooLong, MAX_BODY_BYTES));
    }
    decode(bytes)
}

/// Reads a message whose size has been bounded.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = core::str::from_utf8(bytes)
        .map_err(|error| JsonError::new(JsonErrorKind::Utf8, error.valid_up_to()))?;
    if let Some(position) = depth::exceeded(bytes, MAX_JSON_DEPTH) {
        return Err(JsonError::new(JsonErrorKind::TooDeep, position));
    }
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// Writes a message.
pub(crate) fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Cannot fail: the messages have string keys and finite numbers only. If it did, nobody would accept nothing.
    serde_json::to_vec(message).unwrap_or_default()
}

/// What a refused text says of its version matters more than where the parser stopped.
#[cold]
fn explain(text: &str, error: &serde_json::Error) -> JsonError {
    let position = offset(text, error);
    let kind = match error.classify() {
        serde_json::error::Category::Eof => JsonErrorKind::Incomplete,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            JsonErrorKind::Syntax
        }
        serde_json::error::Category::Data => match version::refused(text) {
            Some(kind) => return JsonError::new(kind, position),
            None => JsonErrorKind::Shape,
        },
    };
    let problem = detail::without_values(&error.to_string());
    // The parser stops at the end of an object both when a member is missing and when its last member is wrong.
    let at_bracket = if problem.starts_with("missing ") {
        AtBracket::Container
    } else {
        AtBracket::LastInside
    };
    let detail = match place::of(text, position, at_bracket).as_str() {
        "" => problem,
        place => [place, ": ", &problem].concat(),
    };
    JsonError {
        kind,
        position,
        detail: Some(detail.into_boxed_str()),
    }
}

/// The byte to which a line and a column point.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = error.line().saturating_sub(1);
    let before = text
        .split_inclusive('\n')
        .take(lines)
        .map(str::len)
        .sum::<usize>();
    before
        .saturating_add(error.column().saturating_sub(1))
        .min(text.len())
}

pub(crate) const VERSION_1_SENTENCE: &str = "this is x402 version 1, which is not supported: use version 2 (\"x402Version\": 2, payments in the PAYMENT-SIGNATURE header)";

#[cfg(test)]
mod tests;
