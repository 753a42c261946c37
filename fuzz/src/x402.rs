//! The x402 headers and the facilitator's bodies.

use std::fmt::Debug;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_x402_wire::{
    FacilitatorRequest, HeaderError, JsonError, MAX_BODY_BYTES, PaymentPayload, PaymentRequired,
    SettleResponse, SupportedResponse, VerifyResponse, header,
};
use serde_json::Value;

use crate::{memory, text};

/// Canonical, bounded, differential (any JSON reader accepts what we accept), model (strict base64, version 2).
pub(crate) fn payment_required(data: &[u8]) {
    check_header(
        data,
        PaymentRequired::from_header,
        PaymentRequired::to_header,
    );
}

/// As [`payment_required`]; a `Debug` never shows what the payer signed.
pub(crate) fn payment_payload(data: &[u8]) {
    check_header(data, PaymentPayload::from_header, PaymentPayload::to_header);
    let Some(payload) =
        as_header(data).and_then(|header| PaymentPayload::from_header(&header).ok())
    else {
        return;
    };
    let shown = format!("{payload:?}");
    for signed in payload
        .payload
        .values()
        .filter_map(Value::as_str)
        .filter(|text| text.len() > 24)
    {
        assert!(!shown.contains(signed), "a payload is printed");
    }
    if let Some(extensions) = &payload.extensions {
        assert!(
            extensions.echoes(extensions).is_ok(),
            "an extension does not echo itself"
        );
    }
}

/// As [`payment_required`].
pub(crate) fn settle_response(data: &[u8]) {
    check_header(data, SettleResponse::from_header, SettleResponse::to_header);
}

/// Canonical, bounded: every body that a facilitator sends or is sent.
pub(crate) fn facilitator_bodies(data: &[u8]) {
    check_body(
        data,
        FacilitatorRequest::from_json,
        FacilitatorRequest::to_json,
    );
    check_body(
        data,
        SupportedResponse::from_json,
        SupportedResponse::to_json,
    );
    check_body(data, VerifyResponse::from_json, VerifyResponse::to_json);
    check_body(data, SettleResponse::from_json, SettleResponse::to_json);
}

/// The input is JSON, which is put into a header here, or a header's value as it is.
fn as_header(data: &[u8]) -> Option<String> {
    match data.first() {
        Some(b'{') => Some(BASE64_STANDARD.encode(data)),
        _ => text(data).map(str::to_owned),
    }
}

fn check_header<M: PartialEq + Debug>(
    data: &[u8],
    read: impl Fn(&str) -> Result<M, HeaderError>,
    write: impl Fn(&M) -> String,
) {
    let Some(value) = as_header(data) else { return };
    match memory::at_most(allowance(value.len()), || read(&value)) {
        Ok(message) => {
            assert!(value.len() <= header::MAX_HEADER_BYTES);
            let json = BASE64_STANDARD.decode(&value).expect("strict base64");
            let json: Value = serde_json::from_slice(&json).expect("JSON");
            assert!(json.is_object());
            assert!(
                json.get("x402Version")
                    .is_none_or(|version| version == 2 || json.get("success").is_some())
            );
            let written = write(&message);
            assert!(written.is_ascii() && !written.contains(['\r', '\n', ' ']));
            if written.len() <= header::MAX_HEADER_BYTES {
                let again = read(&written).expect("what we write can be read");
                assert_eq!(again, message);
                assert_eq!(write(&again), written);
            }
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(!sentence.is_empty() && sentence.len() <= 400, "{sentence}");
            assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
        }
    }
}

fn check_body<M: PartialEq + Debug>(
    data: &[u8],
    read: impl Fn(&[u8]) -> Result<M, JsonError>,
    write: impl Fn(&M) -> Vec<u8>,
) {
    match memory::at_most(allowance(data.len()), || read(data)) {
        Ok(message) => {
            assert!(data.len() <= MAX_BODY_BYTES);
            assert!(
                serde_json::from_slice::<Value>(data)
                    .expect("JSON")
                    .is_object()
            );
            let written = write(&message);
            let again = read(&written).expect("what we write can be read");
            assert_eq!(again, message);
            assert_eq!(write(&again), written);
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(!sentence.is_empty() && sentence.len() <= 400, "{sentence}");
            assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
        }
    }
}

/// An object of one short member takes about 700 bytes for its 6 of JSON.
fn allowance(input: usize) -> usize {
    input.saturating_mul(160).saturating_add(16 * 1_024)
}
