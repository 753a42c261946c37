//! From a verified payment to a submitted transaction.
//!
//! Nothing of what surrounded the authorization entry in the payload is taken over. The resources
//! are those of our own simulation, and the transaction that is signed has itself been simulated,
//! signature and all. Its fee is within the policy and reserved in the budget, and it is durable,
//! before it is submitted.

use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::ClaimState;
use coinslot_stellar_ledger::{LatestLedger, ResultCode, Simulation, Submission};
use coinslot_x402_exact_stellar::Refusal;
use coinslot_x402_wire::ReasonCode;
use tokio::time::{Instant, timeout};

use super::attempt::Draft;
use super::examine::{Examined, resource_fee};
use super::follow::Launched;
use super::recognise::{Landed, moved};
use super::sight::foreign;
use super::{Engine, Work};
use crate::answer::Answer;
use crate::flights::Flight;
use crate::pool::SponsorLease;
use crate::{Outage, SettlementEvent};

/// Why a payment was not submitted.
pub(super) enum Halt {
    /// It cannot be settled.
    Refused(Refusal),
    /// Something on our side is down.
    Outage(Outage),
    /// Someone else brought it to the chain after our claim.
    Landed(Landed),
}

enum Try {
    Launched(Launched),
    SequenceIsStale,
    SponsorIsEmpty,
}

impl<E: Into<Outage>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Outage(error.into())
    }
}

impl Engine {
    /// Brings a claimed payment to its end.
    pub(super) async fn fly(self: Arc<Self>, flight: Flight, mut work: Work, examined: Examined) {
        match self.launch(&mut work, &examined).await {
            Ok((lease, launched)) => self.follow(&flight, work, Some(lease), launched).await,
            Err(Halt::Landed(landed)) => {
                if let Err(outage) = self.conclude(&flight, &mut work, &foreign(landed)).await {
                    self.outage(outage);
                }
            }
            Err(Halt::Refused(refusal)) => {
                self.abandon(work, &flight, Answer::Refused(refusal)).await;
            }
            Err(Halt::Outage(Outage::TakenOver)) => {}
            Err(Halt::Outage(outage)) => {
                let outage = self.outage(outage);
                self.abandon(work, &flight, Answer::Unavailable(outage))
                    .await;
            }
        }
    }

    /// Lets go of a claim on which nothing was broadcast. One on which something was is kept for
    /// whoever asks next: the signature is public, and must not buy anything for somebody else.
    async fn abandon(&self, mut work: Work, flight: &Flight, answer: Answer) {
        let kept = work.record.broadcast;
        let let_go = async {
            if work.claim.state != ClaimState::Claimed {
                self.retract(&mut work).await?;
            }
            if kept {
                return self
                    .save_for(&mut work, ClaimState::Claimed, Duration::ZERO)
                    .await;
            }
            self.store.release(&work.claim).await?;
            let reservation = std::mem::take(&mut work.record.reservation);
            self.give_back(&work, &reservation, 0).await;
            Ok::<_, Outage>(())
        };
        if let Err(outage) = let_go.await {
            // The lease runs out, and then whoever comes next takes the claim over.
            self.outage(outage);
        }
        let answer = match answer {
            Answer::Unavailable(_) if kept => Answer::Pending,
            answer => answer,
        };
        flight.answer(answer);
    }

    async fn launch(
        &self,
        work: &mut Work,
        examined: &Examined,
    ) -> Result<(SponsorLease, Launched), Halt> {
        let mut outage = Outage::SponsorsEmpty;
        for _ in 0..self.sponsors.len() {
            let lease = self.wait_for_sponsor(work).await?;
            for _ in 0..SEQUENCE_TRIES {
                match self.try_launch(&lease, work, examined).await? {
                    Try::Launched(launched) => return Ok((lease, launched)),
                    Try::SequenceIsStale => {
                        lease.set_sequence(None);
                        outage = Outage::SequenceContended;
                    }
                    Try::SponsorIsEmpty => {
                        self.observe(&SettlementEvent::SponsorEmpty {
                            sponsor: lease.account(),
                        });
                        break;
                    }
                }
            }
        }
        Err(Halt::Outage(outage))
    }

    /// Waits for a sponsor, and keeps the claim alive meanwhile.
    async fn wait_for_sponsor(&self, work: &mut Work) -> Result<SponsorLease, Halt> {
        let since = Instant::now();
        let lease = self.sponsors.lease();
        tokio::pin!(lease);
        loop {
            match timeout(self.timing.lease / 3, &mut lease).await {
                Ok(Some(lease)) => {
                    self.observe(&SettlementEvent::SponsorLeased {
                        sponsor: lease.account(),
                        waited: since.elapsed(),
                    });
                    return Ok(lease);
                }
                Ok(None) => return Err(Halt::Outage(Outage::SponsorsEmpty)),
                Err(_) => self.save(work, ClaimState::Claimed).await?,
            }
        }
    }

    async fn try_launch(
        &self,
        lease: &SponsorLease,
        work: &mut Work,
        examined: &Examined,
    ) -> Result<Try, Halt> {
        let Some(sequence) = lease.next_sequence(self.ledger.as_ref()).await? else {
            return Ok(Try::SponsorIsEmpty);
        };
        let draft = self.draft(lease, sequence, work, examined).await?;
        let signed = self.sign(lease, draft)?;
        self.reserve(work, signed.attempt.fee).await?;
        let envelope = self.record_attempt(work, signed).await?;
        Ok(match self.ledger.submit(&envelope).await {
            // Whether the network has it is not known: it may land.
            Err(error) => {
                self.outage(error);
                Try::Launched(Launched::Flying)
            }
            Ok(
                Submission::Pending { .. }
                | Submission::Duplicate { .. }
                | Submission::TryAgainLater,
            ) => Try::Launched(Launched::Flying),
            Ok(Submission::Refused { code }) => match code {
                ResultCode::InsufficientFee => Try::Launched(Launched::Underbid),
                ResultCode::BadSequence => {
                    self.retract(work).await?;
                    Try::SequenceIsStale
                }
                ResultCode::InsufficientBalance | ResultCode::NoAccount => {
                    self.retract(work).await?;
                    Try::SponsorIsEmpty
                }
                code => return Err(Halt::Outage(Outage::Rejected(code))),
            },
        })
    }

    /// Builds the settlement transaction and simulates it until it is what was simulated.
    async fn draft(
        &self,
        lease: &SponsorLease,
        sequence: i64,
        work: &Work,
        examined: &Examined,
    ) -> Result<Draft, Halt> {
        let latest = self.ledger.latest_ledger().await?;
        let max_time = self.max_time(work, &latest).await?;
        let recent_bid = self.fees.inclusion_bid(&self.ledger.fee_stats().await?);
        let mut resources = examined.resources.clone();
        for _ in 0..SIMULATION_TRIES {
            let resource_fee = resource_fee(&resources);
            let Some(inclusion_bid) = self.affordable_bid(resource_fee, recent_bid) else {
                let reason = ReasonCode::StellarFeeExceedsMaximum;
                return Err(Halt::Refused(refusal(work, reason, FEE_ABOVE_MAXIMUM)));
            };
            let sponsor = lease.account();
            let envelope = examined
                .payment
                .settlement(
                    sponsor,
                    sequence,
                    resources.clone(),
                    inclusion_bid,
                    max_time,
                )
                .map_err(Halt::Refused)?;
            match self.ledger.simulate(&envelope).await? {
                Simulation::Succeeded {
                    resources: needed,
                    min_resource_fee,
                    events,
                    ..
                } => {
                    if !moved(&events, &work.record.terms.transfer()) {
                        let reason = ReasonCode::StellarNoTransferEvents;
                        return Err(Halt::Refused(refusal(work, reason, MOVES_NOTHING)));
                    }
                    if needed == resources || min_resource_fee <= resources.resource_fee() {
                        let ledger = latest.sequence;
                        return Ok(Draft {
                            envelope,
                            sequence,
                            resource_fee,
                            inclusion_bid,
                            max_time,
                            ledger,
                        });
                    }
                    resources = needed.with_resource_fee(min_resource_fee);
                }
                Simulation::Failed { .. } | Simulation::RestoreNeeded { .. } => {
                    return Err(match self.find_landed(&work.record).await? {
                        Some(landed) => Halt::Landed(landed),
                        None => Halt::Refused(refusal(
                            work,
                            ReasonCode::StellarSimulationFailed,
                            FAILS_NOW,
                        )),
                    });
                }
            }
        }
        Err(Halt::Refused(refusal(
            work,
            ReasonCode::StellarSimulationFailed,
            NEVER_THE_SAME,
        )))
    }

    /// The close time after which the transaction can no longer land: soon, and not after the
    /// payer's signature.
    async fn max_time(&self, work: &Work, latest: &LatestLedger) -> Result<u64, Halt> {
        let ledgers_left = work
            .record
            .expiration_ledger
            .saturating_sub(latest.sequence);
        let seconds_left = u64::from(ledgers_left)
            .saturating_mul(u64::from(self.ledger.close_time_seconds().await?));
        let lifetime = self.timing.transaction_lifetime.as_secs().min(seconds_left);
        Ok(self.close_time(latest).saturating_add(lifetime.max(1)))
    }
}

fn refusal(work: &Work, reason: ReasonCode, detail: &'static str) -> Refusal {
    Refusal::new(reason, detail).with_payer(work.record.terms.from)
}

/// How often a stale sequence number is asked for again.
const SEQUENCE_TRIES: usize = 3;
/// How often resources are corrected until a transaction simulates as it was built.
const SIMULATION_TRIES: usize = 3;

const FEE_ABOVE_MAXIMUM: &str = "settling this payment costs more than the facilitator pays";
const MOVES_NOTHING: &str = "the token does not tell of exactly the transfer that was asked for";
const FAILS_NOW: &str = "the transfer was possible when it was verified, and no longer is";
const NEVER_THE_SAME: &str = "the transfer needs other resources each time it is simulated";
