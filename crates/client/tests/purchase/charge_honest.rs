//! Paying charges of MPP to sellers that keep to the protocol.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use coinslot_client::{
    Mode, PayingClientBuilder, PaymentEvent, PaymentIdentity, PaymentReceipt, Preview, Protocol,
    Settlement,
};
use coinslot_mpp_wire::stellar::{ChargePayload, CredentialType};
use coinslot_mpp_wire::{BodyDigest, Credential};
use coinslot_soroban_authorization::{Envelope, TransferEnvelope};
use coinslot_usdc_amount::BaseUnits;

use crate::seller::{Call, Seller, answer};
use crate::shop::{
    Failure, budget, builder, challenge, client, ledger, memory, payer, required, served, terms,
};
use crate::till::{Till, now, pushed, request, sponsored, unsponsored};

/// What pays, in a credential.
fn payload(header: &str) -> ChargePayload {
    let credential = Credential::from_header(header).unwrap();
    let source = format!("did:pkh:stellar:testnet:{}", payer().account_id());
    assert_eq!(credential.source, Some(source));
    credential.payload.read().unwrap()
}

fn told(builder: PayingClientBuilder) -> (PayingClientBuilder, Arc<Mutex<Vec<&'static str>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let builder = builder.on_event(move |event| {
        heard.lock().unwrap().push(match event {
            PaymentEvent::Challenge { offers: 1, .. } => "challenge",
            PaymentEvent::Signing { .. } => "signing",
            PaymentEvent::Signed { .. } => "signed",
            PaymentEvent::Paying { attempt: 1, .. } => "paying",
            PaymentEvent::Confirming { status: None, .. } => "confirming",
            PaymentEvent::Paid { .. } => "paid",
            PaymentEvent::Settled(_) => "settled",
            _ => "other",
        });
    });
    (builder, told)
}

#[tokio::test]
async fn a_sponsored_charge_is_paid_by_one_authorization() {
    let (ledger, store) = (ledger(), memory());
    let mut asked = request(10_000, sponsored());
    asked.external_id = Some("order-9".to_owned());
    let (network, till) = (ledger.clone(), Till::of(&asked));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let (client, told) = told(builder(&ledger, &store, budget()));
    let client = client.build().unwrap();
    let response = client.get(seller.url("/weather")).send().await.unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    assert!(
        matches!(receipt.settlement, Settlement::Confirmed(_)),
        "{receipt:?}"
    );
    assert_eq!(receipt.terms.protocol, Protocol::Mpp);
    assert_eq!(receipt.terms.scheme, "stellar/charge");
    assert!(matches!(receipt.identity, PaymentIdentity::Nonce(_)));
    assert_eq!(
        receipt.external_id.as_ref().map(|id| id.as_str()),
        Some("order-9")
    );
    assert_eq!(receipt.amount.to_string(), "0.001 USDC");
    assert_eq!(response.text().await.unwrap(), "sunny");
    assert_eq!((ledger.settled(), seller.seen.requests()), (1, 2));
    let ChargePayload::Transaction { transaction } = payload(&seller.seen.payments()[0]) else {
        panic!("not by pull")
    };
    let envelope = Envelope::from_base64(&transaction).unwrap();
    assert_eq!(envelope.signature_count(), 0, "the server signs its own");
    let spent = client.spent("127.0.0.1").await.unwrap().per_day;
    assert_eq!(spent, BaseUnits::from_u64(10_000));
    assert_eq!(client.open_payments().await.unwrap(), []);
    let steps = [
        "challenge",
        "signing",
        "signed",
        "paying",
        "paid",
        "settled",
    ];
    assert_eq!(*told.lock().unwrap(), steps);
}

#[tokio::test]
async fn an_unsponsored_charge_is_paid_by_a_transaction_that_ends_with_its_challenge() {
    let (ledger, store) = (ledger(), memory());
    let expires = now() + 120;
    let (network, till) = (ledger.clone(), Till::new(10_000, unsponsored()));
    let seller = Seller::start(move |call| match call.payment {
        None => answer(
            402,
            &[("www-authenticate", &till.header(expires, None))],
            "",
        ),
        Some(_) => till.sell(&network, &call),
    })
    .await;
    let client = client(&ledger, &store);
    let response = client.get(seller.url("/weather")).send().await.unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    let hash = receipt.transaction().unwrap();
    assert_eq!(receipt.identity, PaymentIdentity::Transaction(hash));
    let landed = TransferEnvelope::recognise(&ledger.landed(&hash).unwrap()).unwrap();
    assert_eq!(landed.time_bounds.unwrap().max_time, expires);
    assert_eq!(landed.sequence, 8);
    // What the simulation found, and what others bid.
    assert_eq!(landed.fee, 40_200);
    assert_eq!(client.open_payments().await.unwrap(), []);
}

#[tokio::test]
async fn transactions_of_ones_own_are_made_one_after_the_other() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, unsponsored()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let client = client(&ledger, &store);
    let tasks: Vec<_> = (0..8)
        .map(|number| tokio::spawn(client.get(seller.url(&format!("/{number}"))).send()))
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (8, 8));
}

#[tokio::test]
async fn a_pushed_charge_is_submitted_confirmed_and_then_presented_with_its_proof() {
    let (ledger, store) = (ledger(), memory());
    let details = pushed(&[CredentialType::SignedHash]);
    let (network, till) = (ledger.clone(), Till::new(10_000, details));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let builder = builder(&ledger, &store, budget()).charge_modes([Mode::Push]);
    let (client, told) = told(builder);
    let client = client.build().unwrap();
    ledger.unseen.store(1, Ordering::SeqCst);
    let response = client.get(seller.url("/weather")).send().await.unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    let hash = receipt.transaction().unwrap();
    assert_eq!(ledger.submissions(), [hash]);
    let payload = payload(&seller.seen.payments()[0]);
    assert_eq!(payload.form(), CredentialType::SignedHash);
    let steps = [
        "challenge",
        "signing",
        "signed",
        "paying",
        "confirming",
        "paid",
        "settled",
    ];
    assert_eq!(*told.lock().unwrap(), steps);
    assert_eq!(client.open_payments().await.unwrap(), []);
}

#[tokio::test]
async fn the_client_pays_in_no_mode_that_it_was_not_told() {
    let (ledger, store) = (ledger(), memory());
    let forms = [CredentialType::SignedHash, CredentialType::Hash];
    for (form, modes, taken) in [
        (&forms[..1], vec![], None),
        (&forms[..1], vec![Mode::Pull, Mode::PushUnsigned], None),
        (&forms[1..], vec![Mode::Pull, Mode::Push], None),
        (
            &forms[..],
            vec![Mode::Pull, Mode::Push, Mode::PushUnsigned],
            Some(CredentialType::SignedHash),
        ),
        (
            &forms[1..],
            vec![Mode::Pull, Mode::Push, Mode::PushUnsigned],
            Some(CredentialType::Hash),
        ),
    ] {
        let (network, till) = (ledger.clone(), Till::new(10_000, pushed(form)));
        let seller = Seller::start(move |call| till.sell(&network, &call)).await;
        let mut builder = builder(&ledger, &store, budget());
        if !modes.is_empty() {
            builder = builder.charge_modes(modes);
        }
        let result = builder.build().unwrap().get(seller.url("/")).send().await;
        match taken {
            None => {
                let text = result.failure().to_string();
                let sentence = "the server does not take payments in the form \"transaction\"";
                assert!(text.contains(sentence), "{text}");
                assert_eq!(seller.seen.payments().len(), 0);
            }
            Some(form) => {
                assert_eq!(result.unwrap().status(), 200);
                assert_eq!(payload(&seller.seen.payments()[0]).form(), form);
            }
        }
    }
}

#[tokio::test]
async fn a_sponsored_charge_is_pulled_even_by_those_who_prefer_to_push() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, sponsored()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let builder = builder(&ledger, &store, budget()).charge_modes([Mode::Push, Mode::Pull]);
    let client = builder.build().unwrap();
    let response = client.get(seller.url("/")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let payload = payload(&seller.seen.payments()[0]);
    assert_eq!(payload.form(), CredentialType::Transaction);
    assert_eq!(ledger.submissions(), []);
}

/// A seller that takes x402 and MPP, and tells which it got in the body.
async fn both(ledger: &Arc<crate::ledger::ModelLedger>, x402: u64, till: Till) -> Seller {
    let network = ledger.clone();
    Seller::start(move |call: Call| match &call.payment {
        None => {
            let offer = required(vec![terms(x402)]).to_header();
            let header = till.header(now() + 120, None);
            let headers = [
                ("payment-required", offer.as_str()),
                ("www-authenticate", &header),
                ("www-authenticate", "Bearer realm=\"weather\""),
            ];
            answer(402, &headers, "")
        }
        Some(payment) if payment.starts_with("Payment ") => {
            till.served(till.take(&network, &call).unwrap())
        }
        Some(payment) => served(&network.settle(payment).unwrap().to_string(), "x402"),
    })
    .await
}

#[tokio::test]
async fn the_cheaper_offer_is_taken_then_that_without_fees_then_the_preferred_protocol() {
    let (ledger, store) = (ledger(), memory());
    let (x402, mpp) = (Protocol::X402, Protocol::Mpp);
    let plain = || builder(&ledger, &store, budget());
    for (builder, price, till, paid) in [
        (plain(), 10_000, Till::new(10_000, sponsored()), x402),
        (plain(), 10_001, Till::new(10_000, sponsored()), mpp),
        (plain(), 10_000, Till::new(9_999, unsponsored()), mpp),
        (
            plain().prefer(mpp),
            10_000,
            Till::new(10_000, sponsored()),
            mpp,
        ),
        (
            plain().prefer(mpp),
            9_999,
            Till::new(10_000, sponsored()),
            x402,
        ),
        (
            plain().prefer(mpp),
            10_000,
            Till::new(10_000, unsponsored()),
            x402,
        ),
        (plain().only(mpp), 1, Till::new(10_000, unsponsored()), mpp),
        (plain().only(x402), 10_000, Till::new(1, sponsored()), x402),
    ] {
        let seller = both(&ledger, price, till).await;
        let client = builder.build().unwrap();
        let response = client.get(seller.url("/")).send().await.unwrap();
        let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
        assert_eq!(receipt.terms.protocol, paid, "{receipt:?}");
        assert!(receipt.transaction().is_some(), "{receipt:?}");
    }
}

#[tokio::test]
async fn a_protocol_that_is_not_paid_by_is_refused_with_a_sentence() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |_| till.challenge()).await;
    let client = builder(&ledger, &store, budget()).only(Protocol::X402);
    let result = client.build().unwrap().get(seller.url("/")).send().await;
    let text = result.failure().to_string();
    assert!(
        text.ends_with("it is made in MPP, by which this client does not pay"),
        "{text}"
    );
    let seller = Seller::start(|_| challenge(vec![terms(10_000)])).await;
    let client = builder(&ledger, &store, budget()).only(Protocol::Mpp);
    let result = client.build().unwrap().get(seller.url("/")).send().await;
    let text = result.failure().to_string();
    assert!(text.contains("it is made in x402"), "{text}");
    let none = builder(&ledger, &store, budget()).charge_modes([]).build();
    assert!(none.unwrap_err().to_string().contains("names no mode"));
}

#[tokio::test]
async fn the_server_is_told_what_can_be_paid_where_the_budget_allows_it() {
    let (ledger, store) = (ledger(), memory());
    let accepts = Arc::new(Mutex::new(Vec::new()));
    let (heard, network) = (accepts.clone(), ledger.clone());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |call| {
        let accept = call.headers.get("accept-payment");
        let accept = accept.map(|value| value.to_str().unwrap().to_owned());
        heard.lock().unwrap().push(accept);
        match call.uri.path() {
            "/free" => answer(200, &[], ""),
            _ => till.sell(&network, &call),
        }
    })
    .await;
    let client = client(&ledger, &store);
    client.get(seller.url("/")).send().await.unwrap();
    let own = client.get(seller.url("/free"));
    own.header("accept-payment", "stellar/*;q=0.5")
        .send()
        .await
        .unwrap();
    let authorized = client.get(seller.url("/free")).bearer_auth("token");
    authorized.send().await.unwrap();
    let x402 = builder(&ledger, &store, budget()).only(Protocol::X402);
    let x402 = x402.build().unwrap();
    x402.get(seller.url("/free")).send().await.unwrap();
    let named = format!("http://localhost:{}/free", seller.address.port());
    client.get(named).send().await.unwrap();
    let charge = || Some("stellar/charge".to_owned());
    let own = Some("stellar/*;q=0.5".to_owned());
    assert_eq!(
        *accepts.lock().unwrap(),
        [charge(), charge(), own, None, None, None]
    );
}

#[tokio::test]
async fn a_challenge_for_this_body_is_paid() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, sponsored()));
    let seller = Seller::start(move |call| match call.payment {
        None => {
            let digest = BodyDigest::of(&call.body);
            let header = till.header(now() + 120, Some(digest));
            answer(402, &[("www-authenticate", &header)], "")
        }
        Some(_) => till.sell(&network, &call),
    })
    .await;
    let client = client(&ledger, &store);
    let request = client.post(seller.url("/ask")).body("question");
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_dry_run_shows_the_offers_of_both_protocols() {
    let (ledger, store) = (ledger(), memory());
    let seller = both(&ledger, 20_000, Till::new(10_000, unsponsored())).await;
    let client = client(&ledger, &store);
    let request = client.get(seller.url("/")).build().unwrap();
    let Preview::Priced(preview) = client.dry_run(&request).await.unwrap() else {
        panic!("it is priced")
    };
    let offers: Vec<_> = preview
        .offers
        .iter()
        .map(|offer| (offer.scheme.as_str(), offer.verdict.is_ok()))
        .collect();
    assert_eq!(offers, [("exact", true), ("stellar/charge", true)]);
    assert_eq!(
        preview.would_pay.unwrap().terms.scheme,
        "stellar/charge",
        "it is cheaper"
    );
    assert_eq!(seller.seen.payments().len(), 0);
}
