//! Closing ledgers over HTTP.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::engine::{Engine, EngineError};
use crate::horizon::problem;
use crate::rpc::RpcContext;

/// A week of ledgers on the public networks.
const MOST_LEDGERS: u32 = 120_960;

#[derive(Deserialize)]
pub(crate) struct Params {
    ledgers: Option<String>,
}

/// Closes so many ledgers; the first takes in all that is pending.
pub(crate) fn close(engine: &mut Engine, ledgers: u32) -> Result<(), EngineError> {
    for _ in 0..ledgers {
        engine.close_ledger()?;
    }
    Ok(())
}

pub(crate) async fn handle(
    State(context): State<RpcContext>,
    Query(params): Query<Params>,
) -> Response {
    let ledgers = match params.ledgers.as_deref().unwrap_or("1").parse() {
        Ok(ledgers) if (1..=MOST_LEDGERS).contains(&ledgers) => ledgers,
        _ => {
            let detail = format!("ledgers must be a number from 1 to {MOST_LEDGERS}");
            return problem(StatusCode::BAD_REQUEST, "Bad Request", &detail);
        }
    };
    let closed = context.engine.call(move |engine| {
        close(engine, ledgers)?;
        Ok::<_, EngineError>(engine.latest().sequence())
    });
    match closed.await {
        Ok(Ok(latest)) => axum::Json(json!({ "latestLedger": latest })).into_response(),
        Ok(Err(error)) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            &error.to_string(),
        ),
        Err(stopped) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            &stopped.to_string(),
        ),
    }
}
