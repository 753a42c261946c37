//! What pays a charge (Stellar charge draft, "Credential Schema"; `signedHash` from the official SDK).
//!
//! Examples:
//!
//! ```json
//! { "type": "transaction", "transaction": "AAAAAgAAAAA=" }
//! ```
//!
//! ```json
//! { "type": "signedHash", "hash": "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b", "sourceSignature": "…128 digits…" }
//! ```
//!
//! # Errors
//!
//! Another `type`, a hash or signature that is not as many hexadecimal digits, and a transaction that is empty or longer than
//! [`MAX_TRANSACTION_BYTES`] are refused. Members that the type does not have are skipped.

use alloc::string::String;
use core::fmt;

use coinslot_strict_json::read_as_object;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::charge_request::CredentialType;
use super::hex_bytes;
use crate::limits::MAX_TRANSACTION_BYTES;
use crate::payload::Payload;

/// What pays a charge. `Debug` does not print what was signed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ChargePayload {
    /// The server submits what the client signed ("pull").
    Transaction {
        /// The transaction's envelope, XDR in base64.
        #[cfg_attr(feature = "schemars", schemars(length(min = 1, max = MAX_TRANSACTION_BYTES)))]
        transaction: String,
    },
    /// The client submitted the transaction, and proves that it paid ("push").
    SignedHash {
        /// The transaction's hash.
        #[serde(with = "hex_bytes")]
        #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Hex<32>"))]
        hash: [u8; 32],
        /// The payer's signature of [`signed_hash_message`].
        #[serde(with = "hex_bytes")]
        #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Hex<64>"))]
        source_signature: [u8; 64],
    },
    /// The client submitted the transaction, and proves nothing. Whoever sees the hash on the chain can send this.
    Hash {
        /// The transaction's hash.
        #[serde(with = "hex_bytes")]
        #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Hex<32>"))]
        hash: [u8; 32],
    },
}

/// What a payer signs in order to prove that a transaction is its payment for a challenge: the id, a colon, and the hash in lower case.
#[must_use]
pub fn signed_hash_message(challenge_id: &str, hash: &[u8; 32]) -> String {
    [challenge_id, ":", &hex_bytes::to_text(hash)].concat()
}

impl ChargePayload {
    /// The form, as a request lists those that it takes.
    #[must_use]
    pub const fn form(&self) -> CredentialType {
        match self {
            Self::Transaction { .. } => CredentialType::Transaction,
            Self::SignedHash { .. } => CredentialType::SignedHash,
            Self::Hash { .. } => CredentialType::Hash,
        }
    }
}

impl From<&ChargePayload> for Payload {
    fn from(payload: &ChargePayload) -> Self {
        Self::write(payload)
    }
}

impl fmt::Debug for ChargePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChargePayload({}, [redacted])", self.form().as_str())
    }
}

impl<'de> Deserialize<'de> for ChargePayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let received = Received::deserialize(deserializer)?;
        let hash = || received.hash.ok_or(D::Error::missing_field("hash"));
        match received.form.as_str() {
            "transaction" => match received.transaction {
                Some(transaction) if transaction.is_empty() => {
                    Err(D::Error::custom("a transaction is empty"))
                }
                Some(transaction) if transaction.len() > MAX_TRANSACTION_BYTES => {
                    Err(D::Error::custom("a transaction is too long"))
                }
                Some(transaction) => Ok(Self::Transaction { transaction }),
                None => Err(D::Error::missing_field("transaction")),
            },
            "signedHash" => Ok(Self::SignedHash {
                hash: hash()?,
                source_signature: received
                    .source_signature
                    .ok_or(D::Error::missing_field("sourceSignature"))?,
            }),
            "hash" => Ok(Self::Hash { hash: hash()? }),
            _ => Err(D::Error::custom("an unknown `type` of payload")),
        }
    }
}

/// What may be there.
struct Received {
    form: String,
    transaction: Option<String>,
    hash: Option<[u8; 32]>,
    source_signature: Option<[u8; 64]>,
}

#[derive(Deserialize)]
#[serde(remote = "Received", rename_all = "camelCase")]
struct Members {
    #[serde(rename = "type")]
    form: String,
    #[serde(default)]
    transaction: Option<String>,
    #[serde(default, deserialize_with = "hex_bytes::option::deserialize")]
    hash: Option<[u8; 32]>,
    #[serde(default, deserialize_with = "hex_bytes::option::deserialize")]
    source_signature: Option<[u8; 64]>,
}

read_as_object!(Received, Members);
