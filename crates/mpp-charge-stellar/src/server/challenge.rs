//! The challenge (core draft, "Challenge Binding" and "Request Body Digest Binding"; charge intent, "Server
//! Responsibilities").
//!
//! That it was issued here is proved by its type. That it is outstanding and unsettled is proved by the claim that
//! follows verification.

use coinslot_mpp_wire::{BoundChallenge, IntentName, MethodName};

use super::Fault;
use crate::terms::ChargeTerms;

/// The challenge is for a charge on Stellar, and asks for what this route asks for, in every field.
pub(super) fn must_be_of_this_route(
    bound: &BoundChallenge,
    terms: &ChargeTerms,
) -> Result<(), Fault> {
    let challenge = bound.challenge();
    let is_charge =
        *challenge.method() == MethodName::stellar() && *challenge.intent() == IntentName::charge();
    if is_charge && challenge.request() == terms.request() {
        Ok(())
    } else {
        Err(Fault::OtherChallenge)
    }
}

/// "Servers MUST compute the digest of the current request body, compare it with the `digest` value from the
/// challenge, and reject the credential if the digests do not match."
pub(super) fn digest_must_match_the_body(
    bound: &BoundChallenge,
    body: Option<&[u8]>,
) -> Result<(), Fault> {
    match bound.challenge().digest() {
        Some(digest) if !body.is_some_and(|body| digest.is_of(body)) => Err(Fault::OtherBody),
        _ => Ok(()),
    }
}

/// "The current time is before the challenge `expires` auth-param." Gives `expires` in seconds since 1970.
pub(super) fn current_time_must_be_before_expires(
    bound: &BoundChallenge,
    grace_seconds: u64,
    now: u64,
) -> Result<u64, Fault> {
    // It is not negative where it is ahead of a time that is not.
    let expires = u64::try_from(bound.expires()).unwrap_or(0);
    if bound.has_expired(now.saturating_sub(grace_seconds)) {
        Err(Fault::ChallengeExpired { expires })
    } else {
        Ok(expires)
    }
}
