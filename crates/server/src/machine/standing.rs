//! What an existing claim means for a request that presents its payment.

use coinslot_payment_store::{Claim, UnixMillis};

use super::detail::{Detail, Phase};
use crate::answer::Answer;
use crate::credential::Receipt;
use crate::fingerprint::Fingerprint;

/// How a request stands to the claim that exists on its payment.
#[derive(Debug)]
pub(crate) enum Standing {
    /// It gets the recorded answer.
    Replay { receipt: Receipt, answer: Answer },
    /// The payment bought something else, or its answer is no longer there. The receipt goes to
    /// the buyer who holds the credential, and to nobody else.
    AlreadyUsed { receipt: Option<Receipt> },
    /// The payment was tried, and failed.
    Failed { receipt: Receipt },
    /// The first request with this payment is being served.
    InFlight,
    /// It is not known yet whether the money moved.
    Pending {
        transaction: Option<String>,
        retry_after_seconds: u32,
    },
    /// Whoever worked on it has stopped: this request may take over.
    Lapsed { detail: Detail },
}

/// Decides from the claim alone. `None` when the claim's detail is not ours to read.
pub(crate) fn standing(
    claim: &Claim,
    credential: Fingerprint,
    request: Fingerprint,
    now: UnixMillis,
) -> Option<Standing> {
    let detail: Detail = serde_json::from_slice(&claim.detail).ok()?;
    if detail.credential != credential {
        return Some(Standing::AlreadyUsed { receipt: None });
    }
    if detail.request != request {
        let receipt = match detail.phase {
            Phase::Settled { receipt } | Phase::Delivered { receipt, .. } => Some(receipt),
            _ => None,
        };
        return Some(Standing::AlreadyUsed { receipt });
    }
    let lapsed = claim.lease_until <= now;
    Some(match detail.phase {
        Phase::Delivered {
            receipt,
            answer: Some(answer),
        } if !answer.is_over(now) => Standing::Replay { receipt, answer },
        Phase::Delivered { receipt, .. } => Standing::AlreadyUsed {
            receipt: Some(receipt),
        },
        Phase::Failed { receipt } => Standing::Failed { receipt },
        _ if lapsed => Standing::Lapsed { detail },
        Phase::Pending { transaction, .. } => {
            let left = claim
                .lease_until
                .saturating_since(now)
                .as_secs()
                .saturating_add(1);
            let retry_after_seconds = u32::try_from(left)
                .map_or(LONGEST_WAIT_SECONDS, |left| left.min(LONGEST_WAIT_SECONDS));
            Standing::Pending {
                transaction,
                retry_after_seconds,
            }
        }
        Phase::Running | Phase::Settling { .. } | Phase::Settled { .. } => Standing::InFlight,
    })
}

/// A worker may finish long before its lease ends, so nobody is told to wait longer.
const LONGEST_WAIT_SECONDS: u32 = 5;

#[cfg(test)]
mod tests;
