//! XDR within bounds, and what can be wrong with an entry or an event.

use core::{error, fmt};
use std::io::Cursor;

use stellar_xdr::{Error as XdrError, Limited, Limits, ReadXdr, WriteXdr};

/// The longest ledger entry that is decoded, in bytes of XDR.
pub const MAX_ENTRY_BYTES: usize = 65_536;

/// The longest event, or part of one, that is decoded, in bytes of XDR.
pub const MAX_EVENT_BYTES: usize = 65_536;

/// How deeply values may nest in anything that is decoded.
pub const MAX_DEPTH: u32 = 128;

/// Decodes exactly one value of at most `limit` bytes.
///
/// `stellar-xdr` takes any number for a boolean, and with it several encodings of one value; only the
/// canonical one is taken here.
pub(crate) fn decode<T: ReadXdr + WriteXdr>(bytes: &[u8], limit: usize) -> Result<T, DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::at(DecodeErrorKind::TooLong { limit }, limit));
    }
    let limits = Limits {
        depth: MAX_DEPTH,
        len: bytes.len(),
    };
    let mut source = Limited::new(Cursor::new(bytes), limits.clone());
    let result = T::read_xdr(&mut source);
    let read = usize::try_from(source.inner.position())
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let value = result.map_err(|error| DecodeError::at(kind_of(&error), read))?;
    if read < bytes.len() {
        return Err(DecodeError::at(DecodeErrorKind::TrailingBytes, read));
    }
    let canonical = value
        .to_xdr(limits)
        .map_err(|_| DecodeError::at(DecodeErrorKind::InvalidValue, 0))?;
    match canonical
        .iter()
        .zip(bytes)
        .position(|(ours, is)| ours != is)
    {
        None => Ok(value),
        Some(position) => Err(DecodeError::at(DecodeErrorKind::InvalidValue, position)),
    }
}

fn kind_of(error: &XdrError) -> DecodeErrorKind {
    match error {
        XdrError::DepthLimitExceeded => DecodeErrorKind::TooDeep,
        XdrError::Io(_) | XdrError::LengthLimitExceeded => DecodeErrorKind::UnexpectedEnd,
        _ => DecodeErrorKind::InvalidValue,
    }
}

/// Why bytes are not the ledger entry or event that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    position: Option<usize>,
}

/// The ways in which bytes are not the entry or event that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Longer than `limit` bytes of XDR.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The bytes end within a value.
    UnexpectedEnd,
    /// Bytes follow the value.
    TrailingBytes,
    /// Values nest more deeply than [`MAX_DEPTH`].
    TooDeep,
    /// A tag, length, padding or text that the type does not have.
    InvalidValue,
    /// Valid, but another kind of ledger entry than the one that is read.
    OtherEntry,
    /// The contract is not one of code: it is a built-in one.
    NotWasm,
    /// An event with one of the channel's names has more topics than its name.
    MoreTopics,
    /// What is under this name in the contract is not there.
    Missing(&'static str),
    /// What is under this name in the contract is not of its type, or out of its range.
    WrongType(&'static str),
    /// This name is there twice.
    Repeated(&'static str),
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind) -> Self {
        Self {
            kind,
            position: None,
        }
    }

    const fn at(kind: DecodeErrorKind, position: usize) -> Self {
        Self {
            kind,
            position: Some(position),
        }
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where in the bytes, when they are not XDR of the type; `None` when they are, and mean
    /// something else.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        self.position
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DecodeErrorKind::TooLong { limit } => {
                return write!(f, "longer than the limit of {limit} bytes of XDR");
            }
            DecodeErrorKind::UnexpectedEnd => f.write_str("XDR ends within a value")?,
            DecodeErrorKind::TrailingBytes => f.write_str("bytes follow the XDR value")?,
            DecodeErrorKind::TooDeep => write!(f, "XDR nests more than {MAX_DEPTH} deep")?,
            DecodeErrorKind::InvalidValue => f.write_str("XDR is not valid")?,
            DecodeErrorKind::OtherEntry => f.write_str("this is another kind of ledger entry")?,
            DecodeErrorKind::NotWasm => f.write_str("the contract has no code of its own")?,
            DecodeErrorKind::MoreTopics => {
                f.write_str("an event of a channel has one topic, its name")?;
            }
            DecodeErrorKind::Missing(name) => write!(f, "the contract's `{name}` is missing")?,
            DecodeErrorKind::WrongType(name) => {
                write!(f, "the contract's `{name}` is not of its type")?;
            }
            DecodeErrorKind::Repeated(name) => write!(f, "the contract's `{name}` is there twice")?,
        }
        match self.position {
            Some(position) => write!(f, " at byte {position}"),
            None => Ok(()),
        }
    }
}

impl error::Error for DecodeError {}
