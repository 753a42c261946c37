//! Sending one payment until its answer is had: the same bytes every time.

use std::time::Duration;

use coinslot_mpp_charge_stellar::{DEFAULT_PUSH_GRACE_SECONDS, PUSH_MARGIN_SECONDS};
use coinslot_mpp_wire::ProblemKind;
use coinslot_x402_wire::ReasonCode;
use reqwest::{Response, StatusCode};

use crate::answers::{asks_for_patience, is_redirect, keep};
use crate::courier::{Courier, paid, same_origin};
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError, Refused};
use crate::event::PaymentEvent;
use crate::journal::{Entry, Payment, State};
use crate::patience::retry_after;
use crate::payable::Payable;
use crate::receipt::{self, PaymentReceipt, Settlement};
use crate::refusal::NotPayable;
use crate::refused::{self, Refusal, RefusalReason};
use crate::resume::standing;

/// What an answer to a paid request means.
enum Verdict {
    /// It is the answer that was bought.
    Answer(Response),
    /// It is an answer, but neither bought nor a refusal: the payment stays open.
    Undecided(Response),
    /// No answer yet.
    Again(
        LastAnswer,
        Option<Duration>,
        Option<reqwest_middleware::Error>,
    ),
    /// The seller does not want this payment.
    No(StatusCode, Refusal),
}

impl Engine {
    /// Sends the payment. The caller has the turn.
    pub(crate) async fn pay(
        &self,
        entry: Entry,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Response, PaymentError> {
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        loop {
            // What the client submitted itself was told of as it was submitted.
            if attempt > 1 || !entry.payment.is_push() {
                self.emit(|| PaymentEvent::Paying {
                    request: entry.id.clone(),
                    attempt,
                });
            }
            let (last, asked, source) = match self.send(&entry, payable, courier).await? {
                Verdict::Answer(response) => return Ok(self.deliver(entry, response).await),
                Verdict::Undecided(response) => return Ok(response),
                Verdict::No(status, refusal) => {
                    let again = self.patience.wait(attempt, None, waited).is_some();
                    if !(again && may_lag_behind(&entry.payment, &refusal)) {
                        return Err(self.refused(&entry, refusal).await);
                    }
                    (LastAnswer::Status(status), None, None)
                }
                Verdict::Again(last, asked, source) => (last, asked, source),
            };
            let Some(wait) = self.wait(last, attempt, asked, waited) else {
                let (amount, standing) = (self.amount(&entry), standing(&entry.payment));
                let unknown = OutcomeUnknown {
                    amount,
                    attempts: attempt,
                    last,
                    standing,
                    source,
                };
                return Err(PaymentError::OutcomeUnknown(Box::new(unknown)));
            };
            self.emit(|| PaymentEvent::Confirming {
                request: entry.id.clone(),
                status: last.status(),
                wait,
            });
            tokio::time::sleep(wait).await;
            (attempt, waited) = (attempt.saturating_add(1), waited.saturating_add(wait));
        }
    }

    /// How long to wait before the payment is sent again; never after a redirect.
    fn wait(
        &self,
        last: LastAnswer,
        attempt: u32,
        asked: Option<Duration>,
        waited: Duration,
    ) -> Option<Duration> {
        match last {
            LastAnswer::Redirected(_) => None,
            _ => self.patience.wait(attempt, asked, waited),
        }
    }

    async fn send(
        &self,
        entry: &Entry,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Verdict, PaymentError> {
        let payment = &entry.payment;
        let header = payment.header.as_deref().unwrap_or_default();
        let request = paid(&payable.request, payment.terms.protocol, header)
            .ok_or(NotPayable::BodyNotReplayable)?;
        match courier.send(request, self.destinations).await {
            Ok(response) if !same_origin(response.url(), payable.request.url()) => Ok(
                Verdict::Again(LastAnswer::Redirected(response.status()), None, None),
            ),
            Ok(response) => Ok(judge(response, entry).await),
            Err(PaymentError::Http(error)) => {
                Ok(Verdict::Again(LastAnswer::Lost, None, Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    /// Closes the payment and hands out the answer with its receipt.
    async fn deliver(&self, entry: Entry, mut response: Response) -> Response {
        let payment = &entry.payment;
        let receipt = PaymentReceipt {
            request: entry.id.clone(),
            amount: self.amount(&entry),
            terms: payment.terms.clone(),
            payer: payment.payer.clone(),
            identity: entry.parties.identity,
            external_id: receipt::external_id(response.headers(), payment),
            settlement: receipt::settlement(response.headers(), &entry),
        };
        let closed = if payment.keyed {
            let answered = Payment {
                state: State::Answered,
                ..payment.clone()
            };
            self.journal.change(entry, answered).await.map(drop)
        } else {
            self.journal.remove(&entry).await
        };
        if let Err(error) = closed {
            // The answer is worth more than the bookkeeping: at worst the next such request gets it again.
            tracing::warn!(request = %receipt.request, %error, "a payment whose answer is had stays in the journal");
        }
        self.emit(|| PaymentEvent::Paid {
            request: receipt.request.clone(),
            status: response.status(),
        });
        self.emit(|| PaymentEvent::Settled(Box::new(receipt.clone())));
        response.extensions_mut().insert(receipt);
        response
    }

    /// The seller said no. What was taken is over, unless it can still be presented; what was not stays reserved until
    /// it cannot be taken any more.
    async fn refused(&self, entry: &Entry, (reason, message): Refusal) -> PaymentError {
        let payment = &entry.payment;
        if matches!(payment.state, State::Paid { .. })
            && !payment.keyed
            && !self.can_be_presented(payment)
            && let Err(error) = self.journal.remove(entry).await
        {
            tracing::warn!(request = %entry.id, %error, "a payment that is over stays in the journal");
        }
        let (amount, standing) = (self.amount(entry), standing(payment));
        PaymentError::Refused(Box::new(Refused {
            amount,
            reason,
            message,
            standing,
        }))
    }

    /// Whether a seller may still take the proof of a transaction that landed. An authorization that was taken expired.
    fn can_be_presented(&self, payment: &Payment) -> bool {
        match payment.deadline() {
            Deadline::Ledger(_) | Deadline::ChannelClose => false,
            Deadline::Time(last) => {
                let grace = PUSH_MARGIN_SECONDS.saturating_add(DEFAULT_PUSH_GRACE_SECONDS);
                self.clock.now().as_seconds() <= last.saturating_add(grace)
            }
        }
    }
}

/// Whether the seller may not have seen yet, on its own node, a transaction that landed.
fn may_lag_behind(payment: &Payment, refusal: &Refusal) -> bool {
    let unseen = RefusalReason::Mpp(ProblemKind::VerificationFailed);
    payment.is_push() && refusal.0 == Some(unseen)
}

async fn judge(response: Response, entry: &Entry) -> Verdict {
    let status = response.status();
    let settlement = receipt::settlement(response.headers(), entry);
    let pending = settlement == Settlement::Failed(Some(ReasonCode::SettlementPending));
    if status == StatusCode::PAYMENT_REQUIRED && !pending {
        let protocol = entry.payment.terms.protocol;
        return Verdict::No(status, refused::read(response, protocol).await);
    }
    let again = || {
        Verdict::Again(
            LastAnswer::Status(status),
            retry_after(response.headers()),
            None,
        )
    };
    match settlement {
        Settlement::Confirmed(_) => {}
        _ if pending || asks_for_patience(status) => return again(),
        _ if is_redirect(status) => {
            return Verdict::Again(LastAnswer::Redirected(status), None, None);
        }
        _ if status.is_client_error() => return Verdict::Undecided(response),
        _ => {}
    }
    match keep(response).await {
        Ok(response) => Verdict::Answer(response),
        Err(error) => Verdict::Again(LastAnswer::Lost, None, Some(error.into())),
    }
}
