//! "Push Mode" of fee payment, and the official SDK's `signedHash`: "the client builds, signs, and broadcasts the
//! transaction independently".

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_wire::stellar::{ChargePayload, signed_hash_message};
use coinslot_mpp_wire::{Challenge, Credential};
use coinslot_soroban_authorization::{Envelope, Signer, TransactionHash};

use super::unsponsored::{self, TransactionFacts};
use super::{PlanError, PlannedCharge, SignChargeError};

/// How long before its challenge expires a pushed transaction can land at the latest, in seconds: what has landed must
/// still be presented.
pub const PUSH_MARGIN_SECONDS: u64 = 15;

/// A charge whose transaction the client submits itself.
#[derive(Clone, Debug)]
pub struct PushPlan {
    charge: PlannedCharge,
    signed: bool,
    max_time: u64,
}

/// A signed transaction for the client to submit. It is to be kept before it is submitted.
#[derive(Clone, Debug)]
pub struct SignedPush {
    charge: PlannedCharge,
    signed: bool,
    envelope: Envelope,
}

impl PushPlan {
    pub(super) fn new(charge: PlannedCharge, signed: bool, now: u64) -> Result<Self, PlanError> {
        let max_time = charge.expires().saturating_sub(PUSH_MARGIN_SECONDS);
        if now >= max_time {
            return Err(PlanError::TooLittleTime);
        }
        Ok(Self {
            charge,
            signed,
            max_time,
        })
    }

    pub(super) fn open_until(&mut self, latest: u64) {
        self.charge.open_until(latest);
        self.max_time = self.max_time.min(latest);
    }

    /// What is going to be paid.
    #[must_use]
    pub const fn charge(&self) -> &PlannedCharge {
        &self.charge
    }

    /// Until when the transaction can land, in seconds since 1970.
    #[must_use]
    pub const fn max_time(&self) -> u64 {
        self.max_time
    }

    /// The transaction to be simulated, with the sequence number that it will have.
    #[must_use]
    pub fn probe(&self, sequence: i64) -> Envelope {
        unsponsored::probe(&self.charge, self.max_time, sequence)
    }

    /// Builds the transaction and signs it.
    ///
    /// # Errors
    ///
    /// When there is too little time left, the fee is too high, or the signer gives no signature for the payer.
    pub fn sign(
        &self,
        facts: &TransactionFacts,
        signer: &dyn Signer,
    ) -> Result<SignedPush, SignChargeError> {
        if facts.now >= self.max_time {
            return Err(PlanError::TooLittleTime.into());
        }
        Ok(SignedPush {
            envelope: unsponsored::signed(&self.charge, self.max_time, facts, signer)?,
            charge: self.charge.clone(),
            signed: self.signed,
        })
    }
}

impl SignedPush {
    /// What is paid.
    #[must_use]
    pub const fn charge(&self) -> &PlannedCharge {
        &self.charge
    }

    /// The transaction to be submitted.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The transaction's hash.
    #[must_use]
    pub fn hash(&self) -> TransactionHash {
        self.envelope.hash(&self.charge.network_id())
    }

    /// The credential, to be sent when the transaction has been confirmed: with the payer's proof, unless the mode is
    /// [`Mode::PushUnsigned`](crate::Mode::PushUnsigned).
    ///
    /// # Errors
    ///
    /// When the signer gives no signature of a message for the payer.
    pub fn credential(&self, signer: &dyn Signer) -> Result<Credential, SignChargeError> {
        if self.signed {
            unsponsored::signer_must_be_the_payer(&self.charge, signer)?;
            let (challenge, network) = (self.charge.challenge(), self.charge.network());
            return prove_push(challenge, network, &self.hash(), signer);
        }
        let hash = *self.hash().as_bytes();
        Ok(self.charge.credential(&ChargePayload::Hash { hash }))
    }
}

/// Proves that a transaction that has landed is the signer's payment for a challenge. A client that was interrupted after
/// it had submitted needs nothing else, not even that the challenge has not expired.
///
/// # Errors
///
/// When the signer gives no signature of a message.
pub fn prove_push(
    challenge: &Challenge,
    network: &StellarNetwork,
    hash: &TransactionHash,
    signer: &dyn Signer,
) -> Result<Credential, SignChargeError> {
    let message = signed_hash_message(challenge.id(), hash.as_bytes());
    let source_signature = signer
        .sign_message(message.as_bytes())
        .map_err(SignChargeError::Proof)?;
    let payload = ChargePayload::SignedHash {
        hash: *hash.as_bytes(),
        source_signature,
    };
    Ok(super::credential(
        challenge,
        &payload,
        network,
        signer.account_id(),
    ))
}
