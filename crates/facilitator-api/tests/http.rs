//! The HTTP client against servers that answer, lie, hang and fall silent.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "http/server.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::{
    Facilitator, FacilitatorError, HttpFacilitator, HttpFacilitatorBuilder,
    HttpFacilitatorConfigError, Settlement,
};
use coinslot_x402_wire::{FacilitatorRequest, MAX_BODY_BYTES, ReasonCode};
use server::{Reply, Server, nobody};

const KEY: &str = "key-that-stays-here";
const HASH: &str = "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b";

fn request() -> FacilitatorRequest {
    let requirements = r#"{"scheme":"exact","network":"stellar:testnet","amount":"10000",
        "asset":"CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
        "payTo":"GB2LXYC2QPTL23P5TJ6QAJ2FUQAPBYKMODXCQTUKKGE52Z2I2ISYIKBZ","maxTimeoutSeconds":60}"#;
    let body = format!(
        r#"{{"x402Version":2,"paymentRequirements":{requirements},"paymentPayload":
            {{"x402Version":2,"accepted":{requirements},"payload":{{"transaction":"AAAA"}}}}}}"#
    );
    FacilitatorRequest::from_json(body.as_bytes()).unwrap()
}

fn success() -> String {
    format!(r#"{{"success":true,"transaction":"{HASH}","network":"stellar:testnet"}}"#)
}

fn failure(reason: &str, transaction: &str) -> String {
    format!(
        r#"{{"success":false,"errorReason":"{reason}","transaction":"{transaction}","network":"stellar:testnet"}}"#
    )
}

fn supported(idempotent: bool) -> Reply {
    let extensions = if idempotent {
        r#""idempotent-settlement""#
    } else {
        ""
    };
    Reply::json(
        200,
        format!(
            r#"{{"kinds":[{{"x402Version":2,"scheme":"exact","network":"stellar:testnet"}}],
                "extensions":[{extensions}],"signers":{{}}}}"#
        ),
    )
}

fn builder(url: &str) -> HttpFacilitatorBuilder {
    HttpFacilitator::builder(url)
        .api_key(KEY)
        .verify_timeout(Duration::from_millis(300))
        .settle_timeout(Duration::from_millis(300))
}

fn client(url: &str) -> HttpFacilitator {
    builder(url).build().unwrap()
}

#[tokio::test]
async fn requests_go_where_they_belong_with_the_key() {
    let server = Server::start(|_, request| match request.line() {
        "GET /x402/supported HTTP/1.1" => supported(false),
        "POST /x402/verify HTTP/1.1" => Reply::json(200, r#"{"isValid":true,"payer":"GB2L"}"#),
        _ => Reply::json(200, success()),
    })
    .await;
    let client = client(&format!("{}/x402//", server.url()));
    assert_eq!(client.address(), format!("{}/x402", server.url()));
    assert_eq!(client.supported().await.unwrap().kinds.len(), 1);
    assert!(client.verify(&request()).await.unwrap().is_valid);
    assert!(client.settle(&request()).await.unwrap().is_confirmed());
    let seen = server.seen();
    assert_eq!(
        server.lines(),
        [
            "GET /x402/supported HTTP/1.1",
            "POST /x402/verify HTTP/1.1",
            "POST /x402/settle HTTP/1.1"
        ]
    );
    for sent in &seen {
        assert_eq!(
            sent.header("authorization"),
            Some(&*format!("Bearer {KEY}"))
        );
    }
    for sent in &seen[1..] {
        assert_eq!(sent.header("content-type"), Some("application/json"));
        assert_eq!(
            FacilitatorRequest::from_json(sent.body.as_bytes()).unwrap(),
            request()
        );
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::start(|_, _| Reply::json(200, success())).await;
    let location: &'static str =
        Box::leak(format!("location: {}/settle\r\n", elsewhere.url()).into_boxed_str());
    for status in [301, 302, 307, 308] {
        let server = Server::start(move |_, _| Reply::Answer {
            status,
            headers: location,
            body: String::new(),
        })
        .await;
        let client = client(&server.url());
        let error = client.settle(&request()).await.unwrap_err();
        assert!(
            matches!(error, FacilitatorError::Unavailable { .. }),
            "{error:?}"
        );
        client.verify(&request()).await.unwrap_err();
        client.supported().await.unwrap_err();
    }
    assert_eq!(elsewhere.seen().len(), 0, "the key went elsewhere");
}

#[tokio::test]
async fn without_a_connection_nothing_was_broadcast() {
    let client = client(&nobody().await);
    for error in [
        client.settle(&request()).await.unwrap_err(),
        client.verify(&request()).await.unwrap_err(),
        client.supported().await.unwrap_err(),
    ] {
        assert!(
            matches!(error, FacilitatorError::Unavailable { status: None, .. }),
            "{error:?}"
        );
        assert!(!error.may_have_settled());
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_payment_pending() {
    type Script = fn() -> Reply;
    let losses: [Script; 6] = [
        || Reply::Hang,
        || Reply::Close,
        || Reply::Cut {
            status: 200,
            body: success(),
        },
        || Reply::json(502, "<html>bad gateway</html>"),
        || Reply::json(200, "not json"),
        || Reply::json(200, format!("{}{}", success(), " ".repeat(MAX_BODY_BYTES))),
    ];
    for (number, loss) in losses.into_iter().enumerate() {
        let server = Server::start(move |_, request| {
            if request.line().starts_with("GET") {
                supported(false)
            } else {
                loss()
            }
        })
        .await;
        let error = client(&server.url()).settle(&request()).await.unwrap_err();
        assert!(error.may_have_settled(), "loss {number} gave {error:?}");
        let settles = server
            .lines()
            .iter()
            .filter(|line| line.contains("settle"))
            .count();
        assert_eq!(
            settles, 1,
            "a facilitator that is not idempotent is asked once"
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_had_again_where_that_is_safe() {
    let server = Server::start(|number, request| match number {
        _ if request.line().starts_with("GET") => supported(true),
        0 => Reply::Close,
        _ => Reply::json(200, success()),
    })
    .await;
    let settlement = client(&server.url()).settle(&request()).await.unwrap();
    assert!(settlement.is_confirmed());
    let bodies: Vec<String> = server
        .seen()
        .into_iter()
        .filter(|request| request.line().contains("settle"))
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "the same request again");
}

#[tokio::test]
async fn what_comes_after_a_loss_does_not_undo_it() {
    type Script = fn() -> Reply;
    let refusals: [Script; 4] = [
        || Reply::json(429, ""),
        || Reply::json(401, ""),
        || Reply::json(404, ""),
        || Reply::json(503, failure("ledger_unavailable", "")),
    ];
    for refusal in refusals {
        let server = Server::start(move |number, request| match number {
            _ if request.line().starts_with("GET") => supported(true),
            0 => Reply::Close,
            _ => refusal(),
        })
        .await;
        let error = client(&server.url()).settle(&request()).await.unwrap_err();
        assert!(
            error.may_have_settled(),
            "the first try may have been broadcast: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_failure_with_a_transaction_depends_on_who_says_so() {
    for idempotent in [true, false] {
        let server = Server::start(move |_, request| {
            if request.line().starts_with("GET") {
                supported(idempotent)
            } else {
                Reply::json(
                    402,
                    failure("settle_exact_stellar_transaction_failed", HASH),
                )
            }
        })
        .await;
        let settlement = client(&server.url()).settle(&request()).await.unwrap();
        assert_eq!(settlement.response().transaction, HASH);
        match settlement {
            Settlement::Failed(_) => assert!(idempotent),
            Settlement::Pending { .. } => assert!(!idempotent),
            Settlement::Confirmed(_) => panic!("a failure is no success"),
        }
    }
}

#[tokio::test]
async fn pending_says_when_to_ask_again() {
    let server = Server::start(|_, _| Reply::Answer {
        status: 503,
        headers: "retry-after: 3\r\n",
        body: failure("settlement_pending", HASH),
    })
    .await;
    match client(&server.url()).settle(&request()).await.unwrap() {
        Settlement::Pending {
            response,
            retry_after_seconds,
        } => {
            assert_eq!(response.error_reason, Some(ReasonCode::SettlementPending));
            assert_eq!(
                (response.transaction.as_str(), retry_after_seconds),
                (HASH, 3)
            );
        }
        other => panic!("settlement_pending is pending, and gave {other:?}"),
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn limits_on_rates_are_passed_on() {
    for (header, expected) in [
        ("retry-after: 7\r\n", Some(7)),
        ("retry-after: 99999999\r\n", Some(3600)),
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n", None),
        ("retry-after: -1\r\n", None),
        ("", None),
    ] {
        let server = Server::start(move |_, _| Reply::Answer {
            status: 429,
            headers: header,
            body: String::new(),
        })
        .await;
        let error = client(&server.url()).settle(&request()).await.unwrap_err();
        assert_eq!(error.retry_after_seconds(), expected, "{header}");
    }
}

#[tokio::test]
async fn supported_is_asked_for_once() {
    let server = Server::start(|_, _| supported(true)).await;
    let client = Arc::new(client(&server.url()));
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.supported().await.unwrap().kinds.len() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 1);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn supported_grows_old() {
    let server = Server::start(|number, _| match number {
        0 => supported(true),
        _ => supported(false),
    })
    .await;
    let client = builder(&server.url())
        .supported_age(Duration::from_millis(50))
        .build()
        .unwrap();
    assert_eq!(client.supported().await.unwrap().extensions.len(), 1);
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(client.supported().await.unwrap().extensions.len(), 0);
}

#[tokio::test]
async fn those_who_wait_for_a_failure_get_it_without_asking() {
    let server = Server::start(|_, _| Reply::Hang).await;
    let client = Arc::new(client(&server.url()));
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.supported().await.unwrap_err() })
        })
        .collect();
    for caller in callers {
        let error = caller.await.unwrap();
        assert!(
            matches!(error, FacilitatorError::Unavailable { .. }),
            "{error:?}"
        );
    }
    assert_eq!(server.seen().len(), 1);
    client.supported().await.unwrap_err();
    assert_eq!(server.seen().len(), 2, "whoever comes later asks again");
}

#[tokio::test]
async fn secrets_and_strangers_do_not_print() {
    let server = Server::start(|_, _| Reply::json(500, "\u{1b}[31mpoison\r\nlog line")).await;
    let builder = builder(&server.url());
    let mut texts = vec![format!("{builder:?}")];
    let client = builder.build().unwrap();
    texts.push(format!("{client:?}"));
    for error in [
        client.settle(&request()).await.unwrap_err(),
        client.verify(&request()).await.unwrap_err(),
        client.supported().await.unwrap_err(),
    ] {
        texts.push(format!("{error} {error:?}"));
    }
    for text in texts {
        assert!(!text.contains(KEY) && !text.contains("poison"), "{text}");
    }
}

#[test]
fn addresses_and_keys_are_checked() {
    use HttpFacilitatorConfigError as Error;
    for good in [
        "https://facilitator.example",
        "https://facilitator.example/x402/",
        "http://127.0.0.1:4021",
        "http://127.8.9.1",
        "http://[::1]:80/",
        "http://localhost:4021",
    ] {
        HttpFacilitator::from_parts(good, Some(KEY)).unwrap();
        HttpFacilitator::from_parts(good, Some("")).unwrap();
        HttpFacilitator::from_parts(good, None).unwrap();
    }
    let refused = |address: &str| HttpFacilitator::from_parts(address, None).unwrap_err();
    for address in [
        "http://facilitator.example",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://[::ffff:10.0.0.1]",
    ] {
        let error = refused(address);
        assert!(
            matches!(error, Error::NotEncrypted),
            "{address} gave {error:?}"
        );
    }
    assert!(matches!(
        refused("ftp://facilitator.example"),
        Error::Scheme
    ));
    assert!(matches!(refused("facilitator.example"), Error::Address(_)));
    assert!(matches!(refused(""), Error::Address(_)));
    assert!(matches!(
        refused("https://user:pass@facilitator.example"),
        Error::Credentials
    ));
    assert!(matches!(
        refused("https://facilitator.example?key=1"),
        Error::Query
    ));
    assert!(matches!(
        refused("https://facilitator.example#x"),
        Error::Query
    ));
    for key in [" ", "a b", "a\r\nx: y", "é", "\0"] {
        let error = HttpFacilitator::from_parts("https://x.example", Some(key)).unwrap_err();
        assert!(matches!(error, Error::ApiKey), "{key:?} gave {error:?}");
    }
}
