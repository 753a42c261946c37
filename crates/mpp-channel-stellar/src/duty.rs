//! What a seller's watcher has to do for a channel now.

use coinslot_usdc_amount::BaseUnits;

use crate::{ChannelFacts, ChannelPolicy, ChannelState, ClosingReason, Phase};

/// What has to be done, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Nothing now.
    Nothing,
    /// Settle with the voucher to take.
    Settle,
    /// Close with the voucher to take, so that it is in before this ledger; when that has passed, at once all the same.
    Close {
        /// The ledger.
        before_ledger: u32,
    },
    /// Extend the time to live to what the policy says.
    ExtendTtl,
    /// Restore what is archived, then close with the voucher to take.
    RestoreThenClose,
    /// The channel was refunded before we closed it.
    Lost {
        /// What the voucher would have brought.
        amount: BaseUnits,
    },
    /// The channel is closed and everything was taken: there is nothing to be done any more.
    Closed,
}

impl ChannelState {
    /// What has to be done, by what the chain says and by the time, in milliseconds since 1970. The same question gives
    /// the same answer until it is done, so that nothing is lost with a process.
    #[must_use]
    pub fn duty(&self, facts: &ChannelFacts, policy: &ChannelPolicy, now: u64) -> Duty {
        let state = self.observe(facts);
        let exposure = state.exposure();
        match state.phase {
            Phase::Closed { .. } if exposure.is_zero() => Duty::Closed,
            Phase::Closed { .. } => Duty::Lost { amount: exposure },
            _ if exposure.is_zero() => state.duty_without_exposure(facts),
            Phase::Open if exposure < policy.dust.min(policy.settle_amount) => Duty::Nothing,
            _ if facts.is_archived() => Duty::RestoreThenClose,
            Phase::Closing {
                effective_at_ledger,
                ..
            } => Duty::Close {
                before_ledger: close_before(effective_at_ledger, facts, policy),
            },
            Phase::Open if state.settling_is_due(policy, now) => Duty::Settle,
            Phase::Open if facts.time_to_live() < policy.extend_ttl_below => Duty::ExtendTtl,
            Phase::Open => Duty::Nothing,
        }
    }

    /// There is nothing to be had, but a close that was promised, or that we want, still has to be made.
    fn duty_without_exposure(&self, facts: &ChannelFacts) -> Duty {
        match self.phase {
            Phase::Closing {
                why: ClosingReason::AskedByBuyer | ClosingReason::DecidedBySeller,
                ..
            } if self.voucher_to_take().is_some() => {
                if facts.is_archived() {
                    Duty::RestoreThenClose
                } else {
                    Duty::Close {
                        before_ledger: facts.ledger,
                    }
                }
            }
            _ => Duty::Nothing,
        }
    }

    /// What is unsettled is much, or old.
    fn settling_is_due(&self, policy: &ChannelPolicy, now: u64) -> bool {
        let unsettled = self.unsettled(now);
        let is_old = self.unsettled_since.is_some_and(|since| {
            now.saturating_sub(since) >= policy.settle_after_seconds.saturating_mul(1_000)
        });
        !unsettled.is_zero() && (unsettled >= policy.settle_amount || is_old)
    }
}

/// Before the funder can take the rest, by the margin; at once when we close because we want it.
fn close_before(effective: Option<u32>, facts: &ChannelFacts, policy: &ChannelPolicy) -> u32 {
    let margin = policy.margin(facts.instance.refund_waiting_period);
    effective
        .map_or(facts.ledger, |effective| effective.saturating_sub(margin))
        .min(facts.live_until_ledger)
}
