//! What a client does (Stellar charge draft, "Fee Payment"): one file for each way to pay.
//!
//! A challenge is read into a [`ClientPlan`], or refused. What the plan gives to be signed is made here; nothing that a
//! server or an RPC node says is signed. The time is asked for again wherever something is about to be signed.

use coinslot_caip2_network::{NetworkId, StellarNetwork, UnknownNetworkError};
use coinslot_mpp_wire::stellar::{ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{Challenge, Credential, IntentName, MethodName};
use coinslot_soroban_authorization::Transfer;
use coinslot_stellar_address::AccountId;

use crate::expiration::DEFAULT_CHALLENGE_EXPIRY_SECONDS;
use crate::terms::{ChargeTerms, TermsError};

mod error;
mod push;
mod sponsored;
mod unsponsored;

pub use error::{PlanError, SignChargeError};
pub use push::{PUSH_MARGIN_SECONDS, PushPlan, SignedPush, prove_push};
pub use sponsored::SponsoredPlan;
pub use unsponsored::{SignedPull, TransactionFacts, UnsponsoredPlan};

/// The longest that a payment is left open: one hour. Of a challenge that lasts longer, no more is used.
pub const MAX_OPEN_SECONDS: u64 = 3_600;

/// Who submits the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The server: `transaction`.
    Pull,
    /// The client, which then proves that it paid: `signedHash`.
    Push,
    /// The client, which then proves nothing: `hash`. Whoever sees the payment on the chain can present it first, so
    /// this is for servers only that know nothing better.
    PushUnsigned,
}

/// A challenge that was read and can be paid.
#[derive(Clone, Debug)]
pub enum ClientPlan {
    /// Sign one authorization entry; the server pays the fees and submits.
    Sponsored(SponsoredPlan),
    /// Sign a transaction; the server submits it.
    Unsponsored(UnsponsoredPlan),
    /// Sign a transaction and submit it.
    Push(PushPlan),
}

/// What is going to be paid.
#[derive(Clone, Debug)]
pub struct PlannedCharge {
    challenge: Challenge,
    terms: ChargeTerms,
    payer: AccountId,
    expires: u64,
}

/// Reads a challenge on one of the two public networks. `body` is that of the request that is paid for, `now` the time in
/// seconds since 1970.
///
/// # Errors
///
/// When it cannot be paid, or not in this mode; see [`PlanError`].
pub fn plan(
    challenge: &Challenge,
    payer: AccountId,
    mode: Mode,
    body: &[u8],
    now: u64,
) -> Result<ClientPlan, PlanError> {
    let network = network_of(challenge)?;
    plan_on(&network, challenge, payer, mode, body, now)
}

/// Reads a challenge on a network that the client has chosen, public or its own.
///
/// # Errors
///
/// When it cannot be paid on this network, or not in this mode; see [`PlanError`].
pub fn plan_on(
    network: &StellarNetwork,
    challenge: &Challenge,
    payer: AccountId,
    mode: Mode,
    body: &[u8],
    now: u64,
) -> Result<ClientPlan, PlanError> {
    challenge_must_be_a_charge_on_stellar(challenge)?;
    let expires = challenge_must_not_have_expired(challenge, now)?;
    digest_must_be_of_the_body(challenge, body)?;
    let terms = ChargeTerms::read(challenge.request(), network).map_err(PlanError::Terms)?;
    server_must_take(mode, &terms)?;
    let charge = PlannedCharge {
        challenge: challenge.clone(),
        terms,
        payer,
        expires,
    };
    match mode {
        Mode::Pull if charge.terms.is_sponsored() => {
            Ok(ClientPlan::Sponsored(SponsoredPlan::new(charge)))
        }
        Mode::Pull => Ok(ClientPlan::Unsponsored(UnsponsoredPlan::new(charge))),
        Mode::Push | Mode::PushUnsigned => {
            PushPlan::new(charge, mode == Mode::Push, now).map(ClientPlan::Push)
        }
    }
}

impl ClientPlan {
    /// What is going to be paid.
    #[must_use]
    pub const fn charge(&self) -> &PlannedCharge {
        match self {
            Self::Sponsored(plan) => plan.charge(),
            Self::Unsponsored(plan) => plan.charge(),
            Self::Push(plan) => plan.charge(),
        }
    }

    /// The same, so that nothing that is signed for it can be used after `latest`, in seconds since 1970.
    #[must_use]
    pub fn open_until(mut self, latest: u64) -> Self {
        match &mut self {
            Self::Sponsored(plan) => plan.open_until(latest),
            Self::Unsponsored(plan) => plan.open_until(latest),
            Self::Push(plan) => plan.open_until(latest),
        }
        self
    }
}

impl PlannedCharge {
    /// The challenge, as received.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// What it asks for.
    #[must_use]
    pub const fn terms(&self) -> &ChargeTerms {
        &self.terms
    }

    /// The network on which to pay.
    #[must_use]
    pub const fn network(&self) -> &StellarNetwork {
        self.terms.network()
    }

    /// The id of that network, which the signature covers.
    #[must_use]
    pub const fn network_id(&self) -> NetworkId {
        self.terms.network_id()
    }

    /// Who pays.
    #[must_use]
    pub const fn payer(&self) -> AccountId {
        self.payer
    }

    /// Until when the payment may be settled, in seconds since 1970: the challenge's `expires`, five minutes from when it
    /// was read if it says nothing, and never later than [`MAX_OPEN_SECONDS`].
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.expires
    }

    /// The transfer to be authorized.
    #[must_use]
    pub fn transfer(&self) -> Transfer {
        self.terms.transfer_from(self.payer.into())
    }

    fn open_until(&mut self, latest: u64) {
        self.expires = self.expires.min(latest);
    }

    fn must_not_have_expired(&self, now: u64) -> Result<(), PlanError> {
        if now < self.expires {
            Ok(())
        } else {
            Err(PlanError::Expired)
        }
    }

    fn credential(&self, payload: &ChargePayload) -> Credential {
        credential(&self.challenge, payload, self.network(), self.payer)
    }
}

/// The credential that answers a challenge, with who pays.
fn credential(
    challenge: &Challenge,
    payload: &ChargePayload,
    network: &StellarNetwork,
    payer: AccountId,
) -> Credential {
    Credential::new(challenge.clone(), payload)
        .with_source(format_args!("did:pkh:{}:{payer}", network.chain_id()))
}

fn network_of(challenge: &Challenge) -> Result<StellarNetwork, PlanError> {
    challenge_must_be_a_charge_on_stellar(challenge)?;
    let unreadable = |error| PlanError::Terms(TermsError::Request(error));
    let request: ChargeRequest = challenge.request().read().map_err(unreadable)?;
    let details = request
        .method_details
        .ok_or(PlanError::Terms(TermsError::NoNetwork))?;
    let known: Result<StellarNetwork, UnknownNetworkError> = details.network.as_ref().try_into();
    known.map_err(PlanError::Network)
}

fn challenge_must_be_a_charge_on_stellar(challenge: &Challenge) -> Result<(), PlanError> {
    let is_charge =
        *challenge.method() == MethodName::stellar() && *challenge.intent() == IntentName::charge();
    if is_charge {
        Ok(())
    } else {
        Err(PlanError::NotACharge)
    }
}

/// "If `expires` is absent, clients SHOULD default to `DEFAULT_CHALLENGE_EXPIRY` (5 minutes) from the current time."
fn challenge_must_not_have_expired(challenge: &Challenge, now: u64) -> Result<u64, PlanError> {
    let Some(expires) = challenge.expires() else {
        return Ok(now.saturating_add(DEFAULT_CHALLENGE_EXPIRY_SECONDS));
    };
    if expires.has_passed(now) {
        return Err(PlanError::Expired);
    }
    // It is ahead of a time that is not before 1970.
    let expires = u64::try_from(expires.unix_seconds()).unwrap_or(0);
    Ok(expires.min(now.saturating_add(MAX_OPEN_SECONDS)))
}

/// "Clients MUST submit the credential with a request body whose digest matches this value": if it does not, the
/// challenge is for another request.
fn digest_must_be_of_the_body(challenge: &Challenge, body: &[u8]) -> Result<(), PlanError> {
    match challenge.digest() {
        Some(digest) if !digest.is_of(body) => Err(PlanError::OtherBody),
        _ => Ok(()),
    }
}

/// What the server does not take is not paid: a pushed payment would be lost.
fn server_must_take(mode: Mode, terms: &ChargeTerms) -> Result<(), PlanError> {
    if mode != Mode::Pull && terms.is_sponsored() {
        return Err(PlanError::SponsoredPush);
    }
    let (form, taken) = match mode {
        Mode::Pull => taken(CredentialType::Transaction, terms),
        Mode::Push => taken(CredentialType::SignedHash, terms),
        Mode::PushUnsigned => (CredentialType::Hash, terms.takes_unsigned_hash()),
    };
    if taken {
        Ok(())
    } else {
        Err(PlanError::FormNotTaken(form))
    }
}

fn taken(form: CredentialType, terms: &ChargeTerms) -> (CredentialType, bool) {
    let taken = terms.takes(&form);
    (form, taken)
}
