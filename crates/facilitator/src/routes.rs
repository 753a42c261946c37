//! What each route answers.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coinslot_facilitator_api::{Facilitator as _, FacilitatorError, Settlement};
use coinslot_x402_wire::{
    FacilitatorRequest, MAX_BODY_BYTES, ReasonCode, SettleResponse, VerifyResponse,
};

use crate::failure::{Failure, seconds};
use crate::state::AppState;

pub(crate) use health::health;

mod health;

/// `POST /verify` (§7.1). A payment that is not good is status 200 with `isValid: false`.
pub(crate) async fn verify(
    State(state): State<AppState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let request = read(body)?;
    Ok(match state.0.facilitator.verify(&request).await {
        Ok(response) => Json(response).into_response(),
        Err(error) => {
            let body = VerifyResponse::invalid(ReasonCode::LedgerUnavailable)
                .with_message(sentence(&error));
            unavailable(&error, Json(body))
        }
    })
}

/// `POST /settle` (§7.2). A payment that does not settle is status 200 with `success: false`; one
/// whose outcome is not known yet is status 503 with `Retry-After` and `settlement_pending`.
pub(crate) async fn settle(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let mut request = read(body)?;
    request.idempotency_key = idempotency_key(&headers)?;
    let facilitator = &state.0.facilitator;
    let answer = match request.idempotency_key {
        Some(_) => facilitator.settle(&request).await,
        None => facilitator.settle_once(&request).await,
    };
    Ok(match answer {
        Ok(Settlement::Confirmed(response) | Settlement::Failed(response)) => {
            Json(response).into_response()
        }
        Ok(Settlement::Pending {
            response,
            retry_after_seconds,
        }) => try_later(
            Duration::from_secs(retry_after_seconds.into()),
            Json(response),
        ),
        Err(error) => {
            let network = request.payment_requirements.network;
            let body = SettleResponse::failure(ReasonCode::LedgerUnavailable, network)
                .with_message(sentence(&error));
            unavailable(&error, Json(body))
        }
    })
}

/// `GET /supported` (§7.3).
pub(crate) async fn supported(State(state): State<AppState>) -> Response {
    match state.0.facilitator.supported().await {
        Ok(supported) => Json(supported).into_response(),
        Err(error) => unavailable(&error, sentence(&error)),
    }
}

/// `GET /metrics`, in the OpenMetrics text format.
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<Response, Failure> {
    let status = state.0.status().await;
    let text = state.0.metrics.encode(&status).map_err(|_| {
        Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the metrics cannot be written",
        )
    })?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

/// What the caller calls its purchase. It is told of the success as often as it asks; a caller
/// that gives no name is told once, so that a payment sent to it twice buys once.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let refuse = || {
        let message = format!(
            "the Idempotency-Key header is given once, with 1 to {MAX_IDEMPOTENCY_KEY_BYTES} visible ASCII characters"
        );
        Failure::new(StatusCode::BAD_REQUEST, "malformed", message)
    };
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().map_err(|_| refuse())?;
    if values.next().is_some() || key.is_empty() || key.len() > MAX_IDEMPOTENCY_KEY_BYTES {
        return Err(refuse());
    }
    Ok(Some(key.to_owned()))
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<FacilitatorRequest, Failure> {
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("the body has more than {MAX_BODY_BYTES} bytes");
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
        }
        _ => Failure::new(
            StatusCode::BAD_REQUEST,
            "unreadable",
            "the body could not be read to its end",
        ),
    })?;
    FacilitatorRequest::from_json(&bytes)
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, "malformed", error.to_string()))
}

fn unavailable(error: &FacilitatorError, body: impl IntoResponse) -> Response {
    let pause = error
        .retry_after_seconds()
        .map_or(DEFAULT_PAUSE, |s| Duration::from_secs(s.into()));
    try_later(pause, body)
}

fn try_later(pause: Duration, body: impl IntoResponse) -> Response {
    let retry_after = [(header::RETRY_AFTER, seconds(pause))];
    (StatusCode::SERVICE_UNAVAILABLE, retry_after, body).into_response()
}

/// What is down, without what is behind it: addresses of ours are nobody's business.
fn sentence(error: &FacilitatorError) -> &'static str {
    match error {
        FacilitatorError::Unavailable { .. } => {
            "the facilitator cannot work on payments now; nothing was sent to the network, try again"
        }
        _ => "the facilitator failed; try again",
    }
}

const MAX_IDEMPOTENCY_KEY_BYTES: usize = 255;
/// The header by which a caller names a purchase (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const DEFAULT_PAUSE: Duration = Duration::from_secs(5);
