//! The gate's own answers, one function for each. Status codes: transport HTTP v2 and the
//! design's state machine.

use std::sync::Arc;

use bytes::Bytes;
use coinslot_mpp_wire::{Issuer, PROBLEM_JSON};
use http::header::{
    ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, RETRY_AFTER, VARY,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::body::{GateBody, full};
use crate::credential::Receipt;
use crate::mpp::challenge::Expiry;
use crate::page::Challenge;
use crate::payment::Payment;
use crate::priced::Priced;
use crate::reason::Reason;
use crate::shared::{Asked, EXPOSED, Shared};
use crate::written::Written;
use crate::x402::headers::{PAYMENT_REQUIRED, X_PAYMENT_REQUIRED};
use crate::{mpp, x402};

/// 402 to a request without payment.
pub(crate) fn unpaid<B>(shared: &Shared, priced: &Priced, asked: &Asked) -> Response<GateBody<B>> {
    let written = priced.write_unpaid(&asked.url);
    let mut response = payment_required(shared, priced, asked, &written, &priced.unpaid, None);
    challenge(shared, priced, asked, &mut response);
    response
}

/// 402 to a payment that was refused, with a fresh offer.
pub(crate) fn refused<B>(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    reason: &Reason,
    receipt: Option<&Receipt>,
) -> Response<GateBody<B>> {
    let written = priced.write_refused(&asked.url, reason);
    let code = Some(&*reason.code);
    let mut response = payment_required(shared, priced, asked, &written, reason, code);
    if let Some(receipt) = receipt {
        receipt.write(response.headers_mut());
    }
    challenge(shared, priced, asked, &mut response);
    response
}

/// Adds a fresh challenge for each MPP offer. Without all of them it is no 402: a price that cannot
/// be paid is 503.
fn challenge<B>(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    response: &mut Response<GateBody<B>>,
) {
    let now = shared.clock.now().as_seconds();
    let mint = |issuer: &Issuer, expiry: &Expiry| {
        let (scope, minting) = asked.scope.zip(shared.minting.as_ref())?;
        mpp::challenge::mint(minting, issuer, expiry, scope, asked.digest.clone(), now)
    };
    let charges = priced
        .charges
        .iter()
        .map(|offer| mint(&offer.issuer, &offer.expiry));
    let chosen = priced.channel.as_ref().zip(asked.channel.as_deref());
    let channel = chosen.map(|(offer, chosen)| {
        let issuer = match chosen.cumulative() {
            None => offer.issuer(&chosen.channel)?,
            cumulative => Arc::new(offer.new_issuer(&chosen.channel, cumulative).ok()?),
        };
        chosen.write(response.headers_mut());
        mint(&issuer, &offer.expiry)
    });
    for minted in charges.chain(channel) {
        match minted {
            Some(minted) => drop(response.headers_mut().append(WWW_AUTHENTICATE, minted)),
            None => {
                tracing::error!("no challenge could be minted");
                *response = unavailable();
                return;
            }
        }
    }
}

fn payment_required<B>(
    shared: &Shared,
    priced: &Priced,
    asked: &Asked,
    written: &Written,
    reason: &Reason,
    refused: Option<&str>,
) -> Response<GateBody<B>> {
    let page = shared.page.as_ref().and_then(|page| {
        page(&Challenge {
            accept: asked.accept(),
            url: &asked.url,
            description: shared.texts.description.as_deref(),
            refused,
            sentence: &reason.sentence,
            prices: &priced.tags,
        })
    });
    let mut response = match page {
        Some(page) => {
            let mut response = Response::new(full(page.body));
            *response.headers_mut() = page.headers;
            response
        }
        None => {
            let mut response = Response::new(full(written.body.clone()));
            let media_type = if priced.is_mpp() { PROBLEM } else { JSON };
            response.headers_mut().insert(CONTENT_TYPE, media_type);
            response
        }
    };
    *response.status_mut() = StatusCode::PAYMENT_REQUIRED;
    let headers = response.headers_mut();
    if let Some(header) = &written.header
        && !asked.wants_one_of(priced)
    {
        headers.insert(PAYMENT_REQUIRED, header.clone());
        if shared.mirror {
            headers.insert(X_PAYMENT_REQUIRED, header.clone());
        }
    }
    if shared.page.is_some() {
        headers.insert(VARY, HeaderValue::from_static("Accept"));
    }
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// 400 to a payment header that cannot be read.
pub(crate) fn unreadable<B>(sentence: &str) -> Response<GateBody<B>> {
    problem(
        StatusCode::BAD_REQUEST,
        None,
        &Problem::new("invalid_payload", sentence),
    )
}

/// 400 to a credential of a method that is not offered.
pub(crate) fn not_offered<B>(reason: &Reason) -> Response<GateBody<B>> {
    let body = Bytes::from(mpp::challenge::problem(reason));
    let mut response = Response::new(full(body));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, PROBLEM);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// 400 to a request whose body broke off.
pub(crate) fn broken_body<B>() -> Response<GateBody<B>> {
    let sentence = "The request's body could not be read to its end. Nothing was paid.";
    problem(
        StatusCode::BAD_REQUEST,
        None,
        &Problem::new("invalid_body", sentence),
    )
}

/// 413 to a paid request whose body is longer than the gate takes.
pub(crate) fn too_large<B>(limit: usize) -> Response<GateBody<B>> {
    let sentence = format!(
        "The body of a paid request may have {limit} bytes at most here. Nothing was paid."
    );
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        None,
        &Problem::new("body_too_large", &sentence),
    )
}

/// 409 while the first request with this payment is being served.
pub(crate) fn in_flight<B>(payment: &Payment) -> Response<GateBody<B>> {
    let sentence = "The first request with this payment is still being served. \
                    Send the same request again to get its answer; do not pay again.";
    let problem_body = Problem::new("payment_in_flight", sentence).about(payment);
    problem(
        StatusCode::CONFLICT,
        Some(IN_FLIGHT_RETRY_SECONDS),
        &problem_body,
    )
}

/// 404 to a voucher for a stream that does not run.
pub(crate) fn no_stream<B>() -> Response<GateBody<B>> {
    let sentence = "There is no such stream at this address, or it has ended. \
                    The voucher was not taken.";
    problem(
        StatusCode::NOT_FOUND,
        None,
        &Problem::new("stream_not_found", sentence),
    )
}

/// 503 to a voucher for a stream that another server has, for so many seconds at most.
pub(crate) fn stream_elsewhere<B>(seconds: u32) -> Response<GateBody<B>> {
    let sentence = "Another server produces this stream, and its vouchers must reach that one. \
                    The voucher was not taken; send the same one again.";
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        Some(seconds.clamp(1, UNAVAILABLE_RETRY_SECONDS)),
        &Problem::new("stream_elsewhere", sentence),
    )
}

/// 503 while it is not known whether the money moved. Never a fresh offer.
pub(crate) fn pending<B>(
    payment: &Payment,
    transaction: Option<&str>,
    retry_after_seconds: u32,
) -> Response<GateBody<B>> {
    let sentence = "It is not known yet whether this payment was settled. \
                    Send the same request with the same payment again; do not pay again.";
    let mut body = Problem::new("settlement_pending", sentence).about(payment);
    body.transaction = transaction;
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        Some(retry_after_seconds.max(1)),
        &body,
    )
}

/// 503 when something that the gate needs does not answer.
pub(crate) fn unavailable<B>() -> Response<GateBody<B>> {
    let sentence = "Payments cannot be taken at this moment. Try again later; \
                    if you sent a payment, send the same one again and do not make another.";
    let body = Problem::new("temporarily_unavailable", sentence);
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        Some(UNAVAILABLE_RETRY_SECONDS),
        &body,
    )
}

/// 500 when the handler of a paid request failed without an answer.
pub(crate) fn handler_failed(payment: &Payment) -> Response<Bytes> {
    let sentence = "The service failed while it made the answer.";
    let body = Problem::new("internal_error", sentence).about(payment);
    problem_bytes(StatusCode::INTERNAL_SERVER_ERROR, None, &body)
}

/// Makes the handler's answer one that was paid for: the receipt, and no shared cache keeps it.
pub(crate) fn paid<B>(
    mut response: Response<GateBody<B>>,
    receipt: &Receipt,
) -> Response<GateBody<B>> {
    let headers = response.headers_mut();
    strip(headers);
    receipt.write(headers);
    headers.append(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    keep_private(headers);
    response
}

/// Makes the answer of a handler that was not charged one that says nothing about payments.
pub(crate) fn not_charged<B>(mut response: Response<GateBody<B>>) -> Response<GateBody<B>> {
    strip(response.headers_mut());
    keep_private(response.headers_mut());
    response
}

/// Removes what only a gate may say.
fn strip(headers: &mut HeaderMap) {
    x402::headers::strip(headers);
    mpp::headers::strip(headers);
}

/// An answer that is private or not stored already stays as it is. Any other becomes private,
/// and what speaks to shared caches only goes.
fn keep_private(headers: &mut HeaderMap) {
    for name in SHARED_CACHE_HEADERS {
        headers.remove(*name);
    }
    let is_private = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|directive| {
            directive.eq_ignore_ascii_case("private") || directive.eq_ignore_ascii_case("no-store")
        });
    if !is_private {
        headers.insert(CACHE_CONTROL, PRIVATE);
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<&'a str>,
}

impl<'a> Problem<'a> {
    const fn new(error: &'a str, message: &'a str) -> Self {
        Self {
            error,
            message,
            payment_id: None,
            transaction: None,
        }
    }

    fn about(mut self, payment: &'a Payment) -> Self {
        self.payment_id = Some(payment.id.as_str());
        self
    }
}

fn problem<B>(
    status: StatusCode,
    retry_after_seconds: Option<u32>,
    problem: &Problem<'_>,
) -> Response<GateBody<B>> {
    problem_bytes(status, retry_after_seconds, problem).map(full)
}

fn problem_bytes(
    status: StatusCode,
    retry_after_seconds: Option<u32>,
    problem: &Problem<'_>,
) -> Response<Bytes> {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if let Some(seconds) = retry_after_seconds {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

const PROBLEM: HeaderValue = HeaderValue::from_static(PROBLEM_JSON);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const PRIVATE: HeaderValue = HeaderValue::from_static("private");
const SHARED_CACHE_HEADERS: &[&str] = &[
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "edge-control",
    "surrogate-control",
    "x-accel-expires",
];
const IN_FLIGHT_RETRY_SECONDS: u32 = 1;
const UNAVAILABLE_RETRY_SECONDS: u32 = 5;
