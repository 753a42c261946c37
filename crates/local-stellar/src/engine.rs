//! The ledger itself: entries, rules, history and the moments at which it closes. It knows nothing of HTTP, and lives
//! on one thread (see [`crate::worker`]).

pub(crate) mod apply;
pub(crate) mod classic;
pub(crate) mod close;
pub(crate) mod context;
pub(crate) mod events;
pub(crate) mod fees;
pub(crate) mod frame;
pub(crate) mod genesis;
pub(crate) mod history;
pub(crate) mod meta;
pub(crate) mod overlay;
pub(crate) mod pace;
mod pending;
pub(crate) mod results;
pub(crate) mod signatures;
pub(crate) mod simulate;
pub(crate) mod soroban;
mod sponsored;
pub(crate) mod state;
pub(crate) mod submit;
pub(crate) mod treasury;
pub(crate) mod validate;
pub(crate) mod xdr;

use std::sync::Arc;
use std::time::Instant;

use soroban_simulation::NetworkConfig;
use stellar_xdr::{AccountId, LedgerHeader};

use crate::clock::LedgerClock;
use crate::settings::FeeSettings;
use close::Tip;
use context::LedgerContext;
use frame::Frame;
use history::{History, LedgerRecord, Retention};
use pace::{CloseMode, Pace};
use pending::Pending;
use simulate::{AuthMode, Simulation, SimulationFailure};
use soroban::modules::Modules;
use state::State;

/// A failure of the engine itself, never of a transaction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("a value does not fit its XDR type: {0}")]
    Xdr(#[from] stellar_xdr::Error),
    #[error("the contract host failed: {0:?}")]
    Host(soroban_env_host::Error),
    #[error("the network configuration is not usable: {0}")]
    Configuration(String),
    #[error("the account that pays the fee does not exist")]
    FeeSourceGone,
    #[error("ledger numbers are used up")]
    LedgerOverflow,
    #[error("a transaction of the network's own failed: {0}")]
    OwnTransaction(String),
}

impl From<soroban_env_host::HostError> for EngineError {
    fn from(error: soroban_env_host::HostError) -> Self {
        Self::Host(error.error)
    }
}

/// What an engine is made from.
pub(crate) struct EngineOptions {
    pub(crate) passphrase: String,
    pub(crate) fees: FeeSettings,
    pub(crate) close: CloseMode,
    pub(crate) retention: Retention,
    pub(crate) clock: Arc<dyn LedgerClock>,
}

/// The whole network.
pub(crate) struct Engine {
    passphrase: String,
    network_id: [u8; 32],
    clock: Arc<dyn LedgerClock>,
    state: State,
    config: NetworkConfig,
    modules: Modules,
    history: History,
    tip: Tip,
    pace: Pace,
    pending: Pending,
    lag: u32,
}

impl Engine {
    /// A network at its first ledgers.
    pub(crate) fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let network_id = xdr::sha256(options.passphrase.as_bytes());
        let state = genesis::entries(network_id, options.fees)?;
        let mut engine = Self::from_state(options, state, &genesis::header())?;
        engine.close_ledger()?;
        engine.deploy_assets()?;
        Ok(engine)
    }

    /// A network that goes on from entries and the header of its newest ledger.
    pub(crate) fn from_state(
        options: EngineOptions,
        state: State,
        header: &LedgerHeader,
    ) -> Result<Self, EngineError> {
        let config = NetworkConfig::load_from_snapshot(state.entries())
            .map_err(|error| EngineError::Configuration(error.to_string()))?;
        let modules = Modules::new(&config)?;
        modules.add_all(state.entries())?;
        let tip = Tip::resume(header)?;
        let mut history = History::new(options.retention);
        history.put_ledger(tip.record(header)?);
        Ok(Self {
            network_id: xdr::sha256(options.passphrase.as_bytes()),
            passphrase: options.passphrase,
            pace: Pace::new(options.close, Instant::now()),
            clock: options.clock,
            state,
            config,
            modules,
            history,
            tip,
            pending: Pending::default(),
            lag: 0,
        })
    }

    pub(crate) fn passphrase(&self) -> &str {
        &self.passphrase
    }

    pub(crate) fn network_id(&self) -> [u8; 32] {
        self.network_id
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    pub(crate) fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// The newest ledger.
    pub(crate) fn latest(&self) -> &LedgerRecord {
        self.tip.newest()
    }

    /// The ledger that answers call the latest: the newest one, unless a lag was asked for.
    pub(crate) fn reported(&self) -> &LedgerRecord {
        let sequence = self.latest().sequence().saturating_sub(self.lag);
        self.history
            .ledger(sequence)
            .unwrap_or_else(|| self.oldest())
    }

    /// The oldest ledger of which transactions and events are known.
    pub(crate) fn oldest(&self) -> &LedgerRecord {
        self.history.oldest().unwrap_or_else(|| self.latest())
    }

    /// Lets answers name a ledger as the latest that is so many ledgers old.
    pub(crate) fn set_lag(&mut self, ledgers: u32) {
        self.lag = ledgers;
    }

    /// The account's balance in stroops and sequence number.
    pub(crate) fn account(&self, id: &AccountId) -> Option<stellar_xdr::AccountEntry> {
        overlay::Overlay::new(self.state.entries(), self.tip.sequence()).account(id)
    }

    /// The account's line of an asset.
    pub(crate) fn trustline(
        &self,
        id: &AccountId,
        asset: &stellar_xdr::Asset,
    ) -> Option<stellar_xdr::TrustLineEntry> {
        overlay::Overlay::new(self.state.entries(), self.tip.sequence())
            .trustline(id, &classic::trustline_asset(asset))
    }

    /// The ledger that a transaction submitted now would enter at the earliest.
    fn next_context(&self) -> LedgerContext<'_> {
        LedgerContext {
            sequence: self.tip.sequence().saturating_add(1),
            close_time: self.next_close_time(),
            network_id: self.network_id,
            config: &self.config,
        }
    }

    /// Simulates against the newest ledger, as if in the next one.
    pub(crate) fn simulate(
        &self,
        frame: &Frame,
        mode: Option<AuthMode>,
        extra_instructions: u32,
    ) -> Result<Simulation, SimulationFailure> {
        simulate::simulate(
            frame,
            mode,
            extra_instructions,
            &self.state,
            &self.next_context(),
        )
    }
}

#[cfg(test)]
mod tests;
