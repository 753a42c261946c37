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

mod extensions;
mod facilitator_request;
pub mod header;
mod json;
mod member;
mod payment_payload;
mod payment_required;
mod payment_requirements;
mod reason_code;
mod resource_info;
#[cfg(feature = "schemars")]
mod schema;
mod settle_response;
mod supported_response;
mod verify_response;
mod x402_version;

pub use extensions::{EchoError, EchoErrorKind, Extensions};
pub use facilitator_request::FacilitatorRequest;
pub use header::{HeaderError, HeaderErrorKind};
pub use json::{JsonError, JsonErrorKind, MAX_BODY_BYTES, MAX_JSON_DEPTH};
pub use payment_payload::PaymentPayload;
pub use payment_required::PaymentRequired;
pub use payment_requirements::PaymentRequirements;
pub use reason_code::ReasonCode;
pub use resource_info::ResourceInfo;
pub use settle_response::SettleResponse;
pub use supported_response::{SupportedKind, SupportedResponse};
pub use verify_response::VerifyResponse;
pub use x402_version::X402Version;
