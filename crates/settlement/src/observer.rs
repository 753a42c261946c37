//! What happens inside, for metrics and logs.

use std::time::Duration;

use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::AccountId;
use coinslot_x402_wire::ReasonCode;

use crate::Outage;

/// Is told what a facilitator does. Called in the middle of the work: it must return at once.
pub trait SettlementObserver: Send + Sync + 'static {
    /// Something happened.
    fn on_event(&self, event: &SettlementEvent<'_>);
}

/// What a [`SettlementObserver`] is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SettlementEvent<'a> {
    /// A payment was verified without being settled.
    Verified,
    /// A payment was refused; nothing was broadcast.
    Refused {
        /// Why.
        reason: &'a ReasonCode,
    },
    /// A new payment was claimed.
    Claimed,
    /// A sponsor was leased.
    SponsorLeased {
        /// Which.
        sponsor: AccountId,
        /// How long the payment waited for it.
        waited: Duration,
    },
    /// A sponsor cannot pay its fees: send it XLM.
    SponsorEmpty {
        /// Which.
        sponsor: AccountId,
    },
    /// A transaction was signed and is submitted.
    Submitted {
        /// Its hash.
        transaction: TransactionHash,
        /// The most that it can cost, in stroops.
        fee_stroops: u64,
        /// Whether it raises the bid of one that waits.
        raises_bid: bool,
    },
    /// A payment is confirmed.
    Confirmed {
        /// The transaction that moved the tokens.
        transaction: TransactionHash,
        /// Whether we submitted it.
        ours: bool,
        /// From the claim on.
        took: Duration,
    },
    /// A payment that was submitted has failed.
    Failed {
        /// Why.
        reason: &'a ReasonCode,
        /// From the claim on.
        took: Duration,
    },
    /// What a landed transaction of ours cost.
    FeeCharged {
        /// In stroops.
        stroops: u64,
    },
    /// A caller was told to ask again; the settlement goes on.
    AnsweredPending,
    /// A settlement that an earlier run left open goes on.
    Resumed,
    /// Something that this depends on is down.
    Outage(&'a Outage),
}

/// Observes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unobserved;

impl SettlementObserver for Unobserved {
    fn on_event(&self, _: &SettlementEvent<'_>) {}
}
