//! What became of a transaction.

use coinslot_soroban_authorization::{ContractEvent, Envelope};

use crate::ResultCode;

/// What became of a transaction.
#[derive(Clone, Debug)]
pub enum TransactionStatus {
    /// The node knows no such transaction: it has not landed, or landed longer ago than the node
    /// remembers.
    NotFound,
    /// It landed and did what it says.
    Succeeded {
        /// The ledger in which it landed.
        ledger: u32,
        /// When that closed, in seconds since 1970, if the node says.
        close_time: Option<u64>,
        /// The transaction.
        envelope: Envelope,
        /// The events of contracts, in order; fee events and diagnostics are left out.
        events: Vec<ContractEvent>,
        /// What the call returned, an `SCVal` as XDR bytes; `None` for an operation that calls nothing, and when the
        /// node does not say.
        return_value: Option<Vec<u8>>,
        /// The fee that was charged in stroops, before refunds to the fee's payer.
        fee_charged: i64,
    },
    /// It landed, cost its fee, and changed nothing else.
    Failed {
        /// The ledger in which it landed.
        ledger: u32,
        /// When that closed, in seconds since 1970, if the node says.
        close_time: Option<u64>,
        /// The transaction.
        envelope: Envelope,
        /// Why it failed.
        code: ResultCode,
        /// The fee that was charged in stroops.
        fee_charged: i64,
    },
}
