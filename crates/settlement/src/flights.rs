//! The settlements that this process works on: one for each payment, however many callers wait.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coinslot_payment_store::PaymentId;
use tokio::sync::watch;

use crate::answer::Answer;

/// The settlements in flight.
#[derive(Default)]
pub(crate) struct Flights {
    open: Mutex<HashMap<PaymentId, Awaited>>,
    count: watch::Sender<usize>,
}

/// Where the answer to a flight appears. It closes without one when the flight came to nothing.
pub(crate) type Awaited = watch::Receiver<Option<Answer>>;

impl Flights {
    /// Begins a flight, unless the payment has one.
    pub(crate) fn begin(self: &Arc<Self>, payment: &PaymentId) -> Option<Flight> {
        let mut open = self.lock();
        if open.contains_key(payment) {
            return None;
        }
        let (answer, awaited) = watch::channel(None);
        open.insert(payment.clone(), awaited);
        self.count.send_replace(open.len());
        Some(Flight {
            flights: Arc::clone(self),
            payment: payment.clone(),
            answer,
        })
    }

    /// Where to wait for a payment that is in flight.
    pub(crate) fn find(&self, payment: &PaymentId) -> Option<Awaited> {
        self.lock().get(payment).cloned()
    }

    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn drained(&self) {
        // The sender lives in `self`, so this cannot fail before it is reached.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PaymentId, Awaited>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights")
            .field("count", &self.count())
            .finish()
    }
}

/// The one flight of a payment. Dropping it ends the flight.
pub(crate) struct Flight {
    flights: Arc<Flights>,
    payment: PaymentId,
    answer: watch::Sender<Option<Answer>>,
}

impl Flight {
    /// Tells all who wait.
    pub(crate) fn answer(&self, answer: Answer) {
        self.answer.send_replace(Some(answer));
    }

    pub(crate) fn awaited(&self) -> Awaited {
        self.answer.subscribe()
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut open = self.flights.lock();
        open.remove(&self.payment);
        self.flights.count.send_replace(open.len());
    }
}
