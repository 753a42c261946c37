//! The challenges of a 402, and knowing them again.
//!
//! Each has random bytes of its own, and tells for which request it was minted, and when, in its
//! `opaque`; its id binds all of it.

use coinslot_mpp_wire::{
    BodyDigest, BoundChallenge, ChallengeSecrets, OpaqueData, Problem, ProblemKind, Timestamp,
};
use coinslot_settlement::Charges;
use http::HeaderValue;

use super::offer::ResolvedCharge;
use crate::fingerprint::Fingerprint;
use crate::reason::Reason;

/// What the charge offers of a gate have in common.
#[derive(Debug)]
pub(crate) struct Minting {
    pub(crate) secrets: ChallengeSecrets,
    pub(crate) realm: String,
    pub(crate) description: Option<String>,
    pub(crate) charges: Charges,
}

/// A new challenge as the value of `WWW-Authenticate`; `None` when there are no random bytes or the
/// time is beyond what can be written.
pub(crate) fn mint(
    offer: &ResolvedCharge,
    scope: Fingerprint,
    digest: Option<BodyDigest>,
    now: u64,
) -> Option<HeaderValue> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).ok()?;
    let opaque = OpaqueData::new(random)
        .with(MINTED, now.to_string())
        .and_then(|opaque| opaque.with(SCOPE, scope.short()))
        .ok()?;
    let expires =
        Timestamp::from_unix_seconds(now.saturating_add(offer.expires_in_seconds)).ok()?;
    let challenge = offer.issuer.mint(expires, &opaque, digest);
    HeaderValue::try_from(challenge.to_header()).ok()
}

/// When a challenge was minted, in seconds since 1970, if it was for requests of this scope.
pub(crate) fn minted_for(challenge: &BoundChallenge, scope: Fingerprint) -> Option<u64> {
    let entries = challenge.challenge().opaque()?.entries().ok()?;
    if *entries.get(SCOPE)? != scope.short() {
        return None;
    }
    entries.get(MINTED)?.parse().ok()
}

/// The body of a 402 as a problem (RFC 9457), of the kind that the reason's code names.
pub(crate) fn problem(reason: &Reason) -> String {
    let named = ProblemKind::ALL
        .iter()
        .find(|kind| kind.code() == reason.code);
    let problem = Problem {
        detail: Some(reason.sentence.clone().into_owned()),
        ..named.unwrap_or(&ProblemKind::PaymentRequired).problem()
    };
    // JSON is always UTF-8.
    String::from_utf8(problem.to_json()).unwrap_or_default()
}

const MINTED: &str = "minted";
const SCOPE: &str = "scope";
