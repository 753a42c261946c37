//! Answers that are paid for as they are produced, at sellers who keep to it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use coinslot_client::{LastAnswer, PaymentError, Standing, StreamError};
use coinslot_mpp_wire::ProblemKind;
use futures_util::StreamExt;

use crate::booth::{Booth, buyer, with_channels};
use crate::seller::{Seller, answer};
use crate::shop::{ledger, memory};
use crate::stall::{Script, UNIT, added, begin, by_the_unit, hear, stall, take};

fn units(counts: &[u64]) -> Vec<u64> {
    counts.iter().map(|count| count * UNIT).collect()
}

#[tokio::test]
async fn a_stream_is_paid_as_it_goes_on_and_the_rest_pays_for_the_next_one() {
    let (ledger, store, booth) = (ledger(), memory(), Booth::default());
    let script = Script::default().events(10).need(11, 10).vouchers(2);
    let seller = stall(&booth, script.events(3).end(13, 13, 20)).await;
    let client = buyer(&ledger, &store);
    let (events, receipt) = hear(&client, seller.url("/")).await;
    assert_eq!(events.len(), 13);
    let receipt = receipt.unwrap();
    assert_eq!(
        (receipt.units, receipt.paid.units),
        (13, (13 * UNIT).into())
    );
    assert_eq!(receipt.signed.units, (20 * UNIT).into());
    assert_eq!(
        client.channels().await.unwrap()[0].spent.units,
        (13 * UNIT).into()
    );
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        (20 * UNIT).into()
    );

    let later = stall(&booth, Script::default().events(2).end(2, 15, 23)).await;
    let (events, receipt) = hear(&client, later.url("/other")).await;
    assert_eq!(
        (events.len(), receipt.unwrap().paid.units),
        (2, (2 * UNIT).into())
    );
    assert_eq!(booth.amounts(), units(&[10, 20, 23]));
    assert!(client.open_payments().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reserve_is_as_large_as_one_wants_and_as_the_caps_allow() {
    for (reserve, expected) in [(1, &[1, 2, 3][..]), (40, &[40, 80, 100]), (1_000, &[62])] {
        let (ledger, store, booth) = (ledger(), memory(), Booth::default());
        let script = expected.iter().enumerate().skip(1);
        let script = script.fold(Script::default().events(1), |script, (index, _)| {
            let before = expected[index - 1];
            script
                .need(before + 1, before)
                .vouchers(index + 1)
                .events(1)
        });
        let last = expected[expected.len() - 1];
        let seller = stall(&booth, script.end(last, last, last)).await;
        let client = with_channels(&ledger, &store, [1]);
        let client = client.reserve_units(NonZeroU32::new(reserve).unwrap());
        let (_, receipt) = hear(&client.build().unwrap(), seller.url("/")).await;
        assert_eq!(receipt.unwrap().spent.units, (last * UNIT).into());
        assert_eq!(booth.amounts(), units(expected), "{reserve}");
    }
}

#[tokio::test]
async fn the_same_voucher_goes_again_after_a_lost_answer_and_with_a_fresh_challenge() {
    let (booth, count) = (Booth::default(), Arc::new(AtomicUsize::new(0)));
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let Some(came) = take(&shop, &call) else {
            return shop.sell_for(&call, by_the_unit);
        };
        if !call.headers.contains_key("payment-stream") {
            let script = Script::default().events(10).need(11, 10).vouchers(4);
            return begin(&shop, &came, script.events(1).end(11, 11, 20));
        }
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => answer(503, &[], ""),
            1 => shop.refuse(1, ProblemKind::InvalidChallenge, by_the_unit),
            _ => added(&came),
        }
    })
    .await;
    let (events, receipt) = hear(&buyer(&ledger(), &memory()), seller.url("/")).await;
    assert_eq!((events.len(), receipt.unwrap().units), (11, 11));
    assert_eq!(booth.amounts(), units(&[10, 20, 20, 20]));
    let challenges: Vec<_> = booth.came().into_iter().map(|it| it.challenge).collect();
    assert_eq!(challenges[1], challenges[2]);
    assert_ne!(challenges[2], challenges[3]);
}

#[tokio::test]
async fn a_voucher_of_which_nothing_is_known_is_asked_for_before_the_next() {
    let (ledger, store, booth) = (ledger(), memory(), Booth::default());
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let Some(came) = take(&shop, &call) else {
            return shop.sell_for(&call, by_the_unit);
        };
        if call.headers.contains_key("payment-stream") {
            return answer(404, &[], "{}");
        }
        begin(
            &shop,
            &came,
            Script::default().events(1).need(11, 10).vouchers(9),
        )
    })
    .await;
    let client = buyer(&ledger, &store);
    let (events, ended) = hear(&client, seller.url("/")).await;
    assert_eq!(events.len(), 1);
    let Err(StreamError::Payment(PaymentError::OutcomeUnknown(unknown))) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(
        unknown.last,
        LastAnswer::Status(http::StatusCode::NOT_FOUND)
    );
    let cumulative = (20 * UNIT).into();
    assert_eq!(unknown.standing, Standing::Voucher { cumulative });
    assert_eq!(client.open_payments().await.unwrap().len(), 1);
    let proofs = booth.proofs.load(Ordering::SeqCst);
    let mut events = client.events(seller.url("/")).await.unwrap();
    assert!(events.next().await.unwrap().is_ok());
    assert_eq!(booth.proofs.load(Ordering::SeqCst), proofs + 1);
    // It shows no voucher, so that all that it was sent counts as taken.
    assert_eq!(booth.amounts(), units(&[10, 20, 30]));
}

#[tokio::test]
async fn a_stream_without_its_end_counts_in_full_until_the_next_receipt() {
    let (ledger, store, booth) = (ledger(), memory(), Booth::default());
    let broken = stall(&booth, Script::default().events(3)).await;
    let client = buyer(&ledger, &store);
    let (events, ended) = hear(&client, broken.url("/")).await;
    assert_eq!(events.len(), 3);
    assert!(matches!(ended, Err(StreamError::NoReceipt)), "{ended:?}");
    let spent = async || client.channels().await.unwrap()[0].spent.units;
    assert_eq!(spent().await, (10 * UNIT).into());
    assert!(client.open_payments().await.unwrap().is_empty());

    // What is dropped early lets the channel go.
    let mut dropped = client.events(broken.url("/dropped")).await.unwrap();
    assert!(StreamExt::next(&mut dropped).await.unwrap().is_ok());
    drop(dropped);
    assert_eq!(spent().await, (20 * UNIT).into());

    let whole = stall(&booth, Script::default().events(4).end(4, 9, 30)).await;
    let (_, receipt) = hear(&client, whole.url("/")).await;
    assert_eq!(receipt.unwrap().spent.units, (9 * UNIT).into());
    assert_eq!(spent().await, (9 * UNIT).into());
    assert_eq!(booth.amounts(), units(&[10, 20, 30]));
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_handed_over() {
    let (ledger, store, booth) = (ledger(), memory(), Booth::default());
    let shop = booth.clone();
    let seller = Seller::start(move |call| match call.uri.path() {
        "/free" => answer(200, &[], "sunny"),
        _ => shop.sell(&call),
    })
    .await;
    let client = buyer(&ledger, &store);
    for (path, came) in [("/free", 0), ("/weather", 1)] {
        let (_, ended) = hear(&client, seller.url(path)).await;
        let Err(StreamError::NotMetered(response)) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(response.text().await.unwrap(), "sunny");
        assert_eq!(booth.came().len(), came);
    }
    let without = with_channels(&ledger, &store, []).build().unwrap();
    let (_, ended) = hear(&without, seller.url("/weather")).await;
    assert!(matches!(ended, Err(StreamError::NoChannel)), "{ended:?}");
}
