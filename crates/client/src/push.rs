//! Submitting a payment that the client submits itself, until it has landed.
//!
//! The transaction is in the journal before it is submitted for the first time. As long as its outcome is not known it is
//! looked up by its hash and submitted again as it is; nothing else is signed for the request.

use std::time::Duration;

use coinslot_soroban_authorization::Envelope;
use coinslot_stellar_ledger::Submission;

use crate::damaged::DamagedRecord;
use crate::engine::Engine;
use crate::error::{LastAnswer, NotTaken, OutcomeUnknown, PaymentError};
use crate::event::PaymentEvent;
use crate::journal::{Entry, Signed, State};
use crate::outcome::NothingPaid;
use crate::resume::{Found, standing};

/// What became of a pushed transaction.
pub(crate) enum Pushed {
    /// It has landed.
    Landed(Box<Entry>),
    /// It has not, and never will: its amount is free again.
    Void(NothingPaid),
}

impl Engine {
    /// Submits the transaction, and waits until it has landed. The caller has the turn.
    pub(crate) async fn push(&self, entry: Entry) -> Result<Pushed, PaymentError> {
        let envelope = match &entry.payment.signed {
            Signed::Transaction { envelope, .. } => Envelope::from_base64(envelope).ok(),
            Signed::Authorization { .. } => None,
        };
        let envelope = envelope.ok_or(DamagedRecord::Transaction)?;
        self.emit(|| PaymentEvent::Paying {
            request: entry.id.clone(),
            attempt: 1,
        });
        let (mut entry, mut submitted) = (entry, false);
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        loop {
            let refused = if submitted {
                None
            } else {
                match self.ledger.submit(&envelope).await {
                    Ok(Submission::Pending { .. } | Submission::Duplicate { .. }) => {
                        submitted = true;
                        None
                    }
                    Ok(Submission::Refused { code }) => Some(code),
                    Ok(Submission::TryAgainLater) | Err(_) => None,
                }
            };
            let latest = self.ledger.latest_ledger().await.ok();
            entry = match self.look_up(entry, latest).await? {
                Found::Void(why) => return Ok(Pushed::Void(why)),
                Found::There(entry) if entry.payment.state != State::Open => {
                    return Ok(Pushed::Landed(entry));
                }
                Found::There(entry) => *entry,
            };
            if let Some(code) = refused {
                return Err(PaymentError::NotTaken(Box::new(NotTaken {
                    amount: self.amount(&entry),
                    code,
                    standing: standing(&entry.payment),
                })));
            }
            let Some(wait) = self.patience.wait(attempt, None, waited) else {
                return Err(PaymentError::OutcomeUnknown(Box::new(OutcomeUnknown {
                    amount: self.amount(&entry),
                    attempts: attempt,
                    last: LastAnswer::NotLanded,
                    standing: standing(&entry.payment),
                    source: None,
                })));
            };
            self.emit(|| PaymentEvent::Confirming {
                request: entry.id.clone(),
                status: None,
                wait,
            });
            tokio::time::sleep(wait).await;
            (attempt, waited) = (attempt.saturating_add(1), waited.saturating_add(wait));
        }
    }
}
