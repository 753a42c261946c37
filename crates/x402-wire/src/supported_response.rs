//! `SupportedResponse`: what a facilitator can do (specification v2, §7.3), the answer to `GET /supported`.
//!
//! Example:
//!
//! ```json
//! {
//!   "kinds": [{
//!     "x402Version": 2, "scheme": "exact", "network": "stellar:testnet",
//!     "extra": { "areFeesSponsored": true }
//!   }],
//!   "extensions": [],
//!   "signers": { "stellar:*": ["GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5"] }
//! }
//! ```
//!
//! # Errors
//!
//! A kind of another protocol version, or on a network whose name is not CAIP-2, is of no use here and is passed over; so are the
//! signers of a pattern that is not CAIP-2. An empty list of kinds is a valid answer: whoever needs one of them must look.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_caip2_network::{ChainId, ChainIdRef, ChainPattern};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::{self, JsonError};
use crate::member;
use crate::x402_version::X402Version;

/// What a facilitator verifies and settles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupportedResponse {
    /// The kinds of payment.
    pub kinds: Vec<SupportedKind>,
    /// The extensions, by name.
    pub extensions: Vec<String>,
    /// The facilitator's own addresses, by the chains on which it signs.
    #[cfg_attr(feature = "schemars", schemars(with = "BTreeMap<String, Vec<String>>"))]
    pub signers: BTreeMap<ChainPattern, Vec<String>>,
}

/// One kind of payment that a facilitator supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupportedKind {
    /// The protocol version.
    pub x402_version: X402Version,
    /// The payment scheme, such as `exact`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub scheme: String,
    /// The chain.
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Chain"))]
    pub network: ChainId,
    /// What the scheme adds, on Stellar `areFeesSponsored`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

impl SupportedKind {
    /// A scheme on a chain, without `extra`.
    pub fn new(scheme: impl Into<String>, network: ChainId) -> Self {
        Self {
            x402_version: X402Version::V2,
            scheme: scheme.into(),
            network,
            extra: None,
        }
    }

    /// The same with one more member in `extra`; an earlier value under this name is replaced.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra
            .get_or_insert_default()
            .insert(name.into(), value.into());
        self
    }
}

impl SupportedResponse {
    /// The kind for a scheme on a chain, if it is supported.
    #[must_use]
    pub fn kind(&self, scheme: &str, network: ChainIdRef<'_>) -> Option<&SupportedKind> {
        self.kinds
            .iter()
            .find(|kind| kind.scheme == scheme && kind.network == network)
    }

    /// Reads the answer to `GET /supported`.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for whatever is not this message.
    pub fn from_json(bytes: &[u8]) -> Result<Self, JsonError> {
        json::decode(bytes)
    }

    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        json::encode(self)
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "SupportedResponse", rename_all = "camelCase")]
struct Received {
    #[serde(deserialize_with = "kinds")]
    kinds: Vec<SupportedKind>,
    #[serde(default)]
    extensions: Vec<String>,
    #[serde(default, deserialize_with = "signers")]
    signers: BTreeMap<ChainPattern, Vec<String>>,
}

coinslot_strict_json::read_as_object!(SupportedResponse, Received);

/// What is accepted as a kind, but for its version and network.
#[derive(Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
struct ReceivedKind {
    x402_version: u64,
    #[serde(deserialize_with = "member::not_empty")]
    scheme: String,
    network: String,
    #[serde(default, deserialize_with = "coinslot_strict_json::optional_object")]
    extra: Option<Map<String, Value>>,
}

coinslot_strict_json::read_as_object!(ReceivedKind, ReceivedKind);

impl ReceivedKind {
    /// The kind, if it is one of this protocol version on a chain with a CAIP-2 name.
    fn known(self) -> Option<SupportedKind> {
        if self.x402_version != X402Version::V2.as_u64() {
            return None;
        }
        Some(SupportedKind {
            x402_version: X402Version::V2,
            scheme: self.scheme,
            network: ChainId::try_from(self.network).ok()?,
            extra: self.extra,
        })
    }
}

impl<'de> Deserialize<'de> for SupportedKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <ReceivedKind as Deserialize>::deserialize(deserializer)?
            .known()
            .ok_or_else(|| D::Error::custom("not a kind of x402 version 2 on a CAIP-2 network"))
    }
}

fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SupportedKind>, D::Error> {
    deserializer.deserialize_seq(Kinds)
}

fn signers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<ChainPattern, Vec<String>>, D::Error> {
    deserializer.deserialize_map(Signers)
}

struct Kinds;

impl<'de> Visitor<'de> for Kinds {
    type Value = Vec<SupportedKind>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of supported kinds")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut kinds = Vec::new();
        while let Some(entry) = entries.next_element::<ReceivedKind>()? {
            kinds.extend(entry.known());
        }
        Ok(kinds)
    }
}

struct Signers;

impl<'de> Visitor<'de> for Signers {
    type Value = BTreeMap<ChainPattern, Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of addresses by chain pattern")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut signers = BTreeMap::new();
        while let Some((pattern, addresses)) = members.next_entry::<String, Vec<String>>()? {
            let Ok(pattern) = pattern.parse() else {
                continue;
            };
            if signers.insert(pattern, addresses).is_some() {
                return Err(A::Error::custom("signers names a pattern twice"));
            }
        }
        Ok(signers)
    }
}
