//! Answers to requests that are not answered with an x402 message.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A failure: a status, a code for programs and a sentence for people.
///
/// On the wire: `{"error":"unauthorized","message":"…"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    message: &'a str,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Body {
            error: self.code,
            message: &self.message,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(pause) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds(pause));
        }
        response
    }
}

/// A pause as `Retry-After` says it, in whole seconds, at least one.
pub(crate) fn seconds(pause: Duration) -> HeaderValue {
    let whole = pause
        .as_secs()
        .saturating_add(u64::from(pause.subsec_nanos() > 0));
    HeaderValue::from(whole.max(1))
}
