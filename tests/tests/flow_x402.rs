//! A purchase by x402 from end to end: buyer, seller, facilitator and network, each the real one.

use std::{collections::BTreeMap, sync::Arc};

use coinslot_client::{PaymentReceipt, Settlement};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::Address;
use coinslot_tests::{
    chain::Chain,
    payment::{Signed, offer, pay},
    programs::{Seller, buyer, facilitator, memory, remote_facilitator, serve_facilitator},
};
use coinslot_x402_wire::{SettleResponse, header};
use serde_json::Value;

const PRICE: u128 = 10_000;
const KEY: &str = "a-key-of-this-test-only";

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_lumens_buys_the_weather() {
    let chain = Chain::start().await;
    let (payee, sponsor) = (chain.payee().await, chain.sponsor().await);
    let payer = chain.payer_without_lumens(50_000).await;
    let account = payer.account_id();
    let engine = facilitator(&chain, memory().await, std::slice::from_ref(&sponsor)).await;
    let service = serve_facilitator(engine, Some(KEY)).await;
    let seller = Seller::open(
        remote_facilitator(&service.url, Some(KEY)),
        memory().await,
        payee,
    )
    .await;
    let (lumens, sponsor_lumens) = (
        chain.lumens(&account).await,
        chain.lumens(&sponsor.account_id()).await,
    );

    let client = buyer(&chain, payer, memory().await);
    let response = client
        .get(seller.weather())
        .send()
        .await
        .expect("a purchase");

    assert_eq!(response.status(), 200);
    let receipt = response
        .extensions()
        .get::<PaymentReceipt>()
        .expect("a receipt")
        .clone();
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["celsius"], 19);
    assert_eq!(body["payer"], account.to_string());
    assert_eq!(chain.usdc(&account).await, 50_000 - PRICE);
    assert_eq!(chain.usdc(&payee).await, PRICE);
    assert_eq!(chain.lumens(&account).await, lumens, "the buyer paid a fee");
    let fee = sponsor_lumens - chain.lumens(&sponsor.account_id()).await;
    assert!(
        (100..=500_000).contains(&fee),
        "the sponsor paid {fee} stroops"
    );
    let Settlement::Confirmed(hash) = receipt.settlement else {
        panic!("{receipt:?}")
    };
    let (token, from, to) = (
        chain.local.usdc_contract(),
        Address::Account(account),
        Address::Account(payee),
    );
    let transfers = chain
        .ledger()
        .transfers(&token, &from, &to, 2)
        .await
        .expect("an answer");
    assert_eq!(
        transfers
            .iter()
            .map(|landed| landed.transaction)
            .collect::<Vec<_>>(),
        [hash]
    );
    assert_eq!(seller.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_with_one_payment_run_the_handler_once_on_a_memory_store() {
    sixty_four_requests(memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_with_one_payment_run_the_handler_once_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    sixty_four_requests(sqlite(&folder).await).await;
}

async fn sixty_four_requests(store: Arc<dyn PaymentStore>) {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(1_000_000).await);
    // Two sponsors, so that a second settlement would find a free one.
    let sponsors = [chain.sponsor().await, chain.sponsor().await];
    let before = sequences(&chain, &sponsors).await;
    let engine = facilitator(&chain, Arc::clone(&store), &sponsors).await;
    let seller = Seller::open(engine, store, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();

    let client = reqwest::Client::new();
    let requests: Vec<_> = (0..64)
        .map(|_| {
            let (client, url, signed) = (client.clone(), seller.weather(), signed.clone());
            tokio::spawn(async move {
                let response = pay(&client, &url, &signed).await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                (status, headers, response.bytes().await.expect("a body"))
            })
        })
        .collect();
    let mut statuses = BTreeMap::<u16, u32>::new();
    let mut bodies = Vec::new();
    for request in requests {
        let (status, headers, body) = request.await.expect("no panic");
        *statuses.entry(status).or_default() += 1;
        match status {
            200 => bodies.push(body),
            409 => assert!(headers.contains_key("retry-after")),
            other => panic!("{other}: {body:?}"),
        }
    }

    assert_eq!(seller.runs(), 1, "{statuses:?}");
    assert!(!bodies.is_empty(), "{statuses:?}");
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(chain.usdc(&payer.account_id()).await, 1_000_000 - PRICE);
    assert_eq!(chain.usdc(&payee).await, PRICE);
    assert_eq!(
        sequences(&chain, &sponsors).await - before,
        1,
        "more than one transaction was sent"
    );
    // Whoever was told to come back gets the recorded answer.
    let again = pay(&client, &seller.weather(), &signed).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.bytes().await.expect("a body"), bodies[0]);
    assert_eq!(seller.runs(), 1);
}

async fn sequences(chain: &Chain, sponsors: &[SecretKey]) -> i64 {
    let mut sum = 0;
    for sponsor in sponsors {
        sum += chain.sequence(&sponsor.account_id()).await;
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_had_again_also_after_a_restart() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (payee, payer, sponsor) = (
        chain.payee().await,
        chain.payer(50_000).await,
        chain.sponsor().await,
    );
    let engine = facilitator(
        &chain,
        sqlite(&folder).await,
        std::slice::from_ref(&sponsor),
    )
    .await;
    let seller = Seller::open(engine, sqlite(&folder).await, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();
    let client = reqwest::Client::new();
    let first = pay(&client, &seller.weather(), &signed).await;
    assert_eq!(first.status(), 200);
    let receipt = first
        .headers()
        .get(header::PAYMENT_RESPONSE)
        .expect("a receipt")
        .clone();
    let body = first.bytes().await.expect("a body");

    // The same seller, another process: nothing but the store survives.
    let address = seller.address();
    assert_eq!(seller.kill().await, 1);
    let engine = facilitator(&chain, sqlite(&folder).await, &[sponsor]).await;
    let seller = Seller::open_at(&address, engine, sqlite(&folder).await, payee).await;
    let again = pay(&client, &seller.weather(), &signed).await;

    assert_eq!(again.status(), 200);
    assert_eq!(
        again.headers().get(header::PAYMENT_RESPONSE),
        Some(&receipt)
    );
    assert_eq!(again.bytes().await.expect("a body"), body);
    assert_eq!(seller.runs(), 0, "the handler ran again");
    assert_eq!(chain.usdc(&payee).await, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_payers_at_once_on_one_sponsor_are_all_served() {
    let chain = Chain::start().await;
    let payee = chain.payee().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, payee).await;
    let required = offer(&seller.weather()).await;
    let mut requests = Vec::new();
    for _ in 0..8 {
        let signed = Signed::new(&chain, &chain.payer(50_000).await, &required)
            .await
            .header();
        let url = seller.weather();
        requests.push(tokio::spawn(async move {
            pay(&reqwest::Client::new(), &url, &signed).await.status()
        }));
    }
    for request in requests {
        assert_eq!(request.await.expect("no panic"), 200);
    }
    assert_eq!(seller.runs(), 8);
    assert_eq!(chain.usdc(&payee).await, 8 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_names_what_was_paid() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();
    let response = pay(&reqwest::Client::new(), &seller.weather(), &signed).await;
    let receipt = response
        .headers()
        .get(header::PAYMENT_RESPONSE)
        .expect("a receipt")
        .to_str()
        .expect("ASCII");
    let receipt = SettleResponse::from_header(receipt).expect("a receipt that can be read");
    assert!(receipt.success);
    assert_eq!(receipt.payer, Some(payer.account_id().to_string()));
    assert_eq!(receipt.network.as_str(), "stellar:testnet");
    assert_eq!(receipt.transaction.len(), 64);
    assert!(
        response.headers()["cache-control"]
            .to_str()
            .expect("ASCII")
            .contains("private")
    );
}

async fn sqlite(folder: &tempfile::TempDir) -> Arc<dyn PaymentStore> {
    let address = format!("sqlite:{}", folder.path().join("payments.db").display());
    Store::open(&address).await.expect("a store")
}
