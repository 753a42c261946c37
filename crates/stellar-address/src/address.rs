//! Whoever can hold, send or receive a token.

use core::{fmt, str::FromStr};

use crate::parse::{ParseAddressError, StrkeyKind, kind_of_strkey, strkey};
use crate::{AccountId, ContractId, MuxedAccountId};

/// Whoever can hold, send or receive a token.
///
/// ```
/// use coinslot_stellar_address::Address;
///
/// let address: Address = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA".parse()?;
/// assert!(matches!(address, Address::Contract(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An account, `G…`.
    Account(AccountId),
    /// A contract, `C…`.
    Contract(ContractId),
    /// An account with a 64-bit id beside it, `M…`.
    Muxed(MuxedAccountId),
}

impl Address {
    /// The account behind this address, whichever id is beside it; none for a contract.
    ///
    /// Two addresses with the same account key move the same account's money.
    #[must_use]
    pub const fn account_key(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Muxed(muxed) => Some(muxed.account()),
            Self::Contract(_) => None,
        }
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use stellar_strkey::Strkey;

        let belongs = &[
            StrkeyKind::Account,
            StrkeyKind::Contract,
            StrkeyKind::MuxedAccount,
        ];
        match strkey(text, belongs)? {
            Strkey::PublicKeyEd25519(key) => Ok(Self::Account(AccountId::from_bytes(key.0))),
            Strkey::Contract(id) => Ok(Self::Contract(ContractId::from_bytes(id.0))),
            Strkey::MuxedAccountEd25519(muxed) => Ok(Self::Muxed(MuxedAccountId::new(
                AccountId::from_bytes(muxed.ed25519),
                muxed.id,
            ))),
            other => Err(ParseAddressError::found(kind_of_strkey(&other), belongs)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => fmt::Display::fmt(account, f),
            Self::Contract(contract) => fmt::Display::fmt(contract, f),
            Self::Muxed(muxed) => fmt::Display::fmt(muxed, f),
        }
    }
}

impl From<AccountId> for Address {
    fn from(account: AccountId) -> Self {
        Self::Account(account)
    }
}

impl From<ContractId> for Address {
    fn from(contract: ContractId) -> Self {
        Self::Contract(contract)
    }
}

impl From<MuxedAccountId> for Address {
    fn from(muxed: MuxedAccountId) -> Self {
        Self::Muxed(muxed)
    }
}

#[cfg(test)]
mod tests;
