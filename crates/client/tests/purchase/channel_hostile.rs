//! Sellers who want more from a channel than they are owed.

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{
    Budget, ChannelErrorKind, ChannelFunds, OfferRefusal, PaymentError, PaymentReceipt,
    ReceiptDoubt, Settlement,
};
use coinslot_mpp_wire::BodyDigest;
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{
    Booth, Came, PRICE, Terms, buyer, funds, id, key, receipt, standing, status, voucher,
};
use crate::seller::{Seller, answer};
use crate::shop::{Failure, PAYEE, budget, builder, ledger, memory};
use crate::till::now;

/// Asks for these terms, and answers with what is refused and with what came.
async fn refusals(edit: fn(&mut Terms)) -> (Vec<OfferRefusal>, usize) {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell_for(&call, edit)).await;
    let result = buyer(&ledger, &store)
        .post(seller.url("/"))
        .body("b")
        .send()
        .await;
    let error = match result {
        Err(reqwest_middleware::Error::Middleware(error)) => error,
        other => panic!("{other:?}"),
    };
    match error.downcast::<PaymentError>().unwrap() {
        PaymentError::NoAcceptableOffer(none) => (none.refusals, booth.came().len()),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn terms_that_are_not_ours_are_not_signed() {
    let (refused, came) = refusals(|terms| terms.channel = id(2).to_string()).await;
    assert!(matches!(refused[..], [OfferRefusal::OtherChannel(_)]));
    assert_eq!(came, 0);
    let (refused, came) = refusals(|terms| terms.channel = "C".to_owned()).await;
    assert!(matches!(refused[..], [OfferRefusal::OtherChannel(_)]));
    assert_eq!(came, 0);
    let (refused, came) = refusals(|terms| terms.network = StellarNetwork::Pubnet).await;
    assert!(matches!(refused[..], [OfferRefusal::Network(_)]));
    assert_eq!(came, 0);
    let (refused, came) = refusals(|terms| terms.expires = now() - 1).await;
    assert!(matches!(refused[..], [OfferRefusal::ChallengeExpired]));
    assert_eq!(came, 0);
    let (refused, came) = refusals(|terms| terms.digest = Some(BodyDigest::of(b"a"))).await;
    assert!(matches!(refused[..], [OfferRefusal::OtherBody]));
    assert_eq!(came, 0);
    for price in [0, 100_001, u64::MAX] {
        let booth = Booth::default();
        let shop = booth.clone();
        let seller =
            Seller::start(move |call| shop.sell_for(&call, |terms| terms.price = price)).await;
        let result = buyer(&ledger(), &memory())
            .get(seller.url("/"))
            .send()
            .await;
        let PaymentError::NoAcceptableOffer(none) = result.failure() else {
            panic!("{}", result.failure());
        };
        assert!(matches!(none.refusals[..], [OfferRefusal::Voucher(_)]));
        assert!(booth.came().is_empty());
    }
}

#[tokio::test]
async fn the_caps_of_the_channel_and_of_the_budget_hold() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let caps = ChannelFunds::of(id(1), key(1))
        .per_channel("$0.003")
        .unwrap();
    let small = caps
        .per_request("$0.001")
        .unwrap()
        .hosts(["127.0.0.1"])
        .unwrap();
    let client = builder(&ledger, &store, budget())
        .channel(small)
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(status(&client, seller.url("/")).await, 200);
    }
    let result = client.get(seller.url("/")).send().await;
    let PaymentError::Channel(error) = result.failure() else {
        panic!("{}", result.failure());
    };
    assert!(
        matches!(error.kind, ChannelErrorKind::Refused(_)),
        "{error}"
    );

    // Another one takes over, until what counts for the whole day is spent.
    let caps = Budget::per_payment("$0.001")
        .unwrap()
        .per_day("$0.005")
        .unwrap();
    let day = caps
        .per_host_per_day("$1")
        .unwrap()
        .hosts(["127.0.0.1"])
        .unwrap();
    let client = builder(&ledger, &store, day)
        .channel(funds(2))
        .build()
        .unwrap();
    for _ in 0..2 {
        assert_eq!(status(&client, seller.url("/")).await, 200);
    }
    let result = client.get(seller.url("/")).send().await;
    assert!(matches!(result.failure(), PaymentError::OverCap(_)));
    assert_eq!(booth.amounts(), [1, 2, 3, 1, 2].map(|times| times * PRICE));
}

#[tokio::test]
async fn a_deposit_that_is_known_is_not_signed_above() {
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let known = funds(1).deposited(BaseUnits::from_u64(PRICE + 1));
    let client = builder(&ledger(), &memory(), budget())
        .channel(known)
        .build()
        .unwrap();
    assert_eq!(status(&client, seller.url("/")).await, 200);
    let result = client.get(seller.url("/")).send().await;
    assert!(
        result.failure().to_string().ends_with("top up the channel"),
        "{}",
        result.failure()
    );
    assert_eq!(booth.amounts(), [PRICE]);
}

#[tokio::test]
async fn a_cumulative_amount_that_nobody_proves_is_not_adopted() {
    // A new wallet signs nothing at all, and one with a record goes by that.
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let inflated = |terms: &mut Terms| terms.claimed = Some(500_000);
    let seller = Seller::start(move |call| shop.sell_for(&call, inflated)).await;
    let client = buyer(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    let PaymentError::Channel(error) = result.failure() else {
        panic!("{}", result.failure());
    };
    let claimed = BaseUnits::from_u64(500_000);
    assert_eq!(error.kind, ChannelErrorKind::Unproved { claimed });
    assert!(booth.came().is_empty());
    let honest = booth.clone();
    let honest = Seller::start(move |call| honest.sell(&call)).await;
    assert_eq!(status(&client, honest.url("/")).await, 200);
    assert_eq!(status(&client, seller.url("/x")).await, 200);
    assert_eq!(booth.amounts(), [PRICE, 2 * PRICE]);
}

#[tokio::test]
async fn a_standing_that_our_key_has_not_signed_is_not_adopted() {
    for (shown, sentence) in [
        (standing(1, &voucher(1, &key(2), 500_000)), "has not signed"),
        (
            // Ours, but for another amount.
            standing(1, &voucher(1, &key(1), 5)).replace("cumulative=5", "cumulative=500000"),
            "has not signed",
        ),
        (
            // Ours, but of another channel.
            standing(2, &voucher(2, &key(1), 500_000)),
            "another channel",
        ),
        (standing(1, &voucher(2, &key(1), 500_000)), "has not signed"),
        ("nonsense".to_owned(), "cannot be read"),
    ] {
        let (ledger, store) = (ledger(), memory());
        let booth = Booth::default();
        let shop = booth.clone();
        let seller = Seller::start(move |call| {
            let mut response = shop.sell(&call);
            let headers = response.headers_mut();
            headers.insert("payment-channel", shown.parse().unwrap());
            response
        })
        .await;
        let client = buyer(&ledger, &store);
        let result = client.get(seller.url("/")).send().await;
        let text = result.failure().to_string();
        assert!(text.contains(sentence), "{text}");
        assert!(booth.came().is_empty());
        assert_eq!(
            client.channels().await.unwrap()[0].signed.units,
            BaseUnits::ZERO
        );
    }
}

#[tokio::test]
async fn a_standing_that_our_key_has_signed_is_adopted_within_the_caps() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| shop.sell(&call)).await;
    let spend = async |client: coinslot_client::PayingClient| {
        let path = format!("/{}", booth.came().len());
        client
            .get(seller.url(&path))
            .send()
            .await
            .map(|response| response.status())
    };
    assert_eq!(spend(buyer(&ledger, &store)).await.unwrap(), 200);
    // A wallet that has lost its store.
    let other = memory();
    assert_eq!(spend(buyer(&ledger, &other)).await.unwrap(), 200);
    assert_eq!(spend(buyer(&ledger, &other)).await.unwrap(), 200);
    // And the first one, which knows less now than the seller: it is told, and signs above that.
    assert_eq!(spend(buyer(&ledger, &store)).await.unwrap(), 200);
    assert_eq!(booth.amounts(), [1, 2, 3, 2, 4].map(|times| times * PRICE));
    let small = ChannelFunds::of(id(1), key(1))
        .per_channel("$0.0045")
        .unwrap();
    let small = small
        .per_request("$0.001")
        .unwrap()
        .hosts(["127.0.0.1"])
        .unwrap();
    let client = builder(&ledger, &memory(), budget()).channel(small);
    let result = spend(client.build().unwrap()).await;
    assert!(
        matches!(result.failure(), PaymentError::Channel(_)),
        "{:?}",
        result.failure()
    );
    assert_eq!(booth.came().len(), 5);
}

#[tokio::test]
async fn a_voucher_follows_no_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let (ledger, store) = (ledger(), memory());
        let thief = Seller::start(|_| answer(200, &[], "thanks")).await;
        let (booth, target) = (Booth::default(), thief.url("/"));
        let shop = booth.clone();
        let seller = Seller::start(move |call| match &call.payment {
            None => shop.sell(&call),
            Some(_) => answer(status, &[("location", &target)], ""),
        })
        .await;
        let client = buyer(&ledger, &store);
        let result = client.get(seller.url("/")).send().await;
        assert!(matches!(result.failure(), PaymentError::OutcomeUnknown(_)));
        assert_eq!(
            (thief.seen.requests(), seller.seen.payments().len()),
            (0, 1)
        );
        assert_eq!(client.open_payments().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_replayed_challenge_of_another_address_buys_nothing_twice() {
    // The seller gives every address the challenge of the first, which is good for vouchers of the first only.
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let old = booth.mint(1, |_| {});
    let shop = booth.clone();
    let seller = Seller::start(move |call| match &call.payment {
        None => answer(402, &[("www-authenticate", &old)], "{}"),
        Some(_) => shop.sell(&call),
    })
    .await;
    let client = buyer(&ledger, &store);
    for path in ["/a", "/b", "/a"] {
        assert_eq!(status(&client, seller.url(path)).await, 200);
    }
    assert_eq!(booth.amounts(), [1, 2, 3].map(|times| times * PRICE));
    booth.amounts_rise();
}

#[tokio::test]
async fn other_hosts_and_other_payees_get_nothing_from_the_channel() {
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        assert!(call.headers.get("payment-channel").is_none());
        shop.sell(&call)
    })
    .await;
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    let both = caps.per_host_per_day("$1").unwrap();
    let both = both.hosts(["127.0.0.1", "localhost"]).unwrap();
    let client = builder(&ledger(), &memory(), both)
        .channel(funds(1))
        .build()
        .unwrap();
    let named = format!("http://localhost:{}/", seller.address.port());
    let result = client.get(named).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::NoAcceptableOffer(_)
    ));

    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let is_own = call.headers.contains_key("authorization");
        assert!(!is_own || !call.headers.contains_key("payment-channel"));
        shop.sell(&call)
    })
    .await;
    let pinned = budget().pin_payee("127.0.0.1", PAYEE).unwrap();
    let client = builder(&ledger(), &memory(), pinned).channel(funds(1));
    let result = client.build().unwrap().get(seller.url("/")).send().await;
    let PaymentError::NoAcceptableOffer(none) = result.failure() else {
        panic!("{}", result.failure());
    };
    assert!(matches!(none.refusals[..], [OfferRefusal::Payee(_)]));
    let client = buyer(&ledger(), &memory());
    let own = client
        .get(seller.url("/"))
        .header("authorization", "Bearer x");
    assert!(matches!(
        own.send().await.failure(),
        PaymentError::NoAcceptableOffer(_)
    ));
    assert!(booth.came().is_empty());
}

#[tokio::test]
async fn a_receipt_for_another_voucher_is_not_believed() {
    for (channel, amount) in [(2, PRICE), (1, PRICE - 1)] {
        for status in [200, 500] {
            let (ledger, store) = (ledger(), memory());
            let booth = Booth::default();
            let shop = booth.clone();
            let seller = Seller::start(move |call| match &call.payment {
                None => shop.sell(&call),
                Some(header) => {
                    let (came, _) = shop.note(header, &call);
                    let other = Came {
                        channel,
                        amount,
                        ..came
                    };
                    answer(status, &[("payment-receipt", &receipt(&other, None))], "")
                }
            })
            .await;
            let client = buyer(&ledger, &store);
            let result = client.get(seller.url("/")).send().await;
            if status == 200 {
                let response = result.unwrap();
                let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
                let doubt = Settlement::Doubtful(ReceiptDoubt::Voucher);
                assert_eq!(receipt.settlement, doubt);
            } else {
                assert!(matches!(result.failure(), PaymentError::OutcomeUnknown(_)));
                assert_eq!(booth.amounts(), [PRICE; 4]);
            }
        }
    }
}

#[tokio::test]
async fn an_answer_with_a_receipt_was_bought_whatever_its_status() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let mut response = shop.sell(&call);
        if call.payment.is_some() {
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        }
        response
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/")).await, 500);
    assert_eq!(booth.amounts(), [PRICE]);
    assert!(client.open_payments().await.unwrap().is_empty());
}
