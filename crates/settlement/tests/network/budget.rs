//! No sponsor spends above its budget.

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::SponsorBudget;
use coinslot_usdc_amount::BaseUnits;
use tokio::task::JoinSet;

use super::world::{PRICE, World, confirmed, reason};

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_payments_at_once_do_not_overspend() {
    let world = World::new().await;
    let (first, second) = (world.sponsor().await, world.sponsor().await);
    let sponsors = [first.account_id(), second.account_id()];
    let budget = SponsorBudget {
        per_payer_per_day_stroops: 1_000_000,
        total_per_day_stroops: 200_000,
    };
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(first)
        .sponsor(second)
        .budget(budget)
        .build()
        .await
        .unwrap();
    let mut before = 0;
    for sponsor in &sponsors {
        before += world.stroops(sponsor).await;
    }
    let mut requests = JoinSet::new();
    for _ in 0..16 {
        let payer = world.payer().await;
        let request = world.payment(&payer).await;
        let facilitator = facilitator.clone();
        requests.spawn(async move { facilitator.settle(&request).await.unwrap() });
    }
    let mut settled = 0;
    for settlement in requests.join_all().await {
        if settlement.is_confirmed() {
            settled += 1;
        } else {
            assert_eq!(reason(settlement), "sponsor_budget_exceeded");
        }
    }
    facilitator.drained().await;
    let mut after = 0;
    for sponsor in &sponsors {
        after += world.stroops(sponsor).await;
    }
    let spent = before - after;
    assert!(settled > 0 && settled < 16, "{settled}");
    assert!(spent > 0 && spent <= 200_000, "{spent}");
    let counted = facilitator.status().await.spent_today_stroops.unwrap();
    assert!(
        counted >= u64::try_from(spent).unwrap() && counted <= 200_000,
        "{counted} {spent}"
    );
}

#[tokio::test]
async fn one_payer_is_bounded_at_verify_and_at_settle() {
    let world = World::new().await;
    let budget = SponsorBudget {
        per_payer_per_day_stroops: 60_000,
        total_per_day_stroops: 1_000_000,
    };
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(world.sponsor().await)
        .budget(budget)
        .build()
        .await
        .unwrap();
    let (greedy, other) = (world.payer().await, world.payer().await);
    confirmed(
        facilitator
            .settle(&world.payment(&greedy).await)
            .await
            .unwrap(),
    );
    facilitator.drained().await;

    let again = world.payment(&greedy).await;
    let verified = facilitator.verify(&again).await.unwrap();
    assert_eq!(
        verified.invalid_reason.unwrap().as_str(),
        "payer_budget_exceeded"
    );
    assert_eq!(
        reason(facilitator.settle(&again).await.unwrap()),
        "payer_budget_exceeded"
    );
    confirmed(
        facilitator
            .settle(&world.payment(&other).await)
            .await
            .unwrap(),
    );
}

/// A payer that moves its money away after the payment was submitted costs the sponsor a fee.
#[tokio::test]
async fn the_fees_of_failed_payments_weigh_heavier() {
    let world = World::manual().await;
    let budget = SponsorBudget {
        per_payer_per_day_stroops: 400_000,
        total_per_day_stroops: 1_000_000,
    };
    let sponsor = world.closing(world.sponsor()).await;
    let builder = world.builder(Arc::new(MemoryStore::new())).sponsor(sponsor);
    let facilitator = builder.budget(budget).build().await.unwrap();
    let (payer, helper) = (
        world.closing(world.payer()).await,
        world.closing(world.sponsor()).await,
    );
    let request = world.payment(&payer).await;
    let mut everything = world.requirements();
    everything.amount = BaseUnits::from_u64(100 * PRICE);
    let emptying = world.payment_with(&payer, 99, everything).await;

    // Our submission does not arrive; the one that empties the account does.
    world.network.fail_next("sendTransaction", 1);
    let settling = tokio::spawn({
        let (facilitator, request) = (facilitator.clone(), request.clone());
        async move { facilitator.settle(&request).await.unwrap() }
    });
    while world.recorder.count("Outage") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.snatch(&emptying, &helper).await;
    world.network.close_ledger().await.unwrap();
    let failed = reason(world.closing(settling).await.unwrap());
    assert_eq!(failed, "settle_exact_stellar_transaction_failed");
    world.closing(facilitator.drained()).await;

    let spent = facilitator.status().await.spent_today_stroops.unwrap();
    assert!(spent > 0 && spent < 100_000, "{spent}");
    let account = payer.account_id();
    let more = world
        .network
        .faucet_usdc(&account, BaseUnits::from_u64(PRICE));
    world.closing(more).await.unwrap();
    let again = world.payment(&payer).await;
    let verified = facilitator.verify(&again).await.unwrap();
    assert_eq!(
        verified.invalid_reason.unwrap().as_str(),
        "payer_budget_exceeded"
    );
}
