//! What can be seen of a submitted payment on the chain.

use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_ledger::{LatestLedger, LedgerError, TransactionStatus};
use coinslot_x402_wire::ReasonCode;

use super::recognise::{Landed, moved};
use super::{Engine, Work};
use crate::Outage;
use crate::record::{Outcome, SettlementRecord};

/// What is seen of a submitted payment.
pub(super) enum Sight {
    /// Nothing yet. With the newest ledger when all was looked at.
    Waiting(Option<LatestLedger>),
    /// The end.
    Ended(End),
    /// Too long ago for the RPC to know: an operator has to look.
    Forgotten,
}

/// The end of a payment.
pub(super) struct End {
    /// What came of it; none when our transaction expired and the payment did not.
    pub(super) outcome: Option<Outcome>,
    /// What it cost our sponsors, in stroops.
    pub(super) charged: u64,
    /// The sponsor's sequence number, if it is known.
    pub(super) sequence: Option<i64>,
    /// Whether a transaction of ours may still land.
    pub(super) open: bool,
}

impl Engine {
    /// Looks for the newest of our transactions; on a survey for all of them, for others that
    /// spent the same authorization, and at the time.
    pub(super) async fn look(&self, work: &Work, survey: bool) -> Result<Sight, LedgerError> {
        let record = &work.record;
        for hash in record.hashes().take(if survey { usize::MAX } else { 1 }) {
            if let Some(end) = self.look_for(record, &hash).await? {
                return Ok(Sight::Ended(end));
            }
        }
        if !survey {
            return Ok(Sight::Waiting(None));
        }
        let latest = self.ledger.latest_ledger().await?;
        let Some(last) = record.attempts.last() else {
            return Ok(Sight::Waiting(Some(latest)));
        };
        if self.close_time(&latest) > last.max_time.saturating_add(GRACE_SECONDS) {
            return self.look_back(record, &latest).await;
        }
        if self
            .ledger
            .nonce_used(&record.terms.from, record.nonce)
            .await?
            && let Some(landed) = self.find_landed(record).await?
            && record.hashes().all(|hash| hash != landed.transaction)
        {
            return Ok(Sight::Ended(End {
                open: true,
                ..foreign(landed)
            }));
        }
        Ok(Sight::Waiting(Some(latest)))
    }

    /// The end that one of our transactions came to, if it has landed.
    async fn look_for(
        &self,
        record: &SettlementRecord,
        hash: &TransactionHash,
    ) -> Result<Option<End>, LedgerError> {
        let (outcome, fee_charged) = match self.ledger.transaction(hash).await? {
            TransactionStatus::NotFound => return Ok(None),
            TransactionStatus::Succeeded {
                ledger,
                events,
                fee_charged,
                ..
            } => {
                let outcome = if moved(&events, &record.terms.transfer()) {
                    Outcome::Confirmed {
                        transaction: *hash,
                        ledger,
                    }
                } else {
                    failed(MOVED_NOTHING.to_owned(), Some(*hash))
                };
                (outcome, fee_charged)
            }
            TransactionStatus::Failed {
                code, fee_charged, ..
            } => {
                let outcome = match self.find_landed(record).await? {
                    Some(Landed {
                        transaction,
                        ledger,
                    }) => Outcome::Confirmed {
                        transaction,
                        ledger,
                    },
                    None => failed(
                        format!("the settlement transaction failed: {code}"),
                        Some(*hash),
                    ),
                };
                (outcome, fee_charged)
            }
        };
        Ok(Some(End {
            outcome: Some(outcome),
            charged: u64::try_from(fee_charged).unwrap_or(0),
            sequence: record.attempts.last().map(|attempt| attempt.sequence),
            open: false,
        }))
    }

    /// The end of a claim that no transaction of ours can settle any more, if it has one: someone
    /// else's has landed, or the signature that was broadcast for it has expired.
    pub(super) async fn end_of_abandoned(
        &self,
        record: &SettlementRecord,
    ) -> Result<Option<End>, Outage> {
        let latest = self.ledger.latest_ledger().await?;
        match self.look_back(record, &latest).await? {
            Sight::Ended(end) => Ok(match end.outcome {
                Some(Outcome::Failed { .. }) if !record.broadcast => None,
                None => None,
                Some(_) => Some(end),
            }),
            Sight::Forgotten => Err(Outage::Forgotten),
            Sight::Waiting(_) => Ok(None),
        }
    }

    /// Our transactions have expired and none was found: has anyone else's landed?
    async fn look_back(
        &self,
        record: &SettlementRecord,
        latest: &LatestLedger,
    ) -> Result<Sight, LedgerError> {
        let landed = match self.find_landed(record).await {
            Ok(landed) => landed,
            Err(LedgerError::OutOfRange(_)) => return Ok(Sight::Forgotten),
            Err(error) => return Err(error),
        };
        let outcome = match landed {
            Some(landed) => return Ok(Sight::Ended(foreign(landed))),
            None if latest.sequence < record.expiration_ledger
                && !self
                    .ledger
                    .nonce_used(&record.terms.from, record.nonce)
                    .await? =>
            {
                None
            }
            None => Some(failed(NOT_INCLUDED.to_owned(), None)),
        };
        Ok(Sight::Ended(End {
            outcome,
            charged: 0,
            sequence: None,
            open: false,
        }))
    }
}

/// The end that someone else's transaction brought.
pub(super) fn foreign(landed: Landed) -> End {
    let Landed {
        transaction,
        ledger,
    } = landed;
    let outcome = Some(Outcome::Confirmed {
        transaction,
        ledger,
    });
    End {
        outcome,
        charged: 0,
        sequence: None,
        open: false,
    }
}

fn failed(message: String, transaction: Option<TransactionHash>) -> Outcome {
    Outcome::Failed {
        reason: ReasonCode::StellarTransactionFailed,
        message,
        transaction,
    }
}

/// How long after its last moment a transaction is still looked for, in seconds of the chain's
/// time: nodes do not all know of a ledger at once.
pub(crate) const GRACE_SECONDS: u64 = 10;

const MOVED_NOTHING: &str =
    "the settlement transaction succeeded, but the token did not move the payment";
const NOT_INCLUDED: &str =
    "no ledger took the settlement transaction before the authorization expired";
