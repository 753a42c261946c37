//! The network, the latest ledger, fees, and simulations.

use coinslot_caip2_network::STELLAR_TESTNET;
use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{Transfer, UnsignedAuthEntry};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{FeeStats, Ledger, LedgerError, Malformation, Simulation};
use serde_json::{Value, json};
use stellar_xdr::{
    ContractEventType, DiagnosticEvent, LedgerHeader, ScVal, SorobanTransactionData, StellarValue,
    TimePoint,
};

use crate::fixtures::{TOKEN, base64, bytes, envelope, event, network, payee, payer};
use crate::node::{always, ledger, methods};

#[tokio::test]
async fn the_network_is_asked_for_once() {
    let server = always(json!({})).await;
    let ledger = ledger(&server);
    assert_eq!(ledger.network().await.unwrap(), network());
    assert_eq!(ledger.network().await.unwrap(), network());
    assert_eq!(methods(&server), ["getNetwork"]);
    assert_eq!(
        StellarNetwork::try_from(STELLAR_TESTNET)
            .unwrap()
            .network_id(),
        network()
    );
}

#[tokio::test]
async fn the_latest_ledger() {
    let header = LedgerHeader {
        scp_value: StellarValue {
            close_time: TimePoint(1234),
            ..StellarValue::default()
        },
        ..LedgerHeader::default()
    };
    let server =
        always(json!({"sequence": 9, "protocolVersion": 30, "headerXdr": base64(&header)})).await;
    let ledger = ledger(&server);
    let latest = ledger.latest_ledger().await.unwrap();
    assert_eq!(
        (latest.sequence, latest.close_time, latest.protocol_version),
        (9, Some(1234), 30)
    );
    assert_eq!(ledger.close_time_seconds().await.unwrap(), 5);
}

#[tokio::test]
async fn fees() {
    let fee = |p50: Value| {
        json!({"latestLedger": 9, "inclusionFee": {}, "sorobanInclusionFee":
            {"p50": p50, "p90": "200", "p95": "300", "p99": 400, "max": "18446744073709551615"}})
    };
    let server = always(fee(json!("100"))).await;
    let expected = FeeStats {
        p50: 100,
        p90: 200,
        p95: 300,
        p99: 400,
        max: u64::MAX,
    };
    assert_eq!(ledger(&server).fee_stats().await.unwrap(), expected);
    for bad in [
        json!("-1"),
        json!(-1),
        json!("+1"),
        json!("1.5"),
        json!(""),
        json!("0x10"),
    ] {
        let server = always(fee(bad)).await;
        let error = ledger(&server).fee_stats().await.unwrap_err();
        assert!(matches!(error, LedgerError::Malformed(_)), "{error:?}");
    }
}

fn succeeded() -> Value {
    let transfer = Transfer {
        token: TOKEN,
        from: Address::Account(payer()),
        to: Address::Account(payee()),
        amount: 10_000,
    };
    let entry = UnsignedAuthEntry::for_transfer(&transfer, 1, 2).to_unsigned_entry();
    let diagnostic = |type_| {
        let event = event(type_);
        base64(&DiagnosticEvent {
            in_successful_contract_call: true,
            event,
        })
    };
    json!({
        "latestLedger": 9, "minResourceFee": "12345",
        "transactionData": base64(&SorobanTransactionData {
            resource_fee: 12345, ..SorobanTransactionData::default()
        }),
        "results": [{"auth": [entry.to_base64()], "xdr": "AAAAAQ=="}],
        "events": [
            diagnostic(ContractEventType::Diagnostic),
            diagnostic(ContractEventType::Contract),
            diagnostic(ContractEventType::System),
        ],
    })
}

#[tokio::test]
async fn simulations_that_succeed() {
    let server = always(succeeded()).await;
    let simulation = ledger(&server).simulate(&envelope()).await.unwrap();
    assert_eq!(simulation.latest_ledger(), 9);
    let Simulation::Succeeded {
        resources,
        min_resource_fee,
        auth,
        events,
        return_value,
        ..
    } = simulation
    else {
        panic!("it succeeds");
    };
    assert_eq!(return_value, Some(bytes(&ScVal::Void)));
    assert_eq!((min_resource_fee, resources.resource_fee()), (12345, 12345));
    assert_eq!(auth.len(), 1);
    assert_eq!(
        events.len(),
        1,
        "diagnostics and the host's own are left out"
    );
    assert_eq!(events[0].as_transfer().unwrap().amount, 10_000);
    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(asked["params"]["transaction"], envelope().to_base64());
}

#[tokio::test]
async fn simulations_that_fail() {
    let error = format!(
        "HostError: Error(Auth, InvalidInput)\n\u{1b}[31m{}",
        "x".repeat(10_000)
    );
    let server = always(json!({"latestLedger": 9, "error": error, "events": ["AAAA"]})).await;
    match ledger(&server).simulate(&envelope()).await.unwrap() {
        Simulation::Failed {
            message,
            latest_ledger: 9,
        } => {
            assert!(message.starts_with("HostError: Error(Auth, InvalidInput)\\u{a}\\u{1b}[31mx"));
            assert!(message.chars().count() < 600);
        }
        other => panic!("it fails, and gave {other:?}"),
    }
}

#[tokio::test]
async fn simulations_that_need_a_restoration() {
    let mut answer = succeeded();
    answer["restorePreamble"] =
        json!({"minResourceFee": "7", "transactionData": answer["transactionData"]});
    let server = always(answer).await;
    let simulation = ledger(&server).simulate(&envelope()).await.unwrap();
    assert!(matches!(
        simulation,
        Simulation::RestoreNeeded {
            min_resource_fee: 7,
            ..
        }
    ));
}

#[tokio::test]
async fn simulations_that_make_no_sense() {
    for (member, value, xdr) in [
        ("minResourceFee", json!(null), false),
        ("minResourceFee", json!("-1"), false),
        ("minResourceFee", json!("99999999999999999999"), false),
        ("transactionData", json!(null), false),
        ("transactionData", json!("AAAA"), true),
        ("events", json!(["AAAA"]), true),
        ("results", json!([{"auth": ["AAAA"]}]), true),
        ("results", json!([{"auth": [" "]}]), true),
        ("results", json!([{"xdr": "AAAA"}]), true),
    ] {
        let mut answer = succeeded();
        answer[member] = value.clone();
        let server = always(answer).await;
        match ledger(&server).simulate(&envelope()).await.unwrap_err() {
            LedgerError::Malformed(answer) => {
                assert_eq!(
                    matches!(answer.what, Malformation::Xdr(_)),
                    xdr,
                    "{member} {value}"
                );
            }
            other => panic!("{member} {value} gave {other:?}"),
        }
    }
}
