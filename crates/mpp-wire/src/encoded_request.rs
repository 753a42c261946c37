//! `request`: what a method needs to know in order to pay (core draft, "Required Parameters").
//!
//! ```text
//! request = base64url without padding of the JCS of a JSON object
//! ```
//!
//! Example: `eyJhbW91bnQiOiIxMDAwMCJ9`, which is `{"amount":"10000"}`.
//!
//! The text is part of what a challenge's id binds, so it is kept as it came and never written anew. Its JSON is decoded once; JSON of
//! others that is not canonical is accepted, as its text is what counts.
//!
//! # Errors
//!
//! [`HeaderError`] for whatever is not base64url of a JSON object.

use alloc::string::String;
use core::fmt;

use coinslot_strict_json::Error as JsonError;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::base64url;
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::jcs::{self, JcsError};
use crate::json::{Object, RULES, check_object};
use crate::limits::MAX_REQUEST_BYTES;

/// A challenge's `request`, as it is on the wire.
///
/// ```
/// use coinslot_mpp_wire::EncodedRequest;
/// let request = EncodedRequest::parse("eyJhbW91bnQiOiIxMDAwMCJ9")?;
/// assert_eq!(request.json(), r#"{"amount":"10000"}"#);
/// # Ok::<(), coinslot_mpp_wire::HeaderError>(())
/// ```
#[derive(Clone)]
pub struct EncodedRequest {
    encoded: String,
    json: String,
}

impl EncodedRequest {
    /// Reads the parameter's value.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for whatever is not base64url of a JSON object.
    pub fn parse(encoded: &str) -> Result<Self, HeaderError> {
        Self::from_text(encoded.into())
    }

    pub(crate) fn from_text(encoded: String) -> Result<Self, HeaderError> {
        if encoded.len() > MAX_REQUEST_BYTES {
            return Err(HeaderError::of(
                FIELD,
                HeaderErrorKind::TooLong,
                MAX_REQUEST_BYTES,
            ));
        }
        let bytes = base64url::decode(&encoded)
            .map_err(|position| HeaderError::of(FIELD, HeaderErrorKind::Base64, position))?;
        let json = String::from_utf8(bytes).map_err(|error| {
            let position = error.utf8_error().valid_up_to();
            HeaderError::of(FIELD, HeaderErrorKind::Utf8, position)
        })?;
        check_object(&json).map_err(|error| HeaderError::json(&error).in_field(FIELD))?;
        Ok(Self { encoded, json })
    }

    /// Encodes an object, canonically.
    ///
    /// # Errors
    ///
    /// [`JcsError`] for an integer that a double cannot hold.
    pub fn from_object(object: &Map<String, Value>) -> Result<Self, JcsError> {
        jcs::canonical_object(object).map(Self::from_canonical)
    }

    /// Encodes JSON that is canonical already.
    pub(crate) fn from_canonical(json: String) -> Self {
        Self {
            encoded: base64url::encode(&json),
            json,
        }
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.encoded
    }

    /// The JSON that it encodes.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Reads the JSON as a method has it, such as [`stellar::ChargeRequest`](crate::stellar::ChargeRequest).
    ///
    /// # Errors
    ///
    /// [`JsonError`] when it is something else.
    pub fn read<'de, T: Deserialize<'de>>(&'de self) -> Result<T, JsonError> {
        RULES.decode(self.json.as_bytes())
    }

    /// Reads the JSON as an object of any shape, in which no name occurs twice.
    ///
    /// # Errors
    ///
    /// [`JsonError`] when a name occurs twice.
    pub fn object(&self) -> Result<Map<String, Value>, JsonError> {
        self.read::<Object>().map(|Object(object)| object)
    }
}

impl PartialEq for EncodedRequest {
    fn eq(&self, other: &Self) -> bool {
        self.encoded == other.encoded
    }
}

impl Eq for EncodedRequest {}

impl fmt::Debug for EncodedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedRequest({:?})", self.json)
    }
}

impl Serialize for EncodedRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.encoded)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for EncodedRequest {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "EncodedRequest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "What the method needs to know in order to pay: a JSON object, canonical, in base64url without padding.",
            "pattern": "^[-_A-Za-z0-9]+$",
        })
    }
}

const FIELD: &str = "request";
