//! Reads XDR (RFC 4506) from a slice.
//!
//! The parts that a transfer is made of are read here, field by field; everything else is left to
//! `stellar-xdr`, in place and within the same limits.

use std::io::Cursor;

use stellar_xdr::{Error as XdrError, Limited, Limits, ReadXdr, WriteXdr};

use super::{DecodeError, DecodeErrorKind, MAX_DEPTH};

/// A position in XDR bytes.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of `bytes`.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            whole: bytes,
            rest: bytes,
        }
    }

    /// How many bytes have been read.
    pub(crate) const fn position(&self) -> usize {
        self.whole.len().saturating_sub(self.rest.len())
    }

    /// The bytes read since `start`.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.whole.get(start..self.position()).unwrap_or_default()
    }

    /// An error of this kind, here.
    pub(crate) const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position())
    }

    /// A value that its type does not have, here.
    pub(crate) const fn invalid(&self) -> DecodeError {
        self.error(DecodeErrorKind::InvalidValue)
    }

    /// Succeeds only when everything has been read.
    pub(crate) fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(DecodeErrorKind::TrailingBytes))
        }
    }

    /// The next `length` bytes, without padding.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.error(DecodeErrorKind::UnexpectedEnd));
        };
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.error(DecodeErrorKind::UnexpectedEnd));
        };
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn i128(&mut self) -> Result<i128, DecodeError> {
        self.array().map(i128::from_be_bytes)
    }

    /// The tag of an optional value.
    pub(crate) fn flag(&mut self) -> Result<bool, DecodeError> {
        let here = *self;
        match self.u32()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(here.invalid()),
        }
    }

    /// The length of a list or string of at most `most` elements.
    pub(crate) fn length(&mut self, most: u32) -> Result<u32, DecodeError> {
        let here = *self;
        let length = self.u32()?;
        if length > most {
            return Err(here.error(DecodeErrorKind::LengthExceedsMax));
        }
        Ok(length)
    }

    /// A string or opaque value of at most `most` bytes, with its padding.
    pub(crate) fn opaque(&mut self, most: u32) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(self.length(most)?).unwrap_or(usize::MAX);
        let taken = self.take(length)?;
        let padding = length.next_multiple_of(4).saturating_sub(length);
        let here = *self;
        if self.take(padding)?.iter().any(|byte| *byte != 0) {
            return Err(here.error(DecodeErrorKind::NonZeroPadding));
        }
        Ok(taken)
    }

    /// Whether the bytes ahead are exactly these; they are then read.
    pub(crate) fn eat(&mut self, expected: &[u8]) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A value of any type that `stellar-xdr` knows.
    ///
    /// `stellar-xdr` takes any number for a boolean, and with it several encodings of one value;
    /// only the canonical one is taken here.
    pub(crate) fn value<T: ReadXdr + WriteXdr>(&mut self) -> Result<T, DecodeError> {
        let start = *self;
        let limits = Limits {
            depth: MAX_DEPTH,
            len: self.rest.len(),
        };
        let mut source = Limited::new(Cursor::new(self.rest), limits.clone());
        let result = T::read_xdr(&mut source);
        let read = usize::try_from(source.inner.position()).unwrap_or(usize::MAX);
        let taken = self.take(read.min(self.rest.len()))?;
        let value = result.map_err(|e| self.error(kind_of(&e)))?;
        match value.to_xdr(limits) {
            Ok(canonical) if canonical == taken => Ok(value),
            _ => Err(start.invalid()),
        }
    }
}

fn kind_of(error: &XdrError) -> DecodeErrorKind {
    match error {
        XdrError::DepthLimitExceeded => DecodeErrorKind::TooDeep,
        XdrError::LengthExceedsMax => DecodeErrorKind::LengthExceedsMax,
        XdrError::NonZeroPadding => DecodeErrorKind::NonZeroPadding,
        XdrError::Io(_) | XdrError::LengthLimitExceeded => DecodeErrorKind::UnexpectedEnd,
        _ => DecodeErrorKind::InvalidValue,
    }
}
