//! A receipt that names the challenge that was paid.

use alloc::string::String;

use coinslot_strict_json::read_as_object;
use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// The proof that a payment was settled: the member [`RECEIPT_META`](super::RECEIPT_META).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    status: Success,
    /// How it was paid.
    pub method: String,
    /// When it was settled.
    pub timestamp: Timestamp,
    /// Which challenge was paid.
    pub challenge_id: String,
    /// What the method calls the settlement: on Stellar the transaction's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The only status there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Success {
    Success,
}

impl Receipt {
    /// The receipt for a challenge.
    pub fn new(receipt: &crate::Receipt, challenge_id: impl Into<String>) -> Self {
        Self {
            status: Success::Success,
            method: receipt.method.clone(),
            timestamp: receipt.timestamp.clone(),
            challenge_id: challenge_id.into(),
            reference: Some(receipt.reference.clone()),
        }
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "Receipt", rename_all = "camelCase")]
struct Received {
    status: Success,
    method: String,
    timestamp: Timestamp,
    challenge_id: String,
    #[serde(default)]
    reference: Option<String>,
}

read_as_object!(Receipt, Received);
