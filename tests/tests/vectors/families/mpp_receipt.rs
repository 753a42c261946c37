//! `mpp_receipt`: receipts in their header.

use coinslot_mpp_wire::{PAYMENT_RECEIPT, Receipt};
use serde_json::Value;

use super::{
    Kinds,
    mpp::{decoded, is_other_base64, show},
};
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("serialize", serialize),
    ("deserialize", deserialize),
    ("from", from),
    ("from_response", from_response),
];

/// Writes the header, and compares what it holds: the order of members is the writer's own.
fn serialize(case: &Case) -> Result<Answer, String> {
    let reference = case.expected()?.as_str().unwrap_or_default();
    let ours = receipt(&case.input["receipt"]).map(|receipt| {
        let header = receipt.to_header();
        if decoded(&header).is_some() && decoded(&header) == decoded(reference) {
            reference.into()
        } else {
            Value::from(header)
        }
    });
    Ok(Answer::new(ours))
}

fn deserialize(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    Ok(Answer::new(read(header)).under(ruling(case, header)))
}

fn from(case: &Case) -> Result<Answer, String> {
    let value = &case.input["receipt"];
    let ours = receipt(value).and_then(|receipt| serde_json::to_value(receipt).map_err(show));
    Ok(Answer::new(ours).under(extensions(case, value)))
}

fn from_response(case: &Case) -> Result<Answer, String> {
    let headers = case.input["headers"].as_object().ok_or("no headers")?;
    let header = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(PAYMENT_RECEIPT))
        .and_then(|(_, value)| value.as_str());
    let ours = header.ok_or_else(|| "no receipt".to_owned()).and_then(read);
    Ok(Answer::new(ours).under(header.and_then(|header| ruling(case, header))))
}

fn receipt(value: &Value) -> Result<Receipt, String> {
    serde_json::from_value(value.clone()).map_err(show)
}

fn read(header: &str) -> Result<Value, String> {
    let receipt = Receipt::from_header(header).map_err(show)?;
    serde_json::to_value(receipt).map_err(show)
}

/// What the rules say about a header.
fn ruling(case: &Case, header: &str) -> Option<Ruling> {
    if is_other_base64(header) {
        return Some(Ruling::Refuse(Rule::Base64Url));
    }
    extensions(case, &decoded(header)?)
}

/// What the rules say about a receipt that the reference accepts.
fn extensions(case: &Case, value: &Value) -> Option<Ruling> {
    let reference = case.reference.as_ref()?;
    (reference != value).then(|| Ruling::Give(Rule::ReceiptExtensions, value.clone()))
}
