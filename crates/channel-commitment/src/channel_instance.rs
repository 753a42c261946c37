//! What the contract keeps of a channel: its instance entry in the ledger.

use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{ContractDataDurability, ContractExecutable, LedgerEntryData, ScVal};

use crate::{
    CommitmentPublicKey, DecodeError, DecodeErrorKind, MAX_ENTRY_BYTES, codec,
    contract_value::{self, Fields},
};

/// A channel as its contract keeps it.
///
/// How much it holds is not in here but with its token: see [`TokenBalance`](crate::TokenBalance).
/// What was deposited in all is `withdrawn` and that balance together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelInstance {
    /// The channel: the contract whose instance this is.
    pub channel: ContractId,
    /// The hash of the contract's code.
    pub wasm_hash: [u8; 32],
    /// The token that is paid in.
    pub token: ContractId,
    /// Who deposits, and gets back what is not paid (the contract's `from`).
    pub funder: Address,
    /// Who is paid (the contract's `to`).
    pub recipient: Address,
    /// Whose signatures count.
    pub commitment_key: CommitmentPublicKey,
    /// How many ledgers the recipient has after the funder began to close.
    pub refund_waiting_period: u32,
    /// What the recipient took so far, in base units.
    pub withdrawn: BaseUnits,
    /// From which ledger on the funder can take back what is left; `None` while the channel is open.
    pub close_effective_at_ledger: Option<u32>,
}

impl ChannelInstance {
    /// The key of the entry: XDR of a `LedgerKey`, to ask the ledger with.
    #[must_use]
    pub fn key(channel: &ContractId) -> Vec<u8> {
        [
            &LEDGER_KEY_CONTRACT_DATA.to_be_bytes(),
            &SC_ADDRESS_CONTRACT.to_be_bytes(),
            channel.as_bytes().as_slice(),
            &SCV_LEDGER_KEY_CONTRACT_INSTANCE.to_be_bytes(),
            &DURABILITY_PERSISTENT.to_be_bytes(),
        ]
        .concat()
    }

    /// The key of the entry that holds the code with this SHA-256: XDR of a `LedgerKey`.
    #[must_use]
    pub fn code_key(wasm_hash: &[u8; 32]) -> Vec<u8> {
        [
            &LEDGER_KEY_CONTRACT_CODE.to_be_bytes(),
            wasm_hash.as_slice(),
        ]
        .concat()
    }

    /// Reads the entry: XDR of a `LedgerEntryData` of at most [`MAX_ENTRY_BYTES`].
    ///
    /// What the contract keeps under other names is ignored. Whether the code, the token or the
    /// recipient are the right ones is for the caller to judge.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the bytes are not exactly the instance of a contract with the storage of
    /// a channel: names are missing, there twice, or of another type.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        let other = DecodeError::new(DecodeErrorKind::OtherEntry);
        let LedgerEntryData::ContractData(entry) = codec::decode(bytes, MAX_ENTRY_BYTES)? else {
            return Err(other);
        };
        let (Some(channel), ScVal::LedgerKeyContractInstance, ContractDataDurability::Persistent) = (
            contract_value::contract_address(&entry.contract),
            &entry.key,
            entry.durability,
        ) else {
            return Err(other);
        };
        let ScVal::ContractInstance(instance) = &entry.val else {
            return Err(other);
        };
        let ContractExecutable::Wasm(wasm_hash) = &instance.executable else {
            return Err(DecodeError::new(DecodeErrorKind::NotWasm));
        };
        let empty = stellar_xdr::ScMap::default();
        let storage = Fields::of_storage(instance.storage.as_ref().unwrap_or(&empty));
        Ok(Self {
            channel,
            wasm_hash: wasm_hash.0,
            token: storage.required("Token", contract_value::contract)?,
            funder: storage.required("From", contract_value::address)?,
            recipient: storage.required("To", contract_value::address)?,
            commitment_key: storage.required("CommitmentKey", contract_value::public_key)?,
            refund_waiting_period: storage.required("RefundWaitingPeriod", contract_value::u32)?,
            withdrawn: storage
                .optional("WithdrawnAmount", contract_value::units)?
                .unwrap_or(BaseUnits::ZERO),
            close_effective_at_ledger: storage
                .optional("CloseEffectiveAtLedger", contract_value::u32)?,
        })
    }
}

const LEDGER_KEY_CONTRACT_CODE: u32 = 7;
pub(crate) const LEDGER_KEY_CONTRACT_DATA: u32 = 6;
pub(crate) const SC_ADDRESS_CONTRACT: u32 = 1;
pub(crate) const DURABILITY_PERSISTENT: u32 = 1;
const SCV_LEDGER_KEY_CONTRACT_INSTANCE: u32 = 20;
