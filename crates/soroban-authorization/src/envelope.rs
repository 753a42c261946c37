//! Transaction envelopes, kept as the bytes that were received.

use core::{error, fmt};

use coinslot_caip2_network::NetworkId;
use sha2::{Digest as _, Sha256};
use stellar_xdr::{DecoratedSignature, TransactionV0, VecM};

use crate::{
    address::signature_hint,
    codec::{self, DecodeError, MAX_ENVELOPE_BYTES, Reader, Writer},
    signer::{SignError, Signer},
    transaction_hash::TransactionHash,
};

mod build;
mod fee_bump;
mod memo;
mod outline;
mod recognise;
mod verify;

pub use build::{ContractTransaction, TransferTransaction};
use fee_bump::Inner;
pub use fee_bump::{FeeBumpError, fee_bump};
pub use memo::{Memo, TimeBounds};
pub use recognise::{InvocationEnvelope, TransferEnvelope};

/// The most signatures that an envelope can carry.
pub const MAX_SIGNATURES: u32 = 20;

/// A transaction, or a fee bump around one, with its signatures.
///
/// ```
/// use coinslot_soroban_authorization::Envelope;
///
/// assert!(Envelope::from_base64("AAAAAgAA").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Envelope {
    bytes: Vec<u8>,
    version: Version,
    /// Where the signatures begin; what is before them is what is signed.
    signatures_at: usize,
    signature_count: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Version {
    /// The first version, without Soroban.
    Old,
    Current,
    FeeBump(Inner),
}

impl Envelope {
    /// Decodes base64 of XDR, at most [`MAX_ENVELOPE_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the text is not strict base64 or the bytes are not exactly one envelope.
    pub fn from_base64(text: &str) -> Result<Self, DecodeError> {
        Self::from_bytes(codec::from_base64(text, MAX_ENVELOPE_BYTES)?)
    }

    /// Decodes XDR, at most [`MAX_ENVELOPE_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one envelope.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::within(bytes, MAX_ENVELOPE_BYTES)?;
        Self::from_bytes(bytes.to_vec())
    }

    fn from_bytes(bytes: Vec<u8>) -> Result<Self, DecodeError> {
        codec::within(&bytes, MAX_ENVELOPE_BYTES)?;
        let mut reader = Reader::new(&bytes);
        let start = reader;
        let version = match reader.u32()? {
            ENVELOPE_TYPE_TX_V0 => {
                reader.value::<TransactionV0>()?;
                Version::Old
            }
            ENVELOPE_TYPE_TX => {
                outline::read(&mut reader).map(drop)?;
                Version::Current
            }
            ENVELOPE_TYPE_TX_FEE_BUMP => Version::FeeBump(fee_bump::read(&mut reader)?),
            _ => return Err(start.invalid()),
        };
        let signatures_at = reader.position();
        let signature_count = read_signatures(&mut reader)?;
        reader.finish()?;
        Ok(Self {
            bytes,
            version,
            signatures_at,
            signature_count,
        })
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

    /// The XDR bytes, owned.
    #[must_use]
    pub fn to_xdr(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The hash by which the network knows this transaction; of a fee bump, the outer one.
    #[must_use]
    pub fn hash(&self, network: &NetworkId) -> TransactionHash {
        let mut hasher = Sha256::new().chain_update(network.as_bytes());
        let signed = self.bytes.get(..self.signatures_at).unwrap_or_default();
        if self.version == Version::Old {
            // Hashed as if it were of the current version, whose source has a key type before it.
            hasher.update(ENVELOPE_TYPE_TX.to_be_bytes());
            hasher.update(KEY_TYPE_ED25519.to_be_bytes());
            hasher.update(signed.get(4..).unwrap_or_default());
        } else {
            // The type of the envelope is also the tag of what is signed.
            hasher.update(signed);
        }
        TransactionHash::from_bytes(hasher.finalize().into())
    }

    /// The hash of the transaction within a fee bump, which stays the same however often its fee
    /// is bumped; of any other envelope, its own.
    #[must_use]
    pub fn inner_hash(&self, network: &NetworkId) -> TransactionHash {
        self.inner()
            .map_or_else(|| self.hash(network), |inner| inner.hash(network))
    }

    /// The envelope within a fee bump.
    #[must_use]
    pub fn inner(&self) -> Option<Self> {
        let Version::FeeBump(inner) = self.version else {
            return None;
        };
        Some(Self {
            bytes: self.bytes.get(inner.start..inner.end)?.to_vec(),
            version: Version::Current,
            signatures_at: inner.signatures_at.saturating_sub(inner.start),
            signature_count: inner.signature_count,
        })
    }

    /// Whether this is a fee bump.
    #[must_use]
    pub const fn is_fee_bump(&self) -> bool {
        matches!(self.version, Version::FeeBump(_))
    }

    /// How many signatures the envelope carries; of a fee bump, the outer ones.
    #[must_use]
    pub const fn signature_count(&self) -> u32 {
        self.signature_count
    }

    /// Adds the signature of an account.
    ///
    /// # Errors
    ///
    /// When there is no room for it, or the signer gives none.
    pub fn sign(
        &mut self,
        signer: &dyn Signer,
        network: &NetworkId,
    ) -> Result<(), SignEnvelopeError> {
        let count = match self.signature_count.checked_add(1) {
            Some(count) if count <= MAX_SIGNATURES => count,
            _ => return Err(SignEnvelopeError::TooManySignatures),
        };
        let hash = self.hash(network);
        let signature = signer
            .sign(hash.as_bytes())
            .map_err(SignEnvelopeError::Signer)?;
        let mut writer = Writer::with_capacity(self.bytes.len().saturating_add(72));
        writer
            .raw(self.bytes.get(..self.signatures_at).unwrap_or_default())
            .u32(count);
        let present = self.signatures_at.saturating_add(4);
        writer.raw(self.bytes.get(present..).unwrap_or_default());
        writer
            .raw(&signature_hint(&signer.account_id()))
            .opaque(&signature);
        self.bytes = writer.finish();
        self.signature_count = count;
        Ok(())
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("bytes", &self.bytes.len())
            .field("is_fee_bump", &self.is_fee_bump())
            .field("signatures", &self.signature_count)
            .finish_non_exhaustive()
    }
}

/// Why an envelope was not signed.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignEnvelopeError {
    /// It carries [`MAX_SIGNATURES`] already.
    TooManySignatures,
    /// The signer gave no signature.
    Signer(SignError),
}

impl fmt::Display for SignEnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySignatures => {
                write!(
                    f,
                    "the envelope carries {MAX_SIGNATURES} signatures already"
                )
            }
            Self::Signer(_) => f.write_str("the signer gave no signature"),
        }
    }
}

impl error::Error for SignEnvelopeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Signer(source) => Some(source),
            Self::TooManySignatures => None,
        }
    }
}

/// Reads the signatures of an envelope and tells how many there are.
fn read_signatures(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let mut ahead = *reader;
    let count = ahead.u32()?;
    if count == 0 {
        *reader = ahead;
    } else {
        reader.value::<VecM<DecoratedSignature, MAX_SIGNATURES>>()?;
    }
    Ok(count)
}

const ENVELOPE_TYPE_TX_V0: u32 = 0;
const ENVELOPE_TYPE_TX: u32 = 2;
const ENVELOPE_TYPE_TX_FEE_BUMP: u32 = 5;
const KEY_TYPE_ED25519: u32 = 0;

#[cfg(test)]
mod tests;
