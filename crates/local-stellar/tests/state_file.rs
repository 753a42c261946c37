//! The ledger outlives its process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_caip2_network::StellarNetwork;
use coinslot_local_stellar::{CloseMode, LocalStellar, LocalStellarError, StateFileErrorKind};
use serde_json::json;
use support::World;
use support::contract::{deploy, ping, upload};
use support::hash_of;

#[tokio::test]
async fn what_was_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.json");
    let builder = LocalStellar::builder()
        .close(CloseMode::Manual)
        .state_file(&path);

    let world = World::new(builder.clone()).await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 40);
    let entry = world.authorise(&payer, &transfer, 1).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry.clone()).await;
    let sent = world.send(&envelope).await;
    world.network.close_ledger().await.unwrap();
    world.run(&sponsor, upload()).await;
    let deployed = world.run(&sponsor, deploy(&sponsor)).await;
    let contract = match support::contract::returned(&deployed) {
        stellar_xdr::ScVal::Address(stellar_xdr::ScAddress::Contract(contract)) => contract,
        other => panic!("{other:?}"),
    };
    let latest = world.network.latest_ledger().await.unwrap();
    world.network.shutdown().await;

    let world = World::new(builder.clone()).await;
    assert_eq!(world.network.latest_ledger().await.unwrap(), latest);
    assert_eq!(world.usdc(&payer).await, 60);
    assert_eq!(world.usdc(&payee).await, 40);
    let known = world
        .call("getTransaction", json!({ "hash": hash_of(&sent) }))
        .await;
    assert_eq!(known["status"], "SUCCESS");
    let next = world.network.close_ledger().await.unwrap();
    assert_eq!(next.sequence, latest.sequence + 1);
    assert!(next.close_time > latest.close_time);
    // The used nonce is remembered, and compiled contracts are there.
    let replay = world.simulate(&envelope).await;
    assert!(
        replay["error"].as_str().unwrap().contains("ExistingValue"),
        "{replay}"
    );
    world.run(&sponsor, ping(&contract)).await;
    world.network.save().await.unwrap();
    assert!(path.exists());

    let other = builder.network(StellarNetwork::Pubnet).start().await;
    let Err(LocalStellarError::StateFile(error)) = other else {
        panic!("{other:?}")
    };
    assert!(matches!(
        error.kind(),
        StateFileErrorKind::OtherNetwork { .. }
    ));
}

#[tokio::test]
async fn a_broken_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.json");
    for (text, is_format) in [
        ("{", false),
        ("", false),
        (
            r#"{"format":9,"passphrase":"","header":"","entries":[],"transactions":[]}"#,
            true,
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let started = LocalStellar::builder().state_file(&path).start().await;
        let Err(LocalStellarError::StateFile(error)) = started else {
            panic!("{started:?}")
        };
        assert_eq!(
            matches!(error.kind(), StateFileErrorKind::Format { found: 9 }),
            is_format
        );
        assert!(error.to_string().contains("ledger.json"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}
