//! `action: close`: one function for each rule, named after it. Every branch checks everything anew.

use coinslot_usdc_amount::BaseUnits;

use crate::voucher::{
    Seen, amount_must_not_exceed_the_deposit, channel_must_be_open, demand,
    facts_must_not_be_stale, voucher_must_be_of_the_channel,
};
use crate::{
    Accepted, ChannelFacts, ChannelPolicy, ChannelState, CloseJudgement, ClosingReason, Denied,
    Phase, Presented, Price, Refusal,
};

impl ChannelState {
    /// Judges a voucher that is to close the channel: with an amount between what was spent and the highest one, it
    /// closes with exactly that and serves nothing; with one above, it pays for the request too.
    ///
    /// # Errors
    ///
    /// [`Denied`].
    pub fn judge_close(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<CloseJudgement, Denied> {
        voucher_must_be_of_the_channel(self, presented, facts)?;
        match self.close_with {
            Some(asked) if asked.amount() == presented.voucher.amount() => {
                self.close_again(presented, facts)
            }
            _ => self.close_first(presented, facts, policy),
        }
    }

    /// The buyer asked for this very close before.
    fn close_again(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
    ) -> Result<CloseJudgement, Denied> {
        let paid_too = self
            .last
            .is_some_and(|last| last.closes && last.request == presented.request);
        if paid_too && let Some(seen) = self.seen_before(presented, facts)? {
            return Ok(match seen {
                Seen::Abandoned(next) => CloseJudgement::Resume(next),
                Seen::Answered => CloseJudgement::Again,
            });
        }
        let now = self.observe(facts);
        match now.phase {
            Phase::Closed { .. } if now.exposure().is_zero() => Ok(CloseJudgement::Closed),
            Phase::Closed { .. } => Err(Refusal::Closed.into()),
            Phase::Open | Phase::Closing { .. } => Ok(CloseJudgement::Close(Box::new(now))),
        }
    }

    fn close_first(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<CloseJudgement, Denied> {
        let serves = presented.voucher.amount() > self.observe(facts).cumulative();
        let state = if serves {
            close_must_not_begin_a_stream(presented)?;
            let state = self.accept(presented, facts, policy)?;
            let last = state.last.map(|last| Accepted {
                closes: true,
                ..last
            });
            Self { last, ..state }
        } else {
            channel_must_be_open(self)?;
            facts_must_not_be_stale(presented, facts, policy)?;
            let state = self.observe(facts);
            channel_must_be_open(&state)?;
            amount_must_cover_what_was_spent(&state, presented)?;
            amount_must_not_be_below_what_was_withdrawn(&state, presented)?;
            amount_must_not_exceed_the_deposit(presented, facts)?;
            state
        };
        let next = Box::new(Self {
            close_with: Some(*presented.voucher),
            ..state.closing(ClosingReason::AskedByBuyer, presented.now)
        });
        Ok(if serves {
            CloseJudgement::ServeAndClose(next)
        } else {
            CloseJudgement::Close(next)
        })
    }
}

/// What a stream does not use of its reserve is the buyer's, which is known when it has ended.
fn close_must_not_begin_a_stream(presented: &Presented<'_>) -> Result<(), Refusal> {
    let begins = matches!(presented.price, Price::PerUnit(_));
    demand(!begins, Refusal::ClosesWithStream)
}

/// What is reserved for a stream counts until the stream has ended.
fn amount_must_cover_what_was_spent(
    state: &ChannelState,
    presented: &Presented<'_>,
) -> Result<(), Refusal> {
    let spent: BaseUnits = state.committed();
    demand(
        presented.voucher.amount() >= spent,
        Refusal::BelowSpent { spent },
    )
}

fn amount_must_not_be_below_what_was_withdrawn(
    state: &ChannelState,
    presented: &Presented<'_>,
) -> Result<(), Refusal> {
    let withdrawn = state.withdrawn;
    demand(
        presented.voucher.amount() >= withdrawn,
        Refusal::BelowWithdrawn { withdrawn },
    )
}
