//! The network's RPC fails at the worst moments.

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::{Facilitator as _, FacilitatorError};
use coinslot_payment_store::{MemoryStore, PaymentStore as _, Scope};
use coinslot_settlement::Timing;

use super::world::{PRICE, World, confirmed, pending, quick};

#[tokio::test]
async fn an_outage_before_anything_is_sent_is_not_the_payers_fault() {
    let world = World::new().await;
    let payer = world.payer().await;
    let store = Arc::new(MemoryStore::new());
    let facilitator = world
        .builder(store.clone())
        .sponsor(world.sponsor().await)
        .build()
        .await
        .unwrap();
    let request = world.payment(&payer).await;

    // Before the claim, and behind it.
    for (method, calls_before) in [("simulateTransaction", 0), ("getLedgerEntries", 1)] {
        world.network.fail_next(method, 1);
        let error = facilitator.settle(&request).await.unwrap_err();
        assert!(
            matches!(error, FacilitatorError::Unavailable { .. }),
            "{method}: {error:?}"
        );
        assert!(!error.may_have_settled() && error.retry_after_seconds().is_some());
        assert_eq!(world.recorder.count("Claimed"), calls_before, "{method}");
        let open = store.pending(Scope::Settlement, None, 10).await.unwrap();
        assert!(open.is_empty(), "{method}: the claim is released");
    }
    world.network.fail_next("simulateTransaction", 1);
    let error = facilitator.verify(&request).await.unwrap_err();
    assert!(
        matches!(error, FacilitatorError::Unavailable { .. }),
        "{error:?}"
    );

    confirmed(facilitator.settle(&request).await.unwrap());
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_lost_answer_to_the_submission_loses_no_payment() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    world.network.drop_answers("sendTransaction", 1);
    confirmed(facilitator.settle(&request).await.unwrap());
    assert_eq!(world.recorder.count("Submitted"), 1);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_submission_that_did_not_arrive_is_sent_again() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    world.network.fail_next("sendTransaction", 2);
    confirmed(facilitator.settle(&request).await.unwrap());
    assert_eq!(world.recorder.count("Submitted"), 1, "the same transaction");
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn an_outcome_that_is_not_known_yet_is_pending_and_the_same_request_learns_it() {
    let world = World::manual().await;
    let payer = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let timing = Timing {
        answer_within: Duration::from_millis(300),
        ..quick()
    };
    let store = Arc::new(MemoryStore::new());
    let facilitator = world
        .builder(store)
        .sponsor(sponsor)
        .timing(timing)
        .build()
        .await
        .unwrap();
    let request = world.payment(&payer).await;

    let first = pending(facilitator.settle(&request).await.unwrap());
    assert_eq!(first.payer, Some(payer.account_id().to_string()));
    assert_eq!(first.transaction.len(), 64, "what was broadcast is named");
    assert!(facilitator.verify(&request).await.unwrap().is_valid);
    assert_eq!(world.usdc(&world.payee).await, 0);

    world.network.close_ledger().await.unwrap();
    let settled = loop {
        match facilitator.settle(&request).await.unwrap() {
            again if again.is_confirmed() => break confirmed(again),
            again => drop(pending(again)),
        }
    };
    assert_eq!(settled.transaction, first.transaction);
    assert_eq!(world.recorder.count("Submitted"), 1);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_stale_sequence_number_is_asked_for_again() {
    let world = World::new().await;
    let payer = world.payer().await;
    let sponsor = world.sponsor().await;
    let store = Arc::new(MemoryStore::new());
    let facilitator = world
        .builder(store)
        .sponsor(sponsor.clone())
        .build()
        .await
        .unwrap();
    let first = world.payment(&payer).await;
    confirmed(facilitator.settle(&first).await.unwrap());
    facilitator.drained().await;

    // Another program uses the sponsor's account.
    world.network.trust_usdc(&sponsor).await.unwrap();
    let second = world.payment(&payer).await;
    confirmed(facilitator.settle(&second).await.unwrap());
    assert_eq!(world.usdc(&world.payee).await, u128::from(2 * PRICE));
}
