//! Hand-picked messages, to accept and to refuse.

use base64::engine::{Engine, general_purpose::STANDARD};
use coinslot_x402_wire::{HeaderError, PaymentPayload, PaymentRequired, SettleResponse};
use serde_json::{Value, json};

#[path = "vectors/extensions.rs"]
mod extensions;
#[path = "vectors/facilitator.rs"]
mod facilitator;
#[path = "vectors/headers.rs"]
mod headers;
#[path = "vectors/members.rs"]
mod members;
#[path = "vectors/versions.rs"]
mod versions;

fn requirements() -> Value {
    json!({
        "scheme": "exact",
        "network": "stellar:testnet",
        "amount": "10000",
        "asset": "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
        "payTo": "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5",
        "maxTimeoutSeconds": 60,
        "extra": { "areFeesSponsored": true },
    })
}

fn required() -> Value {
    json!({
        "x402Version": 2,
        "error": "PAYMENT-SIGNATURE header is required",
        "resource": { "url": "https://api.example.com/weather", "description": "Météo ☀️\r\n", "mimeType": "application/json" },
        "accepts": [requirements()],
        "extensions": { "bazaar": { "info": { "input": [1, 2.5, null] }, "schema": {} } },
    })
}

fn payload() -> Value {
    json!({
        "x402Version": 2,
        "resource": { "url": "https://api.example.com/weather" },
        "accepted": requirements(),
        "payload": { "transaction": "AAAAAgAAAAA=" },
        "extensions": {},
    })
}

fn settled() -> Value {
    json!({
        "success": true,
        "payer": "GB2LXYC2QPTL23P5TJ6QAJ2FUQAPBYKMODXCQTUKKGE52Z2I2ISYIKBZ",
        "transaction": "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b",
        "network": "stellar:testnet",
        "amount": "10000",
    })
}

fn header(json: impl AsRef<[u8]>) -> String {
    STANDARD.encode(json)
}

/// A copy with one value replaced, or removed when there is no new one.
fn with(mut message: Value, pointer: &str, value: impl Into<Option<Value>>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = message.pointer_mut(parent).expect("the parent is there");
    match (parent, value.into()) {
        (Value::Array(items), Some(value)) => {
            items[name.parse::<usize>().expect("an index")] = value
        }
        (Value::Object(members), Some(value)) => drop(members.insert(name.into(), value)),
        (Value::Object(members), None) => drop(members.remove(name).expect("the member is there")),
        (parent, _) => panic!("{parent} has no members"),
    }
    message
}

fn required_from(message: &Value) -> Result<PaymentRequired, HeaderError> {
    PaymentRequired::from_header(&header(message.to_string()))
}

fn payload_from(message: &Value) -> Result<PaymentPayload, HeaderError> {
    PaymentPayload::from_header(&header(message.to_string()))
}

fn settled_from(message: &Value) -> Result<SettleResponse, HeaderError> {
    SettleResponse::from_header(&header(message.to_string()))
}

fn decoded(header: &str) -> Value {
    serde_json::from_slice(&STANDARD.decode(header).expect("base64")).expect("JSON")
}
