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
use alloc::vec::Vec;
use core::fmt;

use coinslot_strict_json::{Error, ErrorKind, Rules};
use serde::de::DeserializeOwned;
use serde::ser::Serialize;

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
    const fn new(kind: JsonErrorKind, position: usize) -> Self {
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

/// Reads a message.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    RULES.decode(bytes).map_err(|error| explain(bytes, &error))
}

/// Writes a message.
pub(crate) fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Cannot fail: the messages have string keys and finite numbers only. If it did, nobody would accept nothing.
    serde_json::to_vec(message).unwrap_or_default()
}

/// What a refused text says of its version matters more than where the parser stopped.
#[cold]
fn explain(bytes: &[u8], error: &Error) -> JsonError {
    let kind = match error.kind() {
        ErrorKind::TooLong => JsonErrorKind::TooLong,
        ErrorKind::Utf8 => JsonErrorKind::Utf8,
        ErrorKind::TooDeep => JsonErrorKind::TooDeep,
        ErrorKind::Incomplete => JsonErrorKind::Incomplete,
        ErrorKind::Shape => match version::refused(bytes) {
            Some(kind) => return JsonError::new(kind, error.position()),
            None => JsonErrorKind::Shape,
        },
        _ => JsonErrorKind::Syntax,
    };
    JsonError {
        kind,
        position: error.position(),
        detail: error.detail().map(Box::from),
    }
}

pub(crate) const VERSION_1_SENTENCE: &str = "this is x402 version 1, which is not supported: use version 2 (\"x402Version\": 2, payments in the PAYMENT-SIGNATURE header)";

const RULES: Rules = Rules::new(MAX_BODY_BYTES, MAX_JSON_DEPTH, NAMES);

/// Every member that the specification names.
const NAMES: &[&str] = &[
    "accepted",
    "accepts",
    "amount",
    "asset",
    "description",
    "error",
    "errorMessage",
    "errorReason",
    "extensions",
    "extra",
    "info",
    "invalidMessage",
    "invalidReason",
    "isValid",
    "kinds",
    "maxTimeoutSeconds",
    "mimeType",
    "network",
    "payTo",
    "payer",
    "payload",
    "paymentPayload",
    "paymentRequirements",
    "resource",
    "schema",
    "scheme",
    "signers",
    "success",
    "transaction",
    "url",
    "x402Version",
];
