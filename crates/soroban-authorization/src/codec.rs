//! Base64 and XDR within bounds.
//!
//! What comes from outside is decoded with a limit on its length and on its depth, base64 is the
//! strict form (padded, no white space, no stray bits), and the bytes that arrived are the bytes
//! that are kept: nothing is encoded again in order to hash or to verify it.

use core::{error, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};

mod reader;
mod writer;

pub(crate) use reader::Reader;
pub(crate) use writer::Writer;

/// The longest transaction envelope that is decoded, in bytes of XDR: the network's own limit.
pub const MAX_ENVELOPE_BYTES: usize = 132_096;

/// The longest authorization entry that is decoded, in bytes of XDR.
pub const MAX_AUTH_ENTRY_BYTES: usize = 65_536;

/// The longest Soroban transaction data that is decoded, in bytes of XDR.
pub const MAX_RESOURCES_BYTES: usize = 65_536;

/// The longest event that is decoded, in bytes of XDR.
pub const MAX_EVENT_BYTES: usize = 65_536;

/// The longest key of a ledger entry that is decoded, in bytes of XDR.
pub const MAX_LEDGER_KEY_BYTES: usize = 4_096;

/// How deeply values may nest in anything that is decoded.
pub const MAX_DEPTH: u32 = 128;

/// Why bytes or text could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    position: usize,
}

/// The ways in which decoding fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Longer than `limit` bytes of XDR.
    TooLong {
        /// The limit, in bytes of XDR.
        limit: usize,
    },
    /// Not strict base64: a foreign character, missing or extra padding, stray bits.
    Base64,
    /// The bytes end within a value.
    UnexpectedEnd,
    /// Bytes follow the value.
    TrailingBytes,
    /// Values nest more deeply than [`MAX_DEPTH`].
    TooDeep,
    /// A list or string is longer than its type allows.
    LengthExceedsMax,
    /// The padding after a string or opaque value is not zero.
    NonZeroPadding,
    /// A tag, flag or text that the type does not have.
    InvalidValue,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where: an offset in the text for [`DecodeErrorKind::Base64`], in the XDR bytes otherwise.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position;
        match self.kind {
            DecodeErrorKind::TooLong { limit } => {
                write!(f, "longer than the limit of {limit} bytes of XDR")
            }
            DecodeErrorKind::Base64 => write!(f, "not strict base64 at character {at}"),
            DecodeErrorKind::UnexpectedEnd => write!(f, "XDR ends within a value at byte {at}"),
            DecodeErrorKind::TrailingBytes => {
                write!(f, "bytes follow the XDR value from byte {at}")
            }
            DecodeErrorKind::TooDeep => {
                write!(f, "XDR nests more than {MAX_DEPTH} deep at byte {at}")
            }
            DecodeErrorKind::LengthExceedsMax => {
                write!(
                    f,
                    "XDR list or string longer than its type allows at byte {at}"
                )
            }
            DecodeErrorKind::NonZeroPadding => write!(f, "XDR padding is not zero at byte {at}"),
            DecodeErrorKind::InvalidValue => {
                write!(f, "XDR tag, flag or text is not a valid one at byte {at}")
            }
        }
    }
}

impl error::Error for DecodeError {}

/// Decodes strict base64 of at most `limit` bytes.
pub(crate) fn from_base64(text: &str, limit: usize) -> Result<Vec<u8>, DecodeError> {
    let most = limit.div_ceil(3).saturating_mul(4);
    if text.len() > most {
        return Err(DecodeError::new(DecodeErrorKind::TooLong { limit }, 0));
    }
    STANDARD.decode(text).map_err(|e| {
        let position = match e {
            base64::DecodeError::InvalidByte(at, _)
            | base64::DecodeError::InvalidLastSymbol(at, _) => at,
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                text.len()
            }
        };
        DecodeError::new(DecodeErrorKind::Base64, position)
    })
}

/// Encodes as padded base64.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Refuses more than `limit` bytes.
pub(crate) fn within(bytes: &[u8], limit: usize) -> Result<(), DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::new(DecodeErrorKind::TooLong { limit }, limit));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
