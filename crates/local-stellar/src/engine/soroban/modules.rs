//! The compiled contracts. The host runs none that was not compiled when its code was uploaded.

use soroban_env_host::budget::{AsBudget, Budget};
use soroban_env_host::{CompilationContext, Error, ErrorHandler, HostError, ModuleCache, Val};
use soroban_simulation::NetworkConfig;
use stellar_xdr::{LedgerEntryData, LedgerKey};

use crate::engine::EngineError;
use crate::engine::overlay::Writes;
use crate::engine::state::{Entries, Stored};
use crate::settings::PROTOCOL_VERSION;

/// Every contract code on the ledger, compiled once.
pub(crate) struct Modules {
    cache: ModuleCache,
    context: Unmetered,
}

impl Modules {
    pub(crate) fn new(config: &NetworkConfig) -> Result<Self, EngineError> {
        let context = Unmetered(Budget::try_from_configs(
            u64::MAX,
            u64::MAX,
            config.cpu_cost_params.clone(),
            config.memory_cost_params.clone(),
        )?);
        Ok(Self {
            cache: ModuleCache::new(&context)?,
            context,
        })
    }

    /// A shallow copy for one invocation.
    pub(crate) fn cache(&self) -> ModuleCache {
        self.cache.clone()
    }

    /// Compiles all code that a loaded ledger holds.
    pub(crate) fn add_all(&self, entries: &Entries) -> Result<(), EngineError> {
        for (key, stored) in entries.iter() {
            self.add(key, stored)?;
        }
        Ok(())
    }

    /// Compiles the code that a transaction wrote.
    pub(crate) fn add_written(&self, writes: &Writes) -> Result<(), EngineError> {
        for (key, stored) in writes {
            if let Some(stored) = stored {
                self.add(key, stored)?;
            }
        }
        Ok(())
    }

    fn add(&self, key: &LedgerKey, stored: &Stored) -> Result<(), EngineError> {
        if let (LedgerKey::ContractCode(_), LedgerEntryData::ContractCode(code)) =
            (key, &stored.entry.data)
        {
            self.cache.parse_and_cache_module_simple(
                &self.context,
                PROTOCOL_VERSION,
                code.code.as_slice(),
            )?;
        }
        Ok(())
    }
}

/// Compilation has no limit here: the upload that brought the code has paid for it.
#[derive(Clone)]
struct Unmetered(Budget);

impl AsBudget for Unmetered {
    fn as_budget(&self) -> &Budget {
        &self.0
    }
}

impl ErrorHandler for Unmetered {
    fn map_err<T, E>(&self, result: Result<T, E>) -> Result<T, HostError>
    where
        Error: From<E>,
        E: std::fmt::Debug,
    {
        result.map_err(HostError::from)
    }

    fn error(&self, error: Error, _message: &str, _arguments: &[Val]) -> HostError {
        HostError::from(error)
    }
}

impl CompilationContext for Unmetered {}
