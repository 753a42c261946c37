//! `payload`: what pays (core draft, "Credentials"), kept as received.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use coinslot_strict_json::Error as JsonError;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::json::{self, RULES};

/// The method's own part of a credential: a JSON object. `Debug` does not print it.
#[derive(Clone)]
pub struct Payload(Box<RawValue>);

impl Payload {
    /// The JSON, as received.
    #[must_use]
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Reads it as a method has it, such as [`stellar::ChargePayload`](crate::stellar::ChargePayload).
    ///
    /// # Errors
    ///
    /// [`JsonError`] when it is something else.
    pub fn read<'de, T: Deserialize<'de>>(&'de self) -> Result<T, JsonError> {
        RULES.decode(self.0.get().as_bytes())
    }

    /// Writes a method's payload, whose JSON is an object.
    pub(crate) fn write<T: Serialize>(payload: &T) -> Self {
        // What is written is JSON, so that this cannot fail. If it did, nobody would accept null.
        Self(RawValue::from_string(json::text(payload)).unwrap_or_default())
    }
}

impl From<Map<String, Value>> for Payload {
    fn from(object: Map<String, Value>) -> Self {
        Self::write(&object)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('{') {
            Ok(Self(raw))
        } else {
            Err(D::Error::custom("a payload is an object"))
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Payload {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Payload".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "What pays, as the payment method has it.",
        })
    }
}
