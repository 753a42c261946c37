//! What a claim remembers: whose credential, for which request, and how far it came.

use coinslot_payment_store::ClaimState;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::credential::Receipt;
use crate::fingerprint::Fingerprint;

/// The detail of a claim, stored as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    /// The credential that made the claim.
    pub(crate) credential: Fingerprint,
    /// The request that it pays for.
    pub(crate) request: Fingerprint,
    /// What this claim is called to the facilitator, which tells the success of a payment to one
    /// claim only: random, so that no other gate can call its claim the same.
    pub(crate) purchase: String,
    pub(crate) phase: Phase,
}

/// How far a claimed payment has come at this gate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Phase {
    /// Settling comes after the handler, which may have started.
    Running,
    /// The facilitator was asked to settle, or is about to be. The answer is there when the
    /// handler ran first.
    Settling { answer: Option<Answer> },
    /// The facilitator did not say whether the money moved.
    Pending {
        answer: Option<Answer>,
        transaction: Option<String>,
    },
    /// The money moved, and the handler may have started.
    Settled { receipt: Receipt },
    /// The answer went out; a short one is kept.
    Delivered {
        receipt: Receipt,
        answer: Option<Answer>,
    },
    /// The money did not move, and will not.
    Failed { receipt: Receipt },
}

impl Phase {
    /// The claim's state in the store.
    pub(crate) const fn state(&self) -> ClaimState {
        match self {
            Self::Running | Self::Settling { .. } => ClaimState::Claimed,
            Self::Pending { .. } => ClaimState::Pending,
            Self::Settled { .. } | Self::Delivered { .. } => ClaimState::Settled,
            Self::Failed { .. } => ClaimState::Failed,
        }
    }
}
