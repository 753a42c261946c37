//! Sellers that do not keep to the protocol.

use std::sync::Arc;
use std::time::Duration;

use coinslot_client::{
    Budget, ChallengeError, LastAnswer, NotPayable, OfferRefusal, PaymentError, PaymentReceipt,
    ReceiptDoubt, ServerText, Settlement, Standing,
};
use coinslot_payment_store::{ManualClock, UnixMillis};
use coinslot_x402_wire::SettleResponse;

use crate::seller::{Seller, answer};
use crate::shop::{
    Failure, PAYEE, budget, builder, challenge, client, ledger, memory, required, sell, terms,
};

/// The error for a request to a seller that never sees a payment.
async fn refused_unpaid(seller: &Seller) -> String {
    let (ledger, store) = (ledger(), memory());
    let client = client(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    let failure = result.failure();
    assert!(!failure.may_have_paid(), "{failure}");
    assert_eq!(seller.seen.payments().len(), 0);
    assert_eq!(client.open_payments().await.unwrap().len(), 0);
    assert!(client.spent("127.0.0.1").await.unwrap().per_day.is_zero());
    failure.to_string()
}

#[tokio::test]
async fn a_price_that_is_raised_after_payment_is_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|call| {
        challenge(vec![terms(if call.payment.is_none() {
            10_000
        } else {
            20_000
        })])
    })
    .await;
    let client = client(&ledger, &store);
    for _ in 0..3 {
        let result = client.get(seller.url("/")).send().await;
        let PaymentError::Refused(refused) = result.failure() else {
            panic!("{result:?}")
        };
        assert!(matches!(refused.standing, Standing::Open { .. }));
    }
    assert_eq!(
        seller.seen.distinct_payments(),
        1,
        "a 402 loop gets one payment"
    );
}

#[tokio::test]
async fn a_refusal_names_its_reason_without_the_servers_tricks() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|call| match call.payment {
        None => challenge(vec![terms(10_000)]),
        Some(_) => {
            let mut required = required(vec![terms(10_000)]);
            required.error = Some(format!("no\n\u{1b}[31mfunds\u{202e} {}", "x".repeat(5000)));
            answer(402, &[("payment-required", &required.to_header())], "")
        }
    })
    .await;
    let result = client(&ledger, &store).get(seller.url("/")).send().await;
    let text = result.failure().to_string();
    assert!(
        text.contains("saying \"no") && text.contains("funds") && text.len() < 700,
        "{text}"
    );
    assert!(!text.contains(['\n', '\u{1b}', '\u{202e}']), "{text:?}");
}

#[tokio::test]
async fn prices_above_the_cap_other_networks_and_other_assets_are_not_paid() {
    let dear = Seller::start(|_| challenge(vec![terms(100_001)])).await;
    let text = refused_unpaid(&dear).await;
    assert!(
        text.contains("0.0100001 USDC would break the cap of 0.01 USDC per payment"),
        "{text}"
    );
    let elsewhere = Seller::start(|_| {
        let mut terms = terms(1);
        terms.network = "stellar:pubnet".parse().unwrap();
        challenge(vec![terms])
    })
    .await;
    assert!(
        refused_unpaid(&elsewhere)
            .await
            .contains("it is for the network stellar:pubnet")
    );
    let worthless = Seller::start(|_| {
        let mut terms = terms(1);
        terms.asset = "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC".to_owned();
        challenge(vec![terms])
    })
    .await;
    assert!(
        refused_unpaid(&worthless)
            .await
            .contains("has no cap in the budget")
    );
}

#[tokio::test]
async fn an_expired_challenge_is_not_paid() {
    let now_or_never = Seller::start(|_| {
        let mut terms = terms(10_000);
        terms.max_timeout_seconds = 0;
        challenge(vec![terms])
    })
    .await;
    refused_unpaid(&now_or_never).await;
    let cached = Seller::start(|_| {
        let header = required(vec![terms(10_000)]).to_header();
        answer(402, &[("payment-required", &header), ("age", "60")], "")
    })
    .await;
    assert!(
        refused_unpaid(&cached)
            .await
            .contains("60 seconds, which are over")
    );
}

#[tokio::test]
async fn an_authorization_is_never_longer_than_the_budget_allows() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| {
        let mut terms = terms(10_000);
        terms.max_timeout_seconds = 3600;
        match call.payment {
            None => challenge(vec![terms]),
            Some(payment) => {
                network.advance(7);
                assert_eq!(network.settle(&payment), Err("expired"));
                challenge(vec![terms])
            }
        }
    })
    .await;
    let budget = budget().longest_authorization(Duration::from_secs(30));
    let client = builder(&ledger, &store, budget).build().unwrap();
    assert!(matches!(
        client.get(seller.url("/")).send().await.failure(),
        PaymentError::Refused(_)
    ));
}

#[tokio::test]
async fn garbage_and_oversized_challenges_are_errors_that_say_so() {
    for (headers, sentence) in [
        (
            vec![],
            "without a PAYMENT-REQUIRED header and without a Payment challenge",
        ),
        (
            vec![("payment-required".to_owned(), "%%%".to_owned())],
            "cannot be read",
        ),
        (
            vec![("payment-required".to_owned(), "bm8gSlNPTg==".to_owned())],
            "cannot be read",
        ),
        (
            vec![("payment-required".to_owned(), "A".repeat(80_000))],
            "cannot be read",
        ),
        (
            vec![("www-authenticate".to_owned(), "Payment id=\"1\"".to_owned())],
            "MPP",
        ),
        (
            vec![
                (
                    "payment-required".to_owned(),
                    required(vec![terms(1)]).to_header(),
                ),
                (
                    "payment-required".to_owned(),
                    required(vec![terms(2)]).to_header(),
                ),
            ],
            "more than one",
        ),
    ] {
        let seller = Seller::start(move |_| {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            answer(402, &headers, "pay me")
        })
        .await;
        let text = refused_unpaid(&seller).await;
        assert!(text.contains(sentence), "{text}");
    }
    let old = Seller::start(|_| answer(402, &[], r#"{"x402Version":1,"accepts":[]}"#)).await;
    assert!(
        refused_unpaid(&old)
            .await
            .contains("it speaks x402 version 1")
    );
    let flood = Seller::start(|_| answer(402, &[], "x".repeat(10_000_000))).await;
    assert!(
        refused_unpaid(&flood)
            .await
            .ends_with("without a PAYMENT-REQUIRED header and without a Payment challenge")
    );
}

#[tokio::test]
async fn a_payment_never_follows_a_redirect() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let thief = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let away = thief.url("/collect");
    let seller = Seller::start(move |call| match call.payment {
        None => challenge(vec![terms(10_000)]),
        Some(_) => answer(307, &[("location", &away)], ""),
    })
    .await;
    let result = client(&ledger, &store).get(seller.url("/")).send().await;
    let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
        panic!("{result:?}")
    };
    assert_eq!(
        unknown.last,
        LastAnswer::Redirected(reqwest::StatusCode::TEMPORARY_REDIRECT)
    );
    assert_eq!(
        (seller.seen.payments().len(), thief.seen.requests()),
        (1, 0)
    );

    let away = thief.url("/collect");
    let unpaid = Seller::start(move |_| answer(302, &[("location", &away)], "")).await;
    let response = client(&ledger, &store)
        .get(unpaid.url("/"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), thief.seen.requests()),
        (302, 0),
        "the caller decides where to go"
    );
}

#[tokio::test]
async fn a_seller_behind_somebody_elses_redirect_is_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let other = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let away = other.url("/collect");
    let first = Seller::start(move |_| answer(302, &[("location", &away)], "")).await;
    let middleware = builder(&ledger, &store, budget())
        .build_middleware()
        .unwrap();
    let follows = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(middleware)
        .build();
    let result = follows.get(first.url("/")).send().await;
    assert!(
        matches!(result.failure(), PaymentError::RedirectedToSeller),
        "{result:?}"
    );
    assert_eq!((other.seen.requests(), other.seen.payments().len()), (1, 0));
}

#[tokio::test]
async fn plain_http_to_another_machine_is_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    let budget = caps
        .per_host_per_day("$1")
        .unwrap()
        .hosts(["shop.example"])
        .unwrap();
    let address = seller.address;
    let client = builder(&ledger, &store, budget)
        .configure(move |client| client.resolve("shop.example", address))
        .build()
        .unwrap();
    let port = seller.address.port();
    let result = client
        .get(format!("http://shop.example:{port}/"))
        .send()
        .await;
    assert!(
        matches!(
            result.failure(),
            PaymentError::NotPayable(NotPayable::Insecure)
        ),
        "{result:?}"
    );
    assert_eq!(seller.seen.payments().len(), 0);
}

#[tokio::test]
async fn hosts_that_are_not_listed_and_payees_that_are_not_pinned_are_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let caps = || {
        let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
        caps.per_host_per_day("$1").unwrap()
    };
    let elsewhere = builder(&ledger, &store, caps().hosts(["api.example.com"]).unwrap())
        .build()
        .unwrap();
    let result = elsewhere.get(seller.url("/")).send().await;
    assert!(matches!(
        result.failure(),
        PaymentError::NotPayable(NotPayable::HostNotAllowed)
    ));
    let other_payee = "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5";
    let pinned = |payee: &str| {
        builder(
            &ledger,
            &store,
            budget().pin_payee("127.0.0.1", payee).unwrap(),
        )
        .build()
        .unwrap()
    };
    let result = pinned(other_payee).get(seller.url("/")).send().await;
    let PaymentError::NoAcceptableOffer(none) = result.failure() else {
        panic!("{result:?}")
    };
    assert!(matches!(none.refusals[..], [OfferRefusal::Payee(_)]));
    assert_eq!(seller.seen.payments().len(), 0);
    assert_eq!(
        pinned(PAYEE)
            .get(seller.url("/"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_body_that_cannot_be_sent_again_is_not_paid_for() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let file = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
    let result = client(&ledger, &store)
        .post(seller.url("/"))
        .body(file)
        .send()
        .await;
    assert!(
        matches!(
            result.failure(),
            PaymentError::NotPayable(NotPayable::BodyNotReplayable)
        ),
        "{result:?}"
    );
    assert_eq!(
        (seller.seen.requests(), seller.seen.payments().len()),
        (1, 0)
    );
}

#[tokio::test]
async fn the_callers_own_payment_header_is_refused() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(200, &[], "")).await;
    for name in ["payment-signature", "x-payment"] {
        let result = client(&ledger, &store)
            .get(seller.url("/"))
            .header(name, "e30=")
            .send()
            .await;
        assert!(matches!(result.failure(), PaymentError::OwnPaymentHeader));
    }
    assert_eq!(seller.seen.requests(), 0);
}

#[tokio::test]
async fn a_receipt_that_contradicts_what_was_signed_is_doubted() {
    let testnet = || "stellar:testnet".parse().unwrap();
    let hash = || "ab".repeat(32);
    let other_amount = SettleResponse {
        amount: Some(terms(1).amount),
        ..SettleResponse::success(hash(), testnet())
    };
    for (header, doubt) in [
        (
            SettleResponse::success(hash(), "stellar:pubnet".parse().unwrap()).to_header(),
            ReceiptDoubt::Network(ServerText::new("stellar:pubnet")),
        ),
        (
            SettleResponse::success(hash(), testnet())
                .with_payer(PAYEE)
                .to_header(),
            ReceiptDoubt::Payer(ServerText::new(PAYEE)),
        ),
        (other_amount.to_header(), ReceiptDoubt::Amount),
        (
            SettleResponse::success("0x1234", testnet()).to_header(),
            ReceiptDoubt::Transaction(ServerText::new("0x1234")),
        ),
        ("garbage".to_owned(), ReceiptDoubt::Unreadable),
    ] {
        let (ledger, store) = (ledger(), memory());
        let seller = Seller::start(move |call| match call.payment {
            None => challenge(vec![terms(10_000)]),
            Some(_) => answer(200, &[("payment-response", &header)], "sunny"),
        })
        .await;
        let response = client(&ledger, &store)
            .get(seller.url("/"))
            .send()
            .await
            .unwrap();
        let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
        assert_eq!(
            (&receipt.settlement, receipt.transaction()),
            (&Settlement::Doubtful(doubt), None)
        );
    }
}

#[tokio::test]
async fn time_that_passes_while_waiting_makes_a_challenge_stale() {
    let (ledger, store) = (ledger(), memory());
    let clock = Arc::new(ManualClock::new(UnixMillis::new(1_800_000_000_000)));
    let moved = clock.clone();
    let seller = Seller::start(|_| challenge(vec![terms(10_000)])).await;
    let client = builder(&ledger, &store, budget())
        .clock(clock)
        .on_event(move |_| moved.advance(Duration::from_secs(61)))
        .build()
        .unwrap();
    let result = client.get(seller.url("/")).send().await;
    let PaymentError::NoAcceptableOffer(none) = result.failure() else {
        panic!("{result:?}")
    };
    assert!(matches!(
        none.refusals[..],
        [OfferRefusal::Expired { seconds: 60 }]
    ));
    assert_eq!(seller.seen.payments().len(), 0);
}

#[test]
fn errors_of_a_challenge_are_one_sentence() {
    let text = ChallengeError::Repeated.to_string();
    assert_eq!(
        text,
        "the server answered 402 with more than one PAYMENT-REQUIRED header"
    );
}
