//! What a transaction carries beside its operation.

use stellar_xdr::Memo as XdrMemo;

use crate::codec::{DecodeError, Reader, Writer};

/// The times between which a transaction is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeBounds {
    /// Not before this time.
    pub min_time: u64,
    /// Not after this time; zero means no end.
    pub max_time: u64,
}

/// A note on a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Memo {
    /// None.
    #[default]
    None,
    /// At most 28 bytes, by custom of text; more are cut off when written.
    Text(Vec<u8>),
    /// A number.
    Id(u64),
    /// A hash.
    Hash([u8; 32]),
    /// The hash of a transaction whose money comes back with this one.
    Return([u8; 32]),
}

impl Memo {
    /// Reads a `Memo`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.eat(&MEMO_NONE.to_be_bytes()) {
            return Ok(Self::None);
        }
        Ok(match reader.value::<XdrMemo>()? {
            XdrMemo::None => Self::None,
            XdrMemo::Text(text) => Self::Text(text.to_vec()),
            XdrMemo::Id(id) => Self::Id(id),
            XdrMemo::Hash(hash) => Self::Hash(hash.0),
            XdrMemo::Return(hash) => Self::Return(hash.0),
        })
    }

    /// Writes a `Memo`.
    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::None => writer.u32(MEMO_NONE),
            Self::Text(text) => writer
                .u32(MEMO_TEXT)
                .opaque(text.get(..MAX_TEXT_BYTES).unwrap_or(text)),
            Self::Id(id) => writer.u32(MEMO_ID).u64(*id),
            Self::Hash(hash) => writer.u32(MEMO_HASH).raw(hash),
            Self::Return(hash) => writer.u32(MEMO_RETURN).raw(hash),
        };
    }
}

const MEMO_NONE: u32 = 0;
const MEMO_TEXT: u32 = 1;
const MEMO_ID: u32 = 2;
const MEMO_HASH: u32 = 3;
const MEMO_RETURN: u32 = 4;
const MAX_TEXT_BYTES: usize = 28;
