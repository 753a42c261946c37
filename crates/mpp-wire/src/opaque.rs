//! `opaque`: what a server wants to get back (core draft, "Optional Parameters").
//!
//! ```text
//! opaque = base64url without padding of the JCS of a flat JSON object of strings
//! ```
//!
//! Example: `eyJub25jZSI6IkFBRUMifQ`, which is `{"nonce":"AAEC"}`.
//!
//! A client sends it back unchanged, whatever it holds: [`Opaque`]. A server makes it from [`OpaqueData`], which always has a random part,
//! so that no two challenges have the same id.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_strict_json::Error as JsonError;
use serde::{Serialize, Serializer};

use crate::base64url;
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::jcs;
use crate::json::RULES;
use crate::limits::MAX_REQUEST_BYTES;

/// A challenge's `opaque`, as it is on the wire. Only its maker knows what it holds, so it is not decoded until
/// [`entries`](Opaque::entries) is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Opaque(String);

/// What a server puts into `opaque`: a random part, and what else it wants to get back.
///
/// ```
/// use coinslot_mpp_wire::OpaqueData;
/// let data = OpaqueData::new([7; 16]).with("route", "GET /weather")?;
/// let opaque = data.encode();
/// assert_eq!(opaque.entries()?["route"], "GET /weather");
/// assert_eq!(opaque.entries()?["nonce"], "BwcHBwcHBwcHBwcHBwcHBw");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueData {
    /// Sorted as JCS sorts.
    entries: Vec<(String, String)>,
}

/// A name that is already there. `nonce` always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryExists;

impl Opaque {
    /// Reads the parameter's value, without decoding it.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for text that is not of base64url, or too long.
    pub fn parse(encoded: &str) -> Result<Self, HeaderError> {
        Self::from_text(encoded.into())
    }

    pub(crate) fn from_text(encoded: String) -> Result<Self, HeaderError> {
        if encoded.len() > MAX_REQUEST_BYTES {
            return Err(HeaderError::of(
                FIELD,
                HeaderErrorKind::TooLong,
                MAX_REQUEST_BYTES,
            ));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match encoded.bytes().position(|byte| !allowed(byte)) {
            Some(position) => Err(HeaderError::of(FIELD, HeaderErrorKind::Base64, position)),
            None => Ok(Self(encoded)),
        }
    }

    /// Encodes a flat object of strings.
    pub(crate) fn from_entries<'e>(entries: impl IntoIterator<Item = (&'e str, &'e str)>) -> Self {
        let mut sorted: Vec<_> = entries.into_iter().collect();
        sorted.sort_unstable_by(|(left, _), (right, _)| {
            left.encode_utf16().cmp(right.encode_utf16())
        });
        Self::from_sorted(sorted)
    }

    fn from_sorted<'e>(entries: impl IntoIterator<Item = (&'e str, &'e str)>) -> Self {
        let mut json = String::with_capacity(USUAL_BYTES);
        json.push('{');
        for (name, value) in entries {
            if json.len() > 1 {
                json.push(',');
            }
            jcs::write_string(name, &mut json);
            json.push(':');
            jcs::write_string(value, &mut json);
        }
        json.push('}');
        Self(base64url::encode(json))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it holds.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when it is no flat object of strings in base64url, or names something twice. Never for what
    /// [`OpaqueData::encode`] made.
    pub fn entries(&self) -> Result<BTreeMap<String, String>, HeaderError> {
        let json = base64url::decode(&self.0)
            .map_err(|position| HeaderError::of(FIELD, HeaderErrorKind::Base64, position))?;
        RULES
            .decode::<Flat>(&json)
            .map(|Flat(entries)| entries)
            .map_err(|error: JsonError| HeaderError::json(&error).in_field(FIELD))
    }
}

impl OpaqueData {
    /// Nothing but the random part: 16 bytes or more, of which 16 come from the operating system's generator, different for each challenge.
    ///
    /// What a server wants to get back in few bytes can stand behind them; all of it is authenticated.
    #[must_use]
    pub fn new<const N: usize>(nonce: [u8; N]) -> Self {
        const { assert!(N >= 16, "a challenge needs 16 random bytes") };
        Self {
            entries: alloc::vec![(NONCE.into(), base64url::encode(nonce))],
        }
    }

    /// The same with one more entry.
    ///
    /// # Errors
    ///
    /// [`EntryExists`] when there is one of this name.
    pub fn with(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, EntryExists> {
        let name = name.into();
        let place = self
            .entries
            .binary_search_by(|(other, _)| other.encode_utf16().cmp(name.encode_utf16()));
        match place {
            Ok(_) => Err(EntryExists),
            Err(place) => {
                self.entries.insert(place, (name, value.into()));
                Ok(self)
            }
        }
    }

    /// The value of the parameter.
    #[must_use]
    pub fn encode(&self) -> Opaque {
        Opaque::from_sorted(
            self.entries
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opaque({} bytes)", self.0.len())
    }
}

impl Serialize for Opaque {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for EntryExists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of this name is there already; `nonce` always is")
    }
}

impl core::error::Error for EntryExists {}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Opaque {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Opaque".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "What the server wants to get back unchanged.",
            "pattern": "^[-_A-Za-z0-9]*$",
        })
    }
}

/// A flat object of strings in which no name occurs twice.
pub(crate) struct Flat(pub(crate) BTreeMap<String, String>);

impl<'de> serde::Deserialize<'de> for Flat {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

pub(crate) struct FlatVisitor;

impl<'de> serde::de::Visitor<'de> for FlatVisitor {
    type Value = Flat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flat object of strings")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Flat, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, String>()? {
            if entries.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("an object names a member twice"));
            }
        }
        Ok(Flat(entries))
    }
}

/// Room for a nonce and a short entry or two.
const USUAL_BYTES: usize = 128;
const FIELD: &str = "opaque";
const NONCE: &str = "nonce";
