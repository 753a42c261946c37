//! Sellers of charges (MPP) that do not keep to the protocol.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::response::Response;
use coinslot_client::{
    AssetCaps, Budget, Cap, LastAnswer, Mode, NotPayable, OfferRefusal, PayingClient, PaymentError,
    PaymentReceipt, ReceiptDoubt, RefusalReason, ServerText, Settlement, Standing,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, CredentialType};
use coinslot_mpp_wire::{BodyDigest, Credential, ProblemKind, Receipt, Timestamp};
use coinslot_payment_store::{ManualClock, UnixMillis};
use coinslot_soroban_authorization::{Envelope, TransferEnvelope};
use coinslot_usdc_amount::BaseUnits;

use crate::seller::{Seller, answer};
use crate::shop::{
    Failure, PAYEE, budget, builder, client, ledger, memory, required, served, terms,
};
use crate::till::{Till, now, pushed, request, sponsored, unsponsored};

/// A 402 with one header.
fn asks(header: &str) -> Response {
    answer(402, &[("www-authenticate", header)], "")
}

/// The error for a request to a seller that never sees a payment.
async fn refused_unpaid(client: &PayingClient, seller: &Seller) -> String {
    let result = client.get(seller.url("/")).send().await;
    let failure = result.failure();
    assert!(!failure.may_have_paid(), "{failure}");
    assert_eq!(seller.seen.payments().len(), 0);
    assert_eq!(client.open_payments().await.unwrap().len(), 0);
    assert!(client.spent("127.0.0.1").await.unwrap().per_day.is_zero());
    failure.to_string()
}

/// A seller with one challenge, and the sentence that a client says to it.
async fn sentence(header: String) -> String {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(move |_| asks(&header)).await;
    let client = builder(&ledger, &store, budget())
        .charge_modes([Mode::Pull, Mode::Push, Mode::PushUnsigned])
        .build()
        .unwrap();
    let text = refused_unpaid(&client, &seller).await;
    assert_eq!(ledger.submissions(), []);
    assert_eq!(ledger.simulations.load(Ordering::SeqCst), 0);
    text
}

#[tokio::test]
async fn an_expired_challenge_is_not_paid() {
    for details in [
        sponsored(),
        unsponsored(),
        pushed(&[CredentialType::SignedHash]),
    ] {
        let text = sentence(Till::new(10_000, details).header(now(), None)).await;
        assert!(text.contains("the challenge has expired"), "{text}");
    }
    let soon = pushed(&[CredentialType::SignedHash]);
    let text = sentence(Till::new(10_000, soon).header(now() + 10, None)).await;
    assert!(text.contains("too soon to push a payment"), "{text}");
    // A challenge that does not say when it expires is good for five minutes, those in a cache included.
    let header = Till::new(10_000, sponsored()).header(now() + 60, None);
    let (start, rest) = header.split_once(", expires=").unwrap();
    let (_, rest) = rest.split_once(", ").unwrap();
    let header = format!("{start}, {rest}");
    let (ledger, store) = (ledger(), memory());
    let cached =
        Seller::start(move |_| answer(402, &[("www-authenticate", &header), ("age", "300")], ""))
            .await;
    let text = refused_unpaid(&client(&ledger, &store), &cached).await;
    assert!(text.contains("the challenge has expired"), "{text}");
}

#[tokio::test]
async fn a_challenge_that_expires_before_it_is_signed_is_not_paid() {
    let start = UnixMillis::from_seconds(now());
    for details in [sponsored(), unsponsored()] {
        let (ledger, store) = (ledger(), memory());
        let till = Till::new(10_000, details);
        let seller = Seller::start(move |_| till.challenge()).await;
        let clock = Arc::new(ManualClock::new(start));
        let moved = clock.clone();
        let client = builder(&ledger, &store, budget())
            .clock(clock)
            .on_event(move |event| {
                if matches!(event, coinslot_client::PaymentEvent::Signing { .. }) {
                    moved.advance(Duration::from_secs(121));
                }
            })
            .build()
            .unwrap();
        let text = refused_unpaid(&client, &seller).await;
        assert!(text.contains("the challenge has expired"), "{text}");
        assert_eq!(ledger.submissions(), []);
    }
}

#[tokio::test]
async fn prices_above_the_cap_other_networks_and_other_assets_are_not_paid() {
    let header = |till: Till| till.header(now() + 60, None);
    let text = sentence(header(Till::new(100_001, sponsored()))).await;
    let cap = "0.0100001 USDC would break the cap of 0.01 USDC per payment";
    assert!(text.contains(cap), "{text}");

    let mut other = request(1, sponsored());
    other.currency = "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC".to_owned();
    let text = sentence(header(Till::of(&other))).await;
    assert!(text.contains("has no cap in the budget"), "{text}");

    let pubnet = request(
        1,
        ChargeDetails::sponsored("stellar:pubnet".parse().unwrap()),
    );
    let good = header(Till::new(1, sponsored()));
    let swapped = |encoded: &str| {
        let (before, rest) = good.split_once("request=\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        format!("{before}request=\"{encoded}\"{after}")
    };
    let text = sentence(swapped(pubnet.encode().as_str())).await;
    assert!(
        text.contains("it is for the network stellar:pubnet"),
        "{text}"
    );

    let mut nowhere = request(1, sponsored());
    nowhere.method_details = None;
    let text = sentence(swapped(nowhere.encode().as_str())).await;
    assert!(
        text.contains("no methodDetails to name the network"),
        "{text}"
    );

    let mut nobody = request(1, sponsored());
    nobody.recipient = "GABC".to_owned();
    let text = sentence(swapped(nobody.encode().as_str())).await;
    assert!(text.contains("the recipient is not an address"), "{text}");
}

#[tokio::test]
async fn other_methods_and_intents_are_refused_by_their_names() {
    let good = Till::new(10_000, sponsored()).header(now() + 60, None);
    for (from, to, name) in [
        ("method=\"stellar\"", "method=\"tempo\"", "tempo/charge"),
        ("intent=\"charge\"", "intent=\"session\"", "stellar/session"),
    ] {
        let text = sentence(good.replace(from, to)).await;
        let said =
            format!("it is to be paid by \"{name}\", and this client pays by stellar/charge");
        assert!(text.contains(&said), "{text}");
    }
}

#[tokio::test]
async fn a_challenge_for_another_body_is_not_paid() {
    let digest = Some(BodyDigest::of(b"another question"));
    let text = sentence(Till::new(10_000, sponsored()).header(now() + 60, digest)).await;
    assert!(text.contains("for a request with another body"), "{text}");
}

#[tokio::test]
async fn a_payee_that_is_not_pinned_is_not_paid() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |_| till.challenge()).await;
    let other = "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5";
    let pinned = budget().pin_payee("127.0.0.1", other).unwrap();
    let client = builder(&ledger, &store, pinned).build().unwrap();
    let text = refused_unpaid(&client, &seller).await;
    assert!(
        text.contains(&format!("its payee {PAYEE} is not")),
        "{text}"
    );
}

#[tokio::test]
async fn a_seller_who_asks_again_and_raises_the_price_gets_one_payment() {
    let push = [CredentialType::SignedHash];
    for details in [sponsored(), unsponsored(), pushed(&push)] {
        let (ledger, store) = (ledger(), memory());
        let [first, dearer] = [10_000, 20_000].map(|price| Till::new(price, details.clone()));
        let seller = Seller::start(move |call| match call.payment {
            None => first.challenge(),
            Some(_) => dearer.problem(&ProblemKind::PaymentInsufficient.problem()),
        })
        .await;
        let client = builder(&ledger, &store, budget())
            .charge_modes([Mode::Pull, Mode::Push])
            .build()
            .unwrap();
        for _ in 0..3 {
            let result = client.get(seller.url("/")).send().await;
            let PaymentError::Refused(refused) = result.failure() else {
                panic!("{result:?}")
            };
            let kind = RefusalReason::Mpp(ProblemKind::PaymentInsufficient);
            assert_eq!(refused.reason, Some(kind));
            let taken = matches!(refused.standing, Standing::Taken { .. });
            assert_eq!(taken, details == pushed(&push), "{refused}");
        }
        assert_eq!(seller.seen.distinct_payments(), 1);
        assert!(ledger.submissions().len() <= 1);
        let spent = client.spent("127.0.0.1").await.unwrap().per_day;
        assert_eq!(spent, BaseUnits::from_u64(10_000));
    }
}

#[tokio::test]
async fn a_problem_is_told_without_the_servers_tricks() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |call| {
        let mut problem = ProblemKind::PaymentExpired.problem();
        problem.type_uri = "https://example.com/\u{1b}[31mproblem".to_owned();
        problem.detail = Some(format!("no\n\u{202e}funds {}", "x".repeat(5000)));
        match call.payment {
            None => till.challenge(),
            Some(_) => till.problem(&problem),
        }
    })
    .await;
    let result = client(&ledger, &store).get(seller.url("/")).send().await;
    let text = result.failure().to_string();
    assert!(text.contains("saying \"no") && text.len() < 700, "{text}");
    assert!(text.contains("problem)"), "{text}");
    assert!(!text.contains(['\n', '\u{1b}', '\u{202e}']), "{text:?}");
}

#[tokio::test]
async fn a_payment_never_follows_a_redirect() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, sponsored()));
    let thief = Seller::start(move |call| till.sell(&network, &call)).await;
    let (away, till) = (thief.url("/collect"), Till::new(10_000, sponsored()));
    let seller = Seller::start(move |call| match call.payment {
        None => till.challenge(),
        Some(_) => answer(307, &[("location", &away)], ""),
    })
    .await;
    let result = client(&ledger, &store).get(seller.url("/")).send().await;
    let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
        panic!("{result:?}")
    };
    let redirected = LastAnswer::Redirected(reqwest::StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(unknown.last, redirected);
    assert_eq!(
        (seller.seen.payments().len(), thief.seen.requests()),
        (1, 0)
    );
}

#[tokio::test]
async fn the_callers_own_authorization_is_never_replaced() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(1, sponsored()));
    let seller = Seller::start(move |call| {
        assert_eq!(call.headers["authorization"], "Bearer token");
        let offer = required(vec![terms(10_000)]).to_header();
        let header = till.header(now() + 60, None);
        let headers = [
            ("payment-required", offer.as_str()),
            ("www-authenticate", &header),
        ];
        match &call.payment {
            Some(payment) => served(&network.settle(payment).unwrap().to_string(), "sunny"),
            None if call.uri.path() == "/both" => answer(402, &headers, ""),
            None => answer(402, &headers[1..], ""),
        }
    })
    .await;
    let client = client(&ledger, &store);
    let both = client.get(seller.url("/both")).bearer_auth("token");
    let response = both.send().await.unwrap();
    let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
    assert_eq!(receipt.amount.to_string(), "0.001 USDC");
    let result = client
        .get(seller.url("/"))
        .bearer_auth("token")
        .send()
        .await;
    let PaymentError::NoAcceptableOffer(none) = result.failure() else {
        panic!("{result:?}")
    };
    let taken = OfferRefusal::Request(NotPayable::AuthorizationTaken);
    assert_eq!(none.refusals[0].to_string(), taken.to_string());
}

#[tokio::test]
async fn an_open_payment_does_not_replace_the_callers_authorization_either() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |call| match call.payment {
        None => till.challenge(),
        Some(_) => answer(503, &[], ""),
    })
    .await;
    let client = client(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    assert!(result.failure().may_have_paid());
    let requests = seller.seen.requests();
    let result = client
        .get(seller.url("/"))
        .bearer_auth("token")
        .send()
        .await;
    assert!(
        matches!(
            result.failure(),
            PaymentError::NotPayable(NotPayable::AuthorizationTaken)
        ),
        "{result:?}"
    );
    assert_eq!(seller.seen.requests(), requests);
}

#[tokio::test]
async fn the_callers_own_credential_is_refused() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|_| answer(200, &[], "")).await;
    let client = client(&ledger, &store);
    for value in ["Payment e30", "payment e30", "PAYMENT"] {
        let request = client.get(seller.url("/")).header("authorization", value);
        let result = request.send().await;
        assert!(matches!(result.failure(), PaymentError::OwnPaymentHeader));
    }
    assert_eq!(seller.seen.requests(), 0);
}

#[tokio::test]
async fn what_cannot_be_read_does_not_hide_what_can() {
    let (ledger, store) = (ledger(), memory());
    let good = Till::new(10_000, sponsored());
    let garbage = ["Payment id=\"", "Payment id=\"1\", id=\"2\"", "Payment"];
    for (number, bad) in garbage.into_iter().enumerate() {
        let (network, till) = (ledger.clone(), good.clone());
        let seller = Seller::start(move |call| {
            let header = till.header(now() + 60, None);
            let headers = [
                ("www-authenticate", bad),
                ("payment-required", "garbage"),
                ("www-authenticate", header.as_str()),
            ];
            match call.payment {
                None => answer(402, &headers, ""),
                Some(_) => till.sell(&network, &call),
            }
        })
        .await;
        let client = client(&ledger, &store);
        let response = client.get(seller.url("/")).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), ledger.settled()),
            (200, number + 1)
        );

        let text = sentence(bad.to_owned()).await;
        assert_eq!(text, "the server's Payment challenge (MPP) cannot be read");
    }
    let dear = Till::new(1_000_000, sponsored());
    let seller = Seller::start(move |_| {
        let header = dear.header(now() + 60, None);
        let headers = [
            ("payment-required", "garbage"),
            ("www-authenticate", &header),
        ];
        answer(402, &headers, "")
    })
    .await;
    let client = client(&ledger, &memory());
    let text = refused_unpaid(&client, &seller).await;
    assert!(
        text.contains("per payment; the server's PAYMENT-REQUIRED header"),
        "{text}"
    );
}

#[tokio::test]
async fn network_fees_stay_below_their_caps() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(1, unsponsored()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let units = BaseUnits::from_u64;
    let caps = AssetCaps {
        per_payment: units(50_000),
        per_host_per_day: units(120_000),
        per_day: units(120_000),
    };
    let client = |caps: Budget| builder(&ledger, &store, caps).build().unwrap();
    let capped = || client(budget().network_fees(caps));

    ledger.resource_fee.store(49_801, Ordering::SeqCst);
    let text = refused_unpaid(&capped(), &seller).await;
    let cap = "0.0050001 XLM would break the cap of 0.005 XLM per payment";
    assert_eq!(text, cap);

    // What others bid is no reason to bid anything: here 10,000 stroops at the most.
    ledger.resource_fee.store(40_000, Ordering::SeqCst);
    ledger.recent_bids.store(u64::MAX, Ordering::SeqCst);
    for path in ["/1", "/2"] {
        let response = capped().get(seller.url(path)).send().await.unwrap();
        let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
        let landed = ledger.landed(&receipt.transaction().unwrap()).unwrap();
        assert_eq!(TransferEnvelope::recognise(&landed).unwrap().fee, 50_000);
    }
    // A client that starts anew goes on counting. Nothing is signed, and the amount is free again.
    let result = capped().get(seller.url("/3")).send().await;
    let PaymentError::OverCap(over) = result.failure() else {
        panic!("{result:?}")
    };
    assert_eq!(over.cap, Cap::PerHostPerDay);
    let spent = capped().spent("127.0.0.1").await.unwrap().per_day;
    assert_eq!((spent, ledger.settled()), (units(2), 2));

    let none = AssetCaps {
        per_payment: units(0),
        per_host_per_day: units(0),
        per_day: units(0),
    };
    let result = client(budget().network_fees(none)).get(seller.url("/4"));
    let result = result.send().await;
    assert!(matches!(result.failure(), PaymentError::OverCap(_)));
    assert_eq!(seller.seen.payments().len(), 2);
}

#[tokio::test]
async fn nothing_stays_open_longer_than_the_budget_allows() {
    let (ledger, store) = (ledger(), memory());
    for details in [sponsored(), unsponsored()] {
        let till = Till::new(10_000, details);
        let seller = Seller::start(move |call| match call.payment {
            None => asks(&till.header(now() + 3600, None)),
            Some(_) => answer(503, &[], ""),
        })
        .await;
        let budget = budget().longest_authorization(Duration::from_secs(30));
        let client = builder(&ledger, &store, budget).build().unwrap();
        let result = client.get(seller.url("/")).send().await;
        assert!(result.failure().may_have_paid());
        let header = &seller.seen.payments()[0];
        let payload = Credential::from_header(header).unwrap().payload;
        let ChargePayload::Transaction { transaction } = payload.read().unwrap() else {
            panic!("not by pull")
        };
        let envelope = Envelope::from_base64(&transaction).unwrap();
        let transfer = TransferEnvelope::recognise(&envelope).unwrap();
        match transfer.auth[0].credential() {
            coinslot_soroban_authorization::Credential::Address {
                expiration_ledger, ..
            } => assert!(expiration_ledger <= 1006, "{expiration_ledger}"),
            _ => assert!(transfer.time_bounds.unwrap().max_time <= now() + 30),
        }
    }
}

#[tokio::test]
async fn a_receipt_that_contradicts_what_was_signed_is_doubted() {
    let time = Timestamp::from_unix_seconds(now()).unwrap();
    let receipt = |method: &str, reference: &str| Receipt::new(method, reference, time.clone());
    let hash = "ab".repeat(32);
    let other = hash.parse().unwrap();
    for (header, doubt, details) in [
        (
            receipt("tempo", &hash).to_header(),
            ReceiptDoubt::Method(ServerText::new("tempo")),
            sponsored(),
        ),
        (
            receipt("stellar", "0x1234").to_header(),
            ReceiptDoubt::Transaction(ServerText::new("0x1234")),
            sponsored(),
        ),
        (
            receipt("stellar", &hash)
                .with_external_id("order-8")
                .to_header(),
            ReceiptDoubt::ExternalId(ServerText::new("order-8")),
            sponsored(),
        ),
        (
            receipt("stellar", &hash).to_header(),
            ReceiptDoubt::OtherTransaction(other),
            unsponsored(),
        ),
        ("garbage".to_owned(), ReceiptDoubt::Unreadable, sponsored()),
    ] {
        let (ledger, store) = (ledger(), memory());
        let mut asked = request(10_000, details);
        asked.external_id = Some("order-9".to_owned());
        let till = Till::of(&asked);
        let seller = Seller::start(move |call| match call.payment {
            None => till.challenge(),
            Some(_) => answer(200, &[("payment-receipt", &header)], "sunny"),
        })
        .await;
        let client = client(&ledger, &store);
        let response = client.get(seller.url("/")).send().await.unwrap();
        let receipt = response.extensions().get::<PaymentReceipt>().unwrap();
        assert_eq!(
            (&receipt.settlement, receipt.transaction()),
            (&Settlement::Doubtful(doubt), None)
        );
    }
}

#[tokio::test]
async fn what_is_not_payable_is_not_payable_by_mpp_either() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, sponsored());
    let seller = Seller::start(move |_| till.challenge()).await;
    let (address, port) = (seller.address, seller.address.port());
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    let caps = caps.per_host_per_day("$1").unwrap();
    let client = builder(
        &ledger,
        &store,
        caps.hosts(["shop.example", "127.0.0.1"]).unwrap(),
    )
    .configure(move |client| client.resolve("shop.example", address))
    .build()
    .unwrap();
    let file = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
    for (request, why) in [
        (
            client.get(format!("http://shop.example:{port}/")),
            NotPayable::Insecure,
        ),
        (
            client.get(format!("http://localhost:{port}/")),
            NotPayable::HostNotAllowed,
        ),
        (
            client.post(seller.url("/")).body(file),
            NotPayable::BodyNotReplayable,
        ),
    ] {
        let result = request.send().await;
        assert!(
            matches!(result.failure(), PaymentError::NotPayable(found) if *found == why),
            "{result:?}"
        );
    }
    assert_eq!(
        (seller.seen.requests(), seller.seen.payments().len()),
        (3, 0)
    );
}
