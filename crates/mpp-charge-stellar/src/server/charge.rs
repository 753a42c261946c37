//! A payment on its way: presented, then checked.
//!
//! Each step consumes the one before it, so that what was not verified cannot be settled.

use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_soroban_authorization::TransactionHash;

use super::push::Proof;
use super::{
    CheckedPush, CheckedSponsored, CheckedUnsponsored, Identity, Presented, Refusal, Rules,
    challenge, credential, push_mode_verification as push,
};
use crate::terms::ChargeTerms;

/// A payment in which nothing is wrong as far as can be told without the network.
#[derive(Clone, Debug)]
pub enum CheckedCharge {
    /// Pull, the server paying the fees: simulate it, verify it, settle it anew.
    Sponsored(CheckedSponsored),
    /// Pull, the client paying the fees: simulate it, verify it, submit it as it is.
    Unsponsored(CheckedUnsponsored),
    /// Push: look it up, verify it.
    Push(CheckedPush),
}

impl CheckedCharge {
    /// Checks everything that needs no facts of the network but the time, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn check(
        presented: &Presented<'_>,
        terms: &ChargeTerms,
        rules: &Rules,
        now: u64,
    ) -> Result<Self, Refusal> {
        challenge::must_be_of_this_route(presented.challenge, terms)?;
        let payload = credential::payload_type_must_be_known(presented.payload)?;
        let (hash, proof) = match payload {
            ChargePayload::Transaction { .. } => (None, Proof::None),
            ChargePayload::Hash { hash } => (Some(hash), Proof::None),
            ChargePayload::SignedHash {
                hash,
                source_signature,
            } => (Some(hash), Proof::Signature(source_signature)),
        };
        if hash.is_some() {
            push::must_not_be_sponsored(terms)?;
        }
        credential::payload_type_must_be_taken(&payload, terms, rules)?;
        challenge::digest_must_match_the_body(presented.challenge, presented.body)?;
        let grace = hash.map_or(0, |_| rules.push_grace_seconds);
        let expires =
            challenge::current_time_must_be_before_expires(presented.challenge, grace, now)?;
        let source = credential::source_must_be_an_address_on_the_network(presented.source, terms)?;
        match payload {
            ChargePayload::Transaction { transaction } if terms.is_sponsored() => {
                CheckedSponsored::check(&transaction, source, expires, terms, rules)
                    .map(Self::Sponsored)
            }
            ChargePayload::Transaction { transaction } => {
                CheckedUnsponsored::check(&transaction, source, expires, now, terms, rules)
                    .map(Self::Unsponsored)
            }
            ChargePayload::Hash { hash } | ChargePayload::SignedHash { hash, .. } => {
                let hash = TransactionHash::from_bytes(hash);
                CheckedPush::check(presented, hash, proof, source, terms, rules).map(Self::Push)
            }
        }
    }

    /// What tells this payment from others, as far as it is known. It is not to be claimed before it is verified.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self {
            Self::Sponsored(charge) => charge.identity(),
            Self::Unsponsored(charge) => charge.identity(),
            Self::Push(charge) => charge.identity(),
        }
    }
}
