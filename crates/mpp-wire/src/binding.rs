//! Ids that are bound to what they are for (core draft, "Recommended: HMAC-SHA256 Binding").
//!
//! ```text
//! id = base64url( HMAC-SHA256( secret, realm "|" method "|" intent "|" request "|" expires "|" digest "|" opaque ) )
//! ```
//!
//! There are always seven slots; what is absent is empty. No slot but the first can hold a `|`, so one text stands for one challenge.
//!
//! The draft leaves `expires` optional. Here a challenge without it does not verify: taking it away would make a challenge last forever.
//!
//! # Errors
//!
//! [`SecretError`] for a secret that is too short, [`BindingError`] for a challenge that was not made with any of the secrets.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::{fmt, iter};

use crate::challenge::Challenge;

mod bound;
mod id;
mod keyed_hash;

pub use bound::BoundChallenge;
pub use id::ChallengeId;
pub(crate) use id::is_any_of;
pub(crate) use keyed_hash::KeyedHash;

/// The secrets with which a server binds ids: the newest signs, all verify.
///
/// The secrets themselves are not kept, only the state of the hash function after them.
///
/// ```
/// use coinslot_mpp_wire::ChallengeSecrets;
/// let secrets = ChallengeSecrets::new(b"the new secret, of 32 bytes or more")?
///     .with_previous(b"the old secret, until its challenges expire")?;
/// assert_eq!(format!("{secrets:?}"), "ChallengeSecrets(2 secrets)");
/// assert!(ChallengeSecrets::new(b"too short").is_err());
/// # Ok::<(), coinslot_mpp_wire::SecretError>(())
/// ```
#[derive(Clone)]
pub struct ChallengeSecrets {
    newest: KeyedHash,
    previous: Vec<KeyedHash>,
}

/// What an id is made of, in its order. What is absent is empty. Its `Display` is the text that is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots<'a> {
    /// `realm`.
    pub realm: &'a str,
    /// `method`.
    pub method: &'a str,
    /// `intent`.
    pub intent: &'a str,
    /// `request`, in base64url.
    pub request: &'a str,
    /// `expires`, as written.
    pub expires: &'a str,
    /// `digest`, as written.
    pub digest: &'a str,
    /// `opaque`, in base64url.
    pub opaque: &'a str,
}

/// A secret of fewer than [`ChallengeSecrets::MIN_BYTES`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretError {
    length: usize,
}

/// A challenge that is not ours to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingError {
    kind: BindingErrorKind,
    challenge: Box<Challenge>,
}

/// Why a challenge is not ours to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BindingErrorKind {
    /// Its id was not made with any of the secrets, or not for what it says.
    NotOurs,
    /// It says nothing of when it expires.
    NoExpiry,
    /// It is for another realm than the one it was presented at.
    OtherRealm,
    /// It is for another method or intent than what it was presented for.
    OtherMethod,
    /// It asks for something else than what it was presented for.
    OtherRequest,
}

impl ChallengeSecrets {
    /// The fewest bytes of a secret.
    pub const MIN_BYTES: usize = 32;

    /// One secret, which signs and verifies.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it is too short.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        Ok(Self {
            newest: key(secret.as_ref())?,
            previous: Vec::new(),
        })
    }

    /// The same with an older secret, which verifies only. Leave it in until the challenges that it signed have expired.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it is too short.
    pub fn with_previous(mut self, secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        self.previous.push(key(secret.as_ref())?);
        Ok(self)
    }

    /// The id that the newest secret gives to these slots.
    #[must_use]
    pub fn id_of(&self, slots: &Slots<'_>) -> ChallengeId {
        ChallengeId::of(slots.after(&self.newest))
    }

    /// Whether a challenge was made with one of the secrets, for exactly what it says.
    ///
    /// Whether it has expired is for the caller to ask, who knows the time: [`BoundChallenge::has_expired`]. So is whether it is for the route
    /// at which it was presented; an [`Issuer`](crate::Issuer) answers both this and that.
    ///
    /// # Errors
    ///
    /// [`BindingError`] when it was not, or when it says nothing of when it expires.
    pub fn verify(&self, challenge: Challenge) -> Result<BoundChallenge, BindingError> {
        let slots = challenge.slots();
        let codes = self.keys().map(|key| slots.after(key));
        let ours = is_any_of(challenge.id(), codes);
        BoundChallenge::when(ours, challenge)
    }

    pub(crate) const fn newest(&self) -> &KeyedHash {
        &self.newest
    }

    pub(crate) fn previous(&self) -> &[KeyedHash] {
        &self.previous
    }

    fn keys(&self) -> impl Iterator<Item = &KeyedHash> {
        iter::once(&self.newest).chain(&self.previous)
    }
}

impl<'a> Slots<'a> {
    fn after(&self, key: &KeyedHash) -> [u8; 32] {
        let mut state = key.clone();
        self.add_terms(&mut state);
        state.finish(&self.rest())
    }

    /// The slots that are the same for every challenge of a route.
    pub(crate) fn add_terms(&self, state: &mut KeyedHash) {
        let slots = [self.realm, self.method, self.intent, self.request];
        for slot in slots {
            state.push(slot);
            state.push("|");
        }
    }

    /// The slots that differ from challenge to challenge.
    pub(crate) const fn rest(&self) -> [&'a str; 3] {
        [self.expires, self.digest, self.opaque]
    }
}

impl BindingError {
    pub(crate) fn new(kind: BindingErrorKind, challenge: Challenge) -> Self {
        let challenge = Box::new(challenge);
        Self { kind, challenge }
    }

    /// Why it is not ours.
    #[must_use]
    pub const fn kind(&self) -> BindingErrorKind {
        self.kind
    }

    /// The challenge, as it came.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }
}

impl fmt::Display for Slots<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            realm,
            method,
            intent,
            request,
            expires,
            digest,
            opaque,
        } = self;
        write!(
            f,
            "{realm}|{method}|{intent}|{request}|{expires}|{digest}|{opaque}"
        )
    }
}

impl fmt::Debug for ChallengeSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeSecrets({} secrets)", self.keys().count())
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (length, least) = (self.length, ChallengeSecrets::MIN_BYTES);
        write!(
            f,
            "the secret has {length} bytes: take {least} or more, from a random generator"
        )
    }
}

impl core::error::Error for SecretError {}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            BindingErrorKind::NotOurs => "the challenge was not issued by this server as it is",
            BindingErrorKind::NoExpiry => "the challenge does not say when it expires",
            BindingErrorKind::OtherRealm => "the challenge is for another realm",
            BindingErrorKind::OtherMethod => {
                "the challenge is for another payment method or intent"
            }
            BindingErrorKind::OtherRequest => {
                "the challenge asks for another payment than this route"
            }
        })
    }
}

impl core::error::Error for BindingError {}

fn key(secret: &[u8]) -> Result<KeyedHash, SecretError> {
    let length = secret.len();
    if length < ChallengeSecrets::MIN_BYTES {
        return Err(SecretError { length });
    }
    Ok(KeyedHash::new(secret))
}
