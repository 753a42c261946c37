//! Goes on with what an earlier run, or another process, left open.

use std::sync::Arc;

use coinslot_payment_store::{ClaimState, PaymentId, Scope};
use tracing::Instrument as _;

use super::follow::Launched;
use super::{Engine, Work};
use crate::{Outage, SettlementEvent};

/// What [`LocalFacilitator::resume_pending`](crate::LocalFacilitator::resume_pending) found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Submitted payments that are followed again.
    pub followed: usize,
    /// Claims that were let go: nobody works on them, and nothing was broadcast for them or what
    /// was can have no effect any more.
    pub released: usize,
    /// Claims whose stored state cannot be read; they are left as they are.
    pub unreadable: usize,
}

impl Engine {
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<Resumed, Outage> {
        let mut resumed = Resumed::default();
        let mut after: Option<PaymentId> = None;
        loop {
            let page = self
                .store
                .pending(Scope::Settlement, after.as_ref(), PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(resumed);
            };
            after = Some(last.key.payment.clone());
            for claim in page {
                let Ok(work) = Work::read(claim) else {
                    self.outage(Outage::UnreadableRecord);
                    resumed.unreadable += 1;
                    continue;
                };
                if self.flights.find(work.payment()).is_some() {
                    continue;
                }
                if work.claim.state == ClaimState::Pending {
                    resumed.followed += usize::from(self.adopt(work));
                } else if work.claim.lease_until <= self.clock.now() {
                    match self.let_go(work).await {
                        Ok(true) => resumed.released += 1,
                        Ok(false) | Err(Outage::TakenOver) => {}
                        Err(outage) => return Err(outage),
                    }
                }
            }
        }
    }

    /// Lets go of a claim that nobody works on, once nothing can settle it any more. Whether it
    /// has.
    async fn let_go(&self, mut work: Work) -> Result<bool, Outage> {
        if !work.record.broadcast {
            self.store.release(&work.claim).await?;
            return Ok(true);
        }
        let Some(flight) = self.flights.begin(work.payment()) else {
            return Ok(false);
        };
        match self.end_of_abandoned(&work.record).await? {
            Some(end) => {
                self.conclude(&flight, &mut work, &end).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Follows a payment that was submitted by someone who is gone. Whether it was new.
    ///
    /// Two processes may follow one payment: they look for the same hashes and submit the same
    /// envelopes, and only one of them can write the outcome.
    pub(super) fn adopt(self: &Arc<Self>, work: Work) -> bool {
        let Some(flight) = self.flights.begin(work.payment()) else {
            return false;
        };
        self.observe(&SettlementEvent::Resumed);
        // Taken at once, before a new payment can take it: the transaction may still land.
        let sponsor = work.record.attempts.last().map(|attempt| attempt.sponsor);
        let lease = sponsor.and_then(|sponsor| self.sponsors.try_lease_account(&sponsor));
        let engine = Arc::clone(self);
        let follow = async move {
            let lease = match (lease, sponsor) {
                (None, Some(sponsor)) => engine.sponsors.lease_account(&sponsor).await,
                (lease, _) => lease,
            };
            engine.follow(&flight, work, lease, Launched::LongAgo).await;
        };
        tokio::spawn(follow.in_current_span());
        true
    }
}

const PAGE: usize = 256;
