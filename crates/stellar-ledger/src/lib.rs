#![doc = include_str!("../README.md")]

mod entries;
mod error;
mod events;
mod facts;
mod fee_stats;
mod ledger;
#[cfg(feature = "rpc")]
mod rpc;
mod simulation;
mod submission;
mod transaction;
mod transfers;

pub use entries::{LedgerEntries, LedgerEntry, MAX_ENTRY_KEYS};
pub use error::{LedgerError, Malformation, MalformedAnswer, MissingRange, UnavailableReason};
pub use events::{EventPage, EventsFrom, LandedEvent, MAX_EVENT_CONTRACTS};
pub use facts::{AccountFacts, LatestLedger, TrustlineFacts};
pub use fee_stats::FeeStats;
pub use ledger::{DEFAULT_CLOSE_TIME_SECONDS, Ledger};
#[cfg(feature = "rpc")]
pub use rpc::{MAX_ANSWER_BYTES, RpcConfigError, RpcLedger, RpcOptions};
pub use simulation::Simulation;
pub use submission::{ResultCode, Submission};
pub use transaction::TransactionStatus;
pub use transfers::LandedTransfer;
