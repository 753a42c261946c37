//! Running the handler, and giving out its answer.

use http::Response;
use tracing::Instrument;

use super::detail::Phase;
use super::held::Held;
use super::{Admitted, Handler, PaidRequest};
use crate::answer::{Answer, Taken, take};
use crate::body::{AnswerBody, GateBody};
use crate::credential::Receipt;
use crate::event::Event;
use crate::shared::Shared;
use crate::{Payment, respond};

impl PaidRequest {
    /// Gives out the answer to a settled payment: the one that is there, or the handler's.
    pub(super) async fn deliver<B>(
        &self,
        mut held: Held,
        receipt: Receipt,
        answer: Option<Answer>,
        handler: Handler<B>,
    ) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let Taken { response, answer } = match answer {
            Some(answer) => Taken {
                response: answer.replay(),
                answer: Some(answer),
            },
            None => {
                let payment = Payment {
                    transaction: receipt.transaction().map(str::to_owned),
                    ..self.credential.payment.clone()
                };
                self.run(&mut held, payment, handler).await
            }
        };
        let recorded = answer.is_some();
        let phase = Phase::Delivered {
            receipt: receipt.clone(),
            answer,
        };
        if let Err(error) = held.finish(phase, Vec::new()).await {
            self.not_recorded(&error);
        }
        let (payment, status) = (self.credential.id(), response.status());
        self.emit(&Event::Delivered {
            payment,
            status,
            recorded,
        });
        respond::paid(response, &receipt)
    }

    /// Runs the handler, and keeps the claim meanwhile.
    pub(super) async fn run<B>(
        &self,
        held: &mut Held,
        payment: Payment,
        handler: Handler<B>,
    ) -> Taken<B>
    where
        B: AnswerBody,
    {
        held.during(run(&self.shared, payment, handler)).await
    }
}

/// Runs the handler, and takes the record of its answer.
pub(crate) async fn run<B>(shared: &Shared, payment: Payment, handler: Handler<B>) -> Taken<B>
where
    B: AnswerBody,
{
    let about = payment.clone();
    let id = &about.id;
    let response = call(Admitted::by(payment), handler).await;
    let now = shared.clock.now();
    if let Some(response) = response {
        if let Some(taken) = take(response, &shared.record, now).await {
            return taken;
        }
        tracing::error!(payment = %id, "the handler's body broke off");
    }
    shared.emit(&Event::HandlerFailed { payment: id });
    Taken::whole(respond::handler_failed(&about), &shared.record, now)
}

/// Runs the handler in a task of its own, so that its panic is an answer of status 500.
pub(crate) async fn call<B>(admitted: Admitted, handler: Handler<B>) -> Option<Response<B>>
where
    B: AnswerBody,
{
    let id = admitted.payment.id.clone();
    match tokio::spawn(handler(admitted).in_current_span()).await {
        Ok(Ok(response)) => Some(response),
        Ok(Err(error)) => {
            tracing::error!(payment = %id, %error, "the handler's service failed");
            None
        }
        Err(error) => {
            tracing::error!(payment = %id, %error, "the handler panicked");
            None
        }
    }
}
