//! Why the local network could not do what its owner asked.

use crate::engine::EngineError;
use crate::engine::treasury::TreasuryError;
use crate::faucet::FaucetError;
use crate::tls::TlsError;
use crate::worker::Stopped;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the local network did not start, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalStellarError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address as it was given.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address is reachable from other computers, which was not allowed.
    #[error(
        "{address} is not a loopback address, and a local network that others can reach gives its money to them; give 127.0.0.1"
    )]
    NotLoopback {
        /// The address as it was given.
        address: String,
    },
    /// The thread or the servers could not be started.
    #[error("the local network could not start: {0}")]
    Start(#[source] std::io::Error),
    /// No certificate could be made for HTTPS.
    #[error("no HTTPS for the local network: {0}")]
    Certificate(#[source] BoxError),
    /// The state file could not be read, or is not one of this network.
    #[error(transparent)]
    StateFile(#[from] crate::state_file::StateFileError),
    /// The account does not exist: fund it first.
    #[error("the account does not exist yet: fund it first")]
    NoAccount,
    /// The account has no trustline to USDC: open one first.
    #[error("the account has no trustline to USDC: call trust_usdc first")]
    NoTrustline,
    /// More than the account or its trustline can take.
    #[error("the amount is more than the account's trustline takes")]
    TooMuch,
    /// A transaction of the network's own failed, with this outcome.
    #[error("the transaction failed: {0}")]
    TransactionFailed(String),
    /// The engine failed.
    #[error("the local network's engine failed: {0}")]
    Engine(#[source] BoxError),
    /// No random bytes could be had for a new key.
    #[error("the system gives no random bytes for a new key")]
    NoRandomness,
    /// The network was shut down.
    #[error("the local network has stopped")]
    Stopped,
}

impl From<Stopped> for LocalStellarError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<EngineError> for LocalStellarError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<TlsError> for LocalStellarError {
    fn from(error: TlsError) -> Self {
        Self::Certificate(error.into())
    }
}

impl From<TreasuryError> for LocalStellarError {
    fn from(error: TreasuryError) -> Self {
        match error {
            TreasuryError::Failed(outcome) => Self::TransactionFailed(format!("{outcome:?}")),
            TreasuryError::Engine(EngineError::FeeSourceGone) => Self::NoAccount,
            TreasuryError::Engine(error) => error.into(),
        }
    }
}

impl From<FaucetError> for LocalStellarError {
    fn from(error: FaucetError) -> Self {
        match error {
            FaucetError::NoAccount => Self::NoAccount,
            FaucetError::NoTrustline => Self::NoTrustline,
            FaucetError::TooMuch => Self::TooMuch,
            FaucetError::Treasury(error) => error.into(),
        }
    }
}
