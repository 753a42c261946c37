//! `x402_headers`: the three headers, written, read, and looked up.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_x402_wire::{HeaderError, PaymentPayload, PaymentRequired, SettleResponse, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Kinds;
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("encode_required", encode::<PaymentRequired>),
    ("decode_required", decode::<PaymentRequired>),
    ("encode_signature", encode::<PaymentPayload>),
    ("decode_signature", decode::<PaymentPayload>),
    ("encode_response", encode::<SettleResponse>),
    ("decode_response", decode::<SettleResponse>),
    ("schema_required", schema::<PaymentRequired>),
    ("schema_payload", schema::<PaymentPayload>),
    ("client_required", client_required),
    ("client_settle", client_settle),
    ("client_signature", client_signature),
];

/// A message that travels in a header.
trait Message: Serialize + DeserializeOwned {
    fn to_header(&self) -> String;
    fn from_header(header: &str) -> Result<Self, HeaderError>;
}

macro_rules! message {
    ($($name:ident),*) => {$(
        impl Message for $name {
            fn to_header(&self) -> String {
                $name::to_header(self)
            }

            fn from_header(header: &str) -> Result<Self, HeaderError> {
                $name::from_header(header)
            }
        }
    )*};
}

message!(PaymentRequired, PaymentPayload, SettleResponse);

/// Reads the value, writes the header, and compares what it holds: the order of members is the writer's own.
fn encode<M: Message>(case: &Case) -> Result<Answer, String> {
    let value = &case.input["value"];
    let reference = case.expected()?.as_str().ok_or("no header")?;
    let ours = serde_json::from_value::<M>(value.clone())
        .map_err(|error| error.to_string())
        .and_then(|message| {
            let header = message.to_header();
            if !header.is_ascii() || M::from_header(&header).is_err() {
                return Err("what is written cannot be read".to_owned());
            }
            Ok(if contents(&header)? == contents(reference)? {
                Value::String(reference.to_owned())
            } else {
                Value::String(header)
            })
        });
    let ruling = match message_ruling(value) {
        Some(Ruling::Give(rule, value)) => {
            // Under a rule the header holds another value than the reference's.
            let ours = ours
                .map(|header| header.as_str().map(contents).transpose())
                .map(|contents| contents.ok().flatten());
            let ours = ours.and_then(|contents| contents.ok_or_else(|| "no header".to_owned()));
            return Ok(Answer::new(ours).under(Some(Ruling::Give(rule, value))));
        }
        other => other,
    };
    Ok(Answer::new(ours).under(ruling))
}

fn decode<M: Message>(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    Ok(Answer::new(read::<M>(header)).under(header_ruling(header)))
}

fn read<M: Message>(header: &str) -> Result<Value, String> {
    let message = M::from_header(header).map_err(|error| error.to_string())?;
    serde_json::to_value(&message).map_err(|error| error.to_string())
}

/// The reference's schema judges the object; ours is the type.
fn schema<M: Message>(case: &Case) -> Result<Answer, String> {
    let value = &case.input["value"];
    let valid = case.expected()?["valid"].as_bool().ok_or("no verdict")?;
    let header = BASE64_STANDARD.encode(value.to_string());
    let ours = read::<M>(&header);
    let ruling = if valid { message_ruling(value) } else { None };
    let answer = match (valid, &ruling) {
        // The reference's verdict is its answer, so that a refusal of ours is one of the two.
        (false, _) => Answer::new(Ok::<_, String>(match ours {
            Ok(message) => json!({"valid": true, "data": message}),
            Err(_) => case.expected()?.clone(),
        })),
        (true, Some(Ruling::Give(..))) => Answer::new(ours),
        (true, _) => Answer::new(ours.map(|message| json!({"valid": true, "data": message}))),
    };
    Ok(answer.under(ruling))
}

/// What a client makes of a 402: the terms are in the header, nowhere else.
fn client_required(case: &Case) -> Result<Answer, String> {
    let value = find(&case.input["headers"], header::PAYMENT_REQUIRED);
    let ours = value
        .ok_or_else(|| "no payment-required header".to_owned())
        .and_then(read::<PaymentRequired>);
    let ruling = value.map_or_else(
        || {
            case.reference
                .is_some()
                .then_some(Ruling::Refuse(Rule::VersionOne))
        },
        header_ruling,
    );
    Ok(Answer::new(ours).under(ruling))
}

/// What a client makes of the answer to its payment.
fn client_settle(case: &Case) -> Result<Answer, String> {
    let value = find(&case.input["headers"], header::PAYMENT_RESPONSE);
    let ours = value
        .ok_or_else(|| "no payment-response header".to_owned())
        .and_then(read::<SettleResponse>);
    let ruling = value.map_or_else(
        || {
            case.reference
                .is_some()
                .then_some(Ruling::Refuse(Rule::VersionOne))
        },
        header_ruling,
    );
    Ok(Answer::new(ours).under(ruling))
}

/// The header in which a payload is sent.
fn client_signature(case: &Case) -> Result<Answer, String> {
    let payload = &case.input["payload"];
    let ours = serde_json::from_value::<PaymentPayload>(payload.clone())
        .map_err(|error| error.to_string());
    let ours = ours.and_then(|payload| {
        let name = header::PAYMENT_SIGNATURE.to_ascii_uppercase();
        let reference = case.expected()?[&name].as_str().unwrap_or_default();
        let header = payload.to_header();
        let same = contents(&header)
            .ok()
            .is_some_and(|ours| contents(reference).ok() == Some(ours));
        Ok(json!({name: if same { reference } else { header.as_str() }}))
    });
    Ok(Answer::new(ours).under(message_ruling(payload)))
}

/// Header names know no case.
fn find<'a>(headers: &'a Value, name: &str) -> Option<&'a str> {
    headers
        .as_object()?
        .iter()
        .find(|(header, _)| header.eq_ignore_ascii_case(name))?
        .1
        .as_str()
}

/// The JSON in a header.
fn contents(header: &str) -> Result<Value, String> {
    let bytes = BASE64_STANDARD
        .decode(header)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

/// What the rules say about a header, from its base64 on.
fn header_ruling(header: &str) -> Option<Ruling> {
    let Ok(value) = contents(header) else {
        return Some(Ruling::Refuse(Rule::StrictBase64));
    };
    let is_message =
        value.is_object() && (value.get("x402Version").is_some() || value.get("success").is_some());
    if is_message {
        message_ruling(&value)
    } else {
        Some(Ruling::Refuse(Rule::HeaderIsMessage))
    }
}

/// What the rules say about a message.
fn message_ruling(value: &Value) -> Option<Ruling> {
    if value["x402Version"] == 1 {
        return Some(Ruling::Refuse(Rule::VersionOne));
    }
    let terms = value["accepts"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(value.get("accepted"));
    let junk = |amount: &Value| {
        amount.as_str().is_some_and(|amount| {
            amount.is_empty() || !amount.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if terms.map(|terms| &terms["amount"]).any(junk) {
        return Some(Ruling::Refuse(Rule::AmountIsBaseUnits));
    }
    let without = without_nulls(value);
    (without != *value).then_some(Ruling::Give(Rule::NullIsAbsent, without))
}

/// The value without the members of messages that are null; what is inside `extra` and `extensions` is nobody's business.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| {
                let inner = if matches!(name.as_str(), "extra" | "extensions" | "payload") {
                    member.clone()
                } else {
                    without_nulls(member)
                };
                (name.clone(), inner)
            })
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
