//! Where the network takes its time from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time by which ledgers close. Chosen once, at [`crate::Builder::clock`].
pub trait LedgerClock: Send + Sync + 'static {
    /// The time since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration;
}

/// The computer's clock: the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLedgerClock;

impl LedgerClock for SystemLedgerClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one clock of the local network; everything else takes time as an argument"
    )]
    fn now(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// A clock that moves only when a test moves it. Clones share the same hands.
#[derive(Clone, Debug)]
pub struct ManualLedgerClock(Arc<AtomicU64>);

impl ManualLedgerClock {
    /// A clock that stands at `unix_seconds`.
    #[must_use]
    pub fn new(unix_seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_seconds.saturating_mul(1_000))))
    }

    /// Moves the clock forward, to the millisecond.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl LedgerClock for ManualLedgerClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
