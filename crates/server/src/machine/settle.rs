//! Settling, and what each of its ends means for the claim.

use std::time::Duration;

use coinslot_payment_store::StoreError;
use http::Response;

use super::detail::Phase;
use super::held::Held;
use super::{Handler, PaidRequest};
use crate::answer::Answer;
use crate::body::{AnswerBody, GateBody};
use crate::credential::{Outcome, Receipt};
use crate::event::Event;
use crate::respond;
use crate::unpaid::UnpaidRun;

impl PaidRequest {
    /// Settles, then gives out the answer that is there, or runs the handler for it. `retried` is
    /// true when the payment may have been settled by an earlier try.
    pub(super) async fn settle_then_run<B>(
        &self,
        mut held: Held,
        answer: Option<Answer>,
        retried: bool,
        handler: Handler<B>,
    ) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let purchase = held.purchase();
        match held
            .during(self.credential.settle(&self.shared, &purchase))
            .await
        {
            Outcome::Confirmed(receipt) => {
                self.settled(&receipt);
                let aliases = receipt.aliases(&self.credential.network_id, self.credential.id());
                let phase = Phase::Settled {
                    receipt: receipt.clone(),
                };
                match held.advance_with(phase, aliases).await {
                    Ok(()) => self.deliver(held, receipt, answer, handler).await,
                    Err(StoreError::AliasTaken { .. }) => self.already_used(None),
                    Err(error) if error.is_conflict() => self.in_flight(),
                    // The money moved and nothing ran yet: the same credential goes on from here.
                    Err(error) => {
                        self.not_written(&error);
                        self.pending(receipt.transaction(), RETRY_SECONDS)
                    }
                }
            }
            Outcome::Failed(receipt) => {
                self.settlement_failed(held, receipt, answer, retried).await
            }
            Outcome::Pending {
                transaction,
                retry_after_seconds,
            } => {
                self.leave_pending(held, answer, transaction, retry_after_seconds)
                    .await
            }
            Outcome::NotSent if retried => {
                self.leave_pending(held, answer, None, RETRY_SECONDS).await
            }
            Outcome::NotSent => {
                self.release(held).await;
                respond::unavailable()
            }
        }
    }

    /// Runs the handler, then settles, then gives out its answer.
    pub(super) async fn run_then_settle<B>(
        &self,
        mut held: Held,
        run: UnpaidRun,
        handler: Handler<B>,
    ) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let taken = self
            .run(&mut held, self.credential.payment.clone(), handler)
            .await;
        let status = taken.response.status();
        if status.is_client_error() || status.is_server_error() {
            run.no_loss();
            self.emit(&Event::NotCharged {
                payment: self.credential.id(),
                status,
            });
            self.release(held).await;
            return respond::not_charged(taken.response);
        }
        let answer = taken.answer;
        if let Err(error) = held
            .advance(Phase::Settling {
                answer: answer.clone(),
            })
            .await
        {
            if error.is_conflict() {
                return self.in_flight();
            }
            return self.store_unavailable(&error);
        }
        let purchase = held.purchase();
        match held
            .during(self.credential.settle(&self.shared, &purchase))
            .await
        {
            Outcome::Confirmed(receipt) => {
                self.settled(&receipt);
                let recorded = answer.is_some();
                let aliases = receipt.aliases(&self.credential.network_id, self.credential.id());
                let phase = Phase::Delivered {
                    receipt: receipt.clone(),
                    answer,
                };
                match held.finish(phase, aliases).await {
                    Ok(()) => {}
                    Err(StoreError::AliasTaken { .. }) => return self.already_used(None),
                    Err(error) => self.not_recorded(&error),
                }
                run.no_loss();
                self.emit(&Event::Delivered {
                    payment: self.credential.id(),
                    status,
                    recorded,
                });
                respond::paid(taken.response, &receipt)
            }
            Outcome::Failed(receipt) => {
                self.emit(&Event::SettlementFailed {
                    payment: self.credential.id(),
                    reason: &receipt.reason().code,
                });
                // Not released: this payment shall not run the handler once more.
                self.leave(
                    held,
                    Phase::Failed {
                        receipt: receipt.clone(),
                    },
                    Duration::ZERO,
                )
                .await;
                self.refuse_with(&receipt.reason(), Some(&receipt))
            }
            Outcome::Pending {
                transaction,
                retry_after_seconds,
            } => {
                self.leave_pending(held, answer, transaction, retry_after_seconds)
                    .await
            }
            Outcome::NotSent => {
                self.leave(held, Phase::Running, Duration::ZERO).await;
                respond::unavailable()
            }
        }
    }

    /// The money did not move, unless an earlier try moved it.
    async fn settlement_failed<B>(
        &self,
        held: Held,
        receipt: Receipt,
        answer: Option<Answer>,
        retried: bool,
    ) -> Response<GateBody<B>> {
        let payment = self.credential.id();
        let reason = receipt.reason();
        if retried && !self.credential.settles_idempotently(&self.shared) {
            self.emit(&Event::SettlementUnresolved { payment });
            let transaction = receipt.transaction().map(str::to_owned);
            return self
                .leave_pending(held, answer, transaction, RETRY_SECONDS)
                .await;
        }
        self.emit(&Event::SettlementFailed {
            payment,
            reason: &reason.code,
        });
        if retried || receipt.transaction().is_some() {
            self.leave(
                held,
                Phase::Failed {
                    receipt: receipt.clone(),
                },
                Duration::ZERO,
            )
            .await;
        } else {
            // Nothing was broadcast: the same payment may be tried again, say after a top-up.
            self.release(held).await;
        }
        self.refuse_with(&reason, Some(&receipt))
    }

    async fn leave_pending<B>(
        &self,
        held: Held,
        answer: Option<Answer>,
        transaction: Option<String>,
        retry_after_seconds: u32,
    ) -> Response<GateBody<B>> {
        let seconds = retry_after_seconds.clamp(1, LONGEST_RETRY_SECONDS);
        let phase = Phase::Pending {
            answer,
            transaction: transaction.clone(),
        };
        self.leave(held, phase, Duration::from_secs(seconds.into()))
            .await;
        self.pending(transaction.as_deref(), seconds)
    }

    fn pending<B>(&self, transaction: Option<&str>, seconds: u32) -> Response<GateBody<B>> {
        self.emit(&Event::SettlementPending {
            payment: self.credential.id(),
        });
        respond::pending(&self.credential.payment, transaction, seconds)
    }

    fn settled(&self, receipt: &Receipt) {
        self.emit(&Event::Settled {
            payment: self.credential.id(),
            transaction: receipt.transaction().unwrap_or_default(),
        });
    }

    /// A step that cannot be written is made up for when the lease has lapsed.
    async fn leave(&self, held: Held, phase: Phase, wait: Duration) {
        if let Err(error) = held.leave(phase, wait).await {
            self.not_written(&error);
        }
    }

    async fn release(&self, held: Held) {
        if let Err(error) = held.release().await {
            self.not_written(&error);
        }
    }

    fn not_written(&self, error: &StoreError) {
        tracing::error!(payment = %self.credential.id(), %error, "a step was not written");
    }

    pub(super) fn not_recorded(&self, error: &StoreError) {
        self.not_written(error);
        self.emit(&Event::NotRecorded {
            payment: self.credential.id(),
        });
    }
}

const RETRY_SECONDS: u32 = 2;
const LONGEST_RETRY_SECONDS: u32 = 60;
