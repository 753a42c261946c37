//! Going on with a payment that was made before, by this process or by one that is gone.

use coinslot_soroban_authorization::AuthEntry;
use coinslot_stellar_ledger::LatestLedger;
use reqwest::Response;

use crate::courier::Courier;
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError};
use crate::journal::{Entry, Payment, Signed, State};
use crate::offer::Plan;
use crate::outcome::{self, NothingPaid, Outcome};
use crate::payable::Payable;
use crate::push::Pushed;
use crate::refusal::NotPayable;
use crate::standing::Standing;
use crate::terms::Protocol;

/// What came of an earlier payment for the same request.
pub(crate) enum Resumed {
    Answered(Response),
    /// It was never taken and can no longer be: the request starts afresh.
    Void,
}

/// What came of looking a payment up.
pub(crate) enum Found {
    /// It is in the journal, with what is known now.
    There(Box<Entry>),
    /// It was not made and never will be. It is no longer in the journal, and its amount is free again.
    Void(NothingPaid),
}

impl Engine {
    /// Goes on with an earlier payment for the same request. The caller has the turn.
    pub(crate) async fn resume(
        &self,
        entry: Entry,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Resumed, PaymentError> {
        if entry.payment.terms.protocol == Protocol::Mpp && payable.has_authorization() {
            return Err(NotPayable::AuthorizationTaken.into());
        }
        let _one_transaction_at_a_time = match entry.payment.signed {
            Signed::Authorization { .. } => None,
            Signed::Transaction { .. } => Some(self.transactions.lock().await),
        };
        // Sending the same payment again is safe whatever became of it, and needs no ledger.
        let latest = self.ledger.latest_ledger().await.ok();
        let Found::There(entry) = self.look_up(entry, latest).await? else {
            return Ok(Resumed::Void);
        };
        let mut entry = *entry;
        if entry.payment.is_push() && entry.payment.state == State::Open {
            let Pushed::Landed(landed) = self.push(entry).await? else {
                return Ok(Resumed::Void);
            };
            entry = *landed;
        }
        if entry.payment.header.is_none() {
            entry = self.prepare_again(entry, payable).await?;
        }
        Ok(Resumed::Answered(self.pay(entry, payable, courier).await?))
    }

    /// Finds out what became of a payment, if that can be known.
    pub(crate) async fn look_up(
        &self,
        entry: Entry,
        latest: Option<LatestLedger>,
    ) -> Result<Found, PaymentError> {
        if entry.payment.state != State::Open {
            return Ok(Found::There(Box::new(entry)));
        }
        let (network, ledger) = (self.network_id(), self.ledger.as_ref());
        match outcome::find(&entry.payment, entry.parties, latest, network, ledger).await {
            Ok(Outcome::Void(why)) => {
                self.journal.remove(&entry).await?;
                let now = self.clock.now();
                let payment = &entry.payment;
                self.spending.release(&payment.reservation, now).await?;
                // A transaction that failed has cost its fee.
                if let (NothingPaid::Expired, Some(fee)) = (&why, &payment.fee) {
                    self.spending.release(fee, now).await?;
                }
                Ok(Found::Void(why))
            }
            Ok(Outcome::Taken(transaction)) => {
                let state = State::Paid {
                    transaction: transaction.to_string(),
                };
                let payment = Payment {
                    state,
                    ..entry.payment.clone()
                };
                let entry = self.journal.change(entry, payment).await?;
                Ok(Found::There(Box::new(entry)))
            }
            Ok(Outcome::Unknown) | Err(_) => Ok(Found::There(Box::new(entry))),
        }
    }

    /// Simulates a signed authorization for which that failed before.
    async fn prepare_again(&self, entry: Entry, payable: &Payable) -> Result<Entry, PaymentError> {
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
            .restore(payment, payable, self.payer, self.clock.now());
        let offer = offer.ok_or_else(unknown)?;
        let (Plan::Authorize(plan), Signed::Authorization { entry: signed, .. }) =
            (&offer.plan, &payment.signed)
        else {
            return Err(unknown());
        };
        let signed = AuthEntry::from_base64(signed).map_err(|_| unknown())?;
        let header = Some(self.prepare(&offer, plan, signed).await?);
        let payment = Payment {
            header,
            ..payment.clone()
        };
        Ok(self.journal.change(entry, payment).await?)
    }

    /// Looks up every open payment that nobody is busy with; answers how many were void.
    pub(crate) async fn sweep(&self) -> Result<usize, PaymentError> {
        let latest = Some(self.ledger.latest_ledger().await?);
        let mut void = 0;
        for entry in self.journal.all().await? {
            let Some(_turn) = self.turns.try_take(&entry.id) else {
                continue;
            };
            match self.look_up(entry, latest).await {
                Ok(Found::Void(_)) => void += 1,
                // It was over, or another process was faster.
                Ok(Found::There(_)) => {}
                Err(PaymentError::Store(error)) if error.is_conflict() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(void)
    }
}

/// What is known about a payment's money without asking anybody.
pub(crate) fn standing(payment: &Payment) -> Standing {
    let until = payment.deadline();
    match &payment.state {
        State::Open => Standing::Open { until },
        State::Answered => Standing::Answered,
        State::Paid { transaction } => match transaction.parse() {
            Ok(transaction) => Standing::Taken { transaction },
            Err(_) => Standing::Open { until },
        },
    }
}
