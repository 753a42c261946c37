//! A client that pays any host connects to public addresses only.

use coinslot_client::{Any, Budget, Destinations, PaymentError, PaymentReceipt};

use crate::seller::{Seller, answer};
use crate::shop::{Failure, builder, ledger, memory, sell};

fn any_host() -> Budget {
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    caps.per_host_per_day("$1").unwrap().hosts(Any).unwrap()
}

#[tokio::test]
async fn this_machine_is_out_of_reach_by_address_and_by_name() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(200, &[], "secret")).await;
    let client = builder(&ledger, &store, any_host()).build().unwrap();
    let port = seller.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let result = client.get(&url).send().await;
        assert!(
            matches!(result.failure(), PaymentError::AddressRefused(_)),
            "{url}: {result:?}"
        );
        let text = result.failure().to_string();
        assert!(
            text.ends_with(
                "is not a public address, and this client connects to public addresses only"
            ),
            "{text}"
        );
    }
    assert_eq!(seller.seen.requests(), 0);
}

#[tokio::test]
async fn a_dry_run_is_guarded_too() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(200, &[], "secret")).await;
    let client = builder(&ledger, &store, any_host()).build().unwrap();
    let request = client
        .get(format!("http://localhost:{}/", seller.address.port()))
        .build()
        .unwrap();
    assert!(matches!(
        client.dry_run(&request).await,
        Err(PaymentError::AddressRefused(_))
    ));
    assert_eq!(seller.seen.requests(), 0);
}

#[tokio::test]
async fn whoever_says_so_reaches_this_machine() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = builder(&ledger, &store, any_host())
        .destinations(Destinations::Anywhere)
        .build()
        .unwrap();
    let response = client.get(seller.url("/")).send().await.unwrap();
    assert!(response.extensions().get::<PaymentReceipt>().is_some());
}
