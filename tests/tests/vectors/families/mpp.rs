//! What the MPP families have in common: challenges as the reference shows them, and as the header's grammar alone gives them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use coinslot_auth_header::Challenges;
use coinslot_mpp_wire::{Challenge, EncodedRequest, Opaque};
use serde_json::{Map, Value, json};

/// Makes a challenge of what the reference is given: the request as an object, `opaque` as text or as the entries `meta`.
pub(super) fn challenge(value: &Value) -> Result<Challenge, String> {
    let text = |field: &str| value[field].as_str().ok_or(format!("no `{field}`"));
    let request = EncodedRequest::from_object(object(&value["request"])?).map_err(show)?;
    let mut challenge = Challenge::new(
        text("id")?,
        text("realm")?,
        text("method")?.parse().map_err(show)?,
        text("intent")?.parse().map_err(show)?,
        request,
    )
    .map_err(show)?;
    if let Some(description) = value["description"].as_str() {
        challenge = challenge.with_description(description).map_err(show)?;
    }
    if let Some(digest) = value["digest"].as_str() {
        challenge = challenge.with_digest(digest.parse().map_err(show)?);
    }
    if let Some(expires) = value["expires"].as_str() {
        challenge = challenge.with_expires(expires.parse().map_err(show)?);
    }
    let opaque = match (&value["opaque"], &value["meta"]) {
        (Value::String(opaque), _) => Some(Opaque::parse(opaque).map_err(show)?),
        (_, Value::Object(meta)) => {
            let encoded = EncodedRequest::from_object(meta).map_err(show)?;
            let opaque = Opaque::parse(encoded.as_str()).map_err(show)?;
            opaque.entries().map_err(show)?;
            Some(opaque)
        }
        _ => None,
    };
    Ok(match opaque {
        Some(opaque) => challenge.with_opaque(opaque),
        None => challenge,
    })
}

/// Shows a challenge as the reference does.
pub(super) fn shown(challenge: &Challenge) -> Result<Value, String> {
    let mut members = Map::new();
    let mut set = |name: &str, value: &str| members.insert(name.to_owned(), value.into());
    set("id", challenge.id());
    set("realm", challenge.realm());
    set("method", challenge.method().as_str());
    set("intent", challenge.intent().as_str());
    challenge.description().map(|text| set("description", text));
    challenge
        .digest()
        .map(|digest| set("digest", digest.as_str()));
    challenge
        .expires()
        .map(|expires| set("expires", expires.as_str()));
    challenge
        .opaque()
        .map(|opaque| set("opaque", opaque.as_str()));
    let request = challenge.request().object().map_err(show)?;
    members.insert("request".to_owned(), request.into());
    Ok(members.into())
}

/// The challenges of a header as the grammar alone gives them, with names in lower case.
pub(super) fn by_grammar(header: &str) -> Option<Vec<Value>> {
    let challenges = Challenges::parse(header).ok()?;
    challenges
        .of("Payment")
        .map(|challenge| {
            let mut members: Map<String, Value> = challenge
                .parameters()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.into()))
                .filter(|(name, _)| PARAMETERS.contains(&name.as_str()))
                .collect();
            let request = decoded(members.get("request")?.as_str()?)?;
            members.insert("request".to_owned(), request);
            Some(members.into())
        })
        .collect()
}

/// The JSON of strict base64url.
pub(super) fn decoded(encoded: &str) -> Option<Value> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Whether a text is not of base64url without padding, but would be of any base64.
pub(super) fn is_other_base64(encoded: &str) -> bool {
    encoded.contains(['+', '/', '='])
}

pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "no object".to_owned())
}

/// The reference's verdict with its reasons, if we refuse too; otherwise what we make of the value.
pub(super) fn verdict(reference: &Value, ours: Result<Value, String>) -> Result<Value, String> {
    match (reference["valid"].as_bool(), ours) {
        (Some(false), Err(_)) => Ok(reference.clone()),
        (_, ours) => ours.map(|data| json!({"valid": true, "data": data})),
    }
}

pub(super) fn show(error: impl std::fmt::Display) -> String {
    error.to_string()
}

const PARAMETERS: [&str; 9] = [
    "id",
    "realm",
    "method",
    "intent",
    "request",
    "description",
    "digest",
    "expires",
    "opaque",
];
