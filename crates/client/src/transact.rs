//! Signing a payment by a transaction of the payer's own, whose network fee the payer pays within caps.
//!
//! The transaction is simulated before it is signed, so that when this fails, there is no signature anywhere. An account
//! has one transaction after the other: one such payment at a time is made by this client.

use coinslot_mpp_charge_stellar::{SignChargeError, TransactionFacts};
use coinslot_mpp_wire::{Credential, MAX_HEADER_BYTES};
use coinslot_soroban_authorization::{Envelope, Signer, TransactionHash};
use coinslot_usdc_amount::BaseUnits;

use crate::amount::Unit;
use crate::authorize::within;
use crate::cannot_pay::CannotPay;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::journal::Signed;
use crate::offer::{Offer, Transact};
use crate::spending::Reservation;

/// A transaction that was signed, and has left this process for nobody yet.
pub(crate) struct Transaction {
    envelope: Envelope,
    hash: TransactionHash,
    max_time: u64,
    push: bool,
    pub(crate) signed_at_ledger: u32,
    /// What carries it, or proves it once it has landed.
    pub(crate) header: String,
    pub(crate) fee: Reservation,
}

impl Transaction {
    pub(crate) fn record(&self) -> Signed {
        Signed::Transaction {
            envelope: self.envelope.to_base64(),
            hash: self.hash.to_string(),
            max_time: self.max_time,
            push: self.push,
        }
    }
}

impl Engine {
    /// Reserves the network fee and signs the offer's transaction. When this fails, there is no signature.
    pub(crate) async fn transact(
        &self,
        offer: &Offer,
        plan: &Transact,
        host: &str,
    ) -> Result<Transaction, PaymentError> {
        self.require_network().await?;
        let signed_at_ledger = self.ledger.latest_ledger().await?.sequence;
        let payer = self.payer;
        let account = self.ledger.account(&payer).await?;
        let account = account
            .ok_or_else(|| PaymentError::CannotPay(Box::new(CannotPay::NoAccount { payer })))?;
        let sequence = account.sequence.saturating_add(1);
        let (resources, resource_fee) = self.simulate(offer, &plan.probe(sequence)).await?;
        let recent = self.ledger.fee_stats().await?.p90;
        let bid = recent.clamp(LEAST_BID_STROOPS, MOST_BID_STROOPS);
        let stroops = u64::try_from(resource_fee).unwrap_or(0).saturating_add(bid);
        let fee = self.reserve_fee(stroops, host).await?;
        let facts = TransactionFacts {
            now: self.clock.now().as_seconds(),
            sequence,
            resources: resources.with_resource_fee(resource_fee),
            inclusion_fee_stroops: bid,
            max_fee_stroops: stroops,
        };
        let signed = plan
            .sign(&facts, self.signer.as_ref())
            .map_err(PaymentError::from)
            .and_then(|(envelope, credential)| {
                let header = within(MAX_HEADER_BYTES, credential.to_header())?;
                Ok((envelope, header))
            });
        match signed {
            Ok((envelope, header)) => Ok(Transaction {
                hash: envelope.hash(&self.network_id()),
                envelope,
                max_time: plan.max_time(),
                push: matches!(plan, Transact::Push(_)),
                signed_at_ledger,
                header,
                fee,
            }),
            Err(error) => {
                self.release(&fee).await;
                Err(error)
            }
        }
    }

    async fn reserve_fee(&self, stroops: u64, host: &str) -> Result<Reservation, PaymentError> {
        let amount = Unit::Lumens.amount(BaseUnits::from_u64(stroops));
        let account = self.account(NATIVE);
        self.reserve(&account, host, amount, &self.policy.network_fees)
            .await
    }
}

impl Transact {
    fn probe(&self, sequence: i64) -> Envelope {
        match self {
            Self::Pull(plan) => plan.probe(sequence),
            Self::Push(plan) => plan.probe(sequence),
        }
    }

    /// Until when the transaction can land.
    fn max_time(&self) -> u64 {
        match self {
            Self::Pull(plan) => plan.charge().expires(),
            Self::Push(plan) => plan.max_time(),
        }
    }

    /// Signs the transaction, and what proves it.
    fn sign(
        &self,
        facts: &TransactionFacts,
        signer: &dyn Signer,
    ) -> Result<(Envelope, Credential), SignChargeError> {
        match self {
            Self::Pull(plan) => {
                let signed = plan.sign(facts, signer)?;
                Ok((signed.envelope().clone(), signed.credential()))
            }
            Self::Push(plan) => {
                let signed = plan.sign(facts, signer)?;
                Ok((signed.envelope().clone(), signed.credential(signer)?))
            }
        }
    }
}

/// The name under which network fees are counted.
const NATIVE: &str = "native";

/// The least that the network takes for inclusion, and the most that is bid.
const LEAST_BID_STROOPS: u64 = 100;
const MOST_BID_STROOPS: u64 = 10_000;
