//! What a handler charges its units to.

use std::fmt;
use std::sync::Arc;

use futures_core::Stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};

use super::{Running, SseBody, SseEvent};

/// What the handler of a route charges the units of its answer to. It finds one in the request's
/// extensions where the price is that of a unit.
///
/// ```
/// use coinslot_server::stream::{Meter, SseBody, SseEvent};
/// use futures_core::Stream;
///
/// fn tell<S>(meter: &Meter, words: S) -> http::Response<SseBody<S>>
/// where
///     S: Stream<Item = SseEvent> + Send + 'static,
/// {
///     meter.events(words) // each is charged before it is sent
/// }
/// ```
#[derive(Clone)]
pub struct Meter(pub(super) Arc<Running>);

/// Units were not charged: the answer must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeterError {
    /// No voucher has come in time that pays for them.
    #[error("the buyer sent no voucher in time")]
    NoVoucher,
    /// The channel is closing: no further voucher is taken.
    #[error("the channel is closing, and takes no more vouchers")]
    Closing,
    /// The answer has ended: it was finished, or the buyer is gone.
    #[error("the answer has ended, or the buyer is gone")]
    Ended,
    /// The store has not answered for so long that another server may have taken the answer over.
    #[error("the store did not answer in time for the stream to go on")]
    Lost,
}

impl Meter {
    /// Charges so many units, all of them or none. Waits for a further voucher when those so far do
    /// not pay for them; the buyer is told by the [events](Self::events) of the answer, so that
    /// nothing should be waited for before the answer has begun. When this is dropped before it is
    /// done, nothing is charged.
    ///
    /// # Errors
    /// [`MeterError`]: nothing was charged, and nothing will be.
    pub async fn charge(&self, units: u64) -> Result<(), MeterError> {
        self.0.charge(units).await
    }

    /// How many units were charged so far.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.0.units()
    }

    /// An answer of Server-Sent Events. Each event is charged before it is sent, and the next one is
    /// not asked for before the buyer has room for it. When the buyer does not pay any more, the
    /// answer ends with what was paid for.
    pub fn events<S>(&self, events: S) -> Response<SseBody<S>>
    where
        S: Stream<Item = SseEvent> + Send + 'static,
    {
        let mut response = Response::new(SseBody::new(self.clone(), events));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Nginx and its kin pass events on at once.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter")
            .field("units", &self.units())
            .finish_non_exhaustive()
    }
}
