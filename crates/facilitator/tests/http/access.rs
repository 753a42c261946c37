//! Who is let in, and how much they may ask for.

use std::sync::Arc;

use coinslot_facilitator::StartError;
use coinslot_facilitator::config::ConfigError;
use tokio::task::JoinSet;

use super::world::{Answer, World};

const KEY: &str = "a-key-of-a-test-0123456789";

#[tokio::test]
async fn off_loopback_it_does_not_start_without_a_key() {
    let world = World::new().await;
    let error = world.serve(&["--listen", "0.0.0.0:0"]).await.err().unwrap();
    assert!(
        matches!(error, StartError::Config(ConfigError::NoApiKey)),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("FACILITATOR_API_KEYS"),
        "{error}"
    );
}

#[tokio::test]
async fn with_keys_only_their_holders_verify_settle_and_see_metrics() {
    let world = World::new().await;
    let served = world.serve(&["--api-key", KEY]).await.unwrap();
    let payment = world.payment(&world.payer().await).await.to_json();
    for path in ["/verify", "/settle"] {
        let url = format!("{}{path}", served.address);
        let without = served.post(path, payment.clone()).await;
        assert_eq!(without.status, 401);
        assert_eq!(without.header("www-authenticate"), Some("Bearer"));
        assert_eq!(without.json()["error"], "unauthorized");
        let wrong = served.http.post(&url).bearer_auth("another-key-0123456789");
        assert_eq!(Answer::of(wrong.body(payment.clone())).await.status, 401);
        // Who is not let in learns nothing about what was sent.
        assert_eq!(served.post(path, "junk").await.status, 401);
        let right = served
            .http
            .post(&url)
            .bearer_auth(KEY)
            .body(payment.clone());
        assert_eq!(Answer::of(right).await.status, 200);
    }
    assert_eq!(served.get("/metrics").await.status, 401);
    assert_eq!(served.get("/supported").await.status, 200);
    assert_eq!(served.get("/health").await.status, 200);
    served.stop().await;
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let world = World::new().await;
    let served = world.serve(&[]).await.unwrap();
    assert!(
        !served
            .get("/supported")
            .await
            .header("x-request-id")
            .unwrap()
            .is_empty()
    );
    let url = format!("{}/nowhere", served.address);
    let named = Answer::of(served.http.get(url).header("x-request-id", "order-7")).await;
    assert_eq!(
        (named.status, named.header("x-request-id")),
        (404, Some("order-7"))
    );
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_much_is_slowed_down() {
    let world = World::new().await;
    let flags = ["--api-key", KEY, "--requests-per-second", "5"];
    let served = Arc::new(world.serve(&flags).await.unwrap());
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let served = Arc::clone(&served);
        requests.spawn(async move {
            let request = served
                .http
                .post(format!("{}/verify", served.address))
                .bearer_auth(KEY);
            Answer::of(request.body("junk")).await
        });
    }
    let mut turned = 0;
    for answer in requests.join_all().await {
        if answer.status == 429 {
            assert_eq!(answer.json()["error"], "too_many_requests");
            assert!(answer.header("retry-after").is_some());
            turned += 1;
        } else {
            assert_eq!(answer.status, 400);
        }
    }
    assert!(turned >= 5, "{turned}");
}
