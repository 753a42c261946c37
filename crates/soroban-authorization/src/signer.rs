//! Whoever can sign for an account: a key in memory, a wallet, a hardware module.

use core::{error, fmt};

use coinslot_stellar_address::AccountId;

/// Signs 32-byte payloads for one account.
pub trait Signer: Send + Sync {
    /// The account that this signs for.
    fn account_id(&self) -> AccountId;

    /// An ed25519 signature over `payload`.
    ///
    /// # Errors
    ///
    /// When the signer refuses or cannot be reached.
    fn sign(&self, payload: &[u8; 32]) -> Result<[u8; 64], SignError>;

    /// An ed25519 signature over `message` itself, not over a hash of it.
    ///
    /// Hashes of transactions and authorizations have 32 bytes; nothing that has must be signed here. Not every
    /// signer can do this.
    ///
    /// # Errors
    ///
    /// When the signer refuses, cannot be reached, or signs no messages; the last unless implemented.
    fn sign_message(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let _ = message;
        Err(SignError::new(SignErrorKind::NoMessages))
    }
}

/// Why a signer gave no signature.
#[derive(Debug)]
pub struct SignError {
    kind: SignErrorKind,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

/// The ways in which signing fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignErrorKind {
    /// The signer, or the person behind it, refused.
    Refused,
    /// The signer cannot be reached.
    Unavailable,
    /// The signer signs transactions and authorizations, and no messages.
    NoMessages,
}

impl SignError {
    /// A failure without a further cause.
    #[must_use]
    pub const fn new(kind: SignErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// A failure with its cause.
    pub fn with_source(
        kind: SignErrorKind,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> SignErrorKind {
        self.kind
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SignErrorKind::Refused => "the signer refused to sign",
            SignErrorKind::Unavailable => "the signer cannot be reached",
            SignErrorKind::NoMessages => "the signer signs no messages, only transactions",
        })
    }
}

impl error::Error for SignError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}
