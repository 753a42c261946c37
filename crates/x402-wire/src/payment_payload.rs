//! `PaymentPayload`: a payment (specification v2, §5.2), in the header `PAYMENT-SIGNATURE`.
//!
//! Example:
//!
//! ```json
//! {
//!   "x402Version": 2,
//!   "resource": { "url": "https://api.example.com/weather" },
//!   "accepted": {
//!     "scheme": "exact", "network": "stellar:testnet", "amount": "10000",
//!     "asset": "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
//!     "payTo": "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5",
//!     "maxTimeoutSeconds": 60, "extra": { "areFeesSponsored": true }
//!   },
//!   "payload": { "transaction": "AAAAAgAAAAA=" },
//!   "extensions": {}
//! }
//! ```
//!
//! # Errors
//!
//! `payload` is an object in which no name occurs twice, at any depth; what is in it is for the scheme to judge.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::extensions::Extensions;
use crate::header::{self, HeaderError};
use crate::json::{self, JsonError};
use crate::member;
use crate::payment_requirements::PaymentRequirements;
use crate::resource_info::ResourceInfo;
use crate::x402_version::X402Version;

/// A payment for a resource. `Debug` does not print the signed part.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PaymentPayload {
    /// The protocol version.
    pub x402_version: X402Version,
    /// What is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceInfo>,
    /// The way to pay that was chosen, as it was offered.
    pub accepted: PaymentRequirements,
    /// The scheme's own data: what was signed.
    pub payload: Map<String, Value>,
    /// The server's extensions, sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Extensions>,
}

impl PaymentPayload {
    /// A payment without resource and extensions.
    #[must_use]
    pub const fn new(accepted: PaymentRequirements, payload: Map<String, Value>) -> Self {
        Self {
            x402_version: X402Version::V2,
            resource: None,
            accepted,
            payload,
            extensions: None,
        }
    }

    /// The same with the resource that is paid for.
    #[must_use]
    pub fn with_resource(mut self, resource: ResourceInfo) -> Self {
        self.resource = Some(resource);
        self
    }

    /// The same with the server's extensions, sent back.
    #[must_use]
    pub fn with_extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// The value of a `PAYMENT-SIGNATURE` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        header::encode(self)
    }

    /// Reads the value of a `PAYMENT-SIGNATURE` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for whatever is not this message, and for version 1.
    pub fn from_header(value: &str) -> Result<Self, HeaderError> {
        header::decode(value)
    }

    /// Reads the message from JSON, for transports other than headers.
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

impl fmt::Debug for PaymentPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentPayload")
            .field("x402_version", &self.x402_version)
            .field("resource", &self.resource)
            .field("accepted", &self.accepted)
            .field("payload", &format_args!("[redacted]"))
            .field("extensions", &self.extensions)
            .finish()
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "PaymentPayload", rename_all = "camelCase")]
struct Received {
    x402_version: X402Version,
    #[serde(default, deserialize_with = "member::absent_or_value")]
    resource: Option<ResourceInfo>,
    accepted: PaymentRequirements,
    #[serde(deserialize_with = "coinslot_strict_json::object")]
    payload: Map<String, Value>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

coinslot_strict_json::read_as_object!(PaymentPayload, Received);
