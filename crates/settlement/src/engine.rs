//! The engine behind [`LocalFacilitator`](crate::LocalFacilitator).
//!
//! One file for each step of a settlement, in the order in which they happen:
//! `examine` (check, simulate, verify, for `payment` of either protocol) → `settle` (claim, or join whoever claimed) → `launch`
//! (lease, build, simulate again, reserve, sign, record, submit) → `follow` (poll, raise the bid,
//! conclude); `recognise` finds a payment that someone else brought to the chain, `resume` goes on
//! after a restart.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_payment_store::{
    Claim, ClaimState, ClaimUpdate, Clock, PaymentId, PaymentStore, UnixMillis,
};
use coinslot_soroban_authorization::Signer;
use coinslot_stellar_ledger::{LatestLedger, Ledger};
use coinslot_x402_exact_stellar::{Refusal, Rules};

use crate::budget::Budget;
use crate::flights::Flights;
use crate::pool::SponsorPool;
use crate::record::SettlementRecord;
use crate::{FeePolicy, Outage, SettlementEvent, SettlementObserver, Timing};

mod attempt;
mod examine;
mod follow;
mod launch;
mod payment;
mod recognise;
mod resume;
mod settle;
mod sight;
mod status;
mod verify;

pub(crate) use examine::{Asked, Examined};
pub(crate) use payment::charge_simulation;
pub(crate) use recognise::moved;
pub use resume::Resumed;
pub(crate) use sight::GRACE_SECONDS;

pub(crate) struct Engine {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) store: Arc<dyn PaymentStore>,
    pub(crate) network: StellarNetwork,
    pub(crate) network_id: NetworkId,
    pub(crate) rules: Rules,
    pub(crate) sponsors: Arc<SponsorPool>,
    /// Pays the fees in place of the sponsors, if there is one.
    pub(crate) fee_bump: Option<Arc<dyn Signer>>,
    pub(crate) fees: FeePolicy,
    pub(crate) budget: Arc<Budget>,
    pub(crate) timing: Timing,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn SettlementObserver>,
    pub(crate) flights: Arc<Flights>,
}

/// A claim of ours with its record.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) claim: Claim,
    pub(crate) record: SettlementRecord,
}

impl Work {
    pub(crate) fn read(claim: Claim) -> Result<Self, Outage> {
        let record =
            SettlementRecord::from_bytes(&claim.detail).map_err(|_| Outage::UnreadableRecord)?;
        Ok(Self { claim, record })
    }

    pub(crate) fn payment(&self) -> &PaymentId {
        &self.claim.key.payment
    }

    /// How long ago the payment was claimed.
    pub(crate) fn age(&self, now: UnixMillis) -> Duration {
        now.saturating_since(self.claim.claimed_at)
    }
}

impl Engine {
    /// Makes the work's record durable, in a new state of its claim.
    async fn save(&self, work: &mut Work, state: ClaimState) -> Result<(), Outage> {
        self.save_for(work, state, self.timing.lease).await
    }

    async fn save_for(
        &self,
        work: &mut Work,
        state: ClaimState,
        lease: Duration,
    ) -> Result<(), Outage> {
        let now = self.clock.now();
        let aliases = work
            .record
            .hashes()
            .map(|hash| PaymentId::transaction(&self.network_id, &hash.to_string()))
            .collect();
        let update = ClaimUpdate {
            state,
            detail: work.record.to_bytes(),
            aliases,
            now,
            lease_until: now.saturating_add(lease),
        };
        work.claim = self.store.update(&work.claim, update).await?;
        Ok(())
    }

    /// The chain's time at `latest`, in Unix seconds.
    pub(crate) fn close_time(&self, latest: &LatestLedger) -> u64 {
        latest
            .close_time
            .unwrap_or_else(|| self.clock.now().as_seconds())
    }

    pub(crate) fn observe(&self, event: &SettlementEvent<'_>) {
        self.observer.on_event(event);
    }

    pub(crate) fn observe_refusal(&self, refusal: &Refusal) {
        self.observe(&SettlementEvent::Refused {
            reason: &refusal.reason,
        });
    }

    /// Notes an outage on its way to the caller.
    pub(crate) fn outage(&self, outage: impl Into<Outage>) -> Outage {
        let outage = outage.into();
        self.observe(&SettlementEvent::Outage(&outage));
        outage
    }

    pub(crate) fn retry_after_seconds(&self) -> u32 {
        u32::try_from(self.timing.retry_after.as_secs())
            .unwrap_or(u32::MAX)
            .max(1)
    }
}
