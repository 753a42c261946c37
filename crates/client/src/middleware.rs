//! The middleware for `reqwest-middleware`.

use core::fmt;
use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};

use crate::courier::Courier;
use crate::engine::Engine;
use crate::logical_request::IdempotencyKey;

/// Answers 402 by paying inside the budget.
///
/// [`PayingClient`](crate::PayingClient) wraps it around a client with everything that safe paying needs. Whoever
/// puts it on a client of their own builds that client with
/// [`PayingClientBuilder::inner_client`](crate::PayingClientBuilder::inner_client): without redirects, because an
/// inner client that follows them carries the payment header to wherever they lead, and with the guarded resolver.
#[derive(Clone)]
pub struct PaymentMiddleware {
    pub(crate) engine: Arc<Engine>,
}

#[async_trait::async_trait]
impl Middleware for PaymentMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let key = extensions.get::<IdempotencyKey>().cloned();
        let courier = Courier::Middleware { next, extensions };
        let answer = self.engine.answer(request, key.as_ref(), courier).await;
        answer.map_err(crate::PaymentError::into_middleware)
    }
}

/// Names the payer; keys and budget are not shown.
impl fmt::Debug for PaymentMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentMiddleware")
            .field("payer", &self.engine.payer)
            .field("network", &self.engine.policy.network)
            .finish_non_exhaustive()
    }
}
