//! What tells a payment from others.

use coinslot_soroban_authorization::TransactionHash;

/// What tells a payment from others on its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentIdentity {
    /// The nonce of its authorization, which the network uses once for this payer.
    Nonce(i64),
    /// The hash of its transaction.
    Transaction(TransactionHash),
}
