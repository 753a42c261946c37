//! What simulation foretells, and what the ledger then does and charges.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::{CloseMode, FeeSettings, LocalStellar, ManualLedgerClock};
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Credential, TransferTransaction, UnsignedAuthEntry,
};
use coinslot_stellar_address::AccountId;
use serde_json::json;
use stellar_xdr::{
    ContractDataDurability, LedgerKey, LedgerKeyContractData, ScAddress, ScNonceKey, ScVal,
    SorobanAuthorizationEntry, SorobanCredentials, TransactionResult, TransactionResultResult,
};
use support::classic::{read, text, xdr_id};
use support::{World, hash_of};

async fn manual() -> World {
    World::new(
        LocalStellar::builder()
            .close(CloseMode::Manual)
            .clock(ManualLedgerClock::new(1_700_000_000)),
    )
    .await
}

#[tokio::test]
async fn a_simulation_records_what_must_be_signed() {
    let world = manual().await;
    let (payer, payee) = (world.payer(10_000).await, world.payer(0).await);
    let transfer = world.transfer(&payer, &payee, 5);
    let probe = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 0,
        fee: 100,
        max_time: None,
        transfer,
        auth: vec![],
        resources: None,
    };
    let recorded = world.simulate(&probe.to_envelope()).await;
    let result = &recorded["results"][0];
    assert_eq!(result["xdr"], json!(text(&ScVal::Void)));
    let entry = AuthEntry::from_base64(result["auth"][0].as_str().unwrap()).unwrap();
    assert_eq!(entry.transfer(), Some(transfer));
    assert!(matches!(
        entry.credential(),
        Credential::Address { signed: false, .. }
    ));
    let again = world.simulate(&probe.to_envelope()).await;
    assert_ne!(
        again["results"][0]["auth"][0], result["auth"][0],
        "each simulation proposes a nonce of its own"
    );
    let events: Vec<ContractEvent> = recorded["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| ContractEvent::from_diagnostic_base64(event.as_str().unwrap()).unwrap())
        .filter(ContractEvent::is_contract_type)
        .collect();
    assert_eq!(events.len(), 1, "one event, the transfer");
    assert_eq!(events[0].as_transfer().unwrap().amount, 5);
    let fee: i64 = recorded["minResourceFee"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..50_000).contains(&fee), "{fee}");
    let changes = recorded["stateChanges"].as_array().unwrap();
    assert!(
        changes.iter().any(|change| change["type"] == "updated"),
        "{changes:?}"
    );

    // A simulation changes nothing.
    assert_eq!(world.usdc(&payer).await, 10_000);
}

#[tokio::test]
async fn testnets_fees_can_be_had() {
    let world = World::new(
        LocalStellar::builder()
            .close(CloseMode::Manual)
            .fees(FeeSettings::Testnet),
    )
    .await;
    let (payer, payee) = (world.payer(10_000).await, world.payer(0).await);
    let transfer = world.transfer(&payer, &payee, 5);
    let entry = world.authorise(&payer, &transfer, 1).await;
    let probe = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 0,
        fee: 100,
        max_time: None,
        transfer,
        auth: vec![entry],
        resources: None,
    };
    let simulated = world.simulate(&probe.to_envelope()).await;
    let fee: i64 = simulated["minResourceFee"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((100_000..200_000).contains(&fee), "{fee}");
}

#[tokio::test]
async fn failed_simulations_say_what_the_host_says() {
    let world = manual().await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let stranger = world.network.create_funded_account().await.unwrap();
    let id = world.network.network_id();
    let latest = world.network.latest_ledger().await.unwrap().sequence;
    let simulate = async |transfer, auth: Vec<AuthEntry>| {
        let transaction = TransferTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 0,
            fee: 100,
            max_time: None,
            transfer,
            auth,
            resources: None,
        };
        let answer = world.simulate(&transaction.to_envelope()).await;
        answer["error"].as_str().unwrap_or_default().to_owned()
    };

    let much = simulate(world.transfer(&payer, &payee, 101), vec![]).await;
    assert!(
        much.starts_with("HostError: Error(Contract, #10)\n\nEvent log (newest first):"),
        "{much}"
    );
    assert!(
        much.contains("resulting balance is not within the allowed range"),
        "{much}"
    );
    let negative = simulate(world.transfer(&payer, &payee, -1), vec![]).await;
    assert!(negative.contains("Error(Contract, #8)"), "{negative}");
    let untrusting = simulate(world.transfer(&payer, &stranger, 1), vec![]).await;
    assert!(untrusting.contains("Error(Contract, #13)"), "{untrusting}");
    assert!(
        untrusting.contains("trustline entry is missing for account"),
        "{untrusting}"
    );

    let transfer = world.transfer(&payer, &payee, 1);
    let signed = |expiration| {
        UnsignedAuthEntry::for_transfer(&transfer, 1, expiration)
            .sign(&payer, &id)
            .unwrap()
    };
    // The simulated ledger is the next one; a signature that lives up to it is accepted.
    let expired = simulate(transfer, vec![signed(latest)]).await;
    assert!(expired.contains("Error(Auth, InvalidInput)"), "{expired}");
    assert!(expired.contains("signature has expired"), "{expired}");
    assert_eq!(simulate(transfer, vec![signed(latest + 1)]).await, "");
    // A signature over other terms than those that it stands beside.
    let mut tampered: SorobanAuthorizationEntry = read(&signed(latest + 8).to_base64());
    if let SorobanCredentials::Address(credentials) = &mut tampered.credentials {
        credentials.signature_expiration_ledger += 1;
    }
    let forged = AuthEntry::from_base64(&text(&tampered)).unwrap();
    let forged = simulate(transfer, vec![forged]).await;
    assert!(forged.starts_with("HostError: Error("), "{forged}");

    let sponsor = world.network.create_funded_account().await.unwrap();
    let entry = world.authorise(&payer, &transfer, 5).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry.clone()).await;
    assert_eq!(world.send(&envelope).await["status"], "PENDING");
    world.network.close_ledger().await.unwrap();
    let replayed = simulate(transfer, vec![entry]).await;
    assert!(
        replayed.contains("Error(Auth, ExistingValue)"),
        "{replayed}"
    );
    assert!(
        replayed.contains("nonce already exists for address"),
        "{replayed}"
    );
}

#[tokio::test]
async fn a_replayed_entry_fails_on_the_ledger_and_costs_its_sponsor() {
    let world = manual().await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let first = world.network.create_funded_account().await.unwrap();
    let second = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 60);
    let entry = world.authorise(&payer, &transfer, 5).await;
    let one = world.sponsored(&first, &transfer, entry.clone()).await;
    let two = world.sponsored(&second, &transfer, entry).await;
    let before = world.stroops(&second).await;
    assert_eq!(world.send(&one).await["status"], "PENDING");
    let sent = world.send(&two).await;
    assert_eq!(sent["status"], "PENDING");
    world.network.close_ledger().await.unwrap();
    let failed = world.settled(&hash_of(&sent)).await;
    assert_eq!(failed["status"], "FAILED");
    assert!(failed["resultMetaXdr"].is_string() && failed["envelopeXdr"].is_string());
    assert!(failed["diagnosticEventsXdr"].is_array());
    let result: TransactionResult = read(failed["resultXdr"].as_str().unwrap());
    assert!(matches!(
        result.result,
        TransactionResultResult::TxFailed(_)
    ));
    assert_eq!(world.stroops(&second).await, before - result.fee_charged);
    assert!(result.fee_charged > 100);
    assert_eq!(world.usdc(&payee).await, 60, "paid once");

    let nonce = LedgerKey::ContractData(LedgerKeyContractData {
        contract: ScAddress::Account(xdr_id(&payer.account_id())),
        key: ScVal::LedgerKeyNonce(ScNonceKey { nonce: 5 }),
        durability: ContractDataDurability::Temporary,
    });
    let keys = json!({ "keys": [text(&nonce)] });
    let found = world.call("getLedgerEntries", keys.clone()).await;
    assert_eq!(found["entries"].as_array().unwrap().len(), 1);
    world.network.advance_ledgers(30).await.unwrap();
    let found = world.call("getLedgerEntries", keys).await;
    assert_eq!(
        found["entries"],
        json!([]),
        "used nonces die with their signatures"
    );
}

#[tokio::test]
async fn refundable_fees_come_back() {
    let world = manual().await;
    let (payer, payee) = (world.payer(100).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let transfer = world.transfer(&payer, &payee, 60);
    let entry = world.authorise(&payer, &transfer, 5).await;
    let envelope = world.sponsored(&sponsor, &transfer, entry).await;
    let before = world.stroops(&sponsor).await;
    let sent = world.send(&envelope).await;
    world.network.close_ledger().await.unwrap();
    let done = world.settled(&hash_of(&sent)).await;
    let result: TransactionResult = read(done["resultXdr"].as_str().unwrap());
    assert_eq!(world.stroops(&sponsor).await, before - result.fee_charged);
    let stellar_xdr::TransactionMeta::V4(meta) = read(done["resultMetaXdr"].as_str().unwrap())
    else {
        panic!("{done}")
    };
    let stellar_xdr::SorobanTransactionMetaExt::V1(fees) = meta.soroban_meta.unwrap().ext else {
        panic!("no fees in the metadata")
    };
    assert_eq!(
        result.fee_charged,
        100 + fees.total_non_refundable_resource_fee_charged
            + fees.total_refundable_resource_fee_charged
    );
    assert!(fees.rent_fee_charged > 0);
}
