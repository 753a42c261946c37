//! The hash of a transaction.

use core::{error, fmt, str::FromStr};

/// The hash by which the network knows a transaction, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionHash([u8; 32]);

impl TransactionHash {
    /// The hash with these bytes.
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

impl FromStr for TransactionHash {
    type Err = ParseTransactionHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 64 {
            return Err(ParseTransactionHashError::Length { found: text.len() });
        }
        if let Some(position) = text
            .bytes()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(ParseTransactionHashError::Character { position });
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| ParseTransactionHashError::Length { found: text.len() })?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for TransactionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for TransactionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionHash({self})")
    }
}

/// Why a text is not a transaction hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseTransactionHashError {
    /// Not 64 characters.
    Length {
        /// How many bytes there were.
        found: usize,
    },
    /// A character that is not a lower-case hexadecimal digit.
    Character {
        /// Its offset.
        position: usize,
    },
}

impl fmt::Display for ParseTransactionHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => {
                write!(
                    f,
                    "a transaction hash has 64 hexadecimal digits, not {found} characters"
                )
            }
            Self::Character { position } => write!(
                f,
                "a transaction hash has lower-case hexadecimal digits only, see offset {position}"
            ),
        }
    }
}

impl error::Error for ParseTransactionHashError {}
