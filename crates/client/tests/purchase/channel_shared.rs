//! Many requests at once, and several processes with one store.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{ChannelErrorKind, PaymentError};
use coinslot_mpp_channel_stellar::RequestFingerprint;
use coinslot_mpp_channel_stellar::client::{BuyerState, Caps, Purchase};
use coinslot_payment_store::{ManualClock, PaymentStore, Store, UnixMillis};
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{Booth, PRICE, id, status, with_channels};
use crate::seller::Seller;
use crate::shop::{Failure, ledger, memory};
use crate::till::now;

#[tokio::test]
async fn what_another_process_has_under_way_is_not_asked_about() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    // Another process has signed, and its voucher is still on its way.
    let network = StellarNetwork::Testnet.network_id();
    let caps = Caps {
        per_channel: BaseUnits::from_u64(1_000_000),
        per_request: BaseUnits::from_u64(100_000),
    };
    let purchase = Purchase {
        price: BaseUnits::from_u64(PRICE),
        request: RequestFingerprint::from_bytes([5; 32]),
        host: "127.0.0.1",
        is_metered: false,
    };
    let signed = BuyerState::new(network, id(1))
        .next(&purchase, &caps)
        .unwrap();
    let clock = Arc::new(ManualClock::new(UnixMillis::from_seconds(now())));
    let until = UnixMillis::from_seconds(now() + 15).as_millis();
    let record = serde_json::json!({
        "state": String::from_utf8(signed.next.to_bytes()).unwrap(),
        "reservation": null,
        "signed_at_millis": 0,
        "lease": { "owner": "another", "until_millis": until },
        "close": null,
    });
    let name = format!("{network}:{}", id(1));
    let value = serde_json::to_vec(&record).unwrap();
    store
        .put_record("client-channels", &name, None, &value)
        .await
        .unwrap();
    let client = with_channels(&ledger, &store, [1])
        .clock(clock.clone())
        .build()
        .unwrap();
    let result = client.get(seller.url("/")).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::Channel(error) if error.kind == ChannelErrorKind::InUse
    ));
    assert!(booth.came().is_empty());
    assert_eq!(booth.proofs.load(Ordering::SeqCst), 0);
    // Another channel is free, and is taken at once.
    let patient = coinslot_client::Patience {
        first_wait: Duration::from_secs(5),
        ..coinslot_client::Patience::default()
    };
    let both = with_channels(&ledger, &store, [1, 2]).clock(clock.clone());
    let both = both.patience(patient).build().unwrap();
    let sent = both.get(seller.url("/")).send();
    let response = tokio::time::timeout(Duration::from_secs(4), sent)
        .await
        .unwrap();
    assert_eq!(response.unwrap().status(), 200);
    assert_eq!(booth.came().last().unwrap().channel, 2);
    // That process has died.
    clock.advance(Duration::from_secs(16));
    assert_eq!(status(&client, seller.url("/")).await, 200);
    assert_eq!(booth.came().last().unwrap().channel, 1);
}

/// Sends requests to different addresses all at once, and checks what came.
async fn rush(
    clients: &[coinslot_client::PayingClient],
    seller: &Seller,
    booth: &Booth,
    count: usize,
) {
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let client = &clients[number % clients.len()];
            tokio::spawn(client.get(seller.url(&format!("/{number}"))).send())
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    booth.amounts_rise();
    let mut paid: HashMap<(u8, u64), String> = HashMap::new();
    for came in booth.came() {
        let path = paid
            .entry((came.channel, came.amount))
            .or_insert(came.path.clone());
        assert_eq!(*path, came.path, "{came:?} was signed for two requests");
    }
    assert_eq!(booth.served.load(Ordering::SeqCst), count);
    let total: u64 = [1, 2, 3]
        .map(|channel| {
            let amounts = booth
                .came()
                .into_iter()
                .filter(|came| came.channel == channel);
            amounts.map(|came| came.amount).max().unwrap_or(0)
        })
        .iter()
        .sum();
    let price = PRICE * u64::try_from(count).unwrap();
    assert_eq!(total, price);
    let spent = clients[0].spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(price));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_requests_over_three_channels_sign_nothing_twice() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (shop, most) = (booth.clone(), Arc::new(AtomicUsize::new(0)));
    let seller = Seller::start(move |call| {
        most.fetch_add(1, Ordering::SeqCst);
        shop.sell(&call)
    })
    .await;
    let client = with_channels(&ledger, &store, [1, 2, 3]).build().unwrap();
    rush(&[client], &seller, &booth, 32).await;
    for channel in [1, 2, 3] {
        // Each had its share.
        assert!(
            booth
                .came()
                .iter()
                .filter(|came| came.channel == channel)
                .count()
                >= 5
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_with_one_store_sign_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
    let ledger = ledger();
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let store: Arc<dyn PaymentStore> = Store::open(&address).await.unwrap();
        let patience = coinslot_client::Patience {
            first_wait: Duration::from_millis(2),
            longest_wait: Duration::from_millis(20),
            total_wait: Duration::from_secs(30),
        };
        let client = with_channels(&ledger, &store, [1, 2]).patience(patience);
        clients.push(client.build().unwrap());
    }
    rush(&clients, &seller, &booth, 24).await;
}
