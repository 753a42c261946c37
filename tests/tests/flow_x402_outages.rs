//! What fails on the way: the RPC, its answers, the facilitator. Nothing is lost, nothing is paid twice, and nobody is
//! asked for a second payment while the first one's fate is not known.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use coinslot_client::PaymentError;
use coinslot_tests::{
    chain::Chain,
    payment::{Signed, offer, pay},
    programs::{
        Seller, buyer, facilitator, memory, remote_facilitator, serve_facilitator,
        serve_facilitator_losing,
    },
};
use coinslot_x402_wire::header;

const PRICE: u128 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn an_rpc_that_is_down_is_503_and_the_same_payment_buys_later() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();
    let client = reqwest::Client::new();

    chain.local.fail_next("simulateTransaction", 100);
    let down = pay(&client, &seller.weather(), &signed).await;
    assert_eq!(down.status(), 503);
    assert!(down.headers().contains_key("retry-after"));
    assert!(
        !down.headers().contains_key(header::PAYMENT_REQUIRED),
        "a second payment is asked for"
    );
    let sentence = down.text().await.expect("a body");
    assert!(sentence.len() > 20, "{sentence:?}");
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (0, 0));

    chain.local.fail_next("simulateTransaction", 0);
    assert_eq!(pay(&client, &seller.weather(), &signed).await.status(), 200);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_submission_is_found_and_delivered_once() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();
    let client = reqwest::Client::new();

    chain.local.drop_answers("sendTransaction", 10);
    let mut response = pay(&client, &seller.weather(), &signed).await;
    for _ in 0..60 {
        assert!(
            !response.headers().contains_key(header::PAYMENT_REQUIRED),
            "a second payment is asked for"
        );
        if response.status() == 200 {
            break;
        }
        assert!(
            matches!(response.status().as_u16(), 409 | 503),
            "{}",
            response.status()
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
        response = pay(&client, &seller.weather(), &signed).await;
    }
    assert_eq!(response.status(), 200);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_facilitator_that_is_down_is_503_and_charges_nobody() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let service = serve_facilitator(engine, None).await;
    let seller = Seller::open(
        remote_facilitator(&service.url, None),
        memory().await,
        payee,
    )
    .await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();

    service.kill().await;
    let down = pay(&reqwest::Client::new(), &seller.weather(), &signed).await;
    assert_eq!(down.status(), 503);
    assert!(down.headers().contains_key("retry-after"));
    assert!(
        !down.headers().contains_key(header::PAYMENT_REQUIRED),
        "a second payment is asked for"
    );
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_facilitator_key_is_503_and_charges_nobody() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let service = serve_facilitator(engine, Some("the-right-key-of-this-test")).await;
    let remote = remote_facilitator(&service.url, Some("another-key-of-this-test"));
    let seller = Seller::open(remote, memory().await, payee).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
        .await
        .header();
    let response = pay(&reqwest::Client::new(), &seller.weather(), &signed).await;
    assert_eq!(response.status(), 503);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_keeps_its_payment_while_the_seller_is_down() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, payee).await;
    let wallet = memory().await;
    let client = buyer(&chain, payer.clone(), Arc::clone(&wallet));

    // The payment is broadcast, its outcome is not known: the client comes back with the same one until it is served.
    chain.local.drop_answers("sendTransaction", 10);
    let response = client.get(seller.weather()).send().await;
    chain.local.drop_answers("sendTransaction", 0);
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            let payment = PaymentError::from_middleware(&error).expect("a payment error");
            assert!(payment.may_have_paid(), "{payment}");
            client
                .get(seller.weather())
                .send()
                .await
                .expect("a purchase")
        }
    };
    assert_eq!(response.status(), 200);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
}

/// The facilitator has settled and its answers are lost: its client asks again under the same name of the purchase,
/// and so does the gate when the buyer sends the same payment again.
#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_of_the_facilitator_cost_nothing() {
    let chain = Chain::start().await;
    let payee = chain.payee().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let lost = Arc::new(AtomicU64::new(0));
    let service = serve_facilitator_losing(engine, Arc::clone(&lost)).await;
    let remote = remote_facilitator(&service.url, None);
    let seller = Seller::open(remote, memory().await, payee).await;
    let client = reqwest::Client::new();
    for (sold, losses) in (1..).zip([1, 5]) {
        let payer = chain.payer(50_000).await;
        let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await)
            .await
            .header();
        lost.store(losses, Ordering::SeqCst);
        let mut response = pay(&client, &seller.weather(), &signed).await;
        while response.status() != 200 {
            assert!(
                matches!(response.status().as_u16(), 409 | 503),
                "{response:?}"
            );
            assert!(
                !response.headers().contains_key(header::PAYMENT_REQUIRED),
                "a second payment is asked for"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
            response = pay(&client, &seller.weather(), &signed).await;
        }
        assert_eq!(lost.load(Ordering::SeqCst), 0, "answers were lost");
        assert_eq!(
            (seller.runs(), chain.usdc(&payee).await),
            (sold, u128::from(sold) * PRICE)
        );
        assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    }
}
