//! `POST /transactions` and `GET /transactions/{hash}`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{
    FeeBumpTransactionInnerTx, InnerTransactionResultResult, OperationResult, TransactionEnvelope,
    TransactionResult, TransactionResultResult,
};

use super::links;
use super::problem::{bad_request, not_found, unavailable, with_extras};
use crate::engine::events::account_text;
use crate::engine::history::TransactionRecord;
use crate::engine::submit::Submission;
use crate::engine::xdr::decode;
use crate::rpc::{RpcContext, read_envelope, to_base64};

/// How long a submission waits for its ledger, as Horizon does, and how often it looks.
const WAIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

#[derive(Deserialize)]
pub(super) struct Submitted {
    tx: String,
}

pub(super) async fn submit(
    State(context): State<RpcContext>,
    axum::Form(form): axum::Form<Submitted>,
) -> Response {
    let Ok(frame) = read_envelope(&form.tx, context.network_id) else {
        return with_extras(
            StatusCode::BAD_REQUEST,
            "Transaction Malformed",
            "Horizon could not decode the transaction envelope in this request.",
            Some(json!({ "envelope_xdr": form.tx })),
        );
    };
    let hash = frame.hash();
    let submitted = context
        .engine
        .call(move |engine| {
            if let Some(known) = engine.history().transaction(&hash) {
                return Ok((Submission::Duplicate, Some(known)));
            }
            engine.submit(frame).map(|submission| (submission, None))
        })
        .await;
    match submitted {
        Ok(Ok((_, Some(record)))) => outcome(&record, &context.base_url),
        Ok(Ok((Submission::Refused(result), None))) => refused(&form.tx, &result, hash),
        Ok(Ok((Submission::Pending | Submission::Duplicate, None))) => {
            await_ledger(&context, hash).await
        }
        Ok(Err(error)) => super::problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            &error.to_string(),
        ),
        Err(stopped) => unavailable(&stopped),
    }
}

async fn await_ledger(context: &RpcContext, hash: [u8; 32]) -> Response {
    let deadline = tokio::time::Instant::now() + WAIT;
    while tokio::time::Instant::now() < deadline {
        match context
            .engine
            .call(move |engine| engine.history().transaction(&hash))
            .await
        {
            Ok(Some(record)) => return outcome(&record, &context.base_url),
            Ok(None) => tokio::time::sleep(LOOK).await,
            Err(stopped) => return unavailable(&stopped),
        }
    }
    super::problem(
        StatusCode::GATEWAY_TIMEOUT,
        "Timeout",
        "The transaction was accepted, but no ledger has taken it in yet.",
    )
}

pub(super) async fn show(State(context): State<RpcContext>, Path(hash): Path<String>) -> Response {
    let mut bytes = [0; 32];
    if hex::decode_to_slice(&hash, &mut bytes).is_err() {
        return bad_request("a transaction hash is 64 hex digits");
    }
    match context
        .engine
        .call(move |engine| engine.history().transaction(&bytes))
        .await
    {
        Ok(Some(record)) => Json(transaction_json(&record, &context.base_url)).into_response(),
        Ok(None) => not_found(),
        Err(stopped) => unavailable(&stopped),
    }
}

fn outcome(record: &Arc<TransactionRecord>, base: &str) -> Response {
    if record.succeeded {
        return Json(transaction_json(record, base)).into_response();
    }
    match decode::<TransactionResult>(&record.result) {
        Ok(result) => refused(&STANDARD.encode(&record.envelope), &result, record.hash),
        Err(_) => not_found(),
    }
}

fn refused(envelope: &str, result: &TransactionResult, hash: [u8; 32]) -> Response {
    let (transaction, operations) = codes(&result.result);
    let mut result_codes = json!({ "transaction": transaction });
    if let Some(inner) = inner_code(&result.result) {
        result_codes["inner_transaction"] = json!(inner);
    }
    if !operations.is_empty() {
        result_codes["operations"] = json!(operations);
    }
    with_extras(
        StatusCode::BAD_REQUEST,
        "Transaction Failed",
        "The transaction failed when submitted to the stellar network. The `extras.result_codes` field on this response contains further details.",
        Some(json!({
            "envelope_xdr": envelope,
            "hash": hex::encode(hash),
            "result_codes": result_codes,
            "result_xdr": to_base64(result).unwrap_or_default(),
        })),
    )
}

/// Horizon's names of the transaction's code and of its operations' codes.
fn codes(result: &TransactionResultResult) -> (String, Vec<String>) {
    let operations = match result {
        TransactionResultResult::TxSuccess(results)
        | TransactionResultResult::TxFailed(results) => operation_codes(results),
        TransactionResultResult::TxFeeBumpInnerSuccess(pair)
        | TransactionResultResult::TxFeeBumpInnerFailed(pair) => match &pair.result.result {
            InnerTransactionResultResult::TxSuccess(results)
            | InnerTransactionResultResult::TxFailed(results) => operation_codes(results),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    (snake(result.name()), operations)
}

fn inner_code(result: &TransactionResultResult) -> Option<String> {
    match result {
        TransactionResultResult::TxFeeBumpInnerFailed(pair) => {
            Some(snake(pair.result.result.name()))
        }
        _ => None,
    }
}

fn operation_codes(results: &[OperationResult]) -> Vec<String> {
    results
        .iter()
        .map(|result| match result {
            OperationResult::OpInner(inner) => operation_code(inner),
            other => snake(other.name()),
        })
        .collect()
}

fn operation_code(inner: &stellar_xdr::OperationResultTr) -> String {
    use stellar_xdr::OperationResultTr as Tr;
    let name = match inner {
        Tr::CreateAccount(result) => result.name(),
        Tr::Payment(result) => result.name(),
        Tr::ChangeTrust(result) => result.name(),
        Tr::SetOptions(result) => result.name(),
        Tr::InvokeHostFunction(result) => result.name(),
        Tr::ExtendFootprintTtl(result) => result.name(),
        Tr::RestoreFootprint(result) => result.name(),
        other => other.name(),
    };
    format!("op_{}", snake(name))
}

/// `TxBadSeq` as `tx_bad_seq`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len().saturating_add(4));
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !text.is_empty() {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

/// A transaction as Horizon shows it.
pub(crate) fn transaction_json(record: &TransactionRecord, base: &str) -> Value {
    let hash = hex::encode(record.hash);
    let mut json = json!({
        "id": hash,
        "paging_token": ((u64::from(record.ledger) << 32) | (u64::from(record.index) << 12)).to_string(),
        "successful": record.succeeded,
        "hash": hash,
        "ledger": record.ledger,
        "created_at": crate::timestamp::rfc3339(record.closed_at),
        "envelope_xdr": STANDARD.encode(&record.envelope),
        "result_xdr": STANDARD.encode(&record.result),
        "result_meta_xdr": STANDARD.encode(&record.meta),
    });
    if let Ok(result) = decode::<TransactionResult>(&record.result) {
        json["fee_charged"] = json!(result.fee_charged.to_string());
    }
    if let Ok(envelope) = decode::<TransactionEnvelope>(&record.envelope) {
        describe_envelope(&mut json, &envelope);
        let source = json["source_account"].as_str().unwrap_or_default();
        json["_links"] = links::of_transaction(base, &hash, record.ledger, source);
    }
    json
}

fn describe_envelope(json: &mut Value, envelope: &TransactionEnvelope) {
    let tx = match envelope {
        TransactionEnvelope::Tx(v1) => &v1.tx,
        TransactionEnvelope::TxFeeBump(outer) => {
            json["fee_account"] = json!(account_text(&outer.tx.fee_source.clone().account_id()));
            json["max_fee"] = json!(outer.tx.fee.to_string());
            let FeeBumpTransactionInnerTx::Tx(inner) = &outer.tx.inner_tx;
            &inner.tx
        }
        TransactionEnvelope::TxV0(_) => return,
    };
    let source = account_text(&tx.source_account.clone().account_id());
    if json.get("fee_account").is_none() {
        json["fee_account"] = json!(source);
        json["max_fee"] = json!(tx.fee.to_string());
    }
    json["source_account"] = json!(source);
    json["source_account_sequence"] = json!(tx.seq_num.0.to_string());
    json["operation_count"] = json!(tx.operations.len());
    json["memo_type"] = json!(tx.memo.name().to_lowercase());
}
