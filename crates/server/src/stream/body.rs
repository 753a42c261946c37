//! The body of an answer of Server-Sent Events.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use coinslot_mpp_wire::stellar::{NEED_VOUCHER_EVENT, NeedVoucher, RECEIPT_EVENT};
use futures_core::Stream;
use http_body::{Body, Frame};
use tokio::sync::watch;
use tokio::time::sleep;

use super::event::{KEEP_ALIVE, control};
use super::running::Need;
use super::{Meter, SseEvent};

/// The body of an answer of Server-Sent Events that is paid for as it is produced; made by
/// [`Meter::events`].
pub struct SseBody<S>(State<S>);

enum State<S> {
    Working(Work<S>),
    Done,
}

/// Waits for the next event, as a future that owns what it works on.
type Work<S> = Pin<Box<dyn Future<Output = (Box<Events<S>>, Option<Bytes>)> + Send>>;

/// Makes the events of an answer one after the other.
struct Events<S> {
    meter: Meter,
    source: Pin<Box<S>>,
    /// An event that is not paid for yet.
    held: Option<SseEvent>,
    needs: watch::Receiver<Option<Need>>,
    is_over: bool,
}

impl<S> SseBody<S>
where
    S: Stream<Item = SseEvent> + Send + 'static,
{
    pub(super) fn new(meter: Meter, events: S) -> Self {
        let mut needs = meter.0.needs();
        needs.mark_changed();
        Self(State::working(Box::new(Events {
            meter,
            source: Box::pin(events),
            held: None,
            needs,
            is_over: false,
        })))
    }
}

impl<S> State<S>
where
    S: Stream<Item = SseEvent> + Send + 'static,
{
    fn working(mut events: Box<Events<S>>) -> Self {
        Self::Working(Box::pin(async move {
            let next = events.next().await;
            (events, next)
        }))
    }
}

impl<S> Body for SseBody<S>
where
    S: Stream<Item = SseEvent> + Send + 'static,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let State::Working(work) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let (events, next) = ready!(work.as_mut().poll(context));
        self.0 = match next {
            Some(_) => State::working(events),
            None => State::Done,
        };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, State::Done)
    }
}

impl<S: Stream<Item = SseEvent>> Events<S> {
    /// What is sent next: an event that is paid for, one of the gate's own, or a comment after a
    /// while of silence. Nothing once the answer is over.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let silence = sleep(KEEP_ALIVE_AFTER);
        tokio::pin!(silence);
        tokio::select! {
            biased;
            paid = paid(&self.meter, &mut self.held, &mut self.source) => match paid {
                Some(event) => Some(event.encode()),
                None => self.receipt().await,
            },
            need = need(&mut self.needs) => Some(self.told(need)),
            () = &mut silence => Some(KEEP_ALIVE),
        }
    }

    fn told(&self, need: Need) -> Bytes {
        let message = NeedVoucher {
            channel_id: self.meter.0.channel().to_string(),
            required_cumulative: need.required,
            accepted_cumulative: need.accepted,
            deposit: need.deposited,
        };
        control(NEED_VOUCHER_EVENT, &message.to_json())
    }

    /// Ends the answer; there is a receipt once that is durable.
    async fn receipt(&mut self) -> Option<Bytes> {
        self.is_over = true;
        let receipt = self.meter.0.end().await?;
        let json = serde_json::to_string(&receipt).ok()?;
        Some(control(RECEIPT_EVENT, &json))
    }
}

/// The next event, once it is paid for; nothing when there is none, or nobody pays any more. Dropped
/// before it is done, it has lost nothing.
async fn paid<S: Stream<Item = SseEvent>>(
    meter: &Meter,
    held: &mut Option<SseEvent>,
    source: &mut Pin<Box<S>>,
) -> Option<SseEvent> {
    if held.is_none() {
        *held = poll_fn(|context| source.as_mut().poll_next(context)).await;
    }
    let units = held.as_ref()?.cost();
    match meter.charge(units).await {
        Ok(()) => held.take(),
        Err(error) => {
            tracing::info!(%error, "a stream ends before its last event");
            None
        }
    }
}

/// The next need for a voucher that the buyer was not told of.
async fn need(needs: &mut watch::Receiver<Option<Need>>) -> Need {
    loop {
        if needs.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        if let Some(need) = *needs.borrow_and_update() {
            return need;
        }
    }
}

impl<S> fmt::Debug for SseBody<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SseBody")
    }
}

/// Proxies cut off what is silent for a minute or so.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(15);
