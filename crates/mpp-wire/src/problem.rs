//! `Problem`: why a request was refused (core draft, "Error Handling"; RFC 9457), as `application/problem+json`.
//!
//! Example:
//!
//! ```json
//! {
//!   "type": "https://paymentauth.org/problems/verification-failed", "title": "Verification Failed", "status": 402,
//!   "detail": "Payment verification failed: the amount is another.", "challengeId": "Ab1jCKhV_SgOaLRR5uf2T52GKbuANqXMGYm5huB57Ro"
//! }
//! ```
//!
//! # Errors
//!
//! [`JsonError`] for a body that is no JSON object. Members of the wrong type are skipped, as RFC 9457 §3.1 asks.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_strict_json::Error as JsonError;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::{self, RULES};

pub use kind::ProblemKind;

mod kind;

/// Why a request was refused, for people and programs.
///
/// ```
/// use coinslot_mpp_wire::{Problem, ProblemKind};
/// let problem = ProblemKind::VerificationFailed.because("the amount is another").with_challenge_id("x1");
/// assert_eq!(problem.detail.as_deref(), Some("Payment verification failed: the amount is another."));
/// assert_eq!(Problem::from_json(&problem.to_json())?.kind(), Some(ProblemKind::VerificationFailed));
/// # Ok::<(), coinslot_mpp_wire::JsonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What kind of problem it is, as a URI. `about:blank` when nothing is said.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The kind in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The HTTP status code of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What is wrong this time, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The challenge that comes with the answer, or that the problem is with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_id: Option<String>,
    /// What neither the RFC nor the draft names.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl Problem {
    pub(crate) fn of(kind: ProblemKind, detail: String) -> Self {
        Self {
            type_uri: [TYPES, kind.code()].concat(),
            title: Some(kind.title().into()),
            status: Some(kind.status()),
            detail: Some(detail),
            challenge_id: None,
            extensions: Map::new(),
        }
    }

    /// A challenge that was presented is not accepted.
    pub fn invalid_challenge(id: &str, reason: impl fmt::Display) -> Self {
        let detail = alloc::format!("Challenge \"{id}\" is invalid: {reason}.");
        Self::of(ProblemKind::InvalidChallenge, detail)
    }

    /// The same with the id of a challenge.
    #[must_use]
    pub fn with_challenge_id(mut self, id: impl Into<String>) -> Self {
        self.challenge_id = Some(id.into());
        self
    }

    /// The kind, if it is one of those that are known.
    #[must_use]
    pub fn kind(&self) -> Option<ProblemKind> {
        ProblemKind::with_code(self.type_uri.strip_prefix(TYPES)?)
    }

    /// Reads a body.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for whatever is no JSON object.
    pub fn from_json(body: &[u8]) -> Result<Self, JsonError> {
        RULES.decode(body)
    }

    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = coinslot_strict_json::object(deserializer)?;
        let mut text = |name| match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let type_uri = text("type").unwrap_or_else(|| "about:blank".into());
        let (title, detail, challenge_id) = (text("title"), text("detail"), text("challengeId"));
        let status = members.remove("status").and_then(|status| status.as_u64());
        Ok(Self {
            type_uri,
            title,
            status: status.and_then(|status| u16::try_from(status).ok()),
            detail,
            challenge_id,
            extensions: members,
        })
    }
}

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What the URIs of all kinds begin with.
const TYPES: &str = "https://paymentauth.org/problems/";
