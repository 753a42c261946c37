//! Closing a channel together with its seller.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use coinslot_client::{Budget, ChannelErrorKind, PaymentError};
use coinslot_mpp_wire::ProblemKind;
use coinslot_mpp_wire::stellar::ChannelAction;
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{Booth, PRICE, buyer, funds, id, status, with_channels};
use crate::seller::{Seller, answer};
use crate::shop::{Failure, builder, ledger, memory};

#[tokio::test]
async fn a_close_pays_what_was_spent_and_the_channel_pays_nothing_more() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let client = buyer(&ledger, &store);
    for path in ["/a", "/b"] {
        assert_eq!(status(&client, seller.url(path)).await, 200);
    }
    let closed = client.close_channel(id(1), seller.url("/a")).await.unwrap();
    assert_eq!(closed.paid.units, BaseUnits::from_u64(2 * PRICE));
    assert_eq!(closed.transaction.unwrap().to_string(), "ab".repeat(32));
    assert_eq!(booth.closed(), [(1, 2 * PRICE)]);
    assert!(client.channels().await.unwrap()[0].is_closed);
    // Once is enough.
    assert_eq!(
        client.close_channel(id(1), seller.url("/a")).await.unwrap(),
        closed
    );
    assert_eq!(booth.closed().len(), 1);
    let result = client.get(seller.url("/a")).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::Channel(error) if error.kind == ChannelErrorKind::Closed
    ));
    let another = with_channels(&ledger, &store, [1, 2]).build().unwrap();
    let before = seller.seen.requests();
    let response = another.get(seller.url("/a")).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), seller.seen.requests()),
        (200, before + 2)
    );
    assert_eq!(booth.came().last().unwrap().channel, 2);
}

#[tokio::test]
async fn a_close_whose_answer_is_lost_is_the_same_close_again() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (shop, loses) = (booth.clone(), Arc::new(AtomicBool::new(true)));
    let lost = loses.clone();
    let seller = Seller::start(move |call| {
        let response = shop.sell(&call);
        match shop.came().last() {
            Some(came) if came.action == ChannelAction::Close && call.payment.is_some() => {
                match lost.load(Ordering::SeqCst) {
                    true => answer(503, &[], ""),
                    false => response,
                }
            }
            _ => response,
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    let result = client.close_channel(id(1), seller.url("/a")).await;
    assert!(matches!(result, Err(PaymentError::OutcomeUnknown(_))));
    // Until it is known, nothing is paid from it.
    let before = booth.came().len();
    assert!(client.get(seller.url("/a")).send().await.is_err());
    assert_eq!(booth.came().len(), before);
    loses.store(false, Ordering::SeqCst);
    let closed = client.close_channel(id(1), seller.url("/a")).await.unwrap();
    assert_eq!(closed.paid.units, BaseUnits::from_u64(PRICE));
    assert!(booth.closed().iter().all(|close| *close == (1, PRICE)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_waits_for_a_channel_that_is_being_closed_pays_nothing() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let named = call.headers.get("payment-channel");
        let proves = named.is_some_and(|it| it.to_str().unwrap().contains("proof"));
        if proves && call.uri.path() == "/close" {
            let pause = Duration::from_millis(400);
            tokio::task::block_in_place(|| std::thread::sleep(pause));
        }
        shop.sell(&call)
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    let (closing, url) = (client.clone(), seller.url("/close"));
    let close = tokio::spawn(async move { closing.close_channel(id(1), url).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let result = client.get(seller.url("/a")).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::Channel(error) if error.kind == ChannelErrorKind::Closed
    ));
    assert_eq!(
        close.await.unwrap().unwrap().paid.units,
        BaseUnits::from_u64(PRICE)
    );
    assert_eq!(booth.amounts(), [PRICE, PRICE]);
}

#[tokio::test]
async fn a_close_that_is_refused_leaves_the_channel_open() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let response = shop.sell(&call);
        match shop.came().last() {
            Some(came) if came.action == ChannelAction::Close && call.payment.is_some() => {
                shop.refuse(1, ProblemKind::DeltaTooSmall, |_| {})
            }
            _ => response,
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    let result = client.close_channel(id(1), seller.url("/a")).await;
    assert!(matches!(result, Err(PaymentError::Refused(_))));
    assert!(!client.channels().await.unwrap()[0].is_closed);
}

#[tokio::test]
async fn a_close_that_went_through_unseen_is_found_out() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (shop, closed) = (booth.clone(), Arc::new(AtomicBool::new(false)));
    let seller = Seller::start(move |call| {
        if closed.load(Ordering::SeqCst) {
            let problem = ProblemKind::ChannelClosed.problem().to_json();
            return answer(
                402,
                &[("content-type", "application/problem+json")],
                problem,
            );
        }
        let response = shop.sell(&call);
        match shop.came().last() {
            Some(came) if came.action == ChannelAction::Close => {
                if shop.closed().len() == 4 {
                    closed.store(true, Ordering::SeqCst);
                }
                answer(503, &[], "")
            }
            _ => response,
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert!(client.close_channel(id(1), seller.url("/a")).await.is_err());
    let closed = client.close_channel(id(1), seller.url("/a")).await.unwrap();
    assert_eq!(
        (closed.paid.units, closed.transaction),
        (BaseUnits::from_u64(PRICE), None)
    );
}

#[tokio::test]
async fn a_channel_is_closed_where_it_is_paid_from_only() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(200, &[], "free")).await;
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    let hosts = ["127.0.0.1", "localhost"];
    let both = caps.per_host_per_day("$1").unwrap().hosts(hosts).unwrap();
    let client = builder(&ledger, &store, both).channel(funds(1));
    let client = client.build().unwrap();
    let elsewhere = format!("http://localhost:{}/", seller.address.port());
    for (channel, url, kind) in [
        (id(1), seller.url("/"), ChannelErrorKind::NothingToClose),
        (id(9), seller.url("/"), ChannelErrorKind::NotOurs),
        (id(1), elsewhere, ChannelErrorKind::NotOurs),
    ] {
        match client.close_channel(channel, url).await {
            Err(PaymentError::Channel(error)) => assert_eq!(error.kind, kind),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seller.seen.requests(), 1);
}
