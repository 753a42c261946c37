//! The durable state of one channel.
//!
//! It is written before anything is done on its strength: a voucher before its request is served, a close before it is
//! submitted. Every step gives a new state and leaves the old one as it was, so that a lost compare-and-set costs nothing.

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::VerifiedVoucher;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::{Accepted, ChannelFacts, Owner, RegisteredChannel, Serving};

/// The state of one channel, for its recipient.
///
/// What is true of each one: what was spent and what is reserved are together covered by the highest voucher or by what
/// was withdrawn; amounts never fall; a channel that is closing never opens again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelState {
    pub(crate) network: NetworkId,
    pub(crate) channel: ContractId,
    pub(crate) phase: Phase,
    pub(crate) last: Option<Accepted>,
    pub(crate) spent: BaseUnits,
    pub(crate) reserved: BaseUnits,
    pub(crate) withdrawn: BaseUnits,
    pub(crate) unsettled_since: Option<u64>,
    pub(crate) close_with: Option<VerifiedVoucher>,
    pub(crate) as_of_ledger: u32,
}

/// How far a channel is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Phase {
    /// Vouchers are taken.
    Open,
    /// No more vouchers are taken, and what is owed is to be taken from the contract.
    Closing {
        /// Why.
        why: ClosingReason,
        /// Since when, in milliseconds since 1970.
        since: u64,
        /// From which ledger on the funder can take back what is left, if the chain said so.
        effective_at_ledger: Option<u32>,
    },
    /// There is nothing to be had from it any more.
    Closed {
        /// Why.
        why: ClosingReason,
        /// The ledger in which the close took effect.
        at_ledger: u32,
    },
}

/// Why a channel is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClosingReason {
    /// The buyer asked us to, with a voucher.
    AskedByBuyer,
    /// We decided it.
    DecidedBySeller,
    /// The chain said so: the funder has started to close, or the recipient closed it elsewhere.
    SeenOnChain,
}

impl ChannelState {
    pub(crate) fn first(registered: &RegisteredChannel) -> Self {
        let facts = registered.facts();
        let of = registered.verifier().template().commitment(BaseUnits::ZERO);
        Self {
            network: of.network,
            channel: of.channel,
            phase: Phase::Open,
            last: None,
            spent: facts.instance.withdrawn,
            reserved: BaseUnits::ZERO,
            withdrawn: facts.instance.withdrawn,
            unsettled_since: None,
            close_with: None,
            as_of_ledger: facts.ledger,
        }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> ContractId {
        self.channel
    }

    /// The network that it is on.
    #[must_use]
    pub const fn network(&self) -> NetworkId {
        self.network
    }

    /// How far it is on its way.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The highest voucher that was accepted, with what it paid for.
    #[must_use]
    pub const fn last(&self) -> Option<&Accepted> {
        self.last.as_ref()
    }

    /// How far the channel is used: the amount of the highest voucher, or what was withdrawn if that is more. The next
    /// voucher must be above it.
    #[must_use]
    pub fn cumulative(&self) -> BaseUnits {
        self.highest().max(self.withdrawn)
    }

    /// The sum of the prices that were paid.
    #[must_use]
    pub const fn spent(&self) -> BaseUnits {
        self.spent
    }

    /// What is set aside for a stream. When its end never came, it counts as spent.
    #[must_use]
    pub const fn reserved(&self) -> BaseUnits {
        self.reserved
    }

    /// What was withdrawn, as far as was seen.
    #[must_use]
    pub const fn withdrawn(&self) -> BaseUnits {
        self.withdrawn
    }

    /// The ledger as of which the chain was last seen.
    #[must_use]
    pub const fn as_of_ledger(&self) -> u32 {
        self.as_of_ledger
    }

    /// The voucher to settle or close with: the one that the buyer closed with, or the highest.
    #[must_use]
    pub fn voucher_to_take(&self) -> Option<&VerifiedVoucher> {
        self.close_with
            .as_ref()
            .or(self.last.as_ref().map(Accepted::voucher))
    }

    /// What that voucher still brings: what we lose if the channel is refunded now.
    #[must_use]
    pub fn exposure(&self) -> BaseUnits {
        self.voucher_to_take()
            .and_then(|voucher| voucher.amount().checked_sub(self.withdrawn))
            .unwrap_or(BaseUnits::ZERO)
    }

    /// What was spent and not withdrawn, with the reserve of a stream whose lease has lapsed; `now` in milliseconds since
    /// 1970.
    #[must_use]
    pub fn unsettled(&self, now: u64) -> BaseUnits {
        let due = if self.has_a_stream(now) {
            self.spent
        } else {
            self.committed()
        };
        due.checked_sub(self.withdrawn).unwrap_or(BaseUnits::ZERO)
    }

    /// The same after what the chain says. It never moves anything backwards; facts of another channel, or older ones
    /// than those already seen, change nothing.
    #[must_use]
    pub fn observe(&self, facts: &ChannelFacts) -> Self {
        let mut next = self.clone();
        if facts.instance.channel != self.channel || facts.ledger < self.as_of_ledger {
            return next;
        }
        next.as_of_ledger = facts.ledger;
        if facts.instance.withdrawn > next.withdrawn {
            next.withdrawn = facts.instance.withdrawn;
            // Somebody took more than any voucher that we know of: it was spent elsewhere.
            if next.withdrawn > next.highest() {
                next.spent = next.withdrawn;
                next.reserved = BaseUnits::ZERO;
            }
            let is_unsettled = next.highest() > next.withdrawn;
            next.unsettled_since = is_unsettled.then_some(facts.read_at);
        }
        next.phase = next.phase_after(facts);
        next
    }

    /// The same, closing because we want it; nothing changes in a channel that is closing already. `now` in milliseconds
    /// since 1970.
    ///
    /// Without a voucher the contract cannot be closed by us: then only no more vouchers are taken.
    #[must_use]
    pub fn close_by_seller(&self, now: u64) -> Self {
        self.closing(ClosingReason::DecidedBySeller, now)
    }

    /// The same once the request of this voucher is answered; nothing when another voucher has overtaken it, or when
    /// another process serves it.
    #[must_use]
    pub fn answered(&self, amount: BaseUnits, owner: Owner) -> Option<Self> {
        self.served(amount, owner, Serving::Answered)
    }

    /// The same with a lease that lasts longer; nothing when another voucher has overtaken it, or when another process
    /// serves it.
    #[must_use]
    pub fn renewed(&self, amount: BaseUnits, owner: Owner, until: u64) -> Option<Self> {
        self.served(amount, owner, Serving::Leased { owner, until })
    }

    fn served(&self, amount: BaseUnits, owner: Owner, serving: Serving) -> Option<Self> {
        let last = self
            .last
            .filter(|last| last.amount() == amount && last.serving.is_by(owner))?;
        Some(Self {
            last: Some(Accepted { serving, ..last }),
            ..self.clone()
        })
    }

    pub(crate) fn closing(&self, why: ClosingReason, since: u64) -> Self {
        let mut next = self.clone();
        if next.phase == Phase::Open {
            next.phase = Phase::Closing {
                why,
                since,
                effective_at_ledger: None,
            };
        }
        next
    }

    /// The amount of the highest voucher.
    pub(crate) fn highest(&self) -> BaseUnits {
        self.last.as_ref().map_or(BaseUnits::ZERO, Accepted::amount)
    }

    /// What vouchers have to cover before they pay for anything more.
    pub(crate) fn committed(&self) -> BaseUnits {
        // Never too large: both together are covered by a voucher, or withdrawn.
        self.spent
            .checked_add(self.reserved)
            .unwrap_or(BaseUnits::MAX)
    }

    /// Whether a stream is being served now.
    pub(crate) fn has_a_stream(&self, now: u64) -> bool {
        self.last
            .is_some_and(|last| last.is_metered && last.serving.left(now).is_some())
    }

    fn phase_after(&self, facts: &ChannelFacts) -> Phase {
        let (why, since) = match self.phase {
            Phase::Open => (ClosingReason::SeenOnChain, facts.read_at),
            Phase::Closing { why, since, .. } => (why, since),
            Phase::Closed { .. } => return self.phase,
        };
        match facts.close_effective_at_ledger() {
            None => self.phase,
            // It can be closed after that too, as long as the funder has not taken the rest.
            Some(effective) if effective <= facts.ledger && !self.can_be_paid_from(facts) => {
                Phase::Closed {
                    why,
                    at_ledger: effective,
                }
            }
            Some(effective) => Phase::Closing {
                why,
                since,
                effective_at_ledger: Some(effective),
            },
        }
    }

    /// Whether there is something to be had, and it is there.
    fn can_be_paid_from(&self, facts: &ChannelFacts) -> bool {
        let exposure = self.exposure();
        !exposure.is_zero() && exposure <= facts.balance
    }
}
