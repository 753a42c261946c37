//! The network's configuration: what resources cost and how much of them one transaction may take.
//!
//! [`FeeSettings`] chooses a set; [`config_entries`] writes it as the ledger's own `ConfigSettingEntry` values, from
//! which the engine (and any client that reads them with `getLedgerEntries`) takes its figures.
//!
//! Limits, rent periods and the fee rates of [`FeeSettings::Testnet`] are those of public testnet on protocol 26; the
//! rates of [`FeeSettings::Low`] are those of the `unlimited` set, both published with the `stellar/quickstart` image
//! (`local/core/etc/config-settings/p26/`, Apache-2.0).

mod cost_params;

use stellar_xdr::{
    ConfigSettingContractBandwidthV0, ConfigSettingContractComputeV0,
    ConfigSettingContractEventsV0, ConfigSettingContractExecutionLanesV0,
    ConfigSettingContractHistoricalDataV0, ConfigSettingContractLedgerCostExtV0,
    ConfigSettingContractLedgerCostV0, ConfigSettingContractParallelComputeV0, ConfigSettingEntry,
    ConfigSettingScpTiming, ContractCostParamEntry, ContractCostParams, ExtensionPoint,
    StateArchivalSettings,
};

/// The ledger protocol that the embedded host runs.
pub(crate) const PROTOCOL_VERSION: u32 = 30;

/// Least inclusion fee of one operation, in stroops.
pub(crate) const BASE_FEE: u32 = 100;

/// Reserve of one ledger entry, in stroops (0.5 XLM).
pub(crate) const BASE_RESERVE: u32 = 5_000_000;

/// What Soroban resources cost on the local network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeeSettings {
    /// Cheap resources: a USDC transfer's `minResourceFee` stays below 50,000 stroops, the most that the official
    /// x402 facilitator pays unless it is told otherwise.
    #[default]
    Low,
    /// Public testnet's rates with 500 MB of live state: a USDC transfer costs about 129,000 stroops.
    Testnet,
}

struct Rates {
    instructions: i64,
    read_entry: i64,
    write_entry: i64,
    read_1kb: i64,
    historical_1kb: i64,
    events_1kb: i64,
    size_1kb: i64,
    state_size: u64,
    min_temporary_ttl: u32,
    persistent_rent_denominator: i64,
    temporary_rent_denominator: i64,
}

impl FeeSettings {
    const fn rates(self) -> Rates {
        match self {
            Self::Low => Rates {
                instructions: 100,
                read_entry: 1_000,
                write_entry: 3_000,
                read_1kb: 1_000,
                historical_1kb: 5_000,
                events_1kb: 300,
                size_1kb: 500,
                state_size: 0,
                min_temporary_ttl: 16,
                persistent_rent_denominator: 535_680,
                temporary_rent_denominator: 5_356_800,
            },
            Self::Testnet => Rates {
                instructions: 25,
                read_entry: 6_250,
                write_entry: 10_000,
                read_1kb: 1_786,
                historical_1kb: 16_235,
                events_1kb: 10_000,
                size_1kb: 1_624,
                state_size: 500_000_000,
                min_temporary_ttl: 720,
                persistent_rent_denominator: 1_215,
                temporary_rent_denominator: 2_430,
            },
        }
    }
}

/// The limits of one transaction, the same in every [`FeeSettings`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceLimits {
    pub(crate) instructions: u32,
    pub(crate) memory: u32,
    pub(crate) disk_read_entries: usize,
    pub(crate) disk_read_bytes: u32,
    pub(crate) write_entries: usize,
    pub(crate) write_bytes: u32,
    pub(crate) footprint_entries: usize,
    pub(crate) transaction_bytes: u32,
    pub(crate) events_bytes: usize,
    pub(crate) wasm_bytes: u32,
    pub(crate) data_key_bytes: usize,
    pub(crate) data_entry_bytes: usize,
}

/// Public testnet's limits.
pub(crate) const LIMITS: ResourceLimits = ResourceLimits {
    instructions: 100_000_000,
    memory: 41_943_040,
    disk_read_entries: 100,
    disk_read_bytes: 200_000,
    write_entries: 50,
    write_bytes: 132_096,
    footprint_entries: 100,
    transaction_bytes: 132_096,
    events_bytes: 16_384,
    wasm_bytes: 131_072,
    data_key_bytes: 250,
    data_entry_bytes: 65_536,
};

/// Seconds between ledgers that the network announces as its target.
pub(crate) const TARGET_CLOSE_MILLISECONDS: u32 = 5_000;

/// Every configuration setting, as ledger entries.
///
/// # Errors
/// When a table does not fit its XDR type, which the tests exclude.
pub(crate) fn config_entries(
    fees: FeeSettings,
) -> Result<Vec<ConfigSettingEntry>, stellar_xdr::Error> {
    let rates = fees.rates();
    Ok(vec![
        ConfigSettingEntry::ContractMaxSizeBytes(LIMITS.wasm_bytes),
        ConfigSettingEntry::ContractComputeV0(ConfigSettingContractComputeV0 {
            ledger_max_instructions: 500_000_000,
            tx_max_instructions: i64::from(LIMITS.instructions),
            fee_rate_per_instructions_increment: rates.instructions,
            tx_memory_limit: LIMITS.memory,
        }),
        ConfigSettingEntry::ContractLedgerCostV0(ConfigSettingContractLedgerCostV0 {
            ledger_max_disk_read_entries: 500,
            ledger_max_disk_read_bytes: 3_500_000,
            ledger_max_write_ledger_entries: 250,
            ledger_max_write_bytes: 143_360,
            tx_max_disk_read_entries: u32_of(LIMITS.disk_read_entries),
            tx_max_disk_read_bytes: LIMITS.disk_read_bytes,
            tx_max_write_ledger_entries: u32_of(LIMITS.write_entries),
            tx_max_write_bytes: LIMITS.write_bytes,
            fee_disk_read_ledger_entry: rates.read_entry,
            fee_write_ledger_entry: rates.write_entry,
            fee_disk_read1_kb: rates.read_1kb,
            soroban_state_target_size_bytes: 3_000_000_000,
            rent_fee1_kb_soroban_state_size_low: -17_000,
            rent_fee1_kb_soroban_state_size_high: 10_000,
            soroban_state_rent_fee_growth_factor: 5_000,
        }),
        ConfigSettingEntry::ContractHistoricalDataV0(ConfigSettingContractHistoricalDataV0 {
            fee_historical1_kb: rates.historical_1kb,
        }),
        ConfigSettingEntry::ContractEventsV0(ConfigSettingContractEventsV0 {
            tx_max_contract_events_size_bytes: u32_of(LIMITS.events_bytes),
            fee_contract_events1_kb: rates.events_1kb,
        }),
        ConfigSettingEntry::ContractBandwidthV0(ConfigSettingContractBandwidthV0 {
            ledger_max_txs_size_bytes: 133_120,
            tx_max_size_bytes: LIMITS.transaction_bytes,
            fee_tx_size1_kb: rates.size_1kb,
        }),
        ConfigSettingEntry::ContractCostParamsCpuInstructions(cost_table(&cost_params::CPU)?),
        ConfigSettingEntry::ContractCostParamsMemoryBytes(cost_table(&cost_params::MEMORY)?),
        ConfigSettingEntry::ContractDataKeySizeBytes(u32_of(LIMITS.data_key_bytes)),
        ConfigSettingEntry::ContractDataEntrySizeBytes(u32_of(LIMITS.data_entry_bytes)),
        ConfigSettingEntry::StateArchival(StateArchivalSettings {
            max_entry_ttl: 3_110_400,
            min_temporary_ttl: rates.min_temporary_ttl,
            min_persistent_ttl: 120_960,
            persistent_rent_rate_denominator: rates.persistent_rent_denominator,
            temp_rent_rate_denominator: rates.temporary_rent_denominator,
            max_entries_to_archive: 1_000,
            live_soroban_state_size_window_sample_size: 30,
            live_soroban_state_size_window_sample_period: 64,
            eviction_scan_size: 500_000,
            starting_eviction_scan_level: 7,
        }),
        ConfigSettingEntry::ContractExecutionLanes(ConfigSettingContractExecutionLanesV0 {
            ledger_max_tx_count: 100,
        }),
        ConfigSettingEntry::LiveSorobanStateSizeWindow(vec![rates.state_size; 30].try_into()?),
        ConfigSettingEntry::ContractParallelComputeV0(ConfigSettingContractParallelComputeV0 {
            ledger_max_dependent_tx_clusters: 1,
        }),
        ConfigSettingEntry::ContractLedgerCostExtV0(ConfigSettingContractLedgerCostExtV0 {
            tx_max_footprint_entries: u32_of(LIMITS.footprint_entries),
            fee_write1_kb: 3_500,
        }),
        ConfigSettingEntry::ScpTiming(ConfigSettingScpTiming {
            ledger_target_close_time_milliseconds: TARGET_CLOSE_MILLISECONDS,
            nomination_timeout_initial_milliseconds: 1_000,
            nomination_timeout_increment_milliseconds: 1_000,
            ballot_timeout_initial_milliseconds: 1_000,
            ballot_timeout_increment_milliseconds: 1_000,
        }),
    ])
}

fn cost_table(rows: &[(i64, i64)]) -> Result<ContractCostParams, stellar_xdr::Error> {
    let rows: Vec<_> = rows
        .iter()
        .map(|&(const_term, linear_term)| ContractCostParamEntry {
            ext: ExtensionPoint::V0,
            const_term,
            linear_term,
        })
        .collect();
    Ok(ContractCostParams(rows.try_into()?))
}

fn u32_of(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}
