//! The JSON-RPC envelope: one request in, one answer out. Batches are not supported, as on the public RPC's clients
//! none are sent.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    RpcContext, RpcError, get_events, get_fee_stats, get_health, get_latest_ledger,
    get_ledger_entries, get_network, get_transaction, get_transactions, get_version_info,
    send_transaction, simulate_transaction,
};
use crate::faults::Fault;
use crate::server::DropAnswer;

#[derive(Deserialize)]
struct Request {
    jsonrpc: String,
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Value,
}

/// Answers a POST to the RPC.
pub(crate) async fn handle(State(context): State<RpcContext>, body: Bytes) -> Response {
    let request: Request = match serde_json::from_slice::<Value>(&body).map(Request::deserialize) {
        Ok(Ok(request)) => request,
        Ok(Err(_)) => {
            let error = RpcError::invalid_request("a request has jsonrpc, id, method and params");
            return answer(&Value::Null, Err(error));
        }
        Err(_) => return answer(&Value::Null, Err(RpcError::parse())),
    };
    if request.jsonrpc != "2.0" {
        let error = RpcError::invalid_request("jsonrpc must be \"2.0\"");
        return answer(&request.id, Err(error));
    }
    let fault = context.faults.take(&request.method);
    if fault == Some(Fault::Fail) {
        return (StatusCode::SERVICE_UNAVAILABLE, "fault injected").into_response();
    }
    let result = dispatch(&context, &request.method, request.params).await;
    let mut response = answer(&request.id, result);
    if fault == Some(Fault::DropAnswer) {
        response.extensions_mut().insert(DropAnswer);
    }
    response
}

async fn dispatch(context: &RpcContext, method: &str, params: Value) -> Result<Value, RpcError> {
    match method {
        "getHealth" => get_health::call(context).await,
        "getNetwork" => get_network::call(context),
        "getLatestLedger" => get_latest_ledger::call(context).await,
        "getLedgerEntries" => get_ledger_entries::call(context, read(params)?).await,
        "simulateTransaction" => simulate_transaction::call(context, read(params)?).await,
        "sendTransaction" => send_transaction::call(context, read(params)?).await,
        "getTransaction" => get_transaction::call(context, read(params)?).await,
        "getTransactions" => get_transactions::call(context, read(params)?).await,
        "getEvents" => get_events::call(context, read(params)?).await,
        "getFeeStats" => get_fee_stats::call(context).await,
        "getVersionInfo" => Ok(get_version_info::call()),
        other => Err(RpcError::method_not_found(other)),
    }
}

/// Reads a method's parameters: an object, or nothing where all are optional.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, RpcError> {
    let params = match params {
        Value::Null => json!({}),
        params => params,
    };
    if !params.is_object() {
        return Err(RpcError::invalid_params("params must be an object"));
    }
    let params: Params<T> = serde_json::from_value(params)
        .map_err(|error| RpcError::invalid_params(format!("invalid params: {error}")))?;
    if params
        .xdr_format
        .is_some_and(|format| !format.is_empty() && format != "base64")
    {
        return Err(RpcError::invalid_params(
            "the local network writes XDR as base64 only: leave xdrFormat out",
        ));
    }
    Ok(params.own)
}

/// A method's own parameters beside the one that all have.
#[derive(Deserialize)]
struct Params<T> {
    #[serde(rename = "xdrFormat")]
    xdr_format: Option<String>,
    #[serde(flatten)]
    own: T,
}

fn answer(id: &Value, result: Result<Value, RpcError>) -> Response {
    let body = match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": error.code, "message": error.message },
        }),
    };
    axum::Json(body).into_response()
}
