//! The gate's response future.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;

use crate::GateBody;

type Boxed<B, E> = Pin<Box<dyn Future<Output = Result<Response<GateBody<B>>, E>> + Send>>;

/// The answer to a request that came to a gate.
///
/// Dropped while a payment is being worked on, it leaves that work to go on by itself: the answer
/// is recorded, and had with the same credential.
pub struct GateFuture<B, E>(State<B, E>);

enum State<B, E> {
    /// Known at once: the answer to a request without a payment, as a rule.
    Ready(Option<Box<Response<GateBody<B>>>>),
    Working(Boxed<B, E>),
}

impl<B, E> GateFuture<B, E> {
    pub(crate) fn ready(response: Response<GateBody<B>>) -> Self {
        Self(State::Ready(Some(Box::new(response))))
    }

    pub(crate) fn working(
        work: impl Future<Output = Result<Response<GateBody<B>>, E>> + Send + 'static,
    ) -> Self {
        Self(State::Working(Box::pin(work)))
    }
}

impl<B, E> Future for GateFuture<B, E> {
    type Output = Result<Response<GateBody<B>>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(response) => match response.take() {
                Some(response) => Poll::Ready(Ok(*response)),
                None => Poll::Pending,
            },
            State::Working(work) => work.as_mut().poll(context),
        }
    }
}

impl<B, E> fmt::Debug for GateFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            State::Ready(_) => "GateFuture(ready)",
            State::Working(_) => "GateFuture(working)",
        })
    }
}
