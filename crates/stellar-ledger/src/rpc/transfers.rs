//! The transfers of a token, oldest first, page by page of its events.

use coinslot_soroban_authorization::TransferEvent;
use coinslot_stellar_address::{Address, ContractId};
use serde_json::{Value, json};
use stellar_xdr::{ScSymbol, ScVal};

use super::answer::{bad_member, malformed};
use super::endpoints::Endpoints;
use super::events::{Event, page};
use super::xdr;
use crate::{EventsFrom, LandedTransfer, LedgerError, Malformation};

const METHOD: &str = "getEvents";

/// The most pages that are read.
const MAX_PAGES: usize = 100;

pub(super) async fn transfers(
    endpoints: &Endpoints,
    token: &ContractId,
    from: &Address,
    to: &Address,
    start_ledger: u32,
) -> Result<Vec<LandedTransfer>, LedgerError> {
    let filters = filters(token, from, to)?;
    let mut found = Vec::new();
    let mut place = EventsFrom::Ledger(start_ledger);
    for _ in 0..MAX_PAGES {
        let page = page(endpoints, &filters, &place).await?;
        for event in &page.events {
            found.extend(read(event, token, from, to, start_ledger)?);
        }
        match page.cursor {
            Some(next) if !page.is_last => place = EventsFrom::Cursor(next),
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
    }) = event.read(token)?.as_transfer()
    else {
        return Ok(None);
    };
    // A payer acts as its account, whatever its number; a payee is the one that was named.
    let same_payer = xdr::address(&payer) == xdr::address(from);
    let landed = event.has_succeeded() && event.ledger >= start_ledger;
    if !same_payer || payee != *to || !landed {
        return Ok(None);
    }
    Ok(Some(LandedTransfer {
        transaction: event.transaction()?,
        ledger: event.ledger,
        amount,
    }))
}
