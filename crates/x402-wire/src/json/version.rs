//! Which version a refused message claims to be.

use serde::Deserialize;

use super::JsonErrorKind;

/// The version that a message names, itself or in the payment that it carries.
#[derive(Deserialize)]
struct Claim {
    #[serde(rename = "x402Version", default)]
    version: Option<u64>,
    #[serde(rename = "paymentPayload", default)]
    payment: Option<InnerClaim>,
}

#[derive(Deserialize)]
struct InnerClaim {
    #[serde(rename = "x402Version", default)]
    version: Option<u64>,
}

/// The error for a message of another version; `None` when the version is not what is wrong.
pub(super) fn refused(bytes: &[u8]) -> Option<JsonErrorKind> {
    let claim = serde_json::from_slice::<Claim>(bytes).ok()?;
    let inner = claim.payment.and_then(|payment| payment.version);
    [claim.version, inner]
        .into_iter()
        .flatten()
        .find_map(|version| match version {
            1 => Some(JsonErrorKind::Version1),
            2 => None,
            _ => Some(JsonErrorKind::UnsupportedVersion),
        })
}
