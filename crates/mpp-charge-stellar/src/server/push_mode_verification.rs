//! "Push Mode Verification", and the proof of the official SDK's `signedHash`.

use coinslot_caip2_network::NetworkId;
use coinslot_mpp_wire::stellar::signed_hash_message;
use coinslot_soroban_authorization::{
    ContractEvent, Envelope, TransactionHash, Transfer, verify_signature,
};
use coinslot_stellar_address::Address;

use super::{Fault, LandedFacts, balance_changes};
use crate::terms::ChargeTerms;

/// "Servers MUST reject `type="hash"` credentials when the challenge specifies `feePayer: true`."
pub(super) fn must_not_be_sponsored(terms: &ChargeTerms) -> Result<(), Fault> {
    if terms.is_sponsored() {
        Err(Fault::SponsoredPush)
    } else {
        Ok(())
    }
}

/// The payer has signed `"{challenge.id}:{hash}"`, so that nobody else can present its transaction, nor for another
/// challenge.
pub(super) fn hash_must_be_signed_by(
    payer: &Address,
    challenge_id: &str,
    hash: &TransactionHash,
    signature: &[u8; 64],
) -> Result<(), Fault> {
    let Address::Account(account) = payer else {
        return Err(Fault::PayerIsNoAccount);
    };
    let message = signed_hash_message(challenge_id, hash.as_bytes());
    if verify_signature(account, message.as_bytes(), signature) {
        Ok(())
    } else {
        Err(Fault::Proof)
    }
}

/// Step 3: "The transaction exists and has status `SUCCESS`."
pub(super) fn must_exist_and_have_succeeded(
    landed: &LandedFacts,
) -> Result<(u64, &Envelope, &[ContractEvent]), Fault> {
    match landed {
        LandedFacts::NotFound => Err(Fault::NotFound),
        LandedFacts::Failed => Err(Fault::FailedOnChain),
        LandedFacts::Succeeded {
            close_time,
            envelope,
            events,
        } => Ok((*close_time, envelope, events)),
    }
}

/// What was looked up is what was asked for, by its own hash or that of the fee bump around it.
pub(super) fn must_be_the_transaction_asked_for(
    envelope: &Envelope,
    asked: &TransactionHash,
    network: &NetworkId,
) -> Result<(), Fault> {
    if [envelope.inner_hash(network), envelope.hash(network)].contains(asked) {
        Ok(())
    } else {
        Err(Fault::AnotherTransaction)
    }
}

/// A transaction that landed before the challenge was minted was not made for it. A few seconds are forgiven.
pub(super) fn must_not_be_older_than_the_challenge(
    close_time: u64,
    minted_at: u64,
    tolerance_seconds: u64,
) -> Result<(), Fault> {
    if close_time >= minted_at.saturating_sub(tolerance_seconds) {
        Ok(())
    } else {
        Err(Fault::OlderThanTheChallenge)
    }
}

/// The contracts told of the one transfer, and of nothing else.
pub(super) fn must_have_made_only_the_expected_balance_changes(
    events: &[ContractEvent],
    transfer: &Transfer,
) -> Result<(), Fault> {
    balance_changes::must_be_the_transfer_only(events, transfer).map_err(Fault::Landed)
}

#[cfg(test)]
mod tests;
