//! A voucher for a stream that runs: a request of its own to the same address, with the header
//! `Payment-Stream`. No handler runs for it, whatever its method.

use std::sync::Arc;

use coinslot_mpp_wire::stellar::{ChannelAction, PAYMENT_STREAM};
use coinslot_mpp_wire::{BodyDigest, Credential as Received, ProblemKind};
use coinslot_settlement::{ChannelError, ChannelRefusal, Channels, Outage};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::chosen::Chosen;
use super::credential::{BodyOf, Presented, bind, read};
use crate::body::{GateBody, full};
use crate::credential::Receipt;
use crate::event::{Dependency, Event};
use crate::fingerprint::Fingerprint;
use crate::mpp::credential::{CredentialError, decode, invalid, reason};
use crate::mpp::settle::MppReceipt;
use crate::presented::Presented as Arrived;
use crate::priced::Priced;
use crate::reason::Reason;
use crate::respond;
use crate::shared::{Asked, Shared};
use crate::stream::Running;

/// Where and under which terms a stream takes its vouchers.
pub(crate) struct Place {
    /// What its buyer was told; nobody else knows it.
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) scope: Option<Fingerprint>,
    pub(crate) digest: Option<BodyDigest>,
    pub(crate) priced: Arc<Priced>,
}

/// A request with a voucher for a stream.
pub(crate) struct TopUp {
    shared: Arc<Shared>,
    asked: Asked,
    /// What the route offers to requests of this method.
    priced: Option<Arc<Priced>>,
    id: HeaderValue,
    credential: HeaderValue,
}

impl TopUp {
    /// Takes it out of a request, if it is one; gives back the payment if it is none.
    pub(crate) fn take(
        shared: &Arc<Shared>,
        parts: &mut Parts,
        presented: Arrived,
    ) -> Result<Self, Arrived> {
        if shared.channels().is_none() {
            return Err(presented);
        }
        match (parts.headers.remove(NAME), presented) {
            (Some(id), Arrived::Payment(credential)) => Ok(Self {
                asked: shared.asked(parts),
                priced: shared.priced(parts),
                shared: Arc::clone(shared),
                id,
                credential,
            }),
            (_, presented) => Err(presented),
        }
    }

    /// 204 with a receipt, or why the voucher is not taken.
    pub(crate) async fn serve<B>(self) -> Response<GateBody<B>> {
        let id = self.id.to_str().unwrap_or_default();
        match self.shared.streams.find(id, &self.asked.url) {
            Some(running) => self.pay(&running).await,
            None => self.not_here().await,
        }
    }

    async fn pay<B>(mut self, running: &Running) -> Response<GateBody<B>> {
        let (place, channel) = (&running.place, running.channel());
        // A fresh challenge is for the stream too.
        self.asked.scope = place.scope;
        self.asked.digest.clone_from(&place.digest);
        self.asked.channel = Some(Box::new(Chosen::only(channel)));
        let presented = match self.presented(running) {
            Ok(presented) => presented,
            Err(reason) => return self.refuse(place, &reason),
        };
        match running.top_up(presented.voucher).await {
            Ok(spent) => {
                self.shared.emit(&Event::ToppedUp {
                    payment: running.payment(),
                });
                let receipts = running.receipts().answering(presented.challenge_id);
                let Some(receipt) = receipts.of(spent, Some(running.units()), None) else {
                    return respond::unavailable();
                };
                let mut response = Response::new(full(bytes::Bytes::new()));
                *response.status_mut() = StatusCode::NO_CONTENT;
                respond::paid(response, &Receipt::Mpp(MppReceipt::of(receipt)))
            }
            Err(ChannelError::Refused(ChannelRefusal { kind, why })) => {
                self.refuse(place, &reason(kind, kind.because(why)))
            }
            Err(ChannelError::Unavailable(outage)) => self.unavailable(&outage),
        }
    }

    /// The voucher, if it answers a challenge for the stream.
    fn presented(&self, running: &Running) -> Result<Presented, Reason> {
        let place = &running.place;
        let refused = |error| match error {
            CredentialError::NotOffered(reason) | CredentialError::Refused(reason) => reason,
        };
        let received = decode(&self.credential).map_err(refused)?;
        let (Some(offer), Some(scope)) = (&place.priced.channel, place.scope) else {
            return Err(place.priced.unpaid.clone());
        };
        let now = self.shared.clock.now().as_seconds();
        let body = BodyOf::Digest(place.digest.as_ref());
        let presented = read(&received, offer, scope, body, now).map_err(refused)?;
        if presented.channel != running.channel() {
            return Err(invalid(&received, &OTHER_CHANNEL));
        }
        if presented.action != ChannelAction::Voucher {
            let kind = ProblemKind::InvalidPayload;
            return Err(reason(kind, kind.because(NO_CLOSE)));
        }
        Ok(presented)
    }

    /// The stream runs elsewhere, or not at all.
    async fn not_here<B>(self) -> Response<GateBody<B>> {
        match self.elsewhere().await {
            Ok(Some(seconds)) => {
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                respond::stream_elsewhere(seconds)
            }
            Err(ChannelError::Unavailable(outage)) => self.unavailable(&outage),
            Ok(None) | Err(ChannelError::Refused(_)) => {
                self.shared.emit(&Event::Refused { reason: NO_STREAM });
                respond::no_stream()
            }
        }
    }

    /// For how long another server keeps a stream that is paid from the voucher's channel.
    async fn elsewhere(&self) -> Result<Option<u64>, ChannelError> {
        let offer = self
            .priced
            .as_ref()
            .and_then(|priced| priced.channel.as_ref());
        let received: Option<Received> = decode(&self.credential).ok();
        let (Some(offer), Some(received), Some(channels)) = (offer, received, self.channels())
        else {
            return Ok(None);
        };
        let Ok(bound) = bind(&received, offer) else {
            return Ok(None);
        };
        let channel = channels.channel(&bound.channel).await?;
        channel.streams_elsewhere(bound.voucher).await
    }

    fn channels(&self) -> Option<&Channels> {
        self.shared.channels()
    }

    fn refuse<B>(&self, place: &Place, reason: &Reason) -> Response<GateBody<B>> {
        self.shared.emit(&Event::Refused {
            reason: &reason.code,
        });
        respond::refused(&self.shared, &place.priced, &self.asked, reason, None)
    }

    fn unavailable<B>(&self, outage: &Outage) -> Response<GateBody<B>> {
        tracing::warn!(error = %outage, "a voucher for a stream could not be taken");
        self.shared.emit(&Event::Unavailable {
            what: Dependency::of(outage),
        });
        respond::unavailable()
    }
}

const NAME: HeaderName = HeaderName::from_static(PAYMENT_STREAM);
const OTHER_CHANNEL: &str = "it was issued for another channel than the one that pays the stream";
const NO_CLOSE: &str = "a stream takes vouchers; close its channel by a request of its own";
const NO_STREAM: &str = "stream_not_found";
