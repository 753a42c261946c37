//! Payloads that want the sponsor to pay for more than the payment.

use std::sync::Arc;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_payment_store::MemoryStore;
use coinslot_soroban_authorization::{
    AuthEntry, InvocationEnvelope, Memo, SecretKey, TransferEnvelope, TransferTransaction,
    UnsignedAuthEntry, fee_bump,
};
use coinslot_stellar_address::{AccountId, Address, MuxedAccountId};
use coinslot_stellar_ledger::{Ledger as _, TransactionStatus};

use super::world::{PRICE, World, confirmed, reason, transaction_of, with_entry, with_transaction};

#[tokio::test]
async fn nothing_but_the_transfer_is_taken_over() {
    let world = World::new().await;
    let payer = world.payer().await;
    let sponsor = world.sponsor().await;
    let account = sponsor.account_id();
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor)
        .build()
        .await
        .unwrap();
    let honest = world.payment(&payer).await;
    let seen = transaction_of(&honest);
    // Inflated fee and resources, a memo, and a time at which no transaction could land.
    let inflated = TransferTransaction {
        source: SecretKey::from_seed([9; 32]).account_id(),
        sequence: 123_456,
        fee: 400_000,
        max_time: Some(1),
        transfer: seen.transfer,
        auth: seen.auth,
        resources: seen
            .resources
            .map(|resources| resources.with_resource_fee(399_000)),
    };
    let request = with_transaction(
        &honest,
        &inflated.to_envelope_with_memo(&Memo::Text(b"mine".to_vec())),
    );
    let before = world.stroops(&account).await;
    let settled = confirmed(facilitator.settle(&request).await.unwrap());
    facilitator.drained().await;

    let hash = settled.transaction.parse().unwrap();
    let TransactionStatus::Succeeded { envelope, .. } =
        world.ledger.transaction(&hash).await.unwrap()
    else {
        panic!("it has landed");
    };
    let landed = TransferEnvelope::recognise(&envelope).unwrap();
    assert_eq!(landed.memo, Memo::None);
    assert_eq!(landed.source, Address::Account(account));
    assert!(landed.operation_source.is_none() && !landed.has_other_preconditions);
    assert!(landed.fee < 100_000, "{}", landed.fee);
    assert!(before - world.stroops(&account).await < 100_000);
}

#[tokio::test]
async fn a_payment_without_resources_is_settled_with_ours() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let honest = world.payment(&payer).await;
    let seen = transaction_of(&honest);
    let bare = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 0,
        fee: 100,
        max_time: None,
        transfer: seen.transfer,
        auth: seen.auth,
        resources: None,
    };
    let request = with_transaction(&honest, &bare.to_envelope());
    confirmed(facilitator.settle(&request).await.unwrap());
}

#[tokio::test]
async fn the_facilitators_own_accounts_are_refused_in_every_place_and_form() {
    let world = World::new().await;
    let payer = world.payer().await;
    let (sponsor, fees) = (world.payer().await, world.payer().await);
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor.clone())
        .fee_bump(fees.clone())
        .build()
        .await
        .unwrap();
    let honest = world.payment(&payer).await;
    let seen = transaction_of(&honest);
    for own in [&sponsor, &fees] {
        // As the transaction's source.
        let sourced = TransferTransaction {
            source: own.account_id(),
            sequence: 1,
            fee: 100,
            max_time: None,
            transfer: seen.transfer,
            auth: seen.auth.clone(),
            resources: seen.resources.clone(),
        };
        let request = with_transaction(&honest, &sourced.to_envelope());
        let unsafe_source = "invalid_exact_stellar_payload_unsafe_tx_or_op_source";
        assert_eq!(
            reason(facilitator.settle(&request).await.unwrap()),
            unsafe_source
        );

        // As the payer, plain and muxed.
        for from in [
            Address::Account(own.account_id()),
            Address::Muxed(MuxedAccountId::new(own.account_id(), 7)),
        ] {
            let mut transfer = seen.transfer;
            transfer.from = from;
            let entry = UnsignedAuthEntry::for_transfer(&transfer, 77, 1_000)
                .sign(own, &world.network.network_id());
            let paying = TransferTransaction {
                source: AccountId::ALL_ZEROS,
                sequence: 1,
                fee: 100,
                max_time: None,
                transfer,
                auth: entry.into_iter().collect(),
                resources: None,
            };
            let request = with_transaction(&honest, &paying.to_envelope());
            let is_payer = "invalid_exact_stellar_payload_facilitator_is_payer";
            assert_eq!(
                reason(facilitator.settle(&request).await.unwrap()),
                is_payer
            );
        }
    }
    assert_eq!(world.recorder.count("Submitted"), 0);
}

#[tokio::test]
async fn a_forged_payment_burns_nothing_of_the_honest_one() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let honest = world.payment(&payer).await;
    let seen = transaction_of(&honest);
    // The honest entry's payer and nonce, with a signature that is not the payer's.
    let mut bytes = seen.auth[0].as_xdr().to_vec();
    let name = bytes
        .windows(9)
        .position(|window| window == b"signature")
        .unwrap();
    bytes[name + 12 + 8] ^= 1;
    let forged = with_entry(&honest, AuthEntry::from_xdr(&bytes).unwrap());
    let refused = reason(facilitator.settle(&forged).await.unwrap());
    assert!(
        refused.starts_with("invalid_exact_stellar_payload_"),
        "{refused}"
    );
    assert_eq!(world.recorder.count("Claimed"), 0);

    confirmed(facilitator.settle(&honest).await.unwrap());
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_fee_bump_or_a_second_entry_is_refused() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let honest = world.payment(&payer).await;
    let seen = transaction_of(&honest);
    let twice = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 1,
        fee: 100,
        max_time: None,
        transfer: seen.transfer,
        auth: vec![seen.auth[0].clone(), seen.auth[0].clone()],
        resources: None,
    };
    let twice = twice.to_envelope();
    assert_eq!(
        InvocationEnvelope::recognise(&twice).unwrap().auth().len(),
        2
    );
    reason(
        facilitator
            .settle(&with_transaction(&honest, &twice))
            .await
            .unwrap(),
    );

    let mut inner = TransferTransaction {
        source: payer.account_id(),
        sequence: 1,
        fee: 100,
        max_time: None,
        transfer: seen.transfer,
        auth: seen.auth.clone(),
        resources: None,
    }
    .to_envelope();
    inner.sign(&payer, &world.network.network_id()).unwrap();
    let bumped = fee_bump(&inner, payer.account_id(), 1_000_000).unwrap();
    reason(
        facilitator
            .settle(&with_transaction(&honest, &bumped))
            .await
            .unwrap(),
    );
    assert_eq!(world.recorder.count("Claimed"), 0);
}
