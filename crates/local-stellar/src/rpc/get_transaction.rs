//! `getTransaction`.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use stellar_xdr::TransactionMeta;

use super::encoding::{bytes_to_base64, hash_from_hex, to_base64};
use super::{RpcContext, RpcError};
use crate::engine::history::TransactionRecord;
use crate::engine::xdr::decode;

#[derive(Deserialize)]
pub(super) struct Params {
    hash: String,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    let hash = hash_from_hex(&params.hash)?;
    let (record, latest, oldest) = context
        .engine
        .call(move |engine| {
            let bounds = |ledger: &crate::engine::history::LedgerRecord| {
                (ledger.sequence(), ledger.close_time())
            };
            (
                engine.history().transaction(&hash),
                bounds(engine.reported()),
                bounds(engine.oldest()),
            )
        })
        .await?;
    let mut answer = match record {
        Some(record) => describe(&record)?,
        None => Map::from_iter([("status".to_owned(), json!("NOT_FOUND"))]),
    };
    answer.insert("txHash".to_owned(), json!(hex::encode(hash)));
    answer.insert("latestLedger".to_owned(), json!(latest.0));
    answer.insert(
        "latestLedgerCloseTime".to_owned(),
        json!(latest.1.to_string()),
    );
    answer.insert("oldestLedger".to_owned(), json!(oldest.0));
    answer.insert(
        "oldestLedgerCloseTime".to_owned(),
        json!(oldest.1.to_string()),
    );
    Ok(Value::Object(answer))
}

/// The fields that `getTransaction` and `getTransactions` share.
pub(super) fn describe(record: &TransactionRecord) -> Result<Map<String, Value>, RpcError> {
    let status = if record.succeeded {
        "SUCCESS"
    } else {
        "FAILED"
    };
    let TransactionMeta::V4(meta) = decode(&record.meta)? else {
        return Err(RpcError::from(stellar_xdr::Error::Invalid));
    };
    let mut answer = Map::new();
    answer.insert("status".to_owned(), json!(status));
    answer.insert("applicationOrder".to_owned(), json!(record.index));
    answer.insert("feeBump".to_owned(), json!(record.inner_hash.is_some()));
    answer.insert(
        "envelopeXdr".to_owned(),
        json!(bytes_to_base64(&record.envelope)),
    );
    answer.insert(
        "resultXdr".to_owned(),
        json!(bytes_to_base64(&record.result)),
    );
    answer.insert(
        "resultMetaXdr".to_owned(),
        json!(bytes_to_base64(&record.meta)),
    );
    answer.insert("ledger".to_owned(), json!(record.ledger));
    answer.insert("createdAt".to_owned(), json!(record.closed_at.to_string()));
    if !meta.diagnostic_events.is_empty() {
        let events = meta
            .diagnostic_events
            .iter()
            .map(to_base64)
            .collect::<Result<Vec<_>, _>>()?;
        answer.insert("diagnosticEventsXdr".to_owned(), json!(events));
    }
    let transaction_events = meta
        .events
        .iter()
        .map(to_base64)
        .collect::<Result<Vec<_>, _>>()?;
    let contract_events = meta
        .operations
        .iter()
        .map(|operation| operation.events.iter().map(to_base64).collect())
        .collect::<Result<Vec<Vec<_>>, _>>()?;
    answer.insert(
        "events".to_owned(),
        json!({
            "transactionEventsXdr": transaction_events,
            "contractEventsXdr": contract_events,
        }),
    );
    Ok(answer)
}
