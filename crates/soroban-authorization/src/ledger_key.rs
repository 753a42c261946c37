//! The keys under which the ledger holds what it holds.

use coinslot_stellar_address::ContractId;

use crate::{
    address::write_address,
    codec::{self, DecodeError, MAX_LEDGER_KEY_BYTES, Reader, Writer},
};

/// A `LedgerKey`, kept as its XDR bytes: one encoding, so that equal keys are equal bytes.
///
/// ```
/// use coinslot_soroban_authorization::LedgerKey;
/// use coinslot_stellar_address::ContractId;
///
/// let token: ContractId = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA".parse()?;
/// let key = LedgerKey::contract_instance(&token);
/// assert_eq!(LedgerKey::from_xdr(key.as_xdr()), Ok(key));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerKey(Vec<u8>);

impl LedgerKey {
    /// Decodes XDR, at most [`MAX_LEDGER_KEY_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one key.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::within(bytes, MAX_LEDGER_KEY_BYTES)?;
        let mut reader = Reader::new(bytes);
        reader.value::<stellar_xdr::LedgerKey>()?;
        reader.finish()?;
        Ok(Self(bytes.to_vec()))
    }

    /// A contract's instance: which code it runs, and its instance storage.
    #[must_use]
    pub fn contract_instance(contract: &ContractId) -> Self {
        let mut writer = Writer::with_capacity(48);
        writer.u32(CONTRACT_DATA);
        write_address(&(*contract).into(), &mut writer);
        writer.u32(SCV_LEDGER_KEY_CONTRACT_INSTANCE).u32(PERSISTENT);
        Self(writer.finish())
    }

    /// The code of contracts, by its SHA-256.
    #[must_use]
    pub fn contract_code(wasm_hash: &[u8; 32]) -> Self {
        let mut writer = Writer::with_capacity(36);
        writer.u32(CONTRACT_CODE).raw(wasm_hash);
        Self(writer.finish())
    }

    /// The XDR bytes.
    #[must_use]
    pub fn as_xdr(&self) -> &[u8] {
        &self.0
    }

    /// Encodes as base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        codec::to_base64(&self.0)
    }
}

const CONTRACT_DATA: u32 = 6;
const CONTRACT_CODE: u32 = 7;
const SCV_LEDGER_KEY_CONTRACT_INSTANCE: u32 = 20;
const PERSISTENT: u32 = 1;
