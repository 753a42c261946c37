//! Purchases by MPP charge from end to end: each mode, on a gate that offers x402 beside it.

use std::{collections::BTreeMap, sync::Arc};

use coinslot_client::Protocol;
use coinslot_mpp_charge_stellar::Mode;
use coinslot_mpp_wire::{ACCEPT_PAYMENT, PAYMENT_RECEIPT, Receipt};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_server::{Gate, mpp};
use coinslot_settlement::Charges;
use coinslot_tests::{
    chain::Chain,
    charge::{Paid, answer, challenge, fresh_challenge, now},
    payment::{Signed, offer, pay},
    programs::{SECRET, Seller, buyer_builder, charge, facilitator, memory},
};
use coinslot_x402_wire::header;
use reqwest::{Response, StatusCode};
use serde_json::Value;

const PRICE: u128 = 10_000;

/// What a paid answer says about its payment.
fn receipt(response: &Response) -> Receipt {
    assert_eq!(response.status(), StatusCode::OK, "{response:?}");
    assert_eq!(response.headers()["cache-control"], "private");
    let value = response.headers().get(PAYMENT_RECEIPT).expect("a receipt");
    Receipt::from_header(value.to_str().expect("ASCII")).expect("a receipt that can be read")
}

/// A gate whose buyers pay the network's fees.
async fn unsponsored(chain: &Chain, store: Arc<dyn PaymentStore>) -> (Seller, u128) {
    let payee = chain.payee().await;
    let gate = Gate::builder()
        .offer(charge(payee))
        .charges(Charges::unsponsored(chain.ledger(), chain.network()))
        .secret(SECRET)
        .store(store);
    (
        Seller::open_gate("127.0.0.1:0", gate).await,
        chain.usdc(&payee).await,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_lumens_pays_a_sponsored_charge() {
    let chain = Chain::start().await;
    let (payee, payer) = (
        chain.payee().await,
        chain.payer_without_lumens(50_000).await,
    );
    let lumens = chain.lumens(&payer.account_id()).await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open_both(engine, memory().await, payee).await;

    let challenge = challenge(&seller.weather()).await;
    let paid = Paid::new(&chain, &payer, &challenge, Mode::Pull).await;
    let response = answer(&reqwest::Client::new(), &seller.weather(), &paid.header()).await;
    let receipt = receipt(&response);
    assert_eq!(receipt.method, "stellar");
    assert_eq!(receipt.external_id.as_deref(), Some("order-9"));
    assert!(
        receipt
            .reference
            .parse::<coinslot_soroban_authorization::TransactionHash>()
            .is_ok()
    );
    assert!(
        receipt
            .timestamp
            .unix_seconds()
            .unsigned_abs()
            .abs_diff(now())
            < 60
    );
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["payer"], payer.account_id().to_string());
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    assert_eq!(chain.lumens(&payer.account_id()).await, lumens);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_pays_the_fees_of_an_unsponsored_charge_and_of_a_pushed_one() {
    let chain = Chain::start().await;
    let (seller, _) = unsponsored(&chain, memory().await).await;
    let client = reqwest::Client::new();
    for (count, mode) in (1..).zip([Mode::Pull, Mode::Push]) {
        let payer = chain.payer(50_000).await;
        let challenge = challenge(&seller.weather()).await;
        let paid = Paid::new(&chain, &payer, &challenge, mode).await;
        let response = answer(&client, &seller.weather(), &paid.header()).await;
        let envelope = paid.envelope.expect("the payer's own transaction");
        let hash = envelope.hash(&chain.local.network_id());
        assert_eq!(receipt(&response).reference, hash.to_string());
        assert_eq!(seller.runs(), count);
        assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_402_carries_both_protocols_and_the_buyer_answers_either() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open_both(engine, memory().await, payee).await;

    let unpaid = reqwest::get(seller.weather()).await.expect("an answer");
    let challenge = fresh_challenge(&unpaid);
    assert_eq!(challenge.realm(), seller.address());
    assert!(unpaid.headers().contains_key(header::PAYMENT_REQUIRED));
    assert_eq!(unpaid.headers()["cache-control"], "no-store");
    assert_eq!(unpaid.headers()["content-type"], "application/problem+json");
    let exposed = unpaid.headers()["access-control-expose-headers"]
        .to_str()
        .expect("ASCII");
    for name in ["WWW-Authenticate", "Payment-Receipt", "PAYMENT-REQUIRED"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let body: Value = unpaid.json().await.expect("JSON");
    assert_eq!(
        body["type"],
        "https://paymentauth.org/problems/payment-required"
    );
    assert_eq!(
        (&body["status"], &body["x402Version"]),
        (&402.into(), &2.into())
    );
    assert_eq!(body["accepts"][0]["amount"], "10000");

    let client = reqwest::Client::new();
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await).await;
    let by_x402 = pay(&client, &seller.weather(), &signed.header()).await;
    assert_eq!(by_x402.status(), 200);
    assert!(by_x402.headers().contains_key(header::PAYMENT_RESPONSE));
    let paid = Paid::new(&chain, &payer, &challenge, Mode::Pull).await;
    let by_mpp = answer(&client, &seller.weather(), &paid.header()).await;
    assert!(!by_mpp.headers().contains_key(header::PAYMENT_RESPONSE));
    receipt(&by_mpp);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (2, 2 * PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_that_asks_for_mpp_is_told_of_mpp() {
    let chain = Chain::start().await;
    let payee = chain.payee().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open_both(engine, memory().await, payee).await;
    for (asks, x402) in [
        ("stellar/charge", false),
        ("*/*", true),
        ("x402/exact, stellar/charge;q=0.9", true),
        ("tempo/charge, stellar/*;q=0.1", false),
        ("tempo/charge", true),
        ("stellar/charge;q=0", true),
        ("not a range", true),
    ] {
        let request = reqwest::Client::new().get(seller.weather());
        let response = request.header(ACCEPT_PAYMENT, asks).send().await;
        let response = response.expect("an answer");
        let _challenge = fresh_challenge(&response);
        let told = response.headers().contains_key(header::PAYMENT_REQUIRED);
        assert_eq!(told, x402, "{asks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_never_repeat() {
    let chain = Chain::start().await;
    let (seller, _) = unsponsored(&chain, memory().await).await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..64 {
        assert!(ids.insert(challenge(&seller.weather()).await.id().to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_with_one_credential_run_the_handler_once_in_memory() {
    sixty_four_requests(memory().await, Mode::Pull, true).await;
    sixty_four_requests(memory().await, Mode::Pull, false).await;
    sixty_four_requests(memory().await, Mode::Push, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_with_one_credential_run_the_handler_once_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, mode, sponsored) in [
        ("a", Mode::Pull, true),
        ("b", Mode::Pull, false),
        ("c", Mode::Push, false),
    ] {
        let path = folder.path().join(format!("{name}.db"));
        let store = Store::open(&format!("sqlite:{}", path.display())).await;
        sixty_four_requests(store.expect("a store"), mode, sponsored).await;
    }
}

async fn sixty_four_requests(store: Arc<dyn PaymentStore>, mode: Mode, sponsored: bool) {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(1_000_000).await);
    let sponsors = [chain.sponsor().await, chain.sponsor().await];
    let engine = facilitator(&chain, Arc::clone(&store), &sponsors).await;
    let gate = Gate::builder()
        .offer(charge(payee).sponsored(sponsored))
        .charges(engine.charges())
        .secret(SECRET)
        .store(store);
    let seller = Seller::open_gate("127.0.0.1:0", gate).await;
    let challenge = challenge(&seller.weather()).await;
    let header = Paid::new(&chain, &payer, &challenge, mode).await.header();

    let client = reqwest::Client::new();
    let requests: Vec<_> = (0..64)
        .map(|_| {
            let (client, url, header) = (client.clone(), seller.weather(), header.clone());
            tokio::spawn(async move {
                let response = answer(&client, &url, &header).await;
                (
                    response.status().as_u16(),
                    response.bytes().await.expect("a body"),
                )
            })
        })
        .collect();
    let mut statuses = BTreeMap::<u16, u32>::new();
    let mut bodies = Vec::new();
    for request in requests {
        let (status, body) = request.await.expect("no panic");
        *statuses.entry(status).or_default() += 1;
        match status {
            200 => bodies.push(body),
            409 => {}
            other => panic!("{mode:?}: {other}: {body:?}"),
        }
    }
    assert_eq!(seller.runs(), 1, "{mode:?}: {statuses:?}");
    assert!(!bodies.is_empty() && bodies.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(chain.usdc(&payee).await, PRICE);
    assert_eq!(chain.usdc(&payer.account_id()).await, 1_000_000 - PRICE);
    let again = answer(&client, &seller.weather(), &header).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.bytes().await.expect("a body"), bodies[0]);
    assert_eq!(seller.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_payers_at_once_on_one_sponsor_are_all_served() {
    let chain = Arc::new(Chain::start().await);
    let payee = chain.payee().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Arc::new(Seller::open_both(engine, memory().await, payee).await);
    let mut buyers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let payer = chain.payer(50_000).await;
        let (chain, seller) = (Arc::clone(&chain), Arc::clone(&seller));
        buyers.spawn(async move {
            let challenge = challenge(&seller.weather()).await;
            let paid = Paid::new(&chain, &payer, &challenge, Mode::Pull).await;
            answer(&reqwest::Client::new(), &seller.weather(), &paid.header())
                .await
                .status()
        });
    }
    for status in buyers.join_all().await {
        assert_eq!(status, 200);
    }
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (8, 8 * PRICE));
}

/// The same seller, another process: nothing but the store survives.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_had_again_also_after_a_restart() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = format!("sqlite:{}", folder.path().join("payments.db").display());
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    for mode in [Mode::Pull, Mode::Push] {
        let gate = async || {
            Gate::builder()
                .offer(charge(payee))
                .charges(Charges::unsponsored(chain.ledger(), chain.network()))
                .secret(SECRET)
                .store(Store::open(&path).await.expect("a store"))
        };
        let seller = Seller::open_gate("127.0.0.1:0", gate().await).await;
        let challenge = challenge(&seller.weather()).await;
        let header = Paid::new(&chain, &payer, &challenge, mode).await.header();
        let client = reqwest::Client::new();
        let first = answer(&client, &seller.weather(), &header).await;
        let told = receipt(&first);
        let body = first.bytes().await.expect("a body");

        let address = seller.address();
        assert_eq!(seller.kill().await, 1);
        let seller = Seller::open_gate(&address, gate().await).await;
        let again = answer(&client, &seller.weather(), &header).await;
        assert_eq!(receipt(&again), told);
        assert_eq!(again.bytes().await.expect("a body"), body);
        assert_eq!(seller.runs(), 0, "the handler ran again");
    }
    assert_eq!(chain.usdc(&payee).await, 2 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_can_be_bound_to_the_body() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let gate = Gate::builder()
        .offer(
            mpp::charge("$0.001")
                .expect("a price")
                .pay_to(payee.to_string())
                .expect("a payee")
                .network(chain.network()),
        )
        .charges(Charges::unsponsored(chain.ledger(), chain.network()))
        .secret(SECRET)
        .bind_body(true)
        .store(memory().await);
    let seller = Seller::open_gate("127.0.0.1:0", gate).await;
    let client = reqwest::Client::new();
    // GET with a body: odd, and what this route has.
    let ask = |body: &'static str| client.get(seller.weather()).body(body);
    let challenge = fresh_challenge(&ask("Lima").send().await.expect("an answer"));
    assert!(challenge.digest().expect("a digest").is_of(b"Lima"));
    let planned = coinslot_mpp_charge_stellar::plan(
        &challenge,
        payer.account_id(),
        Mode::Pull,
        b"Quito",
        now(),
    );
    assert!(
        planned.is_err(),
        "a client sees that it is for another body"
    );

    let open = challenge.clone();
    let paid = Paid::for_body(&chain, &payer, &open, Mode::Pull, b"Lima").await;
    let other = ask("Quito")
        .header("authorization", paid.header())
        .send()
        .await
        .expect("an answer");
    assert_eq!(other.status(), 402);
    let other: Value = other.json().await.expect("JSON");
    assert_eq!(
        other["type"], "https://paymentauth.org/problems/invalid-challenge",
        "{other}"
    );
    let same = ask("Lima")
        .header("authorization", paid.header())
        .send()
        .await
        .expect("an answer");
    assert_eq!(same.status(), 200);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_buys_by_the_protocol_that_it_prefers() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open_both(engine, memory().await, payee).await;
    for (sold, (protocol, name)) in (1..).zip([
        (Protocol::X402, header::PAYMENT_RESPONSE),
        (Protocol::Mpp, PAYMENT_RECEIPT),
    ]) {
        let client = buyer_builder(&chain, payer.clone(), memory().await).prefer(protocol);
        let client = client.build().expect("a client");
        let response = client.get(seller.weather()).send().await;
        let response = response.expect("a purchase");
        assert_eq!(response.status(), 200);
        assert!(response.headers().contains_key(name), "{protocol:?}");
        assert_eq!(seller.runs(), sold);
        assert_eq!(chain.usdc(&payee).await, u128::from(sold) * PRICE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_pays_the_fees_itself_where_the_seller_does_not() {
    let chain = Chain::start().await;
    let (seller, _) = unsponsored(&chain, memory().await).await;
    for (sold, mode) in (1..).zip([Mode::Pull, Mode::Push]) {
        let payer = chain.payer(50_000).await;
        let client = buyer_builder(&chain, payer.clone(), memory().await);
        let client = client.charge_modes([mode]).build().expect("a client");
        let response = client.get(seller.weather()).send().await;
        receipt(&response.expect("a purchase"));
        assert_eq!(seller.runs(), sold, "{mode:?}");
        assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    }
}
