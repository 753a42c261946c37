//! `getHealth`.

use serde_json::{Value, json};

use super::{RpcContext, RpcError};

pub(super) async fn call(context: &RpcContext) -> Result<Value, RpcError> {
    Ok(context
        .engine
        .call(|engine| {
            let latest = engine.reported().sequence();
            let oldest = engine.oldest().sequence();
            json!({
                "status": "healthy",
                "latestLedger": latest,
                "oldestLedger": oldest,
                "ledgerRetentionWindow": engine.history().retention().ledgers,
            })
        })
        .await?)
}
