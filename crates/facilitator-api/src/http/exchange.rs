//! One request and its answer: where it goes, with what key, within what bounds.

use std::fmt;
use std::time::Duration;

use coinslot_x402_wire::MAX_BODY_BYTES;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use crate::{FacilitatorError, MalformedAnswer};

/// The header that names a purchase (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest that we are told to wait, in seconds.
const MAX_RETRY_AFTER: u32 = 3600;

/// A facilitator's origin, and the key that belongs to it.
pub(super) struct Remote {
    client: Client,
    address: String,
    authorization: Option<HeaderValue>,
    timeouts: Timeouts,
}

/// How long requests may take.
#[derive(Clone, Copy)]
pub(super) struct Timeouts {
    pub(super) verify: Duration,
    pub(super) settle: Duration,
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// What `Retry-After` says in seconds.
    pub(super) retry_after: Option<u32>,
    pub(super) body: Vec<u8>,
}

impl Remote {
    pub(super) const fn new(
        client: Client,
        address: String,
        authorization: Option<HeaderValue>,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            client,
            address,
            authorization,
            timeouts,
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) async fn verify(&self, body: &[u8]) -> Result<Answer, FacilitatorError> {
        let request = self.post("/verify", body).timeout(self.timeouts.verify);
        self.ask(request).await.map_err(Lost::harmless)
    }

    pub(super) async fn supported(&self) -> Result<Answer, FacilitatorError> {
        let request = self.client.get(format!("{}/supported", self.address));
        self.ask(request.timeout(self.timeouts.verify))
            .await
            .map_err(Lost::harmless)
    }

    pub(super) async fn settle(
        &self,
        body: &[u8],
        idempotency_key: Option<&str>,
    ) -> Result<Answer, FacilitatorError> {
        let mut request = self.post("/settle", body).timeout(self.timeouts.settle);
        if let Some(key) = idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        self.ask(request).await.map_err(Lost::of_a_settlement)
    }

    fn post(&self, path: &str, body: &[u8]) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.address))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_vec())
    }

    async fn ask(&self, mut request: RequestBuilder) -> Result<Answer, Lost> {
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.send().await.map_err(Lost::in_transport)?;
        let status = response.status();
        let retry_after = retry_after(response.headers());
        match read(response).await {
            Ok(body) => Ok(Answer {
                status,
                retry_after,
                body,
            }),
            Err(failure) => Err(Lost::InBody {
                status: status.as_u16(),
                failure,
            }),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("address", &self.address)
            .field(
                "api_key",
                &self.authorization.as_ref().map(|_| "[redacted]"),
            )
            .finish_non_exhaustive()
    }
}

/// An answer that did not arrive whole.
enum Lost {
    /// No connection: nothing was sent.
    BeforeSending(reqwest::Error),
    /// The request may have arrived.
    AfterSending(reqwest::Error),
    /// The answer began and did not end well.
    InBody { status: u16, failure: BodyFailure },
}

enum BodyFailure {
    Transport(reqwest::Error),
    TooLong,
}

impl Lost {
    fn in_transport(error: reqwest::Error) -> Self {
        // The address stands in our own messages, and need not stand in each cause.
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Self::BeforeSending(error)
        } else {
            Self::AfterSending(error)
        }
    }

    /// The lost answer to a question that moves no money.
    fn harmless(self) -> FacilitatorError {
        match self {
            Self::BeforeSending(error) | Self::AfterSending(error) => {
                FacilitatorError::unavailable(error)
            }
            Self::InBody {
                status,
                failure: BodyFailure::Transport(error),
            } => FacilitatorError::Unavailable {
                status: Some(status),
                retry_after_seconds: None,
                source: Some(error.into()),
            },
            Self::InBody {
                failure: BodyFailure::TooLong,
                ..
            } => FacilitatorError::Malformed(MalformedAnswer::TooLong {
                limit: MAX_BODY_BYTES,
            }),
        }
    }

    fn of_a_settlement(self) -> FacilitatorError {
        match self {
            Self::BeforeSending(error) => FacilitatorError::unavailable(error),
            Self::AfterSending(error) => FacilitatorError::outcome_unknown(error),
            Self::InBody { status, failure } => FacilitatorError::OutcomeUnknown {
                status: Some(status),
                source: Some(match failure {
                    BodyFailure::Transport(error) => error.into(),
                    BodyFailure::TooLong => MalformedAnswer::TooLong {
                        limit: MAX_BODY_BYTES,
                    }
                    .into(),
                }),
            },
        }
    }
}

/// Reads a body, and stops at the first byte that is too many.
async fn read(mut response: Response) -> Result<Vec<u8>, BodyFailure> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| BodyFailure::Transport(error.without_url()))?
    {
        if chunk.len() > MAX_BODY_BYTES.saturating_sub(body.len()) {
            return Err(BodyFailure::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The header's seconds; its other form, a date, is left out.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let seconds: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(seconds.min(MAX_RETRY_AFTER))
}
