//! `sendTransaction`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::encoding::{read_envelope, to_base64};
use super::{RpcContext, RpcError};
use crate::engine::submit::Submission;

#[derive(Deserialize)]
pub(super) struct Params {
    transaction: String,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    let frame = read_envelope(&params.transaction, context.network_id)?;
    let hash = hex::encode(frame.hash());
    let (latest, close_time, submission) = context
        .engine
        .call(move |engine| {
            let submission = engine.submit(frame);
            let latest = engine.reported();
            (latest.sequence(), latest.close_time(), submission)
        })
        .await?;
    let mut answer = json!({
        "hash": hash,
        "latestLedger": latest,
        "latestLedgerCloseTime": close_time.to_string(),
    });
    let status = match submission? {
        Submission::Pending => "PENDING",
        Submission::Duplicate => "DUPLICATE",
        Submission::Refused(result) => {
            answer["errorResultXdr"] = json!(to_base64(result.as_ref())?);
            "ERROR"
        }
    };
    answer["status"] = json!(status);
    Ok(answer)
}
