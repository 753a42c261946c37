//! What is refused, with which status, and with a sentence that says what to do. Nobody loses money by it.

use coinslot_caip2_network::STELLAR_PUBNET;
use coinslot_client::PaymentError;
use coinslot_soroban_authorization::TransferTransaction;
use coinslot_stellar_ledger::Simulation;
use coinslot_tests::{
    chain::Chain,
    payment::{Signed, offer, pay},
    programs::{Seller, buyer, facilitator, memory, remote_facilitator, serve_facilitator},
};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::{PaymentRequired, ReasonCode, header};
use reqwest::Response;

const PRICE: u128 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_for_another_network_is_refused() {
    let (chain, seller) = shop().await;
    let mut signed = Signed::new(
        &chain,
        &chain.payer(50_000).await,
        &offer(&seller.weather()).await,
    )
    .await;
    signed.payload.accepted.network = STELLAR_PUBNET.to_owned();
    refused(
        pay(&reqwest::Client::new(), &seller.weather(), &signed.header()).await,
        None,
    )
    .await;
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_differ_in_any_field_are_refused() {
    let (chain, seller) = shop().await;
    let (payer, client) = (chain.payer(50_000).await, reqwest::Client::new());
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await).await;
    let changes: [fn(&mut Signed); 5] = [
        |signed| signed.payload.accepted.amount = BaseUnits::from_u64(1),
        |signed| {
            signed.payload.accepted.pay_to =
                "GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF".to_owned()
        },
        |signed| signed.payload.accepted.max_timeout_seconds += 1,
        |signed| signed.payload.accepted.scheme = "upto".to_owned(),
        |signed| signed.payload.accepted.extra = None,
    ];
    for change in changes {
        let mut other = signed.clone();
        change(&mut other);
        let response = pay(&client, &seller.weather(), &other.header()).await;
        refused(response, None).await;
    }
    assert_eq!(
        (seller.runs(), chain.usdc(&payer.account_id()).await),
        (0, 50_000)
    );
    // A failed try burns nothing that an honest payer needs.
    assert_eq!(
        pay(&client, &seller.weather(), &signed.header())
            .await
            .status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_balance_is_said_before_anything_is_sent() {
    let (chain, seller) = shop().await;
    let payer = chain.payer(9_999).await;
    let error = buyer(&chain, payer.clone(), memory().await)
        .get(seller.weather())
        .send()
        .await
        .expect_err("too poor");
    let payment = PaymentError::from_middleware(&error).expect("a payment error");
    assert!(!payment.may_have_paid());
    assert!(payment.to_string().contains("too little"), "{payment}");
    assert_eq!(
        (seller.runs(), chain.usdc(&payer.account_id()).await),
        (0, 9_999)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_a_trustline_is_told_so() {
    let (chain, seller) = shop().await;
    let payer = chain.sponsor().await;
    let error = buyer(&chain, payer, memory().await)
        .get(seller.weather())
        .send()
        .await
        .expect_err("no trustline");
    let payment = PaymentError::from_middleware(&error).expect("a payment error");
    assert!(!payment.may_have_paid());
    assert!(payment.to_string().contains("trustline"), "{payment}");
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_without_a_trustline_is_paid_nothing_and_the_buyer_keeps_all() {
    let chain = Chain::start().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let seller = Seller::open(engine, memory().await, chain.sponsor().await.account_id()).await;
    let payer = chain.payer(50_000).await;
    let error = buyer(&chain, payer.clone(), memory().await)
        .get(seller.weather())
        .send()
        .await
        .expect_err("no trustline");
    let payment = PaymentError::from_middleware(&error).expect("a payment error");
    assert!(!payment.may_have_paid());
    assert_eq!(
        (seller.runs(), chain.usdc(&payer.account_id()).await),
        (0, 50_000)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_was_spent_between_signing_and_paying_is_a_402_with_the_reason() {
    let (chain, seller) = shop().await;
    let (payer, client) = (chain.payer(15_000).await, reqwest::Client::new());
    let required = offer(&seller.weather()).await;
    let first = Signed::new(&chain, &payer, &required).await.header();
    let second = Signed::new(&chain, &payer, &required).await.header();
    assert_eq!(pay(&client, &seller.weather(), &first).await.status(), 200);
    let response = pay(&client, &seller.weather(), &second).await;
    refused(
        response,
        Some("invalid_exact_stellar_payload_simulation_failed"),
    )
    .await;
    assert_eq!(
        (seller.runs(), chain.usdc(&payer.account_id()).await),
        (1, 5_000)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_cannot_be_read_is_a_400_with_a_sentence() {
    let (_chain, seller) = shop().await;
    let client = reqwest::Client::new();
    for junk in [
        "",
        "!!!!",
        "bnVsbA==",
        "eyJ4NDAyVmVyc2lvbiI6Mn0",
        "NDI=",
        "eyJhIjoxfQ==",
    ] {
        let response = pay(&client, &seller.weather(), junk).await;
        assert_eq!(response.status(), 400, "{junk:?}");
        let sentence = response.text().await.expect("a body");
        assert!(
            sentence.len() > 10 && !sentence.contains("panicked"),
            "{sentence:?}"
        );
    }
    let v1 = client
        .get(seller.weather())
        .header(header::X_PAYMENT, "eyJ4NDAyVmVyc2lvbiI6MX0=")
        .send()
        .await
        .expect("an answer");
    assert_eq!(v1.status(), 400);
    assert!(v1.text().await.expect("a body").contains("version 2"));
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_priced_like_get() {
    let (_chain, seller) = shop().await;
    let response = reqwest::Client::new()
        .head(seller.weather())
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 402);
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_402_is_not_stored_and_its_url_does_not_follow_the_host_header() {
    let (_chain, seller) = shop().await;
    let request = reqwest::Client::new()
        .get(seller.weather())
        .header("host", "evil.example.com");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 402);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("etag"));
    let value = response.headers()[header::PAYMENT_REQUIRED]
        .to_str()
        .expect("ASCII");
    assert_eq!(
        PaymentRequired::from_header(value)
            .expect("a price")
            .resource
            .url,
        seller.weather()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_landed_before_it_was_presented_buys_nothing() {
    let (chain, seller) = shop().await;
    let payer = chain.payer(50_000).await;
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await).await;
    land(&chain, &signed).await;
    assert_eq!(chain.usdc(&payer.account_id()).await, 50_000 - PRICE);
    let response = pay(&reqwest::Client::new(), &seller.weather(), &signed.header()).await;
    refused(response, None).await;
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_authorization_in_another_envelope_is_the_same_payment() {
    let (chain, seller) = shop().await;
    let (payer, client) = (chain.payer(50_000).await, reqwest::Client::new());
    let signed = Signed::new(&chain, &payer, &offer(&seller.weather()).await).await;
    assert_eq!(
        pay(&client, &seller.weather(), &signed.header())
            .await
            .status(),
        200
    );
    for sequence in [1, 7] {
        let transaction = TransferTransaction {
            source: payer.account_id(),
            sequence,
            fee: 12_345,
            max_time: Some(0),
            transfer: signed.plan.transfer(),
            auth: vec![signed.entry.clone()],
            resources: None,
        };
        let mut other = signed.clone();
        other.payload.payload.insert(
            "transaction".to_owned(),
            transaction.to_envelope().to_base64().into(),
        );
        let response = pay(&client, &seller.weather(), &other.header()).await;
        assert!(
            matches!(response.status().as_u16(), 200 | 402),
            "{}",
            response.status()
        );
    }
    assert_eq!(
        (seller.runs(), chain.usdc(&payer.account_id()).await),
        (1, 50_000 - PRICE)
    );
}

/// A gate that knows nothing of a purchase, beside one that made it or after its store was lost.
#[tokio::test(flavor = "multi_thread")]
async fn one_payment_buys_at_one_of_two_gates() {
    let chain = Chain::start().await;
    let (payee, payer) = (chain.payee().await, chain.payer(50_000).await);
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let service = serve_facilitator(engine, None).await;
    let remote = || remote_facilitator(&service.url, None);
    let first = Seller::open(remote(), memory().await, payee).await;
    let address = first.address();
    let signed = Signed::new(&chain, &payer, &offer(&first.weather()).await)
        .await
        .header();
    let client = reqwest::Client::new();
    assert_eq!(pay(&client, &first.weather(), &signed).await.status(), 200);
    assert_eq!(first.kill().await, 1);

    let second = Seller::open_at(&address, remote(), memory().await, payee).await;
    let response = pay(&client, &second.weather(), &signed).await;
    refused(response, Some("duplicate_payment")).await;
    assert_eq!((second.runs(), chain.usdc(&payee).await), (0, PRICE));
}

async fn shop() -> (Chain, Seller) {
    let chain = Chain::start().await;
    let engine = facilitator(&chain, memory().await, &[chain.sponsor().await]).await;
    let payee = chain.payee().await;
    let seller = Seller::open(engine, memory().await, payee).await;
    (chain, seller)
}

/// A 402 with a fresh offer, and a reason.
async fn refused(response: Response, reason: Option<&str>) {
    assert_eq!(response.status(), 402);
    let value = response
        .headers()
        .get(header::PAYMENT_REQUIRED)
        .expect("a fresh offer")
        .to_str()
        .expect("ASCII")
        .to_owned();
    let required = PaymentRequired::from_header(&value).expect("an offer that can be read");
    let error = required.error.expect("a reason");
    assert!(!error.is_empty());
    if let Some(reason) = reason {
        let body = response.text().await.expect("a body");
        assert!(
            error.contains(reason) || body.contains(reason),
            "{error}\n{body}"
        );
        assert!(!matches!(ReasonCode::from(reason), ReasonCode::Other(_)));
    }
}

/// Somebody else brings the signed authorization to the network.
async fn land(chain: &Chain, signed: &Signed) {
    let (ledger, stranger) = (chain.ledger(), chain.sponsor().await);
    let Simulation::Succeeded {
        resources,
        min_resource_fee,
        ..
    } = ledger
        .simulate(&signed.plan.probe(&signed.entry))
        .await
        .expect("an answer")
    else {
        panic!("it would not land")
    };
    let transaction = TransferTransaction {
        source: stranger.account_id(),
        sequence: chain.sequence(&stranger.account_id()).await + 1,
        fee: 100 + u32::try_from(min_resource_fee).expect("a small fee"),
        max_time: None,
        transfer: signed.plan.transfer(),
        auth: vec![signed.entry.clone()],
        resources: Some(resources),
    };
    let mut envelope = transaction.to_envelope();
    envelope
        .sign(&stranger, &chain.local.network_id())
        .expect("a signature");
    chain.submit(&envelope).await;
}
