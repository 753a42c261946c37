//! `payload` of a payment (scheme specification, "PaymentPayload `payload` Field").

use core::{error, fmt};

use serde_json::{Map, Value};

/// The member that this scheme has in `payload`: `{"transaction": "AAAAAgAAAA…"}`.
///
/// Other members are tolerated and ignored.
#[derive(Clone, PartialEq, Eq)]
pub struct ExactPayload {
    /// A transaction envelope, base64 of XDR, with signed authorization entries.
    pub transaction: String,
}

impl ExactPayload {
    /// Takes the member out of `payload`.
    ///
    /// # Errors
    ///
    /// When there is no member `transaction` that is a string.
    pub fn from_map(payload: &Map<String, Value>) -> Result<Self, ParsePayloadError> {
        transaction(payload).map(|transaction| Self {
            transaction: transaction.to_owned(),
        })
    }

    /// The value of `payload`.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        Map::from_iter([(TRANSACTION.to_owned(), Value::String(self.transaction))])
    }
}

impl fmt::Debug for ExactPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExactPayload").finish_non_exhaustive()
    }
}

/// The member `transaction`, borrowed.
pub(crate) fn transaction(payload: &Map<String, Value>) -> Result<&str, ParsePayloadError> {
    match payload.get(TRANSACTION) {
        Some(Value::String(transaction)) => Ok(transaction),
        Some(_) => Err(ParsePayloadError::NotAString),
        None => Err(ParsePayloadError::Missing),
    }
}

/// Why a `payload` is not one of this scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsePayloadError {
    /// There is no member `transaction`.
    Missing,
    /// The member `transaction` is not a string.
    NotAString,
}

impl fmt::Display for ParsePayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the payload has no transaction",
            Self::NotAString => "the payload's transaction is not a string",
        })
    }
}

impl error::Error for ParsePayloadError {}

const TRANSACTION: &str = "transaction";
