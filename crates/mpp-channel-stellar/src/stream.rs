//! An answer that is paid for as it is produced.
//!
//! A voucher reserves all that it covers, and that is what is durable. Units are charged to the reserve in memory; when
//! it is used up a further voucher adds to it. At the end the units become what was spent, and the rest is the buyer's
//! again. When the end never comes, all of the reserve counts as spent.

use coinslot_usdc_amount::BaseUnits;

use crate::voucher::voucher_must_be_of_the_channel;
use crate::{
    Accepted, ChannelFacts, ChannelPolicy, ChannelState, Denied, Owner, Presented, Refusal,
    RequestFingerprint, Serving,
};

/// What a stream has used of its reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    request: RequestFingerprint,
    owner: Owner,
    unit_price: BaseUnits,
    before: BaseUnits,
    reserve: BaseUnits,
    used: BaseUnits,
}

/// The reserve of a stream is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedVoucher {
    /// The least cumulative amount of the voucher that pays for what comes next.
    pub required: BaseUnits,
    /// The cumulative amount of the highest voucher.
    pub accepted: BaseUnits,
    /// How much was deposited: no voucher above it is taken.
    pub deposited: BaseUnits,
}

impl ChannelState {
    /// The meter of the stream that this process has just begun to serve, or has resumed; nothing when it serves none.
    #[must_use]
    pub fn meter(&self, owner: Owner, unit_price: BaseUnits) -> Option<Meter> {
        let stream = self.stream_of(owner)?;
        Some(Meter {
            request: stream.request,
            owner,
            unit_price,
            before: self.spent,
            reserve: self.reserved,
            used: BaseUnits::ZERO,
        })
    }

    /// Judges a voucher that adds to the reserve of a stream: one for the stream's request that pays for at least one
    /// unit more. The state that it gives is written, and whoever serves the stream goes on; nothing comes out for a
    /// voucher that was accepted before.
    ///
    /// # Errors
    ///
    /// [`Denied`].
    pub fn judge_top_up(
        &self,
        presented: &Presented<'_>,
        facts: &ChannelFacts,
        policy: &ChannelPolicy,
    ) -> Result<Option<Self>, Denied> {
        voucher_must_be_of_the_channel(self, presented, facts)?;
        let stream = stream_must_be_running(self, presented)?;
        if stream.amount() == presented.voucher.amount() {
            return Ok(None);
        }
        let before = self.ready(presented, facts, policy)?;
        before.must_pay(presented, before.one_more_unit(presented), facts)?;
        let added = before.new_money(presented);
        let overflow = || Refusal::ExceedsDeposit {
            deposited: facts.deposited(),
        };
        Ok(Some(Self {
            last: Some(Accepted {
                voucher: *presented.voucher,
                paid: stream.paid.checked_add(added).ok_or_else(overflow)?,
                ..stream
            }),
            reserved: before.reserved.checked_add(added).ok_or_else(overflow)?,
            ..before
        }))
    }

    /// The same once the stream has ended; nothing when another voucher has overtaken it, or another process serves it:
    /// then all that was reserved is spent.
    #[must_use]
    pub fn finish(&self, meter: &Meter) -> Option<Self> {
        let stream = self
            .stream_of(meter.owner)
            .filter(|stream| stream.request == meter.request)?;
        Some(Self {
            last: Some(Accepted {
                serving: Serving::Answered,
                ..stream
            }),
            spent: self.spent.checked_add(meter.used.min(self.reserved))?,
            reserved: BaseUnits::ZERO,
            ..self.clone()
        })
    }

    /// What is missing to one unit more: the price of a unit without what the reserve holds beyond whole units.
    fn one_more_unit(&self, presented: &Presented<'_>) -> BaseUnits {
        let price = presented.price.least();
        let beyond = self.reserved.as_u128().checked_rem(price.as_u128());
        let beyond = beyond.and_then(|beyond| BaseUnits::new(beyond).ok());
        beyond
            .and_then(|beyond| price.checked_sub(beyond))
            .unwrap_or(price)
    }

    fn stream_of(&self, owner: Owner) -> Option<Accepted> {
        self.last
            .filter(|last| last.is_metered && last.serving.is_by(owner))
    }
}

impl Meter {
    /// Takes the price of so many units from the reserve, all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`NeedVoucher`] when the reserve does not cover it. `deposited` is what the channel's facts say.
    pub fn charge(&mut self, units: u64, deposited: BaseUnits) -> Result<(), NeedVoucher> {
        let used = self
            .unit_price
            .checked_mul(units)
            .and_then(|price| self.used.checked_add(price));
        match used {
            Some(used) if used <= self.reserve => {
                self.used = used;
                Ok(())
            }
            _ => Err(NeedVoucher {
                required: used
                    .and_then(|used| self.before.checked_add(used))
                    .unwrap_or(BaseUnits::MAX),
                accepted: self
                    .before
                    .checked_add(self.reserve)
                    .unwrap_or(BaseUnits::MAX),
                deposited,
            }),
        }
    }

    /// Takes over what a further voucher has added; whether the stream is still ours.
    #[must_use]
    pub fn top_up(&mut self, state: &ChannelState) -> bool {
        let stream = state
            .stream_of(self.owner)
            .filter(|stream| stream.request == self.request);
        if stream.is_some() {
            self.reserve = self.reserve.max(state.reserved);
        }
        stream.is_some()
    }

    /// What was charged so far.
    #[must_use]
    pub const fn used(&self) -> BaseUnits {
        self.used
    }

    /// What may be charged in all.
    #[must_use]
    pub const fn reserve(&self) -> BaseUnits {
        self.reserve
    }
}

fn stream_must_be_running(
    state: &ChannelState,
    presented: &Presented<'_>,
) -> Result<Accepted, Refusal> {
    state
        .last
        .filter(|last| last.request == presented.request && state.has_a_stream(presented.now))
        .ok_or(Refusal::NoStream)
}
