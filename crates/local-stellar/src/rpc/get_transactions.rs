//! `getTransactions`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::get_transaction::describe;
use super::{RpcContext, RpcError};
use crate::engine::history::Place;

/// Most transactions in one answer, and how many come when none is asked for.
const MAX_LIMIT: usize = 200;
const DEFAULT_LIMIT: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    start_ledger: Option<u32>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    cursor: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    let (cursor, limit) = params
        .pagination
        .map_or((None, None), |page| (page.cursor, page.limit));
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(RpcError::invalid_params(format!(
            "limit must be 1 to {MAX_LIMIT}"
        )));
    }
    let cursor = cursor.map(|text| read_cursor(&text)).transpose()?;
    if cursor.is_some() && params.start_ledger.is_some() {
        return Err(RpcError::invalid_params(
            "startLedger and cursor cannot both be set",
        ));
    }
    let start = params.start_ledger;
    let (page, latest, oldest) = context
        .engine
        .call(move |engine| {
            let latest = engine.reported();
            let oldest = engine.oldest();
            let bounds = (
                (latest.sequence(), latest.close_time()),
                (oldest.sequence(), oldest.close_time()),
            );
            let page: Vec<_> = match (cursor, start) {
                (Some(place), _) => engine
                    .history()
                    .transactions_after(place)
                    .take(limit)
                    .cloned()
                    .collect(),
                (None, Some(ledger))
                    if (oldest.sequence()..=latest.sequence()).contains(&ledger) =>
                {
                    engine
                        .history()
                        .transactions_from(ledger)
                        .take(limit)
                        .cloned()
                        .collect()
                }
                (None, _) => {
                    return Err(RpcError::invalid_params(format!(
                        "start ledger must be between the oldest ledger: {} and the latest ledger: {} for this rpc instance",
                        oldest.sequence(),
                        latest.sequence()
                    )));
                }
            };
            Ok((page, bounds.0, bounds.1))
        })
        .await??;
    let mut transactions = Vec::with_capacity(page.len());
    let mut last = cursor;
    for record in &page {
        let mut transaction = describe(record)?;
        // Here, unlike in getTransaction, the time is a number.
        transaction.insert("createdAt".to_owned(), json!(record.closed_at));
        transaction.insert("txHash".to_owned(), json!(hex::encode(record.hash)));
        transactions.push(Value::Object(transaction));
        last = Some((record.ledger, record.index));
    }
    Ok(json!({
        "transactions": transactions,
        "latestLedger": latest.0,
        "latestLedgerCloseTimestamp": latest.1,
        "oldestLedger": oldest.0,
        "oldestLedgerCloseTimestamp": oldest.1,
        "cursor": write_cursor(last.unwrap_or((start.unwrap_or(latest.0), 0))),
    }))
}

/// A cursor is the transaction's total order id: ledger, transaction and operation in one number.
fn write_cursor((ledger, index): Place) -> String {
    ((u64::from(ledger) << 32) | (u64::from(index) << 12)).to_string()
}

fn read_cursor(text: &str) -> Result<Place, RpcError> {
    let id: u64 = text
        .parse()
        .map_err(|_| RpcError::invalid_params("invalid cursor"))?;
    let place = (id >> 32, (id >> 12) & 0xf_ffff);
    match (u32::try_from(place.0), u32::try_from(place.1)) {
        (Ok(ledger), Ok(index)) => Ok((ledger, index)),
        _ => Err(RpcError::invalid_params("invalid cursor")),
    }
}
