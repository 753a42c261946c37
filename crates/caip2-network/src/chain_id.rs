//! Chain ids as CAIP-2 writes them, owned and borrowed.
//!
//! ```text
//! chain_id  = namespace ":" reference
//! namespace = 3*8( "-" / a-z / 0-9 )
//! reference = 1*32( "-" / "_" / a-z / A-Z / 0-9 )
//! ```
//!
//! Example: `stellar:testnet`. Upper and lower case are different references.
//!
//! # Errors
//!
//! Every parser here refuses, with kind and position, whatever the grammar does not derive.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::parse_error::{ParseChainIdError, ParseChainIdErrorKind as Kind};

/// Stellar's public network, `stellar:pubnet`.
pub const STELLAR_PUBNET: ChainIdRef<'static> = known("stellar:pubnet", "stellar", "pubnet");
/// Stellar's test network, `stellar:testnet`.
pub const STELLAR_TESTNET: ChainIdRef<'static> = known("stellar:testnet", "stellar", "testnet");
/// Base, `eip155:8453`.
pub const BASE: ChainIdRef<'static> = known("eip155:8453", "eip155", "8453");
/// The test network of Base, `eip155:84532`.
pub const BASE_SEPOLIA: ChainIdRef<'static> = known("eip155:84532", "eip155", "84532");
/// Solana's main network, by the first 32 characters of its genesis hash.
pub const SOLANA: ChainIdRef<'static> = known(
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
    "solana",
    "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
);
/// Solana's development network, by the first 32 characters of its genesis hash.
pub const SOLANA_DEVNET: ChainIdRef<'static> = known(
    "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
    "solana",
    "EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
);

/// A chain id that owns its text.
///
/// ```
/// use coinslot_caip2_network::ChainId;
/// let id: ChainId = "eip155:8453".parse()?;
/// assert_eq!(id.reference(), "8453");
/// # Ok::<(), coinslot_caip2_network::ParseChainIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(String);

/// A chain id inside somebody else's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainIdRef<'a> {
    // The text comes first: it alone decides the order.
    text: &'a str,
    namespace: &'a str,
    reference: &'a str,
}

impl ChainId {
    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the colon: the family of chains.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.as_ref().namespace
    }

    /// What stands after the colon: the chain within its family.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.as_ref().reference
    }

    /// The id, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> ChainIdRef<'_> {
        let (namespace, reference) = self.0.split_once(':').unwrap_or_default();
        ChainIdRef {
            text: &self.0,
            namespace,
            reference,
        }
    }
}

impl<'a> ChainIdRef<'a> {
    /// Reads a chain id.
    ///
    /// # Errors
    ///
    /// What the grammar of CAIP-2 does not derive is refused, with kind and position.
    pub fn parse(text: &'a str) -> Result<Self, ParseChainIdError> {
        let (namespace, reference) = split(text)?;
        check_reference(namespace, reference)?;
        Ok(Self {
            text,
            namespace,
            reference,
        })
    }

    /// The whole id.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// What stands before the colon: the family of chains.
    #[must_use]
    pub const fn namespace(self) -> &'a str {
        self.namespace
    }

    /// What stands after the colon: the chain within its family.
    #[must_use]
    pub const fn reference(self) -> &'a str {
        self.reference
    }

    /// A copy that owns its text.
    #[must_use]
    pub fn to_owned(self) -> ChainId {
        ChainId(ToOwned::to_owned(self.text))
    }
}

impl FromStr for ChainId {
    type Err = ParseChainIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ChainIdRef::parse(text).map(ChainIdRef::to_owned)
    }
}

impl TryFrom<&str> for ChainId {
    type Error = ParseChainIdError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for ChainId {
    type Error = ParseChainIdError;

    /// Keeps the text, without a copy.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        ChainIdRef::parse(&text)?;
        Ok(Self(text))
    }
}

impl<'a> TryFrom<&'a str> for ChainIdRef<'a> {
    type Error = ParseChainIdError;

    fn try_from(text: &'a str) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<ChainIdRef<'_>> for ChainId {
    fn from(id: ChainIdRef<'_>) -> Self {
        id.to_owned()
    }
}

impl From<ChainId> for String {
    fn from(id: ChainId) -> Self {
        id.0
    }
}

impl PartialEq<ChainIdRef<'_>> for ChainId {
    fn eq(&self, other: &ChainIdRef<'_>) -> bool {
        self.0 == other.text
    }
}

impl PartialEq<ChainId> for ChainIdRef<'_> {
    fn eq(&self, other: &ChainId) -> bool {
        self.text == other.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for ChainIdRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

impl fmt::Debug for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainId({})", self.0)
    }
}

impl fmt::Debug for ChainIdRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainIdRef({})", self.text)
    }
}

/// Cuts at the first colon and checks the namespace.
pub(crate) fn split(text: &str) -> Result<(&str, &str), ParseChainIdError> {
    let (namespace, reference) = text
        .split_once(':')
        .ok_or(ParseChainIdError::new(Kind::MissingColon, text.len()))?;
    if let Some(position) = namespace.bytes().position(|byte| !in_namespace(byte)) {
        return Err(ParseChainIdError::new(Kind::NamespaceCharacter, position));
    }
    if namespace.len() < NAMESPACE_MIN {
        return Err(ParseChainIdError::new(
            Kind::NamespaceTooShort,
            namespace.len(),
        ));
    }
    if namespace.len() > NAMESPACE_MAX {
        return Err(ParseChainIdError::new(
            Kind::NamespaceTooLong,
            NAMESPACE_MAX,
        ));
    }
    Ok((namespace, reference))
}

fn check_reference(namespace: &str, reference: &str) -> Result<(), ParseChainIdError> {
    let start = namespace.len().saturating_add(1);
    let error = |kind, offset| Err(ParseChainIdError::new(kind, start.saturating_add(offset)));
    if let Some(offset) = reference.bytes().position(|byte| !in_reference(byte)) {
        return error(Kind::ReferenceCharacter, offset);
    }
    if reference.is_empty() {
        return error(Kind::ReferenceEmpty, 0);
    }
    if reference.len() > REFERENCE_MAX {
        return error(Kind::ReferenceTooLong, REFERENCE_MAX);
    }
    Ok(())
}

const fn in_namespace(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')
}

const fn in_reference(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// For the constants above; a test parses each of them.
const fn known(
    text: &'static str,
    namespace: &'static str,
    reference: &'static str,
) -> ChainIdRef<'static> {
    ChainIdRef {
        text,
        namespace,
        reference,
    }
}

const NAMESPACE_MIN: usize = 3;
const NAMESPACE_MAX: usize = 8;
const REFERENCE_MAX: usize = 32;

#[cfg(test)]
mod tests;
