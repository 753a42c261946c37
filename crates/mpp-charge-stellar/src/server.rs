//! What a server must check before it takes a payment (Stellar charge draft, "Verification"): one file for each
//! section, one function for each rule, named after it.
//!
//! | section | file |
//! |---|---|
//! | core draft, "Challenge Binding"; charge intent, "Server Responsibilities" | `challenge` |
//! | "Credential Schema" | `credential` |
//! | "Pull Mode Verification", what both flows have in common | `pull_mode_verification` |
//! | "Sponsored Flow Checks" | `sponsored_flow_checks` |
//! | "Unsponsored Flow Checks" | `unsponsored_flow_checks` |
//! | "Push Mode Verification" | `push_mode_verification` |
//! | "Settlement Procedure" | `settlement` |
//!
//! What can be judged from the credential alone is judged first, so that a forged payment costs no call to the
//! network. Nothing is to be claimed before it is verified.

use coinslot_mpp_wire::{BoundChallenge, Payload};
use coinslot_stellar_address::{AccountId, Address};

mod balance_changes;
mod challenge;
mod charge;
mod credential;
mod facts;
mod fault;
mod identity;
mod pull_mode_verification;
mod push;
mod push_mode_verification;
mod refusal;
mod settlement;
mod sponsored;
mod sponsored_flow_checks;
mod unsponsored;
mod unsponsored_flow_checks;

pub use balance_changes::EventFault;
pub use charge::CheckedCharge;
pub use facts::{Facts, LandedFacts, SimulationFacts};
pub use fault::{Fault, Place};
pub use identity::{Identity, identify};
pub use push::{CheckedPush, VerifiedPush};
pub use refusal::Refusal;
pub use settlement::SettlementPlan;
pub use sponsored::{CheckedSponsored, VerifiedSponsored};
pub use unsponsored::{CheckedUnsponsored, VerifiedUnsponsored};

/// How many ledgers an authorization may last longer than its challenge, because RPC nodes do not all know the latest
/// ledger at once.
pub const DEFAULT_EXPIRATION_TOLERANCE_LEDGERS: u32 = 2;

/// How many seconds before its challenge a pushed transaction may have landed, because clocks differ.
pub const DEFAULT_CLOCK_TOLERANCE_SECONDS: u64 = 5;

/// How many seconds after its challenge has expired a pushed transaction may be presented, because it took its time to
/// land and the money has moved.
pub const DEFAULT_PUSH_GRACE_SECONDS: u64 = 60;

/// What one server accepts.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Every account that pays for settlements or signs them: sponsors and fee-bump accounts.
    pub sponsors: Vec<AccountId>,
    /// The most that settling one sponsored charge may cost in network fees, in stroops.
    pub max_fee_stroops: u64,
    /// How many ledgers an authorization may last too long.
    pub expiration_tolerance_ledgers: u32,
    /// Whether `hash` is accepted, which proves nothing of who presents it: whoever sees a payment on the chain can.
    pub accept_unsigned_hash: bool,
    /// How many seconds too old a pushed transaction may be. None are allowed for `hash`.
    pub clock_tolerance_seconds: u64,
    /// How many seconds too late a pushed transaction may be presented.
    pub push_grace_seconds: u64,
}

/// A credential, after its challenge was found to be ours.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The challenge that it answers.
    pub challenge: &'a BoundChallenge,
    /// When that was minted, in seconds since 1970, as its `opaque` says.
    pub minted_at: u64,
    /// The credential's `payload`.
    pub payload: &'a Payload,
    /// The credential's `source`, if it has one.
    pub source: Option<&'a str>,
    /// The body of the request that brings the credential. Needed only when the challenge has a digest.
    pub body: Option<&'a [u8]>,
}

impl Rules {
    /// The rules of a server that has these accounts, with the defaults for everything else.
    #[must_use]
    pub const fn new(sponsors: Vec<AccountId>, max_fee_stroops: u64) -> Self {
        Self {
            sponsors,
            max_fee_stroops,
            expiration_tolerance_ledgers: DEFAULT_EXPIRATION_TOLERANCE_LEDGERS,
            accept_unsigned_hash: false,
            clock_tolerance_seconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
            push_grace_seconds: DEFAULT_PUSH_GRACE_SECONDS,
        }
    }

    /// Whether this is one of our own accounts, whatever id may be beside it.
    pub(crate) fn is_ours(&self, address: &Address) -> bool {
        address
            .account_key()
            .is_some_and(|key| self.sponsors.contains(&key))
    }
}
