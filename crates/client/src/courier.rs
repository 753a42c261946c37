//! Sends one logical request: without a payment, or with it.

use http::Extensions;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, Request, Response};
use reqwest_middleware::Next;
use url::Url;

use coinslot_x402_wire::header::PAYMENT_SIGNATURE;

use crate::address_guard::{Destinations, refusal_in};
use crate::error::PaymentError;
use crate::terms::Protocol;

/// The way on from here: the rest of the middleware, or the bare client.
pub(crate) enum Courier<'a> {
    Middleware {
        next: Next<'a>,
        extensions: &'a mut Extensions,
    },
    Client(&'a Client),
}

impl Courier<'_> {
    /// Sends a request as it is.
    pub(crate) async fn send(
        &mut self,
        request: Request,
        to: Destinations,
    ) -> Result<Response, PaymentError> {
        to.check_literal(request.url())?;
        let answer = match self {
            Self::Middleware { next, extensions } => next.clone().run(request, extensions).await,
            Self::Client(client) => client
                .execute(request)
                .await
                .map_err(reqwest_middleware::Error::from),
        };
        answer.map_err(|error| {
            match &error {
                reqwest_middleware::Error::Reqwest(inner) => {
                    refusal_in(inner).map(PaymentError::AddressRefused)
                }
                reqwest_middleware::Error::Middleware(_) => None,
            }
            .unwrap_or(PaymentError::Http(error))
        })
    }
}

/// The request once more, with the payment.
pub(crate) fn paid(request: &Request, protocol: Protocol, payment: &str) -> Option<Request> {
    let mut value = HeaderValue::from_str(payment).ok()?;
    value.set_sensitive(true);
    let mut request = request.try_clone()?;
    let name = match protocol {
        Protocol::X402 => HeaderName::from_static(PAYMENT_SIGNATURE),
        Protocol::Mpp => AUTHORIZATION,
    };
    request.headers_mut().insert(name, value);
    Some(request)
}

/// Whether two URLs have scheme, host and port in common.
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
