//! What every rule may ask of the ledger that is being built.

use soroban_env_host::LedgerInfo;
use soroban_simulation::NetworkConfig;

use crate::settings::{BASE_RESERVE, PROTOCOL_VERSION};

/// The ledger that is being built, or that a simulation pretends to build.
#[derive(Clone, Copy)]
pub(crate) struct LedgerContext<'a> {
    pub(crate) sequence: u32,
    /// Unix seconds.
    pub(crate) close_time: u64,
    pub(crate) network_id: [u8; 32],
    pub(crate) config: &'a NetworkConfig,
}

impl LedgerContext<'_> {
    /// The host's view of the same.
    pub(crate) fn ledger_info(&self) -> LedgerInfo {
        let mut info = LedgerInfo {
            protocol_version: PROTOCOL_VERSION,
            sequence_number: self.sequence,
            timestamp: self.close_time,
            network_id: self.network_id,
            base_reserve: BASE_RESERVE,
            ..LedgerInfo::default()
        };
        self.config.fill_config_fields_in_ledger_info(&mut info);
        info
    }
}
