//! `VerifyResponse`: whether a payment is good (specification v2, §5.4 and §7.1), the answer to `POST /verify`.
//!
//! Example: `{"isValid":false,"invalidReason":"insufficient_funds","payer":"GB2L…"}`.
//!
//! `invalidMessage` is not in the specification; the official programs send it. Optional members may be null.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::json::{self, JsonError};
use crate::reason_code::ReasonCode;

/// A facilitator's verdict on a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VerifyResponse {
    /// Whether the payment can be settled.
    pub is_valid: bool,
    /// Why not, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalid_reason: Option<ReasonCode>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalid_message: Option<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
}

impl VerifyResponse {
    /// Good, from this payer.
    pub fn valid(payer: impl Into<String>) -> Self {
        Self {
            is_valid: true,
            invalid_reason: None,
            invalid_message: None,
            payer: Some(payer.into()),
        }
    }

    /// Refused, for this reason.
    #[must_use]
    pub const fn invalid(reason: ReasonCode) -> Self {
        Self {
            is_valid: false,
            invalid_reason: Some(reason),
            invalid_message: None,
            payer: None,
        }
    }

    /// The same with the payer.
    #[must_use]
    pub fn with_payer(mut self, payer: impl Into<String>) -> Self {
        self.payer = Some(payer.into());
        self
    }

    /// The same with a sentence that says why.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.invalid_message = Some(message.into());
        self
    }

    /// Reads the answer to `POST /verify`.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for whatever is not this message.
    pub fn from_json(bytes: &[u8]) -> Result<Self, JsonError> {
        json::decode(bytes)
    }

    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        json::encode(self)
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "VerifyResponse", rename_all = "camelCase")]
struct Received {
    is_valid: bool,
    #[serde(default)]
    invalid_reason: Option<ReasonCode>,
    #[serde(default)]
    invalid_message: Option<String>,
    #[serde(default)]
    payer: Option<String>,
}

coinslot_strict_json::read_as_object!(VerifyResponse, Received);
