//! A secret key held in memory.

use core::{error, fmt, str::FromStr};

use coinslot_stellar_address::{AccountId, StrkeyKind};
use ed25519_dalek::{Signer as _, SigningKey};
use stellar_strkey::ed25519::PrivateKey;

use crate::signer::{SignError, SignErrorKind, Signer};

/// An ed25519 secret key, written `S…`.
///
/// Its `Debug` shows the account only; its memory is overwritten when it is dropped.
///
/// ```
/// use coinslot_soroban_authorization::SecretKey;
///
/// let key = SecretKey::from_seed([7; 32]);
/// assert_eq!(format!("{key:?}"), format!("SecretKey({}, secret not shown)", key.account_id()));
/// ```
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key with this seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The account whose master key this is.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        AccountId::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs any message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The text form `S…`, for the one place where a person must keep it. Never log it.
    #[must_use]
    pub fn expose_secret(&self) -> String {
        PrivateKey(self.0.to_bytes())
            .as_unredacted()
            .to_string()
            .as_str()
            .to_owned()
    }
}

impl Signer for SecretKey {
    fn account_id(&self) -> AccountId {
        self.account_id()
    }

    fn sign(&self, payload: &[u8; 32]) -> Result<[u8; 64], SignError> {
        Ok(self.sign(payload))
    }

    fn sign_message(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        if message.len() == size_of::<[u8; 32]>() {
            return Err(SignError::new(SignErrorKind::Refused));
        }
        Ok(self.sign(message))
    }
}

impl FromStr for SecretKey {
    type Err = ParseSecretKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('S') {
            let key = PrivateKey::from_string(text).map_err(|_| ParseSecretKeyError::Malformed)?;
            return Ok(Self::from_seed(key.0));
        }
        Err(StrkeyKind::of(text).map_or(
            ParseSecretKeyError::Malformed,
            ParseSecretKeyError::WrongKind,
        ))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, secret not shown)", self.account_id())
    }
}

/// Why a text is not a secret key. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseSecretKeyError {
    /// A valid key of another kind.
    WrongKind(StrkeyKind),
    /// Not 56 characters that start with `S`, or the checksum does not match.
    Malformed,
}

impl fmt::Display for ParseSecretKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind(found) => {
                write!(f, "this is {found}; here belongs {}", StrkeyKind::SecretKey)
            }
            Self::Malformed => f.write_str(
                "this is no secret key: it has 56 characters, starts with S and ends with a \
                 checksum that must match",
            ),
        }
    }
}

impl error::Error for ParseSecretKeyError {}

#[cfg(test)]
mod tests;
