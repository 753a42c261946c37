//! Going on with a payment that was made before, by this process or by one that is gone.

use coinslot_soroban_authorization::AuthEntry;
use reqwest::Response;

use crate::courier::Courier;
use crate::engine::{Engine, Payable};
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError, Standing};
use crate::journal::{Entry, Payment, State};
use crate::outcome::{self, Outcome};

/// What came of an earlier payment for the same request.
pub(crate) enum Resumed {
    Answered(Response),
    /// It was never taken and can no longer be: the request starts afresh.
    Void,
}

impl Engine {
    /// Goes on with an earlier payment for the same request. The caller has the turn.
    pub(crate) async fn resume(
        &self,
        entry: Entry,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Resumed, PaymentError> {
        // Sending the same payment again is safe whatever became of it, and needs no ledger.
        let latest = self
            .ledger
            .latest_ledger()
            .await
            .map_or(0, |latest| latest.sequence);
        let Some(mut entry) = self.look_up(entry, latest).await? else {
            return Ok(Resumed::Void);
        };
        if entry.payment.header.is_none() {
            entry = self.prepare_again(entry).await?;
        }
        Ok(Resumed::Answered(self.pay(entry, payable, courier).await?))
    }

    /// Finds out what became of a payment, if that can be known: `None` when it is void, and its amount free again.
    async fn look_up(&self, entry: Entry, latest: u32) -> Result<Option<Entry>, PaymentError> {
        if entry.payment.state != State::Open || !outcome::is_expired(&entry.payment, latest) {
            return Ok(Some(entry));
        }
        match outcome::find(&entry.payment, entry.parties, self.ledger.as_ref()).await {
            Ok(Outcome::Unused) => {
                self.journal.remove(&entry).await?;
                self.spending
                    .release(&entry.payment.reservation, self.clock.now())
                    .await?;
                Ok(None)
            }
            Ok(Outcome::Taken(transaction)) => {
                let state = State::Paid {
                    transaction: transaction.to_string(),
                };
                let payment = Payment {
                    state,
                    ..entry.payment.clone()
                };
                Ok(Some(self.journal.change(entry, payment).await?))
            }
            Ok(Outcome::Unknown) | Err(_) => Ok(Some(entry)),
        }
    }

    /// Simulates a signed payment for which that failed before.
    async fn prepare_again(&self, entry: Entry) -> Result<Entry, PaymentError> {
        let payment = &entry.payment;
        let unknown = || {
            PaymentError::OutcomeUnknown(Box::new(OutcomeUnknown {
                amount: self.amount(&entry),
                attempts: 0,
                last: LastAnswer::NotSent,
                standing: standing(payment),
                source: None,
            }))
        };
        let offer = self
            .policy
            .restore(payment.accepted(), self.payer)
            .ok_or_else(unknown)?;
        let signed = AuthEntry::from_base64(&payment.entry).map_err(|_| unknown())?;
        let header = Some(self.prepare(&offer, signed, &payment.draft).await?);
        let payment = Payment {
            header,
            ..payment.clone()
        };
        Ok(self.journal.change(entry, payment).await?)
    }

    /// Looks up every open payment that nobody is busy with; answers how many were void.
    pub(crate) async fn sweep(&self) -> Result<usize, PaymentError> {
        let latest = self.ledger.latest_ledger().await?.sequence;
        let mut void = 0;
        for entry in self.journal.all().await? {
            let Some(_turn) = self.turns.try_take(&entry.id) else {
                continue;
            };
            match self.look_up(entry, latest).await {
                Ok(None) => void += 1,
                // It was over, or another process was faster.
                Ok(Some(_)) => {}
                Err(PaymentError::Store(error)) if error.is_conflict() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(void)
    }
}

/// What is known about a payment's money without asking anybody.
pub(crate) fn standing(payment: &Payment) -> Standing {
    match &payment.state {
        State::Open => Standing::Open {
            expiration_ledger: payment.expiration_ledger,
        },
        State::Answered => Standing::Answered,
        State::Paid { transaction } => match transaction.parse() {
            Ok(transaction) => Standing::Taken { transaction },
            Err(_) => Standing::Open {
                expiration_ledger: payment.expiration_ledger,
            },
        },
    }
}
