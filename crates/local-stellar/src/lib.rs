#![doc = include_str!("../README.md")]

mod balances;
mod builder;
mod by_hand;
mod clock;
mod engine;
mod error;
mod faucet;
mod faults;
mod friendbot;
mod horizon;
mod network;
mod rpc;
mod server;
mod settings;
mod state_file;
mod timestamp;
mod tls;
mod worker;

pub use builder::Builder;
pub use clock::{LedgerClock, ManualLedgerClock, SystemLedgerClock};
pub use engine::pace::CloseMode;
pub use error::LocalStellarError;
pub use network::{ClosedLedger, LocalStellar};
pub use settings::FeeSettings;
pub use state_file::{StateFileError, StateFileErrorKind};
