//! Paying honest sellers from channels.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::Response;
use coinslot_client::{
    BuildClientError, ChannelFunds, ChannelFundsError, ChannelUse, IdempotencyKey, PaymentError,
    PaymentEvent, PaymentIdentity, PaymentReceipt, Preview, Protocol, Settlement,
};
use coinslot_mpp_wire::{BodyDigest, ProblemKind};
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{Booth, PRICE, buyer, funds, id, key, status, with_channels};
use crate::seller::{Seller, answer};
use crate::shop::{Failure, PAYEE, budget, builder, ledger, memory, required, served, terms};

#[tokio::test]
async fn a_request_costs_a_signature_and_the_second_one_no_round_trip() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let client = with_channels(&ledger, &store, [1])
        .on_event(move |event| seen.lock().unwrap().push(name(event)))
        .build()
        .unwrap();
    let response = client.get(seller.url("/a")).send().await.unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    let (channel, cumulative) = (id(1), BaseUnits::from_u64(PRICE));
    let identity = PaymentIdentity::Voucher {
        channel,
        cumulative,
    };
    assert_eq!(receipt.identity, identity);
    assert_eq!(receipt.settlement, Settlement::Accepted);
    assert_eq!(receipt.amount.to_string(), "0.001 USDC");
    assert_eq!(receipt.terms.scheme, "stellar/channel");
    let steps = [
        "challenge",
        "signing",
        "signed",
        "paying",
        "paid",
        "settled",
    ];
    assert_eq!(*events.lock().unwrap(), steps);
    assert_eq!(seller.seen.requests(), 2);
    for _ in 0..3 {
        let response = client.get(seller.url("/a")).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    // One each: the first challenge is good for all of them.
    assert_eq!(seller.seen.requests(), 5);
    assert_eq!(booth.amounts(), [PRICE, 2 * PRICE, 3 * PRICE, 4 * PRICE]);
    assert_eq!(booth.proofs.load(Ordering::SeqCst), 1);
    assert_eq!(ledger.settled(), 0);
    let spent = client.spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(4 * PRICE));
    let usage = client.channels().await.unwrap();
    assert_eq!(usage[0].spent.to_string(), "0.004 USDC");
    assert_eq!(usage[0].signed.to_string(), "0.004 USDC");
    assert!(client.open_payments().await.unwrap().is_empty());
}

fn name(event: &PaymentEvent) -> &'static str {
    match event {
        PaymentEvent::Challenge { .. } => "challenge",
        PaymentEvent::Signing { .. } => "signing",
        PaymentEvent::Signed { .. } => "signed",
        PaymentEvent::Paying { .. } => "paying",
        PaymentEvent::Confirming { .. } => "confirming",
        PaymentEvent::Paid { .. } => "paid",
        PaymentEvent::Settled(_) => "settled",
        _ => "other",
    }
}

#[tokio::test]
async fn a_challenge_is_answered_again_for_the_same_method_address_and_body_only() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let digest = BodyDigest::of(&call.body);
        shop.sell_for(&call, |terms| {
            terms.digest = Some(digest.clone());
        })
    })
    .await;
    let client = buyer(&ledger, &store);
    for (path, body, requests) in [
        ("/a", "1", 2),
        ("/a", "1", 3),
        ("/a", "2", 5),
        ("/b", "2", 7),
    ] {
        let sent = client.post(seller.url(path)).body(body).send().await;
        assert_eq!(sent.unwrap().status(), 200);
        assert_eq!(seller.seen.requests(), requests, "{path} {body}");
    }
    assert_eq!(status(&client, seller.url("/b")).await, 200);
    assert_eq!(seller.seen.requests(), 9);
    // The body is the same, and the method is not.
    for requests in [11, 13] {
        let request = match requests {
            11 => client.post(seller.url("/c")),
            _ => client.get(seller.url("/c")),
        };
        assert_eq!(request.send().await.unwrap().status(), 200);
        assert_eq!(seller.seen.requests(), requests);
    }
}

#[tokio::test]
async fn a_challenge_that_is_about_to_expire_is_not_answered_again() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        shop.sell_for(&call, |terms| terms.expires = crate::till::now() + 4)
    })
    .await;
    let client = buyer(&ledger, &store);
    for requests in [2, 4] {
        assert_eq!(status(&client, seller.url("/")).await, 200);
        assert_eq!(seller.seen.requests(), requests);
    }
}

#[tokio::test]
async fn a_server_that_burns_challenges_gets_the_same_voucher_again_and_is_remembered() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::official();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let client = buyer(&ledger, &store);
    // Asked and paid; refused, and paid with the fresh challenge; from then on asked and paid.
    for requests in [2, 4, 6, 8] {
        assert_eq!(status(&client, seller.url("/")).await, 200);
        assert_eq!(seller.seen.requests(), requests);
    }
    let amounts = [1, 2, 2, 3, 4].map(|times| times * PRICE);
    assert_eq!(booth.amounts(), amounts);
    assert_eq!(booth.served.load(Ordering::SeqCst), 4);
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(4 * PRICE)
    );
}

#[tokio::test]
async fn the_request_says_how_it_can_be_paid_and_the_preference_decides() {
    for (channels, accept, from_channel) in [
        (
            ChannelUse::First,
            "stellar/channel, x402/exact;q=0.9, stellar/charge;q=0.8",
            true,
        ),
        (
            ChannelUse::Last,
            "x402/exact, stellar/charge;q=0.9, stellar/channel;q=0.8",
            false,
        ),
        (ChannelUse::Only, "stellar/channel", true),
    ] {
        let (ledger, store) = (ledger(), memory());
        let booth = Booth::default();
        let (shop, network) = (booth.clone(), ledger.clone());
        let seller = Seller::start(move |call| {
            assert_eq!(call.headers["accept-payment"], accept);
            match &call.payment {
                Some(payment) if call.headers.contains_key("payment-signature") => {
                    served(&network.settle(payment).unwrap().to_string(), "sunny")
                }
                Some(_) => shop.sell(&call),
                None => {
                    // The channel is dearer.
                    let mut response = shop.sell(&call);
                    let header = required(vec![terms(PRICE / 2)]).to_header();
                    let headers = response.headers_mut();
                    headers.insert("payment-required", header.parse().unwrap());
                    response
                }
            }
        })
        .await;
        let client = with_channels(&ledger, &store, [1]).channel_use(channels);
        let client = client.build().unwrap();
        let request = client.get(seller.url("/")).build().unwrap();
        let Preview::Priced(preview) = client.dry_run(&request).await.unwrap() else {
            panic!("it is priced");
        };
        let would_pay = preview.would_pay.unwrap().terms.scheme;
        assert_eq!(would_pay == "stellar/channel", from_channel);
        assert_eq!(status(&client, seller.url("/")).await, 200);
        assert_eq!(booth.served.load(Ordering::SeqCst) == 1, from_channel);
        assert_eq!(ledger.settled() == 0, from_channel);
    }
}

#[tokio::test]
async fn what_is_not_offered_for_a_channel_is_paid_otherwise() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| {
        let response = crate::shop::sell(&network, &call, PRICE);
        if call.payment.is_some() {
            return response;
        }
        // That it is priced is no word against the channel.
        let (mut parts, _) = response.into_parts();
        let problem = ProblemKind::PaymentRequired.problem().to_json();
        let media_type = "application/problem+json".parse().unwrap();
        parts.headers.insert("content-type", media_type);
        Response::from_parts(parts, problem.into())
    })
    .await;
    let ways = Arc::new(Mutex::new(Vec::new()));
    let seen = ways.clone();
    let client = with_channels(&ledger, &store, [1]).on_event(move |event| match event {
        PaymentEvent::NotFromChannel { why, .. } => {
            assert_eq!(*why, None);
            seen.lock().unwrap().push("not from a channel".to_owned());
        }
        PaymentEvent::Signing { terms, .. } => seen.lock().unwrap().push(terms.scheme.clone()),
        _ => {}
    });
    let client = client.build().unwrap();
    assert_eq!(status(&client, seller.url("/")).await, 200);
    assert_eq!((ledger.settled(), seller.seen.requests()), (1, 2));
    assert_eq!(*ways.lock().unwrap(), ["not from a channel", "exact"]);
    let only = with_channels(&ledger, &memory(), [1]).channel_use(ChannelUse::Only);
    let result = only.build().unwrap().get(seller.url("/")).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::NoAcceptableOffer(_)
    ));
    assert_eq!(ledger.settled(), 1);
}

#[tokio::test]
async fn what_is_free_costs_nothing_and_does_not_wait_for_the_channel() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| match call.uri.path() {
        "/free" => answer(200, &[], "free"),
        _ => shop.sell(&call),
    })
    .await;
    let client = buyer(&ledger, &store);
    for path in ["/free", "/paid", "/free"] {
        assert_eq!(status(&client, seller.url(path)).await, 200);
    }
    assert_eq!(booth.amounts(), [PRICE]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_free_overtakes_what_is_paid() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| match call.uri.path() {
        "/free" => answer(200, &[], "free"),
        path => {
            if path == "/slow" && call.payment.is_some() {
                let pause = Duration::from_millis(400);
                tokio::task::block_in_place(|| std::thread::sleep(pause));
            }
            shop.sell(&call)
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    let slow = tokio::spawn(client.get(seller.url("/slow")).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(status(&client, seller.url("/free")).await, 200);
    assert!(!slow.is_finished());
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_dry_run_signs_nothing() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let paid = funds(1).recipient(PAYEE.parse().unwrap());
    let pinned = budget().pin_payee("127.0.0.1", PAYEE).unwrap();
    let client = builder(&ledger, &store, pinned)
        .channel(paid)
        .build()
        .unwrap();
    let request = client.get(seller.url("/")).build().unwrap();
    let preview = client.dry_run(&request).await.unwrap();
    let sentence = format!("0.001 USDC would be paid to {PAYEE} on stellar:testnet");
    assert_eq!(preview.to_string(), sentence);
    assert!(booth.came().is_empty());
    assert!(
        store
            .records("client-channels", None, 1)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(booth.proofs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_purchase_with_a_key_is_paid_once() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let client = buyer(&ledger, &store);
    let buy = async |key: &str| {
        let request = client
            .get(seller.url("/"))
            .with_extension(IdempotencyKey::new(key));
        request.send().await
    };
    assert_eq!(buy("one").await.unwrap().status(), 200);
    assert_eq!(buy("one").await.unwrap().status(), 200);
    assert_eq!(booth.amounts(), [PRICE, PRICE]);
    assert_eq!(buy("two").await.unwrap().status(), 200);
    // The seller has another voucher now, and the answer is gone.
    let result = buy("one").await;
    assert!(matches!(result.failure(), PaymentError::Refused(_)));
    assert_eq!(booth.amounts(), [PRICE, PRICE, 2 * PRICE, PRICE]);
    assert_eq!(booth.served.load(Ordering::SeqCst), 2);
}

#[test]
fn a_channel_that_cannot_pay_is_found_out_when_the_client_is_built() {
    let build = |funds: Vec<ChannelFunds>| {
        let client = builder(&ledger(), &memory(), budget());
        let client = funds
            .into_iter()
            .fold(client, |it, funds| it.channel(funds));
        match client.build().map(drop) {
            Err(BuildClientError::Channel(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let caps = || ChannelFunds::of(id(1), key(1)).per_channel("$1").unwrap();
    let nowhere = caps().per_request("$0.01").unwrap().hosts([""; 0]).unwrap();
    assert!(matches!(
        build(vec![nowhere]),
        ChannelFundsError::NoHosts(_)
    ));
    let twice = vec![funds(1), funds(1)];
    assert!(matches!(build(twice), ChannelFundsError::Twice(_)));
    let other = coinslot_client::Caps {
        per_channel: BaseUnits::from_u64(5),
        per_request: BaseUnits::from_u64(1),
    };
    let token = ChannelFunds::of(id(1), key(1)).in_token(id(9), other);
    let token = token.hosts(["127.0.0.1"]).unwrap();
    assert!(matches!(build(vec![token]), ChannelFundsError::Token(..)));
    let x402 = builder(&ledger(), &memory(), budget()).only(Protocol::X402);
    let error = x402.channel(funds(1)).build().map(drop).unwrap_err();
    assert!(matches!(
        error,
        BuildClientError::Channel(ChannelFundsError::OnlyX402)
    ));
    assert!(!format!("{:?}", funds(1)).contains(&key(1).expose_secret()));
}
