//! "Server-Sponsored Fees", steps 1 to 4.

use coinslot_mpp_wire::Credential;
use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, SorobanResources, TransferTransaction, UnsignedAuthEntry,
};
use coinslot_stellar_address::AccountId;

use super::{PlanError, PlannedCharge};
use crate::expiration::ledger_expiration;

/// A charge of which the server pays the fees: the payer signs one authorization entry.
#[derive(Clone, Debug)]
pub struct SponsoredPlan {
    charge: PlannedCharge,
}

impl SponsoredPlan {
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

    /// The last ledger of the authorization: `latest + ceil((expires - now) / 5)`.
    ///
    /// # Errors
    ///
    /// [`PlanError::Expired`] when nothing is to be signed any more.
    pub fn expiration_ledger(&self, latest_ledger: u32, now: u64) -> Result<u32, PlanError> {
        self.charge.must_not_have_expired(now)?;
        let expires = self.charge.expires();
        Ok(ledger_expiration(latest_ledger, expires, now))
    }

    /// The entry to be signed, until the [expiration ledger](Self::expiration_ledger). `nonce` is random, and used once.
    #[must_use]
    pub fn authorization(&self, nonce: i64, expiration_ledger: u32) -> UnsignedAuthEntry {
        UnsignedAuthEntry::for_transfer(&self.charge.transfer(), nonce, expiration_ledger)
    }

    /// The transaction to be simulated, so that the network itself checks the signed entry and tells what the transfer
    /// needs.
    #[must_use]
    pub fn probe(&self, entry: &AuthEntry) -> Envelope {
        self.transaction(entry.clone(), None, INCLUSION_FEE_STROOPS)
    }

    /// The credential: the transaction with what the simulation of the [probe](Self::probe) found.
    ///
    /// Its fee is only declared. Nobody signs this transaction; the server builds its own.
    #[must_use]
    pub fn credential(
        &self,
        entry: AuthEntry,
        resources: SorobanResources,
        min_resource_fee: i64,
    ) -> Credential {
        let resource_fee = u32::try_from(min_resource_fee.max(0)).unwrap_or(u32::MAX);
        let fee = resource_fee.saturating_add(INCLUSION_FEE_STROOPS);
        let resources = resources.with_resource_fee(i64::from(resource_fee));
        let transaction = self.transaction(entry, Some(resources), fee).to_base64();
        self.charge
            .credential(&ChargePayload::Transaction { transaction })
    }

    fn transaction(
        &self,
        entry: AuthEntry,
        resources: Option<SorobanResources>,
        fee: u32,
    ) -> Envelope {
        TransferTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 1,
            fee,
            max_time: Some(self.charge.expires()),
            transfer: self.charge.transfer(),
            auth: vec![entry],
            resources,
        }
        .to_envelope()
    }
}

/// What the client declares to bid for inclusion: the network's minimum.
const INCLUSION_FEE_STROOPS: u32 = 100;
