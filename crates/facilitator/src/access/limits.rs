//! How much one caller may ask for: at once, and in a second.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Caller;

/// What each caller may ask for. Without API keys, all callers together are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessLimits {
    /// Requests at the same time.
    pub concurrency: NonZeroU32,
    /// Requests in a second, on average; a second's worth may come at once.
    pub per_second: NonZeroU32,
}

/// The limits of every caller.
pub(crate) struct CallerLimits {
    limits: AccessLimits,
    /// The first is for anyone, the others are for the keys in their order.
    callers: Vec<CallerState>,
}

struct CallerState {
    at_once: Arc<Semaphore>,
    bucket: Mutex<Bucket>,
}

/// A token bucket that counts in the time that tokens take to come back.
struct Bucket {
    /// When the bucket is full again.
    full_at: Instant,
}

/// That a request was let in; dropping it makes room for the next.
pub(crate) struct Admission {
    _permit: OwnedSemaphorePermit,
}

/// Why a request was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    TooManyAtOnce,
    TooFast { retry_after: Duration },
}

impl CallerLimits {
    pub(crate) fn new(limits: AccessLimits, keys: usize) -> Self {
        let concurrency = usize::try_from(limits.concurrency.get()).unwrap_or(usize::MAX);
        let caller = || CallerState {
            at_once: Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))),
            bucket: Mutex::new(Bucket {
                full_at: Instant::now(),
            }),
        };
        Self {
            limits,
            callers: (0..=keys).map(|_| caller()).collect(),
        }
    }

    pub(crate) fn admit(&self, caller: Caller) -> Result<Admission, Turned> {
        let place = match caller {
            Caller::Anyone => 0,
            Caller::Key(index) => index.saturating_add(1),
        };
        let Some(state) = self.callers.get(place) else {
            return Err(Turned::TooManyAtOnce);
        };
        let Ok(permit) = Arc::clone(&state.at_once).try_acquire_owned() else {
            return Err(Turned::TooManyAtOnce);
        };
        let each = Duration::from_secs(1) / self.limits.per_second.get();
        let mut bucket = state.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        match bucket.take(each, Instant::now()) {
            None => Ok(Admission { _permit: permit }),
            Some(retry_after) => Err(Turned::TooFast { retry_after }),
        }
    }
}

impl Bucket {
    /// Takes one token, or answers how long to wait for it.
    fn take(&mut self, each: Duration, now: Instant) -> Option<Duration> {
        let full_at = self.full_at.max(now) + each;
        let empty_for = full_at.saturating_duration_since(now + Duration::from_secs(1));
        if empty_for.is_zero() {
            self.full_at = full_at;
            None
        } else {
            Some(empty_for)
        }
    }
}

impl fmt::Debug for CallerLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerLimits")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}

#[cfg(test)]
mod tests;
