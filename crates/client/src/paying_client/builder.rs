//! Building a paying client: signer, budget, store, then what has a default.

use core::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::Mode;
use coinslot_payment_store::{Clock, PaymentStore, SystemClock};
use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{Ledger, RpcLedger, RpcOptions};
use reqwest::redirect;
use reqwest_middleware::ClientBuilder;
use tokio::sync::{Mutex, OnceCell};

use super::build_error::BuildClientError;
use crate::address_guard::{Destinations, GuardedResolver};
use crate::budget::{Budget, Hosts};
use crate::channel::{ChannelFunds, ChannelFundsError, Channels};
use crate::engine::Engine;
use crate::event::PaymentEvent;
use crate::journal::Journal;
use crate::middleware::PaymentMiddleware;
use crate::patience::Patience;
use crate::paying_client::PayingClient;
use crate::policy::Policy;
use crate::preference::{ChannelUse, Preference};
use crate::spending::Spending;
use crate::terms::Protocol;
use crate::turns::Turns;

/// A client that lacks its budget.
#[must_use]
pub struct NeedsBudget {
    signer: Arc<dyn Signer>,
}

impl NeedsBudget {
    pub(super) fn new(signer: Arc<dyn Signer>) -> Self {
        Self { signer }
    }

    /// What the client may spend.
    pub fn budget(self, budget: Budget) -> NeedsStore {
        NeedsStore {
            signer: self.signer,
            budget,
        }
    }
}

impl fmt::Debug for NeedsBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedsBudget").finish_non_exhaustive()
    }
}

/// A client that lacks its store.
#[must_use]
pub struct NeedsStore {
    signer: Arc<dyn Signer>,
    budget: Budget,
}

impl NeedsStore {
    /// Where what is spent and what is open is kept. Clients with the same store share their caps.
    pub fn store(self, store: Arc<dyn PaymentStore>) -> PayingClientBuilder {
        PayingClientBuilder {
            signer: self.signer,
            destinations: match self.budget.hosts {
                Hosts::Any => Destinations::PublicOnly,
                Hosts::Only(_) => Destinations::Anywhere,
            },
            budget: self.budget,
            store,
            network: StellarNetwork::Testnet,
            usdc: None,
            ledger: None,
            clock: Arc::new(SystemClock),
            patience: Patience::default(),
            preference: Preference::default(),
            hook: None,
            configure: None,
            channels: Vec::new(),
            reserve_units: RESERVE_UNITS,
        }
    }
}

impl fmt::Debug for NeedsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedsStore")
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// A client that can be built.
#[must_use]
pub struct PayingClientBuilder {
    signer: Arc<dyn Signer>,
    budget: Budget,
    store: Arc<dyn PaymentStore>,
    network: StellarNetwork,
    usdc: Option<ContractId>,
    ledger: Option<Arc<dyn Ledger>>,
    clock: Arc<dyn Clock>,
    patience: Patience,
    destinations: Destinations,
    preference: Preference,
    hook: Option<Box<crate::event::EventHook>>,
    configure: Option<Configure>,
    channels: Vec<ChannelFunds>,
    reserve_units: NonZeroU32,
}

type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl PayingClientBuilder {
    /// The network to pay on: the test network, unless this says otherwise.
    pub fn network(mut self, network: StellarNetwork) -> Self {
        self.network = network;
        self
    }

    /// The Stellar RPC of that network; its public one by default, where there is one.
    pub fn rpc(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// The contract of USDC on a network that is not generally known.
    pub fn usdc_contract(mut self, contract: ContractId) -> Self {
        self.usdc = Some(contract);
        self
    }

    /// Which addresses to connect to. By default anywhere when the budget lists its hosts, and public addresses
    /// only when it allows any host.
    pub fn destinations(mut self, destinations: Destinations) -> Self {
        self.destinations = destinations;
        self
    }

    /// Which protocol is preferred where a seller offers both at the same price: x402, unless this says otherwise.
    ///
    /// A payment for which somebody else pays the network's fees goes before one that costs fees.
    pub fn prefer(mut self, protocol: Protocol) -> Self {
        self.preference.first = protocol;
        self
    }

    /// Pays by this protocol only.
    pub fn only(mut self, protocol: Protocol) -> Self {
        self.preference.first = protocol;
        self.preference.only = true;
        self
    }

    /// How a charge of MPP may be made, best first: of these, the first that the seller takes. By default
    /// [`Mode::Pull`] only.
    pub fn charge_modes(mut self, modes: impl IntoIterator<Item = Mode>) -> Self {
        self.preference.modes = modes.into_iter().collect();
        self
    }

    /// Also pays from this channel, at its hosts. There can be several, also for one host: a request takes a free one.
    pub fn channel(mut self, funds: ChannelFunds) -> Self {
        self.channels.push(funds);
        self
    }

    /// When a channel pays where a seller takes other payments too: [`ChannelUse::First`], unless this says otherwise.
    pub fn channel_use(mut self, channels: ChannelUse) -> Self {
        self.preference.channels = channels;
        self
    }

    /// How many units of an answer that is paid for as it is produced are reserved at once: 10, unless this says otherwise.
    /// It is what its seller is trusted with, and what its dearest event may cost.
    pub fn reserve_units(mut self, units: NonZeroU32) -> Self {
        self.reserve_units = units;
        self
    }

    /// How long the same payment is sent again.
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Called at every step of every payment, on the task that pays.
    pub fn on_event(mut self, hook: impl Fn(&PaymentEvent) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// The clock for the rolling windows, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Adds to the inner client: root certificates, timeouts, headers. Redirects, proxies and the resolver are set
    /// after it.
    pub fn configure(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.configure = Some(Box::new(configure));
        self
    }

    /// A builder for an inner client that a payment header is safe with: it follows no redirects, uses no proxy
    /// (which would resolve names out of the guard's sight), and connects only where `destinations` allows.
    pub fn inner_client(destinations: Destinations) -> reqwest::ClientBuilder {
        secured(reqwest::Client::builder(), destinations)
    }

    /// Builds the middleware alone, for a client that was built with [`inner_client`](Self::inner_client).
    ///
    /// # Errors
    /// [`BuildClientError`].
    pub fn build_middleware(self) -> Result<PaymentMiddleware, BuildClientError> {
        if self.preference.modes.is_empty() {
            return Err(BuildClientError::NoMode);
        }
        if !self.channels.is_empty() && !self.preference.answers(Protocol::Mpp) {
            return Err(ChannelFundsError::OnlyX402.into());
        }
        let policy = Policy::new(self.budget, self.network, self.usdc, self.preference)?;
        let ledger = match self.ledger {
            Some(ledger) => ledger,
            None => public_rpc(&policy.network)?,
        };
        let channels = Channels::new(self.channels, &policy, Arc::clone(&self.store))?;
        Ok(PaymentMiddleware {
            engine: Arc::new(Engine {
                payer: self.signer.account_id(),
                signer: self.signer,
                policy,
                ledger,
                rpc_network: OnceCell::new(),
                clock: self.clock,
                spending: Spending::new(Arc::clone(&self.store)),
                journal: Journal::new(self.store),
                turns: Turns::default(),
                transactions: Mutex::new(()),
                patience: self.patience,
                destinations: self.destinations,
                hook: self.hook,
                channels,
            }),
        })
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`BuildClientError`].
    pub fn build(mut self) -> Result<PayingClient, BuildClientError> {
        let defaults = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT);
        let configured = match self.configure.take() {
            Some(configure) => configure(defaults),
            None => defaults,
        };
        let bare = secured(configured, self.destinations)
            .build()
            .map_err(BuildClientError::Client)?;
        let reserve_units = self.reserve_units;
        let middleware = self.build_middleware()?;
        let client = ClientBuilder::new(bare.clone())
            .with(middleware.clone())
            .build();
        Ok(PayingClient {
            client,
            bare,
            middleware,
            reserve_units,
        })
    }
}

impl fmt::Debug for PayingClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayingClientBuilder")
            .field("budget", &self.budget)
            .field("network", &self.network)
            .field("destinations", &self.destinations)
            .finish_non_exhaustive()
    }
}

fn secured(client: reqwest::ClientBuilder, destinations: Destinations) -> reqwest::ClientBuilder {
    let client = client
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false);
    match destinations {
        Destinations::Anywhere => client,
        Destinations::PublicOnly => client.dns_resolver(GuardedResolver),
    }
}

fn public_rpc(network: &StellarNetwork) -> Result<Arc<dyn Ledger>, BuildClientError> {
    let url = network
        .rpc_url()
        .ok_or_else(|| BuildClientError::NoRpc(network.chain_id().to_string()))?;
    let options = RpcOptions::default().lag_check(|| SystemClock.now().as_seconds(), LAG_TOLERANCE);
    Ok(Arc::new(RpcLedger::new([url], options)?))
}

/// The age of its latest ledger at which a public node is not believed.
const LAG_TOLERANCE: Duration = Duration::from_secs(60);
const RESERVE_UNITS: NonZeroU32 = NonZeroU32::new(10).expect("ten");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
