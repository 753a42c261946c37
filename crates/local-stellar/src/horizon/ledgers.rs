//! `GET /ledgers` and `GET /ledgers/{sequence}`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::links;
use super::problem::{bad_request, not_found, unavailable};
use crate::engine::history::LedgerRecord;
use crate::engine::xdr::encode;
use crate::rpc::RpcContext;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 200;

#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<usize>,
    order: Option<String>,
    cursor: Option<String>,
}

pub(super) async fn list(State(context): State<RpcContext>, Query(page): Query<Page>) -> Response {
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return bad_request("limit must be 1 to 200");
    }
    let descending = match page.order.as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return bad_request("order must be asc or desc"),
    };
    let cursor = match page.cursor.as_deref() {
        None | Some("" | "now") => None,
        Some(text) => match text.parse::<u64>() {
            Ok(token) => u32::try_from(token >> 32).ok(),
            Err(_) => return bad_request("cursor must be a paging token"),
        },
    };
    let ledgers = context
        .engine
        .call(move |engine| {
            let after = |ledger: &&LedgerRecord| match cursor {
                None => true,
                Some(cursor) if descending => ledger.sequence() < cursor,
                Some(cursor) => ledger.sequence() > cursor,
            };
            let all = engine.history().ledgers();
            if descending {
                all.rev().filter(after).take(limit).cloned().collect()
            } else {
                all.filter(after).take(limit).cloned().collect::<Vec<_>>()
            }
        })
        .await;
    match ledgers {
        Ok(ledgers) => {
            let records: Vec<Value> = ledgers
                .iter()
                .map(|ledger| describe(ledger, &context.base_url))
                .collect();
            Json(json!({ "_links": links::of_page(&context.base_url, "/ledgers"), "_embedded": { "records": records } })).into_response()
        }
        Err(stopped) => unavailable(&stopped),
    }
}

pub(super) async fn show(
    State(context): State<RpcContext>,
    Path(sequence): Path<String>,
) -> Response {
    let Ok(sequence) = sequence.parse::<u32>() else {
        return bad_request("the ledger sequence is not a number");
    };
    match context
        .engine
        .call(move |engine| engine.history().ledger(sequence).cloned())
        .await
    {
        Ok(Some(ledger)) => Json(describe(&ledger, &context.base_url)).into_response(),
        Ok(None) => not_found(),
        Err(stopped) => unavailable(&stopped),
    }
}

fn describe(ledger: &LedgerRecord, base: &str) -> Value {
    let hash = hex::encode(ledger.hash);
    let header = &ledger.header;
    json!({
        "_links": links::of_ledger(base, ledger.sequence()),
        "id": hash,
        "paging_token": (u64::from(ledger.sequence()) << 32).to_string(),
        "hash": hash,
        "prev_hash": hex::encode(header.previous_ledger_hash.0),
        "sequence": ledger.sequence(),
        "successful_transaction_count": ledger.succeeded,
        "failed_transaction_count": ledger.failed,
        "operation_count": ledger.operations,
        "tx_set_operation_count": ledger.operations,
        "closed_at": crate::timestamp::rfc3339(ledger.close_time()),
        "total_coins": lumens(header.total_coins),
        "fee_pool": lumens(header.fee_pool),
        "base_fee_in_stroops": header.base_fee,
        "base_reserve_in_stroops": header.base_reserve,
        "max_tx_set_size": header.max_tx_set_size,
        "protocol_version": header.ledger_version,
        "header_xdr": encode(header).map(|bytes| STANDARD.encode(bytes)).unwrap_or_default(),
    })
}

fn lumens(stroops: i64) -> String {
    let stroops = stroops.max(0).unsigned_abs();
    format!("{}.{:07}", stroops / 10_000_000, stroops % 10_000_000)
}
