//! Unmodified `mppx`: its client buys from our seller, and its server sells to our buyer.

use coinslot_mpp_charge_stellar::Mode;
use coinslot_mpp_wire::{PAYMENT_RECEIPT, Receipt};
use coinslot_tests::{
    chain::Chain,
    charge::{Paid, answer, challenge},
    node,
    programs::{Seller, buyer, facilitator, memory},
};
use serde_json::json;

const PRICE: u128 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn mppx_buys_from_our_seller() {
    let chain = Chain::start().await;
    let (payee, payer) = (
        chain.payee().await,
        chain.payer_without_lumens(50_000).await,
    );
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open_both(engine, memory().await, payee).await;
    let bought = node::run(
        &chain,
        "mppx_buyer.mjs",
        &json!({
            "url": seller.weather(),
            "rpc": chain.local.rpc_url(),
            "secret": payer.expose_secret(),
            "passphrase": chain.network().passphrase(),
        }),
    )
    .await;
    assert_eq!(bought["status"], 200, "{bought}");
    // What it read of our challenge.
    let read = &bought["challenge"];
    assert_eq!(read["realm"], seller.address());
    assert_eq!(
        (&read["method"], &read["intent"]),
        (&json!("stellar"), &json!("charge"))
    );
    assert_eq!(read["request"]["amount"], "10000");
    assert_eq!(read["request"]["recipient"], payee.to_string());
    assert_eq!(read["request"]["methodDetails"]["feePayer"], true);
    // And of our receipt.
    assert_eq!(bought["receipt"]["status"], "success", "{bought}");
    assert_eq!(bought["receipt"]["method"], "stellar");
    assert_eq!(bought["receipt"]["externalId"], "order-9");
    assert_eq!(
        bought["receipt"]["reference"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(bought["body"]["payer"], payer.account_id().to_string());
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn mppx_sells_to_our_buyer() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let seller = node::Service::start(
        &chain,
        "mppx_seller.mjs",
        &json!({
            "rpc": chain.local.rpc_url(),
            "passphrase": chain.network().passphrase(),
            "recipient": payee.to_string(),
            "currency": chain.local.usdc_contract().to_string(),
            "network": chain.network().to_string(),
        }),
    )
    .await;
    let url = format!("{}/weather", seller.url);
    let challenge = challenge(&url).await;
    assert_eq!(challenge.realm(), "mppx.example");
    let paid = Paid::new(&chain, &payer, &challenge, Mode::Pull).await;
    let response = answer(&reqwest::Client::new(), &url, &paid.header()).await;
    assert_eq!(response.status(), 200);
    let receipt = response.headers()[PAYMENT_RECEIPT].to_str().expect("ASCII");
    let receipt = Receipt::from_header(receipt).expect("a receipt that can be read");
    let hash = paid
        .envelope
        .expect("a transaction")
        .hash(&chain.local.network_id());
    assert_eq!(receipt.reference, hash.to_string());
    assert_eq!(chain.usdc(&payee).await, PRICE);

    let client = buyer(&chain, payer, memory().await);
    let response = client.get(&url).send().await.expect("a purchase");
    assert_eq!(response.status(), 200);
    assert_eq!(chain.usdc(&payee).await, 2 * PRICE);
}
