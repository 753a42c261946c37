//! What the network says to a transaction.

use std::fmt;

use coinslot_soroban_authorization::TransactionHash;

/// The network's first answer to a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// Taken; it may land in one of the next ledgers.
    Pending {
        /// Its hash (of a fee bump: the outer one).
        hash: TransactionHash,
    },
    /// It was submitted before.
    Duplicate {
        /// Its hash (of a fee bump: the outer one).
        hash: TransactionHash,
    },
    /// Not taken now, because another of the source account's is in the queue or the queue is
    /// full. The same envelope may be submitted again.
    TryAgainLater,
    /// Not taken: as it is, and with the ledger as it is, it cannot land.
    Refused {
        /// Why.
        code: ResultCode,
    },
}

/// The result code of a transaction (`TransactionResultCode`). Of a fee bump whose inner
/// transaction failed, this is the inner one's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultCode {
    /// `txFAILED`: the operation failed; its own code follows, such as
    /// `InvokeHostFunction(Trapped)`.
    OperationFailed(String),
    /// `txTOO_EARLY`: its time bounds or ledger bounds begin later.
    TooEarly,
    /// `txTOO_LATE`: its time bounds or ledger bounds are past.
    TooLate,
    /// `txBAD_SEQ`: its sequence number is not the source account's next.
    BadSequence,
    /// `txBAD_AUTH`: signatures are missing, wrong or too weak.
    BadAuth,
    /// `txBAD_AUTH_EXTRA`: there are signatures that nobody asked for.
    BadAuthExtra,
    /// `txINSUFFICIENT_BALANCE`: the fee would take the account below its reserve.
    InsufficientBalance,
    /// `txNO_ACCOUNT`: the source account does not exist.
    NoAccount,
    /// `txINSUFFICIENT_FEE`: its fee is below the least that is taken now.
    InsufficientFee,
    /// `txSOROBAN_INVALID`: its Soroban resources break a limit or do not fit the operation.
    SorobanInvalid,
    /// `txMALFORMED`.
    Malformed,
    /// Another code, by its name.
    Other(String),
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OperationFailed(operation) => return write!(f, "txFAILED: {operation}"),
            Self::TooEarly => "txTOO_EARLY",
            Self::TooLate => "txTOO_LATE",
            Self::BadSequence => "txBAD_SEQ",
            Self::BadAuth => "txBAD_AUTH",
            Self::BadAuthExtra => "txBAD_AUTH_EXTRA",
            Self::InsufficientBalance => "txINSUFFICIENT_BALANCE",
            Self::NoAccount => "txNO_ACCOUNT",
            Self::InsufficientFee => "txINSUFFICIENT_FEE",
            Self::SorobanInvalid => "txSOROBAN_INVALID",
            Self::Malformed => "txMALFORMED",
            Self::Other(name) => name,
        })
    }
}
