//! Buying from sellers that keep to the protocol.

use std::sync::{Arc, Mutex};

use coinslot_client::{IdempotencyKey, PaymentEvent, PaymentReceipt, Preview, Settlement};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::{Extensions, PaymentPayload};
use serde_json::json;

use crate::seller::{Seller, answer};
use crate::shop::{
    budget, builder, challenge, client, ledger, memory, payer, required, sell, terms,
};

#[tokio::test]
async fn a_request_is_paid_once_and_answered_with_a_receipt() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = client(&ledger, &store);
    let response = client.get(seller.url("/weather")).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.url().path()),
        (200, "/weather")
    );
    let receipt = response
        .extensions()
        .get::<PaymentReceipt>()
        .unwrap()
        .clone();
    assert!(
        matches!(receipt.settlement, Settlement::Confirmed(_)),
        "{receipt:?}"
    );
    assert_eq!(receipt.amount.to_string(), "0.001 USDC");
    assert_eq!(receipt.payer, payer().account_id().to_string());
    assert_eq!(response.text().await.unwrap(), "sunny");
    assert_eq!(
        (
            ledger.settled(),
            seller.seen.requests(),
            seller.seen.payments().len()
        ),
        (1, 2, 1)
    );
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(10_000)
    );
    assert_eq!(client.open_payments().await.unwrap(), []);
}

#[tokio::test]
async fn the_next_purchase_is_a_payment_of_its_own() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = client(&ledger, &store);
    for _ in 0..3 {
        assert_eq!(
            client
                .get(seller.url("/weather"))
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (3, 3));
}

#[tokio::test]
async fn the_callers_key_makes_a_purchase_happen_once() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    for key in ["order 1", "order 1", "order 2", "order 1"] {
        let request = client(&ledger, &store)
            .get(seller.url("/weather"))
            .with_extension(IdempotencyKey::new(key));
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), "sunny");
    }
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (2, 2));
}

#[tokio::test]
async fn what_is_free_is_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(404, &[], "nothing here")).await;
    let response = client(&ledger, &store)
        .get(seller.url("/"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.extensions().get::<PaymentReceipt>().is_none());
    assert_eq!(seller.seen.requests(), 1);
}

#[tokio::test]
async fn the_body_goes_out_again_with_the_payment() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| {
        assert_eq!(
            (call.method.as_str(), &call.body[..], call.uri.path()),
            ("POST", &b"question"[..], "/ask")
        );
        sell(&network, &call, 10_000)
    })
    .await;
    let request = client(&ledger, &store)
        .post(seller.url("/ask"))
        .body("question");
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(ledger.settled(), 1);
}

#[tokio::test]
async fn the_cheapest_offer_of_ours_is_taken_and_sent_back_as_offered() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let extensions =
        Extensions::new().with("weather", json!({"info": {"city": "Bern"}, "schema": {}}));
    let offered = extensions.clone();
    let seller = Seller::start(move |call| {
        let Some(payment) = &call.payment else {
            let mut elsewhere = terms(1);
            elsewhere.network = "eip155:8453".parse().unwrap();
            let mut scheme = terms(1);
            scheme.scheme = "upto".to_owned();
            let mut required = required(vec![
                elsewhere,
                scheme,
                terms(30_000),
                terms(20_000),
                terms(40_000),
            ]);
            required.extensions = Some(offered.clone());
            return answer(402, &[("payment-required", &required.to_header())], "");
        };
        let payload = PaymentPayload::from_header(payment).unwrap();
        assert_eq!(payload.accepted, terms(20_000));
        assert_eq!(payload.extensions, Some(offered.clone()));
        assert_eq!(
            payload.resource.as_ref().unwrap().url,
            "https://shop.example/weather"
        );
        crate::shop::served(&network.settle(payment).unwrap().to_string(), "ok")
    })
    .await;
    let response = client(&ledger, &store)
        .get(seller.url("/"))
        .send()
        .await
        .unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    assert_eq!(receipt.terms.amount, BaseUnits::from_u64(20_000));
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_paid_and_signs_nothing() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| challenge(vec![terms(10_000)])).await;
    let client = client(&ledger, &store);
    let request = client.get(seller.url("/weather")).build().unwrap();
    let preview = client.dry_run(&request).await.unwrap();
    let sentence = preview.to_string();
    assert!(
        sentence.starts_with("0.001 USDC would be paid to GDH4"),
        "{sentence}"
    );
    assert!(matches!(preview, Preview::Priced(_)));
    assert_eq!(
        (
            seller.seen.payments().len(),
            client.spent("127.0.0.1").await.unwrap().per_day
        ),
        (0, BaseUnits::ZERO)
    );
    assert_eq!(
        ledger.simulations.load(std::sync::atomic::Ordering::SeqCst),
        0
    );
    let dear = Seller::start(|_| challenge(vec![terms(10_000_000)])).await;
    let request = client.get(dear.url("/")).build().unwrap();
    let sentence = client.dry_run(&request).await.unwrap().to_string();
    assert!(
        sentence.contains("1 USDC would break the cap of 0.01 USDC per payment"),
        "{sentence}"
    );
}

#[tokio::test]
async fn every_step_is_told() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let client = builder(&ledger, &store, budget())
        .on_event(move |event| {
            heard.lock().unwrap().push(match event {
                PaymentEvent::Challenge { .. } => "challenge",
                PaymentEvent::Signing { .. } => "signing",
                PaymentEvent::Signed { .. } => "signed",
                PaymentEvent::Paying { .. } => "paying",
                PaymentEvent::Confirming { .. } => "confirming",
                PaymentEvent::Paid { .. } => "paid",
                PaymentEvent::Settled(_) => "settled",
                _ => "other",
            });
        })
        .build()
        .unwrap();
    client.get(seller.url("/")).send().await.unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        [
            "challenge",
            "signing",
            "signed",
            "paying",
            "paid",
            "settled"
        ]
    );
}
