//! Configures channels, and takes up those of an earlier run.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::ONE_WAY_CHANNEL_CODE;
use coinslot_mpp_channel_stellar::{ChannelPolicy, Owner};
use coinslot_payment_store::{Clock, PaymentStore, SystemClock};
use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_stellar_ledger::Ledger;
use coinslot_usdc_amount::usdc_on;
use tokio::sync::Semaphore;

use super::observer::Unobserved;
use super::refused::RefusedLately;
use super::{ChannelObserver, Channels, Keeper, Pace};
use crate::{ContractCalls, Outage};

/// Configures [`Channels`]; begins with [`Channels::builder`].
#[must_use]
pub struct ChannelsBuilder {
    ledger: Arc<dyn Ledger>,
    store: Arc<dyn PaymentStore>,
    network: StellarNetwork,
    recipient: Arc<dyn Signer>,
    token: Option<ContractId>,
    codes: Vec<[u8; 32]>,
    calls: Option<ContractCalls>,
    demands: Vec<Box<dyn FnOnce(ChannelPolicy) -> ChannelPolicy + Send>>,
    pace: Pace,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn ChannelObserver>,
}

impl ChannelsBuilder {
    pub(super) fn new(
        ledger: Arc<dyn Ledger>,
        store: Arc<dyn PaymentStore>,
        network: StellarNetwork,
        recipient: Arc<dyn Signer>,
    ) -> Self {
        Self {
            ledger,
            store,
            network,
            recipient,
            token: None,
            codes: vec![ONE_WAY_CHANNEL_CODE],
            calls: None,
            demands: Vec::new(),
            pace: Pace {
                lease: Duration::from_secs(10),
                flush_every: Duration::from_secs(1),
                watch_every: Duration::from_secs(5),
            },
            clock: Arc::new(SystemClock),
            observer: Arc::new(Unobserved),
        }
    }

    /// The token of the channels; the network's USDC unless told otherwise. With another one, the
    /// amounts of the [policy](Self::policy) are worth something else, its dust too.
    pub const fn token(mut self, token: ContractId) -> Self {
        self.token = Some(token);
        self
    }

    /// Takes channels whose contract's code has this SHA-256 too. Those with the code that comes with
    /// this workspace are always taken.
    ///
    /// With code that you have not read, a signature may be worth nothing.
    pub fn trust_code(mut self, sha256: [u8; 32]) -> Self {
        self.codes.push(sha256);
        self
    }

    /// Who pays the network's fees of settling and closing; the recipient itself unless told
    /// otherwise. The recipient authorizes them in any case.
    pub fn calls(mut self, calls: ContractCalls) -> Self {
        self.calls = Some(calls);
        self
    }

    /// Changes what is demanded of channels, and when they are settled, from the
    /// [defaults](ChannelPolicy::new). Who is paid in which token, and which code is trusted, is not
    /// changed by this.
    pub fn policy(
        mut self,
        change: impl FnOnce(ChannelPolicy) -> ChannelPolicy + Send + 'static,
    ) -> Self {
        self.demands.push(Box::new(change));
        self
    }

    /// How often the chain is looked at; every 5 seconds unless told otherwise.
    pub const fn watch_every(mut self, pause: Duration) -> Self {
        self.pace.watch_every = pause;
        self
    }

    /// How long a request stays with a process without a sign of life; 10 seconds unless told
    /// otherwise. It bounds the wait after a crash.
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.pace.lease = lease;
        self
    }

    /// Where time comes from. The computer's clock unless set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Who is told what happens.
    pub fn observer(mut self, observer: Arc<dyn ChannelObserver>) -> Self {
        self.observer = observer;
        self
    }

    /// Takes up the channels of an earlier run, and begins to watch.
    ///
    /// Needs a Tokio runtime.
    ///
    /// # Errors
    /// [`BuildChannelsError`], with a sentence that says what to do.
    pub async fn build(mut self) -> Result<Channels, BuildChannelsError> {
        if self.pace.lease < SHORTEST_LEASE {
            return Err(BuildChannelsError::Lease);
        }
        self.pace.flush_every = self.pace.flush_every.min(self.pace.lease / 4);
        let token = match self.token {
            Some(token) => token,
            None => usdc_on(self.network.chain_id().as_str())
                .and_then(|usdc| usdc.contract.parse().ok())
                .ok_or(BuildChannelsError::NoUsdc)?,
        };
        let recipient = Address::Account(self.recipient.account_id());
        let network_id = self.ledger.network().await.map_err(Outage::from)?;
        if network_id != self.network.network_id() {
            return Err(BuildChannelsError::OtherNetwork);
        }
        let mut owner = [0; 16];
        getrandom::fill(&mut owner).map_err(|_| BuildChannelsError::NoRandomness)?;
        let defaults = ChannelPolicy::new(self.codes.clone(), recipient, token);
        let changed = self
            .demands
            .into_iter()
            .fold(defaults, |policy, change| change(policy));
        let keeper = Arc::new(Keeper {
            policy: ChannelPolicy {
                wasm_hashes: self.codes,
                recipient,
                token,
                ..changed
            },
            calls: self.calls.unwrap_or_else(|| {
                ContractCalls::paid_by(
                    Arc::clone(&self.ledger),
                    &self.network,
                    Arc::clone(&self.recipient),
                )
            }),
            ledger: self.ledger,
            store: self.store,
            network: self.network,
            network_id,
            recipient: self.recipient,
            clock: self.clock,
            observer: self.observer,
            owner: Owner::from_bytes(owner),
            pace: self.pace,
            known: RwLock::new(HashMap::new()),
            refused: RefusedLately::default(),
            lookups: Semaphore::new(LOOKUPS_AT_ONCE),
            loaded_at: AtomicU64::new(0),
        });
        keeper.load().await?;
        keeper.start();
        Ok(Channels(keeper))
    }
}

impl fmt::Debug for ChannelsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelsBuilder")
            .field("network", &self.network)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Channels cannot be kept. Each sentence says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildChannelsError {
    /// USDC is not known on the network.
    #[error("no USDC is known on this network; name the channels' token with token")]
    NoUsdc,
    /// The RPC is of another network.
    #[error("the Stellar RPC is of another network than the channels; change one of them")]
    OtherNetwork,
    /// The lease is too short to be renewed.
    #[error("the lease must be at least one second")]
    Lease,
    /// The operating system gave no random number.
    #[error("the operating system gave no random number")]
    NoRandomness,
    /// The store or the RPC does not answer.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

const SHORTEST_LEASE: Duration = Duration::from_secs(1);
const LOOKUPS_AT_ONCE: usize = 8;
