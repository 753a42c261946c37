//! The meter as an extractor.

use std::convert::Infallible;
use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use coinslot_server::stream::Meter;
use http::StatusCode;
use http::request::Parts;

/// Extracts the [`Meter`] of an answer that is paid for as it is produced.
///
/// `Option<Metered>` is for routes that can be paid for at once too, or have methods that are free.
///
/// ```
/// use axum::response::IntoResponse;
/// use coinslot_server::stream::SseEvent;
/// use coinslot_server_axum::Metered;
/// use futures_util::stream::{StreamExt, iter};
///
/// async fn count(Metered(meter): Metered) -> impl IntoResponse {
///     meter.events(iter(1..=100).map(|n| SseEvent::new(n.to_string())))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Metered(pub Meter);

impl Deref for Metered {
    type Target = Meter;

    fn deref(&self) -> &Meter {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Metered {
    type Rejection = NoMeter;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoMeter> {
        parts
            .extensions
            .get::<Meter>()
            .cloned()
            .map(Self)
            .ok_or(NoMeter)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Metered {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Meter>().cloned().map(Self))
    }
}

/// The handler asks for a meter, and the request is not paid by the unit. Status 500, because the
/// server is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMeter;

impl std::fmt::Display for NoMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "this handler asks for a meter, but its request is not paid by the unit; \
             give its gate an offer mpp::channel(price)?.per_unit(name), \
             and extract Option<Metered> where there are other offers or free methods",
        )
    }
}

impl std::error::Error for NoMeter {}

impl IntoResponse for NoMeter {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
