//! Reading an `Authorization: Payment` header, and binding it to the route's own challenges.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{CheckedCharge, Identity, Presented, Refusal, identify};
use coinslot_mpp_wire::{Credential as Received, Problem, ProblemKind};
use coinslot_payment_store::PaymentId;
use coinslot_soroban_authorization::Address;
use http::HeaderValue;

use super::challenge::{Minting, minted_for};
use super::offer::ResolvedCharge;
use crate::credential::{Credential, Door};
use crate::fingerprint::Fingerprint;
use crate::mpp::settle::Charge;
use crate::reason::Reason;
use crate::{Payment, Protocol};

/// Why a header gives no credential.
#[derive(Debug)]
pub(crate) enum CredentialError {
    /// It is for a method or intent that is not offered: status 400.
    NotOffered(Reason),
    /// It is refused: status 402 with a fresh challenge.
    Refused(Reason),
}

/// What a credential is presented with.
pub(crate) struct Scene<'a> {
    pub(crate) offers: &'a [ResolvedCharge],
    pub(crate) minting: &'a Minting,
    /// For which requests its challenge must have been minted.
    pub(crate) scope: Fingerprint,
    pub(crate) body: &'a [u8],
}

/// Decodes a header, identifies its payment, and finds out whether it answers a challenge of ours.
pub(crate) fn read(header: &HeaderValue, scene: &Scene<'_>) -> Result<Credential, CredentialError> {
    let received = Received::from_header(header).map_err(|error| {
        let problem = ProblemKind::MalformedCredential.because(error);
        CredentialError::Refused(reason(ProblemKind::MalformedCredential, problem))
    })?;
    let offer = offered(&received, scene.offers)?;
    let identity =
        identify(&received.payload, &offer.terms).map_err(|refusal| refused(&refusal))?;
    let (id, payer) = primary(&identity, &offer.network);
    let (checked, bound) = check(&received, offer, scene);
    let payer = match (&checked, payer) {
        (Some(charge), _) => payer_of(charge, &received),
        (None, Some(payer)) => payer.to_string(),
        (None, None) => String::new(),
    };
    let door = checked.map(|charge| Arc::new(Charge::new(charge, offer)));
    Ok(Credential {
        payment: Payment {
            id,
            protocol: Protocol::Mpp,
            payer,
            pay_to: offer.tag.pay_to.clone(),
            amount: offer.tag.amount,
            asset: offer.tag.asset.clone(),
            network: offer.tag.network.clone(),
            transaction: None,
        },
        network_id: offer.network.network_id(),
        fingerprint: Fingerprint::of_credential(header.as_bytes()),
        bound,
        door: Door::Charge(door),
    })
}

/// The offer that the credential's challenge was made for. One of several is told by its request.
fn offered<'a>(
    received: &Received,
    offers: &'a [ResolvedCharge],
) -> Result<&'a ResolvedCharge, CredentialError> {
    let challenge = &received.challenge;
    let terms = |offer: &&ResolvedCharge| {
        let terms = offer.issuer.terms();
        (terms.method(), terms.intent()) == (challenge.method(), challenge.intent())
    };
    if !offers.iter().any(|offer| terms(&offer)) {
        let kind = ProblemKind::MethodUnsupported;
        let problem = kind.because(format_args!(
            "{}/{}",
            challenge.method().as_str(),
            challenge.intent().as_str()
        ));
        return Err(CredentialError::NotOffered(reason(kind, problem)));
    }
    let exact = offers
        .iter()
        .find(|offer| offer.issuer.terms().request() == challenge.request());
    exact.ok_or_else(|| {
        let kind = ProblemKind::InvalidChallenge;
        let problem = Problem::invalid_challenge(
            challenge.id(),
            "it asks for another payment than this resource does",
        );
        CredentialError::Refused(reason(kind, problem))
    })
}

/// The charge, and whether it may be claimed now: whether the challenge is ours, for this request
/// and still open, and the payment answers it.
///
/// A charge that may not be claimed any more, because its time is over, may have been claimed
/// before: it is given all the same.
fn check(
    received: &Received,
    offer: &ResolvedCharge,
    scene: &Scene<'_>,
) -> (Option<CheckedCharge>, Result<(), Reason>) {
    let id = received.challenge.id();
    let invalid = |why: &dyn std::fmt::Display| {
        let problem = Problem::invalid_challenge(id, why);
        (None, Err(reason(ProblemKind::InvalidChallenge, problem)))
    };
    let bound = match offer.issuer.verify(received.challenge.clone()) {
        Ok(bound) => bound,
        Err(error) => return invalid(&error),
    };
    let Some(minted_at) = minted_for(&bound, scene.scope) else {
        return invalid(&"it was issued for another resource");
    };
    let presented = Presented {
        challenge: &bound,
        minted_at,
        payload: &received.payload,
        source: received.source.as_deref(),
        body: Some(scene.body),
    };
    let charges = &scene.minting.charges;
    let rules = offer.rules(charges.rules());
    let at = |now| CheckedCharge::check(&presented, &offer.terms, &rules, now);
    match at(charges.now()) {
        Ok(charge) => (Some(charge), Ok(())),
        Err(refusal) => (
            at(minted_at).ok(),
            Err(reason(refusal.kind(), refusal.problem())),
        ),
    }
}

/// What the claim is called, and who pays, as far as both are known before anything is verified.
fn primary(identity: &Identity, network: &StellarNetwork) -> (PaymentId, Option<Address>) {
    let network_id = network.network_id();
    match (&identity.authorization, identity.hashes.first()) {
        (Some((payer, nonce)), _) => (
            PaymentId::authorization(&network_id, &payer.to_string(), *nonce),
            Some(*payer),
        ),
        (None, Some(hash)) => (PaymentId::transaction(&network_id, &hash.to_string()), None),
        // A payment that pays for this has one or the other.
        (None, None) => (PaymentId::transaction(&network_id, ""), None),
    }
}

fn payer_of(charge: &CheckedCharge, received: &Received) -> String {
    match charge {
        CheckedCharge::Sponsored(charge) => charge.payer().to_string(),
        CheckedCharge::Unsponsored(charge) => charge.payer().to_string(),
        // Known for certain when it is looked up.
        CheckedCharge::Push(_) => received
            .source
            .as_deref()
            .and_then(|source| source.rsplit(':').next())
            .unwrap_or_default()
            .to_owned(),
    }
}

fn refused(refusal: &Refusal) -> CredentialError {
    CredentialError::Refused(reason(refusal.kind(), refusal.problem()))
}

/// A problem as the state machine carries it.
pub(super) fn reason(kind: ProblemKind, problem: Problem) -> Reason {
    let sentence = problem.detail.unwrap_or_default();
    Reason::new(kind.code(), sentence)
}
