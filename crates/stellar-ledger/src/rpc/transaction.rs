//! `getTransaction`.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{ContractEvent, Envelope, TransactionHash};
use serde::Deserialize;
use serde_json::json;
use stellar_xdr::{
    ContractEvent as XdrEvent, TransactionMeta, TransactionResult, TransactionResultResult,
};

use super::answer::{Number, bad_member, malformed};
use super::endpoints::Endpoints;
use super::{result_code, xdr};
use crate::{LedgerError, Malformation, TransactionStatus};

const METHOD: &str = "getTransaction";
const NOT_FOUND: &str = "NOT_FOUND";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: String,
    latest_ledger: u32,
    ledger: Option<u32>,
    created_at: Option<Number>,
    envelope_xdr: Option<String>,
    result_xdr: Option<String>,
    result_meta_xdr: Option<String>,
    events: Option<Events>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Events {
    /// One list for each operation.
    contract_events_xdr: Option<Vec<Vec<String>>>,
}

pub(super) async fn transaction(
    endpoints: &Endpoints,
    hash: &TransactionHash,
) -> Result<TransactionStatus, LedgerError> {
    let network = endpoints.network().await?;
    let check = |answer: Answer| {
        if answer.status == NOT_FOUND {
            endpoints.check_absence(answer.latest_ledger)?;
        }
        Ok(answer)
    };
    let answer = endpoints
        .call_until(METHOD, json!({ "hash": hash.to_string() }), check)
        .await
        .result?;
    if let Some(landed) = answer.ledger {
        endpoints.see(landed);
    }
    read(&answer, hash, &network)
}

fn read(
    answer: &Answer,
    hash: &TransactionHash,
    network: &NetworkId,
) -> Result<TransactionStatus, LedgerError> {
    let succeeded = match answer.status.as_str() {
        NOT_FOUND => return Ok(TransactionStatus::NotFound),
        "SUCCESS" => true,
        "FAILED" => false,
        _ => return Err(bad_member(METHOD, "status")),
    };
    let ledger = answer.ledger.ok_or_else(|| bad_member(METHOD, "ledger"))?;
    let close_time = match &answer.created_at {
        Some(seconds) => Some(
            seconds
                .read()
                .ok_or_else(|| bad_member(METHOD, "createdAt"))?,
        ),
        None => None,
    };
    let envelope = Envelope::from_base64(member(&answer.envelope_xdr, "envelopeXdr")?)
        .map_err(|_| malformed(METHOD, Malformation::Xdr("envelopeXdr")))?;
    if envelope.hash(network) != *hash && envelope.inner_hash(network) != *hash {
        return Err(malformed(METHOD, Malformation::NotAsked("the transaction")));
    }
    let text = member(&answer.result_xdr, "resultXdr")?;
    let result: TransactionResult = xdr::decode(METHOD, "resultXdr", text)?;
    let fee_charged = result.fee_charged;
    let is_success = matches!(
        result.result,
        TransactionResultResult::TxSuccess(_) | TransactionResultResult::TxFeeBumpInnerSuccess(_)
    );
    if is_success != succeeded {
        return Err(bad_member(METHOD, "resultXdr"));
    }
    if !succeeded {
        let code = result_code::of(&result.result);
        return Ok(TransactionStatus::Failed {
            ledger,
            close_time,
            envelope,
            code,
            fee_charged,
        });
    }
    let (events, return_value) = told(answer)?;
    Ok(TransactionStatus::Succeeded {
        ledger,
        close_time,
        envelope,
        events,
        return_value,
        fee_charged,
    })
}

/// The events of contracts, listed by themselves by newer nodes and in the meta by all; and what the call returned.
fn told(answer: &Answer) -> Result<(Vec<ContractEvent>, Option<Vec<u8>>), LedgerError> {
    let meta = match &answer.result_meta_xdr {
        Some(text) => xdr::decode::<TransactionMeta>(METHOD, "resultMetaXdr", text),
        None => Err(bad_member(METHOD, "resultMetaXdr")),
    };
    // Where the events are listed, a meta that is missing or of a later form is not needed for them.
    let return_value = meta.as_ref().ok().and_then(return_value);
    let listed = answer
        .events
        .as_ref()
        .and_then(|events| events.contract_events_xdr.as_ref());
    let events: Vec<ContractEvent> = match listed {
        Some(operations) => operations
            .iter()
            .flatten()
            .map(|event| {
                ContractEvent::from_base64(event)
                    .map_err(|_| malformed(METHOD, Malformation::Xdr("contractEventsXdr")))
            })
            .collect::<Result<_, _>>()?,
        None => in_meta(&meta?)
            .into_iter()
            .map(event)
            .collect::<Result<_, _>>()?,
    };
    let events = events
        .into_iter()
        .filter(ContractEvent::is_contract_type)
        .collect();
    Ok((events, return_value))
}

fn return_value(meta: &TransactionMeta) -> Option<Vec<u8>> {
    let value = match meta {
        TransactionMeta::V3(meta) => &meta.soroban_meta.as_ref()?.return_value,
        TransactionMeta::V4(meta) => meta.soroban_meta.as_ref()?.return_value.as_ref()?,
        TransactionMeta::V0(_) | TransactionMeta::V1(_) | TransactionMeta::V2(_) => return None,
    };
    xdr::encode(value)
}

fn in_meta(meta: &TransactionMeta) -> Vec<&XdrEvent> {
    match meta {
        TransactionMeta::V3(meta) => meta
            .soroban_meta
            .iter()
            .flat_map(|soroban| soroban.events.iter())
            .collect(),
        TransactionMeta::V4(meta) => meta
            .operations
            .iter()
            .flat_map(|operation| operation.events.iter())
            .collect(),
        // Before Soroban.
        TransactionMeta::V0(_) | TransactionMeta::V1(_) | TransactionMeta::V2(_) => Vec::new(),
    }
}

fn event(event: &XdrEvent) -> Result<ContractEvent, LedgerError> {
    xdr::encode(event)
        .and_then(|bytes| ContractEvent::from_xdr(&bytes).ok())
        .ok_or_else(|| malformed(METHOD, Malformation::Xdr("resultMetaXdr")))
}

fn member<'a>(member: &'a Option<String>, name: &'static str) -> Result<&'a str, LedgerError> {
    member.as_deref().ok_or_else(|| bad_member(METHOD, name))
}
