//! Others submit the payer's signed entry.

use std::time::Duration;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_soroban_authorization::{AuthEntry, SecretKey, Transfer, UnsignedAuthEntry};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::Ledger as _;

use super::world::{PRICE, World, confirmed, reason};

#[tokio::test]
async fn what_someone_else_lands_after_our_claim_is_settled() {
    someone_else_lands_it(|_, _| Vec::new()).await;
}

/// A second authorization in the same transaction, of somebody else, does not make it doubtful which one was used.
#[tokio::test]
async fn what_someone_else_lands_beside_an_authorization_of_their_own_is_settled() {
    someone_else_lands_it(|world, thief| {
        let transfer = Transfer {
            token: world.network.usdc_contract(),
            from: Address::Account(thief.account_id()),
            to: Address::Account(thief.account_id()),
            amount: 1,
        };
        let entry = UnsignedAuthEntry::for_transfer(&transfer, 7, u32::MAX);
        vec![entry.sign(thief, &world.network.network_id()).unwrap()]
    })
    .await;
}

async fn someone_else_lands_it(beside: impl Fn(&World, &SecretKey) -> Vec<AuthEntry>) {
    let world = World::manual().await;
    let payer = world.payer().await;
    let thief = world.closing(world.sponsor()).await;
    let facilitator = world.closing(world.facilitator(1)).await;
    let request = world.payment(&payer).await;

    // Our own submission does not arrive.
    world.network.fail_next("sendTransaction", 1);
    let settling = tokio::spawn({
        let (facilitator, request) = (facilitator.clone(), request.clone());
        async move { facilitator.settle(&request).await.unwrap() }
    });
    while world.recorder.count("Outage") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let stolen = world
        .snatch_beside(&request, &thief, beside(&world, &thief))
        .await
        .hash(&world.network.network_id());
    world.network.close_ledger().await.unwrap();

    let settled = confirmed(world.closing(settling).await.unwrap());
    assert_eq!(settled.transaction, stolen.to_string());
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
    assert_eq!(world.recorder.telling("ours: false"), 1);
    // The sponsor is free again once its own transaction has failed or expired.
    world.closing(facilitator.drained()).await;
    let next = world.payer().await;
    let next = world.payment(&next).await;
    confirmed(world.closing(facilitator.settle(&next)).await.unwrap());
}

#[tokio::test]
async fn what_landed_before_it_was_presented_buys_nothing() {
    let world = World::new().await;
    let payer = world.payer().await;
    let thief = world.sponsor().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    let stolen = world
        .snatch(&request, &thief)
        .await
        .hash(&world.network.network_id());
    while matches!(
        world.ledger.transaction(&stolen).await.unwrap(),
        coinslot_stellar_ledger::TransactionStatus::NotFound
    ) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let simulation_failed = "invalid_exact_stellar_payload_simulation_failed";
    let verified = facilitator.verify(&request).await.unwrap();
    assert_eq!(verified.invalid_reason.unwrap().as_str(), simulation_failed);
    assert_eq!(
        reason(facilitator.settle(&request).await.unwrap()),
        simulation_failed
    );
    assert_eq!(world.recorder.count("Submitted"), 0);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}
