//! Hand-picked messages, to accept and to refuse. What the official programs answer is in `tests/vectors/` of the repository.

use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

#[path = "vectors/binding.rs"]
mod binding;
#[path = "vectors/bodies.rs"]
mod bodies;
#[path = "vectors/headers.rs"]
mod headers;
#[path = "vectors/members.rs"]
mod members;

/// A credential's JSON, to be damaged.
fn credential() -> Value {
    json!({
        "challenge": {
            "id": "x1",
            "realm": "api.example.com",
            "method": "stellar",
            "intent": "charge",
            "request": "eyJhbW91bnQiOiIxMDAwMCJ9",
            "expires": "2026-01-06T12:00:00Z",
            "opaque": "eyJub25jZSI6IkFBRUMifQ",
        },
        "payload": { "type": "transaction", "transaction": "AAAAAgAAAAA=" },
        "source": "did:pkh:stellar:testnet:GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5",
    })
}

/// The header of a credential's JSON.
fn authorization(json: impl AsRef<[u8]>) -> String {
    format!("Payment {}", URL_SAFE_NO_PAD.encode(json))
}

/// The header of a challenge with these parameters behind the required ones.
fn www_authenticate(more: &str) -> String {
    format!(
        r#"Payment id="x1", realm="shop", method="stellar", intent="charge", request="eyJhIjoiMSJ9"{more}"#
    )
}
