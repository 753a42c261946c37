//! Transaction results as codes.

use stellar_xdr::{
    InnerTransactionResultResult as Inner, OperationResult, OperationResultTr,
    TransactionResultResult as Outer,
};

use crate::ResultCode;

/// The code of a result; of a fee bump whose inner transaction failed, the inner one's.
pub(super) fn of(result: &Outer) -> ResultCode {
    match result {
        Outer::TxFailed(operations) => ResultCode::OperationFailed(failed(operations)),
        Outer::TxFeeBumpInnerFailed(pair) => of_inner(&pair.result.result),
        Outer::TxTooEarly => ResultCode::TooEarly,
        Outer::TxTooLate => ResultCode::TooLate,
        Outer::TxBadSeq => ResultCode::BadSequence,
        Outer::TxBadAuth => ResultCode::BadAuth,
        Outer::TxBadAuthExtra => ResultCode::BadAuthExtra,
        Outer::TxInsufficientBalance => ResultCode::InsufficientBalance,
        Outer::TxNoAccount => ResultCode::NoAccount,
        Outer::TxInsufficientFee => ResultCode::InsufficientFee,
        Outer::TxSorobanInvalid => ResultCode::SorobanInvalid,
        Outer::TxMalformed => ResultCode::Malformed,
        other => ResultCode::Other(other.name().to_owned()),
    }
}

fn of_inner(result: &Inner) -> ResultCode {
    match result {
        Inner::TxFailed(operations) => ResultCode::OperationFailed(failed(operations)),
        Inner::TxTooEarly => ResultCode::TooEarly,
        Inner::TxTooLate => ResultCode::TooLate,
        Inner::TxBadSeq => ResultCode::BadSequence,
        Inner::TxBadAuth => ResultCode::BadAuth,
        Inner::TxBadAuthExtra => ResultCode::BadAuthExtra,
        Inner::TxInsufficientBalance => ResultCode::InsufficientBalance,
        Inner::TxNoAccount => ResultCode::NoAccount,
        Inner::TxInsufficientFee => ResultCode::InsufficientFee,
        Inner::TxSorobanInvalid => ResultCode::SorobanInvalid,
        Inner::TxMalformed => ResultCode::Malformed,
        other => ResultCode::Other(other.name().to_owned()),
    }
}

/// The code of the first operation that failed, such as `InvokeHostFunction(Trapped)`.
fn failed(operations: &[OperationResult]) -> String {
    let code = |operation: &OperationResult| match operation {
        OperationResult::OpInner(OperationResultTr::InvokeHostFunction(result)) => {
            let name = result.name();
            (name != "Success").then(|| format!("InvokeHostFunction({name})"))
        }
        OperationResult::OpInner(other) => Some(other.name().to_owned()),
        other => Some(other.name().to_owned()),
    };
    operations
        .iter()
        .find_map(code)
        .unwrap_or_else(|| "no operation".to_owned())
}
