//! The state machine of a paid request: look, bind, verify, claim, settle, run, record, answer.
//!
//! It knows no protocol. It runs in a task of its own, so that a client who hangs up loses
//! neither payment nor answer. `docs/adr/0003-one-payment-one-run.md` says why each step comes
//! where it does.

mod detail;
mod held;
mod run;
mod settle;
mod standing;

use std::pin::Pin;
use std::sync::Arc;

use coinslot_payment_store::{Claim, ClaimKey, ClaimOutcome, StoreError};
use http::Response;

use self::detail::{Detail, Phase};
use self::held::{Held, encode, take_over};
pub(crate) use self::run::{call, run};
use self::standing::{Standing, standing};
use crate::body::{AnswerBody, BoxError, GateBody};
use crate::credential::{Credential, Receipt, Verdict};
use crate::event::{Dependency, Event};
use crate::fingerprint::Fingerprint;
use crate::priced::Priced;
use crate::reason::Reason;
use crate::shared::{Asked, Shared};
use crate::stream::Meter;
use crate::unpaid::UnpaidRun;
use crate::{Payment, respond};

type HandlerFuture<B> = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

/// The handler, ready to be called once.
pub(crate) type Handler<B> = Box<dyn FnOnce(Admitted) -> HandlerFuture<B> + Send>;

/// What let a request in, for its handler.
pub(crate) struct Admitted {
    pub(crate) payment: Payment,
    /// Where the answer is paid for as it is produced.
    pub(crate) meter: Option<Meter>,
}

impl Admitted {
    pub(crate) const fn by(payment: Payment) -> Self {
        Self {
            payment,
            meter: None,
        }
    }
}

/// A request with a credential.
pub(crate) struct PaidRequest {
    pub(crate) shared: Arc<Shared>,
    pub(crate) priced: Arc<Priced>,
    pub(crate) asked: Asked,
    pub(crate) credential: Credential,
    pub(crate) request: Fingerprint,
}

impl PaidRequest {
    /// Serves the request, from its credential to its answer.
    pub(crate) async fn serve<B>(mut self, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        // A payment that was claimed already is decided by its claim: it would not verify again.
        let key = ClaimKey::delivery(self.credential.id().clone());
        match self.shared.store.load(&key).await {
            Ok(None) => {}
            Ok(Some(claim)) => return self.existing(claim, handler).await,
            Err(error) => return self.store_unavailable(&error),
        }
        if let Err(reason) = &self.credential.bound {
            return self.refuse(reason);
        }
        match self.credential.verify(&self.shared).await {
            Verdict::Valid(None) => self.claim(&key, handler).await,
            Verdict::Valid(Some(id)) => {
                self.credential.payment.id = id;
                let key = ClaimKey::delivery(self.credential.id().clone());
                self.claim(&key, handler).await
            }
            // A payment that another request claimed and settled meanwhile does not verify either.
            Verdict::Refused(reason) => match self.shared.store.load(&key).await {
                Ok(None) => self.refuse(&reason),
                Ok(Some(claim)) => self.existing(claim, handler).await,
                Err(error) => self.store_unavailable(&error),
            },
            Verdict::Unavailable => respond::unavailable(),
        }
    }

    /// Claims a verified payment; only one request succeeds.
    async fn claim<B>(&self, key: &ClaimKey, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let Some(purchase) = random_name() else {
            tracing::error!("the operating system gave no random number");
            return respond::unavailable();
        };
        let unpaid_run = self.unpaid_run();
        let phase = match &unpaid_run {
            Some(_) => Phase::Running,
            None => Phase::Settling { answer: None },
        };
        let detail = Detail {
            credential: self.credential.fingerprint,
            request: self.request,
            purchase,
            phase,
        };
        let now = self.shared.clock.now();
        let lease_until = now.saturating_add(self.shared.lease);
        let claimed = self
            .shared
            .store
            .claim(key, &encode(&detail), now, lease_until)
            .await;
        match claimed {
            Ok(ClaimOutcome::New(claim)) => {
                self.emit(&Event::Claimed {
                    payment: self.credential.id(),
                });
                let held = self.hold(claim, detail);
                match unpaid_run {
                    Some(run) => self.run_then_settle(held, run, handler).await,
                    None => self.settle_then_run(held, None, false, handler).await,
                }
            }
            Ok(ClaimOutcome::Existing(claim)) => {
                if let Some(run) = unpaid_run {
                    run.no_loss();
                }
                self.existing(claim, handler).await
            }
            Err(error) => self.store_unavailable(&error),
        }
    }

    /// Answers a payment that was claimed before.
    async fn existing<B>(&self, claim: Claim, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let payment = self.credential.id();
        let now = self.shared.clock.now();
        let Some(standing) = standing(&claim, self.credential.fingerprint, self.request, now)
        else {
            tracing::error!(%payment, "the claim holds a detail that this version cannot read");
            self.emit(&Event::Unavailable {
                what: Dependency::Store,
            });
            return respond::unavailable();
        };
        match standing {
            Standing::Replay { receipt, answer } => {
                self.emit(&Event::Replayed { payment });
                respond::paid(answer.replay(), &receipt)
            }
            Standing::AlreadyUsed { receipt } => self.already_used(receipt.as_ref()),
            Standing::Failed { receipt } => self.refuse_with(&receipt.reason(), Some(&receipt)),
            Standing::InFlight => self.in_flight(),
            Standing::Pending {
                transaction,
                retry_after_seconds,
            } => respond::pending(
                &self.credential.payment,
                transaction.as_deref(),
                retry_after_seconds,
            ),
            Standing::Lapsed { detail } => {
                let store = &self.shared.store;
                match take_over(store, &claim, now, self.shared.lease).await {
                    Ok(claim) => self.resume(claim, detail, handler).await,
                    Err(error) if error.is_conflict() => self.in_flight(),
                    Err(error) => self.store_unavailable(&error),
                }
            }
        }
    }

    /// Goes on where a request that was interrupted had stopped.
    async fn resume<B>(
        &self,
        claim: Claim,
        detail: Detail,
        handler: Handler<B>,
    ) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        self.emit(&Event::TakenOver {
            payment: self.credential.id(),
        });
        let phase = detail.phase.clone();
        let mut held = self.hold(claim, detail);
        match phase {
            Phase::Running => match self.unpaid_run() {
                Some(run) => self.run_then_settle(held, run, handler).await,
                None => match held.advance(Phase::Settling { answer: None }).await {
                    Ok(()) => self.settle_then_run(held, None, false, handler).await,
                    Err(error) if error.is_conflict() => self.in_flight(),
                    Err(error) => self.store_unavailable(&error),
                },
            },
            Phase::Settling { answer } | Phase::Pending { answer, .. } => {
                self.settle_then_run(held, answer, true, handler).await
            }
            Phase::Settled { receipt } => self.deliver(held, receipt, None, handler).await,
            Phase::Delivered { receipt, .. } => self.already_used(Some(&receipt)),
            Phase::Failed { receipt } => self.refuse_with(&receipt.reason(), Some(&receipt)),
        }
    }

    fn hold(&self, claim: Claim, detail: Detail) -> Held {
        let shared = &self.shared;
        Held::new(
            Arc::clone(&shared.store),
            Arc::clone(&shared.clock),
            shared.lease,
            claim,
            detail,
        )
    }

    /// Leave to run the handler before the payment is settled, on a route that does so and within
    /// its loss cap.
    fn unpaid_run(&self) -> Option<UnpaidRun> {
        let runs = self.shared.unpaid.as_ref()?;
        // What is paid already is not served for nothing, nor kept for an answer that failed.
        if self.credential.has_paid() {
            return None;
        }
        let run = runs.reserve();
        if run.is_none() {
            self.emit(&Event::UnpaidRunsCapped);
        }
        run
    }

    fn refuse<B>(&self, reason: &Reason) -> Response<GateBody<B>> {
        self.emit(&Event::Refused {
            reason: &reason.code,
        });
        self.refuse_with(reason, None)
    }

    fn refuse_with<B>(&self, reason: &Reason, receipt: Option<&Receipt>) -> Response<GateBody<B>> {
        respond::refused(&self.shared, &self.priced, &self.asked, reason, receipt)
    }

    fn already_used<B>(&self, receipt: Option<&Receipt>) -> Response<GateBody<B>> {
        self.emit(&Event::AlreadyUsed {
            payment: self.credential.id(),
        });
        self.refuse_with(&Reason::ALREADY_USED, receipt)
    }

    fn in_flight<B>(&self) -> Response<GateBody<B>> {
        self.emit(&Event::InFlight {
            payment: self.credential.id(),
        });
        respond::in_flight(&self.credential.payment)
    }

    fn store_unavailable<B>(&self, error: &StoreError) -> Response<GateBody<B>> {
        tracing::error!(%error, "the payment store failed");
        self.emit(&Event::Unavailable {
            what: Dependency::Store,
        });
        respond::unavailable()
    }

    fn emit(&self, event: &Event<'_>) {
        self.shared.emit(event);
    }
}

/// 128 random bits in hexadecimal.
fn random_name() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}
