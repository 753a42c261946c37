//! Payments over JSON-RPC and MCP (transport draft): the same messages as JSON objects instead of headers.
//!
//! A server asks for payment with an error whose code is [`PAYMENT_REQUIRED`]; the client sends the request again with a [`Credential`]
//! under [`CREDENTIAL_META`] in `_meta`; the answer has a [`Receipt`] under [`RECEIPT_META`].
//!
//! ```
//! use coinslot_mpp_wire::{Challenge, mcp};
//!
//! let header = r#"Payment id="x1", realm="api.example.com", method="stellar", intent="charge", request="eyJhbW91bnQiOiIxMDAwMCJ9""#;
//! let challenge = Challenge::from_header(header)?;
//! let error = mcp::RpcError::payment_required(vec![mcp::Challenge::try_from(&challenge)?]);
//! assert_eq!(error.code, -32042);
//!
//! // The id is bound to the canonical JSON of the request, which is an object here.
//! let echoed = error.data.expect("data").challenges.remove(0);
//! assert_eq!(Challenge::try_from(echoed)?, challenge);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Not supported
//!
//! JSON-RPC itself, and which methods of MCP cost something: whoever has the transport puts these parts into its messages.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use coinslot_strict_json::{Error as JsonError, read_as_object};
use serde::{Deserialize, Serialize};

use crate::names::{IntentName, MethodName};
use crate::payload::Payload;
use crate::problem::Problem;

mod challenge;
mod receipt;

pub use challenge::{Challenge, EncodeError};
pub use receipt::Receipt;

/// The code of an error that asks for payment.
pub const PAYMENT_REQUIRED: i64 = -32_042;
/// The code of an error that says that a payment did not hold.
pub const VERIFICATION_FAILED: i64 = -32_043;
/// The code of an error that says that a credential cannot be read.
pub const INVALID_PARAMS: i64 = -32_602;
/// The code of an error that says that payments cannot be taken.
pub const INTERNAL_ERROR: i64 = -32_603;
/// The member of `_meta` that holds a [`Credential`]. `_meta` is beside `params` or, in MCP, in it; look in both.
pub const CREDENTIAL_META: &str = "org.paymentauth/credential";
/// The member of `_meta` that holds a [`Receipt`]. `_meta` is beside `result` or, in MCP, in it.
pub const RECEIPT_META: &str = "org.paymentauth/receipt";

/// The `error` of a JSON-RPC response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct RpcError {
    /// [`PAYMENT_REQUIRED`] or [`VERIFICATION_FAILED`].
    pub code: i64,
    /// The code in words.
    pub message: String,
    /// What is asked for, and what was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<ErrorData>,
}

/// What is asked for, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    /// The HTTP status code that a bridge to HTTP answers with: 402.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The ways to pay, of which the client chooses one.
    pub challenges: Vec<Challenge>,
    /// What was wrong, as over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// What was wrong with the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// What was wrong with a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Failure {
    /// For programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A payment: the member [`CREDENTIAL_META`]. `Debug` does not print what pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Credential {
    /// The challenge that it answers, sent back.
    pub challenge: Challenge,
    /// What pays.
    pub payload: Payload,
    /// Who pays. Somebody's claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Which payments a server or a client is capable of: in MCP `capabilities.experimental.payment`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Capabilities {
    /// The methods, each with its intents.
    pub methods: BTreeMap<MethodName, MethodCapability>,
}

/// With which intents a method can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct MethodCapability {
    /// The intents.
    pub intents: Vec<IntentName>,
}

impl RpcError {
    /// One of these challenges has to be paid.
    #[must_use]
    pub fn payment_required(challenges: Vec<Challenge>) -> Self {
        Self::new(PAYMENT_REQUIRED, "Payment Required", challenges)
    }

    /// The payment did not hold; one of these challenges can be tried.
    #[must_use]
    pub fn verification_failed(challenges: Vec<Challenge>, failure: Failure) -> Self {
        let error = Self::new(
            VERIFICATION_FAILED,
            "Payment Verification Failed",
            challenges,
        );
        let data = error.data.map(|data| ErrorData {
            failure: Some(failure),
            ..data
        });
        Self { data, ..error }
    }

    fn new(code: i64, message: &str, challenges: Vec<Challenge>) -> Self {
        Self {
            code,
            message: message.into(),
            data: Some(ErrorData {
                http_status: Some(402),
                challenges,
                problem: None,
                failure: None,
            }),
        }
    }
}

impl TryFrom<Credential> for crate::Credential {
    type Error = EncodeError;

    fn try_from(credential: Credential) -> Result<Self, EncodeError> {
        Ok(Self {
            challenge: credential.challenge.try_into()?,
            payload: credential.payload,
            source: credential.source,
        })
    }
}

impl TryFrom<&crate::Credential> for Credential {
    type Error = JsonError;

    fn try_from(credential: &crate::Credential) -> Result<Self, JsonError> {
        Ok(Self {
            challenge: (&credential.challenge).try_into()?,
            payload: credential.payload.clone(),
            source: credential.source.clone(),
        })
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ErrorData", rename_all = "camelCase")]
struct ReceivedData {
    #[serde(default)]
    http_status: Option<u16>,
    challenges: Vec<Challenge>,
    #[serde(default)]
    problem: Option<Problem>,
    #[serde(default)]
    failure: Option<Failure>,
}

read_as_object!(ErrorData, ReceivedData);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "Credential")]
struct ReceivedCredential {
    challenge: Challenge,
    payload: Payload,
    #[serde(default)]
    source: Option<String>,
}

read_as_object!(Credential, ReceivedCredential);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "RpcError")]
struct ReceivedError {
    code: i64,
    message: String,
    #[serde(default)]
    data: Option<ErrorData>,
}

read_as_object!(RpcError, ReceivedError);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "Failure")]
struct ReceivedFailure {
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    detail: Option<String>,
}

read_as_object!(Failure, ReceivedFailure);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "Capabilities")]
struct ReceivedCapabilities {
    methods: BTreeMap<MethodName, MethodCapability>,
}

read_as_object!(Capabilities, ReceivedCapabilities);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "MethodCapability")]
struct ReceivedCapability {
    intents: Vec<IntentName>,
}

read_as_object!(MethodCapability, ReceivedCapability);
