//! Submissions, and what became of them.

use coinslot_soroban_authorization::{TransactionHash, fee_bump};
use coinslot_stellar_ledger::{
    Ledger, LedgerError, Malformation, ResultCode, Submission, TransactionStatus, UnavailableReason,
};
use serde_json::{Value, json};
use stellar_xdr::{
    ContractEventType, InnerTransactionResult, InnerTransactionResultPair,
    InnerTransactionResultResult, InvokeHostFunctionResult, OperationMetaV2, OperationResult,
    OperationResultTr, ScVal, SorobanTransactionMeta, SorobanTransactionMetaV2, TransactionMeta,
    TransactionMetaV3, TransactionMetaV4, TransactionResult, TransactionResultResult,
};

use crate::fixtures::{base64, bytes, envelope, event, network, sponsor};
use crate::node::{always, ledger, methods, node};
use crate::server::Reply;

fn hash() -> TransactionHash {
    envelope().hash(&network())
}

fn result(result: TransactionResultResult) -> String {
    base64(&TransactionResult {
        fee_charged: 321,
        result,
        ..TransactionResult::default()
    })
}

fn trapped() -> OperationResult {
    OperationResult::OpInner(OperationResultTr::InvokeHostFunction(
        InvokeHostFunctionResult::Trapped,
    ))
}

fn sent(status: &str, error: Option<&str>) -> Value {
    json!({"status": status, "hash": hash().to_string(), "latestLedger": 9,
        "latestLedgerCloseTime": "1", "errorResultXdr": error})
}

async fn submitted(answer: Value) -> Result<Submission, LedgerError> {
    let server = always(answer).await;
    ledger(&server).submit(&envelope()).await
}

#[tokio::test]
async fn submissions() {
    let hash = hash();
    let of = async |status| submitted(sent(status, None)).await.unwrap();
    assert_eq!(of("PENDING").await, Submission::Pending { hash });
    assert_eq!(of("DUPLICATE").await, Submission::Duplicate { hash });
    assert_eq!(of("TRY_AGAIN_LATER").await, Submission::TryAgainLater);
    for (xdr, code) in [
        (TransactionResultResult::TxBadSeq, ResultCode::BadSequence),
        (
            TransactionResultResult::TxInsufficientFee,
            ResultCode::InsufficientFee,
        ),
        (
            TransactionResultResult::TxInsufficientBalance,
            ResultCode::InsufficientBalance,
        ),
        (TransactionResultResult::TxTooLate, ResultCode::TooLate),
        (TransactionResultResult::TxTooEarly, ResultCode::TooEarly),
        (TransactionResultResult::TxBadAuth, ResultCode::BadAuth),
        (TransactionResultResult::TxNoAccount, ResultCode::NoAccount),
        (
            TransactionResultResult::TxSorobanInvalid,
            ResultCode::SorobanInvalid,
        ),
    ] {
        let answer = sent("ERROR", Some(&result(xdr)));
        assert_eq!(
            submitted(answer).await.unwrap(),
            Submission::Refused { code }
        );
    }
    for unreadable in [None, Some("AAAA")] {
        let refused = submitted(sent("ERROR", unreadable)).await.unwrap();
        assert!(matches!(
            refused,
            Submission::Refused {
                code: ResultCode::Other(_)
            }
        ));
    }
}

#[tokio::test]
async fn submissions_of_something_else_are_refused() {
    let mut other = sent("PENDING", None);
    other["hash"] = json!("00".repeat(32));
    for answer in [other, sent("pending", None), sent("", None)] {
        let error = submitted(answer).await.unwrap_err();
        assert!(matches!(error, LedgerError::Malformed(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_lost_submission_is_repeated_as_it_was() {
    let server = node(|call| match call.number {
        0 | 1 => Reply::Close,
        _ => call.ok(&sent("DUPLICATE", None)),
    })
    .await;
    let submission = ledger(&server).submit(&envelope()).await.unwrap();
    assert_eq!(submission, Submission::Pending { hash: hash() });
    for request in &server.seen()[1..] {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["params"]["transaction"], envelope().to_base64());
    }
}

/// The first try landed and its answer was lost: its sequence number is used up, and the network
/// refuses the second. That must not read as "refused".
#[tokio::test]
async fn a_refused_repetition_is_looked_up() {
    let refused = || sent("ERROR", Some(&result(TransactionResultResult::TxBadSeq)));
    for landed in [true, false] {
        let server = node(move |call| match (call.method.as_str(), call.number) {
            ("sendTransaction", 1) => Reply::Close,
            ("sendTransaction", _) => call.ok(&refused()),
            _ if landed => call.ok(&landed_answer()),
            _ => call.ok(&json!({"status": "NOT_FOUND", "latestLedger": 1})),
        })
        .await;
        let outcome = ledger(&server).submit(&envelope()).await;
        let asked = methods(&server);
        assert_eq!(
            asked,
            [
                "getNetwork",
                "sendTransaction",
                "sendTransaction",
                "getTransaction"
            ]
        );
        match outcome {
            Ok(submission) => {
                assert!(landed);
                assert_eq!(submission, Submission::Pending { hash: hash() });
            }
            Err(LedgerError::Unavailable { reason, .. }) => {
                assert!(!landed);
                assert_eq!(reason, UnavailableReason::AnswerLost);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    // Without a loss before it, a refusal is one.
    let server = node(move |call| call.ok(&refused())).await;
    let submission = ledger(&server).submit(&envelope()).await.unwrap();
    assert_eq!(
        submission,
        Submission::Refused {
            code: ResultCode::BadSequence
        }
    );
}

fn meta() -> String {
    base64(&TransactionMeta::V4(TransactionMetaV4 {
        operations: vec![OperationMetaV2 {
            events: vec![
                event(ContractEventType::Contract),
                event(ContractEventType::System),
            ]
            .try_into()
            .unwrap(),
            ..OperationMetaV2::default()
        }]
        .try_into()
        .unwrap(),
        soroban_meta: Some(SorobanTransactionMetaV2 {
            return_value: Some(ScVal::U32(4)),
            ..SorobanTransactionMetaV2::default()
        }),
        ..TransactionMetaV4::default()
    }))
}

fn landed_answer() -> Value {
    json!({
        "status": "SUCCESS", "ledger": 8, "createdAt": "1750000000", "latestLedger": 9,
        "envelopeXdr": envelope().to_base64(),
        "resultXdr": result(TransactionResultResult::TxSuccess(
            vec![OperationResult::OpInner(OperationResultTr::InvokeHostFunction(
                InvokeHostFunctionResult::Success(stellar_xdr::Hash([0; 32]))
            ))].try_into().unwrap()
        )),
        "resultMetaXdr": meta(),
    })
}

async fn status(answer: Value) -> Result<TransactionStatus, LedgerError> {
    let server = always(answer).await;
    ledger(&server).transaction(&hash()).await
}

#[tokio::test]
async fn transactions_that_landed() {
    let mut third = landed_answer();
    third["resultMetaXdr"] = json!(base64(&TransactionMeta::V3(TransactionMetaV3 {
        soroban_meta: Some(SorobanTransactionMeta {
            events: vec![event(ContractEventType::Contract)].try_into().unwrap(),
            return_value: ScVal::Bool(true),
            ..SorobanTransactionMeta::default()
        }),
        ..TransactionMetaV3::default()
    })));
    let mut listed = landed_answer();
    listed["resultMetaXdr"] = json!(null);
    listed["events"] =
        json!({"contractEventsXdr": [[base64(&event(ContractEventType::Contract))]]});
    // A meta that is not understood is not needed where the events are listed.
    let mut later = listed.clone();
    later["resultMetaXdr"] = json!("AAAA");
    let mut both = listed.clone();
    both["resultMetaXdr"] = json!(meta());
    let value = |value: &ScVal| Some(bytes(value));
    for (answer, returned) in [
        (landed_answer(), value(&ScVal::U32(4))),
        (third, value(&ScVal::Bool(true))),
        (listed, None),
        (later, None),
        (both, value(&ScVal::U32(4))),
    ] {
        let TransactionStatus::Succeeded {
            ledger,
            close_time,
            envelope: found,
            events,
            return_value,
            fee_charged,
        } = status(answer).await.unwrap()
        else {
            panic!("it succeeded");
        };
        assert_eq!(
            (ledger, close_time, fee_charged),
            (8, Some(1_750_000_000), 321)
        );
        assert_eq!(found, envelope());
        assert_eq!(return_value, returned);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].as_transfer().unwrap().amount, 10_000);
    }
    let none = status(json!({"status": "NOT_FOUND", "latestLedger": 9}))
        .await
        .unwrap();
    assert!(matches!(none, TransactionStatus::NotFound));
}

#[tokio::test]
async fn transactions_that_failed() {
    let inner = InnerTransactionResultPair {
        result: InnerTransactionResult {
            result: InnerTransactionResultResult::TxFailed(vec![trapped()].try_into().unwrap()),
            ..InnerTransactionResult::default()
        },
        ..InnerTransactionResultPair::default()
    };
    let plain = TransactionResultResult::TxFailed(vec![trapped()].try_into().unwrap());
    for failure in [plain, TransactionResultResult::TxFeeBumpInnerFailed(inner)] {
        let mut answer = landed_answer();
        answer["status"] = json!("FAILED");
        answer["resultXdr"] = json!(result(failure));
        answer["resultMetaXdr"] = json!(null);
        let TransactionStatus::Failed {
            code,
            fee_charged: 321,
            ledger: 8,
            ..
        } = status(answer).await.unwrap()
        else {
            panic!("it failed");
        };
        assert_eq!(code.to_string(), "txFAILED: InvokeHostFunction(Trapped)");
    }
}

#[tokio::test]
async fn a_fee_bump_is_found_by_either_hash() {
    let mut bumped = fee_bump(&envelope(), sponsor().account_id(), 1_000_000).unwrap();
    bumped.sign(&sponsor(), &network()).unwrap();
    let mut answer = landed_answer();
    answer["envelopeXdr"] = json!(bumped.to_base64());
    let server = always(answer).await;
    let ledger = ledger(&server);
    for hash in [bumped.hash(&network()), hash()] {
        let found = ledger.transaction(&hash).await.unwrap();
        assert!(matches!(found, TransactionStatus::Succeeded { .. }));
    }
    let other = TransactionHash::from_bytes([9; 32]);
    match ledger.transaction(&other).await.unwrap_err() {
        LedgerError::Malformed(answer) => {
            assert_eq!(answer.what, Malformation::NotAsked("the transaction"));
        }
        error => panic!("another transaction gave {error:?}"),
    }
}

#[tokio::test]
async fn transactions_that_make_no_sense() {
    for (member, value) in [
        ("status", json!("success")),
        ("status", json!("FAILED")),
        ("ledger", json!(null)),
        ("createdAt", json!("-1")),
        ("envelopeXdr", json!(null)),
        ("envelopeXdr", json!("AAAA")),
        ("resultXdr", json!(null)),
        ("resultXdr", json!("AAAA")),
        (
            "resultXdr",
            json!(result(TransactionResultResult::TxBadSeq)),
        ),
        ("resultMetaXdr", json!(null)),
        ("resultMetaXdr", json!("AAAA")),
        ("events", json!({"contractEventsXdr": [["AAAA"]]})),
    ] {
        let mut answer = landed_answer();
        answer[member] = value.clone();
        let error = status(answer).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Malformed(_)),
            "{member} {value} gave {error:?}"
        );
    }
}
