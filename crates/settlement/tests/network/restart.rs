//! A facilitator dies in the middle of a settlement, and another goes on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_payment_store::{
    ClaimKey, Clock as _, PaymentId, PaymentStore, Scope, Store, SystemClock,
};
use coinslot_settlement::Timing;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{Ledger as _, TransactionStatus};
use coinslot_x402_wire::FacilitatorRequest;

use super::world::{PRICE, World, confirmed, pending, quick, transaction_of};

async fn open(path: &Path) -> Arc<dyn PaymentStore> {
    Store::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap()
}

/// Settles on a runtime of its own, which is gone when the payment is pending.
async fn settle_and_die(
    world: &Arc<World>,
    path: &Path,
    sponsor: &SecretKey,
    request: &FacilitatorRequest,
) -> String {
    let (world, path, sponsor) = (Arc::clone(world), path.to_owned(), sponsor.clone());
    let request = request.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let answer = runtime.block_on(async {
            let timing = Timing {
                answer_within: Duration::from_millis(500),
                ..quick()
            };
            let store = open(&path).await;
            let facilitator = world
                .builder(store)
                .sponsor(sponsor)
                .timing(timing)
                .build()
                .await
                .unwrap();
            facilitator.settle(&request).await.unwrap()
        });
        runtime.shutdown_background();
        pending(answer).transaction
    })
    .join()
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_submitted_before_a_crash_is_found_after_it() {
    let world = Arc::new(World::manual().await);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payments.db");
    let payer = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let request = world.payment(&payer).await;
    let transaction = settle_and_die(&world, &path, &sponsor, &request).await;

    // It lands while nobody looks.
    world.network.close_ledger().await.unwrap();
    let facilitator = world
        .builder(open(&path).await)
        .sponsor(sponsor)
        .build()
        .await
        .unwrap();
    let settled = confirmed(facilitator.settle(&request).await.unwrap());
    assert_eq!(settled.transaction, transaction);
    assert_eq!(world.recorder.count("Submitted"), 1);
    assert_eq!(world.recorder.count("Resumed"), 1);
    facilitator.drained().await;
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));

    // And what it answered is still known to the next run.
    let restarted = world
        .builder(open(&path).await)
        .sponsor(world.closing(world.sponsor()).await);
    let restarted = restarted.build().await.unwrap();
    assert_eq!(
        confirmed(restarted.settle(&request).await.unwrap()).transaction,
        transaction
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_submitted_before_a_crash_is_submitted_after_it() {
    let world = Arc::new(World::manual().await);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payments.db");
    let payer = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let request = world.payment(&payer).await;
    world.network.fail_next("sendTransaction", 1);
    let transaction = settle_and_die(&world, &path, &sponsor, &request).await;

    let facilitator = world
        .builder(open(&path).await)
        .sponsor(sponsor)
        .build()
        .await
        .unwrap();
    // The sponsor belongs to the old payment until that has landed: a new one waits for it.
    let next = world.payer().await;
    let next = world.payment(&next).await;
    let (old, new) = world
        .closing(async { tokio::join!(facilitator.settle(&request), facilitator.settle(&next)) })
        .await;
    confirmed(new.unwrap());
    // The same transaction, by now perhaps in a fee bump with a higher bid.
    let landed = confirmed(old.unwrap()).transaction.parse().unwrap();
    let TransactionStatus::Succeeded { envelope, .. } =
        world.ledger.transaction(&landed).await.unwrap()
    else {
        panic!("it has landed");
    };
    assert_eq!(
        envelope.inner_hash(&world.network.network_id()).to_string(),
        transaction
    );
    assert_eq!(world.usdc(&world.payee).await, u128::from(2 * PRICE));
}

#[tokio::test]
async fn a_claim_that_was_left_before_anything_was_broadcast_is_let_go() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("payments.db")).await;
    let facilitator = world
        .builder(Arc::clone(&store))
        .sponsor(world.sponsor().await)
        .build()
        .await
        .unwrap();
    let payer = world.payer().await;
    let request = world.payment(&payer).await;
    // The record of a real claim, left behind by a process that died with it.
    confirmed(facilitator.settle(&request).await.unwrap());
    let nonce = match transaction_of(&request).auth[0].credential() {
        coinslot_soroban_authorization::Credential::Address { nonce, .. } => nonce,
        other => panic!("{other:?}"),
    };
    let network = world.network.network_id();
    let id = PaymentId::authorization(&network, &payer.account_id().to_string(), nonce);
    let detail = store
        .load(&ClaimKey::settlement(id))
        .await
        .unwrap()
        .unwrap()
        .detail;
    let left = ClaimKey::settlement(PaymentId::authorization(&network, "someone", 1));
    let past = SystemClock.now().saturating_sub(Duration::from_secs(60));
    store
        .claim(
            &left,
            &detail,
            past,
            past.saturating_add(Duration::from_secs(1)),
        )
        .await
        .unwrap();

    let resumed = facilitator.resume_pending().await.unwrap();
    assert_eq!(
        (resumed.released, resumed.followed, resumed.unreadable),
        (1, 0, 0)
    );
    assert!(
        store
            .pending(Scope::Settlement, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}
