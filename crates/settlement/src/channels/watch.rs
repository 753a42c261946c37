//! Seeing to it that every channel can always be closed: what the chain says, and what is due.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use coinslot_mpp_channel_stellar::{ChannelFacts, ClosingReason, Duty, Phase};
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{EventsFrom, LedgerError, MAX_EVENT_CONTRACTS};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Channel, ChannelEvent, Keeper};
use crate::Outage;

impl Keeper {
    /// Watches, and writes what was left to be written, for as long as anybody uses the channels.
    pub(super) fn start(self: &Arc<Self>) {
        tokio::spawn(every(
            Arc::downgrade(self),
            self.pace.watch_every,
            async |keeper| {
                if let Err(outage) = keeper.watch().await {
                    tracing::warn!(error = %outage, "the channels could not be watched");
                }
            },
        ));
        tokio::spawn(every(
            Arc::downgrade(self),
            self.pace.flush_every,
            async |keeper| keeper.flush().await,
        ));
    }

    /// Looks at the chain, and does what is due, whatever of it cannot be asked just now.
    pub(super) async fn watch(self: &Arc<Self>) -> Result<(), Outage> {
        let mut first = self.load().await.err();
        let channels = self.attended();
        let touched = match self.touched(&channels).await {
            Ok(touched) => touched,
            Err(outage) => {
                first = first.or(Some(outage));
                channels.iter().map(Channel::id).collect()
            }
        };
        let old = self.now().saturating_sub(self.refresh_after());
        let stale: Vec<&Channel> = channels
            .iter()
            .filter(|channel| touched.contains(&channel.id()) || channel.facts().read_at <= old)
            .collect();
        let ids: Vec<ContractId> = stale.iter().map(|channel| channel.id()).collect();
        match self.read(&ids).await {
            Ok(read) => {
                for (channel, facts) in stale.into_iter().zip(read) {
                    match facts {
                        Ok(facts) => channel.learn(facts),
                        Err(cause) => {
                            tracing::error!(channel = %channel.id(), %cause, "a channel cannot be read");
                        }
                    }
                }
            }
            Err(outage) => first = first.or(Some(outage)),
        }
        let attended = self.attend(channels).await.err();
        first.or(attended).map_or(Ok(()), Err)
    }

    /// The channels that something may be due for. One that is over is forgotten after a while: until
    /// then what was paid for with its last voucher is answered again.
    fn attended(self: &Arc<Self>) -> Vec<Channel> {
        let mut channels = self.channels();
        channels.retain(|channel| match channel.over_since() {
            None => true,
            Some(since) => {
                if self.now().saturating_sub(since) >= REMEMBERED && !channel.is_used() {
                    self.forget(&channel.id());
                }
                false
            }
        });
        channels
    }

    /// Does for each channel what is due, for all of them at once: none waits for another one's
    /// buyer. What takes long goes on while the next look is taken.
    async fn attend(self: &Arc<Self>, channels: Vec<Channel>) -> Result<(), Outage> {
        let at_once = Arc::new(Semaphore::new(CALLS_AT_ONCE));
        let tasks: Vec<_> = channels
            .into_iter()
            .map(|channel| {
                let at_once = Arc::clone(&at_once);
                tokio::spawn(async move {
                    let done = channel.attend(&at_once).await;
                    if let Err(outage) = &done {
                        channel.keeper.observe(&ChannelEvent::Failed {
                            channel: channel.id(),
                            outage,
                        });
                    }
                    done
                })
            })
            .collect();
        let deadline = Instant::now() + LONGEST_ROUND;
        let mut first = None;
        for task in tasks {
            if let Ok(Ok(Err(outage))) = timeout_at(deadline, task).await {
                first = first.or(Some(outage));
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// The channels that something happened to since the last look. What happened, their state says.
    async fn touched(&self, channels: &[Channel]) -> Result<HashSet<ContractId>, Outage> {
        let mut touched = HashSet::new();
        let ids: Vec<ContractId> = channels.iter().map(Channel::id).collect();
        // So many are looked at one by one, by their age.
        if ids.is_empty() || ids.len() > MOST_BY_EVENTS {
            return Ok(touched);
        }
        let cursor = self.cursor().await?;
        let version = cursor.map(|(version, _)| version);
        let latest = self.ledger.latest_ledger().await?.sequence;
        let Some((_, seen)) = cursor else {
            touched.extend(ids);
            self.set_cursor(version, latest).await?;
            return Ok(touched);
        };
        for contracts in ids.chunks(MAX_EVENT_CONTRACTS) {
            let mut from = EventsFrom::Ledger(seen.min(latest));
            loop {
                let page = match self.ledger.events(contracts, &from).await {
                    Ok(page) => page,
                    // The node has forgotten so much: look at all of them.
                    Err(LedgerError::OutOfRange { .. }) => {
                        touched.extend(contracts);
                        break;
                    }
                    Err(error) => return Err(error.into()),
                };
                touched.extend(page.events.iter().map(|event| event.contract));
                match page.cursor {
                    Some(cursor) if !page.is_last => from = EventsFrom::Cursor(cursor),
                    _ => break,
                }
            }
        }
        self.set_cursor(version, latest).await?;
        Ok(touched)
    }

    /// Takes up the channels that there are records of: of an earlier run, or of another process.
    pub(super) async fn load(self: &Arc<Self>) -> Result<(), Outage> {
        let (now, loaded_at) = (self.now(), self.loaded_at.load(Ordering::Relaxed));
        if loaded_at > 0 && now.saturating_sub(loaded_at) < LOAD_EVERY {
            return Ok(());
        }
        let mut after: Option<String> = None;
        loop {
            let page = self.recorded(after.as_deref()).await?;
            let Some((last, _)) = page.last() else {
                self.loaded_at.store(now, Ordering::Relaxed);
                return Ok(());
            };
            after = Some(last.clone());
            let unknown: Vec<_> = page
                .into_iter()
                .filter(|(_, stored)| !stored.is_over())
                .filter_map(|(key, stored)| Some((key.parse().ok()?, stored)))
                .filter(|(id, _)| self.find(id).is_none())
                .collect();
            let ids: Vec<ContractId> = unknown.iter().map(|(id, _)| *id).collect();
            let read = self.read(&ids).await?;
            for ((id, stored), facts) in unknown.into_iter().zip(read) {
                let taken = match facts {
                    Ok(facts) => self
                        .take_up(&id, stored, facts)
                        .map_err(|error| format!("{error:?}")),
                    Err(cause) => Err(cause.to_string()),
                };
                if let Err(cause) = taken {
                    tracing::error!(channel = %id, cause, "a channel cannot be taken up");
                    self.observe(&ChannelEvent::Failed {
                        channel: id,
                        outage: &Outage::UnreadableRecord,
                    });
                }
            }
        }
    }

    /// Writes the answers that no further voucher has overtaken.
    pub(super) async fn flush(self: &Arc<Self>) {
        for channel in self.channels() {
            // Whoever holds it now writes it, or leaves it to the next round.
            let Some(mut live) = channel.live_now().filter(|live| live.unwritten) else {
                continue;
            };
            let state = live.state.clone();
            if let Err(outage) = channel.write(&mut live, state).await {
                tracing::warn!(error = %outage, channel = %channel.id(), "an answer was not written");
            }
        }
    }

    /// How old, in milliseconds, what is known of a channel becomes before it is read again.
    fn refresh_after(&self) -> u64 {
        let watch = u64::try_from(self.pace.watch_every.as_millis()).unwrap_or(u64::MAX);
        let oldest = self.policy.oldest_facts_seconds.saturating_mul(1_000);
        (oldest / 3).max(watch)
    }
}

impl Channel {
    async fn duty(&self) -> Duty {
        let facts = self.facts();
        let live = self.live().await;
        live.state
            .duty(&facts, &self.keeper.policy, self.keeper.now())
    }

    async fn attend(&self, at_once: &Semaphore) -> Result<(), Outage> {
        self.take_note().await?;
        match self.duty().await {
            Duty::Nothing => Ok(()),
            Duty::Closed => {
                self.leave();
                Ok(())
            }
            Duty::Lost { amount } => {
                self.keeper.observe(&ChannelEvent::Lost {
                    channel: self.id(),
                    amount,
                });
                self.leave();
                Ok(())
            }
            // An earlier round is at it.
            _ if self.held.calling.try_lock().is_err() => Ok(()),
            duty => {
                let _permit = at_once.acquire().await;
                self.fulfil(duty).await
            }
        }
    }

    async fn fulfil(&self, duty: Duty) -> Result<(), Outage> {
        match duty {
            Duty::Settle => drop(self.settle().await?),
            Duty::Close { .. } => drop(self.close_on_chain().await?),
            Duty::RestoreThenClose => {
                let keys = self.keeper.keys_of(&self.facts())?;
                self.keeper.calls.restore(&keys).await?;
                self.see().await?;
                drop(self.close().await?);
            }
            Duty::ExtendTtl => {
                let keys = self.keeper.keys_of(&self.facts())?;
                let ledgers = self.keeper.policy.extend_ttl_to;
                self.keeper.calls.extend_ttl(&keys, ledgers).await?;
                self.see().await?;
                self.keeper
                    .observe(&ChannelEvent::Extended { channel: self.id() });
            }
            Duty::Nothing | Duty::Lost { .. } | Duty::Closed => {}
        }
        Ok(())
    }
}

/// Whether a channel has just been seen to be closed by its funder.
pub(super) fn disputed(before: Phase, after: Phase, facts: &ChannelFacts) -> Option<u32> {
    match (before, after) {
        (
            Phase::Open,
            Phase::Closing {
                why: ClosingReason::SeenOnChain,
                ..
            },
        ) => facts.close_effective_at_ledger(),
        _ => None,
    }
}

/// Does `work` again and again, until the keeper is gone.
async fn every(keeper: Weak<Keeper>, pause: Duration, work: impl AsyncFn(&Arc<Keeper>)) {
    loop {
        sleep(pause).await;
        let Some(keeper) = keeper.upgrade() else {
            return;
        };
        work(&keeper).await;
    }
}

/// How long a channel that is over is kept in memory, in milliseconds.
const REMEMBERED: u64 = 3_600_000;
const CALLS_AT_ONCE: usize = 4;
const LONGEST_ROUND: Duration = Duration::from_secs(10);
/// How often the records of other processes are looked for, in milliseconds.
const LOAD_EVERY: u64 = 60_000;
/// Ten calls of the RPC.
const MOST_BY_EVENTS: usize = 10 * MAX_EVENT_CONTRACTS;
