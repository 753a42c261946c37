//! The few calls of Horizon that payment clients make.

mod accounts;
mod ledgers;
mod links;
mod problem;
mod transactions;

pub(crate) use problem::problem;
pub(crate) use transactions::transaction_json;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::rpc::RpcContext;
use crate::settings::PROTOCOL_VERSION;

/// The routes, without the root.
pub(crate) fn router() -> Router<RpcContext> {
    Router::new()
        .route("/accounts/{id}", get(accounts::show))
        .route("/ledgers", get(ledgers::list))
        .route("/ledgers/{sequence}", get(ledgers::show))
        .route("/transactions", axum::routing::post(transactions::submit))
        .route("/transactions/{hash}", get(transactions::show))
}

/// `GET /`: which network this is.
pub(crate) async fn root(State(context): State<RpcContext>) -> Response {
    let ledger = context
        .engine
        .call(|engine| (engine.reported().clone(), engine.oldest().sequence()))
        .await;
    match ledger {
        Ok((latest, oldest)) => Json(json!({
            "horizon_version": env!("CARGO_PKG_VERSION"),
            "core_version": "coinslot local network",
            "ingest_latest_ledger": latest.sequence(),
            "history_latest_ledger": latest.sequence(),
            "history_latest_ledger_closed_at": crate::timestamp::rfc3339(latest.close_time()),
            "history_elder_ledger": oldest,
            "core_latest_ledger": latest.sequence(),
            "network_passphrase": &*context.passphrase,
            "current_protocol_version": PROTOCOL_VERSION,
            "core_supported_protocol_version": PROTOCOL_VERSION,
        }))
        .into_response(),
        Err(stopped) => problem::unavailable(&stopped),
    }
}
