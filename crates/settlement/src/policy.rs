//! What an operator decides: fees, budgets and how long things may take.

use std::time::Duration;

use coinslot_stellar_ledger::FeeStats;

/// The least inclusion fee that the network takes, in stroops.
pub const MIN_INCLUSION_FEE_STROOPS: u64 = 100;

/// What a settlement may cost, in stroops.
///
/// A fee has two parts. The *resource fee* comes from our own simulation of our own transaction.
/// The *inclusion fee* is a bid for a place in a ledger: what others paid lately, at
/// `inclusion_percentile`, raised to the floor and cut at the ceiling. Whatever their sum, no
/// transaction and no fee bump is signed with a fee above `max_fee_stroops`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// The most that one settlement may cost, resource and inclusion fee together.
    pub max_fee_stroops: u64,
    /// Which of the recent bids to follow.
    pub inclusion_percentile: InclusionPercentile,
    /// The least inclusion fee that is bid.
    pub inclusion_floor_stroops: u64,
    /// The most inclusion fee that is bid, per operation.
    pub inclusion_ceiling_stroops: u64,
}

impl Default for FeePolicy {
    /// At most 0.05 XLM for a settlement, of which at most 0.001 XLM per operation for inclusion,
    /// at the 90th percentile.
    fn default() -> Self {
        Self {
            max_fee_stroops: 500_000,
            inclusion_percentile: InclusionPercentile::P90,
            inclusion_floor_stroops: MIN_INCLUSION_FEE_STROOPS,
            inclusion_ceiling_stroops: 10_000,
        }
    }
}

impl FeePolicy {
    /// The first bid for inclusion.
    pub(crate) fn inclusion_bid(&self, stats: &FeeStats) -> u64 {
        let recent = match self.inclusion_percentile {
            InclusionPercentile::P50 => stats.p50,
            InclusionPercentile::P90 => stats.p90,
            InclusionPercentile::P95 => stats.p95,
            InclusionPercentile::P99 => stats.p99,
        };
        recent
            .max(self.inclusion_floor_stroops)
            .min(self.inclusion_ceiling_stroops)
    }

    /// The next bid when `bid` was too low, or none when the ceiling is reached. Validators
    /// replace a waiting transaction only by one that bids ten times as much.
    pub(crate) fn next_bid(&self, bid: u64) -> Option<u64> {
        let next = bid.saturating_mul(10).min(self.inclusion_ceiling_stroops);
        (next > bid).then_some(next)
    }

    /// The bid that fits under the maximum fee together with the resource fee, charged so many times.
    pub(crate) fn affordable_bid(&self, resource_fee: u64, wanted: u64, times: u64) -> Option<u64> {
        let room = self.max_fee_stroops.checked_sub(resource_fee)? / times;
        (room >= self.inclusion_floor_stroops).then_some(wanted.min(room))
    }

    /// The bid of a fee bump around a transaction whose bid was too low, or none when nothing higher fits.
    pub(crate) fn raised_bid(&self, resource_fee: u64, bid: u64) -> Option<u64> {
        let room = self.max_fee_stroops.saturating_sub(resource_fee) / BIDS_OF_FEE_BUMP;
        let raised = self.next_bid(bid)?.min(room);
        (raised > bid).then_some(raised)
    }

    /// What is wrong with the policy, if anything is.
    pub(crate) fn fault(&self) -> Option<FeePolicyFault> {
        if self.inclusion_floor_stroops < MIN_INCLUSION_FEE_STROOPS {
            return Some(FeePolicyFault::FloorBelowNetworkMinimum);
        }
        if self.inclusion_ceiling_stroops < self.inclusion_floor_stroops {
            return Some(FeePolicyFault::CeilingBelowFloor);
        }
        if self.max_fee_stroops <= self.inclusion_floor_stroops {
            return Some(FeePolicyFault::MaximumBelowFloor);
        }
        if self.max_fee_stroops > u64::from(u32::MAX) {
            return Some(FeePolicyFault::MaximumTooLarge);
        }
        None
    }
}

/// How many times a fee bump is charged its bid: once for the operation within, once for itself.
pub(crate) const BIDS_OF_FEE_BUMP: u64 = 2;

/// Which of the recent inclusion fees to follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InclusionPercentile {
    /// Half of the recent transactions paid less.
    P50,
    /// Nine of ten paid less.
    #[default]
    P90,
    /// Nineteen of twenty paid less.
    P95,
    /// Ninety-nine of a hundred paid less.
    P99,
}

/// Why a [`FeePolicy`] cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeePolicyFault {
    /// Such a bid would never be taken.
    #[error(
        "the floor of the inclusion fee is below the network's minimum of {MIN_INCLUSION_FEE_STROOPS} stroops"
    )]
    FloorBelowNetworkMinimum,
    /// No bid satisfies both.
    #[error("the ceiling of the inclusion fee is below its floor")]
    CeilingBelowFloor,
    /// Not even the floor can be paid.
    #[error(
        "the maximum fee does not leave room for a resource fee above the floor of the inclusion fee"
    )]
    MaximumBelowFloor,
    /// A transaction's fee has 32 bits.
    #[error("the maximum fee is above what a transaction can bid, 4294967295 stroops")]
    MaximumTooLarge,
}

/// What sponsors may spend on fees in any 24 hours, in stroops.
///
/// Kept in the store, so that it survives restarts and is shared by all facilitators on one store.
/// What a settlement could cost is reserved before it is submitted and corrected afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SponsorBudget {
    /// For the payments of one payer.
    pub per_payer_per_day_stroops: u64,
    /// For all payments.
    pub total_per_day_stroops: u64,
}

impl Default for SponsorBudget {
    /// 10 XLM a day for one payer, 100 XLM a day for all.
    fn default() -> Self {
        Self {
            per_payer_per_day_stroops: 100_000_000,
            total_per_day_stroops: 1_000_000_000,
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long [`settle`](coinslot_facilitator_api::Facilitator::settle) waits for an outcome
    /// before it answers *pending*. The settlement goes on.
    pub answer_within: Duration,
    /// How long a submitted transaction stays valid, at most. It never outlives the payer's
    /// authorization.
    pub transaction_lifetime: Duration,
    /// The longest pause between two looks at a submitted transaction.
    pub poll_every: Duration,
    /// How many ledgers may pass before a waiting transaction's bid is raised.
    pub raise_bid_after_ledgers: u32,
    /// How long a claim stays with this process before another may take it over.
    pub lease: Duration,
    /// What a *pending* answer tells the caller to wait.
    pub retry_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(30),
            transaction_lifetime: Duration::from_secs(60),
            poll_every: Duration::from_secs(1),
            raise_bid_after_ledgers: 3,
            lease: Duration::from_secs(15),
            retry_after: Duration::from_secs(5),
        }
    }
}

#[cfg(test)]
mod tests;
