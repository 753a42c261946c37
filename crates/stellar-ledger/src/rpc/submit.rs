//! `sendTransaction`.

use coinslot_soroban_authorization::{Envelope, TransactionHash};
use serde::Deserialize;
use serde_json::json;
use stellar_xdr::TransactionResult;

use super::answer::{bad_member, malformed};
use super::endpoints::{Endpoints, Outcome};
use super::{result_code, transaction, xdr};
use crate::{
    LedgerError, Malformation, ResultCode, Submission, TransactionStatus, UnavailableReason,
};

const METHOD: &str = "sendTransaction";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: String,
    hash: String,
    error_result_xdr: Option<String>,
}

pub(super) async fn submit(
    endpoints: &Endpoints,
    envelope: &Envelope,
) -> Result<Submission, LedgerError> {
    let hash = envelope.hash(&endpoints.network().await?);
    let params = json!({ "transaction": envelope.to_base64() });
    let Outcome {
        result,
        may_have_arrived_before,
    } = endpoints.call_until(METHOD, params, Ok).await;
    let answer: Answer = result?;
    let submission = read(&answer, hash)?;
    match submission {
        // The network may be refusing the repetition of what it took before: the sequence number
        // is used up when the transaction has landed.
        Submission::Refused { .. } if may_have_arrived_before => {
            match transaction::transaction(endpoints, &hash).await? {
                TransactionStatus::NotFound => {
                    Err(LedgerError::unavailable(UnavailableReason::AnswerLost))
                }
                _ => Ok(Submission::Pending { hash }),
            }
        }
        // It is a duplicate of our own submission, whose answer was lost.
        Submission::Duplicate { .. } if may_have_arrived_before => Ok(Submission::Pending { hash }),
        submission => Ok(submission),
    }
}

fn read(answer: &Answer, hash: TransactionHash) -> Result<Submission, LedgerError> {
    if answer.hash.parse() != Ok(hash) {
        return Err(malformed(
            METHOD,
            Malformation::NotAsked("the transaction's hash"),
        ));
    }
    match answer.status.as_str() {
        "PENDING" => Ok(Submission::Pending { hash }),
        "DUPLICATE" => Ok(Submission::Duplicate { hash }),
        "TRY_AGAIN_LATER" => Ok(Submission::TryAgainLater),
        "ERROR" => Ok(Submission::Refused {
            code: code(answer.error_result_xdr.as_deref()),
        }),
        _ => Err(bad_member(METHOD, "status")),
    }
}

/// Why it was refused. It was, also when the reason cannot be read.
fn code(result: Option<&str>) -> ResultCode {
    result
        .and_then(|text| xdr::decode::<TransactionResult>(METHOD, "errorResultXdr", text).ok())
        .map_or_else(
            || ResultCode::Other("no reason given".to_owned()),
            |result| result_code::of(&result.result),
        )
}
