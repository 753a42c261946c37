//! Transaction results: the codes of the rules, written as XDR at the right level of a fee bump.

use stellar_xdr::{
    Hash, InnerTransactionResult, InnerTransactionResultExt, InnerTransactionResultPair,
    InnerTransactionResultResult, OperationResult, TransactionResult, TransactionResultExt,
    TransactionResultResult,
};

use super::frame::Frame;

/// Why a transaction was refused or failed before its operations ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    TooEarly,
    TooLate,
    MissingOperation,
    BadSeq,
    BadAuth,
    InsufficientBalance,
    NoAccount,
    InsufficientFee,
    BadAuthExtra,
    BadMinSeqAgeOrGap,
    Malformed,
    SorobanInvalid,
}

/// At which level of a fee bump a code belongs. A plain transaction has one level only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Outer,
    Inner,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Refused(Level, Code),
    Failed(Vec<OperationResult>),
    Succeeded(Vec<OperationResult>),
}

impl Outcome {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }

    /// The XDR result with the fee that was, or would be, charged.
    pub(crate) fn to_result(
        &self,
        frame: &Frame,
        fee_charged: i64,
    ) -> Result<TransactionResult, stellar_xdr::Error> {
        let result = match (self, &frame.bump) {
            (Self::Refused(Level::Outer, code), _) | (Self::Refused(Level::Inner, code), None) => {
                code.outer()
            }
            (Self::Failed(operations), None) => {
                TransactionResultResult::TxFailed(operations.clone().try_into()?)
            }
            (Self::Succeeded(operations), None) => {
                TransactionResultResult::TxSuccess(operations.clone().try_into()?)
            }
            (Self::Refused(Level::Inner, code), Some(_)) => {
                TransactionResultResult::TxFeeBumpInnerFailed(pair(frame, code.inner()))
            }
            (Self::Failed(operations), Some(_)) => {
                TransactionResultResult::TxFeeBumpInnerFailed(pair(
                    frame,
                    InnerTransactionResultResult::TxFailed(operations.clone().try_into()?),
                ))
            }
            (Self::Succeeded(operations), Some(_)) => {
                TransactionResultResult::TxFeeBumpInnerSuccess(pair(
                    frame,
                    InnerTransactionResultResult::TxSuccess(operations.clone().try_into()?),
                ))
            }
        };
        Ok(TransactionResult {
            fee_charged,
            result,
            ext: TransactionResultExt::V0,
        })
    }
}

fn pair(frame: &Frame, result: InnerTransactionResultResult) -> InnerTransactionResultPair {
    InnerTransactionResultPair {
        transaction_hash: Hash(frame.inner_hash),
        result: InnerTransactionResult {
            fee_charged: 0,
            result,
            ext: InnerTransactionResultExt::V0,
        },
    }
}

impl Code {
    fn outer(self) -> TransactionResultResult {
        match self {
            Self::TooEarly => TransactionResultResult::TxTooEarly,
            Self::TooLate => TransactionResultResult::TxTooLate,
            Self::MissingOperation => TransactionResultResult::TxMissingOperation,
            Self::BadSeq => TransactionResultResult::TxBadSeq,
            Self::BadAuth => TransactionResultResult::TxBadAuth,
            Self::InsufficientBalance => TransactionResultResult::TxInsufficientBalance,
            Self::NoAccount => TransactionResultResult::TxNoAccount,
            Self::InsufficientFee => TransactionResultResult::TxInsufficientFee,
            Self::BadAuthExtra => TransactionResultResult::TxBadAuthExtra,
            Self::BadMinSeqAgeOrGap => TransactionResultResult::TxBadMinSeqAgeOrGap,
            Self::Malformed => TransactionResultResult::TxMalformed,
            Self::SorobanInvalid => TransactionResultResult::TxSorobanInvalid,
        }
    }

    fn inner(self) -> InnerTransactionResultResult {
        match self {
            Self::TooEarly => InnerTransactionResultResult::TxTooEarly,
            Self::TooLate => InnerTransactionResultResult::TxTooLate,
            Self::MissingOperation => InnerTransactionResultResult::TxMissingOperation,
            Self::BadSeq => InnerTransactionResultResult::TxBadSeq,
            Self::BadAuth => InnerTransactionResultResult::TxBadAuth,
            Self::InsufficientBalance => InnerTransactionResultResult::TxInsufficientBalance,
            Self::NoAccount => InnerTransactionResultResult::TxNoAccount,
            Self::InsufficientFee => InnerTransactionResultResult::TxInsufficientFee,
            Self::BadAuthExtra => InnerTransactionResultResult::TxBadAuthExtra,
            Self::BadMinSeqAgeOrGap => InnerTransactionResultResult::TxBadMinSeqAgeOrGap,
            Self::Malformed => InnerTransactionResultResult::TxMalformed,
            Self::SorobanInvalid => InnerTransactionResultResult::TxSorobanInvalid,
        }
    }
}
