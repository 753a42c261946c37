//! Checking ed25519 signatures exactly as the network does.

use coinslot_stellar_address::AccountId;
use ed25519_dalek::{Signature, VerifyingKey};

/// Whether `signature` over `message` is one that the network accepts for `account`.
///
/// This is the strict check of the Soroban host: keys and nonces of small order, scalars not below
/// the group's order and encodings that do not decompress are refused. A laxer check would accept
/// payments that the chain then refuses.
#[must_use]
pub fn verify_signature(account: &AccountId, message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(account.as_bytes()).is_ok_and(|key| {
        key.verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    })
}

#[cfg(test)]
mod tests;
