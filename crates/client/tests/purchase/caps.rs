//! Caps hold against any number of tasks and processes, and for a whole rolling day.

use std::sync::Arc;
use std::time::Duration;

use coinslot_client::{AssetCaps, Budget, Cap, PayingClient, PaymentError};
use coinslot_payment_store::{ManualClock, Store, UnixMillis};
use coinslot_usdc_amount::BaseUnits;

use crate::seller::Seller;
use crate::shop::{
    Failure, budget, builder, challenge, client, ledger, memory, sell, served, terms,
};

fn one_cent_a_day() -> Budget {
    let caps = Budget::per_payment("$0.001")
        .unwrap()
        .per_day("$0.01")
        .unwrap();
    caps.per_host_per_day("$0.01")
        .unwrap()
        .hosts(["127.0.0.1"])
        .unwrap()
}

/// Sends 64 requests at once and answers how many were bought and how many met a cap.
async fn rush(clients: &[PayingClient], seller: &Seller) -> (usize, usize) {
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let request = clients[number % clients.len()].get(seller.url(&format!("/{number}")));
            tokio::spawn(async move { request.send().await })
        })
        .collect();
    let (mut bought, mut capped) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(response) if response.status() == 200 => bought += 1,
            result => match result.failure() {
                PaymentError::OverCap(over) if over.cap != Cap::PerPayment => capped += 1,
                other => panic!("{other}"),
            },
        }
    }
    (bought, capped)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_do_not_get_past_a_cap() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = builder(&ledger, &store, one_cent_a_day()).build().unwrap();
    assert_eq!(rush(&[client], &seller).await, (10, 54));
    assert_eq!(
        (ledger.settled(), seller.seen.distinct_payments()),
        (10, 10)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_share_a_store_share_their_caps() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
    let ledger = ledger();
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        let store = Store::open(&address).await.unwrap();
        clients.push(builder(&ledger, &store, one_cent_a_day()).build().unwrap());
    }
    assert_eq!(rush(&clients, &seller).await, (10, 54));
    assert_eq!(ledger.settled(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn equal_requests_at_once_are_paid_one_after_the_other() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = client(&ledger, &store);
    let tasks: Vec<_> = (0..16)
        .map(|_| tokio::spawn(client.get(seller.url("/same")).send()))
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(
        (
            ledger.settled(),
            client.open_payments().await.unwrap().len()
        ),
        (16, 0)
    );
}

#[tokio::test]
async fn a_rolling_day_is_never_shorter_than_a_day() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let clock = Arc::new(ManualClock::new(UnixMillis::new(1_800_000_000_000)));
    let caps = Budget::per_payment("$0.001")
        .unwrap()
        .per_day("$0.001")
        .unwrap();
    let budget = caps
        .per_host_per_day("$0.001")
        .unwrap()
        .hosts(["127.0.0.1"])
        .unwrap();
    let client = builder(&ledger, &store, budget)
        .clock(clock.clone())
        .build()
        .unwrap();
    let buy = async || client.get(seller.url("/")).send().await;
    assert_eq!(buy().await.unwrap().status(), 200);
    clock.advance(Duration::from_secs(24 * 60 * 60 - 1));
    let result = buy().await;
    let sentence = "0.001 USDC would break the cap of 0.001 USDC per host and rolling day, of which 0.001 USDC are spent or reserved";
    assert_eq!(result.failure().to_string(), sentence);
    clock.advance(Duration::from_secs(5 * 60 + 1));
    assert_eq!(buy().await.unwrap().status(), 200);
    // A clock that is set back frees nothing.
    clock.set(UnixMillis::new(1_799_000_000_000));
    assert!(matches!(buy().await.failure(), PaymentError::OverCap(_)));
}

#[tokio::test]
async fn caps_count_per_host_and_over_all_hosts() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let caps = Budget::per_payment("$0.001")
        .unwrap()
        .per_day("$0.003")
        .unwrap();
    let budget = caps
        .per_host_per_day("$0.002")
        .unwrap()
        .hosts(["127.0.0.1", "localhost"])
        .unwrap();
    let client = builder(&ledger, &store, budget).build().unwrap();
    let named = format!("http://localhost:{}/", seller.address.port());
    for path in ["/1", "/2"] {
        assert_eq!(
            client.get(seller.url(path)).send().await.unwrap().status(),
            200
        );
    }
    let result = client.get(seller.url("/3")).send().await;
    assert!(
        matches!(result.failure(), PaymentError::OverCap(over) if over.cap == Cap::PerHostPerDay)
    );
    assert_eq!(client.get(&named).send().await.unwrap().status(), 200);
    let result = client.get(&named).send().await;
    assert!(matches!(result.failure(), PaymentError::OverCap(over) if over.cap == Cap::PerDay));
}

#[tokio::test]
async fn another_asset_has_caps_of_its_own_and_usdc_goes_first() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let other = "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC";
    let in_other = || {
        let mut terms = terms(3);
        terms.asset = other.to_owned();
        terms
    };
    let seller = Seller::start(move |call| match call.payment {
        None if call.uri.path() == "/both" => challenge(vec![in_other(), terms(10_000)]),
        None => challenge(vec![in_other()]),
        Some(payment) => served(&network.settle(&payment).unwrap().to_string(), "ok"),
    })
    .await;
    let units = BaseUnits::from_u64;
    let caps = AssetCaps {
        per_payment: units(3),
        per_host_per_day: units(5),
        per_day: units(5),
    };
    let budget = budget().allow_asset(other.parse().unwrap(), caps);
    let client = builder(&ledger, &store, budget).build().unwrap();
    assert_eq!(
        client
            .get(seller.url("/both"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        units(10_000)
    );
    assert_eq!(
        client
            .get(seller.url("/other"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let result = client.get(seller.url("/other")).send().await;
    let text = result.failure().to_string();
    assert!(
        text.starts_with(&format!(
            "3 base units of {other} would break the cap of 5 base units of"
        )),
        "{text}"
    );
}
