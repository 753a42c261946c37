//! The three ends of a settlement.

use coinslot_x402_wire::SettleResponse;

/// The extension that a facilitator lists in `/supported` when a repeated `/settle` of one payload
/// settles it once and answers its recorded outcome.
///
/// A success is told to one purchase: a caller that gives an idempotency key is told again for the
/// same key, one that gives none is told once.
pub const IDEMPOTENT_SETTLEMENT: &str = "idempotent-settlement";

/// What came of a settlement.
///
/// On the wire `Pending` is status 503 with `Retry-After` and a [`SettleResponse`] of the reason
/// `settlement_pending`.
#[derive(Clone, Debug, PartialEq)]
pub enum Settlement {
    /// The money moved; `transaction` names the transaction that moved it.
    Confirmed(SettleResponse),
    /// The money did not move, and with this payment will not.
    Failed(SettleResponse),
    /// Something was broadcast and its outcome is not known yet.
    Pending {
        /// The answer so far; `transaction` names what was broadcast, if that is known.
        response: SettleResponse,
        /// When to ask again.
        retry_after_seconds: u32,
    },
}

impl Settlement {
    /// The facilitator's answer, whatever it says.
    #[must_use]
    pub const fn response(&self) -> &SettleResponse {
        match self {
            Self::Confirmed(response) | Self::Failed(response) | Self::Pending { response, .. } => {
                response
            }
        }
    }

    /// Whether the money moved.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed(_))
    }
}
