//! `action: voucher`: one function for each rule, named after it.
//!
//! A voucher is used up by its amount: the same amount comes again for the same request only, and pays nothing more.
//! Whatever is refused changes nothing.

use coinslot_usdc_amount::BaseUnits;

use crate::{
    Accepted, ChannelFacts, ChannelPolicy, ChannelState, Denied, Judgement, Phase, Presented,
    Price, Refusal, Serving,
};

impl ChannelState {
    /// Judges a voucher that is to pay for a request, on the strength of what the chain last said.
    ///
    /// # Errors
    ///
    /// [`Denied`].
    pub fn judge(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<Judgement, Denied> {
        voucher_must_be_of_the_channel(self, presented, facts)?;
        Ok(match self.seen_before(presented, facts)? {
            Some(Seen::Answered) => Judgement::Again,
            Some(Seen::Abandoned(next)) => Judgement::Resume(next),
            None => Judgement::Accept(Box::new(self.accept(presented, facts, policy)?)),
        })
    }

    /// What became of this very voucher, if it is the highest one that was accepted.
    pub(crate) fn seen_before(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
    ) -> Result<Option<Seen>, Denied> {
        let Some(last) = self
            .last
            .filter(|last| last.amount() == presented.voucher.amount())
        else {
            return Ok(None);
        };
        if last.request != presented.request {
            return Err(Refusal::UsedForAnotherRequest.into());
        }
        if last.serving == Serving::Answered {
            return Ok(Some(Seen::Answered));
        }
        if let Some(left) = last.serving.left(presented.now) {
            return Err(Denied::busy(left));
        }
        // Somebody got the money back before it was ours: there is nothing to serve for.
        let now = self.observe(facts);
        if matches!(now.phase, Phase::Closed { .. }) && !now.exposure().is_zero() {
            return Err(Refusal::Closed.into());
        }
        let next = Self {
            last: Some(Accepted {
                serving: presented.lease(),
                ..last
            }),
            ..now
        };
        Ok(Some(Seen::Abandoned(Box::new(next))))
    }

    /// The state in which this voucher, which is none that was seen, is the highest.
    pub(crate) fn accept(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<Self, Denied> {
        let before = self.ready(presented, facts, policy)?;
        no_stream_must_be_running(&before, presented)?;
        let covered = before.must_pay(presented, presented.price.least(), facts)?;
        let (spent, reserved) = match presented.price {
            Price::Once(_) => (covered, BaseUnits::ZERO),
            Price::PerUnit(_) => {
                let committed = before.committed();
                (committed, before.new_money(presented))
            }
        };
        Ok(before.with_highest(presented, spent, reserved))
    }

    /// The state after what the chain says, if vouchers are taken in it.
    pub(crate) fn ready(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<Self, Denied> {
        channel_must_be_open(self)?;
        facts_must_not_be_stale(presented, facts, policy)?;
        let state = self.observe(facts);
        channel_must_be_open(&state)?;
        channel_must_not_be_archived(facts)?;
        Ok(state)
    }

    /// Whether the voucher pays so much more; what has to be covered with that in it.
    pub(crate) fn must_pay(
        &self,
        presented: &Presented<'_>,
        more: BaseUnits,
        facts: &ChannelFacts,
    ) -> Result<BaseUnits, Refusal> {
        price_must_not_be_zero(presented)?;
        amount_must_rise(self, presented)?;
        let covered = deposit_must_cover_the_price(self, more, facts)?;
        amount_must_cover_the_price(covered, presented)?;
        amount_must_not_exceed_the_deposit(presented, facts)?;
        Ok(covered)
    }

    /// What the voucher covers that nothing was paid with yet.
    pub(crate) fn new_money(&self, presented: &Presented<'_>) -> BaseUnits {
        let amount = presented.voucher.amount();
        amount
            .checked_sub(self.committed())
            .unwrap_or(BaseUnits::ZERO)
    }

    fn with_highest(
        self,
        presented: &Presented<'_>,
        spent: BaseUnits,
        reserved: BaseUnits,
    ) -> Self {
        let is_metered = matches!(presented.price, Price::PerUnit(_));
        Self {
            last: Some(Accepted {
                voucher: *presented.voucher,
                request: presented.request,
                paid: if is_metered {
                    reserved
                } else {
                    presented.price.least()
                },
                is_metered,
                closes: false,
                serving: presented.lease(),
            }),
            spent,
            reserved,
            unsettled_since: self.unsettled_since.or(Some(presented.now)),
            ..self
        }
    }
}

/// A voucher that was accepted for this request before.
pub(crate) enum Seen {
    Answered,
    /// Nobody serves it any more; the state in which we do.
    Abandoned(Box<ChannelState>),
}

impl Presented<'_> {
    pub(crate) const fn lease(&self) -> Serving {
        Serving::Leased {
            owner: self.owner,
            until: self.lease_until,
        }
    }
}

pub(crate) fn voucher_must_be_of_the_channel(
    state: &ChannelState,
    presented: &Presented<'_>,
    facts: &ChannelFacts,
) -> Result<(), Refusal> {
    let signed = presented.voucher.commitment();
    let is_ours = signed.channel == state.channel
        && signed.network == state.network
        && facts.instance.channel == state.channel;
    demand(is_ours, Refusal::AnotherChannel)
}

/// "Refused when older than a limit": a close that was started since is not known.
pub(crate) fn facts_must_not_be_stale(
    presented: &Presented<'_>,
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<(), Denied> {
    let oldest = policy.oldest_facts_millis(facts.instance.refund_waiting_period);
    if presented.now.saturating_sub(facts.read_at) <= oldest {
        Ok(())
    } else {
        Err(Denied::Stale)
    }
}

pub(crate) fn channel_must_be_open(state: &ChannelState) -> Result<(), Refusal> {
    match state.phase {
        Phase::Open => Ok(()),
        Phase::Closing { .. } => Err(Refusal::Closing),
        Phase::Closed { .. } => Err(Refusal::Closed),
    }
}

fn channel_must_not_be_archived(facts: &ChannelFacts) -> Result<(), Refusal> {
    demand(!facts.is_archived(), Refusal::Archived)
}

/// What a stream reserved is not known to be spent or not until it ends.
fn no_stream_must_be_running(
    state: &ChannelState,
    presented: &Presented<'_>,
) -> Result<(), Denied> {
    let stream = state.last.filter(|last| last.is_metered);
    match stream.and_then(|stream| stream.serving.left(presented.now)) {
        Some(left) => Err(Denied::busy(left)),
        None => Ok(()),
    }
}

fn price_must_not_be_zero(presented: &Presented<'_>) -> Result<(), Refusal> {
    demand(!presented.price.least().is_zero(), Refusal::NoPrice)
}

/// Gives what has to be covered with the price in it.
fn deposit_must_cover_the_price(
    state: &ChannelState,
    price: BaseUnits,
    facts: &ChannelFacts,
) -> Result<BaseUnits, Refusal> {
    let deposited = facts.deposited();
    state
        .committed()
        .checked_add(price)
        .filter(|covered| *covered <= deposited)
        .ok_or(Refusal::DepositUsedUp { deposited, price })
}

fn amount_must_rise(state: &ChannelState, presented: &Presented<'_>) -> Result<(), Refusal> {
    let cumulative = state.cumulative();
    demand(
        presented.voucher.amount() > cumulative,
        Refusal::NotRising { cumulative },
    )
}

fn amount_must_cover_the_price(
    required: BaseUnits,
    presented: &Presented<'_>,
) -> Result<(), Refusal> {
    let price = presented.price.least();
    demand(
        presented.voucher.amount() >= required,
        Refusal::BelowPrice { required, price },
    )
}

pub(crate) fn amount_must_not_exceed_the_deposit(
    presented: &Presented<'_>,
    facts: &ChannelFacts,
) -> Result<(), Refusal> {
    let deposited = facts.deposited();
    demand(
        presented.voucher.amount() <= deposited,
        Refusal::ExceedsDeposit { deposited },
    )
}

pub(crate) fn demand(met: bool, refusal: Refusal) -> Result<(), Refusal> {
    if met { Ok(()) } else { Err(refusal) }
}
