//! `FacilitatorRequest`: the body of `POST /verify` and `POST /settle` (specification v2, §7.1 and §7.2).
//!
//! Example: `{"x402Version":2,"paymentPayload":{…},"paymentRequirements":{…}}`.
//!
//! That the payload accepts these very requirements is for the facilitator to check.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::json::{self, JsonError};
use crate::payment_payload::PaymentPayload;
use crate::payment_requirements::PaymentRequirements;
use crate::x402_version::X402Version;

/// What a resource server asks a facilitator to verify or to settle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FacilitatorRequest {
    /// The protocol version.
    pub x402_version: X402Version,
    /// The payment, from the client.
    pub payment_payload: PaymentPayload,
    /// The requirements that it must meet, from the server.
    pub payment_requirements: PaymentRequirements,
    /// What names this purchase to the facilitator, so that it answers a repetition of it, and nothing else, with the recorded
    /// outcome. It is not part of the body: over HTTP it is the header `Idempotency-Key`.
    #[serde(skip)]
    #[cfg_attr(feature = "schemars", schemars(skip))]
    pub idempotency_key: Option<String>,
}

impl FacilitatorRequest {
    /// A request about this payment and these requirements.
    #[must_use]
    pub const fn new(
        payment_payload: PaymentPayload,
        payment_requirements: PaymentRequirements,
    ) -> Self {
        Self {
            x402_version: X402Version::V2,
            payment_payload,
            payment_requirements,
            idempotency_key: None,
        }
    }

    /// The same with the name of the purchase.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for whatever is not this message, and for version 1.
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
#[serde(remote = "FacilitatorRequest", rename_all = "camelCase")]
struct Received {
    x402_version: X402Version,
    payment_payload: PaymentPayload,
    payment_requirements: PaymentRequirements,
    #[serde(skip)]
    idempotency_key: Option<String>,
}

coinslot_strict_json::read_as_object!(FacilitatorRequest, Received);
