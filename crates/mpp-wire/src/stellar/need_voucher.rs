//! The event `payment-need-voucher`: a stream is paused until a further voucher pays for what comes next (as in the session intent).
//!
//! Example of its data:
//!
//! ```json
//! {
//!   "channelId": "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE", "requiredCumulative": "250025",
//!   "acceptedCumulative": "250000", "deposit": "500000"
//! }
//! ```
//!
//! # Errors
//!
//! Amounts that are not strings of digits, an empty channel, and a member named twice are refused.

use alloc::string::String;

use coinslot_strict_json::read_as_object;
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::json;

/// A stream is paused until a further voucher comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NeedVoucher {
    /// The channel's contract, `C…`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub channel_id: String,
    /// The least cumulative amount that lets the stream go on, in base units.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub required_cumulative: BaseUnits,
    /// The cumulative amount of the highest voucher. The server's claim: a payer goes by its own.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub accepted_cumulative: BaseUnits,
    /// How much was deposited: no voucher above it is taken.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub deposit: BaseUnits,
}

impl NeedVoucher {
    /// The event's data.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::text(self)
    }
}

/// The name of the event.
pub const NEED_VOUCHER_EVENT: &str = "payment-need-voucher";

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "NeedVoucher", rename_all = "camelCase")]
struct Received {
    #[serde(deserialize_with = "json::not_empty")]
    channel_id: String,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    required_cumulative: BaseUnits,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    accepted_cumulative: BaseUnits,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    deposit: BaseUnits,
}

read_as_object!(NeedVoucher, Received);

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"{"channelId":"CA3D","requiredCumulative":"250025","acceptedCumulative":"250000","deposit":"500000"}"#;

    #[test]
    fn what_is_written_is_read_again() {
        let need: NeedVoucher = serde_json::from_str(WRITTEN).unwrap();
        assert_eq!(need.to_json(), WRITTEN);
        assert_eq!(need.required_cumulative, BaseUnits::from_u64(250_025));
    }

    #[test]
    fn nothing_else_is_read() {
        for (member, other) in [
            ("\"250025\"", "250025"),
            ("\"CA3D\"", "\"\""),
            ("\"500000\"", "\"-1\""),
            ("requiredCumulative", "acceptedCumulative"),
        ] {
            let text = WRITTEN.replace(member, other);
            assert!(
                serde_json::from_str::<NeedVoucher>(&text).is_err(),
                "{text}"
            );
        }
    }
}
