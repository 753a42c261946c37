//! `PaymentRequired`: what a resource costs (specification v2, §5.1), in the header `PAYMENT-REQUIRED`.
//!
//! Example:
//!
//! ```json
//! {
//!   "x402Version": 2,
//!   "error": "PAYMENT-SIGNATURE header is required",
//!   "resource": { "url": "https://api.example.com/weather" },
//!   "accepts": [{
//!     "scheme": "exact", "network": "stellar:testnet", "amount": "10000",
//!     "asset": "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
//!     "payTo": "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5",
//!     "maxTimeoutSeconds": 60, "extra": { "areFeesSponsored": true }
//!   }],
//!   "extensions": {}
//! }
//! ```
//!
//! # Errors
//!
//! `accepts` has at least one entry. An entry on a network whose name is not CAIP-2 (Algorand's are too long) cannot be named here,
//! so it cannot be paid, and is passed over; when none is left, the message is refused.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::extensions::Extensions;
use crate::header::{self, HeaderError};
use crate::json::{self, JsonError};
use crate::member;
use crate::payment_requirements::{self, PaymentRequirements};
use crate::resource_info::ResourceInfo;
use crate::x402_version::X402Version;

/// The answer to a request that has not been paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PaymentRequired {
    /// The protocol version.
    pub x402_version: X402Version,
    /// Why payment is required, for a person to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What is to be paid for.
    pub resource: ResourceInfo,
    /// The ways to pay, of which one is to be chosen.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub accepts: Vec<PaymentRequirements>,
    /// Extensions that the server supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Extensions>,
}

impl PaymentRequired {
    /// A demand without error text and extensions.
    #[must_use]
    pub const fn new(resource: ResourceInfo, accepts: Vec<PaymentRequirements>) -> Self {
        Self {
            x402_version: X402Version::V2,
            error: None,
            resource,
            accepts,
            extensions: None,
        }
    }

    /// The same with an error text.
    #[must_use]
    pub fn with_error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// The same with the extensions that the server supports.
    #[must_use]
    pub fn with_extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// The value of a `PAYMENT-REQUIRED` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        header::encode(self)
    }

    /// Reads the value of a `PAYMENT-REQUIRED` header.
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

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "PaymentRequired", rename_all = "camelCase")]
struct Received {
    x402_version: X402Version,
    #[serde(default, deserialize_with = "member::absent_or_value")]
    error: Option<String>,
    resource: ResourceInfo,
    #[serde(deserialize_with = "accepts")]
    accepts: Vec<PaymentRequirements>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

coinslot_strict_json::read_as_object!(PaymentRequired, Received);

fn accepts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<PaymentRequirements>, D::Error> {
    deserializer.deserialize_seq(Accepts)
}

struct Accepts;

impl<'de> Visitor<'de> for Accepts {
    type Value = Vec<PaymentRequirements>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of payment requirements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut accepts = Vec::new();
        while let Some(entry) = entries.next_element::<payment_requirements::Received>()? {
            accepts.extend(entry.on_named_network().ok());
        }
        if accepts.is_empty() {
            return Err(A::Error::custom(
                "missing an entry on a network with a CAIP-2 name",
            ));
        }
        Ok(accepts)
    }
}
