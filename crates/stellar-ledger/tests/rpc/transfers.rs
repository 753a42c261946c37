//! Transfers found by their events.

use coinslot_stellar_address::{Address, MuxedAccountId};
use coinslot_stellar_ledger::{LandedTransfer, Ledger, LedgerError, Malformation, MissingRange};
use serde_json::{Value, json};
use stellar_xdr::{ScMap, ScMapEntry, ScSymbol, ScVal};

use crate::fixtures::{TOKEN, amount, base64, payee, payer, sponsor, topics};
use crate::node::{Call, always, ledger, methods, node};
use crate::server::{Reply, Server};

fn event(ledger: u32, topics: &[ScVal], value: &ScVal) -> Value {
    json!({
        "type": "contract", "ledger": ledger, "txHash": format!("{ledger:064x}"),
        "contractId": TOKEN.to_string(), "id": format!("{}-0", u64::from(ledger) << 32),
        "inSuccessfulContractCall": true, "value": base64(value),
        "topic": topics.iter().map(base64).collect::<Vec<_>>(),
    })
}

fn cursor(ledger: u32) -> String {
    format!("{}-4294967295", (u64::from(ledger) << 32) + 5)
}

fn page(events: &[Value], until: u32) -> Value {
    json!({"events": events, "cursor": cursor(until), "latestLedger": 100})
}

async fn found(server: &Server, to: &Address) -> Result<Vec<LandedTransfer>, LedgerError> {
    ledger(server)
        .transfers(&TOKEN, &Address::Account(payer()), to, 50)
        .await
}

fn to_payee() -> Address {
    Address::Account(payee())
}

#[tokio::test]
async fn transfers_are_found() {
    let all = topics(&payer(), &payee());
    let events = [
        event(60, &all, &amount(10_000)),
        event(61, &all[..3], &amount(i128::MAX)),
    ];
    let server = always(page(&events, 100)).await;
    let transfers = found(&server, &to_payee()).await.unwrap();
    let expected = |ledger: u32, amount| LandedTransfer {
        transaction: format!("{ledger:064x}").parse().unwrap(),
        ledger,
        amount,
    };
    assert_eq!(transfers, [expected(60, 10_000), expected(61, i128::MAX)]);

    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    let params = &asked["params"];
    assert_eq!(params["startLedger"], 50);
    let filter = &params["filters"][0];
    assert_eq!(filter["type"], "contract");
    assert_eq!(filter["contractIds"], json!([TOKEN.to_string()]));
    let exact: Vec<String> = all[..3].iter().map(base64).collect();
    assert_eq!(filter["topics"][0], json!(exact));
    assert_eq!(filter["topics"][1].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_node_that_does_not_filter_is_filtered() {
    let stranger = sponsor().account_id();
    let good = topics(&payer(), &payee());
    let mut approve = good.clone();
    approve[0] = ScVal::Symbol(ScSymbol("approve".try_into().unwrap()));
    let mut failed = event(66, &good, &amount(1));
    failed["inSuccessfulContractCall"] = json!(false);
    let events = [
        event(60, &topics(&stranger, &payee()), &amount(1)),
        event(61, &topics(&payer(), &stranger), &amount(1)),
        event(62, &approve, &amount(1)),
        event(63, &good[..2], &amount(1)),
        event(64, &good, &ScVal::U64(1)),
        event(49, &good, &amount(1)),
        failed,
    ];
    let server = always(page(&events, 100)).await;
    assert_eq!(found(&server, &to_payee()).await.unwrap(), []);
}

#[tokio::test]
async fn a_payee_with_a_number_is_another_payee() {
    let entry = |name: &str, val| ScMapEntry {
        key: ScVal::Symbol(ScSymbol(name.try_into().unwrap())),
        val,
    };
    let entries = vec![
        entry("amount", amount(5)),
        entry("to_muxed_id", ScVal::U64(9)),
    ];
    let value = ScVal::Map(Some(ScMap(entries.try_into().unwrap())));
    let event = event(60, &topics(&payer(), &payee()), &value);
    let server = always(page(&[event], 100)).await;
    let numbered = |id| Address::Muxed(MuxedAccountId::new(payee(), id));
    assert_eq!(found(&server, &numbered(9)).await.unwrap().len(), 1);
    assert_eq!(found(&server, &numbered(8)).await.unwrap(), []);
    assert_eq!(found(&server, &to_payee()).await.unwrap(), []);
}

#[tokio::test]
async fn pages_are_read_to_the_latest_ledger() {
    let all = topics(&payer(), &payee());
    let full: Vec<Value> = (0..200).map(|_| event(60, &all, &amount(1))).collect();
    let last = [event(90, &all, &amount(1))];
    let server = node(move |call: &Call| {
        let after = call.params["pagination"]["cursor"].as_str();
        assert_eq!(after.is_none(), call.params.get("startLedger").is_some());
        match call.number {
            0 => call.ok(&page(&full, 60)),
            // Nothing for a while, but the node has not looked at everything.
            1 => call.ok(&page(&[], 80)),
            _ => call.ok(&page(&last, 100)),
        }
    })
    .await;
    assert_eq!(found(&server, &to_payee()).await.unwrap().len(), 201);
    let cursors: Vec<Value> = server.seen()[1..]
        .iter()
        .map(|request| serde_json::from_str::<Value>(&request.body).unwrap())
        .map(|body| body["params"]["pagination"]["cursor"].clone())
        .collect();
    assert_eq!(cursors, [cursor(60), cursor(80)]);
}

#[tokio::test]
async fn pages_come_to_an_end() {
    // A cursor that stands still.
    let server = always(page(&[], 60)).await;
    assert_eq!(found(&server, &to_payee()).await.unwrap(), []);
    assert_eq!(server.seen().len(), 2);
    // One that moves for ever.
    let server = node(|call| {
        let number = u32::try_from(call.number).unwrap();
        call.ok(&json!({"events": [], "cursor": cursor(number), "latestLedger": 9_999_999}))
    })
    .await;
    match found(&server, &to_payee()).await.unwrap_err() {
        LedgerError::Malformed(answer) => assert_eq!(answer.what, Malformation::TooManyPages),
        other => panic!("pages without end gave {other:?}"),
    }
    // Older nodes give none with an empty page.
    let server = always(json!({"events": null, "latestLedger": 100})).await;
    assert_eq!(found(&server, &to_payee()).await.unwrap(), []);
}

#[tokio::test]
async fn ledgers_that_a_node_does_not_have() {
    let refusing = async |oldest: u32, latest: u32| -> Server {
        node(move |call| -> Reply {
            if call.method == "getHealth" {
                let health =
                    json!({"status": "healthy", "latestLedger": latest, "oldestLedger": oldest});
                return call.ok(&health);
            }
            call.error(-32600, "startLedger must be within the ledger range")
        })
        .await
    };
    let future = refusing(10, 49).await;
    assert_eq!(found(&future, &to_payee()).await.unwrap(), []);
    assert_eq!(methods(&future), ["getEvents", "getHealth"]);

    let past = refusing(51, 100).await;
    match found(&past, &to_payee()).await.unwrap_err() {
        LedgerError::OutOfRange(range) => {
            assert_eq!(
                range,
                MissingRange {
                    asked: 50,
                    oldest: 51,
                    latest: 100
                }
            );
        }
        other => panic!("a ledger that is gone gave {other:?}"),
    }

    let within = refusing(50, 50).await;
    let error = found(&within, &to_payee()).await.unwrap_err();
    assert!(
        matches!(error, LedgerError::RpcError { code: -32600, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn events_that_make_no_sense() {
    let good = event(60, &topics(&payer(), &payee()), &amount(1));
    for (member, value) in [
        ("txHash", json!("60")),
        ("txHash", json!("F".repeat(64))),
        ("value", json!("AAAA")),
        ("value", json!("")),
        ("topic", json!(["AAAA"])),
    ] {
        let mut bad = good.clone();
        bad[member] = value.clone();
        let server = always(page(&[bad], 100)).await;
        let error = found(&server, &to_payee()).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Malformed(_)),
            "{member} {value} gave {error:?}"
        );
    }
    for bad in ["", "x", "1", "x-1", "99999999999999999999-1"] {
        let server = always(json!({"events": [], "cursor": bad, "latestLedger": 100})).await;
        let error = found(&server, &to_payee()).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Malformed(_)),
            "{bad:?} gave {error:?}"
        );
    }
}
