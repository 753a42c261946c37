//! Unmodified npm programs on the local network, beside ours: each of the three parts of a payment by theirs.

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{PaymentReceipt, Settlement};
use coinslot_tests::{
    chain::Chain,
    node::{self, Service},
    programs::{Seller, buyer, facilitator, memory, remote_facilitator, serve_facilitator},
};
use serde_json::{Value, json};

const PRICE: u128 = 10_000;
const KEY: &str = "a-key-of-this-test-only";

/// Their buyer, our seller, our facilitator.
#[tokio::test(flavor = "multi_thread")]
async fn x402_fetch_buys_from_our_seller_through_our_facilitator() {
    let chain = Chain::start_https().await;
    let (payee, payer) = (
        chain.payee().await,
        chain.payer_without_lumens(50_000).await,
    );
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let service = serve_facilitator(engine, Some(KEY)).await;
    let seller = Seller::open(
        remote_facilitator(&service.url, Some(KEY)),
        memory().await,
        payee,
    )
    .await;

    let given = json!({
        "url": seller.weather(),
        "secret": payer.expose_secret(),
        "network": StellarNetwork::Testnet.to_string(),
        "rpc": chain.local.https_url(),
        "requests": 2,
    });
    let answers = node::run(&chain, "buyer.mjs", &given).await;

    for (answer, run) in answers.as_array().expect("a list").iter().zip(1..) {
        assert_eq!(answer["status"], 200, "{answers}");
        let body: Value =
            serde_json::from_str(answer["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(
            (body["celsius"].as_u64(), body["run"].as_u64()),
            (Some(19), Some(run))
        );
        assert_eq!(answer["receipt"]["success"], true);
        assert_eq!(answer["receipt"]["payer"], payer.account_id().to_string());
        assert_eq!(answer["receipt"]["network"], "stellar:testnet");
    }
    assert_eq!(seller.runs(), 2);
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - 2 * PRICE);
    assert_eq!(chain.usdc(&payee).await, 2 * PRICE);
}

/// Our buyer, their seller, our facilitator.
#[tokio::test(flavor = "multi_thread")]
async fn our_client_buys_from_x402_express_through_our_facilitator() {
    let chain = Chain::start().await;
    let (payee, payer) = (
        chain.payee().await,
        chain.payer_without_lumens(50_000).await,
    );
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let service = serve_facilitator(engine, Some(KEY)).await;
    let given = json!({
        "facilitator": service.url,
        "apiKey": KEY,
        "payTo": payee.to_string(),
        "price": "$0.001",
        "network": StellarNetwork::Testnet.to_string(),
    });
    let seller = Service::start(&chain, "seller.mjs", &given).await;

    let client = buyer(&chain, payer.clone(), memory().await);
    let response = client
        .get(format!("{}/weather", seller.url))
        .send()
        .await
        .expect("a purchase");

    assert_eq!(response.status(), 200);
    let receipt = response
        .extensions()
        .get::<PaymentReceipt>()
        .expect("a receipt")
        .clone();
    assert!(
        matches!(receipt.settlement, Settlement::Confirmed(_)),
        "{receipt:?}"
    );
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(
        (body["celsius"].as_u64(), body["runs"].as_u64()),
        (Some(19), Some(1))
    );
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    assert_eq!(chain.usdc(&payee).await, PRICE);
}

/// Our buyer, our seller, their facilitator.
#[tokio::test(flavor = "multi_thread")]
async fn our_client_and_seller_work_through_the_official_facilitator() {
    let chain = Chain::start_https().await;
    let (payee, payer, sponsor) = (
        chain.payee().await,
        chain.payer_without_lumens(50_000).await,
        chain.sponsor().await,
    );
    let given = json!({
        "secrets": [sponsor.expose_secret()],
        "network": StellarNetwork::Testnet.to_string(),
        "rpc": chain.local.https_url(),
    });
    let service = Service::start(&chain, "facilitator.mjs", &given).await;
    let seller = Seller::open(
        remote_facilitator(&service.url, None),
        memory().await,
        payee,
    )
    .await;

    let client = buyer(&chain, payer.clone(), memory().await);
    for run in 1..=2 {
        let response = client
            .get(seller.weather())
            .send()
            .await
            .expect("a purchase");
        assert_eq!(response.status(), 200);
        assert!(response.extensions().get::<PaymentReceipt>().is_some());
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["run"], run);
    }
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - 2 * PRICE);
    assert_eq!(chain.usdc(&payee).await, 2 * PRICE);
    assert_eq!(seller.runs(), 2);
}
