//! `getLatestLedger`, whether it is the latest, and how fast ledgers close.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use stellar_xdr::LedgerHeader;

use super::answer::{Number, bad_member};
use super::endpoints::Endpoints;
use super::transport::Failure;
use super::xdr;
use crate::{DEFAULT_CLOSE_TIME_SECONDS, LatestLedger, LedgerError, UnavailableReason};

const METHOD: &str = "getLatestLedger";

/// How many seconds two observations must lie apart before they say how fast ledgers close.
const SHORTEST_SPAN: u64 = 20;

/// After this many seconds the first observation gives way, so that the figure stays fresh.
const LONGEST_SPAN: u64 = 1800;

/// Close times at which networks run on their clock. Another figure is that of a network which
/// stands still or closes on demand, and says nothing about the next ledgers.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 4..=10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    sequence: u32,
    protocol_version: Number,
    close_time: Option<Number>,
    header_xdr: Option<String>,
}

/// The latest ledger of the first node that does not lag.
pub(super) async fn latest_ledger(endpoints: &Endpoints) -> Result<LatestLedger, LedgerError> {
    let check = |answer: Answer| {
        let latest = read(&answer).map_err(Failure::final_answer)?;
        let (Some(lag), Some(closed)) = (endpoints.lag(), latest.close_time) else {
            return Ok(latest);
        };
        let behind_seconds = (lag.now)().saturating_sub(closed);
        if behind_seconds > lag.tolerance.as_secs() {
            return Err(Failure::unfit(UnavailableReason::Lagging {
                behind_seconds,
            }));
        }
        Ok(latest)
    };
    endpoints.call_until(METHOD, (), check).await.result
}

fn read(answer: &Answer) -> Result<LatestLedger, LedgerError> {
    let protocol_version = answer
        .protocol_version
        .read()
        .ok_or_else(|| bad_member(METHOD, "protocolVersion"))?;
    let close_time = match (&answer.close_time, &answer.header_xdr) {
        (Some(seconds), _) => Some(
            seconds
                .read()
                .ok_or_else(|| bad_member(METHOD, "closeTime"))?,
        ),
        (None, Some(header)) => {
            let header: LedgerHeader = xdr::decode(METHOD, "headerXdr", header)?;
            Some(header.scp_value.close_time.0)
        }
        (None, None) => None,
    };
    Ok(LatestLedger {
        sequence: answer.sequence,
        close_time,
        protocol_version,
    })
}

/// What was seen of ledgers closing.
#[derive(Debug, Default)]
pub(super) struct CloseTimes(Mutex<Option<Span>>);

#[derive(Clone, Copy, Debug)]
struct Span {
    first: Closed,
    last: Closed,
}

#[derive(Clone, Copy, Debug)]
struct Closed {
    sequence: u32,
    at: u64,
}

impl CloseTimes {
    pub(super) fn observe(&self, latest: &LatestLedger) {
        let Some(at) = latest.close_time else { return };
        let seen = Closed {
            sequence: latest.sequence,
            at,
        };
        let mut span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *span = Some(match *span {
            // Another node may be a little behind.
            Some(known) if seen.sequence <= known.last.sequence => known,
            Some(known) if at.saturating_sub(known.first.at) <= LONGEST_SPAN => Span {
                last: seen,
                ..known
            },
            Some(known) => Span {
                first: known.last,
                last: seen,
            },
            None => Span {
                first: seen,
                last: seen,
            },
        });
    }

    /// Whole seconds from one ledger to the next, rounded down: a network of 5.8 s counts as one
    /// of 5 s, for payers and facilitators that have seen nothing yet as for those that have.
    pub(super) fn estimate(&self) -> u32 {
        let span = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        span.and_then(|Span { first, last }| {
            let seconds = last.at.saturating_sub(first.at);
            let ledgers = u64::from(last.sequence.saturating_sub(first.sequence));
            let each = seconds.checked_div(ledgers)?;
            (seconds >= SHORTEST_SPAN && PLAUSIBLE.contains(&each)).then_some(each)
        })
        .and_then(|each| u32::try_from(each).ok())
        .unwrap_or(DEFAULT_CLOSE_TIME_SECONDS)
    }
}

#[cfg(test)]
mod tests;
