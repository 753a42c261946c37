//! Why a call came to nothing.

use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::Address;

use crate::{BudgetLimit, Outage};

/// Why a call was not confirmed and has not failed either.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// It was not sent: as it is, and with the ledger as it is, it cannot be.
    #[error(transparent)]
    Refused(#[from] CallRefusal),
    /// Something on our side is down. It has not happened, and will not by this call.
    #[error(transparent)]
    Unavailable(Outage),
    /// It was sent, and what became of it is not known yet: it may have landed, or still land.
    #[error(
        "the call was sent as transaction {transaction}, which may land until the chain's time is {max_time}; ask for it by its hash"
    )]
    Unknown {
        /// The transaction; its inner hash, if it is a fee bump, which stays the same when the bid is raised.
        transaction: TransactionHash,
        /// The last close time, in seconds since 1970, of a ledger that can hold it.
        max_time: u64,
    },
}

/// Why a call was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallRefusal {
    /// It would fail.
    #[error("the call would fail: {message}")]
    WouldFail {
        /// The contract's own error number, if that is the reason.
        contract_error: Option<u32>,
        /// The host's reason: bounded in length, its control characters escaped.
        message: String,
    },
    /// Somebody has to authorize it for whom there is no signer.
    #[error("the call has to be authorized by {0}, and there is no signer for that")]
    NoSigner(Address),
    /// The node wants something else authorized than this call.
    #[error(
        "the Stellar RPC asks for an authorization of something else than this call; it is not signed"
    )]
    ForeignAuthorization,
    /// A signer gave no signature.
    #[error("the signer for {0} gave no signature")]
    NotSigned(Address),
    /// It would cost more than the policy allows.
    #[error(
        "the call needs a fee of at least {needed_stroops} stroops, and {max_fee_stroops} is the most that is paid"
    )]
    FeeTooHigh {
        /// The least fee.
        needed_stroops: u64,
        /// [`FeePolicy::max_fee_stroops`](crate::FeePolicy::max_fee_stroops).
        max_fee_stroops: u64,
    },
    /// What may be spent in a day is spent.
    #[error("{0}")]
    Budget(BudgetLimit),
    /// The entries are missing that a lifetime or a restoration is about.
    #[error("the operation is about ledger entries, and none were named")]
    NoEntries,
}

impl CallRefusal {
    /// A failure in the host's words, such as `HostError: Error(Contract, #13)…`.
    pub(super) fn would_fail(message: String) -> Self {
        Self::WouldFail {
            contract_error: contract_error(&message),
            message,
        }
    }
}

/// The number in the first error that is named: those that follow are of the calls that led there.
fn contract_error(message: &str) -> Option<u32> {
    let (_, first) = message.split_once("Error(")?;
    let (number, _) = first.strip_prefix("Contract, #")?.split_once(')')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_own_error_is_the_first_one_that_is_named() {
        for (message, number) in [
            ("HostError: Error(Contract, #13)\\u{a}Event log", Some(13)),
            ("HostError: Error(Contract, #4294967295)", Some(u32::MAX)),
            (
                "HostError: Error(Auth, InvalidAction)\\u{a}Error(Contract, #13)",
                None,
            ),
            ("HostError: Error(Contract, #4294967296)", None),
            ("HostError: Error(Contract, #", None),
            ("HostError: Error(Contract, 1)", None),
            ("", None),
        ] {
            assert_eq!(contract_error(message), number, "{message}");
        }
    }
}
