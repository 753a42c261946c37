//! `mpp_credential`: credentials in their header, and the requests and payloads of the method `stellar`.

use coinslot_auth_header::Challenges;
use coinslot_mpp_wire::{
    Credential, Payload,
    stellar::{ChannelPayload, ChannelRequest, ChargePayload, ChargeRequest},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Kinds,
    mpp::{challenge, decoded, is_other_base64, object, show, shown, verdict},
};
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("serialize", serialize),
    ("deserialize", deserialize),
    ("extract", extract),
    ("from_request", from_request),
    ("charge_payload", payload::<ChargePayload>),
    ("channel_payload", payload::<ChannelPayload>),
    ("charge_request", request::<ChargeRequest>),
    ("channel_request", request::<ChannelRequest>),
];

/// Writes the header, and compares what it holds: the order of members is the writer's own.
fn serialize(case: &Case) -> Result<Answer, String> {
    let value = &case.input["credential"];
    let ours = object(&value["payload"]).and_then(|payload| {
        let credential = Credential::new(
            challenge(&value["challenge"])?,
            Payload::from(payload.clone()),
        );
        // A source that is empty is none.
        let source = value["source"].as_str().filter(|source| !source.is_empty());
        let header = match source {
            Some(source) => credential.with_source(source).to_header(),
            None => credential.to_header(),
        };
        Credential::from_header(&header).map_err(show)?;
        Ok(header)
    });
    let reference = case.expected()?.as_str().unwrap_or_default();
    Ok(Answer::new(ours.map(|header| {
        if contents(&header).is_some() && contents(&header) == contents(reference) {
            reference.into()
        } else {
            Value::from(header)
        }
    })))
}

fn deserialize(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    Ok(Answer::new(read(header)).under(ruling(header)))
}

/// The credential with its scheme, or null.
fn extract(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    let credentials = Challenges::parse(header).map_err(show)?;
    let payments: Vec<_> = credentials
        .of("Payment")
        .filter_map(|payment| Some(format!("{} {}", payment.scheme(), payment.token68()?)))
        .collect();
    let ours = match payments.as_slice() {
        [] => Ok(Value::Null),
        [payment] => Ok(Value::from(payment.as_str())),
        _ => Err("more than one credential"),
    };
    let several = payments.len() > 1;
    Ok(Answer::new(ours).under(several.then_some(Ruling::Refuse(Rule::OneCredential))))
}

fn from_request(case: &Case) -> Result<Answer, String> {
    let header = case.input["authorization"].as_str();
    let ours = header
        .ok_or_else(|| "no Authorization header".to_owned())
        .and_then(read);
    Ok(Answer::new(ours).under(header.and_then(ruling)))
}

fn payload<P: Serialize + DeserializeOwned>(case: &Case) -> Result<Answer, String> {
    let value = &case.input["payload"];
    let ours = object(value).and_then(|payload| {
        let payload = Payload::from(payload.clone());
        let read: P = payload.read().map_err(show)?;
        serde_json::to_value(read).map_err(show)
    });
    schema(case, value, ours)
}

fn request<R: Serialize + DeserializeOwned>(case: &Case) -> Result<Answer, String> {
    let value = &case.input["request"];
    let ours = serde_json::from_value::<R>(value.clone())
        .and_then(serde_json::to_value)
        .map_err(show);
    schema(case, value, ours)
}

/// The reference's schema judges the object; ours is the type.
fn schema(case: &Case, value: &Value, ours: Result<Value, String>) -> Result<Answer, String> {
    let reference = case.expected()?;
    let answer = Answer::new(verdict(reference, ours));
    if reference["valid"] != true {
        return Ok(answer);
    }
    let amounts = [
        &value["amount"],
        &value["methodDetails"]["cumulativeAmount"],
    ];
    let junk = |amount: &&str| {
        !amount.bytes().all(|byte| byte.is_ascii_digit())
            || amount.is_empty()
            || (amount.len() > 1 && amount.starts_with('0'))
    };
    if amounts
        .into_iter()
        .filter_map(Value::as_str)
        .any(|amount| junk(&amount))
    {
        return Ok(answer.under(Some(Ruling::Refuse(Rule::AmountIsBaseUnits))));
    }
    let mut data = reference["data"].clone();
    for field in ["hash", "sourceSignature", "signature"] {
        if let Some(digits) = data[field].as_str() {
            data[field] = digits.to_ascii_lowercase().into();
        }
    }
    let lower = json!({"valid": true, "data": data});
    let ruling = (lower != *reference).then_some(Ruling::Give(Rule::HexLowerCase, lower));
    Ok(answer.under(ruling))
}

/// Reads a header and shows it as the reference does.
fn read(header: &str) -> Result<Value, String> {
    let credential = Credential::from_header(header).map_err(show)?;
    let mut shown = json!({
        "challenge": shown(&credential.challenge)?,
        "payload": serde_json::from_str::<Value>(credential.payload.json()).map_err(show)?,
    });
    if let Some(source) = credential.source {
        shown["source"] = source.into();
    }
    // The reference also shows the entries of the form that old clients send.
    let opaque = contents(header).map(|contents| contents["challenge"]["opaque"].clone());
    if let Some(meta @ Value::Object(_)) = opaque {
        shown["challenge"]["meta"] = meta;
    }
    Ok(shown)
}

/// The JSON in a header.
fn contents(header: &str) -> Option<Value> {
    decoded(token(header)?)
}

fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("payment")
        .then(|| token.trim_start())
}

/// What the rules say about a header.
fn ruling(header: &str) -> Option<Ruling> {
    if is_other_base64(token(header)?) {
        return Some(Ruling::Refuse(Rule::Base64Url));
    }
    let credential = contents(header)?;
    let source = &credential["source"];
    if !credential["payload"].is_object() || !(source.is_string() || source.is_null()) {
        return Some(Ruling::Refuse(Rule::CredentialMembers));
    }
    (credential["challenge"]["id"] == "").then_some(Ruling::Refuse(Rule::ChallengeId))
}
