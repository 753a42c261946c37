//! Paid routes.

use axum::extract::OriginalUri;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use coinslot_server::Gate;
use http::Uri;
use http::request::Parts;

/// Puts a gate before every handler of a route.
///
/// Methods that the route does not have are answered with 405 before the gate, so that nobody pays
/// for them.
pub fn paid<S>(gate: Gate, route: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    route.route_layer(gate)
}

/// A GET route that must be paid for. HEAD, which runs the same handler, costs the same.
pub fn paid_get<H, T, S>(gate: Gate, handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    paid(gate, get(handler))
}

/// A POST route that must be paid for.
pub fn paid_post<H, T, S>(gate: Gate, handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    paid(gate, post(handler))
}

/// A PUT route that must be paid for.
pub fn paid_put<H, T, S>(gate: Gate, handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    paid(gate, put(handler))
}

/// A PATCH route that must be paid for.
pub fn paid_patch<H, T, S>(gate: Gate, handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    paid(gate, patch(handler))
}

/// A DELETE route that must be paid for.
pub fn paid_delete<H, T, S>(gate: Gate, handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    paid(gate, delete(handler))
}

/// The URI that was asked for. Inside a nested router the request's own URI lacks the prefix.
#[must_use]
pub fn original_uri(parts: &Parts) -> Uri {
    match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.clone(),
        None => parts.uri.clone(),
    }
}
