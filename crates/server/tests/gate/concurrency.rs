//! Many requests at once, impatient clients, and the services below.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use coinslot_payment_store::{PaymentStore, Store};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tower::ServiceBuilder;

use crate::harness::*;

/// Known failures 1 and 72: 64 requests with one payment run the handler once and settle once; the
/// others get the recorded answer, or 409 and then the recorded answer.
async fn sixty_four_requests_with_one_payment(store: Arc<dyn PaymentStore>) {
    let world = World::on(TestFacilitator::new(), store);
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let mut requests = JoinSet::new();
    for _ in 0..64 {
        let (seller, payment) = (seller.clone(), payment.clone());
        requests.spawn(async move {
            for _ in 0..1_000 {
                let reply = seller.pay("/", &payment).await;
                if reply.status != StatusCode::CONFLICT {
                    return reply;
                }
                reply.assert_try_again(StatusCode::CONFLICT, "payment_in_flight");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            panic!("in flight for ever");
        });
    }
    let replies = requests.join_all().await;
    assert_eq!(replies.len(), 64);
    for reply in &replies {
        assert_eq!((reply.status, reply.text()), (StatusCode::OK, "sunny 1"));
        assert_eq!(reply.receipt(), replies[0].receipt());
    }
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_requests_with_one_payment_in_memory() {
    sixty_four_requests_with_one_payment(Store::open("memory:").await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_requests_with_one_payment_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("payments.db").display());
    sixty_four_requests_with_one_payment(Store::open(&address).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_payments_buy_sixty_four_answers() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let mut requests = JoinSet::new();
    for nonce in 0..64 {
        let payment = seller.quote("/", nonce).await;
        let seller = seller.clone();
        requests.spawn(async move { seller.pay("/", &payment).await });
    }
    for reply in requests.join_all().await {
        assert_eq!(reply.status, StatusCode::OK);
    }
    assert_eq!((world.runs(), world.facilitator.moved()), (64, 64));
}

#[tokio::test]
async fn while_the_first_is_in_flight_the_same_payment_gets_409() {
    let world = World::new(TestFacilitator::new().then(Step::Wait));
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let first = tokio::spawn({
        let (seller, payment) = (seller.clone(), payment.clone());
        async move { seller.pay("/", &payment).await }
    });
    while world.facilitator.settles() == 0 {
        tokio::task::yield_now().await;
    }
    let busy = seller.pay("/", &payment).await;
    busy.assert_try_again(StatusCode::CONFLICT, "payment_in_flight");
    seller
        .pay("/other", &payment)
        .await
        .assert_refused("duplicate_payment");
    world.facilitator.release.notify_one();
    assert_eq!(first.await.unwrap().text(), "sunny 1");
    assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

/// A client who hangs up, at whatever moment, loses neither payment nor answer.
#[tokio::test]
async fn a_client_who_hangs_up_gets_the_answer_with_the_same_payment() {
    let world = World::new(TestFacilitator::new().then(Step::Wait));
    let started = Arc::new(Notify::new());
    let finish = Arc::new(Notify::new());
    let (runs, at_start, at_end) = (world.runs.clone(), started.clone(), finish.clone());
    let seller = App::new(&world.gate().await, move |_| {
        runs.fetch_add(1, Ordering::SeqCst);
        let (started, finish) = (at_start.clone(), at_end.clone());
        async move {
            started.notify_one();
            finish.notified().await;
            Response::new(Full::from("slow"))
        }
    });
    let payment = seller.quote("/", 1).await;
    let impatient = tokio::spawn({
        let (seller, payment) = (seller.clone(), payment.clone());
        async move { seller.pay("/", &payment).await }
    });
    while world.facilitator.settles() == 0 {
        tokio::task::yield_now().await;
    }
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    world.facilitator.release.notify_one();
    started.notified().await;
    let busy = seller.pay("/", &payment).await;
    busy.assert_try_again(StatusCode::CONFLICT, "payment_in_flight");
    finish.notify_one();
    let mut reply = seller.pay("/", &payment).await;
    while reply.status == StatusCode::CONFLICT {
        tokio::task::yield_now().await;
        reply = seller.pay("/", &payment).await;
    }
    assert_eq!(
        (reply.text(), world.runs(), world.facilitator.settles()),
        ("slow", 1, 1)
    );
}

/// The lease is renewed for as long as the work takes, so that nobody takes it over.
#[tokio::test]
async fn a_slow_handler_keeps_its_lease() {
    let world = World::new(TestFacilitator::new());
    let lease = Duration::from_millis(300);
    let finish = Arc::new(Notify::new());
    let (runs, at_end) = (world.runs.clone(), finish.clone());
    let gate = world.builder().lease(lease).build().await.unwrap();
    let seller = App::new(&gate, move |_| {
        runs.fetch_add(1, Ordering::SeqCst);
        let finish = at_end.clone();
        async move {
            finish.notified().await;
            Response::new(Full::from("slow"))
        }
    });
    let payment = seller.quote("/", 1).await;
    let first = tokio::spawn({
        let (seller, payment) = (seller.clone(), payment.clone());
        async move { seller.pay("/", &payment).await }
    });
    // The clock that leases go by moves with real time here.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.clock.advance(Duration::from_millis(50));
        let second = tokio::time::timeout(Duration::from_secs(5), seller.pay("/", &payment)).await;
        assert_eq!(
            second.expect("nobody takes over").status,
            StatusCode::CONFLICT
        );
    }
    finish.notify_one();
    assert_eq!(first.await.unwrap().text(), "slow");
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

/// The service that was polled ready is the one that is called: under `concurrency_limit` and
/// `buffer` any other panics.
#[tokio::test]
async fn services_that_must_be_polled_ready_are_called_right() {
    let world = World::new(TestFacilitator::new());
    let gate = world.gate().await;
    let at_once = Arc::new(AtomicUsize::new(0));
    let (most, now) = (at_once.clone(), Arc::new(AtomicUsize::new(0)));
    let inner = ServiceBuilder::new().concurrency_limit(2).service_fn(
        move |_: Request<Full<bytes::Bytes>>| {
            let (most, now) = (most.clone(), now.clone());
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(2)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, std::convert::Infallible>(Response::new(Full::from("limited")))
            }
        },
    );
    let limited = App::over(tower::Layer::layer(&gate, inner));
    let mut requests = JoinSet::new();
    for nonce in 0..16 {
        let payment = limited.quote("/", nonce).await;
        let limited = limited.clone();
        requests.spawn(async move { limited.pay("/", &payment).await });
    }
    for reply in requests.join_all().await {
        assert_eq!((reply.status, reply.text()), (StatusCode::OK, "limited"));
    }
    assert!((1..=2).contains(&at_once.load(Ordering::SeqCst)));

    let inner =
        ServiceBuilder::new()
            .buffer(4)
            .service_fn(|_: Request<Full<bytes::Bytes>>| async {
                Ok::<_, std::convert::Infallible>(Response::new(Full::from("buffered")))
            });
    let service = tower::Layer::layer(&gate, inner);
    let payment = limited.quote("/", 100).await;
    let response = tower::ServiceExt::oneshot(service, paid("/", &payment))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
