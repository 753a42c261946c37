//! A request that a voucher paid for, while it is served.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use coinslot_mpp_channel_stellar::ChannelState;
use coinslot_usdc_amount::BaseUnits;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Channel;
use super::record::Kept;

/// Leave to serve one request. As long as it is [held](Self::during), no other process serves it.
pub struct Serving {
    channel: Channel,
    amount: BaseUnits,
    spent: Spent,
    /// As long as it is there, this process serves the request.
    _here: Arc<()>,
}

/// How far a channel is used, in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The amount of the highest voucher.
    pub accepted: BaseUnits,
    /// What was paid for with it.
    pub spent: BaseUnits,
}

impl Spent {
    pub(super) fn of(state: &ChannelState) -> Self {
        Self {
            accepted: state.cumulative(),
            spent: state.spent(),
        }
    }
}

impl Serving {
    pub(super) const fn new(
        channel: Channel,
        amount: BaseUnits,
        spent: Spent,
        here: Arc<()>,
    ) -> Self {
        Self {
            channel,
            amount,
            spent,
            _here: here,
        }
    }

    /// How far the channel was used when the voucher was accepted.
    #[must_use]
    pub const fn spent(&self) -> Spent {
        self.spent
    }

    /// Does `work`, and says from time to time that it goes on.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let pace = self.channel.keeper.pace.renewal();
        let mut ticks = interval_at(Instant::now() + pace, pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                _ = ticks.tick() => self.renew().await,
            }
        }
    }

    /// The request is served: the same voucher for it gets this answer from now on.
    ///
    /// The answer is written when the channel rests, or when somebody asks for it in this process;
    /// never if the next voucher comes first.
    pub async fn finish(self, answer: impl Fn() -> Vec<u8> + Send + Sync + 'static) {
        let keeper = &self.channel.keeper;
        let mut live = self.channel.live().await;
        if let Some(next) = live.state.answered(self.amount, keeper.owner) {
            live.state = next;
            live.unwritten = true;
            live.kept = Some(Kept {
                amount: self.amount,
                answer: Box::new(answer),
            });
        }
    }

    async fn renew(&self) {
        let keeper = &self.channel.keeper;
        let mut live = self.channel.live().await;
        let until = keeper.lease_from(keeper.now());
        let Some(next) = live.state.renewed(self.amount, keeper.owner, until) else {
            return;
        };
        if let Err(error) = self.channel.write(&mut live, next).await {
            tracing::warn!(channel = %self.channel.id(), %error, "lease not renewed");
        }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("channel", &self.channel.id())
            .field("spent", &self.spent)
            .finish_non_exhaustive()
    }
}
