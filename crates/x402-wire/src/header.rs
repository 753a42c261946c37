//! The HTTP headers that carry x402 messages (`transports-v2/http.md`): their names, limits and codec.
//!
//! ```text
//! value = padded base64 (RFC 4648 §4) of the UTF-8 JSON of a message
//! ```
//!
//! Example: `eyJzdWNjZXNzIjp0cnVlLCJ0cmFuc2FjdGlvbiI6IjVjIiwibmV0d29yayI6InN0ZWxsYXI6dGVzdG5ldCJ9`, a settlement.
//!
//! # Errors
//!
//! [`HeaderError`]. Base64 without padding, with the URL alphabet, with whitespace or with stray bits in its last character is
//! refused, as is JSON that is too long, too deep or not the message that the header is for.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use crate::json::{self, JsonError, JsonErrorKind, MAX_JSON_DEPTH, VERSION_1_SENTENCE};

/// From the server: what a resource costs. Carries [`PaymentRequired`](crate::PaymentRequired).
pub const PAYMENT_REQUIRED: &str = "payment-required";
/// From the client: the payment. Carries [`PaymentPayload`](crate::PaymentPayload).
pub const PAYMENT_SIGNATURE: &str = "payment-signature";
/// From the server: how the payment was settled. Carries [`SettleResponse`](crate::SettleResponse).
pub const PAYMENT_RESPONSE: &str = "payment-response";
/// A second name under which some servers also send [`PAYMENT_REQUIRED`].
pub const X_PAYMENT_REQUIRED: &str = "x-payment-required";
/// The payment header of version 1. Answer it with [`HeaderError::version_1`].
pub const X_PAYMENT: &str = "x-payment";

/// The largest header value that is read, in bytes of base64.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Why a header's value is not the message that it should carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    kind: HeaderErrorKind,
    position: usize,
    detail: Option<Box<str>>,
}

/// What is wrong with a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderErrorKind {
    /// The value is empty.
    Empty,
    /// More than [`MAX_HEADER_BYTES`].
    TooLong,
    /// Not padded base64 of the standard alphabet.
    Base64,
    /// The decoded bytes are not UTF-8.
    Utf8,
    /// The JSON is nested deeper than [`MAX_JSON_DEPTH`].
    TooDeep,
    /// Not JSON, or not all of it.
    Json,
    /// JSON, but not this message: a member is missing, named twice, of the wrong type or of a value that is not allowed.
    Shape,
    /// A message of x402 version 1.
    Version1,
    /// A message of an x402 version that is neither 1 nor 2.
    UnsupportedVersion,
}

impl HeaderError {
    /// The error for a request that carries a version 1 payment in [`X_PAYMENT`], whatever its value.
    #[must_use]
    pub const fn version_1() -> Self {
        Self::new(HeaderErrorKind::Version1, 0)
    }

    const fn new(kind: HeaderErrorKind, position: usize) -> Self {
        Self {
            kind,
            position,
            detail: None,
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> HeaderErrorKind {
        self.kind
    }

    /// The byte at which it was noticed, counted from 0: of the header's value for [`HeaderErrorKind::Base64`] and
    /// [`HeaderErrorKind::TooLong`], of the decoded JSON otherwise.
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

impl From<JsonError> for HeaderError {
    fn from(error: JsonError) -> Self {
        let kind = match error.kind() {
            JsonErrorKind::TooLong => HeaderErrorKind::TooLong,
            JsonErrorKind::Utf8 => HeaderErrorKind::Utf8,
            JsonErrorKind::TooDeep => HeaderErrorKind::TooDeep,
            JsonErrorKind::Syntax | JsonErrorKind::Incomplete => HeaderErrorKind::Json,
            JsonErrorKind::Shape => HeaderErrorKind::Shape,
            JsonErrorKind::Version1 => HeaderErrorKind::Version1,
            JsonErrorKind::UnsupportedVersion => HeaderErrorKind::UnsupportedVersion,
        };
        Self {
            kind,
            position: error.position(),
            detail: error.detail().map(Box::from),
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            HeaderErrorKind::Empty => f.write_str("the header is empty"),
            HeaderErrorKind::TooLong => {
                write!(f, "the header is longer than {MAX_HEADER_BYTES} bytes")
            }
            HeaderErrorKind::Base64 => write!(
                f,
                "the header is not padded standard base64 (RFC 4648, section 4) at byte {position}"
            ),
            HeaderErrorKind::Utf8 => {
                write!(f, "the header's JSON is not UTF-8 at byte {position}")
            }
            HeaderErrorKind::TooDeep => {
                write!(
                    f,
                    "the header's JSON is nested deeper than {MAX_JSON_DEPTH} at byte {position}"
                )
            }
            HeaderErrorKind::Json => {
                write!(f, "the header's JSON is malformed at byte {position}")
            }
            HeaderErrorKind::Shape => write!(
                f,
                "the header's JSON is not the expected x402 message at byte {position}"
            ),
            HeaderErrorKind::Version1 => f.write_str(VERSION_1_SENTENCE),
            HeaderErrorKind::UnsupportedVersion => f.write_str(
                "this x402 version is not supported: send version 2, with \"x402Version\": 2",
            ),
        }?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for HeaderError {}

/// Reads a message from a header's value.
pub(crate) fn decode<T: DeserializeOwned>(value: &str) -> Result<T, HeaderError> {
    json::decode(&decode_base64(value)?).map_err(HeaderError::from)
}

/// Writes a message as a header's value: ASCII letters, digits, `+`, `/` and `=` only.
pub(crate) fn encode<T: Serialize>(message: &T) -> String {
    STANDARD.encode(json::encode(message))
}

fn decode_base64(value: &str) -> Result<Vec<u8>, HeaderError> {
    if value.is_empty() {
        return Err(HeaderError::new(HeaderErrorKind::Empty, 0));
    }
    if value.len() > MAX_HEADER_BYTES {
        return Err(HeaderError::new(HeaderErrorKind::TooLong, MAX_HEADER_BYTES));
    }
    STANDARD.decode(value).map_err(|error| {
        let position = match error {
            base64::DecodeError::InvalidByte(position, _)
            | base64::DecodeError::InvalidLastSymbol(position, _) => position,
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                value.len()
            }
        };
        HeaderError::new(HeaderErrorKind::Base64, position)
    })
}
