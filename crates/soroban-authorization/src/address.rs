//! Addresses in XDR: `SCAddress`, `AccountID` and `MuxedAccount`.

use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};

use crate::codec::{DecodeError, Reader, Writer};

/// Reads an `SCAddress`; `None` when it is of a kind that holds no tokens by itself.
pub(crate) fn read_address(reader: &mut Reader<'_>) -> Result<Option<Address>, DecodeError> {
    let start = *reader;
    match reader.u32()? {
        SC_ADDRESS_ACCOUNT => Ok(Some(read_account(reader)?.into())),
        SC_ADDRESS_CONTRACT => Ok(Some(ContractId::from_bytes(reader.array()?).into())),
        SC_ADDRESS_MUXED => {
            let id = reader.u64()?;
            let account = AccountId::from_bytes(reader.array()?);
            Ok(Some(MuxedAccountId::new(account, id).into()))
        }
        _ => {
            *reader = start;
            reader.value::<stellar_xdr::ScAddress>()?;
            Ok(None)
        }
    }
}

/// Writes an `SCAddress`.
pub(crate) fn write_address(address: &Address, writer: &mut Writer) {
    match address {
        Address::Account(account) => {
            writer.u32(SC_ADDRESS_ACCOUNT);
            write_account(account, writer);
        }
        Address::Contract(contract) => {
            writer.u32(SC_ADDRESS_CONTRACT).raw(contract.as_bytes());
        }
        Address::Muxed(muxed) => {
            writer
                .u32(SC_ADDRESS_MUXED)
                .u64(muxed.id())
                .raw(muxed.account().as_bytes());
        }
    }
}

/// Reads an `AccountID`, that is a `PublicKey`.
pub(crate) fn read_account(reader: &mut Reader<'_>) -> Result<AccountId, DecodeError> {
    let start = *reader;
    match reader.u32()? {
        KEY_TYPE_ED25519 => Ok(AccountId::from_bytes(reader.array()?)),
        _ => Err(start.invalid()),
    }
}

/// Writes an `AccountID`, or the same bytes: a `MuxedAccount` without an id.
pub(crate) fn write_account(account: &AccountId, writer: &mut Writer) {
    writer.u32(KEY_TYPE_ED25519).raw(account.as_bytes());
}

/// Reads a `MuxedAccount`, the form of transaction and operation sources.
pub(crate) fn read_source(reader: &mut Reader<'_>) -> Result<Address, DecodeError> {
    let start = *reader;
    match reader.u32()? {
        KEY_TYPE_ED25519 => Ok(AccountId::from_bytes(reader.array()?).into()),
        KEY_TYPE_MUXED_ED25519 => {
            let id = reader.u64()?;
            let account = AccountId::from_bytes(reader.array()?);
            Ok(MuxedAccountId::new(account, id).into())
        }
        _ => Err(start.invalid()),
    }
}

/// The last four bytes of an account's key, which tell signatures of a transaction apart.
pub(crate) const fn signature_hint(account: &AccountId) -> [u8; 4] {
    let [.., a, b, c, d] = *account.as_bytes();
    [a, b, c, d]
}

const SC_ADDRESS_ACCOUNT: u32 = 0;
const SC_ADDRESS_CONTRACT: u32 = 1;
const SC_ADDRESS_MUXED: u32 = 2;
const KEY_TYPE_ED25519: u32 = 0;
const KEY_TYPE_MUXED_ED25519: u32 = 0x100;
