//! Credentials that are not good for this route.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use coinslot_server::Event;
use coinslot_x402_wire::{PaymentRequirements, ReasonCode, VerifyResponse};
use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::*;

fn requirements() -> PaymentRequirements {
    PaymentRequirements::new(
        "exact",
        "stellar:testnet".parse().unwrap(),
        10_000_u64.into(),
        "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
        PAY_TO,
        60,
    )
    .with_extra("areFeesSponsored", true)
}

/// A good payment with one member of its JSON changed.
fn changed(pointer: &str, value: Value) -> String {
    let mut payload = serde_json::to_value(payload(&requirements(), 1)).unwrap();
    match payload.pointer_mut(pointer) {
        Some(member) => *member = value,
        None => panic!("no member {pointer}"),
    }
    STANDARD.encode(payload.to_string())
}

/// Known failures 42 and 73: junk is 400, never 500, and never reaches facilitator or handler.
#[tokio::test]
async fn an_undecodable_header_is_400() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let good = header(&requirements(), 1);
    let deep = STANDARD.encode("[".repeat(10_000));
    let bad = [
        "x".to_owned(),
        "{}".to_owned(),
        STANDARD.encode("{}"),
        STANDARD.encode("null"),
        STANDARD.encode([0xff, 0xfe]),
        STANDARD.encode([0]),
        deep,
        format!("{good} "),
        format!("{good}===="),
        good.trim_end_matches('=')
            .split_at(good.len() / 2)
            .0
            .to_owned(),
        "A".repeat(1_000_000),
        changed("/x402Version", json!(1)),
        changed("/x402Version", json!(3)),
        changed("/accepted/amount", json!(10_000)),
        changed("/accepted/amount", json!("0x2710")),
        changed("/accepted/amount", json!(" 10000")),
        changed("/accepted/amount", json!("+10000")),
        changed("/accepted/amount", json!("010000")),
        changed("/accepted/amount", json!(["10000"])),
        changed("/accepted/amount", json!("1e4")),
        changed("/accepted/network", json!(":")),
        changed("/payload", json!("text")),
    ];
    for header in &bad {
        let reply = seller.pay("/", header).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{header:.80}");
        assert_eq!(reply.json()["error"], "invalid_payload");
        assert!(reply.json()["message"].as_str().unwrap().ends_with('.'));
        assert!(!reply.has("payment-required"));
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    assert_eq!((world.facilitator.verifies(), world.runs()), (0, 0));
}

#[tokio::test]
async fn a_header_that_is_not_ascii_or_not_alone_is_400() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let mut request = get("/");
    let value = http::HeaderValue::from_bytes(&[0xe4]).unwrap();
    request.headers_mut().insert("payment-signature", value);
    assert_eq!(seller.send(request).await.status, StatusCode::BAD_REQUEST);

    let good = header(&requirements(), 1);
    let mut request = paid("/", &good);
    request
        .headers_mut()
        .append("payment-signature", good.parse().unwrap());
    let reply = seller.send(request).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text().contains("several"));
    assert_eq!(world.facilitator.verifies(), 0);
}

#[tokio::test]
async fn the_header_of_version_1_is_400_and_names_version_2() {
    let world = World::new(TestFacilitator::new());
    let mut request = get("/");
    request
        .headers_mut()
        .insert("x-payment", "eyJ4NDAyVmVyc2lvbiI6MX0=".parse().unwrap());
    let reply = world.seller().await.send(request).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text().contains("version 2") && reply.text().contains("PAYMENT-SIGNATURE"));
}

/// Known failures 8 and 73: what was accepted must be this route's own offer, in every field.
#[tokio::test]
async fn every_field_is_compared_with_the_routes_own_offer() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let pubnet_usdc = "CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75";
    let other = payer().account_id().to_string();
    for (pointer, value, code) in [
        ("/accepted/scheme", json!("upto"), "unsupported_scheme"),
        (
            "/accepted/network",
            json!("stellar:pubnet"),
            "network_mismatch",
        ),
        (
            "/accepted/network",
            json!("eip155:8453"),
            "network_mismatch",
        ),
        (
            "/accepted/amount",
            json!("9999"),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/amount",
            json!("10001"),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/asset",
            json!(pubnet_usdc),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/payTo",
            json!(other),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/maxTimeoutSeconds",
            json!(61),
            "invalid_payment_requirements",
        ),
        ("/accepted/extra", json!({}), "invalid_payment_requirements"),
        (
            "/accepted/extra/areFeesSponsored",
            json!(false),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/extra/areFeesSponsored",
            json!("true"),
            "invalid_payment_requirements",
        ),
        (
            "/accepted/extra",
            json!({"areFeesSponsored": true, "more": 1}),
            "invalid_payment_requirements",
        ),
    ] {
        let reply = seller.pay("/", &changed(pointer, value.clone())).await;
        reply.assert_refused(code);
        let field = pointer.split('/').nth(2).unwrap();
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains(&format!("accepted.{field}")),
            "{pointer} {value}: {message}"
        );
    }
    assert_eq!((world.facilitator.verifies(), world.runs()), (0, 0));
    assert_eq!(
        seller.pay("/", &header(&requirements(), 1)).await.status,
        StatusCode::OK
    );
}

/// Known failure 8: a credential of a cheap route, used on a dear one.
#[tokio::test]
async fn a_cheap_routes_payment_does_not_open_a_dear_one() {
    let world = World::new(TestFacilitator::new());
    let cheap = world.seller().await;
    let dear = world.unpriced().offer(offer("$5")).build().await.unwrap();
    let dear = world.seller_behind(dear);
    let payment = cheap.quote("/", 1).await;
    dear.pay("/", &payment)
        .await
        .assert_refused("invalid_payment_requirements");
    assert_eq!(world.facilitator.verifies(), 0);
}

#[tokio::test]
async fn a_payload_that_names_no_payment_is_refused() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    for transaction in [
        json!(""),
        json!("AAAA"),
        json!(null),
        json!(7),
        json!("not base64"),
    ] {
        let reply = seller
            .pay("/", &changed("/payload/transaction", transaction))
            .await;
        assert_eq!(reply.status, StatusCode::PAYMENT_REQUIRED);
        let code = reply.required().error.unwrap();
        assert!(code.starts_with("invalid_"), "{code}");
    }
    assert_eq!(world.facilitator.verifies(), 0);
}

/// Known failure 60: what does not verify claims nothing, and so burns nothing.
#[tokio::test]
async fn a_payment_that_does_not_verify_is_refused_with_the_reason_and_claims_nothing() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let payment = header(&requirements(), 1);
    let refusal = VerifyResponse::invalid(ReasonCode::StellarMissingPayerSignature)
        .with_message("the payer <b> has not signed");
    world
        .facilitator
        .verify_steps
        .lock()
        .unwrap()
        .push_back(Ok(refusal));
    let reply = seller.pay("/", &payment).await;
    reply.assert_refused("invalid_exact_stellar_payload_missing_payer_signature");
    assert!(
        reply.json()["message"]
            .as_str()
            .unwrap()
            .contains("has not signed")
    );
    assert_eq!((world.facilitator.settles(), world.runs()), (0, 0));
    assert_eq!(
        seller.pay("/", &payment).await.status,
        StatusCode::OK,
        "nothing was burned"
    );
}

#[tokio::test]
async fn a_facilitator_that_names_another_payer_is_not_believed() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let answer = VerifyResponse::valid(PAY_TO);
    world
        .facilitator
        .verify_steps
        .lock()
        .unwrap()
        .push_back(Ok(answer));
    let reply = seller.pay("/", &header(&requirements(), 1)).await;
    assert_eq!(reply.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(world.facilitator.settles(), 0);
}

/// Known failure 53: no credential in what the gate prints.
#[tokio::test]
async fn neither_events_nor_debug_hold_a_credential() {
    let world = World::new(TestFacilitator::new());
    let printed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let log = std::sync::Arc::clone(&printed);
    let hook = move |event: &Event<'_>| log.lock().unwrap().push_str(&format!("{event:?}\n"));
    let gate = world.builder().on_event(hook).build().await.unwrap();
    let debug = format!("{gate:?} {:?}", world.builder());
    let payment = header(&requirements(), 1);
    world.seller_behind(gate).pay("/", &payment).await;
    let printed = format!("{}{debug}", printed.lock().unwrap());
    assert!(printed.contains("Delivered"));
    let transaction = payload(&requirements(), 1).payload["transaction"].to_string();
    assert!(!printed.contains(&payment) && !printed.contains(transaction.trim_matches('"')));
}
