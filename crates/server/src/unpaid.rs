//! The loss cap of routes that settle after the handler.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use coinslot_payment_store::{Clock, UnixMillis};

/// Counts the runs that are not paid, or not paid yet.
#[derive(Debug)]
pub(crate) struct UnpaidRuns {
    cap: usize,
    window: Duration,
    clock: Arc<dyn Clock>,
    runs: Mutex<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    under_way: usize,
    unpaid: VecDeque<UnixMillis>,
}

impl UnpaidRuns {
    pub(crate) fn new(cap: NonZeroU32, window: Duration, clock: Arc<dyn Clock>) -> Arc<Self> {
        let cap = usize::try_from(cap.get()).unwrap_or(usize::MAX);
        Arc::new(Self {
            cap,
            window,
            clock,
            runs: Mutex::default(),
        })
    }

    /// Leave for one run before its payment is settled; `None` when the cap is reached.
    pub(crate) fn reserve(self: &Arc<Self>) -> Option<UnpaidRun> {
        let now = self.clock.now();
        let mut runs = self.lock();
        while runs
            .unpaid
            .front()
            .is_some_and(|at| now.saturating_since(*at) >= self.window)
        {
            runs.unpaid.pop_front();
        }
        if runs.under_way.saturating_add(runs.unpaid.len()) >= self.cap {
            return None;
        }
        runs.under_way += 1;
        Some(UnpaidRun {
            runs: Arc::clone(self),
            loss: true,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that is not paid yet. Dropped, it counts as unpaid.
#[derive(Debug)]
pub(crate) struct UnpaidRun {
    runs: Arc<UnpaidRuns>,
    loss: bool,
}

impl UnpaidRun {
    /// The run was paid, or there was nothing to pay for.
    pub(crate) fn no_loss(mut self) {
        self.loss = false;
    }
}

impl Drop for UnpaidRun {
    fn drop(&mut self) {
        let now = self.runs.clock.now();
        let mut runs = self.runs.lock();
        runs.under_way = runs.under_way.saturating_sub(1);
        if self.loss {
            runs.unpaid.push_back(now);
        }
    }
}

#[cfg(test)]
mod tests;
