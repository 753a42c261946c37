//! From a submitted transaction to its end: it has landed, or can no longer land.

use coinslot_soroban_authorization::{Envelope, TransactionHash};
use coinslot_stellar_ledger::{
    LatestLedger, LedgerError, ResultCode, Submission, TransactionStatus,
};

use super::{CallOutcome, ContractCalls};
use crate::budget::Reservation;
use crate::engine::GRACE_SECONDS;
use crate::pace::Pace;
use crate::pool::SponsorLease;

/// A signed transaction, and what became of its bid.
pub(super) struct Flight {
    /// The transaction itself: only one envelope around it can land.
    pub(super) transaction: Envelope,
    /// What is submitted: the transaction, or the newest fee bump around it.
    pub(super) newest: Envelope,
    /// Under what it may land, newest first.
    pub(super) hashes: Vec<TransactionHash>,
    pub(super) sequence: i64,
    pub(super) resource_fee: u64,
    pub(super) bid: u64,
    pub(super) max_time: u64,
    /// The ledger at which the newest bid was made.
    pub(super) bid_at_ledger: u32,
    pub(super) reservation: Reservation,
}

pub(super) enum End {
    Landed(CallOutcome),
    /// No ledger took it, and none can any more.
    Expired,
}

impl ContractCalls {
    /// Follows a transaction to its end, and settles its account with the budget and the payer.
    pub(super) async fn follow(
        &self,
        lease: &SponsorLease,
        mut flight: Flight,
        underbid: bool,
    ) -> End {
        let mut underbid = underbid;
        let mut pace = if underbid {
            Pace::with_survey(self.timing.poll_every)
        } else {
            Pace::new(self.timing.poll_every)
        };
        // Until the end is known, the payer's sequence number is not.
        lease.set_sequence(None);
        loop {
            let survey = pace.survey_is_due();
            match self.look(&flight, survey).await {
                Ok(Sight::Landed(outcome, charged)) => {
                    self.give_back(&flight, charged).await;
                    lease.set_sequence(Some(flight.sequence));
                    return End::Landed(outcome);
                }
                Ok(Sight::Expired) => {
                    self.give_back(&flight, 0).await;
                    return End::Expired;
                }
                Ok(Sight::Waiting(Some(latest))) => {
                    underbid = self.press(lease, &mut flight, &latest, underbid).await;
                }
                Ok(Sight::Waiting(None)) => {}
                Err(error) => drop(self.unavailable(error)),
            }
            pace.rest().await;
        }
    }

    /// Looks for the newest envelope; on a survey for all of them, at a ledger that is known before.
    async fn look(&self, flight: &Flight, survey: bool) -> Result<Sight, LedgerError> {
        let latest = if survey {
            Some(self.ledger.latest_ledger().await?)
        } else {
            None
        };
        for hash in flight
            .hashes
            .iter()
            .take(if survey { usize::MAX } else { 1 })
        {
            let (outcome, charged) = match self.ledger.transaction(hash).await? {
                TransactionStatus::NotFound => continue,
                TransactionStatus::Succeeded {
                    ledger,
                    events,
                    return_value,
                    fee_charged,
                    ..
                } => {
                    let outcome = CallOutcome::Confirmed {
                        transaction: *hash,
                        ledger,
                        return_value,
                        events,
                    };
                    (outcome, fee_charged)
                }
                TransactionStatus::Failed {
                    ledger,
                    code,
                    fee_charged,
                    ..
                } => {
                    let outcome = CallOutcome::Failed {
                        transaction: *hash,
                        ledger,
                        code,
                    };
                    (outcome, fee_charged)
                }
            };
            return Ok(Sight::Landed(outcome, u64::try_from(charged).unwrap_or(0)));
        }
        Ok(match latest {
            Some(latest) if self.close_time(&latest) > flight.last_moment() => Sight::Expired,
            latest => Sight::Waiting(latest),
        })
    }

    /// Submits the newest envelope again, or raises its bid when it has waited too long. Answers whether the network
    /// refuses the bid as too low.
    async fn press(
        &self,
        lease: &SponsorLease,
        flight: &mut Flight,
        latest: &LatestLedger,
        underbid: bool,
    ) -> bool {
        if self.close_time(latest) >= flight.max_time {
            return false;
        }
        let waited = latest.sequence.saturating_sub(flight.bid_at_ledger);
        if (underbid || waited >= self.timing.raise_bid_after_ledgers)
            && let Some(bid) = self.fees.raised_bid(flight.resource_fee, flight.bid)
        {
            let payer = self.fee_bump.as_deref().unwrap_or_else(|| lease.signer());
            // A bid that is not allowed is not made: the old one goes on waiting.
            if self.bump(flight, bid, payer).await.is_ok() {
                flight.bid_at_ledger = latest.sequence;
            }
        }
        match self.ledger.submit(&flight.newest).await {
            Ok(submission) => {
                submission
                    == Submission::Refused {
                        code: ResultCode::InsufficientFee,
                    }
            }
            Err(error) => {
                self.unavailable(error);
                underbid
            }
        }
    }
}

impl Flight {
    /// The close time behind which it is not looked for any more.
    const fn last_moment(&self) -> u64 {
        self.max_time.saturating_add(GRACE_SECONDS)
    }
}

/// What is seen of a transaction.
enum Sight {
    /// It has landed, for this fee.
    Landed(CallOutcome, u64),
    Expired,
    /// Nothing yet. With the newest ledger, on a survey.
    Waiting(Option<LatestLedger>),
}
