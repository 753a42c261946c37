//! The public key that a channel is opened with.

use core::{fmt, str::FromStr};

use crate::{
    ParseKeyError,
    parse_key_error::{Belongs, read_key},
};

/// A channel's public commitment key, written as 64 lower-case hexadecimal digits.
///
/// Any 32 bytes are one, as in the contract's storage;
/// [`CommitmentVerifier`](crate::CommitmentVerifier) says whether it can have signed anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitmentPublicKey([u8; 32]);

impl CommitmentPublicKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for CommitmentPublicKey {
    type Err = ParseKeyError;

    /// Reads 64 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read_key(text, Belongs::PublicKey).map(Self)
    }
}

impl fmt::Display for CommitmentPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for CommitmentPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitmentPublicKey({self})")
    }
}
