//! Points in time, told from now.

use core::fmt;

use coinslot_mpp_wire::Timestamp;
use serde::Serialize;

/// A point in time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Moment {
    at: String,
    /// Below zero when it is over.
    seconds_from_now: i64,
    /// Whether it is no longer ahead.
    pub(crate) is_over: bool,
}

impl Moment {
    pub(crate) fn new(timestamp: &Timestamp, now: u64) -> Self {
        let from = i64::try_from(now).unwrap_or(i64::MAX);
        Self {
            at: timestamp.as_str().to_owned(),
            seconds_from_now: timestamp.unix_seconds().saturating_sub(from),
            is_over: timestamp.has_passed(now),
        }
    }

    pub(crate) const fn seconds_from_now(&self) -> i64 {
        self.seconds_from_now
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = span(self.seconds_from_now.unsigned_abs());
        if self.is_over {
            write!(f, "{} ({span} ago)", self.at)
        } else {
            write!(f, "{} (in {span})", self.at)
        }
    }
}

/// A number of ledgers, and about how long they take.
pub(crate) fn ledgers_in_words(count: u32) -> String {
    format!(
        "{count} ledger{} (about {})",
        if count == 1 { "" } else { "s" },
        span(u64::from(count) * LEDGER_SECONDS)
    )
}

/// A span of time by its two largest units.
fn span(seconds: u64) -> String {
    let units = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let first = units.iter().position(|(length, _)| seconds >= *length);
    let mut rest = seconds;
    let parts: Vec<String> = units
        .iter()
        .skip(first.unwrap_or(units.len() - 1))
        .take(2)
        .map(|(length, unit)| {
            let count = rest / length;
            rest %= length;
            (count, unit)
        })
        .enumerate()
        .filter(|(place, (count, _))| *place == 0 || *count > 0)
        .map(|(_, (count, unit))| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    parts.join(" ")
}

/// How long a ledger takes on the public networks.
const LEDGER_SECONDS: u64 = 5;
