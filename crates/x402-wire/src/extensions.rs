//! Extensions: the member `extensions` (specification v2, §5.1.2), kept as received.
//!
//! A server advertises extensions by name, each with an `info` and a `schema`; the client sends them back. Values are not
//! interpreted here. Example: `{"payment-identifier":{"info":{"required":false},"schema":{}}}`.
//!
//! # Not supported
//!
//! Numbers outside the integers of 64 bits come back as the nearest double, as they do from JavaScript.

use alloc::string::{String, ToString};
use core::fmt;

use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Protocol extensions by name, each with whatever its own specification puts there.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Extensions(Map<String, Value>);

impl Extensions {
    /// No extensions: `{}`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one extension more; an earlier value under this name is replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_string(), value);
        self
    }

    /// What is there under this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The extensions as an object.
    #[must_use]
    pub const fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Checks the echo rule of §5.1.2: a client includes at least what the server offered; it may append, but neither delete nor
    /// overwrite.
    ///
    /// Objects may gain members, at any depth; everything else must be equal.
    ///
    /// ```
    /// use coinslot_x402_wire::Extensions;
    /// use serde_json::json;
    /// let offered = Extensions::new().with("payment-identifier", json!({"info": {"required": true}}));
    /// let echoed = Extensions::new().with("payment-identifier", json!({"info": {"required": true, "id": "p1"}}));
    /// assert!(echoed.echoes(&offered).is_ok());
    /// assert!(offered.echoes(&echoed).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`EchoError`] for the first extension that is missing or changed.
    pub fn echoes(&self, offered: &Self) -> Result<(), EchoError> {
        offered.0.iter().try_for_each(|(name, offered)| {
            let refused = |kind| EchoError {
                extension: name.clone(),
                kind,
            };
            let echoed = self
                .0
                .get(name)
                .ok_or_else(|| refused(EchoErrorKind::Missing))?;
            echoes(echoed, offered).map_err(refused)
        })
    }
}

impl From<Map<String, Value>> for Extensions {
    fn from(object: Map<String, Value>) -> Self {
        Self(object)
    }
}

impl From<Extensions> for Map<String, Value> {
    fn from(extensions: Extensions) -> Self {
        extensions.0
    }
}

impl<'de> Deserialize<'de> for Extensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        coinslot_strict_json::object(deserializer).map(Self)
    }
}

impl fmt::Debug for Extensions {
    /// Names only: an extension may carry a signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extensions")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// An extension that was offered and not sent back as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoError {
    extension: String,
    kind: EchoErrorKind,
}

/// How an extension was not sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EchoErrorKind {
    /// The extension is missing.
    Missing,
    /// A member that was offered is missing.
    Deleted,
    /// A value that was offered is another.
    Overwritten,
}

impl EchoError {
    /// The extension's name, as it was offered.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// How it was not sent back.
    #[must_use]
    pub const fn kind(&self) -> EchoErrorKind {
        self.kind
    }
}

impl fmt::Display for EchoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extension = &self.extension;
        match self.kind {
            EchoErrorKind::Missing => write!(f, "the offered extension {extension:?} is missing"),
            EchoErrorKind::Deleted => {
                write!(f, "the offered extension {extension:?} lost a member")
            }
            EchoErrorKind::Overwritten => {
                write!(f, "the offered extension {extension:?} has a changed value")
            }
        }
    }
}

impl core::error::Error for EchoError {}

/// Whether a value contains an offered one. Recursion ends at the depth that decoding allows.
fn echoes(echoed: &Value, offered: &Value) -> Result<(), EchoErrorKind> {
    match (echoed, offered) {
        (Value::Object(echoed), Value::Object(offered)) => {
            offered.iter().try_for_each(|(name, offered)| {
                echoes(echoed.get(name).ok_or(EchoErrorKind::Deleted)?, offered)
            })
        }
        (Value::Array(echoed), Value::Array(offered)) if echoed.len() == offered.len() => echoed
            .iter()
            .zip(offered)
            .try_for_each(|(echoed, offered)| same(echoed, offered)),
        _ => same(echoed, offered),
    }
}

/// Equality, for which a number is its value: a peer may write `1.0` as `1`.
fn same(one: &Value, other: &Value) -> Result<(), EchoErrorKind> {
    let same = match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() != other.is_f64() && one.as_f64() == other.as_f64())
        }
        _ => one == other,
    };
    if same {
        Ok(())
    } else {
        Err(EchoErrorKind::Overwritten)
    }
}
