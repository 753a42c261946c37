//! Why a client was not built.

use coinslot_stellar_ledger::RpcConfigError;

use crate::channel::ChannelFundsError;
use crate::policy::PolicyError;

/// A client was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildClientError {
    /// The budget does not fit the network.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A channel cannot be paid from.
    #[error(transparent)]
    Channel(#[from] ChannelFundsError),
    /// No way to make a charge is left.
    #[error("charge_modes() names no mode; with only(Protocol::X402) no charge of MPP is paid")]
    NoMode,
    /// The network has no public RPC.
    #[error("there is no public Stellar RPC for {0}; give one with rpc()")]
    NoRpc(String),
    /// The public RPC cannot be used.
    #[error(transparent)]
    Rpc(#[from] RpcConfigError),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}
