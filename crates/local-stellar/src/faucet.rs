//! The faucet: USDC for whoever trusts it.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use coinslot_stellar_address::AccountId;
use coinslot_usdc_amount::{BaseUnits, Decimals};
use serde::Deserialize;
use serde_json::json;

use crate::engine::Engine;
use crate::engine::genesis::account_id;
use crate::engine::treasury::{TreasuryError, usdc};
use crate::horizon::problem;
use crate::rpc::RpcContext;

/// What is given when no amount is asked for.
const DEFAULT_AMOUNT: &str = "100";

/// Why an account gets no USDC.
#[derive(Debug)]
pub(crate) enum FaucetError {
    NoAccount,
    NoTrustline,
    /// More than the trustline takes, or than there can be.
    TooMuch,
    Treasury(TreasuryError),
}

/// Gives USDC, in base units, to an account that trusts it.
pub(crate) fn give(
    engine: &mut Engine,
    account: AccountId,
    amount: BaseUnits,
) -> Result<[u8; 32], FaucetError> {
    let id = account_id(*account.as_bytes());
    let amount = i64::try_from(amount.as_u128()).map_err(|_| FaucetError::TooMuch)?;
    if engine.account(&id).is_none() {
        return Err(FaucetError::NoAccount);
    }
    let Some(line) = engine.trustline(&id, &usdc()) else {
        return Err(FaucetError::NoTrustline);
    };
    if crate::engine::classic::line_room(&line) < amount {
        return Err(FaucetError::TooMuch);
    }
    engine.give_usdc(&id, amount).map_err(FaucetError::Treasury)
}

#[derive(Deserialize)]
pub(crate) struct Params {
    addr: Option<String>,
    amount: Option<String>,
}

pub(crate) async fn handle(
    State(context): State<RpcContext>,
    Query(params): Query<Params>,
) -> Response {
    let bad = |detail: &str| problem(StatusCode::BAD_REQUEST, "Bad Request", detail);
    let Some(text) = params.addr else {
        return bad("give the account as ?addr=G…");
    };
    let account: AccountId = match text.parse() {
        Ok(account) => account,
        Err(error) => return bad(&format!("addr must be an account, G…: {error}")),
    };
    let text = params.amount.as_deref().unwrap_or(DEFAULT_AMOUNT);
    let amount = match BaseUnits::parse_decimal(text, Decimals::USDC_STELLAR) {
        Ok(amount) if !amount.is_zero() => amount,
        Ok(_) => return bad("amount must be more than zero"),
        Err(error) => return bad(&format!("amount must be USDC like 12.5: {error}")),
    };
    let given = context
        .engine
        .call(move |engine| give(engine, account, amount))
        .await;
    match given {
        Ok(Ok(hash)) => axum::Json(json!({
            "successful": true,
            "hash": hex::encode(hash),
            "amount": amount.to_decimal(Decimals::USDC_STELLAR).to_string(),
        }))
        .into_response(),
        Ok(Err(FaucetError::NoAccount)) => {
            bad("this account does not exist yet: ask /friendbot?addr=G… first")
        }
        Ok(Err(FaucetError::NoTrustline)) => {
            bad("this account has no trustline to USDC: submit a changeTrust operation first")
        }
        Ok(Err(FaucetError::TooMuch)) => bad("this is more than the account's trustline takes"),
        Ok(Err(FaucetError::Treasury(error))) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            &format!("{error:?}"),
        ),
        Err(stopped) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            &stopped.to_string(),
        ),
    }
}
