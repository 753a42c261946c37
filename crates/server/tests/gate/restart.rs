//! A process that dies, and one that comes after it, on the same database file.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use coinslot_payment_store::{PaymentStore, Store};
use http::{Response, StatusCode};
use http_body_util::Full;
use tokio::runtime::Runtime;

use crate::harness::*;

async fn open(folder: &Path) -> Arc<dyn PaymentStore> {
    Store::open(&format!("sqlite:{}", folder.join("payments.db").display()))
        .await
        .unwrap()
}

/// Lives in a runtime of its own until `until` says so; then everything in it is gone, as after
/// `kill -9`.
fn process<T>(work: impl Future<Output = T>) -> T {
    let runtime = Runtime::new().unwrap();
    let output = runtime.block_on(work);
    runtime.shutdown_background();
    output
}

/// Known failure 66, after a restart too.
#[test]
fn the_recorded_answer_is_had_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (payment, first) = process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let seller = world.seller().await;
        let payment = seller.quote("/weather", 1).await;
        let first = seller.pay("/weather", &payment).await;
        (payment, first)
    });
    process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let seller = world.seller().await;
        let again = seller.pay("/weather", &payment).await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
        assert_eq!(again.receipt(), first.receipt());
        seller
            .pay("/other", &payment)
            .await
            .assert_refused("duplicate_payment");
        assert_eq!((world.runs(), world.facilitator.settles()), (0, 0));
    });
}

/// The process died while it settled. The money may have moved; nothing has run.
#[test]
fn a_claim_of_a_process_that_died_settling_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let payment = process(async {
        let world = World::on(
            TestFacilitator::new().then(Step::Hang),
            open(folder.path()).await,
        );
        let seller = world.seller().await;
        let payment = seller.quote("/", 1).await;
        let (lost, header) = (seller.clone(), payment.clone());
        tokio::spawn(async move { lost.pay("/", &header).await });
        while world.facilitator.settles() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        payment
    });
    process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let seller = world.seller().await;
        let held = seller.pay("/", &payment).await;
        held.assert_try_again(StatusCode::CONFLICT, "payment_in_flight");
        world.clock.advance(Duration::from_secs(31));
        assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
        assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
        assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
    });
}

/// The process died while the handler ran. Only then does a handler run twice for one payment; the
/// money is not moved twice.
#[test]
fn a_handler_of_a_process_that_died_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let payment = process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let runs = Arc::clone(&world.runs);
        let seller = App::new(&world.gate().await, move |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            pending::<Response<Full<bytes::Bytes>>>()
        });
        let payment = seller.quote("/", 1).await;
        let (lost, header) = (seller.clone(), payment.clone());
        tokio::spawn(async move { lost.pay("/", &header).await });
        while world.runs() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        payment
    });
    process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let seller = world.seller().await;
        world.clock.advance(Duration::from_secs(31));
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (seller, payment) = (seller.clone(), payment.clone());
            requests.spawn(async move { seller.pay("/", &payment).await });
        }
        for reply in requests.join_all().await {
            assert!(
                matches!(reply.status, StatusCode::OK | StatusCode::CONFLICT),
                "{reply:?}"
            );
        }
        let reply = seller.pay("/", &payment).await;
        assert_eq!(reply.text(), "sunny 1");
        assert!(reply.receipt().success);
        assert_eq!(world.runs(), 1, "one of eight took over");
        assert_eq!(
            world.facilitator.settles(),
            0,
            "the settlement was written before the handler ran"
        );
    });
}

#[test]
fn a_pending_payment_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let payment = process(async {
        let facilitator = TestFacilitator::new().then(Step::LoseAnswer);
        let world = World::on(facilitator, open(folder.path()).await);
        let seller = world.seller().await;
        let payment = seller.quote("/", 1).await;
        assert_eq!(
            seller.pay("/", &payment).await.status,
            StatusCode::SERVICE_UNAVAILABLE
        );
        payment
    });
    process(async {
        let world = World::on(TestFacilitator::new(), open(folder.path()).await);
        let seller = world.seller().await;
        world.clock.advance(Duration::from_secs(10));
        assert_eq!(seller.pay("/", &payment).await.text(), "sunny 1");
    });
}

/// A database that holds what this version cannot read is not served from.
#[tokio::test]
async fn a_claim_that_cannot_be_read_is_503() {
    use coinslot_payment_store::{ClaimKey, Clock, PaymentId};

    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let network = coinslot_caip2_network::StellarNetwork::Testnet.network_id();
    let payer = payer().account_id().to_string();
    let key = ClaimKey::delivery(PaymentId::authorization(&network, &payer, 1));
    world
        .store
        .claim(&key, b"{}", world.clock.now(), world.clock.now())
        .await
        .unwrap();
    let payment = seller.quote("/", 1).await;
    let reply = seller.pay("/", &payment).await;
    reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!((world.runs(), world.facilitator.settles()), (0, 0));
}

#[tokio::test]
async fn purging_forgets_no_payment_that_the_chain_would_still_take() {
    let world = World::new(TestFacilitator::new());
    let gate = world.gate().await;
    let seller = world.seller_behind(gate.clone());
    let payment = seller.quote("/", 1).await;
    seller.pay("/", &payment).await;
    world.clock.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(gate.purge(Duration::ZERO).await.unwrap(), 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(
        gate.purge(Duration::from_secs(24 * 60 * 60)).await.unwrap(),
        0
    );
    assert_eq!(gate.purge(Duration::ZERO).await.unwrap(), 1);
}
