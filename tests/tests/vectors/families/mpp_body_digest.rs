//! `mpp_body_digest`: digests of request bodies.

use std::collections::HashMap;

use coinslot_mpp_wire::BodyDigest;
use serde_json::{Value, value::RawValue};

use super::{Kinds, mpp::show};
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[("compute", compute), ("verify", verify)];

fn compute(case: &Case) -> Result<Answer, String> {
    let ours = BodyDigest::of(&body(case)?);
    let reference = case.expected()?.as_str().unwrap_or_default();
    let algorithm = "sha-256=";
    let with_colons = reference
        .strip_prefix(algorithm)
        .map(|base64| format!("{algorithm}:{base64}:"));
    let ruling = with_colons.map(|digest| Ruling::Give(Rule::DigestForm, digest.into()));
    Ok(Answer::new(Ok::<_, String>(ours.as_str().into())).under(ruling))
}

/// What is no digest is the digest of nothing.
fn verify(case: &Case) -> Result<Answer, String> {
    let (digest, body) = (case.text("digest")?, body(case)?);
    let matches = |digest: &str| {
        let digest = digest.parse::<BodyDigest>();
        Value::from(digest.is_ok_and(|digest| digest.is_of(&body)))
    };
    // The form with colons says what the form without says.
    let bare = digest
        .strip_prefix("sha-256=:")
        .and_then(|base64| base64.strip_suffix(':'))
        .map(|base64| format!("sha-256={base64}"));
    let ruling = bare.map(|bare| Ruling::Give(Rule::DigestForm, matches(&bare)));
    Ok(Answer::new(Ok::<_, String>(matches(digest))).under(ruling))
}

/// A text as it is, an object as JSON without whitespace, its members in the order of the file.
fn body(case: &Case) -> Result<Vec<u8>, String> {
    if let Some(text) = case.input["body"].as_str() {
        return Ok(text.into());
    }
    let members: HashMap<String, &RawValue> =
        serde_json::from_str(&case.input_text).map_err(show)?;
    let object = members.get("body").ok_or("no body")?.get();
    let mut within_quotes = false;
    let mut escaped = false;
    Ok(object
        .bytes()
        .filter(|byte| {
            let kept = within_quotes || !byte.is_ascii_whitespace();
            within_quotes ^= *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            kept
        })
        .collect())
}
