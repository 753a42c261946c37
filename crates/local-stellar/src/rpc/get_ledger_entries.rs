//! `getLedgerEntries`.

use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::LedgerKey;

use super::encoding::{from_base64, to_base64};
use super::{RpcContext, RpcError};
use crate::engine::state::{is_live, is_temporary};

/// Most keys in one call.
const MAX_KEYS: usize = 200;

#[derive(Deserialize)]
pub(super) struct Params {
    keys: Vec<String>,
}

struct Found {
    key: LedgerKey,
    entry: stellar_xdr::LedgerEntry,
    live_until: Option<u32>,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    if params.keys.is_empty() || params.keys.len() > MAX_KEYS {
        return Err(RpcError::invalid_params(format!(
            "keys must hold 1 to {MAX_KEYS} ledger keys"
        )));
    }
    let mut keys = Vec::with_capacity(params.keys.len());
    for text in &params.keys {
        let key: LedgerKey = from_base64(text, "ledger key")?;
        if matches!(key, LedgerKey::Ttl(_)) {
            return Err(RpcError::invalid_params(
                "ledger ttl entries cannot be queried directly",
            ));
        }
        keys.push(key);
    }
    let (latest, found) = context
        .engine
        .call(move |engine| {
            let now = engine.latest().sequence();
            let found: Vec<Found> = keys
                .into_iter()
                .filter_map(|key| {
                    let stored = engine.state().entries().load(&key)?;
                    let shown = !is_temporary(&key) || is_live(stored, now);
                    shown.then(|| Found {
                        entry: stored.entry.as_ref().clone(),
                        live_until: stored.live_until,
                        key,
                    })
                })
                .collect();
            (engine.reported().sequence(), found)
        })
        .await?;
    let mut entries = Vec::with_capacity(found.len());
    for found in found {
        let mut entry = json!({
            "key": to_base64(&found.key)?,
            "xdr": to_base64(&found.entry.data)?,
            "lastModifiedLedgerSeq": found.entry.last_modified_ledger_seq,
            "extXdr": to_base64(&found.entry.ext)?,
        });
        if let (Some(until), Some(entry)) = (found.live_until, entry.as_object_mut()) {
            entry.insert("liveUntilLedgerSeq".to_owned(), json!(until));
        }
        entries.push(entry);
    }
    Ok(json!({ "entries": entries, "latestLedger": latest }))
}
