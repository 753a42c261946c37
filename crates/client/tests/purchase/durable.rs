//! What is in the store, and when: before the payment leaves, between processes, and when the network is not there.

use std::sync::{Arc, Mutex};

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::PaymentError;
use coinslot_payment_store::{MemoryStore, PaymentStore, Store};
use coinslot_usdc_amount::BaseUnits;
use serde_json::Value;

use crate::ledger::ModelLedger;
use crate::seller::Seller;
use crate::shop::{Failure, budget, builder, challenge, client, ledger, memory, sell, terms};

/// The payments in a store, as the client wrote them.
async fn written(store: &dyn PaymentStore) -> Vec<Value> {
    let records = store.records("client-payments", None, 100).await.unwrap();
    let values = records
        .iter()
        .map(|(_, record)| serde_json::from_slice(&record.value).unwrap());
    values.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payment_is_in_the_store_before_it_is_sent() {
    let (ledger, store) = (ledger(), memory());
    let (network, kept) = (ledger.clone(), store.clone());
    let seller = Seller::start(move |call| {
        if let Some(payment) = &call.payment {
            let written = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(written(kept.as_ref()))
            });
            let headers: Vec<_> = written
                .iter()
                .map(|payment| payment["header"].as_str().unwrap())
                .collect();
            assert_eq!(headers, [payment]);
        }
        sell(&network, &call, 10_000)
    })
    .await;
    let response = client(&ledger, &store)
        .get(seller.url("/"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        written(store.as_ref()).await.len(),
        0,
        "what is over is not kept"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_send_the_same_request_agree_on_each_payment() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
    let ledger = ledger();
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let store = Store::open(&address).await.unwrap();
        clients.push(client(&ledger, &store));
    }
    for round in 0..10 {
        let [one, two] = [0, 1]
            .map(|client: usize| clients[client].get(seller.url(&format!("/{round}"))).send());
        let (one, two) = tokio::join!(one, two);
        assert_eq!(
            (
                one.unwrap().status().as_u16(),
                two.unwrap().status().as_u16()
            ),
            (200, 200)
        );
    }
    assert_eq!(
        seller.seen.distinct_payments(),
        ledger.settled(),
        "nothing that was sent is left over"
    );
    assert_eq!(clients[0].open_payments().await.unwrap(), []);
    let spent = clients[0].spent("127.0.0.1").await.unwrap().per_day;
    assert!(spent >= BaseUnits::from_u64(u64::try_from(ledger.settled()).unwrap() * 10_000));
}

#[tokio::test]
async fn nothing_is_signed_for_the_wrong_network() {
    let store = memory();
    let pubnet = Arc::new(ModelLedger::new(StellarNetwork::Pubnet));
    let seller = Seller::start(|_| challenge(vec![terms(10_000)])).await;
    let client = client(&pubnet, &store);
    let result = client.get(seller.url("/")).send().await;
    assert!(
        matches!(result.failure(), PaymentError::WrongNetwork { .. }),
        "{result:?}"
    );
    assert_eq!(client.open_payments().await.unwrap(), []);
    assert!(
        client.spent("127.0.0.1").await.unwrap().per_day.is_zero(),
        "what is not signed is not reserved"
    );
}

#[tokio::test]
async fn a_damaged_record_is_not_taken_for_no_record() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let ids = Arc::new(Mutex::new(Vec::new()));
    let heard = ids.clone();
    let listening = builder(&ledger, &store, budget())
        .on_event(move |event| heard.lock().unwrap().push(event.request().clone()))
        .build()
        .unwrap();
    listening.get(seller.url("/")).send().await.unwrap();
    let id = ids.lock().unwrap()[0].to_string();
    store
        .put_record("client-payments", &id, None, b"{}")
        .await
        .unwrap();
    let result = listening.get(seller.url("/")).send().await;
    assert!(
        matches!(result.failure(), PaymentError::Damaged(_)),
        "{result:?}"
    );
    assert_eq!(ledger.settled(), 1);
}

#[tokio::test]
async fn other_requests_and_other_payers_are_other_purchases() {
    let (ledger, store) = (ledger(), Arc::new(MemoryStore::new()));
    let store: Arc<dyn PaymentStore> = store;
    let seller = Seller::start(|call| match call.payment {
        None => challenge(vec![terms(10_000)]),
        Some(_) => crate::seller::answer(503, &[], ""),
    })
    .await;
    let client = client(&ledger, &store);
    let requests = [
        client.get(seller.url("/a")),
        client.get(seller.url("/a?b")),
        client.post(seller.url("/a")),
        client.post(seller.url("/a")).body("x"),
        client.get(seller.url("/a#fragment")),
        client.get(seller.url("/a")).header("accept", "text/plain"),
    ];
    for request in requests {
        assert!(matches!(
            request.send().await.failure(),
            PaymentError::OutcomeUnknown(_)
        ));
    }
    assert_eq!(
        seller.seen.distinct_payments(),
        4,
        "a fragment and a header do not make another request"
    );
    assert_eq!(written(store.as_ref()).await.len(), 4);
}
