//! A contract, `C…`.

use core::{fmt, str::FromStr};

use stellar_strkey::{Contract, Strkey};

use crate::parse::{ParseAddressError, StrkeyKind, kind_of_strkey, strkey};

/// A contract, written `C…`. Tokens are named by their contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractId([u8; 32]);

impl ContractId {
    /// The contract with this id.
    #[must_use]
    pub const fn from_bytes(id: [u8; 32]) -> Self {
        Self(id)
    }

    /// The id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for ContractId {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let belongs = &[StrkeyKind::Contract];
        match strkey(text, belongs)? {
            Strkey::Contract(id) => Ok(Self(id.0)),
            other => Err(ParseAddressError::found(kind_of_strkey(&other), belongs)),
        }
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Contract(self.0).to_string())
    }
}

impl fmt::Debug for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContractId({self})")
    }
}
