//! A pushed charge: checked, then verified. It is settled already.

use core::fmt;

use coinslot_soroban_authorization::{TransactionHash, Transfer};
use coinslot_stellar_address::Address;

use super::credential::Source;
use super::{
    Fault, Identity, LandedFacts, Place, Presented, Refusal, Rules, identity,
    pull_mode_verification as pull, push_mode_verification as push,
    unsponsored_flow_checks as unsponsored,
};
use crate::terms::ChargeTerms;

/// The payer's proof that a pushed transaction is presented by itself.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// Of `signedHash`.
    Signature([u8; 64]),
    /// Of `hash`.
    None,
}

/// A pushed charge in which nothing is wrong as far as can be told without looking its transaction up.
///
/// It is worth nothing yet, and has no receipt:
///
/// ```compile_fail,E0599
/// # use coinslot_mpp_charge_stellar::CheckedPush;
/// fn serve(charge: &CheckedPush) {
///     let reference = charge.reference();
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CheckedPush {
    challenge_id: String,
    minted_at: u64,
    hash: TransactionHash,
    proof: Proof,
    source: Source,
    terms: ChargeTerms,
    rules: Rules,
}

/// A pushed charge that has been paid.
///
/// ```
/// # use coinslot_mpp_charge_stellar::VerifiedPush;
/// fn serve(charge: &VerifiedPush) {
///     let reference = charge.reference();
/// }
/// ```
///
/// It comes from [`CheckedPush::verify`] only, which consumes what it verifies:
///
/// ```compile_fail,E0382
/// # use coinslot_mpp_charge_stellar::{CheckedPush, LandedFacts};
/// fn verify_twice(charge: CheckedPush, landed: &LandedFacts) {
///     let first = charge.verify(landed);
///     let second = charge.verify(landed);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedPush {
    transfer: Transfer,
    identity: Identity,
    reference: TransactionHash,
    landed_at: u64,
}

impl CheckedPush {
    pub(super) fn check(
        presented: &Presented<'_>,
        hash: TransactionHash,
        proof: Proof,
        source: Source,
        terms: &ChargeTerms,
        rules: &Rules,
    ) -> Result<Self, Refusal> {
        let checked = Self {
            challenge_id: presented.challenge.challenge().id().to_owned(),
            minted_at: presented.minted_at,
            hash,
            proof,
            source,
            terms: terms.clone(),
            rules: rules.clone(),
        };
        // With a source, a forged proof costs no look-up.
        if let Some(payer) = source.address() {
            checked
                .check_proof(&payer)
                .map_err(|fault| fault.by(payer))?;
        }
        Ok(checked)
    }

    /// The transaction to be looked up, once: that of a fee bump, or the one within it.
    #[must_use]
    pub const fn hash(&self) -> TransactionHash {
        self.hash
    }

    /// What tells this payment from others, as far as that is known before it is looked up: that hash.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            network_id: self.terms.network_id(),
            authorization: None,
            hashes: vec![self.hash],
        }
    }

    /// Confirms the charge with what became of its transaction.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn verify(self, landed: &LandedFacts) -> Result<VerifiedPush, Refusal> {
        let network_id = self.terms.network_id();
        let (close_time, envelope, events) = push::must_exist_and_have_succeeded(landed)?;
        push::must_be_the_transaction_asked_for(envelope, &self.hash, &network_id)?;
        let inner = envelope.inner();
        let transaction = inner.as_ref().unwrap_or(envelope);
        let invocation = pull::must_contain_exactly_one_invoke_host_function(transaction)?;
        let transfer = pull::must_be_the_transfer_of_the_request(&invocation, &self.terms)?;
        let check = || {
            pull::from_must_not_be_muxed(&transfer)?;
            pull::server_address_must_not_appear(&invocation, &transfer, &self.rules)?;
            if let Some(source) = envelope.fee_source() {
                pull::must_not_be_ours(&source, Place::FeeSource, &self.rules)?;
            }
            self.source.must_be_from(&transfer.from)?;
            self.check_proof(&transfer.from)?;
            push::must_not_be_older_than_the_challenge(
                close_time,
                self.minted_at,
                self.clock_tolerance_seconds(),
            )?;
            let auth = invocation.auth();
            let entry = pull::must_contain_exactly_one_entry_for_the_transfer(auth, &transfer)?;
            let source = invocation.operation_source().unwrap_or(invocation.source());
            unsponsored::from_must_have_authorized(entry, &source, &transfer, &network_id)?;
            push::must_have_made_only_the_expected_balance_changes(events, &transfer)?;
            Ok(Identity {
                network_id,
                authorization: identity::authorization(entry),
                hashes: identity::hashes(envelope, &network_id),
            })
        };
        let identity = check().map_err(|fault: Fault| fault.by(transfer.from))?;
        Ok(VerifiedPush {
            transfer,
            identity,
            reference: self.hash,
            landed_at: close_time,
        })
    }

    fn check_proof(&self, payer: &Address) -> Result<(), Fault> {
        match &self.proof {
            Proof::Signature(signature) => {
                push::hash_must_be_signed_by(payer, &self.challenge_id, &self.hash, signature)
            }
            Proof::None => Ok(()),
        }
    }

    /// Without a proof nothing but its age tells a payment from a stolen one.
    const fn clock_tolerance_seconds(&self) -> u64 {
        match self.proof {
            Proof::Signature(_) => self.rules.clock_tolerance_seconds,
            Proof::None => 0,
        }
    }
}

impl VerifiedPush {
    /// What tells this payment from others: all of it is to be claimed.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Who paid: an account or a contract, never muxed.
    #[must_use]
    pub const fn payer(&self) -> &Address {
        &self.transfer.from
    }

    /// The transfer.
    #[must_use]
    pub const fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// The hash that was presented, for the receipt.
    #[must_use]
    pub const fn reference(&self) -> TransactionHash {
        self.reference
    }

    /// When it landed, in seconds since 1970.
    #[must_use]
    pub const fn landed_at(&self) -> u64 {
        self.landed_at
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature(_) => "Signature([not shown])",
            Self::None => "None",
        })
    }
}
