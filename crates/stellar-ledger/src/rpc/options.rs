//! How the client behaves, and what can be wrong with its configuration.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::NetworkId;

/// How an [`RpcLedger`](crate::RpcLedger) behaves.
#[derive(Clone)]
#[must_use]
pub struct RpcOptions {
    pub(super) timeout: Duration,
    pub(super) attempts: u32,
    pub(super) network: Option<NetworkId>,
    pub(super) lag: Option<LagCheck>,
    pub(super) root_certificates: Vec<Vec<u8>>,
}

/// Bounds the age of a node's latest ledger.
#[derive(Clone)]
pub(super) struct LagCheck {
    pub(super) now: Arc<dyn Fn() -> u64 + Send + Sync>,
    pub(super) tolerance: Duration,
}

impl fmt::Debug for LagCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LagCheck")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

impl RpcOptions {
    /// How long one try may take; 10 seconds unless set.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a call is tried in all, at every endpoint; 3 times unless set. Zero counts as
    /// once.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The network that every endpoint must belong to. Unless set, it is the one that the first
    /// endpoint to answer belongs to.
    pub const fn network(mut self, network: NetworkId) -> Self {
        self.network = Some(network);
        self
    }

    /// Takes a node for lagging, and asks the next one, when its latest ledger closed more than
    /// `tolerance` before `now` (seconds since 1970). Unless set, ages are not looked at.
    pub fn lag_check(
        mut self,
        now: impl Fn() -> u64 + Send + Sync + 'static,
        tolerance: Duration,
    ) -> Self {
        self.lag = Some(LagCheck {
            now: Arc::new(now),
            tolerance,
        });
        self
    }

    /// One more certificate authority to trust, in PEM, for networks of one's own.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }
}

impl Default for RpcOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            attempts: 3,
            network: None,
            lag: None,
            root_certificates: Vec::new(),
        }
    }
}

impl fmt::Debug for RpcOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcOptions")
            .field("timeout", &self.timeout)
            .field("attempts", &self.attempts)
            .field("network", &self.network)
            .field("lag", &self.lag)
            .finish_non_exhaustive()
    }
}

/// An RPC configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcConfigError {
    /// No endpoint at all.
    #[error("no Stellar RPC endpoint is configured; give at least one https:// address")]
    NoEndpoint,
    /// An endpoint is no URL of a server.
    #[error("Stellar RPC endpoint {position} is not an address such as https://rpc.example")]
    Address {
        /// Which of the endpoints, counted from 1.
        position: usize,
    },
    /// Plain `http` to another computer.
    #[error(
        "Stellar RPC endpoint {position} must begin with https://; plain http is for loopback only"
    )]
    NotEncrypted {
        /// Which of the endpoints, counted from 1.
        position: usize,
    },
    /// A root certificate that cannot be read.
    #[error("the Stellar RPC's root certificate is not a certificate in PEM")]
    Certificate(#[source] reqwest::Error),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client for the Stellar RPC cannot be set up")]
    Client(#[source] reqwest::Error),
}
