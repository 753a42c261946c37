//! `Credential`: a payment (core draft, "Credentials"), in the header `Authorization`.
//!
//! ```text
//! credentials = "Payment" 1*SP base64url without padding of a JSON object
//! ```
//!
//! Example of the object:
//!
//! ```json
//! {
//!   "challenge": {
//!     "id": "Ab1jCKhV_SgOaLRR5uf2T52GKbuANqXMGYm5huB57Ro", "realm": "api.example.com", "method": "stellar", "intent": "charge",
//!     "request": "eyJhbW91bnQiOiIxMDAwMCJ9", "expires": "2026-01-06T12:00:00Z"
//!   },
//!   "payload": { "type": "transaction", "transaction": "AAAAAgAAAAA=" },
//!   "source": "did:pkh:stellar:testnet:GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5"
//! }
//! ```
//!
//! Other schemes may stand beside it, separated by commas. Old clients send `opaque` as the object that it encodes, which is accepted.
//!
//! # Errors
//!
//! [`HeaderError`]: of kind [`Absent`](crate::HeaderErrorKind::Absent) when nobody tries to pay, of any other kind when the credential is
//! malformed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_auth_header as auth;
use coinslot_strict_json::read_as_object;
use serde::{Deserialize, Serialize};

use crate::base64url;
use crate::challenge::{Challenge, Echo, SCHEME};
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::json::{self, RULES};
use crate::limits::MAX_HEADER_BYTES;
use crate::payload::Payload;

/// A payment. `Debug` does not print what pays.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Credential {
    /// The challenge that it answers, sent back.
    pub challenge: Challenge,
    /// What pays.
    pub payload: Payload,
    /// Who pays, best as a DID such as [`DidPkh`](crate::DidPkh). Somebody's claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Credential {
    /// A payment for a challenge.
    pub fn new(challenge: Challenge, payload: impl Into<Payload>) -> Self {
        Self {
            challenge,
            payload: payload.into(),
            source: None,
        }
    }

    /// The same with who pays.
    #[must_use]
    pub fn with_source(mut self, source: impl fmt::Display) -> Self {
        self.source = Some(alloc::format!("{source}"));
        self
    }

    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when there is no credential of the scheme `Payment`, when there is more than one, and when it is malformed.
    pub fn from_header<V: AsRef<[u8]> + ?Sized>(value: &V) -> Result<Self, HeaderError> {
        let json = decoded(value.as_ref())?;
        let received: Received = RULES
            .decode(&json)
            .map_err(|error| HeaderError::json(&error))?;
        Ok(Self {
            challenge: received.challenge.into_challenge()?,
            payload: received.payload,
            source: received.source.filter(|source| !source.is_empty()),
        })
    }

    /// The value of an `Authorization` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let mut header = String::from(SCHEME);
        header.push(' ');
        base64url::append(json::encode(self), &mut header);
        header
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("challenge", &self.challenge)
            .field("payload", &self.payload)
            .field("source", &self.source)
            .finish()
    }
}

/// The JSON in the value of an `Authorization` header.
fn decoded(value: &[u8]) -> Result<Vec<u8>, HeaderError> {
    if let Some(json) = alone(value).and_then(|token| base64url::decode(token).ok()) {
        return Ok(json);
    }
    let credentials = auth::Challenges::parse(value)?;
    let mut payments = credentials.of(SCHEME);
    let token = payments.next().and_then(auth::Challenge::token68);
    if payments.next().is_some() {
        return Err(HeaderError::new(HeaderErrorKind::Several, 0));
    }
    let token = token.ok_or(HeaderError::new(HeaderErrorKind::Absent, 0))?;
    base64url::decode(token).map_err(|position| HeaderError::new(HeaderErrorKind::Base64, position))
}

/// What follows the scheme of a credential that may be all there is. If it is base64url, it is: every list has a comma.
fn alone(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    let within_bounds = value.len() <= MAX_HEADER_BYTES;
    let spaces = token.iter().take_while(|byte| **byte == b' ').count();
    let named = scheme.eq_ignore_ascii_case(SCHEME.as_bytes());
    let token = token.get(spaces..).filter(|token| !token.is_empty());
    token.filter(|_| within_bounds && named && spaces > 0)
}

/// What is accepted.
struct Received {
    challenge: Echo,
    payload: Payload,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(remote = "Received")]
struct Members {
    challenge: Echo,
    payload: Payload,
    #[serde(default)]
    source: Option<String>,
}

read_as_object!(Received, Members);
