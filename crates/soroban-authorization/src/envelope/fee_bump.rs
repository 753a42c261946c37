//! A fee bump: another account pays the fee of a signed transaction (CAP-15).

use core::{error, fmt};

use super::{
    ENVELOPE_TYPE_TX, ENVELOPE_TYPE_TX_FEE_BUMP, Envelope, Version, outline, read_signatures,
};
use crate::{
    address::{AccountId, Address},
    codec::{DecodeError, Reader, Writer},
};

/// Wraps a signed transaction so that `fee_source` pays `fee` stroops for it, all in all.
///
/// The transaction within stays byte for byte what it was, and keeps its hash.
///
/// # Errors
///
/// When `inner` cannot be wrapped or the fee is not positive.
pub fn fee_bump(
    inner: &Envelope,
    fee_source: AccountId,
    fee: i64,
) -> Result<Envelope, FeeBumpError> {
    match inner.version {
        Version::Current => {}
        Version::Old => return Err(FeeBumpError::OldEnvelope),
        Version::FeeBump(_) => return Err(FeeBumpError::AlreadyBumped),
    }
    if inner.signature_count == 0 {
        return Err(FeeBumpError::Unsigned);
    }
    if fee <= 0 {
        return Err(FeeBumpError::Fee);
    }
    let mut writer = Writer::with_capacity(inner.bytes.len().saturating_add(64));
    writer.u32(ENVELOPE_TYPE_TX_FEE_BUMP);
    fee_source.write(&mut writer);
    writer.i64(fee);
    let start = writer.len();
    writer.raw(&inner.bytes);
    let end = writer.len();
    writer.u32(EXT_NONE);
    let signatures_at = writer.len();
    writer.u32(NO_SIGNATURES);
    Ok(Envelope {
        bytes: writer.finish(),
        version: Version::FeeBump(Inner {
            start,
            signatures_at: start.saturating_add(inner.signatures_at),
            signature_count: inner.signature_count,
            end,
        }),
        signatures_at,
        signature_count: NO_SIGNATURES,
    })
}

/// Where in a fee bump the envelope within is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Inner {
    pub(super) start: usize,
    pub(super) signatures_at: usize,
    pub(super) signature_count: u32,
    pub(super) end: usize,
}

/// Reads a `FeeBumpTransaction`.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Inner, DecodeError> {
    Address::read_source(reader)?;
    reader.i64()?;
    let inner = *reader;
    if reader.u32()? != ENVELOPE_TYPE_TX {
        return Err(inner.invalid());
    }
    outline::read(reader).map(drop)?;
    let signatures_at = reader.position();
    let signature_count = read_signatures(reader)?;
    let ext = *reader;
    if reader.u32()? != EXT_NONE {
        return Err(ext.invalid());
    }
    Ok(Inner {
        start: inner.position(),
        signatures_at,
        signature_count,
        end: ext.position(),
    })
}

/// Why a transaction was not wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeeBumpError {
    /// It is a fee bump already: wrap the transaction within it.
    AlreadyBumped,
    /// An envelope of the first version.
    OldEnvelope,
    /// The transaction is not signed.
    Unsigned,
    /// The fee is not positive.
    Fee,
}

impl fmt::Display for FeeBumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyBumped => "the envelope is a fee bump, wrap the transaction within it",
            Self::OldEnvelope => "an envelope of the first version cannot be wrapped here",
            Self::Unsigned => "the transaction is to be signed before it is wrapped",
            Self::Fee => "the fee of a fee bump is a positive number of stroops",
        })
    }
}

impl error::Error for FeeBumpError {}

const EXT_NONE: u32 = 0;
const NO_SIGNATURES: u32 = 0;
