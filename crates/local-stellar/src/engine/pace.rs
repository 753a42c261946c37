//! When ledgers close.

use std::time::{Duration, Instant};

use crate::settings::TARGET_CLOSE_MILLISECONDS;

/// When ledgers close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseMode {
    /// As soon as a transaction is submitted, and every five seconds when none is.
    ///
    /// So that signatures, which live for a number of ledgers, do not expire under load, a burst of four ledgers is
    /// followed by one per second at most; transactions submitted meanwhile share a ledger.
    #[default]
    OnSubmit,
    /// At fixed intervals. Ledger time is counted in whole seconds and never stands still: with intervals below a
    /// second it runs ahead of the clock.
    Every(Duration),
    /// Only by [`crate::LocalStellar::close_ledger`] and [`crate::LocalStellar::advance_ledgers`].
    Manual,
}

/// Least time between two ledgers that submissions close: concurrent submissions share one.
const SPACING: Duration = Duration::from_millis(50);

/// Sustained, submissions close one ledger in this time.
const SUSTAINED: Duration = Duration::from_secs(1);

/// Ledgers that submissions may close at once after a quiet time.
const BURST: u32 = 4;

/// Decides the moments at which the engine's thread closes a ledger.
#[derive(Debug)]
pub(crate) struct Pace {
    mode: CloseMode,
    last_close: Instant,
    /// When the burst is fully available again.
    replenished: Instant,
}

impl Pace {
    pub(crate) fn new(mode: CloseMode, now: Instant) -> Self {
        Self {
            mode,
            last_close: now,
            replenished: now,
        }
    }

    /// Notes a close, of whatever cause.
    pub(crate) fn closed(&mut self, now: Instant) {
        self.last_close = now;
        self.replenished = self.replenished.max(now) + SUSTAINED;
    }

    /// When the next ledger is due, if ever by itself.
    pub(crate) fn due(&self, has_pending: bool) -> Option<Instant> {
        match self.mode {
            CloseMode::Manual => None,
            CloseMode::Every(interval) => Some(self.last_close + interval),
            CloseMode::OnSubmit => {
                let idle =
                    self.last_close + Duration::from_millis(u64::from(TARGET_CLOSE_MILLISECONDS));
                if !has_pending {
                    return Some(idle);
                }
                let spaced = self.last_close + SPACING;
                let paced = self
                    .replenished
                    .checked_sub(SUSTAINED * (BURST - 1))
                    .unwrap_or(spaced);
                Some(spaced.max(paced).min(idle))
            }
        }
    }

    /// Whether the newest ledger is young enough to take in one more of the network's own transactions.
    pub(crate) fn can_join(&self, now: Instant) -> bool {
        self.mode == CloseMode::OnSubmit
            && now.saturating_duration_since(self.last_close) < SUSTAINED
    }
}

#[cfg(test)]
mod tests;
