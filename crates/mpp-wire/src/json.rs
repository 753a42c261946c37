//! JSON of this protocol: the rules by which it is read.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_strict_json::Rules;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::Serialize;

use crate::limits::{MAX_BODY_BYTES, MAX_JSON_DEPTH};

/// Any object, of which nothing is kept: whether a text is one.
pub(crate) struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = AnyObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<AnyObject, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyObject)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

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
