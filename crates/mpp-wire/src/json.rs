//! JSON of this protocol: the rules by which it is read.

use alloc::string::String;
use alloc::vec::Vec;

use coinslot_strict_json::{Error as JsonError, Rules};
use serde::de::{Deserializer, Error, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limits::{MAX_BODY_BYTES, MAX_JSON_DEPTH};

/// Whether a text is a JSON object within bounds; nothing of it is kept.
pub(crate) fn check_object(text: &str) -> Result<(), JsonError> {
    let is_object = text
        .trim_start_matches([' ', '\t', '\n', '\r'])
        .starts_with('{');
    if is_object {
        RULES.decode::<IgnoredAny>(text.as_bytes()).map(|_| ())
    } else {
        // Says what it is instead.
        RULES.decode::<Object>(text.as_bytes()).map(|_| ())
    }
}

/// An object in which no name occurs twice.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Object(
    #[serde(deserialize_with = "coinslot_strict_json::object")] pub(crate) Map<String, Value>,
);

/// A string that is not empty.
pub(crate) fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("a required string is empty"));
    }
    Ok(text)
}

/// Writes a message.
pub(crate) fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Cannot fail: the messages have string keys and finite numbers only. If it did, nobody would accept nothing.
    serde_json::to_vec(message).unwrap_or_default()
}

/// Writes a message as text.
pub(crate) fn text<T: Serialize>(message: &T) -> String {
    // Cannot fail, as [`encode`] cannot.
    serde_json::to_string(message).unwrap_or_default()
}

pub(crate) const RULES: Rules = Rules::new(MAX_BODY_BYTES, MAX_JSON_DEPTH, NAMES);

/// Every member that the specifications name.
const NAMES: &[&str] = &[
    "_meta",
    "action",
    "amount",
    "challenge",
    "challengeId",
    "challenges",
    "channel",
    "credentialTypes",
    "cumulativeAmount",
    "currency",
    "description",
    "detail",
    "digest",
    "expires",
    "externalId",
    "failure",
    "feePayer",
    "hash",
    "httpStatus",
    "id",
    "intent",
    "intents",
    "method",
    "methodDetails",
    "methods",
    "network",
    "opaque",
    "payload",
    "problem",
    "realm",
    "reason",
    "recipient",
    "reference",
    "request",
    "signature",
    "source",
    "sourceSignature",
    "status",
    "timestamp",
    "title",
    "transaction",
    "type",
];
