//! Stellar RPC: JSON-RPC 2.0 by POST, one method per file, with the fields that the public RPC answers.

mod call;
mod encoding;
mod error;
mod get_events;
mod get_fee_stats;
mod get_health;
mod get_latest_ledger;
mod get_ledger_entries;
mod get_network;
mod get_transaction;
mod get_transactions;
mod get_version_info;
mod send_transaction;
mod simulate_transaction;

pub(crate) use call::handle;
pub(crate) use encoding::{read_envelope, to_base64};
pub(crate) use error::RpcError;

use std::sync::Arc;

use crate::faults::Faults;
use crate::worker::EngineHandle;

/// What every method may use.
#[derive(Clone)]
pub(crate) struct RpcContext {
    pub(crate) engine: EngineHandle,
    pub(crate) faults: Arc<Faults>,
    pub(crate) network_id: [u8; 32],
    pub(crate) passphrase: Arc<str>,
    /// The HTTP server's URL, without a trailing slash.
    pub(crate) base_url: Arc<str>,
}
