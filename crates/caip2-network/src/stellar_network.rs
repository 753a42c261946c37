//! The Stellar networks: what they are called on the wire, what their signatures cover, and where their public endpoints are.
//!
//! One network has one name. `stellar:pubnet` and `stellar:testnet` are the names that x402 and MPP use; any other network is
//! [custom](StellarNetwork::custom), with a chain id and a passphrase of its own. A local network that runs with testnet's
//! passphrase is addressed as `stellar:testnet`, because its signatures are testnet's.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use crate::chain_id::{ChainId, ChainIdRef, STELLAR_PUBNET, STELLAR_TESTNET};
use crate::network_id::NetworkId;
use crate::parse_error::ParseChainIdError;

/// A Stellar network.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// let network: StellarNetwork = "stellar:testnet".parse()?;
/// assert_eq!(network, StellarNetwork::Testnet);
/// assert!(network.network_id().to_string().starts_with("cee0302d"));
/// # Ok::<(), coinslot_caip2_network::UnknownNetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StellarNetwork {
    /// The public network, `stellar:pubnet`.
    Pubnet,
    /// The test network, `stellar:testnet`.
    Testnet,
    /// A network with a chain id and a passphrase of its own.
    Custom(CustomNetwork),
}

/// A Stellar network that is neither pubnet nor testnet. Made by [`StellarNetwork::custom`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomNetwork {
    chain_id: ChainId,
    passphrase: String,
    network_id: NetworkId,
}

impl StellarNetwork {
    /// The network with this chain id and passphrase.
    ///
    /// Pubnet and testnet, given with their own passphrases, come out as themselves.
    ///
    /// # Errors
    ///
    /// [`CustomNetworkError`] when the chain id's namespace is not `stellar`, when the passphrase is empty, and when only one of
    /// the two belongs to pubnet or testnet.
    pub fn custom(chain_id: ChainId, passphrase: &str) -> Result<Self, CustomNetworkError> {
        if chain_id.namespace() != STELLAR_TESTNET.namespace() {
            return Err(CustomNetworkError::NotStellar);
        }
        if passphrase.is_empty() {
            return Err(CustomNetworkError::EmptyPassphrase);
        }
        for known in [Self::Pubnet, Self::Testnet] {
            match (
                chain_id == known.chain_id(),
                passphrase == known.passphrase(),
            ) {
                (true, true) => return Ok(known),
                (true, false) => return Err(CustomNetworkError::KnownChainId),
                (false, true) => return Err(CustomNetworkError::KnownPassphrase),
                (false, false) => {}
            }
        }
        Ok(Self::Custom(CustomNetwork {
            chain_id,
            network_id: NetworkId::from_passphrase(passphrase),
            passphrase: passphrase.to_string(),
        }))
    }

    /// The network's name on the wire.
    #[must_use]
    pub fn chain_id(&self) -> ChainIdRef<'_> {
        match self {
            Self::Pubnet => STELLAR_PUBNET,
            Self::Testnet => STELLAR_TESTNET,
            Self::Custom(custom) => custom.chain_id.as_ref(),
        }
    }

    /// The passphrase, whose hash is in everything that is signed.
    #[must_use]
    pub fn passphrase(&self) -> &str {
        match self {
            Self::Pubnet => PUBNET_PASSPHRASE,
            Self::Testnet => TESTNET_PASSPHRASE,
            Self::Custom(custom) => &custom.passphrase,
        }
    }

    /// The hash of the passphrase.
    #[must_use]
    pub const fn network_id(&self) -> NetworkId {
        match self {
            Self::Pubnet => PUBNET_ID,
            Self::Testnet => TESTNET_ID,
            Self::Custom(custom) => custom.network_id,
        }
    }

    /// A public Stellar RPC. Stellar's developers run testnet's; pubnet's is a community provider's, who sees no keys but is
    /// believed about the ledger: whoever moves much there names an RPC of their own.
    #[must_use]
    pub const fn rpc_url(&self) -> Option<&'static str> {
        match self {
            Self::Pubnet => Some("https://mainnet.sorobanrpc.com"),
            Self::Testnet => Some("https://soroban-testnet.stellar.org"),
            Self::Custom(_) => None,
        }
    }

    /// A public Horizon.
    #[must_use]
    pub const fn horizon_url(&self) -> Option<&'static str> {
        match self {
            Self::Pubnet => Some("https://horizon.stellar.org"),
            Self::Testnet => Some("https://horizon-testnet.stellar.org"),
            Self::Custom(_) => None,
        }
    }

    /// The service that funds new accounts, where there is one.
    #[must_use]
    pub const fn friendbot_url(&self) -> Option<&'static str> {
        match self {
            Self::Testnet => Some("https://friendbot.stellar.org"),
            Self::Pubnet | Self::Custom(_) => None,
        }
    }
}

impl TryFrom<ChainIdRef<'_>> for StellarNetwork {
    type Error = UnknownNetworkError;

    fn try_from(id: ChainIdRef<'_>) -> Result<Self, Self::Error> {
        if id == STELLAR_PUBNET {
            Ok(Self::Pubnet)
        } else if id == STELLAR_TESTNET {
            Ok(Self::Testnet)
        } else if id.namespace() == STELLAR_TESTNET.namespace() {
            Err(UnknownNetworkErrorKind::NoPassphrase.into())
        } else {
            Err(UnknownNetworkErrorKind::NotStellar.into())
        }
    }
}

impl FromStr for StellarNetwork {
    type Err = UnknownNetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ChainIdRef::parse(text)
            .map_err(|error| UnknownNetworkErrorKind::ChainId(error).into())
            .and_then(Self::try_from)
    }
}

impl fmt::Display for StellarNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.chain_id(), f)
    }
}

/// Why a name alone does not give a Stellar network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownNetworkError {
    kind: UnknownNetworkErrorKind,
}

/// What is wrong with a network's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownNetworkErrorKind {
    /// The name is no chain id.
    ChainId(ParseChainIdError),
    /// The chain is not of the namespace `stellar`.
    NotStellar,
    /// Only pubnet and testnet are known by name; others need [`StellarNetwork::custom`].
    NoPassphrase,
}

impl UnknownNetworkError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> UnknownNetworkErrorKind {
        self.kind
    }
}

impl From<UnknownNetworkErrorKind> for UnknownNetworkError {
    fn from(kind: UnknownNetworkErrorKind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for UnknownNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            UnknownNetworkErrorKind::ChainId(_) => {
                "a Stellar network is named stellar:pubnet or stellar:testnet"
            }
            UnknownNetworkErrorKind::NotStellar => "this chain is not a Stellar network",
            UnknownNetworkErrorKind::NoPassphrase => {
                "stellar:pubnet (the main network) and stellar:testnet are known by name; another network needs its passphrase"
            }
        })
    }
}

impl core::error::Error for UnknownNetworkError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.kind {
            UnknownNetworkErrorKind::ChainId(error) => Some(error),
            UnknownNetworkErrorKind::NotStellar | UnknownNetworkErrorKind::NoPassphrase => None,
        }
    }
}

/// Why a chain id and a passphrase do not make a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomNetworkError {
    /// The chain id's namespace is not `stellar`.
    NotStellar,
    /// The passphrase is empty.
    EmptyPassphrase,
    /// The chain id is pubnet's or testnet's, the passphrase is not.
    KnownChainId,
    /// The passphrase is pubnet's or testnet's, the chain id is not.
    KnownPassphrase,
}

impl fmt::Display for CustomNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStellar => "the chain id of a Stellar network starts with stellar:",
            Self::EmptyPassphrase => "a Stellar network has a passphrase",
            Self::KnownChainId => "this chain id belongs to a network with another passphrase",
            Self::KnownPassphrase => {
                "this passphrase belongs to stellar:pubnet or stellar:testnet: use that chain id"
            }
        })
    }
}

impl core::error::Error for CustomNetworkError {}

const PUBNET_PASSPHRASE: &str = "Public Global Stellar Network ; September 2015";
const TESTNET_PASSPHRASE: &str = "Test SDF Network ; September 2015";

const PUBNET_ID: NetworkId = NetworkId::from_bytes([
    0x7a, 0xc3, 0x39, 0x97, 0x54, 0x4e, 0x31, 0x75, 0xd2, 0x66, 0xbd, 0x02, 0x24, 0x39, 0xb2, 0x2c,
    0xdb, 0x16, 0x50, 0x8c, 0x01, 0x16, 0x3f, 0x26, 0xe5, 0xcb, 0x2a, 0x3e, 0x10, 0x45, 0xa9, 0x79,
]);
const TESTNET_ID: NetworkId = NetworkId::from_bytes([
    0xce, 0xe0, 0x30, 0x2d, 0x59, 0x84, 0x4d, 0x32, 0xbd, 0xca, 0x91, 0x5c, 0x82, 0x03, 0xdd, 0x44,
    0xb3, 0x3f, 0xbb, 0x7e, 0xdc, 0x19, 0x05, 0x1e, 0xa3, 0x7a, 0xbe, 0xdf, 0x28, 0xec, 0xd4, 0x72,
]);

#[cfg(test)]
mod tests;
