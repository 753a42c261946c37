//! Reads over a footprint.
//!
//! The keys that a transfer of a classic asset touches are read here; any other key is left to
//! `stellar-xdr`.

use stellar_xdr::{LedgerKey, ScVal};

use crate::{
    address::{read_account, read_address},
    codec::{DecodeError, Reader},
};

/// Reads a `LedgerFootprint`: what is read only, then what is written too.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    read_keys(reader)?;
    read_keys(reader)
}

fn read_keys(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    for _ in 0..reader.length(u32::MAX)? {
        read_key(reader)?;
    }
    Ok(())
}

/// Reads a `LedgerKey`.
fn read_key(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let start = *reader;
    match reader.u32()? {
        ACCOUNT => {
            read_account(reader)?;
        }
        TRUSTLINE => {
            read_account(reader)?;
            let asset = *reader;
            match reader.u32()? {
                ASSET_ALPHANUM4 => reader.take(4)?,
                ASSET_ALPHANUM12 => reader.take(12)?,
                _ => {
                    *reader = asset;
                    reader.value::<stellar_xdr::TrustLineAsset>()?;
                    return Ok(());
                }
            };
            read_account(reader)?;
        }
        CONTRACT_DATA => {
            read_address(reader)?;
            read_contract_key(reader)?;
            reader.flag()?;
        }
        CONTRACT_CODE => {
            reader.take(32)?;
        }
        _ => {
            *reader = start;
            reader.value::<LedgerKey>()?;
        }
    }
    Ok(())
}

/// Reads the `SCVal` under which a contract keeps something.
fn read_contract_key(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let start = *reader;
    match reader.u32()? {
        SCV_CONTRACT_INSTANCE => {}
        SCV_NONCE => {
            reader.i64()?;
        }
        _ => {
            *reader = start;
            reader.value::<ScVal>()?;
        }
    }
    Ok(())
}

const ACCOUNT: u32 = 0;
const TRUSTLINE: u32 = 1;
const CONTRACT_DATA: u32 = 6;
const CONTRACT_CODE: u32 = 7;
const ASSET_ALPHANUM4: u32 = 1;
const ASSET_ALPHANUM12: u32 = 2;
const SCV_CONTRACT_INSTANCE: u32 = 20;
const SCV_NONCE: u32 = 21;
