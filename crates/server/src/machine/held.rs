//! A claim while this process works on it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::{
    Claim, ClaimUpdate, Clock, PaymentId, PaymentStore, StoreError, UnixMillis,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::detail::{Detail, Phase};

/// A claim that this process holds: its lease is renewed while work goes on, and every step is
/// written by compare-and-set, so that a process which lost its lease cannot go on by mistake.
pub(crate) struct Held {
    store: Arc<dyn PaymentStore>,
    clock: Arc<dyn Clock>,
    lease: Duration,
    claim: Claim,
    detail: Detail,
}

impl Held {
    pub(crate) fn new(
        store: Arc<dyn PaymentStore>,
        clock: Arc<dyn Clock>,
        lease: Duration,
        claim: Claim,
        detail: Detail,
    ) -> Self {
        Self {
            store,
            clock,
            lease,
            claim,
            detail,
        }
    }

    /// What the claim is called to the facilitator.
    pub(crate) fn purchase(&self) -> String {
        self.detail.purchase.clone()
    }

    /// Does `work`, and renews the lease as long as it takes.
    pub(crate) async fn during<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        let pace = self.lease / RENEWALS_PER_LEASE;
        let mut ticks = interval_at(Instant::now() + pace, pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                _ = ticks.tick() => self.renew().await,
            }
        }
    }

    /// Moves to `phase` and keeps the lease.
    pub(crate) async fn advance(&mut self, phase: Phase) -> Result<(), StoreError> {
        self.write(phase, Vec::new(), self.lease).await
    }

    /// Moves to `phase`, keeps the lease, and consumes the payment's other ids too.
    pub(crate) async fn advance_with(
        &mut self,
        phase: Phase,
        aliases: Vec<PaymentId>,
    ) -> Result<(), StoreError> {
        self.write(phase, aliases, self.lease).await
    }

    /// Moves to `phase` and lets go after `wait`: from then on the next request may take over.
    pub(crate) async fn leave(mut self, phase: Phase, wait: Duration) -> Result<(), StoreError> {
        self.write(phase, Vec::new(), wait).await
    }

    /// Moves to the last phase, and consumes the payment's other ids too.
    pub(crate) async fn finish(
        mut self,
        phase: Phase,
        aliases: Vec<PaymentId>,
    ) -> Result<(), StoreError> {
        self.write(phase, aliases, Duration::ZERO).await
    }

    /// Gives the payment free: nothing was broadcast.
    pub(crate) async fn release(self) -> Result<(), StoreError> {
        self.store.release(&self.claim).await
    }

    async fn write(
        &mut self,
        phase: Phase,
        aliases: Vec<PaymentId>,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let detail = Detail {
            phase,
            ..self.detail.clone()
        };
        let update = ClaimUpdate {
            state: detail.phase.state(),
            detail: encode(&detail),
            aliases,
            now,
            lease_until: now.saturating_add(lease),
        };
        self.claim = self.store.update(&self.claim, update).await?;
        self.detail = detail;
        Ok(())
    }

    async fn renew(&mut self) {
        let now = self.clock.now();
        let update = ClaimUpdate::of(&self.claim, self.claim.state, now)
            .lease_until(now.saturating_add(self.lease));
        match self.store.update(&self.claim, update).await {
            Ok(claim) => self.claim = claim,
            // A lost claim shows at the next step, which then fails.
            Err(error) => {
                tracing::warn!(payment = %self.claim.key.payment, %error, "lease not renewed")
            }
        }
    }
}

/// A detail as the store keeps it. Our own types always have a JSON form.
pub(crate) fn encode(detail: &Detail) -> Vec<u8> {
    serde_json::to_vec(detail).unwrap_or_default()
}

/// Takes over a claim whose lease has lapsed, unless someone else was faster.
pub(crate) async fn take_over(
    store: &Arc<dyn PaymentStore>,
    claim: &Claim,
    now: UnixMillis,
    lease: Duration,
) -> Result<Claim, StoreError> {
    let update = ClaimUpdate::of(claim, claim.state, now).lease_until(now.saturating_add(lease));
    store.update(claim, update).await
}

const RENEWALS_PER_LEASE: u32 = 3;
