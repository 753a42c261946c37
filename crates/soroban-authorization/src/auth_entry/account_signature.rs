//! The signature of an account within an entry: `Vec[Map{public_key, signature}]`.

use core::{error, fmt};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{AccountId, Address};

use super::{AuthEntry, Credential, UnsignedAuthEntry};
use crate::{
    codec::{Reader, Writer},
    invocation::SCV_BYTES,
    signature::verify_signature,
};

/// Why the signature of an account within an entry is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// The entry is not authorized by an account's signature within it, but by the transaction's
    /// source, by a contract or in another form: only the network can judge it.
    NotAnAccount,
    /// Nothing is in the place of the signature.
    Unsigned,
    /// What is there is not a list of one to twenty signatures with their keys.
    Malformed,
    /// The keys are not in strictly ascending order.
    KeysNotAscending,
    /// The signature is not valid for the key beside it.
    Invalid {
        /// The key, as an account.
        key: AccountId,
    },
    /// All signatures are valid, none is by the account's own key.
    OtherSigners,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAccount => f.write_str("the entry is not authorized by an account's key"),
            Self::Unsigned => f.write_str("the entry is not signed"),
            Self::Malformed => f.write_str(
                "the signature has not the form that the network reads, a list of maps with \
                 public_key and signature",
            ),
            Self::KeysNotAscending => f.write_str("the signing keys are not in ascending order"),
            Self::Invalid { key } => {
                write!(
                    f,
                    "the signature by {key} is not valid for this entry on this network"
                )
            }
            Self::OtherSigners => {
                f.write_str("the entry is signed by other keys than the account's own")
            }
        }
    }
}

impl error::Error for SignatureError {}

/// Checks the signature of an account. See [`AuthEntry::verify_account_signature`].
pub(super) fn verify(entry: &AuthEntry, network: &NetworkId) -> Result<(), SignatureError> {
    let Credential::Address {
        address: Address::Account(account),
        nonce,
        expiration_ledger,
        signed,
    } = entry.credential
    else {
        return Err(SignatureError::NotAnAccount);
    };
    if !signed {
        return Err(SignatureError::Unsigned);
    }
    let mut reader = Reader::new(entry.signature_bytes());
    let signatures = read(&mut reader).ok_or(SignatureError::Malformed)?;
    if !signatures.is_sorted_by(|(one, _), (next, _)| one < next) {
        return Err(SignatureError::KeysNotAscending);
    }
    let payload = UnsignedAuthEntry::from_parts(
        Address::Account(account),
        nonce,
        expiration_ledger,
        entry.invocation_bytes(),
    )
    .payload_hash(network);
    for (key, signature) in &signatures {
        if !verify_signature(key, &payload, signature) {
            return Err(SignatureError::Invalid { key: *key });
        }
    }
    if !signatures.iter().any(|(key, _)| *key == account) {
        return Err(SignatureError::OtherSigners);
    }
    Ok(())
}

/// Reads the signatures; nothing is read when the value has another form.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Vec<(AccountId, [u8; 64])>> {
    let mut ahead = *reader;
    if !(ahead.eat(&SCV_VEC.to_be_bytes()) && ahead.eat(&PRESENT.to_be_bytes())) {
        return None;
    }
    let count = ahead.length(MAX_ACCOUNT_SIGNATURES).ok()?;
    if count == 0 {
        return None;
    }
    let mut signatures = Vec::new();
    for _ in 0..count {
        if !ahead.eat(BEFORE_KEY) {
            return None;
        }
        let key = AccountId::from_bytes(ahead.array().ok()?);
        if !ahead.eat(BEFORE_SIGNATURE) {
            return None;
        }
        signatures.push((key, ahead.array().ok()?));
    }
    *reader = ahead;
    Some(signatures)
}

/// Writes the value with one signature.
pub(super) fn write(writer: &mut Writer, key: &AccountId, signature: &[u8; 64]) {
    writer.u32(SCV_VEC).u32(PRESENT).u32(1);
    writer.raw(BEFORE_KEY).raw(key.as_bytes());
    writer.raw(BEFORE_SIGNATURE).raw(signature);
}

const SCV_VEC: u32 = 16;
const PRESENT: u32 = 1;
/// As many signers as an account can have.
const MAX_ACCOUNT_SIGNATURES: u32 = 20;

/// A map (17) that is present, with two entries; the symbol (15) `public_key`; 32 bytes (13).
const BEFORE_KEY: &[u8] = b"\0\0\0\x11\0\0\0\x01\0\0\0\x02\
    \0\0\0\x0f\0\0\0\x0apublic_key\0\0\
    \0\0\0\x0d\0\0\0\x20";

/// The symbol (15) `signature`; 64 bytes (13).
const BEFORE_SIGNATURE: &[u8] = b"\0\0\0\x0f\0\0\0\x09signature\0\0\0\
    \0\0\0\x0d\0\0\0\x40";

const _: () = assert!(SCV_BYTES == 0x0d);
