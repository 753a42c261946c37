//! What is known about the money of a payment that was sent.

use coinslot_soroban_authorization::TransactionHash;
use coinslot_usdc_amount::BaseUnits;

use crate::deadline::Deadline;

/// What is known about the money of a payment that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Standing {
    /// It can be taken until then. Its amount stays reserved; the same request sends the same payment.
    #[error(
        "it can be taken until {until}, so the amount stays reserved, and the same request sends the same payment again"
    )]
    Open {
        /// The last moment at which it can be taken.
        until: Deadline,
    },
    /// It was taken.
    #[error("it was taken in transaction {transaction}")]
    Taken {
        /// The transaction.
        transaction: TransactionHash,
    },
    /// It is a voucher, which can be taken as long as its channel is open. The same request sends the same voucher.
    #[error(
        "the channel's voucher for {cumulative} base units in all stands, and the same request sends it again"
    )]
    Voucher {
        /// The cumulative amount, in base units.
        cumulative: BaseUnits,
    },
    /// It is a voucher that the seller has.
    #[error("the seller has taken the channel's voucher for {cumulative} base units in all")]
    VoucherTaken {
        /// The cumulative amount, in base units.
        cumulative: BaseUnits,
    },
    /// The answer was had before; the seller does not give it again.
    #[error("its answer was had before")]
    Answered,
}
