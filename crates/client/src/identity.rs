//! What tells a payment from others.

use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

/// What tells a payment from others on its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentIdentity {
    /// The nonce of its authorization, which the network uses once for this payer.
    Nonce(i64),
    /// The hash of its transaction.
    Transaction(TransactionHash),
    /// The channel and the cumulative amount of its voucher.
    Voucher {
        /// The channel.
        channel: ContractId,
        /// The amount that was signed, in base units.
        cumulative: BaseUnits,
    },
}
