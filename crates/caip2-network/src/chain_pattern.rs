//! Patterns over chain ids: one chain (`stellar:testnet`) or a whole namespace (`stellar:*`).
//!
//! The form is that of the `signers` member of x402's `GET /supported` (specification v2, §7.3).
//! A star stands for a whole reference or not at all; `*`, `*:*` and `stellar:test*` are refused.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use crate::chain_id::{ChainId, ChainIdRef, split};
use crate::parse_error::ParseChainIdError;

/// One chain, or all chains of a namespace.
///
/// ```
/// use coinslot_caip2_network::{BASE, ChainPattern, STELLAR_PUBNET};
/// let pattern: ChainPattern = "stellar:*".parse()?;
/// assert!(pattern.matches(STELLAR_PUBNET));
/// assert!(!pattern.matches(BASE));
/// # Ok::<(), coinslot_caip2_network::ParseChainIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainPattern(String);

impl ChainPattern {
    /// The pattern for every chain of this chain's namespace.
    #[must_use]
    pub fn namespace_of(id: ChainIdRef<'_>) -> Self {
        Self([id.namespace(), ":*"].concat())
    }

    /// The pattern's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern covers this chain.
    #[must_use]
    pub fn matches(&self, id: ChainIdRef<'_>) -> bool {
        match self.0.strip_suffix(":*") {
            Some(namespace) => namespace == id.namespace(),
            None => self.0 == id.as_str(),
        }
    }
}

impl FromStr for ChainPattern {
    type Err = ParseChainIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if split(text)?.1 != "*" {
            ChainIdRef::parse(text)?;
        }
        Ok(Self(text.to_string()))
    }
}

impl TryFrom<&str> for ChainPattern {
    type Error = ParseChainIdError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ChainId> for ChainPattern {
    /// The pattern that covers this chain alone.
    fn from(id: ChainId) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for ChainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ChainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainPattern({})", self.0)
    }
}
