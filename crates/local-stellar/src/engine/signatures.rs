//! Who signed, and with what weight.

use ed25519_dalek::{Signature, VerifyingKey};
use stellar_xdr::{
    AccountEntry, AccountId, DecoratedSignature, PublicKey, Signer, SignerKey, Uint256,
};

use super::xdr::sha256;

/// The signatures of one envelope level, and which of them have served.
pub(crate) struct SignatureChecker<'a> {
    hash: [u8; 32],
    signatures: &'a [DecoratedSignature],
    used: Vec<bool>,
}

/// The level of trust that an operation asks of its source account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threshold {
    Low,
    Medium,
    High,
}

impl<'a> SignatureChecker<'a> {
    pub(crate) fn new(hash: [u8; 32], signatures: &'a [DecoratedSignature]) -> Self {
        Self {
            hash,
            signatures,
            used: vec![false; signatures.len()],
        }
    }

    /// Whether the account's signers reach the threshold. Even a threshold of zero asks for one signature.
    pub(crate) fn meets(&mut self, account: &AccountEntry, threshold: Threshold) -> bool {
        let [master, low, medium, high] = account.thresholds.0;
        let needed = match threshold {
            Threshold::Low => low,
            Threshold::Medium => medium,
            Threshold::High => high,
        };
        let mut signers = account.signers.to_vec();
        if master > 0 {
            signers.push(Signer {
                key: SignerKey::Ed25519(key_of(&account.account_id)),
                weight: u32::from(master),
            });
        }
        self.weigh(signers, u32::from(needed))
    }

    /// Whether an extra signer, asked for by the preconditions, signed.
    pub(crate) fn has_signer(&mut self, key: &SignerKey) -> bool {
        let signer = Signer {
            key: key.clone(),
            weight: 1,
        };
        self.weigh(vec![signer], 1)
    }

    /// Whether every signature was needed by someone.
    pub(crate) fn all_used(&self) -> bool {
        self.used.iter().all(|used| *used)
    }

    fn weigh(&mut self, mut signers: Vec<Signer>, needed: u32) -> bool {
        let mut total = 0_u32;
        for signer in &signers {
            if signer.key == SignerKey::PreAuthTx(Uint256(self.hash)) {
                total = total.saturating_add(signer.weight.min(255));
                if total >= needed {
                    return true;
                }
            }
        }
        signers.retain(|signer| !matches!(signer.key, SignerKey::PreAuthTx(_)));
        for (signature, used) in self.signatures.iter().zip(&mut self.used) {
            let position = signers
                .iter()
                .position(|signer| is_signed_by(&self.hash, signature, &signer.key));
            if let Some(position) = position {
                *used = true;
                total = total.saturating_add(signers.swap_remove(position).weight.min(255));
                if total >= needed {
                    return true;
                }
            }
        }
        false
    }
}

fn is_signed_by(hash: &[u8; 32], decorated: &DecoratedSignature, key: &SignerKey) -> bool {
    let signature = decorated.signature.0.as_slice();
    match key {
        SignerKey::Ed25519(key) => {
            hint_of(&key.0) == decorated.hint.0 && verify(&key.0, hash, signature)
        }
        SignerKey::HashX(digest) => {
            hint_of(&digest.0) == decorated.hint.0 && sha256(signature) == digest.0
        }
        SignerKey::Ed25519SignedPayload(signed) => {
            let key = hint_of(&signed.ed25519.0);
            let payload = hint_of(signed.payload.as_slice());
            let hint: Vec<u8> = key.iter().zip(payload).map(|(a, b)| a ^ b).collect();
            hint == decorated.hint.0
                && verify(&signed.ed25519.0, signed.payload.as_slice(), signature)
        }
        SignerKey::PreAuthTx(_) => false,
    }
}

/// The last four bytes, right-padded with zeros when there are fewer.
fn hint_of(bytes: &[u8]) -> [u8; 4] {
    let tail = bytes
        .get(bytes.len().saturating_sub(4)..)
        .unwrap_or_default();
    let mut hint = [0; 4];
    for (to, from) in hint.iter_mut().zip(tail) {
        *to = *from;
    }
    hint
}

fn verify(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_bytes(key),
        Signature::from_slice(signature),
    ) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

/// The raw key of an account.
pub(crate) fn key_of(account: &AccountId) -> Uint256 {
    let PublicKey::PublicKeyTypeEd25519(key) = &account.0;
    key.clone()
}
