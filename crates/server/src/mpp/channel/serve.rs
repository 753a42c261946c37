//! A request with a voucher, from its voucher to its answer.

use std::sync::Arc;
use std::time::Duration;

use coinslot_mpp_channel_stellar::Price;
use coinslot_mpp_wire::Receipt as WireReceipt;
use coinslot_mpp_wire::stellar::ChannelAction;
use coinslot_payment_store::PaymentId;
use coinslot_settlement::{
    Channel, ChannelError, ChannelRefusal, Channels, Closed, Outage, Serving, Spent,
    Taken as Judged,
};
use http::{Response, StatusCode};

use super::chosen::Chosen;
use super::credential::Presented;
use super::receipts::{Kept, Receipts};
use crate::body::{AnswerBody, GateBody, full};
use crate::credential::Receipt;
use crate::event::{Dependency, Event};
use crate::fingerprint::Fingerprint;
use crate::machine::{Handler, run};
use crate::mpp::credential::reason;
use crate::mpp::settle::MppReceipt;
use crate::priced::Priced;
use crate::reason::Reason;
use crate::shared::{Asked, Shared};
use crate::{Payment, Protocol, respond};

/// A request with a voucher that answers a challenge of its route.
pub(crate) struct VoucherRequest {
    pub(crate) shared: Arc<Shared>,
    pub(crate) priced: Arc<Priced>,
    pub(crate) asked: Asked,
    pub(crate) channels: Channels,
    pub(crate) presented: Presented,
    pub(crate) request: Fingerprint,
    pub(crate) payment: Payment,
    pub(super) receipts: Receipts,
    /// The name of the stream, if the answer is paid for as it is produced.
    pub(super) stream_id: String,
    /// How long the stream waits for a voucher.
    pub(super) patience: Duration,
}

impl VoucherRequest {
    pub(crate) fn new(
        shared: Arc<Shared>,
        priced: Arc<Priced>,
        mut asked: Asked,
        channels: Channels,
        presented: Presented,
        request: Fingerprint,
    ) -> Option<Self> {
        let offer = priced.channel.as_ref()?;
        asked.channel = Some(Box::new(Chosen::only(presented.channel)));
        let (channel, amount) = (presented.channel.to_string(), presented.voucher.amount());
        let payment = Payment {
            id: PaymentId::voucher(
                &offer.terms.network.network_id(),
                &channel,
                amount.as_u128(),
            ),
            protocol: Protocol::Mpp,
            payer: channel,
            pay_to: offer.terms.pay_to.to_string(),
            amount: offer.terms.amount,
            asset: offer.terms.asset.to_string(),
            network: offer.terms.network.chain_id().to_owned(),
            transaction: None,
        };
        let receipts = Receipts {
            channel: presented.channel,
            challenge_id: presented.challenge_id.clone(),
            external_id: offer.external_id.clone(),
            clock: Arc::clone(&shared.clock),
        };
        let stream_id = match offer.price() {
            Price::PerUnit(_) => hex::encode(shared.minting.as_ref()?.random.take()?),
            Price::Once(_) => String::new(),
        };
        let patience = offer.wait_for_voucher;
        Some(Self {
            receipts,
            stream_id,
            patience,
            shared,
            priced,
            asked,
            channels,
            presented,
            request,
            payment,
        })
    }

    /// Serves the request, from its voucher to its answer.
    pub(crate) async fn serve<B>(mut self, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let channel = match self.channels.channel(&self.presented.channel).await {
            Ok(channel) => channel,
            Err(error) => return self.not_taken(error),
        };
        self.payment.payer = channel.funder().to_string();
        match self.presented.action {
            ChannelAction::Voucher => self.pay(&channel, handler).await,
            ChannelAction::Close => self.close(&channel, handler).await,
        }
    }

    /// Takes the voucher as payment for the request.
    async fn pay<B>(&self, channel: &Channel, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let voucher = self.presented.voucher;
        match channel
            .accept(voucher, self.price(), self.request.bytes())
            .await
        {
            Ok(judged) => self.judged(judged, handler).await,
            Err(error) => self.not_taken(error),
        }
    }

    /// Closes the channel with the voucher, and serves the request if it pays for it too.
    async fn close<B>(&self, channel: &Channel, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let voucher = self.presented.voucher;
        match channel
            .close_with(voucher, self.price(), self.request.bytes())
            .await
        {
            Ok(Closed::Alone { spent, transaction }) => {
                let mut response = Response::new(full(bytes::Bytes::new()));
                *response.status_mut() = StatusCode::NO_CONTENT;
                self.told(
                    response,
                    self.receipts.of(spent, None, transaction.as_deref()),
                )
            }
            Ok(Closed::WithRequest(judged)) => self.judged(*judged, handler).await,
            Err(error) => self.not_taken(error),
        }
    }

    fn price(&self) -> Price {
        match &self.priced.channel {
            Some(offer) => offer.price(),
            None => Price::Once(self.payment.amount),
        }
    }

    async fn judged<B>(&self, judged: Judged, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let payment = &self.payment.id;
        match judged {
            Judged::Serve(serving) => self.run(serving, handler).await,
            Judged::Stream(stream, spent) => self.stream(stream, spent, handler).await,
            Judged::Again { spent, answer } => self.again(spent, answer.as_deref()),
            Judged::Busy { .. } => {
                self.shared.emit(&Event::InFlight { payment });
                respond::in_flight(&self.payment)
            }
        }
    }

    async fn run<B>(&self, serving: Serving, handler: Handler<B>) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let id = &self.payment.id;
        self.shared.emit(&Event::Claimed { payment: id });
        let Some(receipt) = self.receipts.of(serving.spent(), None, None) else {
            return respond::unavailable();
        };
        let payment = self.payment.clone();
        let taken = serving.during(run(&self.shared, payment, handler)).await;
        let (status, recorded) = (taken.response.status(), taken.answer.is_some());
        let kept = Kept {
            receipt: receipt.clone(),
            answer: taken.answer,
        };
        // Written only if somebody asks again, or the channel rests for a while.
        serving
            .finish(move || serde_json::to_vec(&kept).unwrap_or_default())
            .await;
        self.shared.emit(&Event::Delivered {
            payment: id,
            status,
            recorded,
        });
        self.told(taken.response, Some(receipt))
    }

    /// The answer that was given before.
    fn again<B>(&self, spent: Spent, kept: Option<&[u8]>) -> Response<GateBody<B>> {
        let payment = &self.payment.id;
        let kept: Option<Kept> = kept.and_then(|kept| serde_json::from_slice(kept).ok());
        let now = self.shared.clock.now();
        match kept {
            Some(Kept {
                receipt,
                answer: Some(answer),
            }) if !answer.is_over(now) => {
                self.shared.emit(&Event::Replayed { payment });
                self.told(answer.replay(), Some(receipt))
            }
            kept => {
                self.shared.emit(&Event::AlreadyUsed { payment });
                let receipt = match kept {
                    Some(kept) => Some(kept.receipt),
                    None => self.receipts.of(spent, None, None),
                };
                let receipt = receipt.map(|receipt| Receipt::Mpp(MppReceipt::of(receipt)));
                self.refuse(&Reason::ALREADY_USED, receipt.as_ref())
            }
        }
    }

    pub(super) fn told<B>(
        &self,
        response: Response<GateBody<B>>,
        receipt: Option<WireReceipt>,
    ) -> Response<GateBody<B>> {
        match receipt {
            Some(receipt) => respond::paid(response, &Receipt::Mpp(MppReceipt::of(receipt))),
            None => respond::unavailable(),
        }
    }

    fn not_taken<B>(&self, error: ChannelError) -> Response<GateBody<B>> {
        match error {
            ChannelError::Refused(ChannelRefusal { kind, why }) => {
                self.refuse(&reason(kind, kind.because(why)), None)
            }
            ChannelError::Unavailable(outage) => self.unavailable(&outage),
        }
    }

    fn refuse<B>(&self, reason: &Reason, receipt: Option<&Receipt>) -> Response<GateBody<B>> {
        self.shared.emit(&Event::Refused {
            reason: &reason.code,
        });
        respond::refused(&self.shared, &self.priced, &self.asked, reason, receipt)
    }

    fn unavailable<B>(&self, outage: &Outage) -> Response<GateBody<B>> {
        tracing::warn!(error = %outage, payment = %self.payment.id, "a voucher could not be taken");
        self.shared.emit(&Event::Unavailable {
            what: Dependency::of(outage),
        });
        respond::unavailable()
    }
}
