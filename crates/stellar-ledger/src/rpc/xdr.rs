//! XDR in answers, decoded within limits, and the keys of ledger entries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coinslot_soroban_authorization::ClassicAsset;
use coinslot_stellar_address::{AccountId, Address, ContractId};
use stellar_xdr::{
    AccountId as XdrAccountId, AlphaNum4, AlphaNum12, AssetCode4, AssetCode12,
    ContractDataDurability, ContractId as XdrContractId, Hash, LedgerKey, LedgerKeyAccount,
    LedgerKeyContractData, LedgerKeyTrustLine, Limits, PublicKey, ReadXdr, ScAddress, ScNonceKey,
    ScVal, TrustLineAsset, Uint256, WriteXdr,
};

use crate::{LedgerError, Malformation, MalformedAnswer};

/// How deeply values may nest.
const MAX_DEPTH: u32 = 200;

/// The longest XDR that is decoded, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Decodes a member that holds strict base64 of exactly one value.
pub(super) fn decode<T: ReadXdr>(
    method: &'static str,
    name: &'static str,
    text: &str,
) -> Result<T, LedgerError> {
    decode_with_bytes(method, name, text).map(|(value, _)| value)
}

/// As [`decode`], with the bytes.
pub(super) fn decode_with_bytes<T: ReadXdr>(
    method: &'static str,
    name: &'static str,
    text: &str,
) -> Result<(T, Vec<u8>), LedgerError> {
    let malformed = || MalformedAnswer {
        method,
        what: Malformation::Xdr(name),
    };
    if text.len() / 4 > MAX_BYTES / 3 {
        return Err(malformed().into());
    }
    let bytes = STANDARD.decode(text).map_err(|_| malformed())?;
    let limits = Limits {
        depth: MAX_DEPTH,
        len: bytes.len(),
    };
    match T::from_xdr(&bytes, limits) {
        Ok(value) => Ok((value, bytes)),
        Err(_) => Err(malformed().into()),
    }
}

/// Encodes a value of our own as bytes; `None` when it cannot be, being too long.
pub(super) fn encode(value: &impl WriteXdr) -> Option<Vec<u8>> {
    value
        .to_xdr(Limits {
            depth: MAX_DEPTH,
            len: MAX_BYTES,
        })
        .ok()
}

/// Encodes a value of our own as base64.
pub(super) fn encode_base64(value: &impl WriteXdr) -> Option<String> {
    Some(STANDARD.encode(encode(value)?))
}

pub(super) fn account_key(account: &AccountId) -> LedgerKey {
    LedgerKey::Account(LedgerKeyAccount {
        account_id: account_id(account),
    })
}

/// The key of a trustline; the native asset has none.
pub(super) fn trustline_key(account: &AccountId, asset: &ClassicAsset) -> Option<LedgerKey> {
    let ClassicAsset::Credit { code, issuer } = asset else {
        return None;
    };
    let issuer = account_id(issuer);
    let code = code.as_str().as_bytes();
    let asset = if code.len() <= 4 {
        let asset_code = AssetCode4(padded(code)?);
        TrustLineAsset::CreditAlphanum4(AlphaNum4 { asset_code, issuer })
    } else {
        let asset_code = AssetCode12(padded(code)?);
        TrustLineAsset::CreditAlphanum12(AlphaNum12 { asset_code, issuer })
    };
    Some(LedgerKey::Trustline(LedgerKeyTrustLine {
        account_id: account_id(account),
        asset,
    }))
}

/// The key of the temporary entry by which the host remembers an authorization's nonce.
pub(super) fn nonce_key(payer: &Address, nonce: i64) -> LedgerKey {
    LedgerKey::ContractData(LedgerKeyContractData {
        contract: address(payer),
        key: ScVal::LedgerKeyNonce(ScNonceKey { nonce }),
        durability: ContractDataDurability::Temporary,
    })
}

/// The address as contracts see it: a muxed account is its account.
pub(super) fn address(address: &Address) -> ScAddress {
    match address {
        Address::Account(account) => ScAddress::Account(account_id(account)),
        Address::Muxed(muxed) => ScAddress::Account(account_id(&muxed.account())),
        Address::Contract(contract) => ScAddress::Contract(contract_id(contract)),
    }
}

pub(super) fn contract_id(contract: &ContractId) -> XdrContractId {
    XdrContractId(Hash(*contract.as_bytes()))
}

pub(super) fn account_id(account: &AccountId) -> XdrAccountId {
    XdrAccountId(PublicKey::PublicKeyTypeEd25519(Uint256(
        *account.as_bytes(),
    )))
}

fn padded<const N: usize>(code: &[u8]) -> Option<[u8; N]> {
    let mut padded = [0; N];
    padded.get_mut(..code.len())?.copy_from_slice(code);
    Some(padded)
}
