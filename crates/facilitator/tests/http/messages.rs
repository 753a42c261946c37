//! What each route answers, to good and to bad requests.

use coinslot_facilitator_api::{Facilitator as _, HttpFacilitator, Settlement};
use tokio::task::JoinSet;

use super::world::{PRICE, World};

#[tokio::test]
async fn a_payment_goes_through() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let payer = world.payer().await;
    let payment = world.payment(&payer).await.to_json();

    let verified = served.post("/verify", payment.clone()).await;
    assert_eq!(verified.status, 200);
    let expected = format!(r#"{{"isValid":true,"payer":"{}"}}"#, payer.account_id());
    assert_eq!(verified.text, expected);

    let settled = served.post("/settle", payment.clone()).await;
    assert_eq!(settled.status, 200, "{settled:?}");
    let answer = settled.json();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["network"], "stellar:testnet");
    assert_eq!(answer["payer"], payer.account_id().to_string());
    assert_eq!(answer["amount"], PRICE.to_string());
    assert_eq!(answer["transaction"].as_str().unwrap().len(), 64);
    assert_eq!(world.paid().await, u128::from(PRICE));
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_without_a_memory_is_told_of_one_success() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let payment = world.payment(&world.payer().await).await.to_json();
    let mut requests = JoinSet::new();
    for _ in 0..16 {
        let request = served.http.post(format!("{}/settle", served.address));
        let request = request.body(payment.clone());
        requests.spawn(async move { super::world::Answer::of(request).await });
    }
    let mut told = 0;
    for answer in requests.join_all().await {
        assert_eq!(answer.status, 200, "{answer:?}");
        if answer.json()["success"] == true {
            told += 1;
        } else {
            assert_eq!(answer.json()["errorReason"], "duplicate_payment");
        }
    }
    assert_eq!(told, 1);
    let verified = served.post("/verify", payment.clone()).await.json();
    assert_eq!(verified["invalidReason"], "duplicate_payment");

    // The success belongs to whoever was told of it first.
    let named = served.post_naming("a-purchase", &payment).await.json();
    assert_eq!(named["errorReason"], "duplicate_payment");
    assert_eq!(world.paid().await, u128::from(PRICE));
    served.stop().await;
}

#[tokio::test]
async fn a_purchase_with_a_name_is_told_as_often_as_it_asks() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let client = HttpFacilitator::builder(&served.address).build().unwrap();
    let payment = world.payment(&world.payer().await).await;
    assert!(client.verify(&payment).await.unwrap().is_valid);
    let mine = payment.clone().with_idempotency_key("mine");
    let first = client.settle(&mine).await.unwrap();
    assert!(first.is_confirmed(), "{first:?}");
    assert_eq!(client.settle(&mine).await.unwrap(), first);

    // To any other purchase the payment is used.
    let body = payment.to_json();
    for other in [
        served.post_naming("another", &body).await,
        served.post("/settle", body).await,
    ] {
        assert_eq!(other.status, 200, "{other:?}");
        assert_eq!(other.json()["errorReason"], "duplicate_payment");
    }
    assert!(!client.verify(&payment).await.unwrap().is_valid);
    assert_eq!(client.settle(&mine).await.unwrap(), first);
    assert_eq!(world.paid().await, u128::from(PRICE));
    served.stop().await;
}

#[tokio::test]
async fn a_purchase_name_is_one_visible_ascii_text() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let payment = world.payment(&world.payer().await).await.to_json();
    for name in ["", "caf\u{e9}", &"k".repeat(256)] {
        let answer = served.post_naming(name, &payment).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &"malformed".into()),
            "{name}"
        );
    }
    let twice = served
        .http
        .post(format!("{}/settle", served.address))
        .body(payment);
    let twice = twice
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    assert_eq!(super::world::Answer::of(twice).await.status, 400);
    assert_eq!(world.paid().await, 0);
    served.stop().await;
}

#[tokio::test]
async fn a_refused_payment_is_an_answer_and_not_an_error() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let mut payment = world.payment(&world.payer().await).await;
    payment.payment_requirements.amount = coinslot_usdc_amount::BaseUnits::from_u64(1);
    payment.payment_payload.accepted = payment.payment_requirements.clone();
    let wrong_amount = "invalid_exact_stellar_payload_wrong_amount";
    let verified = served.post("/verify", payment.to_json()).await;
    assert_eq!(
        (verified.status, &verified.json()["invalidReason"]),
        (200, &wrong_amount.into())
    );
    let settled = served.post("/settle", payment.to_json()).await;
    assert_eq!(settled.status, 200);
    let answer = settled.json();
    assert_eq!(
        (&answer["success"], &answer["errorReason"]),
        (&false.into(), &wrong_amount.into())
    );
    assert_eq!(
        (&answer["transaction"], &answer["network"]),
        (&"".into(), &"stellar:testnet".into())
    );
    served.stop().await;
}

#[tokio::test]
async fn an_outage_is_503_and_pending_is_503_both_with_retry_after() {
    let world = World::new().await;
    let served = world.serve(&["--answer-seconds", "1"]).await.unwrap();
    let payment = world.payment(&world.payer().await).await.to_json();

    world.network.fail_next("simulateTransaction", 3);
    let verified = served.post("/verify", payment.clone()).await;
    assert_eq!(verified.status, 503, "{verified:?}");
    assert_eq!(verified.json()["invalidReason"], "ledger_unavailable");
    assert!(
        verified
            .header("retry-after")
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );

    world.network.fail_next("simulateTransaction", 3);
    let settled = served.post("/settle", payment.clone()).await;
    assert_eq!(settled.status, 503, "{settled:?}");
    assert_eq!(settled.json()["errorReason"], "ledger_unavailable");
    assert_eq!(settled.json()["transaction"], "");
    assert!(settled.header("retry-after").is_some());

    // Submitted, and for a while nobody knows.
    world.network.fail_next("getTransaction", 12);
    let settled = served.post("/settle", payment.clone()).await;
    assert_eq!(settled.status, 503, "{settled:?}");
    assert_eq!(settled.json()["errorReason"], "settlement_pending");
    assert_eq!(settled.json()["transaction"].as_str().unwrap().len(), 64);
    assert!(settled.header("retry-after").is_some());
    loop {
        assert_eq!(
            served.post("/verify", payment.clone()).await.json()["isValid"],
            true
        );
        let again = served.post("/settle", payment.clone()).await;
        if again.status == 200 {
            assert_eq!(again.json()["success"], true);
            break;
        }
    }
    assert_eq!(world.paid().await, u128::from(PRICE));
    served.stop().await;
}

#[tokio::test]
async fn what_is_no_request_gets_400_and_a_sentence() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let good = world.payment(&world.payer().await).await;
    let text = String::from_utf8(good.to_json()).unwrap();
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "{".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "\u{0}".to_owned(),
        deep,
        text.replace("\"x402Version\":2", "\"x402Version\":1"),
        text.replace("\"10000\"", "10000"),
        text.replace("\"10000\"", "\"0x10\""),
        text.replace("\"10000\"", "\" 10000\""),
        text.replace("\"10000\"", "\"+10000\""),
        text.replace("stellar:testnet", "stellar"),
    ];
    for body in bodies {
        for path in ["/verify", "/settle"] {
            let answer = served.post(path, body.clone()).await;
            let shown = &body[..body.len().min(80)];
            assert_eq!(answer.status, 400, "{shown}: {answer:?}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.json()["error"], "malformed", "{shown}");
            assert!(!answer.json()["message"].as_str().unwrap().is_empty());
            assert!(answer.json().get("isValid").is_none());
        }
    }
    // A payment whose transaction is junk is a bad payment, not a bad request.
    for junk in ["", "AAAA", "not base64", "AAAA AAAA"] {
        let mut payment = good.clone();
        payment
            .payment_payload
            .payload
            .insert("transaction".to_owned(), junk.into());
        let answer = served.post("/verify", payment.to_json()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(
            answer.json()["invalidReason"],
            "invalid_exact_stellar_payload_malformed"
        );
    }
    let huge = served.post("/settle", vec![b' '; 300 * 1024]).await;
    assert_eq!(
        (huge.status, &huge.json()["error"]),
        (413, &"too_large".into())
    );
    assert_eq!(served.get("/nowhere").await.status, 404);
    let get = served.get("/settle").await;
    assert_eq!(
        (get.status, &get.json()["error"]),
        (405, &"method_not_allowed".into())
    );
    served.stop().await;
}

#[tokio::test]
async fn supported_health_and_metrics_tell_what_is() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let supported = served.get("/supported").await.json();
    assert_eq!(supported["kinds"][0]["scheme"], "exact");
    assert_eq!(supported["kinds"][0]["x402Version"], 2);
    assert_eq!(supported["kinds"][0]["extra"]["areFeesSponsored"], true);
    assert_eq!(supported["extensions"][0], "idempotent-settlement");
    assert!(
        supported["signers"]["stellar:*"][0]
            .as_str()
            .unwrap()
            .starts_with('G')
    );

    let health = served.get("/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json()["status"], "ok");
    assert_eq!(health.json()["sponsors"]["canPay"], 1);

    let payment = world.payment(&world.payer().await).await.to_json();
    assert_eq!(served.post("/settle", payment).await.status, 200);
    let metrics = served.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    for line in [
        r#"coinslot_facilitator_settlements_total{outcome="confirmed"} 1"#,
        r#"coinslot_facilitator_submitted_total{kind="first"} 1"#,
        r#"coinslot_facilitator_requests_total{endpoint="/settle",status="200"} 1"#,
        "coinslot_facilitator_claimed_total 1",
    ] {
        assert!(
            metrics.text.lines().any(|found| found == line),
            "{line}: {}",
            metrics.text
        );
    }
    served.stop().await;
}

#[tokio::test]
async fn an_unhealthy_facilitator_says_which_part_fails() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    world.network.fail_next("getLatestLedger", 1000);
    let health = served.get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(health.json()["rpc"]["status"], "failing");
    assert_eq!(health.json()["store"]["status"], "ok");
    world.network.fail_next("getLatestLedger", 0);
    served.stop().await;
}

#[tokio::test]
async fn stopping_waits_for_what_is_in_flight() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    let payment = world.payment(&world.payer().await).await;
    let client = HttpFacilitator::builder(&served.address).build().unwrap();
    let settling = tokio::spawn(async move { client.settle(&payment).await });
    // Until the facilitator has claimed it.
    while !served
        .get("/metrics")
        .await
        .text
        .contains("claimed_total 1")
    {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    served.stop().await;
    assert!(matches!(
        settling.await.unwrap(),
        Ok(Settlement::Confirmed(_))
    ));
    assert_eq!(world.paid().await, u128::from(PRICE));
}
