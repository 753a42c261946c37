//! `getEvents`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::encoding::bytes_to_base64;
use super::{RpcContext, RpcError};
use crate::engine::history::{EventRecord, TransactionRecord};

/// The limits of the public RPC.
const MAX_LIMIT: usize = 10_000;
const DEFAULT_LIMIT: usize = 100;
const MAX_FILTERS: usize = 5;
const MAX_CONTRACTS: usize = 5;
const MAX_TOPIC_FILTERS: usize = 5;
const MAX_TOPICS: usize = 4;
/// Ledgers that one call looks at.
const LEDGER_SCAN: u32 = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    start_ledger: Option<u32>,
    end_ledger: Option<u32>,
    #[serde(default)]
    filters: Vec<FilterParams>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterParams {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    contract_ids: Vec<String>,
    #[serde(default)]
    topics: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Pagination {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// An event's place in the total order.
type EventPlace = (u32, u32, u32, u32);

/// A filter in the terms of the records.
struct Filter {
    /// `None` is any kind.
    is_system: Option<bool>,
    contracts: Vec<[u8; 32]>,
    topics: Vec<TopicFilter>,
}

struct TopicFilter {
    segments: Vec<Segment>,
    /// Whether more topics may follow.
    open_end: bool,
}

enum Segment {
    Any,
    Exactly(Vec<u8>),
}

/// An event that was found, ready to be written.
struct Found {
    record: std::sync::Arc<TransactionRecord>,
    event: usize,
}

pub(super) async fn call(context: &RpcContext, params: Params) -> Result<Value, RpcError> {
    let filters = read_filters(&params.filters)?;
    let (cursor, limit) = params
        .pagination
        .map_or((None, None), |page| (page.cursor, page.limit));
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(RpcError::invalid_params(format!(
            "limit must be 1 to {MAX_LIMIT}"
        )));
    }
    let cursor = cursor.map(|text| read_cursor(&text)).transpose()?;
    let (start, end) = (params.start_ledger, params.end_ledger);
    if cursor.is_some() && (start.is_some() || end.is_some()) {
        return Err(RpcError::invalid_params(
            "ledger ranges and cursor cannot both be set",
        ));
    }
    let (found, next, latest, oldest) = context
        .engine
        .call(move |engine| {
            let latest = engine.reported();
            let oldest = engine.oldest();
            let first = match (cursor, start) {
                (Some(place), _) => place.0,
                (None, Some(start)) => start,
                (None, None) => 0,
            };
            if !(oldest.sequence()..=latest.sequence()).contains(&first) {
                return Err(RpcError::invalid_params(format!(
                    "startLedger must be within the ledger range: {} - {}",
                    oldest.sequence(),
                    latest.sequence()
                )));
            }
            let end = end
                .unwrap_or(u32::MAX)
                .min(first.saturating_add(LEDGER_SCAN))
                .min(latest.sequence().saturating_add(1));
            let mut found = Vec::new();
            let mut last = None;
            'scan: for record in engine.history().transactions_from(first) {
                if record.ledger >= end {
                    break;
                }
                for (position, event) in record.events.iter().enumerate() {
                    let place = place_of(record, event);
                    let wanted = cursor.is_none_or(|cursor| place > cursor)
                        && (filters.is_empty()
                            || filters.iter().any(|filter| filter.matches(event)));
                    if wanted {
                        found.push(Found {
                            record: std::sync::Arc::clone(record),
                            event: position,
                        });
                        last = Some(place);
                        if found.len() == limit {
                            break 'scan;
                        }
                    }
                }
            }
            let next = match last {
                Some(place) if found.len() == limit => place,
                // All events before the end were seen: go on after the last ledger.
                _ => (end.saturating_sub(1), 0xf_ffff, 0xfff, u32::MAX),
            };
            Ok((
                found,
                next,
                (latest.sequence(), latest.close_time()),
                (oldest.sequence(), oldest.close_time()),
            ))
        })
        .await??;
    let events: Vec<Value> = found.iter().filter_map(describe).collect();
    Ok(json!({
        "events": events,
        "cursor": write_cursor(next),
        "latestLedger": latest.0,
        "oldestLedger": oldest.0,
        "latestLedgerCloseTime": latest.1.to_string(),
        "oldestLedgerCloseTime": oldest.1.to_string(),
    }))
}

fn describe(found: &Found) -> Option<Value> {
    let record = &found.record;
    let event = record.events.get(found.event)?;
    let topic: Vec<String> = event
        .topics
        .iter()
        .map(|topic| bytes_to_base64(topic))
        .collect();
    Some(json!({
        "type": if event.is_system { "system" } else { "contract" },
        "ledger": record.ledger,
        "ledgerClosedAt": crate::timestamp::rfc3339(record.closed_at),
        "contractId": event.contract.map_or_else(String::new, |id| stellar_strkey::Contract(id).to_string().to_string()),
        "id": write_cursor(place_of(record, event)),
        "operationIndex": event.operation,
        "transactionIndex": record.index,
        "txHash": hex::encode(record.hash),
        "inSuccessfulContractCall": true,
        "topic": topic,
        "value": bytes_to_base64(&event.value),
    }))
}

fn place_of(record: &TransactionRecord, event: &EventRecord) -> EventPlace {
    (record.ledger, record.index, event.operation, event.index)
}

/// The total order id of the operation, then the event's number.
fn write_cursor((ledger, transaction, operation, event): EventPlace) -> String {
    let id = (u64::from(ledger) << 32) | (u64::from(transaction) << 12) | u64::from(operation);
    format!("{id:019}-{event:010}")
}

fn read_cursor(text: &str) -> Result<EventPlace, RpcError> {
    let invalid = || RpcError::invalid_params("invalid cursor");
    let (id, event) = text.split_once('-').ok_or_else(invalid)?;
    let id: u64 = id.parse().map_err(|_| invalid())?;
    let event: u32 = event.parse().map_err(|_| invalid())?;
    let part = |value: u64| u32::try_from(value).map_err(|_| invalid());
    Ok((
        part(id >> 32)?,
        part((id >> 12) & 0xf_ffff)?,
        part(id & 0xfff)?,
        event,
    ))
}

fn read_filters(filters: &[FilterParams]) -> Result<Vec<Filter>, RpcError> {
    if filters.len() > MAX_FILTERS {
        return Err(RpcError::invalid_params(format!(
            "maximum {MAX_FILTERS} filters per request"
        )));
    }
    filters.iter().map(Filter::new).collect()
}

impl Filter {
    fn new(params: &FilterParams) -> Result<Self, RpcError> {
        if params.contract_ids.len() > MAX_CONTRACTS {
            return Err(RpcError::invalid_params(format!(
                "maximum {MAX_CONTRACTS} contract IDs per filter"
            )));
        }
        if params.topics.len() > MAX_TOPIC_FILTERS {
            return Err(RpcError::invalid_params(format!(
                "maximum {MAX_TOPIC_FILTERS} topics per filter"
            )));
        }
        let mut contracts = Vec::new();
        for text in &params.contract_ids {
            let contract = stellar_strkey::Contract::from_string(text).map_err(|_| {
                RpcError::invalid_params(format!("contract ID {text:?} is invalid"))
            })?;
            contracts.push(contract.0);
        }
        Ok(Self {
            is_system: kind(&params.kind)?,
            contracts,
            topics: params
                .topics
                .iter()
                .map(|topics| TopicFilter::new(topics))
                .collect::<Result<_, _>>()?,
        })
    }

    fn matches(&self, event: &EventRecord) -> bool {
        self.is_system
            .is_none_or(|system| system == event.is_system)
            && (self.contracts.is_empty()
                || event
                    .contract
                    .is_some_and(|id| self.contracts.contains(&id)))
            && (self.topics.is_empty() || self.topics.iter().any(|topics| topics.matches(event)))
    }
}

/// One kind, or both when none or both are named.
fn kind(text: &str) -> Result<Option<bool>, RpcError> {
    let (mut contract, mut system) = (false, false);
    for kind in text.split(',').filter(|kind| !kind.is_empty()) {
        match kind {
            "contract" => contract = true,
            "system" => system = true,
            _ => {
                return Err(RpcError::invalid_params(
                    "if set, type must be either 'system' or 'contract'",
                ));
            }
        }
    }
    Ok((contract != system).then_some(system))
}

impl TopicFilter {
    fn new(topics: &[String]) -> Result<Self, RpcError> {
        let (segments, open_end) = match topics.split_last() {
            Some((last, rest)) if last == "**" => (rest, true),
            _ => (topics, false),
        };
        if segments.len() > MAX_TOPICS || topics.is_empty() {
            return Err(RpcError::invalid_params(format!(
                "a topic filter has 1 to {MAX_TOPICS} segments"
            )));
        }
        let segments = segments
            .iter()
            .map(|segment| match segment.as_str() {
                "*" => Ok(Segment::Any),
                text => STANDARD.decode(text).map(Segment::Exactly).map_err(|_| {
                    RpcError::invalid_params("a topic is *, ** or base64 of an ScVal")
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { segments, open_end })
    }

    fn matches(&self, event: &EventRecord) -> bool {
        let long_enough = if self.open_end {
            event.topics.len() >= self.segments.len()
        } else {
            event.topics.len() == self.segments.len()
        };
        long_enough
            && self
                .segments
                .iter()
                .zip(&event.topics)
                .all(|(segment, topic)| match segment {
                    Segment::Any => true,
                    Segment::Exactly(bytes) => bytes == topic,
                })
    }
}
