//! Reading a credential whose intent is `channel`, and binding it to the route's own challenges.

use std::sync::Arc;

use coinslot_channel_commitment::Voucher;
use coinslot_mpp_wire::stellar::{ChannelAction, ChannelPayload, ChannelRequest};
use coinslot_mpp_wire::{BodyDigest, BoundChallenge, Credential as Received, Issuer, ProblemKind};
use coinslot_stellar_address::ContractId;

use super::offer::ResolvedChannel;
use crate::fingerprint::Fingerprint;
use crate::mpp::challenge::minted_for;
use crate::mpp::credential::{CredentialError, OTHER_RESOURCE, OTHER_TERMS, invalid, reason};

/// A voucher that answers a challenge of this route, for this request. Nobody has checked its
/// signature yet.
#[derive(Debug)]
pub(crate) struct Presented {
    pub(crate) channel: ContractId,
    pub(crate) action: ChannelAction,
    pub(crate) voucher: Voucher,
    pub(crate) challenge_id: String,
}

/// A voucher that answers a challenge of this route's terms, whatever its request. Nobody has
/// checked its signature yet.
pub(crate) struct Bound {
    pub(crate) channel: ContractId,
    pub(crate) voucher: Voucher,
    action: ChannelAction,
    challenge: BoundChallenge,
}

/// The body of the request that is paid for.
#[derive(Clone, Copy)]
pub(crate) enum BodyOf<'a> {
    /// It is here.
    Bytes(&'a [u8]),
    /// Its challenges were bound to this digest, if to any.
    Digest(Option<&'a BodyDigest>),
}

/// Binds a credential to the route.
pub(crate) fn read(
    received: &Received,
    offer: &ResolvedChannel,
    scope: Fingerprint,
    body: BodyOf<'_>,
    now: u64,
) -> Result<Presented, CredentialError> {
    let bound = bind(received, offer)?;
    let challenge = &bound.challenge;
    if challenge.has_expired(now) {
        let kind = ProblemKind::PaymentExpired;
        let at = challenge.challenge().expires();
        let at = at.map(ToString::to_string).unwrap_or_default();
        return Err(CredentialError::Refused(reason(kind, kind.because(at))));
    }
    if minted_for(challenge, scope).is_none() {
        return Err(refused(received, &OTHER_RESOURCE));
    }
    if !body.is_asked_for(challenge) {
        return Err(refused(received, &OTHER_BODY));
    }
    Ok(Presented {
        channel: bound.channel,
        action: bound.action,
        voucher: bound.voucher,
        challenge_id: received.challenge.id().to_owned(),
    })
}

/// Binds a credential to the route's terms.
pub(crate) fn bind(received: &Received, offer: &ResolvedChannel) -> Result<Bound, CredentialError> {
    let payload: ChannelPayload = received.payload.read().map_err(|error| {
        let kind = ProblemKind::InvalidPayload;
        CredentialError::Refused(reason(kind, kind.because(error)))
    })?;
    let (channel, issuer) = issuer_of(received, offer)?;
    let challenge = issuer
        .verify(received.challenge.clone())
        .map_err(|error| refused(received, &error))?;
    Ok(Bound {
        channel,
        action: payload.action,
        voucher: Voucher::new(payload.amount, payload.signature),
        challenge,
    })
}

/// What minted the challenge that is answered, if this route did.
fn issuer_of(
    received: &Received,
    offer: &ResolvedChannel,
) -> Result<(ContractId, Arc<Issuer>), CredentialError> {
    let request = received.challenge.request();
    if let Some(known) = offer.issuer_of(request) {
        return Ok(known);
    }
    // A channel that was forgotten, or a challenge that tells how far the channel is used.
    let other_terms = || refused(received, &OTHER_TERMS);
    let asked: ChannelRequest = request.read().map_err(|_| other_terms())?;
    let channel: ContractId = asked.channel.parse().map_err(|_| other_terms())?;
    let cumulative = asked
        .method_details
        .as_ref()
        .and_then(|details| details.cumulative_amount);
    if offer.request(&channel, cumulative) != asked {
        return Err(other_terms());
    }
    let issuer = offer
        .new_issuer(&channel, cumulative)
        .map_err(|_| other_terms())?;
    Ok((channel, Arc::new(issuer)))
}

fn refused(received: &Received, why: &dyn std::fmt::Display) -> CredentialError {
    CredentialError::Refused(invalid(received, why))
}

impl BodyOf<'_> {
    /// Whether a challenge is for this body, or for any.
    fn is_asked_for(self, challenge: &BoundChallenge) -> bool {
        challenge
            .challenge()
            .digest()
            .is_none_or(|digest| match self {
                Self::Bytes(body) => digest.is_of(body),
                Self::Digest(body) => body == Some(digest),
            })
    }
}

const OTHER_BODY: &str = "it was issued for a request with another body";
