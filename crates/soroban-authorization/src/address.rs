//! Addresses as what they are: accounts `G…`, contracts `C…`, muxed accounts `M…` (SEP-23).
//!
//! The checksum of a text form is always checked. An error says what was found where something
//! else belongs, and never repeats what was given: it may have been a secret key.

use core::{fmt, str::FromStr};

use crate::codec::{DecodeError, Reader, Writer};

mod account_id;
mod contract_id;
mod muxed_account_id;
mod parse;

pub use account_id::AccountId;
pub use contract_id::ContractId;
pub use muxed_account_id::MuxedAccountId;
pub use parse::{ParseAddressError, ParseAddressErrorKind, StrkeyKind};
pub(crate) use parse::{kind_of_strkey, strkey};

/// Whoever can hold, send or receive a token.
///
/// ```
/// use coinslot_soroban_authorization::Address;
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

    /// Reads an `SCAddress`; `None` when it is of a kind that holds no tokens by itself.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let start = *reader;
        match reader.u32()? {
            SC_ADDRESS_ACCOUNT => Ok(Some(Self::Account(AccountId::read(reader)?))),
            SC_ADDRESS_CONTRACT => Ok(Some(Self::Contract(ContractId::from_bytes(
                reader.array()?,
            )))),
            SC_ADDRESS_MUXED => {
                let id = reader.u64()?;
                let account = AccountId::from_bytes(reader.array()?);
                Ok(Some(Self::Muxed(MuxedAccountId::new(account, id))))
            }
            _ => {
                *reader = start;
                reader.value::<stellar_xdr::ScAddress>()?;
                Ok(None)
            }
        }
    }

    /// Writes an `SCAddress`.
    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Account(account) => {
                writer.u32(SC_ADDRESS_ACCOUNT);
                account.write(writer);
            }
            Self::Contract(contract) => {
                writer.u32(SC_ADDRESS_CONTRACT).raw(contract.as_bytes());
            }
            Self::Muxed(muxed) => {
                writer
                    .u32(SC_ADDRESS_MUXED)
                    .u64(muxed.id())
                    .raw(muxed.account().as_bytes());
            }
        }
    }

    /// Reads a `MuxedAccount`, the form of transaction and operation sources.
    pub(crate) fn read_source(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = *reader;
        match reader.u32()? {
            KEY_TYPE_ED25519 => Ok(Self::Account(AccountId::from_bytes(reader.array()?))),
            KEY_TYPE_MUXED_ED25519 => {
                let id = reader.u64()?;
                let account = AccountId::from_bytes(reader.array()?);
                Ok(Self::Muxed(MuxedAccountId::new(account, id)))
            }
            _ => Err(start.invalid()),
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

const SC_ADDRESS_ACCOUNT: u32 = 0;
const SC_ADDRESS_CONTRACT: u32 = 1;
const SC_ADDRESS_MUXED: u32 = 2;
const KEY_TYPE_ED25519: u32 = 0;
const KEY_TYPE_MUXED_ED25519: u32 = 0x100;

#[cfg(test)]
mod tests;
