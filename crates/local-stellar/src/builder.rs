//! How a local network is made.

use std::net::{TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;

use crate::clock::{LedgerClock, SystemLedgerClock};
use crate::engine::history::Retention;
use crate::engine::pace::CloseMode;
use crate::engine::{Engine, EngineOptions};
use crate::error::LocalStellarError;
use crate::faults::Faults;
use crate::network::{LocalStellar, Parts};
use crate::rpc::RpcContext;
use crate::settings::FeeSettings;
use crate::worker::EngineHandle;
use crate::{server, state_file, tls};

/// Settings of a [`LocalStellar`] that is to be started.
#[derive(Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    network: StellarNetwork,
    bind: String,
    bind_https: String,
    allow_remote: bool,
    https: bool,
    close: CloseMode,
    fees: FeeSettings,
    clock: Arc<dyn LedgerClock>,
    state_file: Option<PathBuf>,
    retention: Retention,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("network", &self.network)
            .field("bind", &self.bind)
            .field("https", &self.https)
            .field("close", &self.close)
            .field("fees", &self.fees)
            .field("state_file", &self.state_file)
            .finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            network: StellarNetwork::Testnet,
            bind: "127.0.0.1:0".to_owned(),
            bind_https: "127.0.0.1:0".to_owned(),
            allow_remote: false,
            https: false,
            close: CloseMode::default(),
            fees: FeeSettings::default(),
            clock: Arc::new(SystemLedgerClock),
            state_file: None,
            retention: Retention {
                ledgers: 4_096,
                transactions: 4_096,
            },
        }
    }
}

impl Builder {
    /// The network whose passphrase is used. Testnet's by default, so that unmodified clients, which know its
    /// passphrase by heart, work.
    pub fn network(mut self, network: StellarNetwork) -> Self {
        self.network = network;
        self
    }

    /// Address of the HTTP server; `127.0.0.1:0`, any free port, by default.
    pub fn bind(mut self, address: impl Into<String>) -> Self {
        self.bind = address.into();
        self
    }

    /// Whether to serve HTTPS too, with a certificate made at the start.
    pub fn https(mut self, https: bool) -> Self {
        self.https = https;
        self
    }

    /// Address of the HTTPS server; `127.0.0.1:0`, any free port, by default. Turns HTTPS on.
    pub fn bind_https(mut self, address: impl Into<String>) -> Self {
        self.bind_https = address.into();
        self.https = true;
        self
    }

    /// Allows addresses that other computers reach. Whoever reaches the network can take lumens and USDC from it.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.allow_remote = allow;
        self
    }

    /// When ledgers close; on submission by default.
    pub fn close(mut self, mode: CloseMode) -> Self {
        self.close = mode;
        self
    }

    /// What resources cost; little by default.
    pub fn fees(mut self, fees: FeeSettings) -> Self {
        self.fees = fees;
        self
    }

    /// Where close times come from; the computer's clock by default.
    pub fn clock(mut self, clock: impl LedgerClock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// A file in which the ledger outlives the process: read at the start when it exists, written at the end and by
    /// [`LocalStellar::save`]. A ledger that is read keeps its own prices, whatever [`Self::fees`] says.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// How many ledgers, and how many transactions with their events, are remembered; 4,096 each by default. Whole
    /// ledgers are forgotten, the oldest first.
    pub fn retain(mut self, ledgers: usize, transactions: usize) -> Self {
        self.retention = Retention {
            ledgers: ledgers.max(1),
            transactions,
        };
        self
    }

    /// Starts the network on its own thread, and its servers on the current tokio runtime.
    ///
    /// # Errors
    /// [`LocalStellarError`] when an address cannot be listened on, the state file does not fit, or a certificate
    /// cannot be made.
    pub async fn start(self) -> Result<LocalStellar, LocalStellarError> {
        let http = self.listen(&self.bind)?;
        let rpc_url = format!("http://{}", local_address(&http)?);
        let secure = if self.https {
            let listener = self.listen(&self.bind_https)?;
            let address = listener.local_addr().map_err(LocalStellarError::Start)?;
            let identity = tls::identity(&address.ip().to_string()).await?;
            Some((listener, address, identity))
        } else {
            None
        };

        let engine = self.start_engine().await?;
        let faults = Arc::new(Faults::default());
        let context = RpcContext {
            engine: engine.clone(),
            faults: Arc::clone(&faults),
            network_id: *self.network.network_id().as_bytes(),
            passphrase: self.network.passphrase().into(),
            base_url: rpc_url.as_str().into(),
        };
        let mut servers =
            vec![server::serve(http, None, context.clone()).map_err(LocalStellarError::Start)?];
        let (mut https_url, mut ca_pem) = (None, None);
        if let Some((listener, address, identity)) = secure {
            https_url = Some(format!("https://{address}"));
            ca_pem = Some(identity.ca_pem);
            let running = server::serve(listener, Some(identity.server), context)
                .map_err(LocalStellarError::Start)?;
            servers.push(running);
        }
        Ok(LocalStellar::new(Parts {
            engine,
            servers,
            faults,
            network: self.network,
            rpc_url,
            https_url,
            ca_pem,
            state_file: self.state_file,
        }))
    }

    async fn start_engine(&self) -> Result<EngineHandle, LocalStellarError> {
        let options = EngineOptions {
            passphrase: self.network.passphrase().to_owned(),
            fees: self.fees,
            close: self.close,
            retention: self.retention,
            clock: Arc::clone(&self.clock),
        };
        let load_from = self.state_file.clone().filter(|path| path.exists());
        let save_to = self.state_file.clone();
        let make = move || match load_from {
            Some(path) => state_file::load(&path, options),
            None => Engine::new(options).map_err(LocalStellarError::from),
        };
        let at_end = move |engine: &Engine| {
            if let Some(path) = save_to
                && let Err(error) = state_file::save(&path, engine)
            {
                tracing::error!(%error, "the local network's state was not saved");
            }
        };
        EngineHandle::start(make, at_end)
            .await
            .map_err(LocalStellarError::Start)?
    }

    fn listen(&self, address: &str) -> Result<TcpListener, LocalStellarError> {
        let bind_error = |source| LocalStellarError::Bind {
            address: address.to_owned(),
            source,
        };
        let addresses: Vec<_> = address.to_socket_addrs().map_err(bind_error)?.collect();
        if !self.allow_remote && addresses.iter().any(|address| !address.ip().is_loopback()) {
            return Err(LocalStellarError::NotLoopback {
                address: address.to_owned(),
            });
        }
        TcpListener::bind(addresses.as_slice()).map_err(bind_error)
    }
}

fn local_address(listener: &TcpListener) -> Result<std::net::SocketAddr, LocalStellarError> {
    listener.local_addr().map_err(LocalStellarError::Start)
}
