//! "Client-Paid Fees", steps 1 to 3: a transaction of the payer's own account, in which the payer's signature of the
//! transaction authorizes the transfer.

use coinslot_mpp_wire::Credential;
use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, Signer, SorobanResources, TransactionHash, TransferTransaction,
};

use super::{PlanError, PlannedCharge, SignChargeError};

/// A charge of which the payer pays the fees, and whose transaction the server submits.
#[derive(Clone, Debug)]
pub struct UnsponsoredPlan {
    charge: PlannedCharge,
}

/// What has to be known before a transaction of the payer's own is signed.
#[derive(Clone, Debug)]
pub struct TransactionFacts {
    /// The time, in seconds since 1970.
    pub now: u64,
    /// The transaction's own sequence number: one above the account's.
    pub sequence: i64,
    /// What the simulation of the probe found, its fee included.
    pub resources: SorobanResources,
    /// What to bid for inclusion, in stroops.
    pub inclusion_fee_stroops: u64,
    /// The most that the payer pays in network fees, resources and inclusion together, in stroops.
    pub max_fee_stroops: u64,
}

/// A signed transaction for the server to submit. It is to be kept before it is sent.
#[derive(Clone, Debug)]
pub struct SignedPull {
    charge: PlannedCharge,
    envelope: Envelope,
}

impl UnsponsoredPlan {
    pub(super) const fn new(charge: PlannedCharge) -> Self {
        Self { charge }
    }

    pub(super) fn open_until(&mut self, latest: u64) {
        self.charge.open_until(latest);
    }

    /// What is going to be paid.
    #[must_use]
    pub const fn charge(&self) -> &PlannedCharge {
        &self.charge
    }

    /// The transaction to be simulated, with the sequence number that it will have.
    #[must_use]
    pub fn probe(&self, sequence: i64) -> Envelope {
        probe(&self.charge, self.charge.expires(), sequence)
    }

    /// Builds the transaction and signs it. It is valid until the challenge expires, and no longer.
    ///
    /// # Errors
    ///
    /// When the challenge has expired, the fee is too high, or the signer gives no signature for the payer.
    pub fn sign(
        &self,
        facts: &TransactionFacts,
        signer: &dyn Signer,
    ) -> Result<SignedPull, SignChargeError> {
        Ok(SignedPull {
            envelope: signed(&self.charge, self.charge.expires(), facts, signer)?,
            charge: self.charge.clone(),
        })
    }
}

impl SignedPull {
    /// What is paid.
    #[must_use]
    pub const fn charge(&self) -> &PlannedCharge {
        &self.charge
    }

    /// The signed transaction.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The transaction's hash.
    #[must_use]
    pub fn hash(&self) -> TransactionHash {
        self.envelope.hash(&self.charge.network_id())
    }

    /// The credential.
    #[must_use]
    pub fn credential(&self) -> Credential {
        let transaction = self.envelope.to_base64();
        self.charge
            .credential(&ChargePayload::Transaction { transaction })
    }
}

/// The transaction before its resources are known.
pub(super) fn probe(charge: &PlannedCharge, max_time: u64, sequence: i64) -> Envelope {
    transaction(charge, max_time, sequence, None, PROBE_FEE_STROOPS).to_envelope()
}

/// The transaction of the payer's own, signed.
pub(super) fn signed(
    charge: &PlannedCharge,
    max_time: u64,
    facts: &TransactionFacts,
    signer: &dyn Signer,
) -> Result<Envelope, SignChargeError> {
    charge.must_not_have_expired(facts.now)?;
    signer_must_be_the_payer(charge, signer)?;
    let fee = fee_must_not_exceed_the_maximum(facts)?;
    let resources = Some(facts.resources.clone());
    let mut envelope = transaction(charge, max_time, facts.sequence, resources, fee).to_envelope();
    envelope
        .sign(signer, &charge.network_id())
        .map_err(SignChargeError::Transaction)?;
    Ok(envelope)
}

fn transaction(
    charge: &PlannedCharge,
    max_time: u64,
    sequence: i64,
    resources: Option<SorobanResources>,
    fee: u32,
) -> TransferTransaction {
    let transfer = charge.transfer();
    TransferTransaction {
        source: charge.payer(),
        sequence,
        fee,
        max_time: Some(max_time),
        transfer,
        auth: vec![AuthEntry::by_source_account(&transfer)],
        resources,
    }
}

pub(super) fn signer_must_be_the_payer(
    charge: &PlannedCharge,
    signer: &dyn Signer,
) -> Result<(), SignChargeError> {
    let (payer, found) = (charge.payer(), signer.account_id());
    if payer == found {
        Ok(())
    } else {
        Err(SignChargeError::OtherSigner { payer, found })
    }
}

fn fee_must_not_exceed_the_maximum(facts: &TransactionFacts) -> Result<u32, PlanError> {
    let resource_fee = u64::try_from(facts.resources.resource_fee()).unwrap_or(u64::MAX);
    let needed = resource_fee.saturating_add(facts.inclusion_fee_stroops);
    let maximum = facts.max_fee_stroops;
    match u32::try_from(needed) {
        Ok(fee) if needed <= maximum => Ok(fee),
        _ => Err(PlanError::FeeTooHigh { needed, maximum }),
    }
}

/// The fee of a transaction that is only simulated.
const PROBE_FEE_STROOPS: u32 = 100;
