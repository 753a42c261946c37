//! What a facilitator must check before it sponsors a payment (scheme specification, "Facilitator
//! Verification Rules (MUST)"), one file for each section of the specification, one function for
//! each MUST.
//!
//! What can be judged from the payload alone is judged first, so that a forged payment costs no
//! call to the network; within each half the order is that of the official program, so that a
//! payment with one fault gets the same reason code from both.
//!
//! # What the client's fee and resources mean
//!
//! Nothing that is paid follows from them. The settlement transaction is built anew, from the one
//! transfer and its one authorization entry; its footprint, limits and resource fee are those of
//! our own simulation. A payment is refused with `fee_exceeds_maximum` when *our* fee, resources
//! and inclusion together, is above the ceiling; so is one whose client declares a fee above it, as
//! the official program does. `fee_below_minimum` is never answered: a declared fee that is too low
//! harms nobody.

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{ContractEvent, Credential};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_x402_wire::PaymentPayload;

mod authorization_entries;
mod facilitator_safety;
mod fault;
mod payment;
mod protocol_validation;
mod refusal;
mod settlement;
mod simulation;
mod transaction_structure;

pub use payment::{CheckedPayment, VerifiedPayment};
pub use refusal::Refusal;
pub use settlement::SettlementPlan;

use fault::Fault;

/// How many ledgers an authorization may last longer than the requirements allow, because RPC nodes
/// do not all know the latest ledger at once.
pub const DEFAULT_EXPIRATION_TOLERANCE_LEDGERS: u32 = 2;

/// What one facilitator accepts.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The network on which it settles.
    pub network: StellarNetwork,
    /// Every account that pays for settlements or signs them: sponsors and fee-bump accounts.
    pub sponsors: Vec<AccountId>,
    /// The tokens that it settles; all when `None`.
    pub assets: Option<Vec<ContractId>>,
    /// The most that one settlement may cost in network fees, in stroops.
    pub max_fee_stroops: u64,
    /// How many ledgers an authorization may last too long; by default
    /// [`DEFAULT_EXPIRATION_TOLERANCE_LEDGERS`].
    pub expiration_tolerance_ledgers: u32,
}

impl Rules {
    /// Whether this is one of our own accounts, whatever id may be beside it.
    pub(crate) fn is_ours(&self, address: &Address) -> bool {
        address
            .account_key()
            .is_some_and(|key| self.sponsors.contains(&key))
    }
}

/// What the network said about a payment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The latest ledger that has closed.
    pub latest_ledger: u32,
    /// How many seconds a ledger takes; zero when nobody knows.
    pub close_time_seconds: u32,
    /// What we would bid for inclusion, in stroops.
    pub inclusion_fee_stroops: u64,
    /// The outcome of simulating [`CheckedPayment::simulation_envelope`].
    pub simulation: SimulationFacts,
}

/// The outcome of a simulation with the signed entry in it, which enforces the signature.
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

/// Who pays with this payload, with which nonce, and until which ledger.
///
/// Nothing is verified. The answer tells payments apart, before and after they are verified.
///
/// # Errors
///
/// When the payload is not one transfer with one authorization entry by an address.
pub fn identify(payload: &PaymentPayload) -> Result<(Address, i64, u32), Refusal> {
    let invocation = transaction_structure::must_contain_exactly_one_invoke_host_function(payload)?;
    let transfer = invocation.transfer().map_err(Fault::NotATransfer)?;
    let entry = authorization_entries::must_contain_exactly_one_entry(invocation.auth())
        .map_err(|fault| fault.by(transfer.from))?;
    match entry.credential() {
        Credential::Address {
            address,
            nonce,
            expiration_ledger,
            ..
        } => Ok((address, nonce, expiration_ledger)),
        Credential::SourceAccount | Credential::Unsupported => {
            Err(Fault::UnsupportedCredential.by(transfer.from))
        }
    }
}
