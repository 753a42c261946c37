//! Listening to an answer that is paid for as it is produced: Server-Sent Events, for which the next voucher is signed
//! whenever those before are used up.
//!
//! What the server says of the channel is compared with our own record and never followed beyond it: what it may ask for is
//! what we reserve at once, and only after it has given something for what it has.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use coinslot_stellar_address::ContractId;
use futures_core::Stream;

use self::source::{Given, Source};
use crate::amount::Amount;
use crate::receipt::PaymentReceipt;

pub use self::error::{StreamDoubt, StreamError, UnfairDemand};
pub use self::sse::StreamEvent;

pub(super) use self::listen::Begun;

mod demand;
mod error;
mod listen;
mod settle;
mod source;
mod sse;

/// The events of an answer that is paid for as it is produced. The payment layer's own are not among them.
///
/// While it is there the channel pays nothing else. Nothing is read or signed ahead of [`next`](Self::next): the seller waits
/// for the caller. After an error there is nothing more. Dropped early, all that was signed counts as spent until the
/// receipt of the channel's next stream tells what it came to.
///
/// ```no_run
/// # async fn listen(client: coinslot_client::PayingClient) -> Result<(), coinslot_client::StreamError> {
/// let mut events = client.events("https://api.example.com/tokens").await?;
/// while let Some(event) = events.next().await {
///     print!("{}", event?.data);
/// }
/// if let Some(receipt) = events.receipt() {
///     println!("\n{} for {} units", receipt.paid, receipt.units);
/// }
/// # Ok(())
/// # }
/// ```
pub struct PaidEvents {
    state: State,
    began: Option<PaymentReceipt>,
    receipt: Option<StreamReceipt>,
}

/// What a stream came to: the seller's word, as far as it agrees with what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReceipt {
    /// The channel that it was paid from.
    pub channel: ContractId,
    /// How many units were charged.
    pub units: u64,
    /// What the stream cost.
    pub paid: Amount,
    /// What was spent of the channel in all: what a close pays now.
    pub spent: Amount,
    /// The amount of the highest voucher. What of it is not spent pays for what comes next.
    pub signed: Amount,
}

/// Reading owns what it works on, so that dropping what waits for it loses nothing.
type Work = Pin<Box<dyn Future<Output = (Box<Source>, Result<Given, StreamError>)> + Send>>;

enum State {
    Working(Work),
    Resting(Box<Source>),
    Over,
}

impl PaidEvents {
    fn new(source: Box<Source>) -> Self {
        Self {
            began: source.response.extensions().get().cloned(),
            state: State::Resting(source),
            receipt: None,
        }
    }

    /// The next event; nothing after the end, which has a receipt.
    ///
    /// It can be dropped before it is done, and be called again.
    pub async fn next(&mut self) -> Option<Result<StreamEvent, StreamError>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// What the voucher that the stream began with has paid.
    #[must_use]
    pub const fn began(&self) -> Option<&PaymentReceipt> {
        self.began.as_ref()
    }

    /// What the stream came to, once it has ended as it should.
    #[must_use]
    pub const fn receipt(&self) -> Option<&StreamReceipt> {
        self.receipt.as_ref()
    }

    fn poll_event(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamEvent, StreamError>>> {
        let mut work = match core::mem::replace(&mut self.state, State::Over) {
            State::Over => return Poll::Ready(None),
            State::Working(work) => work,
            State::Resting(mut source) => Box::pin(async move {
                let given = source.next().await;
                (source, given)
            }),
        };
        let Poll::Ready((source, given)) = work.as_mut().poll(context) else {
            self.state = State::Working(work);
            return Poll::Pending;
        };
        Poll::Ready(match given {
            Ok(Given::Event(event)) => {
                self.state = State::Resting(source);
                Some(Ok(event))
            }
            Ok(Given::Receipt(receipt)) => {
                self.receipt = Some(receipt);
                None
            }
            Err(error) => Some(Err(error)),
        })
    }
}

impl Stream for PaidEvents {
    type Item = Result<StreamEvent, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(ready!(self.poll_event(context)))
    }
}

impl fmt::Debug for PaidEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaidEvents")
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}
