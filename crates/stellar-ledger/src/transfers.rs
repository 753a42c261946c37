//! Transfers found on the ledger.

use coinslot_soroban_authorization::TransactionHash;

/// A transfer that landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LandedTransfer {
    /// The transaction that made it.
    pub transaction: TransactionHash,
    /// The ledger in which it landed.
    pub ledger: u32,
    /// The amount in the token's base units.
    pub amount: i128,
}
