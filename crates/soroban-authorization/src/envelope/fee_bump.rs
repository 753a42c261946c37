//! A fee bump: another account pays the fee of a signed transaction (CAP-15).

use core::{error, fmt};

use coinslot_stellar_address::AccountId;

use super::{
    ENVELOPE_TYPE_TX, ENVELOPE_TYPE_TX_FEE_BUMP, Envelope, Version, outline, read_signatures,
};
use crate::{
    address::{read_source, write_account},
    codec::{DecodeError, Reader, Writer},
    transfer::NotATransferKind,
};

/// Wraps a signed transaction so that `fee_source` pays `fee` stroops for it, all in all.
///
/// The transaction within stays byte for byte what it was, and keeps its hash.
///
/// # Errors
///
/// When `inner` cannot be wrapped, or the fee is below what the network takes: the resource fee, and
/// for each operation and the fee bump itself no less than the transaction within bids.
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
    let minimum = minimum_fee(inner);
    if fee < minimum {
        return Err(FeeBumpError::FeeTooLow { minimum });
    }
    let mut writer = Writer::with_capacity(inner.bytes.len().saturating_add(64));
    writer.u32(ENVELOPE_TYPE_TX_FEE_BUMP);
    write_account(&fee_source, &mut writer);
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

/// The least fee that the network takes for a fee bump around a transaction (CAP-15): its bid for
/// each operation must not be below that of the transaction within, nor below the network's minimum;
/// the bump counts as one more operation.
fn minimum_fee(inner: &Envelope) -> i64 {
    let mut reader = Reader::new(inner.bytes.get(4..).unwrap_or_default());
    let Ok((frame, invocation)) = outline::read(&mut reader) else {
        return i64::MAX;
    };
    let operations = match invocation {
        Err(NotATransferKind::OperationCount { found }) => i64::from(found.max(1)),
        _ => 1,
    };
    let resource_fee = frame
        .resources
        .map_or(0, |resources| resources.resource_fee());
    let bid = i64::from(frame.fee).saturating_sub(resource_fee);
    let each_more = operations.saturating_add(1);
    let same_bid = bid
        .saturating_mul(each_more)
        .saturating_add(operations.saturating_sub(1))
        .checked_div(operations)
        .unwrap_or(i64::MAX);
    let least_bid = MIN_FEE_PER_OPERATION.saturating_mul(each_more);
    resource_fee.max(0).saturating_add(same_bid.max(least_bid))
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
    read_source(reader)?;
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
    /// The fee is below what the network takes.
    FeeTooLow {
        /// The least that it takes, in stroops.
        minimum: i64,
    },
}

impl fmt::Display for FeeBumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyBumped => {
                f.write_str("the envelope is a fee bump, wrap the transaction within it")
            }
            Self::OldEnvelope => {
                f.write_str("an envelope of the first version cannot be wrapped here")
            }
            Self::Unsigned => f.write_str("the transaction is to be signed before it is wrapped"),
            Self::FeeTooLow { minimum } => {
                write!(
                    f,
                    "the network takes no less than {minimum} stroops for this fee bump"
                )
            }
        }
    }
}

impl error::Error for FeeBumpError {}

const EXT_NONE: u32 = 0;
/// What the network takes for each operation at least, in stroops.
const MIN_FEE_PER_OPERATION: i64 = 100;
const NO_SIGNATURES: u32 = 0;
