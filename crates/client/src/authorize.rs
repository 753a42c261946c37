//! Signing a payment by one authorization entry for one transfer, checked by the network before it is sent.
//!
//! The entry is built here, so that nothing that a server or an RPC says is signed. The network simulates the very
//! transaction that goes out, with the signature enforced: it gives the resources and finds what would fail.

use coinslot_mpp_charge_stellar::PlanError as ChargeError;
use coinslot_mpp_wire::MAX_HEADER_BYTES as MAX_CREDENTIAL_BYTES;
use coinslot_soroban_authorization::{AuthEntry, Envelope, SorobanResources, UnsignedAuthEntry};
use coinslot_stellar_ledger::Simulation;
use coinslot_x402_wire::{PaymentPayload, header::MAX_HEADER_BYTES};

use crate::cannot_pay::{self, CannotPay};
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::journal::Signed;
use crate::offer::{Authorize, Offer};

/// An authorization that was signed, and has left this process for nobody yet.
pub(crate) struct Authorization {
    pub(crate) entry: AuthEntry,
    pub(crate) nonce: i64,
    pub(crate) signed_at_ledger: u32,
    pub(crate) expiration_ledger: u32,
}

impl Authorization {
    pub(crate) fn record(&self) -> Signed {
        Signed::Authorization {
            entry: self.entry.to_base64(),
            nonce: self.nonce,
            expiration_ledger: self.expiration_ledger,
        }
    }
}

impl Engine {
    /// Signs the offer's transfer. When this fails, there is no signature.
    pub(crate) async fn authorize(&self, plan: &Authorize) -> Result<Authorization, PaymentError> {
        self.require_network().await?;
        let latest = self.ledger.latest_ledger().await?.sequence;
        let close_time = self.ledger.close_time_seconds().await?.max(1);
        let longest = self
            .policy
            .longest_authorization
            .as_secs()
            .div_ceil(u64::from(close_time));
        let longest = latest.saturating_add(u32::try_from(longest).unwrap_or(u32::MAX));
        let now = self.clock.now().as_seconds();
        let expiration_ledger = plan
            .expiration_ledger(latest, close_time, now)?
            .min(longest);
        let nonce = getrandom::u64()
            .map_err(|_| PaymentError::Random)?
            .cast_signed();
        let entry = plan
            .authorization(nonce, expiration_ledger)
            .sign(self.signer.as_ref(), &self.network_id())?;
        Ok(Authorization {
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
        plan: &Authorize,
        entry: AuthEntry,
    ) -> Result<String, PaymentError> {
        let (resources, resource_fee) = self.simulate(offer, &plan.probe(&entry)).await?;
        plan.header(entry, resources, resource_fee)
    }

    /// Has a transfer simulated: the resources that it takes, and their fee.
    pub(crate) async fn simulate(
        &self,
        offer: &Offer,
        probe: &Envelope,
    ) -> Result<(SorobanResources, i64), PaymentError> {
        let why = match self.ledger.simulate(probe).await? {
            Simulation::Succeeded {
                resources,
                min_resource_fee,
                ..
            } => return Ok((resources, min_resource_fee)),
            Simulation::Failed { message, .. } => {
                cannot_pay::explain(&message, offer, self.payer, self.ledger.as_ref()).await?
            }
            Simulation::RestoreNeeded { .. } => CannotPay::Archived,
        };
        Err(PaymentError::CannotPay(Box::new(why)))
    }

    /// The RPC must belong to the network that is signed for; asked once.
    pub(crate) async fn require_network(&self) -> Result<(), PaymentError> {
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

impl Authorize {
    fn expiration_ledger(
        &self,
        latest: u32,
        close_time: u32,
        now: u64,
    ) -> Result<u32, ChargeError> {
        match self {
            Self::Exact(exact) => Ok(exact.0.expiration_ledger(latest, close_time)),
            Self::Sponsored(plan) => plan.expiration_ledger(latest, now),
        }
    }

    fn authorization(&self, nonce: i64, expiration_ledger: u32) -> UnsignedAuthEntry {
        match self {
            Self::Exact(exact) => exact.0.authorization(nonce, expiration_ledger),
            Self::Sponsored(plan) => plan.authorization(nonce, expiration_ledger),
        }
    }

    fn probe(&self, entry: &AuthEntry) -> Envelope {
        match self {
            Self::Exact(exact) => exact.0.probe(entry),
            Self::Sponsored(plan) => plan.probe(entry),
        }
    }

    fn header(
        &self,
        entry: AuthEntry,
        resources: SorobanResources,
        resource_fee: i64,
    ) -> Result<String, PaymentError> {
        match self {
            Self::Exact(exact) => {
                let payload = exact.0.payload(entry, resources, resource_fee);
                let draft = exact.1.clone();
                within(
                    MAX_HEADER_BYTES,
                    PaymentPayload { payload, ..draft }.to_header(),
                )
            }
            Self::Sponsored(plan) => {
                let credential = plan.credential(entry, resources, resource_fee);
                within(MAX_CREDENTIAL_BYTES, credential.to_header())
            }
        }
    }
}

/// A header that servers do not refuse for its length.
pub(crate) fn within(most: usize, header: String) -> Result<String, PaymentError> {
    if header.len() > most {
        return Err(PaymentError::HeaderTooLong {
            bytes: header.len(),
        });
    }
    Ok(header)
}
