//! What a seller may choose about the order of things and about what is kept.

use std::num::NonZeroU32;
use std::time::Duration;

use http::HeaderName;
use http::header;

/// When the money moves: before the handler runs, or after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettleTiming {
    /// The payment is settled, then the handler runs. A handler that fails was paid all the same;
    /// its answer carries the receipt.
    #[default]
    Before,
    /// The handler runs, then the payment is settled, then the answer is given out. A handler that
    /// answers 4xx or 5xx is not charged.
    ///
    /// Only for **idempotent** handlers: after a crash the handler runs again, and work is lost
    /// whenever a payment that verified does not settle. That loss is capped: with `unpaid_runs`
    /// runs unpaid within `window` (those under way count too), payments are settled first until
    /// the window has passed. The count is per gate and process.
    After {
        /// How many runs may go unpaid within the window.
        unpaid_runs: NonZeroU32,
        /// How long an unpaid run counts.
        window: Duration,
    },
}

/// What is kept of a paid answer, for the buyer who did not get it the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPolicy {
    /// The longest body that is kept, in bytes. A longer body, or one whose length is not known
    /// before it ends, is streamed to the buyer and recorded as delivered, with its receipt only.
    pub max_body: usize,
    /// How long the answer is kept. Afterwards the payment counts as used up.
    pub ttl: Duration,
    /// The headers that are kept. Nothing that concerns one connection or one session belongs
    /// here, `Set-Cookie` least of all.
    pub headers: Vec<HeaderName>,
}

impl RecordPolicy {
    /// The largest `max_body` that a gate accepts, so that an answer fits into any store.
    pub const MAX_BODY_LIMIT: usize = 8 * 1024 * 1024;
}

impl Default for RecordPolicy {
    /// 1 MiB, one hour, and the headers that describe a body.
    fn default() -> Self {
        Self {
            max_body: 1024 * 1024,
            ttl: Duration::from_secs(60 * 60),
            headers: vec![
                header::CACHE_CONTROL,
                header::CONTENT_DISPOSITION,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_TYPE,
                header::ETAG,
                header::LAST_MODIFIED,
                header::LINK,
                header::LOCATION,
                header::VARY,
            ],
        }
    }
}
