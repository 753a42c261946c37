//! Channels: what a recipient does about the one-way channels that pay it.
//!
//! A voucher is accepted by one durable write and no call of the RPC; what the chain says of a
//! channel is read in the background. One file for each thing that is done: `channel` takes vouchers,
//! `close` those that close it, `serving` keeps a request's lease and answer, `metered` counts what a
//! stream uses, `record` is what the store holds, `facts` what the chain says, `chain` settles and
//! closes, `watch` sees to it that every channel can always be closed.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::CommitmentVerifier;
use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelPolicy, Owner, Refusal, register};
use coinslot_mpp_wire::ProblemKind;
use coinslot_payment_store::{Clock, PaymentStore};
use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_stellar_ledger::Ledger;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::channel::Held;
use self::record::{Live, Stored};
use self::refused::RefusedLately;
use crate::{ContractCalls, Outage};

mod builder;
mod chain;
mod channel;
mod close;
mod facts;
mod metered;
mod observer;
mod record;
mod refused;
mod serving;
mod status;
mod together;
mod watch;

pub use builder::{BuildChannelsError, ChannelsBuilder};
pub use chain::{argument, invocation};
pub use channel::{Channel, Taken};
pub use close::Closed;
pub use metered::{Metered, NotCharged};
pub use observer::{ChannelEvent, ChannelObserver};
pub use serving::{Serving, Spent};
pub use status::ChannelStatus;

/// The channels that pay one recipient, on one Stellar network.
///
/// Cheap to clone. As long as one of them lives, a task watches over the channels.
#[derive(Clone)]
pub struct Channels(Arc<Keeper>);

/// What all channels have in common.
pub(crate) struct Keeper {
    ledger: Arc<dyn Ledger>,
    store: Arc<dyn PaymentStore>,
    network: StellarNetwork,
    network_id: NetworkId,
    policy: ChannelPolicy,
    /// Authorizes settling and closing.
    recipient: Arc<dyn Signer>,
    calls: ContractCalls,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn ChannelObserver>,
    /// This process, among those that share the store.
    owner: Owner,
    pace: Pace,
    known: RwLock<HashMap<ContractId, Arc<Held>>>,
    refused: RefusedLately,
    /// How many strangers' channels are looked up at once.
    lookups: Semaphore,
    /// When the records of the store were last looked through, in milliseconds since 1970.
    loaded_at: AtomicU64,
}

/// When things are done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long a request stays with this process without a sign of life.
    lease: Duration,
    /// How long an answer may wait for the next voucher before it is written by itself.
    flush_every: Duration,
    /// How often the chain is looked at.
    watch_every: Duration,
}

impl Pace {
    /// How often a lease is renewed.
    fn renewal(self) -> Duration {
        self.lease / RENEWALS_PER_LEASE
    }
}

/// A channel or a voucher is not taken.
#[derive(Clone, Debug)]
pub enum ChannelError {
    /// It is not good.
    Refused(ChannelRefusal),
    /// It could not be judged, or not be made durable. Nobody who pays is to blame.
    Unavailable(Outage),
}

/// Why a channel or a voucher is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRefusal {
    /// What it is called on the wire.
    pub kind: ProblemKind,
    /// Why, as part of a sentence: no capital at its start, no full stop at its end.
    pub why: String,
}

impl Channels {
    /// Begins with who is paid: `recipient` signs when a channel is settled or closed, and pays for
    /// it unless [`ChannelsBuilder::calls`] says who does.
    pub fn builder(
        ledger: Arc<dyn Ledger>,
        store: Arc<dyn PaymentStore>,
        network: StellarNetwork,
        recipient: impl Signer + 'static,
    ) -> ChannelsBuilder {
        ChannelsBuilder::new(ledger, store, network, Arc::new(recipient))
    }

    /// The network of the channels.
    #[must_use]
    pub fn network(&self) -> &StellarNetwork {
        &self.0.network
    }

    /// Who is paid.
    #[must_use]
    pub fn recipient(&self) -> Address {
        self.0.policy.recipient
    }

    /// In which token.
    #[must_use]
    pub fn token(&self) -> ContractId {
        self.0.policy.token
    }

    /// What is demanded of a channel.
    #[must_use]
    pub fn policy(&self) -> &ChannelPolicy {
        &self.0.policy
    }

    /// A channel that may pay, or has paid. One that is not known yet is looked up on the chain and held
    /// against the [policy](Self::policy).
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn channel(&self, id: &ContractId) -> Result<Channel, ChannelError> {
        self.0.channel(id).await
    }

    /// How the channels stand that were used since the start, or hold a voucher, and are not over.
    pub async fn statuses(&self) -> Vec<ChannelStatus> {
        let mut statuses = Vec::new();
        let mut channels = self.0.channels();
        channels.retain(|channel| channel.over_since().is_none());
        for channel in channels {
            statuses.push(channel.status().await);
        }
        statuses.sort_unstable_by_key(|status| status.channel);
        statuses
    }

    /// Writes what can wait: the answers to the last requests. Do so before a process ends.
    pub async fn flush(&self) {
        self.0.flush().await;
    }

    /// Looks at the chain now, and does what is due. A task does the same from time to time.
    ///
    /// # Errors
    /// The first [`Outage`] that was met; what could be done in spite of it was done.
    pub async fn watch(&self) -> Result<(), Outage> {
        self.0.watch().await
    }
}

impl Keeper {
    async fn channel(self: &Arc<Self>, id: &ContractId) -> Result<Channel, ChannelError> {
        if let Some(channel) = self.find(id) {
            return Ok(channel);
        }
        if let Some(refusal) = self.refused.find(id) {
            return Err(ChannelError::Refused(refusal));
        }
        let permit = timeout(LOOKUP_PATIENCE, self.lookups.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            return Err(ChannelError::Unavailable(Outage::NotSent));
        };
        // Somebody else may have looked it up meanwhile.
        if let Some(channel) = self.find(id) {
            return Ok(channel);
        }
        if let Some(refusal) = self.refused.find(id) {
            return Err(ChannelError::Refused(refusal));
        }
        let known = self.record(id).await?;
        let was_closed = known.as_ref().is_some_and(Stored::is_over);
        match self.look_up(id, known).await {
            Ok(channel) => {
                if was_closed {
                    channel.leave();
                }
                Ok(channel)
            }
            Err(ChannelError::Refused(refusal)) => {
                // The network forgets a closed channel some day.
                let refusal = if was_closed {
                    Refusal::Closed.into()
                } else {
                    refusal
                };
                self.refused.remember(*id, &refusal);
                Err(ChannelError::Refused(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a channel from the chain. One that there is a record of was taken before: it is kept
    /// whatever has become of it, and its state says whether it still pays.
    async fn look_up(
        self: &Arc<Self>,
        id: &ContractId,
        known: Option<Stored>,
    ) -> Result<Channel, ChannelError> {
        let facts = self.facts_of(id).await?;
        if let Some(stored) = known {
            return self.take_up(id, stored, facts);
        }
        let registered = register(*id, &self.network_id, &facts, &self.policy)?;
        let live = Live::first(registered.first_state());
        Ok(self.hold(id, registered.verifier().clone(), facts, live))
    }

    /// Goes on with a channel that there is a record of.
    fn take_up(
        self: &Arc<Self>,
        id: &ContractId,
        stored: Stored,
        facts: ChannelFacts,
    ) -> Result<Channel, ChannelError> {
        let verifier = self.verifier(id, &facts)?;
        let live = stored.open(&verifier)?;
        Ok(self.hold(id, verifier, facts, live))
    }

    fn hold(
        self: &Arc<Self>,
        id: &ContractId,
        verifier: CommitmentVerifier,
        facts: ChannelFacts,
        live: Live,
    ) -> Channel {
        let held = Arc::new(Held::new(*id, verifier, facts, live));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let held = Arc::clone(known.entry(*id).or_insert(held));
        Channel::of(self, held)
    }

    fn find(self: &Arc<Self>, id: &ContractId) -> Option<Channel> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(id)
            .map(|held| Channel::of(self, Arc::clone(held)))
    }

    fn channels(self: &Arc<Self>) -> Vec<Channel> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .values()
            .map(|held| Channel::of(self, Arc::clone(held)))
            .collect()
    }

    /// Forgets a channel that is over. Its record stays.
    fn forget(&self, over: &ContractId) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.remove(over);
    }

    /// Milliseconds since 1970.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_millis()).unwrap_or(0)
    }

    /// Until when a lease lasts that is given or renewed now.
    fn lease_from(&self, now: u64) -> u64 {
        now.saturating_add(u64::try_from(self.pace.lease.as_millis()).unwrap_or(u64::MAX))
    }

    fn observe(&self, event: &ChannelEvent<'_>) {
        tracing::debug!(?event, "channel");
        self.observer.on_event(event);
    }
}

impl ChannelError {
    pub(crate) fn refused(kind: ProblemKind, why: impl fmt::Display) -> Self {
        Self::Refused(ChannelRefusal {
            kind,
            why: why.to_string(),
        })
    }
}

impl From<coinslot_mpp_channel_stellar::ChannelRefusal> for ChannelError {
    fn from(refusal: coinslot_mpp_channel_stellar::ChannelRefusal) -> Self {
        Self::refused(refusal.kind(), refusal)
    }
}

impl From<Refusal> for ChannelRefusal {
    fn from(refusal: Refusal) -> Self {
        Self {
            kind: refusal.kind(),
            why: refusal.to_string(),
        }
    }
}

impl From<Refusal> for ChannelError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Outage> for ChannelError {
    fn from(outage: Outage) -> Self {
        Self::Unavailable(outage)
    }
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channels")
            .field("network", &self.0.network)
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

const RENEWALS_PER_LEASE: u32 = 3;

/// How long a stranger's channel waits to be looked up.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(5);
