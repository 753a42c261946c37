//! When something fails: the right status, nothing for free, and nothing paid twice.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use coinslot_payment_store::*;
use coinslot_x402_wire::{ReasonCode, VerifyResponse};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, ServiceExt};

use crate::harness::*;

/// Known failures 23 and 67: an outage is 503, never 402.
#[tokio::test]
async fn a_facilitator_that_is_down_is_503_and_the_same_payment_is_good_later() {
    let world = World::new(TestFacilitator::new().then(Step::Unavailable));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let outages = [
        Err(()),
        Ok(VerifyResponse::invalid(ReasonCode::LedgerUnavailable)),
        Ok(VerifyResponse::invalid(ReasonCode::UnexpectedVerifyError)),
    ];
    for outage in outages {
        world
            .facilitator
            .verify_steps
            .lock()
            .unwrap()
            .push_back(outage);
        let reply = seller.pay("/", &payment).await;
        reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    }
    assert_eq!(world.facilitator.settles(), 0);
    let settle_down = seller.pay("/", &payment).await;
    settle_down.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(world.runs(), 0);
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    assert_eq!(world.facilitator.moved(), 1);
}

/// Known failure 67: `settlement failed` is told as such, with the failed receipt.
#[tokio::test]
async fn a_settlement_that_fails_is_402_with_the_reason_and_runs_nothing() {
    let reason = ReasonCode::from("settle_exact_stellar_transaction_failed");
    let world = World::new(TestFacilitator::new().then(Step::Fail(reason)));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let reply = seller.pay("/", &payment).await;
    reply.assert_refused("settle_exact_stellar_transaction_failed");
    let receipt = reply.receipt();
    assert!(!receipt.success);
    assert_eq!(receipt.transaction, "");
    assert_eq!(world.runs(), 0);
    assert_eq!(
        seller.pay("/", &payment).await.text(),
        "sunny 1",
        "nothing was broadcast: try again"
    );
}

#[tokio::test]
async fn a_payment_that_failed_on_chain_is_not_tried_again() {
    let reason = ReasonCode::StellarTransactionFailed;
    let world = World::new(TestFacilitator::new().then(Step::FailOnChain(reason)));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    for _ in 0..2 {
        let reply = seller.pay("/", &payment).await;
        reply.assert_refused("settle_exact_stellar_transaction_failed");
        assert_eq!(reply.receipt().transaction, "f".repeat(64));
    }
    assert_eq!((world.facilitator.settles(), world.runs()), (1, 0));
}

/// Known failure 66: an unknown outcome never asks for a second payment.
#[tokio::test]
async fn a_lost_answer_is_pending_and_the_same_credential_goes_on() {
    let world = World::new(TestFacilitator::new().then(Step::LoseAnswer));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let lost = seller.pay("/", &payment).await;
    lost.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
    assert!(
        lost.json()["paymentId"]
            .as_str()
            .unwrap()
            .starts_with("auth:")
    );
    assert_eq!(world.runs(), 0);
    let too_soon = seller.pay("/", &payment).await;
    too_soon.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
    assert_eq!(world.facilitator.settles(), 1);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    assert_eq!((world.facilitator.moved(), world.runs()), (1, 1));
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
}

#[tokio::test]
async fn a_pending_settlement_is_followed_until_it_is_known() {
    let facilitator = TestFacilitator::new()
        .then(Step::Pending(3))
        .then(Step::Unavailable);
    let world = World::new(facilitator.then(Step::Pending(3)));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    for try_number in 1..=3 {
        let reply = seller.pay("/", &payment).await;
        reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
        assert_eq!(world.facilitator.settles(), try_number);
        if try_number != 2 {
            assert_eq!(reply.header("retry-after"), "3");
            assert_eq!(reply.json()["transaction"], "a".repeat(64));
        }
        world.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
}

/// A facilitator without idempotent settlement says "failed" when it is asked again, though the
/// first try had moved the money: that is not believed.
#[tokio::test]
async fn a_failure_after_an_unknown_outcome_is_not_believed_of_a_forgetful_facilitator() {
    let world = World::new(TestFacilitator::forgetful().then(Step::LoseAnswer));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    for _ in 0..3 {
        let reply = seller.pay("/", &payment).await;
        reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
        world.clock.advance(Duration::from_secs(60));
    }
    assert_eq!((world.facilitator.moved(), world.runs()), (1, 0));
}

#[tokio::test]
async fn a_failure_after_an_unknown_outcome_is_believed_of_an_idempotent_facilitator() {
    let reason = ReasonCode::StellarTransactionFailed;
    let world = World::new(
        TestFacilitator::new()
            .then(Step::Pending(1))
            .then(Step::Fail(reason)),
    );
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    seller.pay("/", &payment).await;
    world.clock.advance(Duration::from_secs(60));
    for _ in 0..2 {
        let reply = seller.pay("/", &payment).await;
        reply.assert_refused("settle_exact_stellar_transaction_failed");
    }
    assert_eq!(world.facilitator.settles(), 2);
}

/// Known failure 59: one debit under two names buys one answer.
#[tokio::test]
async fn a_transaction_that_bought_something_buys_nothing_else() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let network = coinslot_caip2_network::StellarNetwork::Testnet.network_id();
    let payment = seller.quote("/", 1).await;
    assert_eq!(seller.pay("/", &payment).await.status, StatusCode::OK);
    let by_hash = ClaimKey::delivery(PaymentId::transaction(&network, &format!("{:064X}", 1)));
    let claim = world
        .store
        .load(&by_hash)
        .await
        .unwrap()
        .expect("consumed under its hash too");
    assert_eq!(claim.state, ClaimState::Settled);

    // A facilitator that tells the same transaction for another payment is not believed.
    let other = seller.quote("/", 2).await;
    world.facilitator.settled.lock().unwrap().clear();
    seller
        .pay("/", &other)
        .await
        .assert_refused("duplicate_payment");
    assert_eq!(world.runs(), 1);
}

/// The money moved, so the receipt is told, whatever the handler answers.
#[tokio::test]
async fn a_handler_that_fails_was_paid_and_answers_with_the_receipt() {
    let world = World::new(TestFacilitator::new());
    let seller = App::new(&world.gate().await, |_| async {
        Response::builder()
            .status(500)
            .body(Full::from("broken"))
            .unwrap()
    });
    let payment = seller.quote("/", 1).await;
    for _ in 0..2 {
        let reply = seller.pay("/", &payment).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (500, "broken"));
        assert!(reply.receipt().success);
    }
    assert_eq!(world.facilitator.settles(), 1);
}

#[tokio::test]
async fn a_handler_that_panics_is_500_with_the_receipt_and_is_not_run_again() {
    let world = World::new(TestFacilitator::new());
    let runs = Arc::clone(&world.runs);
    let seller = App::new(&world.gate().await, move |_| {
        runs.fetch_add(1, Ordering::SeqCst);
        async { panic!("a bug in the handler") }
    });
    let payment = seller.quote("/", 1).await;
    for _ in 0..2 {
        let reply = seller.pay("/", &payment).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(reply.json()["error"], "internal_error");
        assert!(reply.receipt().success);
        assert!(!reply.text().contains("a bug in the handler"));
    }
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

#[tokio::test]
async fn a_service_that_fails_is_500_with_the_receipt() {
    let world = World::new(TestFacilitator::new());
    let payment = world.seller().await.quote("/", 1).await;
    let inner = tower::service_fn(|_: Request<Full<bytes::Bytes>>| async {
        Err::<Response<Full<bytes::Bytes>>, _>(std::io::Error::other("overloaded"))
    });
    let service = world.gate().await.layer(inner);
    let response = service.oneshot(paid("/", &payment)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("payment-response"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_500_with_the_receipt() {
    #[derive(Clone)]
    struct Broken;
    impl http_body::Body for Broken {
        type Data = bytes::Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, std::io::Error>>>
        {
            std::task::Poll::Ready(Some(Err(std::io::Error::other("upstream"))))
        }
        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(5)
        }
    }
    let world = World::new(TestFacilitator::new());
    let payment = world.seller().await.quote("/", 1).await;
    let inner = tower::service_fn(|_: Request<Full<bytes::Bytes>>| async {
        Ok::<_, Infallible>(Response::new(Broken))
    });
    let service = world.gate().await.layer(inner);
    let response = service.oneshot(paid("/", &payment)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("payment-response"));
}

/// A store whose reading or writing fails on demand.
struct Flaky {
    store: MemoryStore,
    load: AtomicBool,
    claim: AtomicBool,
    update: AtomicBool,
}

fn down(flag: &AtomicBool) -> Result<(), StoreError> {
    if flag.load(Ordering::SeqCst) {
        Err(Outage::Closed.into())
    } else {
        Ok(())
    }
}

#[async_trait]
impl PaymentStore for Shared<Flaky> {
    async fn claim(
        &self,
        key: &ClaimKey,
        detail: &[u8],
        now: UnixMillis,
        lease_until: UnixMillis,
    ) -> Result<ClaimOutcome, StoreError> {
        down(&self.0.claim)?;
        self.0.store.claim(key, detail, now, lease_until).await
    }
    async fn load(&self, key: &ClaimKey) -> Result<Option<Claim>, StoreError> {
        down(&self.0.load)?;
        self.0.store.load(key).await
    }
    async fn update(&self, claim: &Claim, next: ClaimUpdate) -> Result<Claim, StoreError> {
        down(&self.0.update)?;
        self.0.store.update(claim, next).await
    }
    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.0.store.release(claim).await
    }
    async fn pending(
        &self,
        scope: Scope,
        after: Option<&PaymentId>,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        self.0.store.pending(scope, after, limit).await
    }
    async fn record(&self, collection: &str, key: &str) -> Result<Option<Record>, StoreError> {
        self.0.store.record(collection, key).await
    }
    async fn put_record(
        &self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        self.0
            .store
            .put_record(collection, key, expected, value)
            .await
    }
    async fn remove_record(
        &self,
        collection: &str,
        key: &str,
        expected: u64,
    ) -> Result<(), StoreError> {
        self.0.store.remove_record(collection, key, expected).await
    }
    async fn records(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        self.0.store.records(collection, after, limit).await
    }
    async fn purge(&self, scope: Scope, before: UnixMillis) -> Result<u64, StoreError> {
        self.0.store.purge(scope, before).await
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.0.store.ping().await
    }
}

#[tokio::test]
async fn a_store_that_is_down_serves_nothing_and_takes_no_money() {
    let flaky = Arc::new(Flaky {
        store: MemoryStore::new(),
        load: AtomicBool::new(true),
        claim: AtomicBool::new(false),
        update: AtomicBool::new(false),
    });
    let world = World::on(TestFacilitator::new(), Arc::new(Shared(Arc::clone(&flaky))));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    flaky.load.store(false, Ordering::SeqCst);
    flaky.claim.store(true, Ordering::SeqCst);
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!((world.facilitator.settles(), world.runs()), (0, 0));

    // Settled, but not written: nothing has run, and the same credential goes on from there.
    flaky.claim.store(false, Ordering::SeqCst);
    flaky.update.store(true, Ordering::SeqCst);
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
    assert_eq!((world.facilitator.settles(), world.runs()), (1, 0));
    flaky.update.store(false, Ordering::SeqCst);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    assert_eq!((world.facilitator.moved(), world.runs()), (1, 1));
}

/// A facilitator that never answers does not keep a buyer waiting for ever.
#[tokio::test]
async fn a_facilitator_that_hangs_leaves_the_payment_pending() {
    let world = World::new(TestFacilitator::new().then(Step::Hang));
    let patience = Duration::from_millis(50);
    let gate = world
        .builder()
        .facilitator_timeout(patience)
        .build()
        .await
        .unwrap();
    let seller = world.seller_behind(gate);
    let payment = seller.quote("/", 1).await;
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    assert_eq!((world.facilitator.moved(), world.runs()), (1, 1));
}

/// A facilitator that could not reach the ledger has broadcast nothing; of one that broke down,
/// nobody knows what it did.
#[tokio::test]
async fn a_facilitator_that_breaks_down_is_not_the_buyers_fault() {
    let facilitator = TestFacilitator::new().then(Step::Fail(ReasonCode::LedgerUnavailable));
    let world = World::new(facilitator.then(Step::Fail(ReasonCode::UnexpectedSettleError)));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "settlement_pending");
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
}
