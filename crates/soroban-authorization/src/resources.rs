//! What a Soroban transaction declares to use, as a simulation found it.

use core::fmt;

use stellar_xdr::SorobanResourcesExtV0;

use crate::{
    codec::{self, DecodeError, MAX_RESOURCES_BYTES, Reader, Writer},
    ledger_key::LedgerKey,
};

mod footprint;

/// `SorobanTransactionData`: the footprint, the resource limits and the resource fee.
///
/// Kept as the bytes that were received.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SorobanResources {
    bytes: Vec<u8>,
    instructions: u32,
    disk_read_bytes: u32,
    write_bytes: u32,
    resource_fee: i64,
}

impl SorobanResources {
    /// Decodes base64 of XDR, at most [`MAX_RESOURCES_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the text is not strict base64 or the bytes are not exactly one value.
    pub fn from_base64(text: &str) -> Result<Self, DecodeError> {
        Self::from_xdr(&codec::from_base64(text, MAX_RESOURCES_BYTES)?)
    }

    /// Decodes XDR, at most [`MAX_RESOURCES_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one value.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::within(bytes, MAX_RESOURCES_BYTES)?;
        let mut reader = Reader::new(bytes);
        let resources = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(resources)
    }

    /// A footprint of entries that are only read, to be simulated: what
    /// [`ExtendTtl`](crate::ContractOperation::ExtendTtl) is about. No limits, no fee.
    #[must_use]
    pub fn read_only(keys: &[LedgerKey]) -> Self {
        Self::of_footprint(keys, &[])
    }

    /// A footprint of entries that are written, to be simulated: what
    /// [`Restore`](crate::ContractOperation::Restore) is about. No limits, no fee.
    #[must_use]
    pub fn read_write(keys: &[LedgerKey]) -> Self {
        Self::of_footprint(&[], keys)
    }

    fn of_footprint(read_only: &[LedgerKey], read_write: &[LedgerKey]) -> Self {
        let mut writer = Writer::default();
        writer.u32(EXT_NONE);
        for keys in [read_only, read_write] {
            writer.length(keys.len());
            for key in keys {
                writer.raw(key.as_xdr());
            }
        }
        writer.u32(0).u32(0).u32(0).i64(0);
        Self {
            bytes: writer.finish(),
            instructions: 0,
            disk_read_bytes: 0,
            write_bytes: 0,
            resource_fee: 0,
        }
    }

    /// Encodes as base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        codec::to_base64(&self.bytes)
    }

    /// The XDR bytes.
    #[must_use]
    pub fn as_xdr(&self) -> &[u8] {
        &self.bytes
    }

    /// The most CPU instructions that the call may take.
    #[must_use]
    pub const fn instructions(&self) -> u32 {
        self.instructions
    }

    /// The most bytes that the call may read from disk.
    #[must_use]
    pub const fn disk_read_bytes(&self) -> u32 {
        self.disk_read_bytes
    }

    /// The most bytes that the call may write.
    #[must_use]
    pub const fn write_bytes(&self) -> u32 {
        self.write_bytes
    }

    /// The resource fee in stroops. It is part of the transaction's fee.
    #[must_use]
    pub const fn resource_fee(&self) -> i64 {
        self.resource_fee
    }

    /// The same resources with another fee, in stroops.
    #[must_use]
    pub fn with_resource_fee(mut self, stroops: i64) -> Self {
        let fixed = self.bytes.len().saturating_sub(size_of::<i64>());
        self.bytes.truncate(fixed);
        self.bytes.extend_from_slice(&stroops.to_be_bytes());
        self.resource_fee = stroops;
        self
    }

    /// Reads `SorobanTransactionData`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        if reader.flag()? {
            reader.value::<SorobanResourcesExtV0>()?;
        }
        footprint::read(reader)?;
        let instructions = reader.u32()?;
        let disk_read_bytes = reader.u32()?;
        let write_bytes = reader.u32()?;
        let resource_fee = reader.i64()?;
        Ok(Self {
            bytes: reader.since(start).to_vec(),
            instructions,
            disk_read_bytes,
            write_bytes,
            resource_fee,
        })
    }
}

impl fmt::Debug for SorobanResources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SorobanResources")
            .field("instructions", &self.instructions)
            .field("disk_read_bytes", &self.disk_read_bytes)
            .field("write_bytes", &self.write_bytes)
            .field("resource_fee", &self.resource_fee)
            .finish_non_exhaustive()
    }
}

const EXT_NONE: u32 = 0;
