//! Answers that are lost, processes that die, and others with the same store: each request is paid once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::response::Response;
use coinslot_client::{IdempotencyKey, PaymentError, Preview, Standing};
use coinslot_mpp_wire::ProblemKind;
use coinslot_payment_store::Store;
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{Booth, PRICE, buyer, refusal, status, with_channels};
use crate::seller::{Call, Seller, answer};
use crate::shop::{Failure, challenge, ledger, memory, terms};

/// A seller who takes every voucher and loses the answer while it is told to.
async fn forgetful(booth: &Booth, instead: fn() -> Response) -> (Seller, Arc<AtomicBool>) {
    let (shop, loses) = (booth.clone(), Arc::new(AtomicBool::new(true)));
    let lost = loses.clone();
    let seller = Seller::start(move |call: Call| {
        let response = shop.sell(&call);
        if call.payment.is_some() && lost.load(Ordering::SeqCst) {
            return instead();
        }
        response
    })
    .await;
    (seller, loses)
}

#[tokio::test]
async fn the_same_voucher_is_sent_until_its_answer_is_had() {
    for failure in [408, 409, 425, 429, 500, 502, 503] {
        let (ledger, store) = (ledger(), memory());
        let booth = Booth::default();
        let shop = booth.clone();
        let seller = Seller::start(move |call| {
            let response = shop.sell(&call);
            match call.earlier {
                0 | 1 if call.payment.is_some() => answer(failure, &[("retry-after", "0")], ""),
                _ => response,
            }
        })
        .await;
        let client = buyer(&ledger, &store);
        assert_eq!(status(&client, seller.url("/")).await, 200);
        assert_eq!(booth.amounts(), [PRICE; 3]);
        assert_eq!(seller.seen.distinct_payments(), 1);
        assert_eq!(booth.served.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_reason_to_sign_again() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let header = booth.mint(1, |_| {});
    let seller = Seller::raw(move |payment, earlier| match payment {
        None => Some(format!(
            "HTTP/1.1 402 Payment Required\r\nwww-authenticate: {header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )),
        // Without a word, then cut short.
        Some(_) if earlier == 0 => None,
        Some(_) if earlier == 1 => Some("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsun".to_owned()),
        Some(_) => Some("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nsunny".to_owned()),
    })
    .await;
    let client = buyer(&ledger, &store);
    let response = client.get(seller.url("/")).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "sunny");
    assert_eq!(
        (
            seller.seen.payments().len(),
            seller.seen.distinct_payments()
        ),
        (3, 1)
    );
}

#[tokio::test]
async fn a_process_that_comes_back_goes_on_from_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
    let ledger = ledger();
    let booth = Booth::default();
    let (seller, loses) = forgetful(&booth, || answer(503, &[], "")).await;
    {
        let store = Store::open(&address).await.unwrap();
        let client = buyer(&ledger, &store);
        let result = client.get(seller.url("/a")).send().await;
        let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
            panic!("{}", result.failure());
        };
        let cumulative = BaseUnits::from_u64(PRICE);
        assert_eq!(unknown.standing, Standing::Voucher { cumulative });
        let open = client.open_payments().await.unwrap();
        assert_eq!((open.len(), open[0].amount.units), (1, cumulative));
        let request = client.get(seller.url("/a")).build().unwrap();
        assert!(matches!(
            client.dry_run(&request).await.unwrap(),
            Preview::AlreadyPaid { amount } if amount.units == cumulative
        ));
    }
    loses.store(false, Ordering::SeqCst);
    let store = Store::open(&address).await.unwrap();
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert!(booth.amounts().iter().all(|amount| *amount == PRICE));
    assert!(client.open_payments().await.unwrap().is_empty());
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert_eq!(booth.amounts().last(), Some(&(2 * PRICE)));
    assert_eq!(booth.served.load(Ordering::SeqCst), 2);
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(2 * PRICE)
    );
}

#[tokio::test]
async fn another_request_asks_first_what_became_of_the_pending_one() {
    // Taken: the next one is signed above it.
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (seller, loses) = forgetful(&booth, || answer(503, &[], "")).await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/a")).send().await.is_err());
    let proofs = booth.proofs.load(Ordering::SeqCst);
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/b")).await, 200);
    assert_eq!(booth.proofs.load(Ordering::SeqCst), proofs + 1);
    assert_eq!(booth.amounts().last(), Some(&(2 * PRICE)));
    booth.amounts_rise();
    let spent = client.spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(2 * PRICE));

    // Never seen: nothing is lost by it.
    let (store, booth) = (memory(), Booth::default());
    let (shop, lost) = (booth.clone(), Arc::new(AtomicBool::new(true)));
    let loses = lost.clone();
    let seller = Seller::start(move |call: Call| {
        if call.payment.is_some() && lost.load(Ordering::SeqCst) {
            return answer(502, &[], "");
        }
        shop.sell(&call)
    })
    .await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/a")).send().await.is_err());
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/b")).await, 200);
    assert_eq!(booth.amounts(), [PRICE]);
    let spent = client.spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(PRICE));
}

#[tokio::test]
async fn what_was_signed_and_denied_stays_reserved_as_long_as_nothing_is_signed_above_it() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call: Call| {
        let is_dear = call.uri.path() == "/dear";
        if is_dear && call.payment.is_some() {
            return answer(502, &[], "");
        }
        shop.sell_for(&call, |terms| {
            terms.price = PRICE * if is_dear { 3 } else { 1 }
        })
    })
    .await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/dear")).send().await.is_err());
    for (path, times) in [("/a", 3), ("/b", 3), ("/c", 3), ("/d", 4)] {
        assert_eq!(status(&client, seller.url(path)).await, 200);
        let spent = client.spent("127.0.0.1").await.unwrap();
        assert_eq!(spent.per_day, BaseUnits::from_u64(times * PRICE), "{path}");
        let signed = client.channels().await.unwrap()[0].signed.units;
        assert_eq!(signed, BaseUnits::from_u64(times * PRICE), "{path}");
    }
    assert_eq!(booth.amounts(), [1, 2, 3, 4].map(|times| times * PRICE));
}

#[tokio::test]
async fn a_request_with_an_open_voucher_is_paid_in_no_other_way() {
    let (ledger, store) = (ledger(), memory());
    let (booth, turned) = (Booth::default(), Arc::new(AtomicUsize::new(0)));
    let (shop, turn) = (booth.clone(), turned.clone());
    let seller = Seller::start(move |call: Call| match turn.load(Ordering::SeqCst) {
        0 if call.payment.is_some() => {
            shop.sell(&call);
            answer(503, &[], "")
        }
        1 => challenge(vec![terms(PRICE)]),
        2 => refusal(ProblemKind::ChannelClosed),
        _ => shop.sell(&call),
    })
    .await;
    let client = with_channels(&ledger, &store, [1, 2]).build().unwrap();
    assert!(client.get(seller.url("/a")).send().await.is_err());
    let sent = booth.came().len();
    for turn in [1, 2] {
        turned.store(turn, Ordering::SeqCst);
        let result = client.get(seller.url("/a")).send().await;
        let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
            panic!("{}", result.failure());
        };
        assert_eq!(unknown.amount.to_string(), "0.001 USDC");
    }
    assert_eq!((booth.came().len(), ledger.settled()), (sent, 0));
    turned.store(3, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert!(
        booth
            .came()
            .iter()
            .all(|came| (came.channel, came.amount) == (1, PRICE))
    );
}

#[tokio::test]
async fn a_server_that_proves_nothing_has_what_was_sent_to_it() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::official();
    let (seller, loses) = forgetful(&booth, || answer(503, &[], "")).await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/a")).send().await.is_err());
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/b")).await, 200);
    assert_eq!(booth.amounts().last(), Some(&(2 * PRICE)));
    booth.amounts_rise();
}

#[tokio::test]
async fn a_server_that_says_nothing_has_what_was_sent_to_it_if_it_had_one_before() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (shop, loses) = (booth.clone(), Arc::new(AtomicBool::new(false)));
    let lost = loses.clone();
    let seller = Seller::start(move |call: Call| {
        let mut response = shop.sell(&call);
        response.headers_mut().remove("payment-channel");
        if call.payment.is_some() && lost.load(Ordering::SeqCst) {
            return answer(503, &[], "");
        }
        response
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    loses.store(true, Ordering::SeqCst);
    assert!(client.get(seller.url("/b")).send().await.is_err());
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/c")).await, 200);
    assert_eq!(booth.amounts().last(), Some(&(3 * PRICE)));
    booth.amounts_rise();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_voucher_is_in_the_store_before_it_leaves() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (shop, kept) = (booth.clone(), Arc::clone(&store));
    let runtime = tokio::runtime::Handle::current();
    let seller = Seller::start(move |call: Call| {
        let response = shop.sell(&call);
        if let Some(payment) = call.payment {
            let (kept, runtime) = (Arc::clone(&kept), runtime.clone());
            let read = tokio::task::block_in_place(move || {
                runtime.block_on(async move { kept.records("client-channels", None, 1).await })
            });
            let text = String::from_utf8(read.unwrap().remove(0).1.value).unwrap();
            let amount = shop.amounts().pop().unwrap();
            let pending = format!("\\\"pending\\\":{{\\\"amount\\\":\\\"{amount}\\\"");
            assert!(text.contains(&pending), "{text}");
            assert!(!text.contains(&payment), "{text}");
        }
        response
    })
    .await;
    let client = buyer(&ledger, &store);
    for path in ["/a", "/a", "/b"] {
        assert_eq!(status(&client, seller.url(path)).await, 200);
    }
}

#[tokio::test]
async fn a_refused_challenge_without_a_fresh_one_is_asked_for_again() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call: Call| match &call.payment {
        Some(header) if call.earlier == 1 => {
            shop.note(header, &call);
            refusal(ProblemKind::PaymentExpired)
        }
        _ => shop.sell(&call),
    })
    .await;
    let client = buyer(&ledger, &store);
    for requests in [2, 5] {
        assert_eq!(status(&client, seller.url("/")).await, 200);
        assert_eq!(seller.seen.requests(), requests);
    }
    assert_eq!(booth.amounts(), [1, 2, 2].map(|times| times * PRICE));
}

#[tokio::test]
async fn an_answer_that_was_not_bought_leaves_the_voucher_open() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (seller, loses) = forgetful(&booth, || answer(404, &[], "no")).await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 404);
    assert_eq!(client.open_payments().await.unwrap().len(), 1);
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert_eq!(booth.amounts(), [PRICE; 2]);
}

#[tokio::test]
async fn what_is_written_off_counts_as_spent() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let (seller, loses) = forgetful(&booth, || answer(503, &[], "")).await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/a")).send().await.is_err());
    let open = client.open_payments().await.unwrap();
    assert!(client.write_off(&open[0].request).await.unwrap());
    assert!(!client.write_off(&open[0].request).await.unwrap());
    loses.store(false, Ordering::SeqCst);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert_eq!(booth.amounts().last(), Some(&(2 * PRICE)));
    let spent = client.spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(2 * PRICE));
}

#[tokio::test]
async fn a_record_that_is_damaged_pays_nothing() {
    const CHANNELS: &str = "client-channels";
    const PURCHASES: &str = "client-channel-purchases";
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let client = buyer(&ledger, &store);
    let buy = async || {
        let request = client.get(seller.url("/"));
        request
            .with_extension(IdempotencyKey::new("one"))
            .send()
            .await
    };
    assert_eq!(buy().await.unwrap().status(), 200);
    let damage = async |collection, from: &str, to: &str| {
        let (name, record) = store.records(collection, None, 1).await.unwrap().remove(0);
        let text = String::from_utf8(record.value).unwrap();
        assert!(text.contains(from), "{text}");
        let (text, version) = (text.replace(from, to), Some(record.version));
        let written = store.put_record(collection, &name, version, text.as_bytes());
        written.await.unwrap();
    };
    // The store says that the purchase was paid with more than was ever signed.
    damage(PURCHASES, "10000", "900000").await;
    assert!(buy().await.is_err());
    let (honest, forged) = (r#"acknowledged\":\"10000"#, r#"acknowledged\":\"0"#);
    damage(CHANNELS, honest, forged).await;
    let result = client.get(seller.url("/")).send().await;
    assert!(matches!(result.failure(), PaymentError::Damaged(_)));
    assert_eq!(booth.amounts(), [PRICE]);
}
