//! What can go wrong between us and a ledger.

use std::fmt;

/// A ledger did not answer, or not with an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// No endpoint could be reached, or none was fit to answer.
    #[error("the Stellar RPC is unavailable: {reason}")]
    Unavailable {
        /// Why, of the endpoint that was tried last.
        reason: UnavailableReason,
        /// What the transport said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The node refused the call.
    #[error("the Stellar RPC refused the call with code {code}: {message}")]
    RpcError {
        /// The JSON-RPC error code.
        code: i64,
        /// The node's words: bounded in length, control characters escaped.
        message: String,
    },
    /// The node's answer is not what its method answers.
    #[error(transparent)]
    Malformed(#[from] MalformedAnswer),
    /// The node does not hold the ledgers that were asked for.
    #[error(transparent)]
    OutOfRange(#[from] MissingRange),
    /// More was asked for than one call can; nothing was sent.
    #[error("one call asks for {limit} at most, and not for {asked}")]
    TooMany {
        /// How many were asked for.
        asked: usize,
        /// The most that one call asks for.
        limit: usize,
    },
}

impl LedgerError {
    /// An outage with nothing more to say.
    #[must_use]
    pub const fn unavailable(reason: UnavailableReason) -> Self {
        Self::Unavailable {
            reason,
            source: None,
        }
    }

    /// Whether the ledger's side failed, which is nobody's fault who asked (status 503): every
    /// error but a call that the node refused for what it holds, or that asks for too much.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        match self {
            Self::RpcError { code, .. } => *code == INTERNAL_ERROR,
            Self::TooMany { .. } => false,
            Self::Unavailable { .. } | Self::Malformed(_) | Self::OutOfRange(_) => true,
        }
    }
}

/// JSON-RPC's code for a failure of the server.
const INTERNAL_ERROR: i64 = -32603;

/// Why a node could not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnavailableReason {
    /// No connection, or it broke.
    Transport,
    /// No answer in time.
    TimedOut,
    /// An HTTP status other than 200.
    Status(u16),
    /// The node's latest ledger closed this many seconds ago: it lags behind the network.
    Lagging {
        /// Seconds since its latest ledger closed.
        behind_seconds: u64,
    },
    /// The node does not know of ledgers that were seen before: what it has not seen may be there.
    Behind {
        /// The node's latest ledger.
        latest: u32,
        /// The latest ledger that was seen.
        seen: u32,
    },
    /// The node belongs to another network than the one that was configured.
    WrongNetwork,
    /// A try before may have succeeded, and its answer was lost.
    AnswerLost,
}

impl fmt::Display for UnavailableReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport => f.write_str("it could not be reached"),
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::Status(status) => write!(f, "it answered with HTTP status {status}"),
            Self::Lagging { behind_seconds } => {
                write!(f, "its latest ledger is {behind_seconds} seconds old")
            }
            Self::Behind { latest, seen } => {
                write!(f, "it knows of ledger {latest} and not of ledger {seen}")
            }
            Self::WrongNetwork => f.write_str("it belongs to another network"),
            Self::AnswerLost => f.write_str("its answer was lost"),
        }
    }
}

/// A node's answer that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Stellar RPC's answer to {method} is malformed: {what}")]
pub struct MalformedAnswer {
    /// The method that was called.
    pub method: &'static str,
    /// What is wrong with the answer.
    pub what: Malformation,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformation {
    /// Longer than we read.
    TooLong {
        /// The most bytes that are read.
        limit: usize,
    },
    /// Not JSON.
    Json,
    /// Not a JSON-RPC 2.0 answer.
    NotJsonRpc,
    /// The answer to another request.
    WrongId,
    /// A member is missing or of the wrong type.
    Shape,
    /// This member is missing or holds what it cannot hold.
    Member(&'static str),
    /// A member's base64 or XDR does not decode, or is past a limit.
    Xdr(&'static str),
    /// The answer is about something else than was asked for.
    NotAsked(&'static str),
    /// More pages than we read.
    TooManyPages,
}

impl fmt::Display for Malformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "it is longer than {limit} bytes"),
            Self::Json => f.write_str("it is not JSON"),
            Self::NotJsonRpc => f.write_str("it is not a JSON-RPC 2.0 answer"),
            Self::WrongId => f.write_str("it answers another request"),
            Self::Shape => f.write_str("a member is missing or has the wrong type"),
            Self::Member(name) => write!(f, "{name} is missing or holds what it cannot hold"),
            Self::Xdr(name) => write!(f, "{name} does not decode as XDR within its limits"),
            Self::NotAsked(name) => write!(f, "{name} is not the one that was asked for"),
            Self::TooManyPages => f.write_str("it has more pages than are read"),
        }
    }
}

/// Ledgers that the node does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ledger {asked} was asked for, and the Stellar RPC holds {oldest} to {latest}")]
pub struct MissingRange {
    /// The ledger that was asked for.
    pub asked: u32,
    /// The oldest ledger that the node holds.
    pub oldest: u32,
    /// The latest ledger that the node holds.
    pub latest: u32,
}
