//! `Receipt`: the proof that a payment was settled (core draft, "Payment-Receipt Header"), in the header `Payment-Receipt`.
//!
//! ```text
//! Payment-Receipt = base64url without padding of a JSON object
//! ```
//!
//! Example of the object:
//!
//! ```json
//! {
//!   "status": "success", "method": "stellar", "timestamp": "2026-01-06T12:00:00Z",
//!   "reference": "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b", "externalId": "order-9"
//! }
//! ```
//!
//! There is none for a payment that failed: `status` is always `success`. Members that the draft does not name are kept.
//!
//! # Errors
//!
//! [`HeaderError`] for whatever is not this message.

use alloc::string::String;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base64url;
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::json::{self, RULES};
use crate::limits::MAX_RECEIPT_BYTES;
use crate::timestamp::Timestamp;

/// The proof that a payment was settled.
///
/// ```
/// use coinslot_mpp_wire::Receipt;
/// let receipt = Receipt::new("stellar", "f863ebc3…", "2026-01-06T12:00:00Z".parse()?).with_external_id("order-9");
/// assert_eq!(Receipt::from_header(&receipt.to_header())?, receipt);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    status: Success,
    /// How it was paid.
    pub method: String,
    /// When it was settled.
    pub timestamp: Timestamp,
    /// What the method calls the settlement: on Stellar the transaction's hash.
    pub reference: String,
    /// The seller's own name for it, from the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What the draft does not name.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// The only status there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Success {
    Success,
}

impl Receipt {
    /// Settled by this method, under this reference, at this time.
    pub fn new(
        method: impl Into<String>,
        reference: impl Into<String>,
        timestamp: Timestamp,
    ) -> Self {
        Self {
            status: Success::Success,
            method: method.into(),
            timestamp,
            reference: reference.into(),
            external_id: None,
            extensions: Map::new(),
        }
    }

    /// The same with the seller's own name for it.
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<String>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// Reads the value of a `Payment-Receipt` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for whatever is not this message.
    pub fn from_header(value: &str) -> Result<Self, HeaderError> {
        if value.is_empty() {
            return Err(HeaderError::new(HeaderErrorKind::Absent, 0));
        }
        if value.len() > MAX_RECEIPT_BYTES {
            return Err(HeaderError::new(
                HeaderErrorKind::TooLong,
                MAX_RECEIPT_BYTES,
            ));
        }
        let json = base64url::decode(value)
            .map_err(|position| HeaderError::new(HeaderErrorKind::Base64, position))?;
        RULES
            .decode(&json)
            .map_err(|error| HeaderError::json(&error))
    }

    /// The value of a `Payment-Receipt` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        base64url::encode(json::encode(self))
    }
}

impl<'de> Deserialize<'de> for Receipt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = coinslot_strict_json::object(deserializer)?;
        if members.remove("status") != Some("success".into()) {
            return Err(D::Error::custom("a receipt's `status` is \"success\""));
        }
        let mut text = |name| match members.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            None => Ok(None),
            Some(_) => Err(D::Error::custom("a member of a receipt is no string")),
        };
        let (method, reference) = (text("method")?, text("reference")?);
        let (timestamp, external_id) = (text("timestamp")?, text("externalId")?);
        let required = |value: Option<String>, name| value.ok_or(D::Error::missing_field(name));
        let timestamp = Timestamp::from_text(required(timestamp, "timestamp")?);
        Ok(Self {
            status: Success::Success,
            method: required(method, "method")?,
            timestamp: timestamp.map_err(D::Error::custom)?,
            reference: required(reference, "reference")?,
            external_id,
            extensions: members,
        })
    }
}

/// The name of the header.
pub const PAYMENT_RECEIPT: &str = "payment-receipt";
