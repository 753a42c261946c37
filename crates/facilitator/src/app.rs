//! The routes and what is around them.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use coinslot_x402_wire::MAX_BODY_BYTES;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::access::Turned;
use crate::failure::Failure;
use crate::request_id::X_REQUEST_ID;
use crate::routes;
use crate::state::AppState;

/// The facilitator's HTTP interface (x402 specification v2, §7), with `/health` and `/metrics`.
///
/// `/verify`, `/settle` and `/metrics` need an API key if there are any; `/supported` and
/// `/health` tell nothing that is not public.
pub fn router(state: AppState) -> Router {
    let guarded = Router::new()
        .route("/verify", post(routes::verify))
        .route("/settle", post(routes::settle))
        .route("/metrics", get(routes::metrics))
        .route_layer(middleware::from_fn_with_state(state.clone(), admit));
    Router::new()
        .route("/supported", get(routes::supported))
        .route("/health", get(routes::health))
        .merge(guarded)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), watch))
        .with_state(state)
}

/// Lets a caller in who has a key and is within its limits.
async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(caller) = state.0.keys.caller(request.headers()) else {
        return Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", UNAUTHORIZED)
            .into_response();
    };
    match state.0.limits.admit(caller) {
        Ok(_admission) => next.run(request).await,
        Err(turned) => {
            let (message, pause) = match turned {
                Turned::TooManyAtOnce => (TOO_MANY_AT_ONCE, Duration::from_secs(1)),
                Turned::TooFast { retry_after } => (TOO_FAST, retry_after),
            };
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
                .retry_after(pause)
                .into_response()
        }
    }
}

/// Names, times, bounds and logs every request.
async fn watch(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = state.0.request_ids.of(request.headers());
    let endpoint = endpoint(request.uri().path());
    let span =
        tracing::info_span!("request", id = id.as_str(), endpoint, method = %request.method());
    let answer = async {
        let began = Instant::now();
        let mut response = match timeout(REQUEST_TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", TIMED_OUT)
                .retry_after(Duration::from_secs(5))
                .into_response(),
        };
        let (status, took) = (response.status().as_u16(), began.elapsed());
        state.0.metrics.answered(endpoint, status, took);
        tracing::info!(status, took_ms = took.as_millis(), "answered");
        response.headers_mut().insert(X_REQUEST_ID, id.header());
        response
    };
    answer.instrument(span).await
}

/// The path, if it is one of ours: whatever else is asked for stays out of logs and labels.
fn endpoint(path: &str) -> &'static str {
    ENDPOINTS
        .iter()
        .find(|known| **known == path)
        .copied()
        .unwrap_or("other")
}

async fn not_found() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "not_found", NOT_FOUND)
}

async fn method_not_allowed() -> Failure {
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        METHOD_NOT_ALLOWED,
    )
}

const ENDPOINTS: [&str; 5] = ["/verify", "/settle", "/supported", "/health", "/metrics"];
/// Longer than a settlement waits before it is answered as pending: this bounds slow senders.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(330);

const UNAUTHORIZED: &str = "send an API key of this facilitator as Authorization: Bearer <key>";
const TOO_MANY_AT_ONCE: &str = "this API key has too many requests in flight; wait for one to end";
const TOO_FAST: &str = "this API key sends too many requests in a second; slow down";
const TIMED_OUT: &str = "the request took too long; send it again";
const NOT_FOUND: &str =
    "this facilitator has POST /verify, POST /settle, GET /supported, GET /health and GET /metrics";
const METHOD_NOT_ALLOWED: &str = "/verify and /settle take POST, everything else takes GET";
