//! What pays over a channel (official SDK): a voucher.
//!
//! Example: `{ "action": "voucher", "amount": "1000000", "signature": "…128 digits…" }`.
//!
//! # Errors
//!
//! Another `action`, an amount that is not a string of digits, and a signature that is not 64 bytes in hexadecimal are refused.

use core::fmt;

use coinslot_strict_json::read_as_object;
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use super::hex_bytes;
use crate::payload::Payload;

/// A voucher. `Debug` does not print its signature.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct ChannelPayload {
    /// What the server is to do with it.
    pub action: ChannelAction,
    /// How much the channel's recipient may take in all, in base units.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub amount: BaseUnits,
    /// The commitment key's signature.
    #[serde(with = "hex_bytes")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Hex<64>"))]
    pub signature: [u8; 64],
}

/// What a server is to do with a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChannelAction {
    /// Take it as payment.
    Voucher,
    /// Close the channel with it.
    Close,
}

impl From<&ChannelPayload> for Payload {
    fn from(payload: &ChannelPayload) -> Self {
        Self::write(payload)
    }
}

impl fmt::Debug for ChannelPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelPayload")
            .field("action", &self.action)
            .field("amount", &self.amount)
            .field("signature", &format_args!("[redacted]"))
            .finish()
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ChannelPayload")]
struct Received {
    action: ChannelAction,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    amount: BaseUnits,
    #[serde(with = "hex_bytes")]
    signature: [u8; 64],
}

read_as_object!(ChannelPayload, Received);
