//! `mpp_challenge`: ids, headers, lists of them, and the canonical JSON of requests.

use coinslot_auth_header::Challenges;
use coinslot_mpp_wire::{Challenge, ChallengeSecrets, EncodedRequest};
use serde_json::{Value, json};

use super::{
    Kinds,
    mpp::{by_grammar, challenge, decoded, is_other_base64, object, show, shown},
};
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("from_hmac", from_hmac),
    ("serialize", serialize),
    ("deserialize", deserialize),
    ("deserialize_list", deserialize_list),
    ("verify", verify),
    ("from_response", from_response),
    ("from_response_list", from_response_list),
    ("request_serialize", request_serialize),
    ("request_deserialize", request_deserialize),
];

/// Makes the id, and writes the header.
fn from_hmac(case: &Case) -> Result<Answer, String> {
    let secret = case.text("secretKey")?;
    let ours = ChallengeSecrets::new(secret)
        .map_err(show)
        .and_then(|secrets| {
            let mut params = case.input["params"].clone();
            params["id"] = "not yet".into();
            let unbound = challenge(&params)?;
            let id = secrets.id_of(&unbound.slots());
            params["id"] = id.as_str().into();
            let bound = challenge(&params)?;
            let mut challenge = shown(&bound)?;
            if let Some(meta) = params.get("meta") {
                challenge["meta"] = meta.clone();
            }
            Ok(json!({
                "id": id.as_str(),
                "request_b64": bound.request().as_str(),
                "binding_input": bound.slots().to_string(),
                "challenge": challenge,
                "header": bound.to_header(),
            }))
        });
    let ruling = secret_ruling(secret).or_else(|| text_ruling(&case.input["params"]));
    Ok(Answer::new(ours).under(ruling))
}

fn serialize(case: &Case) -> Result<Answer, String> {
    let value = &case.input["challenge"];
    let ours = challenge(value).map(|challenge| challenge.to_header().into());
    Ok(Answer::new(ours).under(text_ruling(value)))
}

fn deserialize(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    let ours = Challenge::from_header(header)
        .map_err(show)
        .and_then(|challenge| shown(&challenge));
    let first = by_grammar(header).and_then(|all| all.into_iter().next());
    Ok(Answer::new(ours).under(header_ruling(header, first)))
}

fn deserialize_list(case: &Case) -> Result<Answer, String> {
    let header = case.text("header")?;
    let all = by_grammar(header).map(Value::from);
    Ok(Answer::new(list([header])).under(header_ruling(header, all)))
}

/// Whether the id is ours. What is no challenge has no id of ours.
fn verify(case: &Case) -> Result<Answer, String> {
    let (value, secret) = (&case.input["challenge"], case.text("secretKey")?);
    let ours = ChallengeSecrets::new(secret).map(|secrets| {
        let verified = challenge(value)
            .ok()
            .is_some_and(|challenge| secrets.verify(challenge).is_ok());
        Value::from(verified)
    });
    let ruling = secret_ruling(secret).or_else(|| {
        let lasts = value["expires"].is_null();
        lasts.then_some(Ruling::Give(Rule::ChallengeExpires, false.into()))
    });
    Ok(Answer::new(ours).under(ruling))
}

fn from_response(case: &Case) -> Result<Answer, String> {
    let ours = payment_headers(case).and_then(|headers| {
        let challenges = Challenge::from_headers(headers).map_err(show)?;
        shown(challenges.first().ok_or("no challenge")?)
    });
    Ok(Answer::new(ours))
}

fn from_response_list(case: &Case) -> Result<Answer, String> {
    Ok(Answer::new(payment_headers(case).and_then(list)))
}

fn request_serialize(case: &Case) -> Result<Answer, String> {
    let ours = object(&case.input["request"]).and_then(|request| {
        let encoded = EncodedRequest::from_object(request).map_err(show)?;
        Ok(Value::from(encoded.as_str()))
    });
    Ok(Answer::new(ours))
}

fn request_deserialize(case: &Case) -> Result<Answer, String> {
    let encoded = case.text("encoded")?;
    let ours = EncodedRequest::parse(encoded)
        .map_err(show)
        .and_then(|request| request.object().map(Value::from).map_err(show));
    let ruling = if is_other_base64(encoded) {
        Some(Ruling::Refuse(Rule::Base64Url))
    } else {
        let is_object = decoded(encoded).is_some_and(|value| value.is_object());
        (!is_object).then_some(Ruling::Refuse(Rule::HeaderIsMessage))
    };
    Ok(Answer::new(ours).under(ruling))
}

fn list<'a>(headers: impl IntoIterator<Item = &'a str>) -> Result<Value, String> {
    let challenges = Challenge::from_headers(headers).map_err(show)?;
    challenges
        .iter()
        .map(shown)
        .collect::<Result<Vec<_>, _>>()
        .map(Value::from)
}

/// The `WWW-Authenticate` headers of an answer that asks for payment.
fn payment_headers(case: &Case) -> Result<Vec<&str>, String> {
    if case.input["status"] != 402 {
        return Err("the status is not 402".to_owned());
    }
    let headers = case.input["headers"].as_array().ok_or("no headers")?;
    Ok(headers
        .iter()
        .filter_map(|header| Some((header[0].as_str()?, header[1].as_str()?)))
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, value)| value)
        .collect())
}

fn secret_ruling(secret: &str) -> Option<Ruling> {
    (secret.len() < ChallengeSecrets::MIN_BYTES).then_some(Ruling::Refuse(Rule::SecretLength))
}

fn text_ruling(challenge: &Value) -> Option<Ruling> {
    let carried = ["id", "realm", "description"]
        .iter()
        .filter_map(|field| challenge[field].as_str())
        .all(str::is_ascii);
    (!carried).then_some(Ruling::Refuse(Rule::HeaderText))
}

/// What the rules say about a header, of which the grammar alone gives `value`.
fn header_ruling(header: &str, value: Option<Value>) -> Option<Ruling> {
    if !header.is_ascii() {
        return Some(Ruling::Refuse(Rule::HeaderText));
    }
    let challenges = Challenges::parse(header).ok()?;
    let mut payments = challenges.of("Payment");
    if payments.any(|challenge| challenge.parameter("id") == Some("")) {
        return Some(Ruling::Refuse(Rule::ChallengeId));
    }
    let mut values = challenges
        .iter()
        .flat_map(|challenge| challenge.parameters());
    let padded = |(name, value): (&str, &str)| {
        name.eq_ignore_ascii_case("request") && is_other_base64(value)
    };
    if values.any(padded) {
        return Some(Ruling::Refuse(Rule::Base64Url));
    }
    let mut values = challenges
        .iter()
        .flat_map(|challenge| challenge.parameters());
    if values.any(|(_, value)| value.to_ascii_lowercase().contains("payment ")) {
        return value.map(|value| Ruling::Give(Rule::QuotedIsOpaque, value));
    }
    let mut values = challenges
        .iter()
        .flat_map(|challenge| challenge.parameters());
    if values.any(|(name, _)| name.bytes().any(|byte| byte.is_ascii_uppercase())) {
        return value.map(|value| Ruling::Give(Rule::ParameterCase, value));
    }
    None
}
