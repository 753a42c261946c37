//! How much of a token a channel holds, as the Stellar Asset Contract keeps it.

use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{ContractDataDurability, LedgerEntryData, ScVal};

use crate::{
    DecodeError, DecodeErrorKind, MAX_ENTRY_BYTES,
    channel_instance::{DURABILITY_PERSISTENT, LEDGER_KEY_CONTRACT_DATA, SC_ADDRESS_CONTRACT},
    codec,
    contract_value::{self, Fields},
};

/// A contract's balance of a classic asset, such as USDC. Without an entry it holds nothing.
///
/// Other tokens keep their balances in forms of their own; ask those for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBalance {
    /// The token.
    pub token: ContractId,
    /// Who holds it.
    pub holder: ContractId,
    /// How much, in base units.
    pub amount: BaseUnits,
    /// Whether the holder may send and receive; the issuer can forbid it.
    pub authorized: bool,
    /// Whether the issuer can take it back.
    pub clawback: bool,
}

impl TokenBalance {
    /// The key of the entry: XDR of a `LedgerKey`, to ask the ledger with.
    #[must_use]
    pub fn key(token: &ContractId, holder: &ContractId) -> Vec<u8> {
        [
            &LEDGER_KEY_CONTRACT_DATA.to_be_bytes(),
            &SC_ADDRESS_CONTRACT.to_be_bytes(),
            token.as_bytes().as_slice(),
            BALANCE_OF_CONTRACT,
            holder.as_bytes(),
            &DURABILITY_PERSISTENT.to_be_bytes(),
        ]
        .concat()
    }

    /// Reads the entry: XDR of a `LedgerEntryData` of at most [`MAX_ENTRY_BYTES`].
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the bytes are not exactly a contract's balance in a Stellar Asset
    /// Contract.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        let other = DecodeError::new(DecodeErrorKind::OtherEntry);
        let LedgerEntryData::ContractData(entry) = codec::decode(bytes, MAX_ENTRY_BYTES)? else {
            return Err(other);
        };
        let (Some(token), Some(holder), ContractDataDurability::Persistent) = (
            contract_value::contract_address(&entry.contract),
            holder(&entry.key),
            entry.durability,
        ) else {
            return Err(other);
        };
        let ScVal::Map(Some(value)) = &entry.val else {
            return Err(other);
        };
        let value = Fields::of_struct(value);
        Ok(Self {
            token,
            holder,
            amount: value.required("amount", contract_value::units)?,
            authorized: value.required("authorized", contract_value::boolean)?,
            clawback: value.required("clawback", contract_value::boolean)?,
        })
    }
}

/// `Vec[Symbol("Balance"), Address(contract)]`
fn holder(key: &ScVal) -> Option<ContractId> {
    let ScVal::Vec(Some(key)) = key else {
        return None;
    };
    match key.as_slice() {
        [name, holder] if contract_value::symbol(name) == Some(b"Balance") => {
            contract_value::contract(holder)
        }
        _ => None,
    }
}

/// A list (16) that is present, of two values; the symbol (15) `Balance`; an address (18) of a
/// contract (1).
const BALANCE_OF_CONTRACT: &[u8] = b"\0\0\0\x10\0\0\0\x01\0\0\0\x02\
    \0\0\0\x0f\0\0\0\x07Balance\0\
    \0\0\0\x12\0\0\0\x01";
