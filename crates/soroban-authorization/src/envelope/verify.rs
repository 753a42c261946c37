//! Who signed an envelope, and who pays for a fee bump.

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{AccountId, Address};

use super::{Envelope, MAX_SIGNATURES, Version};
use crate::{
    address::{read_source, signature_hint},
    codec::{DecodeError, Reader},
    signature::verify_signature,
};

impl Envelope {
    /// Whether one of the signatures is a valid one by this account's own key, as the network checks it; of a
    /// fee bump, one of the outer signatures.
    ///
    /// Whether the account accepts its own key, or others, is for the network to say.
    #[must_use]
    pub fn is_signed_by(&self, account: &AccountId, network: &NetworkId) -> bool {
        let hash = self.hash(network);
        self.has_signature(|hint, signature| {
            hint == signature_hint(account) && verify_signature(account, hash.as_bytes(), signature)
        })
        .unwrap_or(false)
    }

    /// Who pays for a fee bump; none for any other envelope.
    #[must_use]
    pub fn fee_source(&self) -> Option<Address> {
        let Version::FeeBump(_) = self.version else {
            return None;
        };
        let mut reader = Reader::new(self.bytes.get(4..)?);
        read_source(&mut reader).ok()
    }

    /// Whether any signature of the length of an account's is such, given with the end of its key.
    fn has_signature(
        &self,
        such: impl Fn([u8; 4], &[u8; 64]) -> bool,
    ) -> Result<bool, DecodeError> {
        let bytes = self.bytes.get(self.signatures_at..).unwrap_or_default();
        let mut reader = Reader::new(bytes);
        for _ in 0..reader.length(MAX_SIGNATURES)? {
            let hint = reader.array()?;
            let signature = reader.opaque(MAX_SIGNATURE_BYTES)?;
            if signature
                .try_into()
                .is_ok_and(|signature| such(hint, signature))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

const MAX_SIGNATURE_BYTES: u32 = 64;
