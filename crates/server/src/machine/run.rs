//! Running the handler, and giving out its answer.

use http::Response;
use tracing::Instrument;

use super::detail::Phase;
use super::held::Held;
use super::{Handler, PaidRequest};
use crate::answer::{Answer, Taken, take};
use crate::body::{AnswerBody, GateBody};
use crate::credential::Receipt;
use crate::event::Event;
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

    /// Runs the handler in a task of its own, so that its panic is an answer of status 500.
    pub(super) async fn run<B>(
        &self,
        held: &mut Held,
        payment: Payment,
        handler: Handler<B>,
    ) -> Taken<B>
    where
        B: AnswerBody,
    {
        let (shared, id) = (&self.shared, self.credential.id());
        let running = tokio::spawn(handler(payment).in_current_span());
        let response = match held.during(running).await {
            Ok(Ok(response)) => Some(response),
            Ok(Err(error)) => {
                tracing::error!(payment = %id, %error, "the handler's service failed");
                None
            }
            Err(error) => {
                tracing::error!(payment = %id, %error, "the handler panicked");
                None
            }
        };
        let now = shared.clock.now();
        if let Some(response) = response {
            if let Some(taken) = held.during(take(response, &shared.record, now)).await {
                return taken;
            }
            tracing::error!(payment = %id, "the handler's body broke off");
        }
        self.emit(&Event::HandlerFailed { payment: id });
        Taken::whole(
            respond::handler_failed(&self.credential.payment),
            &shared.record,
            now,
        )
    }
}
