//! From a submitted transaction to its outcome.
//!
//! A transaction is followed by all its hashes until it has landed or can no longer land, and its
//! sponsor stays leased for as long. Meanwhile the same envelope is submitted again, and its bid
//! is raised by a fee bump around the same transaction; it is never built anew.

use std::time::Duration;

use coinslot_payment_store::ClaimState;
use coinslot_soroban_authorization::Envelope;
use coinslot_stellar_ledger::{LatestLedger, ResultCode, Submission};

use super::launch::Halt;
use super::sight::{End, Sight};
use super::{Engine, Work};
use crate::answer::Answer;
use crate::flights::Flight;
use crate::pace::Pace;
use crate::pool::SponsorLease;
use crate::record::Outcome;
use crate::{Outage, SettlementEvent};

/// How a pursuit begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Launched {
    /// The network has the transaction, or may have it.
    Flying,
    /// The network has refused the bid as too low.
    Underbid,
    /// An earlier run submitted it.
    LongAgo,
}

impl Engine {
    /// Follows a submitted payment to its end, and tells those who wait.
    pub(super) async fn follow(
        &self,
        flight: &Flight,
        mut work: Work,
        lease: Option<SponsorLease>,
        launched: Launched,
    ) {
        let mut pace = match launched {
            Launched::Flying => Pace::new(self.timing.poll_every),
            Launched::Underbid | Launched::LongAgo => Pace::with_survey(self.timing.poll_every),
        };
        let mut underbid = launched == Launched::Underbid;
        loop {
            let survey = pace.survey_is_due();
            match self.look(&work, survey).await {
                Ok(Sight::Waiting(None)) => {}
                Ok(Sight::Waiting(Some(latest))) => {
                    match self.press(&mut work, &latest, underbid).await {
                        Ok(refused_bid) => underbid = refused_bid,
                        Err(Outage::TakenOver) => return forget_sequence(lease),
                        Err(outage) => drop(self.outage(outage)),
                    }
                }
                Ok(Sight::Forgotten) => {
                    self.outage(Outage::Forgotten);
                    return forget_sequence(lease);
                }
                Ok(Sight::Ended(end)) => match self.conclude(flight, &mut work, &end).await {
                    Ok(()) if end.open => return self.sweep(work, lease, pace).await,
                    Ok(()) => return self.settle_account(&work, lease, &end).await,
                    Err(Outage::TakenOver) => return forget_sequence(lease),
                    // The end is known and not durable yet: try again until it is.
                    Err(outage) => drop(self.outage(outage)),
                },
                Err(error) => drop(self.outage(error)),
            }
            pace.rest().await;
        }
    }

    /// Submits the newest envelope again, or raises its bid when it has waited too long. Answers
    /// whether the network refuses the bid as too low.
    async fn press(
        &self,
        work: &mut Work,
        latest: &LatestLedger,
        underbid: bool,
    ) -> Result<bool, Outage> {
        let Some(last) = work.record.attempts.last() else {
            return Ok(false);
        };
        if self.close_time(latest) >= last.max_time {
            return Ok(false);
        }
        let waited = latest.sequence.saturating_sub(last.signed_at_ledger);
        let mut envelope =
            Envelope::from_base64(&last.envelope).map_err(|_| Outage::UnreadableRecord)?;
        if (underbid || waited >= self.timing.raise_bid_after_ledgers)
            && let Some(signed) = self.raise(work, latest.sequence)?
        {
            match self.reserve(work, signed.attempt.fee).await {
                Ok(()) => envelope = self.record_attempt(work, signed).await?,
                // The budget does not allow a higher bid: the old one goes on waiting.
                Err(Halt::Refused(_) | Halt::Landed(_)) => {}
                Err(Halt::Outage(outage)) => return Err(outage),
            }
        }
        let submission = self.ledger.submit(&envelope).await?;
        Ok(submission
            == Submission::Refused {
                code: ResultCode::InsufficientFee,
            })
    }

    /// Makes an end durable and tells those who wait for it.
    pub(super) async fn conclude(
        &self,
        flight: &Flight,
        work: &mut Work,
        end: &End,
    ) -> Result<(), Outage> {
        let Some(outcome) = &end.outcome else {
            // Our transaction has expired and the payment has not: the next who asks starts anew,
            // on the same claim.
            work.record.attempts.clear();
            work.record.broadcast = true;
            let reservation = std::mem::take(&mut work.record.reservation);
            self.save_for(work, ClaimState::Claimed, Duration::ZERO)
                .await?;
            self.give_back(work, &reservation, 0).await;
            self.outage(Outage::NotIncluded);
            flight.answer(Answer::Pending);
            return Ok(());
        };
        let state = match outcome {
            Outcome::Confirmed { .. } => ClaimState::Settled,
            Outcome::Failed { .. } => ClaimState::Failed,
        };
        work.record.outcome = Some(outcome.clone());
        self.save(work, state).await?;
        flight.answer(Answer::Outcome(outcome.clone()));
        let took = work.age(self.clock.now());
        self.observe(&match outcome {
            Outcome::Confirmed { transaction, .. } => {
                let ours = work.record.hashes().any(|hash| hash == *transaction);
                SettlementEvent::Confirmed {
                    transaction: *transaction,
                    ours,
                    took,
                }
            }
            Outcome::Failed { reason, .. } => SettlementEvent::Failed { reason, took },
        });
        Ok(())
    }

    /// Someone else has paid. Waits until our own transaction has landed too (and failed), or
    /// cannot any more, before the sponsor signs another.
    async fn sweep(&self, work: Work, lease: Option<SponsorLease>, mut pace: Pace) {
        loop {
            match self.look(&work, pace.survey_is_due()).await {
                Ok(Sight::Ended(end)) if !end.open => {
                    return self.settle_account(&work, lease, &end).await;
                }
                Ok(Sight::Forgotten) => return forget_sequence(lease),
                Ok(_) => {}
                Err(error) => drop(self.outage(error)),
            }
            pace.rest().await;
        }
    }

    /// Corrects the budget and gives the sponsor back.
    async fn settle_account(&self, work: &Work, lease: Option<SponsorLease>, end: &End) {
        if end.charged > 0 {
            self.observe(&SettlementEvent::FeeCharged {
                stroops: end.charged,
            });
        }
        self.give_back(work, &work.record.reservation, end.charged)
            .await;
        if matches!(end.outcome, Some(Outcome::Failed { .. })) {
            self.penalise(work, end.charged).await;
        }
        if let Some(lease) = lease {
            lease.set_sequence(end.sequence);
        }
    }
}

/// Gives a sponsor back whose sequence number has to be asked for.
fn forget_sequence(lease: Option<SponsorLease>) {
    if let Some(lease) = lease {
        lease.set_sequence(None);
    }
}
