//! The payment as an extractor.

use std::convert::Infallible;
use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use coinslot_server::Payment;
use http::StatusCode;
use http::request::Parts;

/// Extracts the [`Payment`] that let the request in.
///
/// `Option<Paid>` is for routes with methods that are free.
///
/// ```
/// use coinslot_server_axum::Paid;
///
/// async fn weather(Paid(payment): Paid) -> String {
///     format!("sunny, {}", payment.payer)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid(pub Payment);

impl Deref for Paid {
    type Target = Payment;

    fn deref(&self) -> &Payment {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paid {
    type Rejection = NoGate;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoGate> {
        parts
            .extensions
            .get::<Payment>()
            .cloned()
            .map(Self)
            .ok_or(NoGate)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Paid {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Payment>().cloned().map(Self))
    }
}

/// The handler asks for a payment, and the request came in without one: no gate stands before the
/// route, or the method is declared free. Status 500, because the server is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoGate;

impl std::fmt::Display for NoGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "this handler asks for a payment, but no gate stands before its route; \
             make the route with paid_get or add .route_layer(gate), \
             and extract Option<Paid> where a method is free",
        )
    }
}

impl std::error::Error for NoGate {}

impl IntoResponse for NoGate {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
