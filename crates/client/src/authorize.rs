//! Signing a payment: one authorization entry for one transfer, checked by the network before it is sent.
//!
//! The entry is built here, so that nothing that a server or an RPC says is signed. The network simulates the very
//! transaction that goes out, with the signature enforced: it gives the resources and finds what would fail.

use coinslot_soroban_authorization::AuthEntry;
use coinslot_stellar_ledger::Simulation;
use coinslot_x402_exact_stellar::ClientPlan;
use coinslot_x402_wire::{PaymentPayload, header::MAX_HEADER_BYTES};
use serde_json::{Map, Value};

use crate::cannot_pay::{self, CannotPay};
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::policy::Offer;

/// A signed entry that has left this process for nobody yet.
pub(crate) struct Signed {
    pub(crate) entry: AuthEntry,
    pub(crate) nonce: i64,
    pub(crate) signed_at_ledger: u32,
    pub(crate) expiration_ledger: u32,
}

impl Engine {
    /// Signs the offer's transfer. When this fails, there is no signature.
    pub(crate) async fn sign(&self, plan: &ClientPlan) -> Result<Signed, PaymentError> {
        self.require_network().await?;
        let latest = self.ledger.latest_ledger().await?.sequence;
        let close_time = self.ledger.close_time_seconds().await?.max(1);
        let longest = self
            .policy
            .longest_authorization
            .as_secs()
            .div_ceil(u64::from(close_time));
        let longest = latest.saturating_add(u32::try_from(longest).unwrap_or(u32::MAX));
        let expiration_ledger = plan.expiration_ledger(latest, close_time).min(longest);
        let nonce = getrandom::u64()
            .map_err(|_| PaymentError::Random)?
            .cast_signed();
        let entry = plan
            .authorization(nonce, expiration_ledger)
            .sign(self.signer.as_ref(), &self.network_id())?;
        Ok(Signed {
            entry,
            nonce,
            signed_at_ledger: latest,
            expiration_ledger,
        })
    }

    /// Simulates the signed transfer and makes the header that carries it.
    pub(crate) async fn prepare(
        &self,
        offer: &Offer,
        entry: AuthEntry,
        draft: &PaymentPayload,
    ) -> Result<String, PaymentError> {
        let probe = offer.plan.probe(&entry);
        let payload = match self.ledger.simulate(&probe).await? {
            Simulation::Succeeded {
                resources,
                min_resource_fee,
                ..
            } => offer.plan.payload(entry, resources, min_resource_fee),
            Simulation::Failed { message, .. } => {
                let why =
                    cannot_pay::explain(&message, offer, self.payer, self.ledger.as_ref()).await?;
                return Err(PaymentError::CannotPay(Box::new(why)));
            }
            Simulation::RestoreNeeded { .. } => {
                return Err(PaymentError::CannotPay(Box::new(CannotPay::Archived)));
            }
        };
        header(draft, payload)
    }

    /// The RPC must belong to the network that is signed for; asked once.
    async fn require_network(&self) -> Result<(), PaymentError> {
        let expected = self.network_id();
        let found = *self
            .rpc_network
            .get_or_try_init(|| self.ledger.network())
            .await?;
        if found == expected {
            Ok(())
        } else {
            Err(PaymentError::WrongNetwork { expected, found })
        }
    }
}

fn header(draft: &PaymentPayload, payload: Map<String, Value>) -> Result<String, PaymentError> {
    let header = PaymentPayload {
        payload,
        ..draft.clone()
    }
    .to_header();
    if header.len() > MAX_HEADER_BYTES {
        return Err(PaymentError::HeaderTooLong {
            bytes: header.len(),
        });
    }
    Ok(header)
}
