//! An account, `G…`.

use core::{fmt, str::FromStr};

use stellar_strkey::{Strkey, ed25519};

use crate::parse::{ParseAddressError, StrkeyKind, kind_of_strkey, strkey};

/// An account: its ed25519 public key, written `G…`.
///
/// Any 32 bytes are an account id, whether or not they are a point of the curve: an account's own
/// key may have been disabled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 32]);

impl AccountId {
    /// The account that nobody controls, `GAAA…WHF`: the source of transactions that are only
    /// simulated.
    pub const ALL_ZEROS: Self = Self([0; 32]);

    /// The account with this public key.
    #[must_use]
    pub const fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The public key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let belongs = &[StrkeyKind::Account];
        match strkey(text, belongs)? {
            Strkey::PublicKeyEd25519(key) => Ok(Self(key.0)),
            other => Err(ParseAddressError::found(kind_of_strkey(&other), belongs)),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&ed25519::PublicKey(self.0).to_string())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({self})")
    }
}
