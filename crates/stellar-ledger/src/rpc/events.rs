//! `getEvents`: a page of events, for the transfers of a token as for all that contracts tell.

use coinslot_soroban_authorization::{ContractEvent, TransactionHash};
use coinslot_stellar_address::ContractId;
use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{
    ContractEvent as XdrEvent, ContractEventBody, ContractEventType, ContractEventV0,
    ExtensionPoint, ScVal,
};

use super::answer::{bad_member, malformed};
use super::endpoints::Endpoints;
use super::xdr;
use crate::{
    EventPage, EventsFrom, LandedEvent, LedgerError, MAX_EVENT_CONTRACTS, Malformation,
    MissingRange,
};

const METHOD: &str = "getEvents";

/// Events in one page.
const PAGE: usize = 200;

/// Contracts in one filter.
const CONTRACTS_IN_FILTER: usize = 5;

/// The longest cursor or event id that is taken from a node, in bytes.
const MAX_CURSOR_BYTES: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    events: Option<Vec<Event>>,
    cursor: Option<String>,
    latest_ledger: u32,
    oldest_ledger: Option<u32>,
}

/// An event as a node writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) ledger: u32,
    id: Option<String>,
    contract_id: Option<String>,
    tx_hash: String,
    topic: Vec<String>,
    value: String,
    in_successful_contract_call: Option<bool>,
}

/// A page as a node writes it.
pub(super) struct Page {
    pub(super) events: Vec<Event>,
    pub(super) cursor: Option<String>,
    /// Whether the node looked through to its latest ledger.
    pub(super) is_last: bool,
    latest_ledger: u32,
    oldest_ledger: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    latest_ledger: u32,
    oldest_ledger: u32,
}

/// A page of what some contracts tell.
pub(super) async fn events(
    endpoints: &Endpoints,
    contracts: &[ContractId],
    from: &EventsFrom,
) -> Result<EventPage, LedgerError> {
    if contracts.len() > MAX_EVENT_CONTRACTS {
        return Err(LedgerError::TooMany {
            asked: contracts.len(),
            limit: MAX_EVENT_CONTRACTS,
        });
    }
    if contracts.is_empty() {
        // Without a filter, a node would tell of every contract.
        return Ok(health(endpoints).await?.empty_page().into());
    }
    let filters: Vec<Value> = contracts
        .chunks(CONTRACTS_IN_FILTER)
        .map(|some| {
            let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
            json!({ "type": "contract", "contractIds": ids })
        })
        .collect();
    let page = page(endpoints, &Value::Array(filters), from).await?;
    let mut events = Vec::new();
    for event in &page.events {
        let contract = event
            .contract()
            .ok_or_else(|| bad_member(METHOD, "contractId"))?;
        let is_early = matches!(from, EventsFrom::Ledger(first) if event.ledger < *first);
        if contracts.contains(&contract) && event.has_succeeded() && !is_early {
            events.push(LandedEvent {
                contract,
                event: event.read(&contract)?,
                ledger: event.ledger,
                transaction: event.transaction()?,
                id: event.id()?,
            });
        }
    }
    Ok(EventPage {
        events,
        ..EventPage::from(page)
    })
}

/// One page behind `from`. A ledger that has not closed yet has an empty one.
pub(super) async fn page(
    endpoints: &Endpoints,
    filters: &Value,
    from: &EventsFrom,
) -> Result<Page, LedgerError> {
    let params = match from {
        EventsFrom::Ledger(start) => json!({
            "startLedger": start,
            "filters": filters,
            "pagination": { "limit": PAGE },
        }),
        EventsFrom::Cursor(cursor) => json!({
            "filters": filters,
            "pagination": { "limit": PAGE, "cursor": cursor },
        }),
    };
    let check = |answer: Answer| {
        endpoints.check_absence(answer.latest_ledger)?;
        Ok(answer)
    };
    let answer = match endpoints.call_until(METHOD, params, check).await.result {
        Ok(answer) => answer,
        Err(refused @ LedgerError::RpcError { .. }) => {
            return out_of_range(endpoints, from, refused).await;
        }
        Err(error) => return Err(error),
    };
    let events = answer.events.unwrap_or_default();
    let is_full = events.len() >= PAGE;
    let is_last = match &answer.cursor {
        Some(cursor) if !is_place(cursor) => return Err(bad_member(METHOD, "cursor")),
        Some(cursor) if *from == EventsFrom::Cursor(cursor.clone()) => true,
        // A short page ends where the node stopped looking, which may be before the latest.
        Some(cursor) => !is_full && ledger_of(cursor)? >= answer.latest_ledger,
        None => true,
    };
    Ok(Page {
        events,
        cursor: answer.cursor,
        is_last,
        latest_ledger: answer.latest_ledger,
        oldest_ledger: answer.oldest_ledger,
    })
}

impl From<Page> for EventPage {
    /// Without the events.
    fn from(page: Page) -> Self {
        Self {
            events: Vec::new(),
            cursor: page.cursor,
            is_last: page.is_last,
            latest_ledger: page.latest_ledger,
            oldest_ledger: page.oldest_ledger,
        }
    }
}

impl Health {
    fn empty_page(&self) -> Page {
        Page {
            events: Vec::new(),
            cursor: None,
            is_last: true,
            latest_ledger: self.latest_ledger,
            oldest_ledger: Some(self.oldest_ledger),
        }
    }
}

impl Event {
    pub(super) fn has_succeeded(&self) -> bool {
        self.in_successful_contract_call != Some(false)
    }

    pub(super) fn transaction(&self) -> Result<TransactionHash, LedgerError> {
        self.tx_hash
            .parse()
            .map_err(|_| bad_member(METHOD, "txHash"))
    }

    /// The event of `contract` that this is.
    pub(super) fn read(&self, contract: &ContractId) -> Result<ContractEvent, LedgerError> {
        let topics = self
            .topic
            .iter()
            .map(|topic| xdr::decode::<ScVal>(METHOD, "topic", topic))
            .collect::<Result<Vec<_>, _>>()?;
        let topics = topics.try_into().map_err(|_| bad_member(METHOD, "topic"))?;
        let event = XdrEvent {
            ext: ExtensionPoint::V0,
            contract_id: Some(xdr::contract_id(contract)),
            type_: ContractEventType::Contract,
            body: ContractEventBody::V0(ContractEventV0 {
                topics,
                data: xdr::decode(METHOD, "value", &self.value)?,
            }),
        };
        xdr::encode(&event)
            .and_then(|bytes| ContractEvent::from_xdr(&bytes).ok())
            .ok_or_else(|| malformed(METHOD, Malformation::Xdr("value")))
    }

    fn contract(&self) -> Option<ContractId> {
        self.contract_id.as_ref()?.parse().ok()
    }

    fn id(&self) -> Result<String, LedgerError> {
        let id = self.id.clone().filter(|id| is_place(id));
        id.ok_or_else(|| bad_member(METHOD, "id"))
    }
}

/// Whether a text can name a place among all events: digits and a hyphen.
fn is_place(text: &str) -> bool {
    text.len() <= MAX_CURSOR_BYTES
        && text
            .split_once('-')
            .is_some_and(|(one, other)| [one, other].iter().all(|part| is_number(part)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ledger that a cursor stands in: `<ledger * 2^32 + …>-<event>`.
fn ledger_of(cursor: &str) -> Result<u32, LedgerError> {
    cursor
        .split_once('-')
        .and_then(|(position, _)| position.parse::<u64>().ok())
        .and_then(|position| u32::try_from(position >> 32).ok())
        .ok_or_else(|| bad_member(METHOD, "cursor"))
}

/// What it means that a node refuses to look from there on.
async fn out_of_range(
    endpoints: &Endpoints,
    from: &EventsFrom,
    refused: LedgerError,
) -> Result<Page, LedgerError> {
    let asked = match from {
        EventsFrom::Ledger(start) => *start,
        EventsFrom::Cursor(cursor) => ledger_of(cursor)?,
    };
    let health = health(endpoints).await?;
    if asked > health.latest_ledger {
        return Ok(health.empty_page());
    }
    if asked < health.oldest_ledger {
        return Err(MissingRange {
            asked,
            oldest: health.oldest_ledger,
            latest: health.latest_ledger,
        }
        .into());
    }
    Err(refused)
}

async fn health(endpoints: &Endpoints) -> Result<Health, LedgerError> {
    let check = |health: Health| {
        endpoints.check_absence(health.latest_ledger)?;
        Ok(health)
    };
    endpoints.call_until("getHealth", (), check).await.result
}
