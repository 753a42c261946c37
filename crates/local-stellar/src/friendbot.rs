//! Friendbot: lumens for whoever asks.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use coinslot_stellar_address::AccountId;
use serde::Deserialize;
use serde_json::json;

use crate::engine::genesis::account_id;
use crate::engine::treasury::TreasuryError;
use crate::horizon::problem;
use crate::rpc::RpcContext;

/// What an account gets, in stroops (10,000 XLM).
pub(crate) const STARTING_BALANCE: i64 = 100_000_000_000;

#[derive(Deserialize)]
pub(crate) struct Params {
    addr: Option<String>,
}

pub(crate) async fn handle(
    State(context): State<RpcContext>,
    Query(params): Query<Params>,
) -> Response {
    let Some(text) = params.addr else {
        return problem(
            StatusCode::BAD_REQUEST,
            "Bad Request",
            "give the account as ?addr=G…",
        );
    };
    let account: AccountId = match text.parse() {
        Ok(account) => account,
        Err(error) => {
            return problem(
                StatusCode::BAD_REQUEST,
                "Bad Request",
                &format!("addr must be an account, G…: {error}"),
            );
        }
    };
    let funded = context
        .engine
        .call(move |engine| {
            let id = account_id(*account.as_bytes());
            let rich = engine
                .account(&id)
                .is_some_and(|account| account.balance >= STARTING_BALANCE);
            if rich {
                return Ok(None);
            }
            let hash = engine.fund(&id, STARTING_BALANCE)?;
            Ok::<_, TreasuryError>(engine.history().transaction(&hash))
        })
        .await;
    match funded {
        Ok(Ok(Some(record))) => {
            axum::Json(crate::horizon::transaction_json(&record, &context.base_url)).into_response()
        }
        Ok(Ok(None)) => problem(
            StatusCode::BAD_REQUEST,
            "Bad Request",
            "account already funded to starting balance (createAccountAlreadyExist, op_already_exists)",
        ),
        Ok(Err(error)) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            &format!("{error:?}"),
        ),
        Err(stopped) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            &json!(stopped.to_string()).to_string(),
        ),
    }
}
