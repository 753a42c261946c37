//! What the network says about a payment.

use coinslot_soroban_authorization::{ContractEvent, Envelope};

/// What the network said about a pull.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The time, in seconds since 1970.
    pub now: u64,
    /// The latest ledger that has closed.
    pub latest_ledger: u32,
    /// What we would bid for the inclusion of a sponsored charge, in stroops.
    pub inclusion_fee_stroops: u64,
    /// The outcome of simulating what the checked charge gives to be simulated.
    pub simulation: SimulationFacts,
}

/// The outcome of a simulation with the authorization entry in it, which enforces the signature.
#[derive(Clone, Debug)]
pub enum SimulationFacts {
    /// The transfer would succeed.
    Succeeded {
        /// What its contracts would tell.
        events: Vec<ContractEvent>,
        /// The least resource fee, in stroops.
        min_resource_fee: i64,
    },
    /// It would fail.
    Failed {
        /// What the host says, bounded and free of control characters.
        message: String,
    },
    /// Something that it needs is archived.
    RestoreNeeded,
}

/// What became of a transaction that the payer says it has pushed. It is looked up once.
#[derive(Clone, Debug)]
pub enum LandedFacts {
    /// The network knows no such transaction, or not yet.
    NotFound,
    /// It landed and failed.
    Failed,
    /// It landed and did what it says.
    Succeeded {
        /// When its ledger closed, in seconds since 1970.
        close_time: u64,
        /// The transaction.
        envelope: Envelope,
        /// The events of its contracts, those about fees left out.
        events: Vec<ContractEvent>,
    },
}
