//! How long the same payment is sent again.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How patiently one call sends the same payment when the answer is lost or not ready.
///
/// When it gives up, the payment is kept: the same request goes on where this call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The wait after the first attempt, and the shortest wait; it doubles each time. A seller's `Retry-After` goes
    /// before.
    pub first_wait: Duration,
    /// The longest wait, also when the seller asks for more.
    pub longest_wait: Duration,
    /// All waits together; the time that the requests themselves take is not counted.
    pub total_wait: Duration,
}

impl Default for Patience {
    /// A minute.
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(10),
            total_wait: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// How long to wait after this attempt (counted from 1), if there is to be another one.
    pub(crate) fn wait(
        &self,
        attempt: u32,
        asked: Option<Duration>,
        waited: Duration,
    ) -> Option<Duration> {
        let doublings = attempt.saturating_sub(1).min(16);
        let own = self.first_wait.saturating_mul(1 << doublings);
        let wait = asked
            .unwrap_or(own)
            .min(self.longest_wait)
            .max(self.first_wait)
            .max(SHORTEST_WAIT);
        (waited.saturating_add(wait) <= self.total_wait).then_some(wait)
    }
}

/// The seconds of a `Retry-After` header; its form as a date is not read.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// Nobody is hammered, whatever is configured.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
