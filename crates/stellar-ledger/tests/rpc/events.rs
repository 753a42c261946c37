//! What contracts told, page by page.

use coinslot_soroban_authorization::LedgerKey;
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{
    EventPage, EventsFrom, Ledger, LedgerError, MAX_ENTRY_KEYS, MAX_EVENT_CONTRACTS, MissingRange,
};
use serde_json::{Value, json};

use crate::fixtures::{TOKEN, amount, base64, payee, payer, topics};
use crate::node::{always, ledger, methods, node};
use crate::server::Server;

const OTHER: ContractId = ContractId::from_bytes([8; 32]);

fn place(ledger: u32) -> String {
    format!("{:019}-0000000001", u64::from(ledger) << 32)
}

fn event(contract: &ContractId, ledger: u32) -> Value {
    json!({
        "type": "contract", "ledger": ledger, "txHash": format!("{ledger:064x}"),
        "contractId": contract.to_string(), "id": place(ledger),
        "inSuccessfulContractCall": true, "value": base64(&amount(5)),
        "topic": topics(&payer(), &payee()).iter().map(base64).collect::<Vec<_>>(),
    })
}

fn page(events: &[Value], until: u32) -> Value {
    json!({
        "events": events, "cursor": place(until), "latestLedger": 100, "oldestLedger": 10,
    })
}

async fn from_ledger(server: &Server, start: u32) -> Result<EventPage, LedgerError> {
    ledger(server)
        .events(&[TOKEN, OTHER], &EventsFrom::Ledger(start))
        .await
}

#[tokio::test]
async fn what_contracts_told_comes_with_its_place() {
    let server = always(page(&[event(&OTHER, 60), event(&TOKEN, 61)], 100)).await;
    let found = from_ledger(&server, 50).await.unwrap();
    let told: Vec<_> = found
        .events
        .iter()
        .map(|event| (event.contract, event.ledger, event.id.as_str()))
        .collect();
    let (one, other) = (place(60), place(61));
    assert_eq!(
        told,
        [(OTHER, 60, one.as_str()), (TOKEN, 61, other.as_str())]
    );
    let last = &found.events[1];
    assert_eq!(last.transaction.to_string(), format!("{:064x}", 61));
    assert_eq!(last.event.contract(), Some(TOKEN));
    assert_eq!(last.event.as_transfer().unwrap().amount, 5);
    assert_eq!(found.cursor, Some(place(100)));
    assert_eq!((found.latest_ledger, found.oldest_ledger), (100, Some(10)));
    assert!(found.is_last);

    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    let ids = [TOKEN.to_string(), OTHER.to_string()];
    let filter = json!([{"type": "contract", "contractIds": ids}]);
    assert_eq!(asked["params"]["filters"], filter);
    assert_eq!(asked["params"]["startLedger"], 50);
}

#[tokio::test]
async fn a_page_goes_on_behind_its_cursor() {
    // The node stopped looking before its latest ledger.
    let server = always(page(&[event(&TOKEN, 60)], 80)).await;
    assert!(!from_ledger(&server, 50).await.unwrap().is_last);
    let behind = EventsFrom::Cursor(place(70));
    let found = ledger(&server).events(&[TOKEN], &behind).await.unwrap();
    assert!(!found.is_last);
    let asked: Value = serde_json::from_str(&server.seen()[1].body).unwrap();
    assert_eq!(asked["params"]["pagination"]["cursor"], place(70));
    assert!(asked["params"].get("startLedger").is_none());
    // A full page is not the last one, wherever it ends.
    let full: Vec<Value> = (0..200).map(|_| event(&TOKEN, 60)).collect();
    let server = always(page(&full, 100)).await;
    assert!(!from_ledger(&server, 50).await.unwrap().is_last);
    // A cursor that stands still is the end.
    let server = always(page(&[], 70)).await;
    let found = ledger(&server).events(&[TOKEN], &behind).await.unwrap();
    assert!(found.is_last);
    assert_eq!(found.cursor, Some(place(70)));
}

#[tokio::test]
async fn a_node_that_does_not_filter_is_filtered() {
    let mut failed = event(&TOKEN, 62);
    failed["inSuccessfulContractCall"] = json!(false);
    let foreign = event(&ContractId::from_bytes([9; 32]), 63);
    let events = [failed, foreign, event(&TOKEN, 49), event(&TOKEN, 50)];
    let server = always(page(&events, 100)).await;
    let found = from_ledger(&server, 50).await.unwrap().events;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].ledger, 50);
}

#[tokio::test]
async fn contracts_are_asked_for_five_by_five_and_no_more_than_a_call_takes() {
    let contracts: Vec<ContractId> = (0..=MAX_EVENT_CONTRACTS)
        .map(|number| ContractId::from_bytes([u8::try_from(number).unwrap(); 32]))
        .collect();
    let server = always(page(&[], 100)).await;
    let ledger = ledger(&server);
    let from = EventsFrom::Ledger(50);
    let most = &contracts[..MAX_EVENT_CONTRACTS];
    ledger.events(most, &from).await.unwrap();
    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    let filters = asked["params"]["filters"].as_array().unwrap();
    assert_eq!(filters.len(), 5);
    let last = &contracts[MAX_EVENT_CONTRACTS - 1];
    assert_eq!(filters[4]["contractIds"][4], last.to_string());

    let error = ledger.events(&contracts, &from).await.unwrap_err();
    assert!(matches!(
        error,
        LedgerError::TooMany {
            asked: 26,
            limit: 25
        }
    ));
    assert!(!error.is_outage());
    let keys = vec![LedgerKey::contract_instance(&TOKEN); MAX_ENTRY_KEYS + 1];
    let error = ledger.entries(&keys).await.unwrap_err();
    assert!(matches!(error, LedgerError::TooMany { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1, "nothing was sent");
}

#[tokio::test]
async fn no_contracts_tell_nothing() {
    let health = json!({"status": "healthy", "latestLedger": 100, "oldestLedger": 10});
    let server = always(health).await;
    let from = EventsFrom::Ledger(50);
    let found = ledger(&server).events(&[], &from).await.unwrap();
    assert_eq!(methods(&server), ["getHealth"]);
    assert_eq!(found.events, []);
    assert_eq!((found.cursor, found.latest_ledger), (None, 100));
}

#[tokio::test]
async fn places_that_a_node_does_not_have() {
    let refusing = |oldest: u32, latest: u32| {
        node(move |call| {
            if call.method == "getHealth" {
                let health = json!({"latestLedger": latest, "oldestLedger": oldest});
                return call.ok(&health);
            }
            call.error(-32600, "startLedger must be within the ledger range")
        })
    };
    for from in [EventsFrom::Ledger(50), EventsFrom::Cursor(place(50))] {
        let past = refusing(51, 100).await;
        match ledger(&past).events(&[TOKEN], &from).await.unwrap_err() {
            LedgerError::OutOfRange(range) => {
                let expected = MissingRange {
                    asked: 50,
                    oldest: 51,
                    latest: 100,
                };
                assert_eq!(range, expected);
            }
            other => panic!("a ledger that is gone gave {other:?}"),
        }
        let future = refusing(10, 49).await;
        let found = ledger(&future).events(&[TOKEN], &from).await.unwrap();
        assert_eq!((found.events.len(), found.cursor), (0, None));
        assert_eq!((found.latest_ledger, found.oldest_ledger), (49, Some(10)));
        let within = refusing(50, 50).await;
        let error = ledger(&within).events(&[TOKEN], &from).await.unwrap_err();
        assert!(matches!(error, LedgerError::RpcError { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn events_that_make_no_sense() {
    for (member, value) in [
        ("id", json!(null)),
        ("id", json!("x".repeat(40))),
        ("id", json!("1-\n")),
        ("id", json!(format!("{}-1", "1".repeat(80)))),
        ("contractId", json!(null)),
        ("contractId", json!("C")),
        ("txHash", json!("60")),
        ("value", json!("AAAA")),
    ] {
        let mut bad = event(&TOKEN, 60);
        bad[member] = value.clone();
        let server = always(page(&[bad], 100)).await;
        let error = from_ledger(&server, 50).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Malformed(_)),
            "{member} {value} gave {error:?}"
        );
    }
    let full: Vec<Value> = (0..200).map(|_| event(&TOKEN, 60)).collect();
    let mut endless = page(&full, 60);
    endless["cursor"] = json!("9".repeat(1_000));
    let server = always(endless).await;
    let error = from_ledger(&server, 50).await.unwrap_err();
    assert!(matches!(error, LedgerError::Malformed(_)), "{error:?}");
}
