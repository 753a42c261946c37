//! From a request to its answer: claim the payment, or join whoever claimed it.

use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::{ClaimOutcome, ClaimState};
use coinslot_x402_exact_stellar::Refusal;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Instrument as _;

use super::examine::{Asked, ExamineError, Examined};
use super::verify::OTHER_TERMS;
use super::{Engine, Work};
use crate::answer::{Answer, Told};
use crate::flights::Awaited;
use crate::record::{Outcome, SettlementRecord};
use crate::{Outage, SettlementEvent};

/// Where a payment stands when someone asks for it.
pub(super) enum Standing {
    /// Nobody has claimed it.
    Free,
    /// Someone claimed it, has broadcast nothing, and is gone.
    Abandoned(Box<Work>),
    /// It is settled or has failed.
    Done { outcome: Outcome, told: bool },
    /// This process works on it.
    InFlight(Awaited),
    /// This process is about to claim it.
    Beginning,
    /// Another process works on it, or this one has begun to.
    Elsewhere,
    /// The claim is on something else under the same nonce.
    OtherTerms,
}

enum Step {
    Answer(Answer),
    Wait(Awaited),
    LookAgain { at_once: bool },
}

impl Engine {
    /// Settles a payment, or joins whoever settles it. An error is an outage before anything was
    /// broadcast.
    pub(crate) async fn settle(self: &Arc<Self>, asked: &Asked) -> Result<Told, Outage> {
        let deadline = Instant::now() + self.timing.answer_within;
        let mut pause = FIRST_PAUSE;
        let mut claimed = false;
        loop {
            let step = match self.step(asked).await {
                Ok(step) => step,
                // Somebody works on it: what becomes of it is not known.
                Err(outage) if claimed => {
                    self.outage(outage);
                    return Ok(self.pending(asked).await);
                }
                Err(outage) => return Err(self.outage(outage)),
            };
            claimed = true;
            match step {
                Step::Answer(answer) => return self.answered(asked, answer).await,
                Step::Wait(mut awaited) => {
                    let answer = match timeout_at(deadline, awaited.wait_for(Option::is_some)).await
                    {
                        Ok(Ok(answer)) => answer.clone(),
                        // A flight that closes without an answer came to nothing: look again.
                        Ok(Err(_)) | Err(_) => None,
                    };
                    if let Some(answer) = answer {
                        return self.answered(asked, answer).await;
                    }
                }
                Step::LookAgain { at_once: true } => {}
                Step::LookAgain { at_once: false } => {
                    sleep_until(deadline.min(Instant::now() + pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            if Instant::now() >= deadline {
                return Ok(self.pending(asked).await);
            }
        }
    }

    async fn step(self: &Arc<Self>, asked: &Asked) -> Result<Step, Outage> {
        let abandoned = match self.standing(asked).await? {
            Standing::Free => None,
            Standing::Abandoned(work) => Some(work),
            Standing::Done { outcome, .. } => return Ok(Step::Answer(Answer::Outcome(outcome))),
            Standing::InFlight(awaited) => return Ok(Step::Wait(awaited)),
            Standing::Beginning | Standing::Elsewhere => {
                return Ok(Step::LookAgain { at_once: false });
            }
            Standing::OtherTerms => {
                return Ok(Step::Answer(Answer::Refused(asked.duplicate(OTHER_TERMS))));
            }
        };
        let broadcast = abandoned.as_ref().is_some_and(|work| work.record.broadcast);
        match self.examine(asked).await {
            Ok(examined) => self.begin(asked, examined, abandoned).await,
            Err(ExamineError::Outage(outage)) if broadcast => {
                self.outage(outage);
                Ok(Step::Answer(Answer::Pending))
            }
            Err(ExamineError::Outage(outage)) => Err(outage),
            Err(ExamineError::Refused(refusal)) => {
                self.step_refused(asked, refusal, abandoned).await
            }
        }
    }

    /// A payment that is refused now may be so because it has just been settled.
    async fn step_refused(
        self: &Arc<Self>,
        asked: &Asked,
        refusal: Refusal,
        abandoned: Option<Box<Work>>,
    ) -> Result<Step, Outage> {
        let Some(mut work) = abandoned else {
            let claimed_meanwhile = self.store.load(&asked.key).await?.is_some();
            return Ok(if claimed_meanwhile {
                Step::LookAgain { at_once: true }
            } else {
                Step::Answer(Answer::Refused(refusal))
            });
        };
        // The claim is ours, though nobody worked on it: what landed after it counts.
        let Some(flight) = self.flights.begin(&asked.key.payment) else {
            return Ok(Step::LookAgain { at_once: false });
        };
        let awaited = flight.awaited();
        Ok(match self.end_of_abandoned(&work.record).await? {
            Some(end) => {
                self.conclude(&flight, &mut work, &end).await?;
                Step::Wait(awaited)
            }
            // The signature is public, and may still bring the payment to the chain.
            None if work.record.broadcast => Step::Answer(Answer::Pending),
            None => Step::Answer(Answer::Refused(refusal)),
        })
    }

    /// Where the payment stands. Adopts one that a process left behind.
    pub(super) async fn standing(self: &Arc<Self>, asked: &Asked) -> Result<Standing, Outage> {
        let Some(claim) = self.store.load(&asked.key).await? else {
            return Ok(match self.flights.find(&asked.key.payment) {
                Some(_) => Standing::Beginning,
                None => Standing::Free,
            });
        };
        let work = Work::read(claim)?;
        if work.record.terms != asked.terms {
            return Ok(Standing::OtherTerms);
        }
        if let Some(outcome) = &work.record.outcome {
            return Ok(Standing::Done {
                outcome: outcome.clone(),
                told: work.record.told.is_some(),
            });
        }
        if let Some(awaited) = self.flights.find(&asked.key.payment) {
            return Ok(Standing::InFlight(awaited));
        }
        if work.claim.lease_until > self.clock.now() {
            return Ok(Standing::Elsewhere);
        }
        if work.claim.state == ClaimState::Pending {
            self.adopt(work);
            return Ok(Standing::Elsewhere);
        }
        Ok(Standing::Abandoned(Box::new(work)))
    }

    /// Claims a verified payment and lets it fly.
    async fn begin(
        self: &Arc<Self>,
        asked: &Asked,
        examined: Examined,
        abandoned: Option<Box<Work>>,
    ) -> Result<Step, Outage> {
        let Some(flight) = self.flights.begin(&asked.key.payment) else {
            return Ok(Step::LookAgain { at_once: false });
        };
        let work = match abandoned {
            Some(mut work) => match self.save(&mut work, ClaimState::Claimed).await {
                Ok(()) => *work,
                Err(Outage::TakenOver) => return Ok(Step::LookAgain { at_once: true }),
                Err(outage) => return Err(outage),
            },
            None => {
                let record = SettlementRecord::new(asked, &examined);
                let now = self.clock.now();
                let lease_until = now.saturating_add(self.timing.lease);
                match self
                    .store
                    .claim(&asked.key, &record.to_bytes(), now, lease_until)
                    .await?
                {
                    ClaimOutcome::New(claim) => Work { claim, record },
                    ClaimOutcome::Existing(_) => return Ok(Step::LookAgain { at_once: true }),
                }
            }
        };
        self.observe(&SettlementEvent::Claimed);
        let awaited = flight.awaited();
        let engine = Arc::clone(self);
        // A task of its own: a caller that goes away does not leave a payment half done.
        tokio::spawn(async move { engine.fly(flight, work, examined).await }.in_current_span());
        Ok(Step::Wait(awaited))
    }

    async fn answered(&self, asked: &Asked, answer: Answer) -> Result<Told, Outage> {
        match answer {
            Answer::Outcome(outcome) => Ok(Told::Outcome(outcome)),
            Answer::Refused(refusal) => Ok(Told::Refused(refusal)),
            Answer::Pending => Ok(self.pending(asked).await),
            Answer::Unavailable(outage) => Err(outage),
        }
    }

    async fn pending(&self, asked: &Asked) -> Told {
        self.observe(&SettlementEvent::AnsweredPending);
        let claim = self.store.load(&asked.key).await.ok().flatten();
        let transaction = claim
            .and_then(|claim| Work::read(claim).ok())
            .and_then(|work| work.record.hashes().next());
        Told::Pending { transaction }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
