//! What is tried again, where, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{
    Ledger, LedgerError, MAX_ANSWER_BYTES, Malformation, RpcConfigError, RpcLedger,
    UnavailableReason,
};
use serde_json::{Value, json};

use crate::fixtures::{TOKEN, network, payee, payer};
use crate::node::{always, ledger, methods, node, options, raw_node};
use crate::server::{Reply, Server, nobody};

fn latest(sequence: u32) -> Value {
    json!({"sequence": sequence, "protocolVersion": 30, "closeTime": "1000"})
}

fn reason(error: &LedgerError) -> UnavailableReason {
    match error {
        LedgerError::Unavailable { reason, .. } => *reason,
        other => panic!("an unavailable node gave {other:?}"),
    }
}

#[tokio::test]
async fn outages_pass() {
    type Script = fn() -> Reply;
    let outages: [Script; 6] = [
        || Reply::Close,
        || Reply::Hang,
        || Reply::json(500, "oops"),
        || Reply::json(503, ""),
        || Reply::json(429, ""),
        || Reply::Cut {
            status: 200,
            body: "{".to_owned(),
        },
    ];
    for (number, outage) in outages.into_iter().enumerate() {
        let server = raw_node(move |call| match call.number {
            0 | 1 => outage(),
            _ => call.ok(&latest(9)),
        })
        .await;
        let latest = ledger(&server).latest_ledger().await.unwrap();
        assert_eq!(latest.sequence, 9, "outage {number}");
        assert_eq!(server.seen().len(), 3);
    }
}

#[tokio::test]
async fn outages_that_stay_are_named() {
    let server = Server::start(|_, _| Reply::json(502, "")).await;
    let error = ledger(&server).latest_ledger().await.unwrap_err();
    assert_eq!(reason(&error), UnavailableReason::Status(502));
    assert_eq!(server.seen().len(), 3, "as often as the options say");

    let server = Server::start(|_, _| Reply::Hang).await;
    let error = ledger(&server).latest_ledger().await.unwrap_err();
    assert_eq!(reason(&error), UnavailableReason::TimedOut);

    let once = options().attempts(0);
    let ledger = RpcLedger::new([nobody().await], once).unwrap();
    let error = ledger.latest_ledger().await.unwrap_err();
    assert_eq!(reason(&error), UnavailableReason::Transport);
    assert!(error.is_outage());
}

#[tokio::test]
async fn what_a_node_says_it_says_once() {
    let server = node(|call| call.error(-32602, "bad\nparams")).await;
    match ledger(&server).fee_stats().await.unwrap_err() {
        LedgerError::RpcError { code, message } => {
            assert_eq!((code, &*message), (-32602, "bad\\u{a}params"));
        }
        other => panic!("an error of the node's gave {other:?}"),
    }
    assert_eq!(server.seen().len(), 1);

    for status in [301, 307, 400, 401, 403, 404] {
        let server = Server::start(move |_, _| Reply::Answer {
            status,
            headers: "location: http://127.0.0.1:1/\r\n",
            body: String::new(),
        })
        .await;
        let error = ledger(&server).fee_stats().await.unwrap_err();
        assert_eq!(reason(&error), UnavailableReason::Status(status));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn answers_to_something_else_are_refused() {
    let id = |id: &'static str| {
        move |_: usize, _: &crate::server::Request| {
            let result = latest(9);
            Reply::json(
                200,
                format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
            )
        }
    };
    let server = Server::start(id("1")).await;
    ledger(&server).latest_ledger().await.unwrap();
    for wrong in ["2", "\"1\"", "null", "-1", "1.0"] {
        let server = Server::start(id(wrong)).await;
        assert_eq!(
            malformation(&server).await,
            Malformation::WrongId,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn garbage_is_refused() {
    let huge = format!(
        r#"{{"jsonrpc":"2.0","id":1,"x":"{}"}}"#,
        "x".repeat(MAX_ANSWER_BYTES)
    );
    let deep = format!(r#"{{"jsonrpc":"2.0","id":1,"x":{}"#, "[".repeat(100_000));
    for (body, expected) in [
        ("", Malformation::Json),
        ("<html>", Malformation::Json),
        (r#"{"jsonrpc":"2.0","id":1,"result":"#, Malformation::Json),
        (&deep, Malformation::Json),
        ("[]", Malformation::Shape),
        ("{}", Malformation::Shape),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
            Malformation::Shape,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{"sequence":-1}}"#,
            Malformation::Shape,
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#, Malformation::NotJsonRpc),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            Malformation::NotJsonRpc,
        ),
        (
            r#"{"jsonrpc":"1.0","id":1,"error":{"code":1}}"#,
            Malformation::NotJsonRpc,
        ),
        (
            &huge,
            Malformation::TooLong {
                limit: MAX_ANSWER_BYTES,
            },
        ),
    ] {
        let body = body.to_owned();
        let server = Server::start(move |_, _| Reply::json(200, body.clone())).await;
        assert_eq!(malformation(&server).await, expected);
        assert_eq!(server.seen().len(), 1, "what is said is said once");
    }
}

async fn malformation(server: &Server) -> Malformation {
    match ledger(server).latest_ledger().await.unwrap_err() {
        LedgerError::Malformed(answer) => {
            assert_eq!(answer.method, "getLatestLedger");
            answer.what
        }
        other => panic!("a malformed answer gave {other:?}"),
    }
}

#[tokio::test]
async fn the_next_endpoint_answers_and_is_kept() {
    let down = Arc::new(AtomicBool::new(false));
    let seen_down = Arc::clone(&down);
    let first = node(move |call| {
        if seen_down.load(Ordering::SeqCst) {
            Reply::json(503, "")
        } else {
            call.ok(&latest(1))
        }
    })
    .await;
    let second = always(latest(2)).await;
    let urls = [nobody().await, first.url(), second.url()];
    let ledger = RpcLedger::new(urls, options()).unwrap();
    let sequence = async || ledger.latest_ledger().await.unwrap().sequence;
    assert_eq!(sequence().await, 1);
    down.store(true, Ordering::SeqCst);
    assert_eq!(sequence().await, 2);
    let asked = first.seen().len();
    down.store(false, Ordering::SeqCst);
    assert_eq!(
        sequence().await,
        2,
        "the endpoint that answered last is asked first"
    );
    assert_eq!(first.seen().len(), asked);
}

#[tokio::test]
async fn a_node_that_lags_is_passed_over() {
    let closed = |at: u64| json!({"sequence": at, "protocolVersion": 30, "closeTime": at});
    let now = 1_750_000_000;
    let lagging = always(closed(now - 61)).await;
    let healthy = always(closed(now - 60)).await;
    let checked = || options().lag_check(move || now, Duration::from_secs(60));
    let both = RpcLedger::new([lagging.url(), healthy.url()], checked()).unwrap();
    assert_eq!(
        both.latest_ledger().await.unwrap().close_time,
        Some(now - 60)
    );

    let alone = RpcLedger::new([lagging.url()], checked()).unwrap();
    let error = alone.latest_ledger().await.unwrap_err();
    assert_eq!(
        reason(&error),
        UnavailableReason::Lagging { behind_seconds: 61 }
    );
    assert!(error.is_outage());

    let unchecked = RpcLedger::new([lagging.url()], options()).unwrap();
    assert_eq!(
        unchecked.latest_ledger().await.unwrap().close_time,
        Some(now - 61)
    );
    // A node whose clock is ahead of ours does not lag.
    let ahead = always(closed(now + 1000)).await;
    RpcLedger::new([ahead.url()], checked())
        .unwrap()
        .latest_ledger()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_node_of_another_network_is_passed_over() {
    let other = raw_node(|call| match call.method.as_str() {
        "getNetwork" => call.network("Another Network"),
        _ => call.ok(&latest(1)),
    })
    .await;
    let ours = always(latest(2)).await;
    let pinned = || options().network(network());
    let both = RpcLedger::new([other.url(), ours.url()], pinned()).unwrap();
    assert_eq!(both.latest_ledger().await.unwrap().sequence, 2);
    assert_eq!(methods(&other), ["getNetwork"]);
    assert_eq!(both.network().await.unwrap(), network());

    let alone = RpcLedger::new([other.url()], pinned()).unwrap();
    let error = alone.latest_ledger().await.unwrap_err();
    assert_eq!(reason(&error), UnavailableReason::WrongNetwork);

    // Without a network in the options, the first to answer decides.
    let first = RpcLedger::new([ours.url(), other.url()], options()).unwrap();
    assert_eq!(first.network().await.unwrap(), network());
}

#[tokio::test]
async fn addresses_with_keys_do_not_print() {
    let server = Server::start(|_, _| Reply::Close).await;
    let url = format!("{}/secret-path?key=secret-key", server.url());
    let ledger = RpcLedger::new([url], options().attempts(1)).unwrap();
    let error = ledger.latest_ledger().await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    for text in [
        format!("{ledger:?}"),
        format!("{error:?} {error}"),
        format!("{source:?}"),
    ] {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn endpoints_are_checked() {
    use RpcConfigError as Error;
    let new = |urls: &[&str]| RpcLedger::new(urls, options());
    assert!(matches!(new(&[]), Err(Error::NoEndpoint)));
    for good in [
        "https://rpc.example/x?key=1",
        "http://127.0.0.1:8000",
        "http://[::1]",
        "http://localhost",
    ] {
        new(&[good]).unwrap();
    }
    for bad in [
        "http://rpc.example",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example",
    ] {
        let error = new(&["https://rpc.example", bad]).unwrap_err();
        assert!(
            matches!(error, Error::NotEncrypted { position: 2 }),
            "{bad} gave {error:?}"
        );
    }
    for bad in ["", "rpc.example", "ws://127.0.0.1", "file:///etc/passwd"] {
        let error = new(&[bad]).unwrap_err();
        assert!(
            matches!(error, Error::Address { position: 1 }),
            "{bad} gave {error:?}"
        );
    }
}

/// A node that does not know of a ledger that was seen cannot say what is not in it.
#[tokio::test]
async fn absence_is_believed_of_nodes_that_have_seen_the_latest_ledger() {
    let behind = node(|call| match call.method.as_str() {
        "getLatestLedger" => call.ok(&latest(100)),
        "getTransaction" => call.ok(&json!({"status": "NOT_FOUND", "latestLedger": 99})),
        "getLedgerEntries" => call.ok(&json!({"entries": [], "latestLedger": 99})),
        "getEvents" if call.params["startLedger"] == 101 => call.error(-32600, "startLedger"),
        "getEvents" => call.ok(&json!({"events": [], "cursor": "", "latestLedger": 99})),
        "getHealth" => call.ok(&json!({"latestLedger": 99, "oldestLedger": 1})),
        method => panic!("{method}"),
    })
    .await;
    let ledger = ledger(&behind);
    ledger.latest_ledger().await.unwrap();
    let expected = UnavailableReason::Behind {
        latest: 99,
        seen: 100,
    };
    let payer = Address::Account(payer());
    let payee = Address::Account(payee());
    let hash = "ab".repeat(32).parse().unwrap();
    assert_eq!(
        reason(&ledger.transaction(&hash).await.unwrap_err()),
        expected
    );
    assert_eq!(
        reason(&ledger.nonce_used(&payer, 1).await.unwrap_err()),
        expected
    );
    for start in [50, 101] {
        let transfers = ledger.transfers(&TOKEN, &payer, &payee, start).await;
        assert_eq!(reason(&transfers.unwrap_err()), expected);
    }

    let caught_up = node(|call| match (call.method.as_str(), call.number) {
        ("getLatestLedger", _) => call.ok(&latest(100)),
        (_, 2) => call.ok(&json!({"entries": [], "latestLedger": 99})),
        _ => call.ok(&json!({"entries": [], "latestLedger": 100})),
    })
    .await;
    let ledger = crate::node::ledger(&caught_up);
    ledger.latest_ledger().await.unwrap();
    assert!(!ledger.nonce_used(&payer, 1).await.unwrap());
}
