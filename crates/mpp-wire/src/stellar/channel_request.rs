//! What a channel payment asks for (official SDK): a voucher for more than the last one.
//!
//! Example:
//!
//! ```json
//! {
//!   "amount": "1000000", "channel": "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE",
//!   "methodDetails": { "network": "stellar:testnet", "cumulativeAmount": "0", "reference": "6f1c2b1e-2d43-4c5e-9a77-0b1a2c3d4e5f" }
//! }
//! ```
//!
//! # Errors
//!
//! Amounts that are not strings of digits, networks that are not CAIP-2, an empty channel, and a member named twice are refused.

use alloc::string::String;

use coinslot_caip2_network::ChainId;
use coinslot_strict_json::read_as_object;
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::encoded_request::EncodedRequest;
use crate::json;

/// A voucher for more than the last one.
// The members are in the order of JCS, and there is no number among them, so that a plain writer writes canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChannelRequest {
    /// How much this request costs, or each unit of its answer, in base units of the channel's token.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub amount: BaseUnits,
    /// The channel's contract, `C…`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub channel: String,
    /// What is paid for, for people to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seller's own name for the payment; the receipt gives it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// On which network, and how far the channel is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_details: Option<ChannelDetails>,
    /// What the amount is the price of, such as `token`, when the answer is paid for as it is produced. Official clients skip it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_type: Option<String>,
}

/// On which network a channel is, and how far it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChannelDetails {
    /// The amount of the last voucher. The server's claim: a payer goes by its own.
    #[serde(
        serialize_with = "coinslot_usdc_amount::serde_string::option::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::schema::Digits>"))]
    pub cumulative_amount: Option<BaseUnits>,
    /// The network: `stellar:pubnet` or `stellar:testnet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::schema::Chain>"))]
    pub network: Option<ChainId>,
    /// The server's name for this payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl ChannelRequest {
    /// A request without description and external id.
    pub fn new(
        amount: BaseUnits,
        channel: impl Into<String>,
        method_details: ChannelDetails,
    ) -> Self {
        Self {
            amount,
            channel: channel.into(),
            description: None,
            external_id: None,
            method_details: Some(method_details),
            unit_type: None,
        }
    }

    /// The `request` of a challenge.
    #[must_use]
    pub fn encode(&self) -> EncodedRequest {
        EncodedRequest::from_canonical(json::text(self))
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ChannelRequest", rename_all = "camelCase")]
struct Received {
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    amount: BaseUnits,
    #[serde(deserialize_with = "json::not_empty")]
    channel: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    method_details: Option<ChannelDetails>,
    #[serde(default)]
    unit_type: Option<String>,
}

read_as_object!(ChannelRequest, Received);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ChannelDetails", rename_all = "camelCase")]
struct ReceivedDetails {
    #[serde(default, with = "coinslot_usdc_amount::serde_string::option")]
    cumulative_amount: Option<BaseUnits>,
    #[serde(default)]
    network: Option<ChainId>,
    #[serde(default)]
    reference: Option<String>,
}

read_as_object!(ChannelDetails, ReceivedDetails);
