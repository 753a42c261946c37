//! An account, `G…`.

use core::{fmt, str::FromStr};

use stellar_strkey::{Strkey, ed25519};

use super::{ParseAddressError, StrkeyKind, kind_of_strkey, strkey};
use crate::codec::{DecodeError, Reader, Writer};

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

    /// The last four bytes of the key, which tell signatures of a transaction apart.
    pub(crate) const fn hint(&self) -> [u8; 4] {
        let [.., a, b, c, d] = self.0;
        [a, b, c, d]
    }

    /// Reads an `AccountID`, that is a `PublicKey`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = *reader;
        match reader.u32()? {
            PUBLIC_KEY_TYPE_ED25519 => Ok(Self(reader.array()?)),
            _ => Err(start.invalid()),
        }
    }

    /// Writes an `AccountID`, or the same bytes: a `MuxedAccount` without an id.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u32(PUBLIC_KEY_TYPE_ED25519).raw(&self.0);
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

const PUBLIC_KEY_TYPE_ED25519: u32 = 0;
