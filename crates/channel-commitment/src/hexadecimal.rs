//! Hexadecimal text of a fixed length, read in either case and written in lower case.

use core::{error, fmt};

/// Reads exactly `2 * N` hexadecimal digits.
pub(crate) fn read<const N: usize>(text: &str) -> Result<[u8; N], HexadecimalError> {
    if let Some(position) = text.bytes().position(|byte| !byte.is_ascii_hexdigit()) {
        return Err(HexadecimalError::Character { position });
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| HexadecimalError::Length { found: text.len() })?;
    Ok(bytes)
}

/// Why a text is not hexadecimal of the right length. It is never repeated: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HexadecimalError {
    Length { found: usize },
    Character { position: usize },
}

/// Reads a signature.
pub(crate) fn read_signature(text: &str) -> Result<[u8; 64], ParseSignatureError> {
    read(text).map_err(|error| match error {
        HexadecimalError::Length { found } => ParseSignatureError::Length { found },
        HexadecimalError::Character { position } => ParseSignatureError::Character { position },
    })
}

/// Why a text is not a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseSignatureError {
    /// Not 128 digits.
    Length {
        /// How many there were.
        found: usize,
    },
    /// A character that is no hexadecimal digit.
    Character {
        /// Its offset in bytes.
        position: usize,
    },
}

impl fmt::Display for ParseSignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => {
                write!(f, "a signature has 128 hexadecimal digits, not {found}")
            }
            Self::Character { position } => write!(
                f,
                "a signature has hexadecimal digits only, see offset {position}"
            ),
        }
    }
}

impl error::Error for ParseSignatureError {}
