//! `getEvents`: the transfers of a token, oldest first, page by page.

use coinslot_soroban_authorization::{ContractEvent, TransferEvent};
use coinslot_stellar_address::{Address, ContractId};
use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{
    ContractEvent as XdrEvent, ContractEventBody, ContractEventType, ContractEventV0,
    ExtensionPoint, ScSymbol, ScVal,
};

use super::answer::{bad_member, malformed};
use super::endpoints::Endpoints;
use super::xdr;
use crate::{LandedTransfer, LedgerError, Malformation, MissingRange};

const METHOD: &str = "getEvents";

/// Events in one page.
const PAGE: usize = 200;

/// The most pages that are read.
const MAX_PAGES: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Option<Vec<Event>>,
    cursor: Option<String>,
    latest_ledger: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    ledger: u32,
    tx_hash: String,
    topic: Vec<String>,
    value: String,
    in_successful_contract_call: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    latest_ledger: u32,
    oldest_ledger: u32,
}

pub(super) async fn transfers(
    endpoints: &Endpoints,
    token: &ContractId,
    from: &Address,
    to: &Address,
    start_ledger: u32,
) -> Result<Vec<LandedTransfer>, LedgerError> {
    let filters = filters(token, from, to)?;
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let params = match &cursor {
            None => json!({
                "startLedger": start_ledger,
                "filters": filters,
                "pagination": { "limit": PAGE },
            }),
            Some(cursor) => json!({
                "filters": filters,
                "pagination": { "limit": PAGE, "cursor": cursor },
            }),
        };
        let check = |page: Page| {
            endpoints.check_absence(page.latest_ledger)?;
            Ok(page)
        };
        let page = match endpoints.call_until(METHOD, params, check).await.result {
            Ok(page) => page,
            Err(refused @ LedgerError::RpcError { .. }) if cursor.is_none() => {
                return out_of_range(endpoints, start_ledger, refused).await;
            }
            Err(error) => return Err(error),
        };
        let events = page.events.unwrap_or_default();
        for event in &events {
            found.extend(read(event, token, from, to, start_ledger)?);
        }
        let full = events.len() >= PAGE;
        match page.cursor {
            Some(next) if cursor.as_ref() == Some(&next) => return Ok(found),
            // A short page ends where the node stopped looking, which may be before the latest.
            Some(next) if full || ledger_of(&next)? < page.latest_ledger => cursor = Some(next),
            _ => return Ok(found),
        }
    }
    Err(malformed(METHOD, Malformation::TooManyPages))
}

/// Transfers as classic assets tell of them, with the asset's name as a fourth topic, and as
/// other tokens do.
fn filters(token: &ContractId, from: &Address, to: &Address) -> Result<Value, LedgerError> {
    let symbol = ScSymbol(
        "transfer"
            .try_into()
            .map_err(|_| bad_member(METHOD, "filters"))?,
    );
    let topics = [
        ScVal::Symbol(symbol),
        ScVal::Address(xdr::address(from)),
        ScVal::Address(xdr::address(to)),
    ];
    let mut three = Vec::new();
    for topic in &topics {
        let topic = xdr::encode_base64(topic).ok_or_else(|| bad_member(METHOD, "filters"))?;
        three.push(Value::String(topic));
    }
    let mut four = three.clone();
    four.push(Value::String("*".to_owned()));
    Ok(json!([{ "type": "contract", "contractIds": [token.to_string()], "topics": [three, four] }]))
}

/// The transfer of an event, if it is the one that was asked for.
fn read(
    event: &Event,
    token: &ContractId,
    from: &Address,
    to: &Address,
    start_ledger: u32,
) -> Result<Option<LandedTransfer>, LedgerError> {
    let Some(TransferEvent {
        from: payer,
        to: payee,
        amount,
        ..
    }) = transfer(event, token)?
    else {
        return Ok(None);
    };
    // A payer acts as its account, whatever its number; a payee is the one that was named.
    let same_payer = xdr::address(&payer) == xdr::address(from);
    let landed = event.in_successful_contract_call != Some(false) && event.ledger >= start_ledger;
    if !same_payer || payee != *to || !landed {
        return Ok(None);
    }
    let transaction = event
        .tx_hash
        .parse()
        .map_err(|_| bad_member(METHOD, "txHash"))?;
    Ok(Some(LandedTransfer {
        transaction,
        ledger: event.ledger,
        amount,
    }))
}

fn transfer(event: &Event, token: &ContractId) -> Result<Option<TransferEvent>, LedgerError> {
    let topics = event
        .topic
        .iter()
        .map(|topic| xdr::decode::<ScVal>(METHOD, "topic", topic))
        .collect::<Result<Vec<_>, _>>()?;
    let topics = topics.try_into().map_err(|_| bad_member(METHOD, "topic"))?;
    let event = XdrEvent {
        ext: ExtensionPoint::V0,
        contract_id: Some(xdr::contract_id(token)),
        type_: ContractEventType::Contract,
        body: ContractEventBody::V0(ContractEventV0 {
            topics,
            data: xdr::decode(METHOD, "value", &event.value)?,
        }),
    };
    let event = xdr::encode(&event)
        .and_then(|bytes| ContractEvent::from_xdr(&bytes).ok())
        .ok_or_else(|| malformed(METHOD, Malformation::Xdr("value")))?;
    Ok(event.as_transfer())
}

/// The ledger that a cursor stands in: `<ledger * 2^32 + …>-<event>`.
fn ledger_of(cursor: &str) -> Result<u32, LedgerError> {
    cursor
        .split_once('-')
        .and_then(|(position, _)| position.parse::<u64>().ok())
        .and_then(|position| u32::try_from(position >> 32).ok())
        .ok_or_else(|| bad_member(METHOD, "cursor"))
}

/// What it means that a node refuses to look from `start_ledger` on.
async fn out_of_range(
    endpoints: &Endpoints,
    start_ledger: u32,
    refused: LedgerError,
) -> Result<Vec<LandedTransfer>, LedgerError> {
    let check = |health: Health| {
        endpoints.check_absence(health.latest_ledger)?;
        Ok(health)
    };
    let Health {
        latest_ledger,
        oldest_ledger,
    } = endpoints.call_until("getHealth", (), check).await.result?;
    if start_ledger > latest_ledger {
        return Ok(Vec::new());
    }
    if start_ledger < oldest_ledger {
        return Err(MissingRange {
            asked: start_ledger,
            oldest: oldest_ledger,
            latest: latest_ledger,
        }
        .into());
    }
    Err(refused)
}
