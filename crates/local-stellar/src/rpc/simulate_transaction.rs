//! `simulateTransaction`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stellar_xdr::DiagnosticEvent;

use super::encoding::{read_envelope, to_base64};
use super::{RpcContext, RpcError};
use crate::engine::simulate::{AuthMode, Change, Simulation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    transaction: String,
    resource_config: Option<ResourceConfig>,
    auth_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceConfig {
    #[serde(default)]
    instruction_leeway: u32,
}

/// What `results` holds for the one operation.
#[derive(Serialize)]
struct OperationSimulation {
    auth: Vec<String>,
    xdr: String,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    let frame = read_envelope(&params.transaction, context.network_id)?;
    let mode = auth_mode(params.auth_mode.as_deref())?;
    let leeway = params
        .resource_config
        .map_or(0, |config| config.instruction_leeway);
    let (latest, simulation) = context
        .engine
        .call(move |engine| {
            let simulation = engine.simulate(&frame, mode, leeway);
            (engine.reported().sequence(), simulation)
        })
        .await?;
    match simulation {
        Ok(simulation) => succeeded(&simulation, latest),
        Err(failure) => Ok(json!({
            "error": failure.message,
            "events": events(&failure.events)?,
            "latestLedger": latest,
        })),
    }
}

fn auth_mode(text: Option<&str>) -> Result<Option<AuthMode>, RpcError> {
    match text {
        None | Some("") => Ok(None),
        Some("enforce") => Ok(Some(AuthMode::Enforce)),
        Some("record") => Ok(Some(AuthMode::Record)),
        Some("record_allow_nonroot") => Ok(Some(AuthMode::RecordAllowNonRoot)),
        Some(_) => Err(RpcError::invalid_params(
            "authMode is one of enforce, record, record_allow_nonroot",
        )),
    }
}

fn succeeded(simulation: &Simulation, latest: u32) -> Result<Value, RpcError> {
    let mut answer = Map::new();
    answer.insert(
        "transactionData".to_owned(),
        json!(to_base64(&simulation.transaction_data)?),
    );
    answer.insert(
        "minResourceFee".to_owned(),
        json!(simulation.transaction_data.resource_fee.to_string()),
    );
    answer.insert("events".to_owned(), json!(events(&simulation.events)?));
    if let Some(value) = &simulation.return_value {
        let result = OperationSimulation {
            auth: simulation
                .auth
                .iter()
                .map(to_base64)
                .collect::<Result<_, _>>()?,
            xdr: to_base64(value)?,
        };
        answer.insert("results".to_owned(), json!([result]));
    }
    let changes = simulation
        .changes
        .iter()
        .map(change)
        .collect::<Result<Vec<_>, _>>()?;
    answer.insert("stateChanges".to_owned(), json!(changes));
    answer.insert("latestLedger".to_owned(), json!(latest));
    Ok(Value::Object(answer))
}

fn events(events: &[DiagnosticEvent]) -> Result<Vec<String>, RpcError> {
    events.iter().map(to_base64).collect()
}

fn change(change: &Change) -> Result<Value, RpcError> {
    let kind = match (&change.before, &change.after) {
        (None, _) => "created",
        (Some(_), Some(_)) => "updated",
        (Some(_), None) => "deleted",
    };
    Ok(json!({
        "type": kind,
        "key": to_base64(&change.key)?,
        "before": change.before.as_ref().map(to_base64).transpose()?,
        "after": change.after.as_ref().map(to_base64).transpose()?,
    }))
}
