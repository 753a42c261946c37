//! The gate as a [`Service`]: decides what a request is, and hands a paid one to the state
//! machine.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use coinslot_mpp_wire::IntentName;
use coinslot_settlement::Channels;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_service::Service;
use tracing::Instrument;

use crate::body::{BoxError, GateBody, passed};
use crate::credential::Credential;
use crate::event::Event;
use crate::fingerprint::Fingerprint;
use crate::machine::{Admitted, Handler, PaidRequest};
use crate::mpp::channel;
use crate::mpp::channel::chosen::{self, Choice};
use crate::mpp::channel::credential::BodyOf;
use crate::mpp::channel::serve::VoucherRequest;
use crate::mpp::channel::top_up::TopUp;
use crate::mpp::credential::{CredentialError, Scene};
use crate::presented::Presented;
use crate::priced::Priced;
use crate::reason::Reason;
use crate::shared::{Asked, Shared};
use crate::{Gate, GateFuture, mpp, respond, x402};

/// A service behind a gate.
///
/// The request's body must be made from [`Bytes`], because the gate reads the body of a paid
/// request before it claims the payment (a payment is bound to its request, body included).
/// Paid requests need a Tokio runtime: the handler runs in a task of its own (with the same tracing
/// span, without other task-local values), and goes on when the client hangs up.
#[derive(Clone, Debug)]
pub struct GateService<S> {
    gate: Gate,
    inner: S,
}

impl<S> GateService<S> {
    pub(crate) const fn new(gate: Gate, inner: S) -> Self {
        Self { gate, inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for GateService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError> + 'static,
    ReqBody: Body + From<Bytes> + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<GateBody<ResBody>>;
    type Error = S::Error;
    type Future = GateFuture<ResBody, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let shared = &self.gate.0;
        let presented = Presented::take(shared, &mut parts.headers);
        let named = shared
            .channels()
            .and_then(|_| chosen::take_header(&mut parts.headers));
        let presented = match TopUp::take(shared, &mut parts, presented) {
            Ok(top_up) => {
                return GateFuture::working(async move {
                    let work = tokio::spawn(top_up.serve().in_current_span());
                    Ok(work.await.unwrap_or_else(|_| respond::unavailable()))
                });
            }
            Err(presented) => presented,
        };
        if shared.is_free(&parts.method) {
            let answer = self.inner.call(Request::from_parts(parts, body));
            return GateFuture::working(async move { Ok(answer.await?.map(passed)) });
        }
        let Some(priced) = shared.priced(&parts) else {
            return GateFuture::ready(respond::unavailable());
        };
        let asked = shared.asked(&parts);
        let credential = match presented {
            Presented::Nothing => return unpaid(shared, priced, asked, body, named),
            Presented::Several => return self.unreadable(SEVERAL_PAYMENTS),
            Presented::Version1 => return self.unreadable(VERSION_1),
            Presented::Payment(header) => Arrived::Payment(header),
            Presented::Payload(header) => match x402::credential::read(&header, &priced.x402) {
                Ok(credential) => Arrived::Read(Box::new(credential)),
                Err(x402::credential::CredentialError::Unreadable(cause)) => {
                    return self.unreadable(&format!(
                        "The PAYMENT-SIGNATURE header cannot be read: {cause}."
                    ));
                }
                Err(x402::credential::CredentialError::Refused(reason)) => {
                    return GateFuture::ready(refused(shared, &priced, &asked, &reason));
                }
            },
        };
        // The service that was polled ready serves this request; a clone waits for the next.
        let clone = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, clone);
        let shared = Arc::clone(shared);
        GateFuture::working(async move {
            let body = match read_body(body, shared.max_request_body).await {
                Ok(body) => body,
                Err(refusal) => return Ok(refusal.answer(&shared)),
            };
            let mut asked = asked;
            asked.bind(&shared, &body);
            let request = Fingerprint::of_request(&parts.method, &asked.url, &body);
            let scene = body.clone();
            let handler: Handler<ResBody> = Box::new(move |admitted| {
                let Admitted { payment, meter } = admitted;
                Box::pin(async move {
                    parts.extensions.insert(payment);
                    if let Some(meter) = meter {
                        parts.extensions.insert(meter);
                    }
                    let request = Request::from_parts(parts, ReqBody::from(body));
                    ready.call(request).await.map_err(Into::into)
                })
            });
            let taken = match credential {
                Arrived::Read(credential) => Ok(Taken::Payment(credential)),
                Arrived::Payment(header) => take(&shared, &priced, &asked, &header, &scene),
            };
            let (payment, work) = match taken {
                Ok(Taken::Payment(credential)) => {
                    let payment = credential.payment.clone();
                    let paid = PaidRequest {
                        shared,
                        priced,
                        asked,
                        credential: *credential,
                        request,
                    };
                    (payment, tokio::spawn(paid.serve(handler).in_current_span()))
                }
                Ok(Taken::Voucher(channels, presented)) => {
                    let request =
                        VoucherRequest::new(shared, priced, asked, channels, *presented, request);
                    let Some(request) = request else {
                        return Ok(respond::unavailable());
                    };
                    let payment = request.payment.clone();
                    (
                        payment,
                        tokio::spawn(request.serve(handler).in_current_span()),
                    )
                }
                Err(error) => {
                    // The fresh challenge is for the channel that the buyer pays from.
                    if let Choice::Channel(chosen) = choose(&shared, &priced, named.as_ref()).await
                    {
                        asked.channel = Some(chosen);
                    }
                    return Ok(not_taken(&shared, &priced, &asked, &error));
                }
            };
            // The state machine does not panic; if it did, nobody may be asked to pay again.
            Ok(work
                .await
                .unwrap_or_else(|_| respond::pending(&payment, None, 1)))
        })
    }
}

impl<S> GateService<S> {
    fn unreadable<B, E>(&self, sentence: &str) -> GateFuture<B, E> {
        self.gate.0.emit(&Event::Unreadable);
        GateFuture::ready(respond::unreadable(sentence))
    }
}

/// A credential, read or still to be read with the body.
enum Arrived {
    Read(Box<Credential>),
    Payment(HeaderValue),
}

/// What a credential of the scheme `Payment` turned out to be.
enum Taken {
    /// A payment that is settled by itself.
    Payment(Box<Credential>),
    /// A voucher of a channel.
    Voucher(Channels, Box<channel::credential::Presented>),
}

/// 402 to a request without payment.
fn unpaid<ReqBody, B, E>(
    shared: &Arc<Shared>,
    priced: Arc<Priced>,
    mut asked: Asked,
    body: ReqBody,
    named: Option<HeaderValue>,
) -> GateFuture<B, E>
where
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<BoxError>,
    B: 'static,
{
    shared.emit(&Event::Offered);
    let reads_body = shared.bind_body && priced.is_mpp() && !body.is_end_stream();
    let looks_up = priced
        .channel
        .as_ref()
        .is_some_and(|offer| named.is_some() || offer.default_channel.is_some());
    if !reads_body && !looks_up {
        asked.bind(shared, &[]);
        return GateFuture::ready(respond::unpaid(shared, &priced, &asked));
    }
    let shared = Arc::clone(shared);
    GateFuture::working(async move {
        if reads_body {
            match read_body(body, shared.max_request_body).await {
                Ok(body) => asked.bind(&shared, &body),
                Err(refusal) => return Ok(refusal.answer(&shared)),
            }
        }
        Ok(offered(&shared, &priced, asked, named).await)
    })
}

/// The channel that the buyer names, or the route's default one.
async fn choose(shared: &Shared, priced: &Priced, named: Option<&HeaderValue>) -> Choice {
    match (shared.channels(), &priced.channel) {
        (Some(channels), Some(offer)) => chosen::choose(shared, channels, offer, named).await,
        _ => Choice::Nobody,
    }
}

/// 402 with a challenge for that channel.
async fn offered<B>(
    shared: &Shared,
    priced: &Priced,
    mut asked: Asked,
    named: Option<HeaderValue>,
) -> Response<GateBody<B>> {
    match choose(shared, priced, named.as_ref()).await {
        Choice::Nobody => respond::unpaid(shared, priced, &asked),
        Choice::Channel(chosen) => {
            asked.channel = Some(chosen);
            respond::unpaid(shared, priced, &asked)
        }
        Choice::Unreadable(sentence) => {
            shared.emit(&Event::Unreadable);
            respond::unreadable(&sentence)
        }
        Choice::NotTaken(reason) => refused(shared, priced, &asked, &reason),
        Choice::Unavailable => respond::unavailable(),
    }
}

/// Reads a credential of the scheme `Payment`.
fn take(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    header: &HeaderValue,
    body: &[u8],
) -> Result<Taken, CredentialError> {
    let (Some(minting), Some(scope)) = (&shared.minting, asked.scope) else {
        return Err(CredentialError::Refused(priced.unpaid.clone()));
    };
    let received = mpp::credential::decode(header)?;
    if let (Some(channels), Some(offer)) = (&minting.channels, &priced.channel)
        && received.challenge.method().as_str() == STELLAR
        && *received.challenge.intent() == IntentName::channel()
    {
        let now = shared.clock.now().as_seconds();
        let presented =
            channel::credential::read(&received, offer, scope, BodyOf::Bytes(body), now)?;
        return Ok(Taken::Voucher(channels.clone(), Box::new(presented)));
    }
    let Some(charges) = &minting.charges else {
        return Err(mpp::credential::not_offered(&received));
    };
    let scene = Scene {
        offers: &priced.charges,
        minting,
        charges,
        scope,
        body,
    };
    let fingerprint = Fingerprint::of_credential(header.as_bytes());
    let credential = mpp::credential::read(&received, fingerprint, &scene)?;
    Ok(Taken::Payment(Box::new(credential)))
}

fn not_taken<B>(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    error: &CredentialError,
) -> Response<GateBody<B>> {
    match error {
        CredentialError::NotOffered(reason) => {
            shared.emit(&Event::Unreadable);
            respond::not_offered(reason)
        }
        CredentialError::Refused(reason) => refused(shared, priced, asked, reason),
    }
}

fn refused<B>(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    reason: &Reason,
) -> Response<GateBody<B>> {
    shared.emit(&Event::Refused {
        reason: &reason.code,
    });
    respond::refused(shared, priced, asked, reason, None)
}

enum BodyError {
    TooLarge,
    Broken,
}

impl BodyError {
    fn answer<B>(&self, shared: &Shared) -> Response<GateBody<B>> {
        shared.emit(&Event::Unreadable);
        match self {
            Self::TooLarge => respond::too_large(shared.max_request_body),
            Self::Broken => respond::broken_body(),
        }
    }
}

async fn read_body<B>(body: B, limit: usize) -> Result<Bytes, BodyError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length <= limit) {
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
            Err(_) => Err(BodyError::Broken),
        }
    } else {
        Err(BodyError::TooLarge)
    }
}

const STELLAR: &str = "stellar";
const SEVERAL_PAYMENTS: &str = "The request brings several payments. Send exactly one: \
                                one PAYMENT-SIGNATURE header, or one Authorization: Payment.";
const VERSION_1: &str = "X-PAYMENT is the header of x402 version 1. This service speaks version 2: \
                         read the PAYMENT-REQUIRED header and answer with PAYMENT-SIGNATURE.";
