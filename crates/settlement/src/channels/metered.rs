//! An answer that is paid for as it is produced, while this process serves it.
//!
//! Its voucher has reserved what it covers, and that is durable. What is charged to the reserve is
//! counted in memory; at the end it becomes what was spent, by one more write.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use coinslot_channel_commitment::Voucher;
use coinslot_mpp_channel_stellar::{
    Accepted, Meter, NeedVoucher, Phase, Price, Refusal, Serving as Served,
};
use coinslot_usdc_amount::BaseUnits;
use tokio::time::Instant;

use super::channel::Verdict;
use super::record::{Kept, Live};
use super::{Channel, ChannelError, Spent};
use crate::Outage;

/// Leave to serve an answer that is paid for as it is produced. It lasts as long as it is
/// [renewed](Self::renew), and until it is [finished](Self::finish).
pub struct Metered {
    channel: Channel,
    unit_price: BaseUnits,
    request: [u8; 32],
    /// Which of the streams that this process has served on the channel.
    nth: u64,
    /// As long as it is there, this process serves the request.
    _here: Arc<()>,
    /// Until when nobody else can serve it, in milliseconds since 1970.
    until: AtomicU64,
    tally: Mutex<Tally>,
}

/// What was charged so far.
struct Tally {
    meter: Meter,
    units: u64,
    has_ended: bool,
}

/// Why nothing was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCharged {
    /// What the vouchers reserve is used up.
    #[error("what the vouchers reserve is used up")]
    NeedVoucher(NeedVoucher),
    /// It has ended.
    #[error("the stream has ended")]
    Ended,
    /// It could not be renewed in time: another process may serve it by now.
    #[error("the stream could not be renewed in time")]
    Lost,
}

impl Metered {
    pub(super) fn new(
        channel: Channel,
        live: &Live,
        price: Price,
        request: [u8; 32],
        here: Arc<()>,
    ) -> Option<Self> {
        let unit_price = price.least();
        let meter = live.state.meter(channel.keeper.owner, unit_price)?;
        let until = live.state.last().map_or(0, leased_until);
        Some(Self {
            channel,
            unit_price,
            request,
            nth: live.streams,
            _here: here,
            until: AtomicU64::new(until),
            tally: Mutex::new(Tally {
                meter,
                units: 0,
                has_ended: false,
            }),
        })
    }

    /// The channel that pays.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// How often to renew it.
    #[must_use]
    pub fn pace(&self) -> Duration {
        self.channel.keeper.pace.renewal()
    }

    /// How many units were charged.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.tally().units
    }

    /// Charges so many units, all of them or none.
    ///
    /// # Errors
    /// [`NotCharged`].
    pub fn charge(&self, units: u64) -> Result<(), NotCharged> {
        if self.is_lost() {
            return Err(NotCharged::Lost);
        }
        let deposited = self.channel.facts().deposited();
        let mut tally = self.tally();
        if tally.has_ended {
            return Err(NotCharged::Ended);
        }
        tally
            .meter
            .charge(units, deposited)
            .map_err(NotCharged::NeedVoucher)?;
        tally.units = tally.units.saturating_add(units);
        Ok(())
    }

    /// Adds what a further voucher covers: it is durable when this answers. The same voucher again
    /// adds nothing.
    ///
    /// # Errors
    /// [`ChannelError`]; the voucher is then as good as it was.
    pub async fn top_up(&self, voucher: Voucher) -> Result<Spent, ChannelError> {
        let came_at = Instant::now();
        let channel = &self.channel;
        let voucher = channel.verify(voucher)?;
        let live = loop {
            let judged = channel.judged(came_at, |live, facts| {
                if !self.is_in(live) {
                    return Err(Refusal::NoStream.into());
                }
                let price = Price::PerUnit(self.unit_price);
                let presented = channel.presented(&voucher, price, self.request);
                live.state
                    .judge_top_up(&presented, facts, &channel.keeper.policy)
            });
            let Verdict::Passed(mut live, next) = judged.await? else {
                return Err(Refusal::NoStream.into());
            };
            match next {
                None => break live,
                Some(next) => {
                    if channel.write(&mut live, next).await? {
                        break live;
                    }
                }
            }
        };
        let mut tally = self.tally();
        if tally.has_ended || !tally.meter.top_up(&live.state) {
            return Err(Refusal::NoStream.into());
        }
        Ok(spent_so_far(&live, &tally))
    }

    /// Keeps it with this process; whether vouchers are still taken for it.
    ///
    /// # Errors
    /// [`Outage`]. What was renewed before lasts its time.
    pub async fn renew(&self) -> Result<bool, Outage> {
        let keeper = &self.channel.keeper;
        let mut live = self.channel.live().await;
        loop {
            self.channel.be_sure(&mut live).await?;
            let Some(last) = live.state.last().filter(|_| self.is_in(&live)) else {
                return Ok(false);
            };
            let until = keeper.lease_from(keeper.now());
            let Some(next) = live.state.renewed(last.amount(), keeper.owner, until) else {
                return Ok(false);
            };
            if self.channel.write(&mut live, next).await? {
                self.until.store(until, Ordering::Release);
                let seen = live.state.observe(&self.channel.facts());
                return Ok(seen.phase() == Phase::Open);
            }
        }
    }

    /// Ends it: nothing is charged any more, and what was reserved and not charged is the buyer's
    /// again. That is durable when this answers how far the channel is used; `answer` is what the
    /// same voucher gets from now on.
    ///
    /// Nothing is answered when another process has taken it over: all that was reserved is spent.
    ///
    /// # Errors
    /// [`Outage`]; it may be tried again.
    pub async fn finish(&self, answer: impl Fn(Spent) -> Vec<u8>) -> Result<Option<Spent>, Outage> {
        let mut live = self.channel.live().await;
        loop {
            self.channel.be_sure(&mut live).await?;
            let next = {
                let mut tally = self.tally();
                tally.has_ended = true;
                live.state
                    .finish(&tally.meter)
                    .filter(|_| self.is_in(&live))
            };
            let Some(next) = next else {
                return Ok(None);
            };
            let spent = Spent::of(&next);
            let answer = answer(spent);
            live.kept = next.last().map(|last| Kept {
                amount: last.amount(),
                answer: Box::new(move || answer.clone()),
            });
            if self.channel.write(&mut live, next).await? {
                return Ok(Some(spent));
            }
        }
    }

    /// Whether another process may have taken it over.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.channel.keeper.now() >= self.until.load(Ordering::Acquire)
    }

    /// Whether it is the stream that is being served, as far as this process knows.
    fn is_in(&self, live: &Live) -> bool {
        live.streams == self.nth
            && live
                .state
                .meter(self.channel.keeper.owner, self.unit_price)
                .is_some()
            && live
                .state
                .last()
                .is_some_and(|last| *last.request().as_bytes() == self.request)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    /// For how many more seconds another process holds a stream that this channel pays, at most;
    /// asked by whoever holds a voucher of it.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn streams_elsewhere(&self, voucher: Voucher) -> Result<Option<u64>, ChannelError> {
        self.verify(voucher)?;
        let Some(stored) = self.keeper.record(&self.id()).await? else {
            return Ok(None);
        };
        let state = stored.open(self.verifier())?.state;
        let theirs = state.last().filter(|last| {
            last.is_metered() && state.meter(self.keeper.owner, BaseUnits::ZERO).is_none()
        });
        let left = theirs.and_then(|last| leased_until(last).checked_sub(self.keeper.now()));
        Ok(left.map(|left| left.div_ceil(1_000)))
    }
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered")
            .field("channel", &self.channel.id())
            .field("units", &self.units())
            .finish_non_exhaustive()
    }
}

fn spent_so_far(live: &Live, tally: &Tally) -> Spent {
    let before = Spent::of(&live.state);
    Spent {
        spent: before
            .spent
            .checked_add(tally.meter.used())
            .unwrap_or(before.accepted),
        ..before
    }
}

fn leased_until(last: &Accepted) -> u64 {
    match last.serving() {
        Served::Answered => 0,
        Served::Leased { until, .. } => until,
    }
}
