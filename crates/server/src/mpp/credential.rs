//! Reading an `Authorization: Payment` header, and binding it to the route's own challenges.

use std::sync::Arc;

use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, Identity, Presented, Refusal, Rules, identify,
};
use coinslot_mpp_wire::{BoundChallenge, Credential as Received, Problem, ProblemKind};
use coinslot_settlement::Charges;
use http::HeaderValue;

use super::challenge::{Minting, minted_for};
use super::offer::ResolvedCharge;
use super::settle::{Charge, ids};
use crate::credential::{Credential, Door};
use crate::fingerprint::Fingerprint;
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
    pub(crate) charges: &'a Charges,
    /// For which requests its challenge must have been minted.
    pub(crate) scope: Fingerprint,
    pub(crate) body: &'a [u8],
}

/// Decodes a header.
pub(crate) fn decode(header: &HeaderValue) -> Result<Received, CredentialError> {
    Received::from_header(header).map_err(|error| {
        let problem = ProblemKind::MalformedCredential.because(error);
        CredentialError::Refused(reason(ProblemKind::MalformedCredential, problem))
    })
}

/// Identifies the payment, and finds out whether it answers a challenge of ours.
pub(crate) fn read(
    received: &Received,
    fingerprint: Fingerprint,
    scene: &Scene<'_>,
) -> Result<Credential, CredentialError> {
    let answered = answered(received, scene)?;
    let terms = &answered.terms;
    let identity = identify(&received.payload, terms).map_err(|refusal| refused(&refusal))?;
    let id = ids(&identity)
        .into_iter()
        .next()
        .ok_or_else(|| invalid(received, &"its payment cannot be told from others"))
        .map_err(CredentialError::Refused)?;
    let (charge, bound) = check(received, &answered, scene);
    let payer = payer_of(charge.as_ref(), &identity, received);
    let charge = charge.map(|charge| {
        let external_id = terms.external_id().map(str::to_owned);
        Arc::new(Charge::new(charge, external_id))
    });
    Ok(Credential {
        payment: Payment {
            id,
            protocol: Protocol::Mpp,
            payer,
            pay_to: terms.recipient().to_string(),
            amount: terms.amount(),
            asset: terms.token().to_string(),
            network: terms.network().chain_id().to_owned(),
            transaction: None,
        },
        network_id: terms.network_id(),
        fingerprint,
        bound,
        door: Door::Charge(charge),
    })
}

/// The challenge that a credential answers: ours, though perhaps of terms that are not offered any
/// more.
struct Answered {
    bound: Result<BoundChallenge, Reason>,
    terms: ChargeTerms,
    rules: Rules,
    /// Why these terms are not taken now, if they are not.
    offered: Result<(), Reason>,
}

fn answered(received: &Received, scene: &Scene<'_>) -> Result<Answered, CredentialError> {
    let challenge = &received.challenge;
    let takes = |offer: &&ResolvedCharge| {
        let terms = offer.issuer.terms();
        (terms.method(), terms.intent()) == (challenge.method(), challenge.intent())
    };
    if !scene.offers.iter().any(|offer| takes(&offer)) {
        return Err(not_offered(received));
    }
    let minting = scene.minting;
    let offer = scene
        .offers
        .iter()
        .find(|offer| offer.issuer.terms().request() == challenge.request());
    if let Some(offer) = offer {
        let bound = offer.issuer.verify(challenge.clone());
        return Ok(Answered {
            bound: bound.map_err(|error| invalid(received, &error)),
            terms: offer.terms.clone(),
            rules: offer.rules(scene.charges.rules()),
            offered: Ok(()),
        });
    }
    // A price that has changed since: what was claimed under the old one goes on.
    let other = invalid(received, &OTHER_TERMS);
    let bound = minting.secrets.verify(challenge.clone());
    let terms = ChargeTerms::read(challenge.request(), scene.charges.network());
    match (bound, terms) {
        (Ok(bound), Ok(terms)) if challenge.realm() == minting.realm => Ok(Answered {
            bound: Ok(bound),
            terms,
            rules: scene.charges.rules().clone(),
            offered: Err(other),
        }),
        _ => Err(CredentialError::Refused(other)),
    }
}

/// A method or intent that this route does not offer.
pub(crate) fn not_offered(received: &Received) -> CredentialError {
    let challenge = &received.challenge;
    let kind = ProblemKind::MethodUnsupported;
    let (method, intent) = (challenge.method().as_str(), challenge.intent().as_str());
    let problem = kind.because(format_args!("{method}/{intent}"));
    CredentialError::NotOffered(reason(kind, problem))
}

/// The charge, and whether it may be claimed now: whether the challenge is ours, for this request
/// and still open, and the payment answers it.
///
/// A charge that may not be claimed any more, because its time is over or its terms have changed,
/// may have been claimed before: it is given all the same.
fn check(
    received: &Received,
    answered: &Answered,
    scene: &Scene<'_>,
) -> (Option<CheckedCharge>, Result<(), Reason>) {
    let bound = match &answered.bound {
        Ok(bound) => bound,
        Err(reason) => return (None, Err(reason.clone())),
    };
    let Some(minted_at) = minted_for(bound, scene.scope) else {
        return (None, Err(invalid(received, &OTHER_RESOURCE)));
    };
    let presented = Presented {
        challenge: bound,
        minted_at,
        payload: &received.payload,
        source: received.source.as_deref(),
        body: Some(scene.body),
    };
    let at = |now| CheckedCharge::check(&presented, &answered.terms, &answered.rules, now);
    match at(scene.charges.now()) {
        Ok(charge) => (Some(charge), answered.offered.clone()),
        Err(refusal) => {
            let last = u64::try_from(bound.expires())
                .unwrap_or(0)
                .saturating_sub(1);
            let earlier = at(minted_at).or_else(|_| at(last)).ok();
            (earlier, Err(reason(refusal.kind(), refusal.problem())))
        }
    }
}

pub(super) fn invalid(received: &Received, why: &dyn std::fmt::Display) -> Reason {
    let problem = Problem::invalid_challenge(received.challenge.id(), why);
    reason(ProblemKind::InvalidChallenge, problem)
}

/// Who pays. Of a pushed payment that is known for certain when it is looked up.
fn payer_of(charge: Option<&CheckedCharge>, identity: &Identity, received: &Received) -> String {
    match (charge, &identity.authorization) {
        (Some(CheckedCharge::Sponsored(charge)), _) => charge.payer().to_string(),
        (Some(CheckedCharge::Unsponsored(charge)), _) => charge.payer().to_string(),
        (_, Some((payer, _))) => payer.to_string(),
        (_, None) => received
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

pub(super) const OTHER_TERMS: &str = "it asks for another payment than this resource does";
pub(super) const OTHER_RESOURCE: &str = "it was issued for another resource";
