//! Claims: who may act on a payment, and what came of it.

use std::fmt;

use crate::{PaymentId, UnixMillis};

/// Whose claims these are. The same payment is claimed once in each scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The gate's: one payment buys one answer.
    Delivery,
    /// The facilitator's: one payment is settled once.
    Settlement,
}

impl Scope {
    /// The scope's name: `delivery` or `settlement`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Settlement => "settlement",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a claim is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimKey {
    /// Whose claim.
    pub scope: Scope,
    /// On which payment.
    pub payment: PaymentId,
}

impl ClaimKey {
    /// The gate's claim on a payment.
    #[must_use]
    pub const fn delivery(payment: PaymentId) -> Self {
        Self {
            scope: Scope::Delivery,
            payment,
        }
    }

    /// The facilitator's claim on a payment.
    #[must_use]
    pub const fn settlement(payment: PaymentId) -> Self {
        Self {
            scope: Scope::Settlement,
            payment,
        }
    }
}

impl fmt::Display for ClaimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.scope, self.payment)
    }
}

/// How far a payment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimState {
    /// Someone works on it, and nothing was broadcast yet: the claim may be released.
    Claimed,
    /// Something was broadcast and its outcome is not known.
    Pending,
    /// The money moved. Final: a settled claim stays settled.
    Settled,
    /// The money did not move, and will not.
    Failed,
}

impl ClaimState {
    /// Whether work remains: `Claimed` or `Pending`.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Claimed | Self::Pending)
    }

    /// The state's name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Pending => "pending",
            Self::Settled => "settled",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for ClaimState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A claim as the store holds it.
///
/// Its `version` is never given twice, not even after a release: an update that expects it applies
/// to exactly this state of exactly this claim.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key under which it was first claimed, also when it was found by an alias.
    pub key: ClaimKey,
    /// Changes with every update.
    pub version: u64,
    /// How far the payment has come.
    pub state: ClaimState,
    /// What the owner wants to remember, in its own form (JSON as a rule).
    pub detail: Vec<u8>,
    /// When it was claimed.
    pub claimed_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// Until when its owner works on it. The store keeps this and draws no conclusion from it.
    pub lease_until: UnixMillis,
}

/// The detail is shown by its length: it may hold a paid answer or a signed payload.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("key", &self.key)
            .field("version", &self.version)
            .field("state", &self.state)
            .field("detail", &format_args!("{} bytes", self.detail.len()))
            .field("claimed_at", &self.claimed_at)
            .field("updated_at", &self.updated_at)
            .field("lease_until", &self.lease_until)
            .finish()
    }
}

/// What came of a try to claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The payment was free, and is now the caller's.
    New(Claim),
    /// The payment was claimed before, under this key or an alias of it; nothing changed.
    Existing(Claim),
}

impl ClaimOutcome {
    /// The claim, whoever made it.
    #[must_use]
    pub fn into_claim(self) -> Claim {
        match self {
            Self::New(claim) | Self::Existing(claim) => claim,
        }
    }

    /// Whether the caller made the claim.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// What a claim shall become.
#[derive(Clone)]
pub struct ClaimUpdate {
    /// The new state.
    pub state: ClaimState,
    /// The new detail, in place of the old one.
    pub detail: Vec<u8>,
    /// Further ids of the same payment. Those that it has already are left as they are.
    pub aliases: Vec<PaymentId>,
    /// The time of the update.
    pub now: UnixMillis,
    /// The new end of the lease.
    pub lease_until: UnixMillis,
}

impl ClaimUpdate {
    /// A move to `state` at `now` that keeps the claim's detail and lease and adds no alias.
    #[must_use]
    pub fn of(claim: &Claim, state: ClaimState, now: UnixMillis) -> Self {
        Self {
            state,
            detail: claim.detail.clone(),
            aliases: Vec::new(),
            now,
            lease_until: claim.lease_until,
        }
    }

    /// With another detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Vec<u8>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With one more alias.
    #[must_use]
    pub fn alias(mut self, alias: PaymentId) -> Self {
        self.aliases.push(alias);
        self
    }

    /// With another end of the lease.
    #[must_use]
    pub const fn lease_until(mut self, lease_until: UnixMillis) -> Self {
        self.lease_until = lease_until;
        self
    }
}

impl fmt::Debug for ClaimUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimUpdate")
            .field("state", &self.state)
            .field("detail", &format_args!("{} bytes", self.detail.len()))
            .field("aliases", &self.aliases)
            .field("now", &self.now)
            .field("lease_until", &self.lease_until)
            .finish()
    }
}
