//! The payment method `stellar` (Stellar charge draft, and the official SDK where the draft is silent): what it asks for and what pays.
//!
//! | intent | request | payload |
//! | --- | --- | --- |
//! | `charge` | [`ChargeRequest`] | [`ChargePayload`] |
//! | `channel` | [`ChannelRequest`] | [`ChannelPayload`] |
//!
//! Addresses are text here, as x402's are: whoever judges a payment parses them once, with their checksums.

mod channel_payload;
mod channel_request;
mod charge_payload;
mod charge_request;
mod hex_bytes;
mod need_voucher;
mod payment_channel;
mod payment_stream;

pub use channel_payload::{ChannelAction, ChannelPayload};
pub use channel_request::{ChannelDetails, ChannelRequest};
pub use charge_payload::{ChargePayload, signed_hash_message};
pub use charge_request::{ChargeDetails, ChargeRequest, CredentialType};
pub use need_voucher::{NEED_VOUCHER_EVENT, NeedVoucher};
pub use payment_channel::{
    ChannelStanding, KeyProof, NamedChannel, PAYMENT_CHANNEL, PaymentChannelError,
};
pub use payment_stream::{PAYMENT_STREAM, RECEIPT_EVENT, RESERVED_EVENTS};
