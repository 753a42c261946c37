//! `simulateTransaction`.

use coinslot_soroban_authorization::{AuthEntry, ContractEvent, Envelope, SorobanResources};
use serde::Deserialize;
use serde_json::json;
use stellar_xdr::ScVal;

use super::answer::{Number, bad_member, malformed};
use super::endpoints::Endpoints;
use super::text::plain;
use super::xdr;
use crate::{LedgerError, Malformation, Simulation};

const METHOD: &str = "simulateTransaction";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    latest_ledger: u32,
    error: Option<String>,
    transaction_data: Option<String>,
    min_resource_fee: Option<Number>,
    results: Option<Vec<CallResult>>,
    events: Option<Vec<String>>,
    restore_preamble: Option<Preamble>,
}

#[derive(Deserialize)]
struct CallResult {
    auth: Option<Vec<String>>,
    xdr: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preamble {
    transaction_data: String,
    min_resource_fee: Number,
}

pub(super) async fn simulate(
    endpoints: &Endpoints,
    envelope: &Envelope,
) -> Result<Simulation, LedgerError> {
    let params = json!({ "transaction": envelope.to_base64() });
    read(endpoints.call(METHOD, params).await?)
}

fn read(answer: Answer) -> Result<Simulation, LedgerError> {
    let latest_ledger = answer.latest_ledger;
    if let Some(error) = answer.error.filter(|error| !error.is_empty()) {
        return Ok(Simulation::Failed {
            message: plain(&error),
            latest_ledger,
        });
    }
    if let Some(preamble) = answer.restore_preamble {
        return Ok(Simulation::RestoreNeeded {
            resources: resources(&preamble.transaction_data)?,
            min_resource_fee: fee(&preamble.min_resource_fee)?,
            latest_ledger,
        });
    }
    let data = answer
        .transaction_data
        .ok_or_else(|| bad_member(METHOD, "transactionData"))?;
    let min_resource_fee = answer
        .min_resource_fee
        .ok_or_else(|| bad_member(METHOD, "minResourceFee"))?;
    let (auth, value) = answer
        .results
        .unwrap_or_default()
        .into_iter()
        .next()
        .map_or((None, None), |result| (result.auth, result.xdr));
    let return_value = match value {
        Some(text) => Some(xdr::decode_with_bytes::<ScVal>(METHOD, "results", &text)?.1),
        None => None,
    };
    let auth = auth
        .unwrap_or_default()
        .iter()
        .map(|entry| AuthEntry::from_base64(entry).map_err(|_| bad_xdr("auth")))
        .collect::<Result<_, _>>()?;
    Ok(Simulation::Succeeded {
        resources: resources(&data)?,
        min_resource_fee: fee(&min_resource_fee)?,
        auth,
        events: events(&answer.events.unwrap_or_default())?,
        return_value,
        latest_ledger,
    })
}

fn events(events: &[String]) -> Result<Vec<ContractEvent>, LedgerError> {
    let mut of_contracts = Vec::new();
    for event in events {
        let event = ContractEvent::from_diagnostic_base64(event).map_err(|_| bad_xdr("events"))?;
        if event.is_contract_type() {
            of_contracts.push(event);
        }
    }
    Ok(of_contracts)
}

fn resources(text: &str) -> Result<SorobanResources, LedgerError> {
    SorobanResources::from_base64(text).map_err(|_| bad_xdr("transactionData"))
}

fn fee(number: &Number) -> Result<i64, LedgerError> {
    number
        .read()
        .filter(|fee: &i64| *fee >= 0)
        .ok_or_else(|| bad_member(METHOD, "minResourceFee"))
}

fn bad_xdr(name: &'static str) -> LedgerError {
    malformed(METHOD, Malformation::Xdr(name))
}
