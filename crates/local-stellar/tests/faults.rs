//! Faults on demand, and the ways in which ledgers close.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use coinslot_local_stellar::{CloseMode, LocalStellar};
use serde_json::json;
use support::{World, hash_of};

#[tokio::test]
async fn calls_fail_as_often_as_planned() {
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    world.network.fail_next("getHealth", 2);
    for _ in 0..2 {
        let error = world.raw("getHealth", json!({})).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 503);
    }
    assert_eq!(
        world.call("getHealth", json!({})).await["status"],
        "healthy"
    );
}

#[tokio::test]
async fn an_answer_is_lost_after_the_call_was_executed() {
    let world = World::new(LocalStellar::builder()).await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 40);
    let entry = world.authorise(&payer, &transfer, 1).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry).await;
    world.network.drop_answers("sendTransaction", 1);
    let lost = world
        .raw(
            "sendTransaction",
            json!({ "transaction": envelope.to_base64() }),
        )
        .await
        .unwrap_err();
    assert!(lost.status().is_none(), "no status came: {lost}");
    let hash = envelope.hash(&world.network.network_id()).to_string();
    assert_eq!(world.settled(&hash).await["status"], "SUCCESS");
    assert_eq!(world.usdc(&payee).await, 40);
}

#[tokio::test]
async fn a_lagging_node_names_an_old_ledger() {
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    world.network.advance_ledgers(5).await.unwrap();
    let now = world.network.latest_ledger().await.unwrap().sequence;
    world.network.lag(3).await.unwrap();
    let seen = world.call("getLatestLedger", json!({})).await;
    assert_eq!(seen["sequence"], now - 3);
    world.network.lag(0).await.unwrap();
    let seen = world.call("getLatestLedger", json!({})).await;
    assert_eq!(seen["sequence"], now);
}

#[tokio::test]
async fn by_hand_nothing_closes_by_itself() {
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 40);
    let entry = world.authorise(&payer, &transfer, 1).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry).await;
    let sent = world.send(&envelope).await;
    let before = world.network.latest_ledger().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.network.latest_ledger().await.unwrap(), before);
    let waiting = world
        .call("getTransaction", json!({ "hash": sent["hash"] }))
        .await;
    assert_eq!(waiting["status"], "NOT_FOUND");
    let after = world.network.close_ledger().await.unwrap();
    assert_eq!(after.sequence, before.sequence + 1);
    assert!(after.close_time > before.close_time);
    let done = world.settled(&hash_of(&sent)).await;
    assert_eq!(done["ledger"], after.sequence);
}

#[tokio::test]
async fn on_a_timer_ledgers_close_with_or_without_transactions() {
    let every = CloseMode::Every(Duration::from_millis(50));
    let world = World::new(LocalStellar::builder().close(every)).await;
    let before = world.network.latest_ledger().await.unwrap().sequence;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let after = world.network.latest_ledger().await.unwrap().sequence;
    assert!(after >= before + 2, "{before} {after}");
}

#[tokio::test]
async fn under_load_submissions_share_ledgers() {
    let world = World::new(LocalStellar::builder()).await;
    let (payer, payee) = (world.payer(1_000).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 1);
    let start = world.network.latest_ledger().await.unwrap().sequence;
    let mut hashes = Vec::new();
    for nonce in 0..7 {
        let entry = world.authorise(&payer, &transfer, nonce).await;
        let mut envelope = None;
        // The sponsor's next sequence number counts what is still pending.
        for _ in 0..200 {
            let built = world.sponsored(&sponsor, &transfer, entry.clone()).await;
            let sent = world.send(&built).await;
            if sent["status"] == "PENDING" {
                envelope = Some(hash_of(&sent));
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        hashes.push(envelope.expect("accepted in two seconds"));
    }
    for hash in &hashes {
        assert_eq!(world.settled(hash).await["status"], "SUCCESS");
    }
    let closed = world.network.latest_ledger().await.unwrap().sequence - start;
    assert!(
        closed <= 12,
        "{closed} ledgers for {} payments",
        hashes.len()
    );
    assert_eq!(
        world.usdc(&payee).await,
        u128::try_from(hashes.len()).unwrap()
    );
}
