//! The protocol version: the member `x402Version` of every request and offer (specification v2, §5.1.2).
//!
//! Example: `2`, a JSON number. Version 1 is recognised, so that its user reads what to change, and refused.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A version of x402 that this crate speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum X402Version {
    /// Version 2.
    #[default]
    V2,
}

impl X402Version {
    /// The number on the wire.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        match self {
            Self::V2 => 2,
        }
    }
}

impl fmt::Display for X402Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_u64(), f)
    }
}

impl Serialize for X402Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_u64())
    }
}

impl<'de> Deserialize<'de> for X402Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            2 => Ok(Self::V2),
            _ => Err(D::Error::custom("x402Version is not 2")),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for X402Version {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "X402Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": 2, "description": "The protocol version." })
    }
}
