//! A transfer of USDC, signed by its payer as an auth entry and brought to the network by a sponsor.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::LocalStellar;
use coinslot_soroban_authorization::{ContractEvent, SorobanResources};
use serde_json::json;
use support::{World, hash_of};

#[tokio::test]
async fn is_settled_end_to_end() {
    let world = World::new(LocalStellar::builder()).await;
    let payer = world.payer(10_000_000).await;
    let payee = world.payer(0).await;
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 10_000);
    assert_eq!(
        transfer.token.to_string(),
        "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA"
    );

    let entry = world.authorise(&payer, &transfer, 7).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry).await;
    let before = world.stroops(&sponsor).await;
    let sent = world.send(&envelope).await;
    assert_eq!(sent["status"], "PENDING", "{sent}");
    let done = world.settled(&hash_of(&sent)).await;

    assert_eq!(done["status"], "SUCCESS", "{done}");
    assert_eq!(world.usdc(&payer).await, 9_990_000);
    assert_eq!(world.usdc(&payee).await, 10_000);
    let events = &done["events"]["contractEventsXdr"][0];
    let event = ContractEvent::from_base64(events[0].as_str().unwrap()).unwrap();
    let landed = event.as_transfer().unwrap();
    assert_eq!(landed.amount, 10_000);
    assert_eq!(landed.contract, transfer.token);
    let paid = before - world.stroops(&sponsor).await;
    let resources = SorobanResources::from_base64(
        world.simulate(&envelope).await["transactionData"]
            .as_str()
            .unwrap_or_default(),
    );
    assert!(resources.is_err(), "the nonce is used");
    assert!((100..50_000).contains(&paid), "{paid}");
    let stats = world.call("getFeeStats", json!(null)).await;
    assert_eq!(stats["sorobanInclusionFee"]["p50"], "100");
}
