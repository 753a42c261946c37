//! The DID of an account on a chain, the `source` of a credential (did:pkh method specification).
//!
//! ```text
//! did = "did:pkh:" namespace ":" reference ":" account
//! account = 1*128( ALPHA / DIGIT / "-" / "." / "%" )
//! ```
//!
//! Example: `did:pkh:stellar:testnet:GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5`.
//!
//! # Errors
//!
//! [`DidPkhError`] for whatever the grammar does not derive. Whether the account exists, or is one, is for the method to judge.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use coinslot_caip2_network::ChainId;

/// An account on a chain.
///
/// ```
/// use coinslot_mpp_wire::DidPkh;
/// let payer: DidPkh = "did:pkh:stellar:testnet:GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5".parse()?;
/// assert_eq!(payer.chain().to_string(), "stellar:testnet");
/// assert!(payer.account().starts_with("GB4STQEP"));
/// # Ok::<(), coinslot_mpp_wire::DidPkhError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DidPkh {
    chain: ChainId,
    account: String,
}

/// Text that is no DID of an account on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DidPkhError;

impl DidPkh {
    /// The DID of an account.
    ///
    /// # Errors
    ///
    /// [`DidPkhError`] for an account that is empty, longer than 128 bytes or has characters that accounts do not have.
    pub fn new(chain: ChainId, account: impl Into<String>) -> Result<Self, DidPkhError> {
        let account = account.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'%');
        if account.is_empty() || account.len() > 128 || !account.bytes().all(allowed) {
            return Err(DidPkhError);
        }
        Ok(Self { chain, account })
    }

    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// The account, as the chain names it.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl FromStr for DidPkh {
    type Err = DidPkhError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix("did:pkh:").ok_or(DidPkhError)?;
        let (chain, account) = id.rsplit_once(':').ok_or(DidPkhError)?;
        Self::new(chain.parse().map_err(|_| DidPkhError)?, account)
    }
}

impl fmt::Display for DidPkh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "did:pkh:{}:{}", self.chain, self.account)
    }
}

impl fmt::Display for DidPkhError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account's DID is written as did:pkh:stellar:testnet:G…")
    }
}

impl core::error::Error for DidPkhError {}
