#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

extern crate alloc;

mod accept_payment;
mod base64url;
mod binding;
mod body_digest;
mod challenge;
mod credential;
mod did_pkh;
mod encoded_request;
mod header_error;
mod issuer;
pub mod jcs;
mod json;
mod limits;
pub mod mcp;
mod names;
mod opaque;
mod payload;
mod problem;
mod receipt;
#[cfg(feature = "schemars")]
mod schema;
mod serde_text;
pub mod stellar;
mod timestamp;

pub use accept_payment::{
    ACCEPT_PAYMENT, AcceptPayment, AcceptPaymentError, AcceptPaymentErrorKind, PaymentRange,
    Quality,
};
pub use binding::{
    BindingError, BindingErrorKind, BoundChallenge, ChallengeId, ChallengeSecrets, SecretError,
    Slots,
};
pub use body_digest::{BodyDigest, BodyDigestError};
pub use challenge::{Challenge, SCHEME};
pub use coinslot_strict_json::{Error as JsonError, ErrorKind as JsonErrorKind};
pub use credential::Credential;
pub use did_pkh::{DidPkh, DidPkhError};
pub use encoded_request::EncodedRequest;
pub use header_error::{HeaderError, HeaderErrorKind};
pub use issuer::{IssuedChallenge, Issuer, Terms};
pub use limits::{
    MAX_ACCEPT_PAYMENT_BYTES, MAX_BODY_BYTES, MAX_CHALLENGES, MAX_HEADER_BYTES, MAX_JSON_DEPTH,
    MAX_RANGES, MAX_RECEIPT_BYTES, MAX_REQUEST_BYTES, MAX_TEXT_BYTES, MAX_TRANSACTION_BYTES,
};
pub use names::{IntentName, MethodName, NameError};
pub use opaque::{EntryExists, Opaque, OpaqueData};
pub use payload::Payload;
pub use problem::{PROBLEM_JSON, Problem, ProblemKind};
pub use receipt::{PAYMENT_RECEIPT, Receipt};
pub use timestamp::{Timestamp, TimestampError};
