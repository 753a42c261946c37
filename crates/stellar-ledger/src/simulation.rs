//! What a simulation tells.

use coinslot_soroban_authorization::{AuthEntry, ContractEvent, SorobanResources};

/// What came of a simulation.
#[derive(Clone, Debug)]
pub enum Simulation {
    /// It would succeed.
    Succeeded {
        /// The footprint and limits that the transaction needs, with their fee.
        resources: SorobanResources,
        /// The least resource fee in stroops.
        min_resource_fee: i64,
        /// The authorization entries: recorded ones are unsigned, enforced ones as given.
        auth: Vec<AuthEntry>,
        /// The events of contracts, in order; diagnostics are left out.
        events: Vec<ContractEvent>,
        /// What the call would return, an `SCVal` as XDR bytes; `None` for an operation that calls nothing.
        return_value: Option<Vec<u8>>,
        /// The ledger on which it was run.
        latest_ledger: u32,
    },
    /// It would fail.
    Failed {
        /// The host's reason: bounded in length, its control characters escaped.
        message: String,
        /// The ledger on which it was run.
        latest_ledger: u32,
    },
    /// It would succeed after archived entries are restored.
    RestoreNeeded {
        /// What the restoring transaction needs.
        resources: SorobanResources,
        /// The least resource fee of the restoring transaction in stroops.
        min_resource_fee: i64,
        /// The ledger on which it was run.
        latest_ledger: u32,
    },
}

impl Simulation {
    /// The ledger on which it was run.
    #[must_use]
    pub const fn latest_ledger(&self) -> u32 {
        match self {
            Self::Succeeded { latest_ledger, .. }
            | Self::Failed { latest_ledger, .. }
            | Self::RestoreNeeded { latest_ledger, .. } => *latest_ledger,
        }
    }
}
