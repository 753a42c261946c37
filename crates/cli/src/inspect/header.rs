//! Which message a text is: by the name of its header, by its scheme, or by the members of its JSON.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use coinslot_mpp_wire::stellar::PAYMENT_CHANNEL;
use coinslot_x402_wire::header;
use serde_json::Value;

use super::{Explanation, InspectError, channel, mpp, x402};

/// What a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A message of x402 version 2.
    X402(x402::Message),
    /// A message of MPP.
    Mpp(mpp::Message),
    /// The channel that a buyer pays from, or how far it is used.
    PaymentChannel,
    /// A payment of x402 version 1.
    Version1,
}

/// Splits `Name: value`, when the name is one of ours.
pub(crate) fn named(input: &str) -> Option<(Name, &str)> {
    let (name, value) = input.split_once(':')?;
    let name = match name.trim().to_ascii_lowercase().as_str() {
        header::PAYMENT_REQUIRED | header::X_PAYMENT_REQUIRED => {
            Name::X402(x402::Message::Required)
        }
        header::PAYMENT_SIGNATURE => Name::X402(x402::Message::Signature),
        header::PAYMENT_RESPONSE => Name::X402(x402::Message::Response),
        header::X_PAYMENT => Name::Version1,
        WWW_AUTHENTICATE => Name::Mpp(mpp::Message::Challenge),
        AUTHORIZATION => Name::Mpp(mpp::Message::Credential),
        PAYMENT_CHANNEL => Name::PaymentChannel,
        coinslot_mpp_wire::PAYMENT_RECEIPT => Name::Mpp(mpp::Message::Receipt),
        _ => return None,
    };
    Some((name, value.trim()))
}

/// Whether this is base64 of a JSON object.
pub(crate) fn looks_like_one(input: &str) -> bool {
    ["ey", "ew", "e3", "IH"]
        .iter()
        .any(|start| input.starts_with(start))
}

pub(crate) fn explain(name: Name, value: &str, now: u64) -> Result<Explanation, InspectError> {
    match name {
        Name::Version1 => Err(InspectError::Version1),
        Name::X402(message) => {
            x402::explain_header(message, value).map_err(|source| InspectError::Header {
                name: message.header(),
                source,
            })
        }
        Name::Mpp(message) => mpp::explain_header(message, value, now),
        Name::PaymentChannel => channel::explain_header(value, now)
            .map(|header| Explanation::PaymentChannel(Box::new(header)))
            .map_err(InspectError::PaymentChannel),
    }
}

/// Finds out by the members which message it is.
pub(crate) fn explain_unnamed(value: &str, now: u64) -> Result<Explanation, InspectError> {
    let json = STANDARD
        .decode(value)
        .or_else(|_| URL_SAFE_NO_PAD.decode(value))
        .map_err(|_| InspectError::Base64)?;
    let value = match name_of(&json) {
        Some(Name::Mpp(mpp::Message::Credential)) => format!("Payment {value}"),
        _ => value.to_owned(),
    };
    let name = name_of(&json).ok_or(InspectError::OtherJson)?;
    explain(name, &value, now)
}

pub(crate) fn explain_json(text: &str, now: u64) -> Result<Explanation, InspectError> {
    match name_of(text.as_bytes()).ok_or(InspectError::OtherJson)? {
        Name::Version1 => Err(InspectError::Version1),
        // No JSON has its members.
        Name::PaymentChannel => Err(InspectError::OtherJson),
        Name::X402(message) => {
            x402::explain_json(message, text.as_bytes()).map_err(|source| InspectError::Json {
                name: message.header(),
                source,
            })
        }
        Name::Mpp(message) => mpp::explain_json(message, text, now),
    }
}

/// The message by its members.
fn name_of(json: &[u8]) -> Option<Name> {
    let Value::Object(object) = serde_json::from_slice(json).ok()? else {
        return None;
    };
    let names = [
        ("accepts", Name::X402(x402::Message::Required)),
        ("accepted", Name::X402(x402::Message::Signature)),
        ("success", Name::X402(x402::Message::Response)),
        ("challenge", Name::Mpp(mpp::Message::Credential)),
        ("reference", Name::Mpp(mpp::Message::Receipt)),
        ("x402Version", Name::Version1),
        ("title", Name::Mpp(mpp::Message::Problem)),
        ("detail", Name::Mpp(mpp::Message::Problem)),
    ];
    names
        .into_iter()
        .find_map(|(member, name)| object.contains_key(member).then_some(name))
}

pub(crate) const WWW_AUTHENTICATE: &str = "www-authenticate";
const AUTHORIZATION: &str = "authorization";
