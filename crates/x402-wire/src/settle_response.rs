//! `SettleResponse`: how a payment was settled (specification v2, §5.3 and §7.2), in the header `PAYMENT-RESPONSE` and as the
//! answer to `POST /settle`.
//!
//! Example:
//!
//! ```json
//! {
//!   "success": true,
//!   "payer": "GB2LXYC2QPTL23P5TJ6QAJ2FUQAPBYKMODXCQTUKKGE52Z2I2ISYIKBZ",
//!   "transaction": "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b",
//!   "network": "stellar:testnet",
//!   "amount": "10000"
//! }
//! ```
//!
//! `errorMessage` is not in the specification; the official programs send it. Optional members may be null.

use alloc::string::String;
use alloc::vec::Vec;

use coinslot_caip2_network::ChainId;
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::extensions::Extensions;
use crate::header::{self, HeaderError};
use crate::json::{self, JsonError};
use crate::reason_code::ReasonCode;

/// The outcome of a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SettleResponse {
    /// Whether the payment was settled.
    pub success: bool,
    /// Why not, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_reason: Option<ReasonCode>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// The transaction's hash; empty when there is none.
    pub transaction: String,
    /// The chain on which it was settled.
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Chain"))]
    pub network: ChainId,
    /// The amount that was settled, in base units, where it may differ from the offer's.
    #[serde(
        serialize_with = "coinslot_usdc_amount::serde_string::option::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::schema::Digits>"))]
    pub amount: Option<BaseUnits>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Extensions>,
}

impl SettleResponse {
    /// Settled by this transaction.
    pub fn success(transaction: impl Into<String>, network: ChainId) -> Self {
        Self {
            success: true,
            error_reason: None,
            error_message: None,
            payer: None,
            transaction: transaction.into(),
            network,
            amount: None,
            extensions: None,
        }
    }

    /// Not settled, for this reason, and without a transaction.
    #[must_use]
    pub const fn failure(reason: ReasonCode, network: ChainId) -> Self {
        Self {
            success: false,
            error_reason: Some(reason),
            error_message: None,
            payer: None,
            transaction: String::new(),
            network,
            amount: None,
            extensions: None,
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
        self.error_message = Some(message.into());
        self
    }

    /// The value of a `PAYMENT-RESPONSE` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        header::encode(self)
    }

    /// Reads the value of a `PAYMENT-RESPONSE` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for whatever is not this message.
    pub fn from_header(value: &str) -> Result<Self, HeaderError> {
        header::decode(value)
    }

    /// Reads the answer to `POST /settle`.
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
#[serde(remote = "SettleResponse", rename_all = "camelCase")]
struct Received {
    success: bool,
    #[serde(default)]
    error_reason: Option<ReasonCode>,
    #[serde(default)]
    error_message: Option<String>,
    #[serde(default)]
    payer: Option<String>,
    transaction: String,
    network: ChainId,
    #[serde(default, with = "coinslot_usdc_amount::serde_string::option")]
    amount: Option<BaseUnits>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

coinslot_strict_json::read_as_object!(SettleResponse, Received);
