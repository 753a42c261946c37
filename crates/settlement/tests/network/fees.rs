//! What settlements cost, and who pays.

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{FeePolicy, Timing};
use coinslot_stellar_ledger::{Ledger as _, TransactionStatus};

use super::world::{PRICE, World, confirmed, quick, reason};

#[tokio::test]
async fn a_fee_bump_account_pays_in_place_of_the_sponsor() {
    let world = World::new().await;
    let payer = world.payer().await;
    let (sponsor, fees) = (world.sponsor().await, world.sponsor().await);
    let (sponsor_id, fees_id) = (sponsor.account_id(), fees.account_id());
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor)
        .fee_bump(fees)
        .build()
        .await
        .unwrap();
    let before = (
        world.stroops(&sponsor_id).await,
        world.stroops(&fees_id).await,
    );
    let request = world.payment(&payer).await;
    let settled = confirmed(facilitator.settle(&request).await.unwrap());
    facilitator.drained().await;

    assert_eq!(world.stroops(&sponsor_id).await, before.0);
    let paid = before.1 - world.stroops(&fees_id).await;
    assert!(paid > 0 && paid < 100_000, "{paid}");
    let hash = settled.transaction.parse().unwrap();
    let TransactionStatus::Succeeded { envelope, .. } =
        world.ledger.transaction(&hash).await.unwrap()
    else {
        panic!("it has landed");
    };
    assert!(envelope.is_fee_bump());
    assert_eq!(facilitator.signers(), [sponsor_id, fees_id]);
    // What was reserved above the charge came back.
    let counted = facilitator.status().await.spent_today_stroops.unwrap();
    assert!(counted < 100_000, "{counted}");
}

#[tokio::test]
async fn a_waiting_transaction_gets_a_higher_bid_and_stays_the_same() {
    let world = World::manual().await;
    let payer = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let before = world.sequence(&sponsor.account_id()).await;
    let timing = Timing {
        raise_bid_after_ledgers: 2,
        ..quick()
    };
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor.clone())
        .timing(timing)
        .build()
        .await
        .unwrap();
    let request = world.payment(&payer).await;
    // The first bid is never taken.
    world.network.fail_next("sendTransaction", 1);
    let settling = tokio::spawn({
        let (facilitator, request) = (facilitator.clone(), request.clone());
        async move { facilitator.settle(&request).await.unwrap() }
    });
    while world.recorder.count("Outage") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.network.advance_ledgers(2).await.unwrap();
    while world.recorder.telling("raises_bid: true") == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let settled = confirmed(world.closing(settling).await.unwrap());
    world.closing(facilitator.drained()).await;

    let hash = settled.transaction.parse().unwrap();
    let TransactionStatus::Succeeded { envelope, .. } =
        world.ledger.transaction(&hash).await.unwrap()
    else {
        panic!("it has landed");
    };
    assert!(
        envelope.is_fee_bump(),
        "the higher bid is a fee bump of the same transaction"
    );
    assert_eq!(world.sequence(&sponsor.account_id()).await, before + 1);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_settlement_above_the_maximum_is_refused_before_anything_is_spent() {
    let world = World::new().await;
    let payer = world.payer().await;
    let sponsor = world.sponsor().await;
    let account = sponsor.account_id();
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor)
        .policy(FeePolicy {
            max_fee_stroops: 10_000,
            ..FeePolicy::default()
        })
        .build()
        .await
        .unwrap();
    let before = world.stroops(&account).await;
    let request = world.payment(&payer).await;
    let above = "invalid_exact_stellar_payload_fee_exceeds_maximum";
    let verified = facilitator.verify(&request).await.unwrap();
    assert_eq!(verified.invalid_reason.unwrap().as_str(), above);
    assert_eq!(reason(facilitator.settle(&request).await.unwrap()), above);
    assert_eq!(world.stroops(&account).await, before);
}
