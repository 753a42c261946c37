//! The beginning of a stream: the request is paid like any other, but for its first voucher, which reserves several units.

use std::num::NonZeroU32;
use std::sync::Arc;

use coinslot_mpp_wire::stellar::PAYMENT_STREAM;
use coinslot_usdc_amount::BaseUnits;
use reqwest::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{Client, Method, Request, Response};

use super::super::by_channel::ByChannel;
use super::super::hold::Hold;
use super::super::own::Ticket;
use super::source::{Source, Tab};
use super::{PaidEvents, StreamError};
use crate::courier::Courier;
use crate::engine::{Engine, carries_payment};
use crate::error::PaymentError;
use crate::offer::Offer;
use crate::payable::Payable;

/// An answer that has begun, and goes on costing.
pub(crate) struct Begun {
    pub(crate) response: Response,
    pub(in super::super) hold: Hold,
    pub(in super::super) ticket: Ticket,
    pub(in super::super) offer: Box<Offer>,
    /// What was spent of the channel before.
    pub(in super::super) before: BaseUnits,
}

impl Engine {
    /// Asks for an answer that is paid for as it is produced.
    pub(crate) async fn listen(
        self: &Arc<Self>,
        mut request: Request,
        reserve: NonZeroU32,
        client: &Client,
    ) -> Result<PaidEvents, StreamError> {
        if carries_payment(request.headers()) {
            return Err(PaymentError::OwnPaymentHeader.into());
        }
        let accept = request.headers_mut().entry(ACCEPT);
        accept.or_insert(HeaderValue::from_static(EVENT_STREAM));
        let payable = self.payable(&request, None).map_err(PaymentError::from)?;
        let mut payable = Payable {
            // Another purchase than the same request by itself.
            id: payable.id.of_stream(""),
            reserve: Some(reserve),
            ..payable
        };
        let mut courier = Courier::Client(client);
        let turn = self.turns.wait(&payable.id).await;
        let begun = match self.by_channel(&mut payable, &mut courier).await? {
            ByChannel::Streams(begun) => begun,
            ByChannel::Answered(response) => {
                return Err(StreamError::NotMetered(Box::new(response)));
            }
            ByChannel::Otherwise { why, .. } => {
                return Err(why.map_or(StreamError::NoChannel, StreamError::Payment));
            }
        };
        drop(turn);
        let Some(top_up) = top_up(&payable, &begun.response) else {
            return Err(StreamError::NotMetered(Box::new(begun.response)));
        };
        let tab = Tab {
            hold: begun.hold,
            _ticket: begun.ticket,
            offer: begun.offer,
            payable,
            top_up,
            before: begun.before,
            reserve,
            has_given: false,
            repeated: 0,
        };
        Ok(PaidEvents::new(Box::new(Source {
            engine: Arc::clone(self),
            client: client.clone(),
            response: begun.response,
            reader: Default::default(),
            piece: Default::default(),
            tab,
        })))
    }
}

/// The request that brings a voucher for a stream; none if the answer is no stream.
fn top_up(payable: &Payable, response: &Response) -> Option<Payable> {
    let media_type = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let (media_type, _) = media_type.split_once(';').unwrap_or((media_type, ""));
    let id = response.headers().get(PAYMENT_STREAM)?;
    let digits = id.as_bytes();
    let is_id = digits.len() == ID_DIGITS && digits.iter().all(u8::is_ascii_hexdigit);
    if !response.status().is_success()
        || !is_id
        || !media_type.trim().eq_ignore_ascii_case(EVENT_STREAM)
    {
        return None;
    }
    let mut request = Request::new(Method::HEAD, payable.request.url().clone());
    let headers = request.headers_mut();
    headers.clone_from(payable.request.headers());
    for name in [ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers.insert(HeaderName::from_static(PAYMENT_STREAM), id.clone());
    Some(Payable {
        // What became of its voucher is asked for before anything else is paid.
        id: payable.id.of_stream(id.to_str().ok()?),
        host: payable.host.clone(),
        request,
        keyed: false,
        channels: payable.channels.clone(),
        channel: payable.channel.clone(),
        reserve: payable.reserve,
    })
}

const EVENT_STREAM: &str = "text/event-stream";
const ID_DIGITS: usize = 32;
