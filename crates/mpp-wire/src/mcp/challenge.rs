//! A challenge whose request is a JSON object.

use alloc::string::String;
use core::fmt;

use coinslot_strict_json::{Error as JsonError, read_as_object};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::body_digest::BodyDigest;
use crate::encoded_request::EncodedRequest;
use crate::header_error::HeaderError;
use crate::jcs::JcsError;
use crate::names::{IntentName, MethodName};
use crate::opaque::Opaque;
use crate::timestamp::Timestamp;

/// A challenge whose request is a JSON object. Nothing is proved about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Challenge {
    /// Which challenge it is.
    pub id: String,
    /// What it protects.
    pub realm: String,
    /// How to pay.
    pub method: MethodName,
    /// What kind of payment it asks for.
    pub intent: IntentName,
    /// What the method needs to know.
    pub request: Map<String, Value>,
    /// What is paid for, for people to read. Not to be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The digest of the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<BodyDigest>,
    /// From when on it is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What the server wants to get back, in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
}

/// Why a challenge has no form as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// Its request has no canonical JSON.
    Request(JcsError),
    /// Something else of it is empty, or cannot be carried by a header.
    Header(HeaderError),
}

impl TryFrom<Challenge> for crate::Challenge {
    type Error = EncodeError;

    /// The challenge as a header has it: the request as the text of its canonical JSON, to which the id is bound.
    fn try_from(challenge: Challenge) -> Result<Self, EncodeError> {
        let request = EncodedRequest::from_object(&challenge.request)?;
        let Challenge {
            id,
            realm,
            method,
            intent,
            ..
        } = challenge;
        let mut encoded = Self::new(id, realm, method, intent, request)?;
        if let Some(description) = challenge.description {
            encoded = encoded.with_description(description)?;
        }
        encoded.opaque = challenge.opaque.map(Opaque::from_text).transpose()?;
        encoded.digest = challenge.digest;
        encoded.expires = challenge.expires;
        Ok(encoded)
    }
}

impl TryFrom<&crate::Challenge> for Challenge {
    type Error = JsonError;

    /// The challenge with its request decoded, in which no name may occur twice.
    fn try_from(challenge: &crate::Challenge) -> Result<Self, JsonError> {
        Ok(Self {
            id: challenge.id().into(),
            realm: challenge.realm().into(),
            method: challenge.method().clone(),
            intent: challenge.intent().clone(),
            request: challenge.request().object()?,
            description: challenge.description().map(String::from),
            digest: challenge.digest().cloned(),
            expires: challenge.expires().cloned(),
            opaque: challenge.opaque().map(|opaque| opaque.as_str().into()),
        })
    }
}

impl From<JcsError> for EncodeError {
    fn from(error: JcsError) -> Self {
        Self::Request(error)
    }
}

impl From<HeaderError> for EncodeError {
    fn from(error: HeaderError) -> Self {
        Self::Header(error)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request(_) => "the challenge's request has no canonical JSON",
            Self::Header(_) => "the challenge cannot be written as a header",
        })
    }
}

impl core::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Header(error) => Some(error),
        }
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "Challenge")]
struct Received {
    id: String,
    realm: String,
    method: MethodName,
    intent: IntentName,
    #[serde(deserialize_with = "coinslot_strict_json::object")]
    request: Map<String, Value>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    digest: Option<BodyDigest>,
    #[serde(default)]
    expires: Option<Timestamp>,
    #[serde(default)]
    opaque: Option<String>,
}

read_as_object!(Challenge, Received);
