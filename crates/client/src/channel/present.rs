//! Sending one voucher until it is answered: the same bytes every time.

use std::sync::Arc;
use std::time::Duration;

use coinslot_mpp_wire::stellar::{ChannelAction, ChannelPayload};
use coinslot_mpp_wire::{Challenge as WireChallenge, Credential, MAX_HEADER_BYTES, PROBLEM_JSON};
use coinslot_payment_store::UnixMillis;
use coinslot_usdc_amount::BaseUnits;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, StatusCode};

use super::deliver::{Took, took};
use super::hold::Hold;
use super::own::OwnChannel;
use super::standing;
use crate::amount::Amount;
use crate::answers::{asks_for_patience, is_redirect, keep};
use crate::authorize::within;
use crate::challenge::Challenge;
use crate::courier::{Courier, paid, same_origin};
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError, Refused};
use crate::event::PaymentEvent;
use crate::patience::retry_after;
use crate::payable::Payable;
use crate::refusal::NotPayable;
use crate::refused::{self, Refusal};
use crate::standing::Standing;
use crate::terms::Protocol;

/// A voucher to be sent.
#[derive(Clone, Copy)]
pub(super) struct ToPresent<'a> {
    pub(super) challenge: &'a WireChallenge,
    pub(super) action: ChannelAction,
    /// The cumulative amount, which is in the store.
    pub(super) amount: BaseUnits,
    /// What it adds, for a sentence.
    pub(super) price: Amount,
}

/// What came of sending it.
pub(super) enum Presented {
    /// It is the answer that was bought.
    Answer(Response),
    /// It is an answer, but neither bought nor a refusal: the voucher stays open.
    Undecided(Response),
    /// The seller does not want it.
    Refused(Box<RefusedVoucher>),
}

/// How a seller refused a voucher.
pub(super) struct RefusedVoucher {
    pub(super) why: Refusal,
    /// What it asks for instead.
    pub(super) fresh: Option<Challenge>,
    /// Whether it says that it has the voucher all the same.
    pub(super) taken: bool,
}

impl RefusedVoucher {
    /// The error that says so.
    pub(super) fn because(self, amount: Amount, standing: Standing) -> PaymentError {
        let (reason, message) = self.why;
        PaymentError::Refused(Box::new(Refused {
            amount,
            reason,
            message,
            standing,
        }))
    }
}

enum Verdict {
    Done(Presented),
    Again(
        LastAnswer,
        Option<Duration>,
        Option<reqwest_middleware::Error>,
    ),
}

impl Engine {
    /// Signs the voucher and sends it. The caller has put the amount down.
    pub(super) async fn present(
        &self,
        hold: &mut Hold,
        voucher: ToPresent<'_>,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Presented, PaymentError> {
        let header = within(MAX_HEADER_BYTES, credential(&hold.channel, voucher))?;
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        loop {
            self.emit(|| PaymentEvent::Paying {
                request: payable.id.clone(),
                attempt,
            });
            let channel = Arc::clone(&hold.channel);
            let sending = self.send_voucher(&channel, &header, voucher, payable, courier);
            let (last, asked, source) = match self.meanwhile(hold, sending).await? {
                Verdict::Done(presented) => return Ok(presented),
                Verdict::Again(last, asked, source) => (last, asked, source),
            };
            let wait = match last {
                LastAnswer::Redirected(_) => None,
                _ => self.patience.wait(attempt, asked, waited),
            };
            let Some(wait) = wait else {
                self.let_go(hold).await;
                return Err(PaymentError::OutcomeUnknown(Box::new(OutcomeUnknown {
                    amount: voucher.price,
                    attempts: attempt,
                    last,
                    standing: Standing::Voucher {
                        cumulative: voucher.amount,
                    },
                    source,
                })));
            };
            self.emit(|| PaymentEvent::Confirming {
                request: payable.id.clone(),
                status: last.status(),
                wait,
            });
            self.meanwhile(hold, tokio::time::sleep(wait)).await;
            (attempt, waited) = (attempt.saturating_add(1), waited.saturating_add(wait));
        }
    }

    async fn send_voucher(
        &self,
        channel: &OwnChannel,
        header: &str,
        voucher: ToPresent<'_>,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Verdict, PaymentError> {
        let mut request =
            paid(&payable.request, Protocol::Mpp, header).ok_or(NotPayable::BodyNotReplayable)?;
        standing::name(channel, None, request.headers_mut());
        match courier.send(request, self.destinations).await {
            Ok(response) if !same_origin(response.url(), payable.request.url()) => Ok(
                Verdict::Again(LastAnswer::Redirected(response.status()), None, None),
            ),
            Ok(response) => Ok(judge(response, channel, voucher.amount, self.clock.now()).await),
            Err(PaymentError::Http(error)) => {
                Ok(Verdict::Again(LastAnswer::Lost, None, Some(error)))
            }
            Err(error) => Err(error),
        }
    }
}

fn credential(channel: &OwnChannel, voucher: ToPresent<'_>) -> String {
    let signed = channel.sign(voucher.amount);
    let payload = ChannelPayload {
        action: voucher.action,
        amount: signed.amount(),
        signature: *signed.signature(),
    };
    Credential::new(voucher.challenge.clone(), &payload).to_header()
}

async fn judge(
    response: Response,
    channel: &OwnChannel,
    amount: BaseUnits,
    now: UnixMillis,
) -> Verdict {
    let status = response.status();
    let taken = took(response.headers(), channel, amount) == Ok(Took::Voucher);
    if is_refusal(&response, taken) {
        let fresh = Challenge::in_headers(response.headers(), now).ok();
        let why = refused::read(response, Protocol::Mpp).await;
        return Verdict::Done(Presented::Refused(Box::new(RefusedVoucher {
            why,
            fresh,
            taken,
        })));
    }
    if !taken {
        if asks_for_patience(status) {
            let asked = retry_after(response.headers());
            return Verdict::Again(LastAnswer::Status(status), asked, None);
        }
        if is_redirect(status) {
            return Verdict::Again(LastAnswer::Redirected(status), None, None);
        }
        if status.is_client_error() {
            return Verdict::Done(Presented::Undecided(response));
        }
    }
    match keep(response).await {
        Ok(response) => Verdict::Done(Presented::Answer(response)),
        Err(error) => Verdict::Again(LastAnswer::Lost, None, Some(error.into())),
    }
}

/// 402, and 410 with a problem: some servers say so that a channel is closed.
fn is_refusal(response: &Response, taken: bool) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE);
    let is_problem =
        media_type.is_some_and(|it| it.as_bytes().starts_with(PROBLEM_JSON.as_bytes()));
    match response.status() {
        StatusCode::PAYMENT_REQUIRED => true,
        StatusCode::GONE => is_problem && !taken,
        _ => false,
    }
}
