//! Minting and verifying the challenges of one route: of one realm, method, intent and request.
//!
//! What all challenges of a route have in common is hashed and written once. What differs comes in as an argument: when it expires, a
//! random part, and the digest of the request's body if it has one.
//!
//! # Errors
//!
//! [`HeaderError`](crate::HeaderError) for terms that a header cannot carry, [`BindingError`] for challenges that were not issued here.

use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, iter};

use crate::binding::{
    BindingError, BoundChallenge, ChallengeId, ChallengeSecrets, KeyedHash, Slots, is_any_of,
};
use crate::body_digest::BodyDigest;
use crate::challenge::{Challenge, SCHEME, push_parameter};
use crate::opaque::{Opaque, OpaqueData};
use crate::timestamp::Timestamp;

mod terms;

pub use terms::Terms;

/// Mints the challenges of one route and knows them again.
///
/// ```
/// use coinslot_mpp_wire::{
///     ChallengeSecrets, Challenge, EncodedRequest, IntentName, Issuer, MethodName, OpaqueData, Terms, Timestamp,
/// };
///
/// let secrets = ChallengeSecrets::new([7; 32])?;
/// let request = EncodedRequest::parse("eyJhbW91bnQiOiIxMDAwMCJ9")?;
/// let terms = Terms::new("api.example.com", MethodName::stellar(), IntentName::charge(), request)?;
/// let issuer = Issuer::new(&secrets, terms);
///
/// // Random bytes and the time come from the caller.
/// let expires = Timestamp::from_unix_seconds(1_767_700_800)?;
/// let header = issuer.mint(expires, &OpaqueData::new([42; 16]), None).to_header();
///
/// // The client sends it back with its payment.
/// let echoed = Challenge::from_header(&header)?;
/// let bound = issuer.verify(echoed)?;
/// assert!(!bound.has_expired(1_767_700_500));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Issuer {
    terms: Terms,
    /// The state of the hash function after the newest secret and the terms.
    newest: KeyedHash,
    previous: Vec<KeyedHash>,
    /// The parameters that are the same in every challenge, as written.
    parameters: String,
}

/// A challenge that was just minted. It borrows what it has in common with others.
#[derive(Clone, Debug)]
pub struct IssuedChallenge<'a> {
    issuer: &'a Issuer,
    id: ChallengeId,
    digest: Option<BodyDigest>,
    expires: Timestamp,
    opaque: Opaque,
}

impl Issuer {
    /// Mints and verifies challenges of these terms with these secrets.
    #[must_use]
    pub fn new(secrets: &ChallengeSecrets, terms: Terms) -> Self {
        let after_terms = |key: &KeyedHash| {
            let mut state = key.clone();
            terms.slots().add_terms(&mut state);
            state
        };
        let newest = after_terms(secrets.newest());
        let previous = secrets.previous().iter().map(after_terms).collect();
        let parameters = terms.parameters();
        Self {
            terms,
            newest,
            previous,
            parameters,
        }
    }

    /// What the challenges ask for.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Mints a challenge, signed with the newest secret.
    ///
    /// It is accepted until `expires`, together with a request body of this digest if one is given. Give `opaque` new random bytes each
    /// time: they make the id that of one challenge only.
    #[must_use]
    pub fn mint(
        &self,
        expires: Timestamp,
        opaque: &OpaqueData,
        digest: Option<BodyDigest>,
    ) -> IssuedChallenge<'_> {
        let opaque = opaque.encode();
        let slots = Slots {
            expires: expires.as_str(),
            digest: digest.as_ref().map_or("", BodyDigest::as_str),
            opaque: opaque.as_str(),
            ..self.terms.slots()
        };
        IssuedChallenge {
            issuer: self,
            id: ChallengeId::of(self.newest.finish(&slots.rest())),
            digest,
            expires,
            opaque,
        }
    }

    /// Whether a challenge is one of this route's, as it was minted.
    ///
    /// Every term is compared with the route's own, so that a challenge of a cheaper route is refused although its id is ours.
    ///
    /// # Errors
    ///
    /// [`BindingError`] when it is of other terms, was not minted with any of the secrets, or says nothing of when it expires.
    pub fn verify(&self, challenge: Challenge) -> Result<BoundChallenge, BindingError> {
        if let Some(kind) = self.terms.difference(&challenge) {
            return Err(BindingError::new(kind, challenge));
        }
        BoundChallenge::when(self.has_minted(&challenge), challenge)
    }

    /// Whether a challenge is one of this route's, whenever it expires. [`verify`](Self::verify) proves it.
    #[must_use]
    pub fn recognises(&self, challenge: &Challenge) -> bool {
        self.terms.difference(challenge).is_none() && self.has_minted(challenge)
    }

    fn has_minted(&self, challenge: &Challenge) -> bool {
        let rest = challenge.slots().rest();
        let codes = iter::once(&self.newest)
            .chain(&self.previous)
            .map(|terms| terms.finish(&rest));
        is_any_of(challenge.id(), codes)
    }
}

impl IssuedChallenge<'_> {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// From when on it is not accepted.
    #[must_use]
    pub const fn expires(&self) -> &Timestamp {
        &self.expires
    }

    /// The value of a `WWW-Authenticate` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let parameters = &self.issuer.parameters;
        let (expires, opaque) = (self.expires.as_str(), self.opaque.as_str());
        let digest = self.digest.as_ref().map_or("", BodyDigest::as_str);
        let length = [parameters, expires, opaque, digest].map(str::len);
        let mut header = String::with_capacity(
            length
                .iter()
                .fold(ROOM, |sum, length| sum.saturating_add(*length)),
        );
        header.push_str(SCHEME);
        push_parameter(" id", self.id(), &mut header);
        header.push_str(parameters);
        if self.digest.is_some() {
            push_parameter(", digest", digest, &mut header);
        }
        push_parameter(", expires", expires, &mut header);
        push_parameter(", opaque", opaque, &mut header);
        header
    }

    /// The challenge by itself.
    #[must_use]
    pub fn to_challenge(&self) -> Challenge {
        let terms = &self.issuer.terms;
        Challenge {
            id: self.id().into(),
            realm: terms.realm.clone(),
            method: terms.method.clone(),
            intent: terms.intent.clone(),
            request: terms.request.clone(),
            description: terms.description.clone(),
            digest: self.digest.clone(),
            expires: Some(self.expires.clone()),
            opaque: Some(self.opaque.clone()),
        }
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

/// For the scheme, the id, and the names of the other parameters.
const ROOM: usize = 128;
