//! Sequence numbers, bounds and fees: what a transaction must meet before it enters a ledger.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_soroban_authorization::SecretKey;
use serde_json::json;
use stellar_xdr::{
    Asset, LedgerBounds, Memo, OperationBody, OperationResult, Preconditions, PreconditionsV2,
    SequenceNumber, TimeBounds, TimePoint, TransactionResultResult,
};
use support::by_hand::{Classic, first};
use support::classic::{Draft, create, fee_bump, pay, signer};

fn conditions(change: impl FnOnce(&mut PreconditionsV2)) -> Preconditions {
    let mut conditions = PreconditionsV2::default();
    change(&mut conditions);
    Preconditions::V2(conditions)
}

#[tokio::test]
async fn sequence_numbers_count_one_by_one_also_while_pending() {
    let c = Classic::new().await;
    let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
    let envelope = draft.signed(c.id, &[&c.alice]);
    for wrong in [-1, 1] {
        draft.sequence += wrong;
        let refused = c.refused(&draft.signed(c.id, &[&c.alice])).await;
        assert_eq!(refused, TransactionResultResult::TxBadSeq);
        draft.sequence -= wrong;
    }
    assert_eq!(c.submit(&envelope).await["status"], "PENDING");
    assert_eq!(c.submit(&envelope).await["status"], "DUPLICATE");
    draft.sequence += 1;
    let next = draft.signed(c.id, &[&c.alice]);
    assert_eq!(c.submit(&next).await["status"], "PENDING");
    c.world.network.close_ledger().await.unwrap();
    assert_eq!(
        c.refused(&envelope).await,
        TransactionResultResult::TxBadSeq
    );
    assert_eq!(c.world.next_sequence(&c.alice).await, draft.sequence + 1);
}

#[tokio::test]
async fn bounds_of_time_and_ledger_hold() {
    let c = Classic::new().await;
    let latest = c.world.network.latest_ledger().await.unwrap();
    let bounds = |min, max| {
        Preconditions::Time(TimeBounds {
            min_time: TimePoint(min),
            max_time: TimePoint(max),
        })
    };
    let ledgers = |min_ledger, max_ledger| {
        conditions(|conditions| {
            conditions.ledger_bounds = Some(LedgerBounds {
                min_ledger,
                max_ledger,
            });
        })
    };
    let late = TransactionResultResult::TxTooLate;
    let early = TransactionResultResult::TxTooEarly;
    for (cond, expected) in [
        (bounds(0, latest.close_time), &late),
        (bounds(latest.close_time + 1_000, 0), &early),
        (ledgers(0, latest.sequence + 1), &late),
        (ledgers(latest.sequence + 2, 0), &early),
    ] {
        let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
        draft.conditions = cond;
        assert_eq!(&c.refused(&draft.signed(c.id, &[&c.alice])).await, expected);
    }
    let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
    draft.conditions = ledgers(latest.sequence + 1, latest.sequence + 2);
    let result = c.apply(&draft.signed(c.id, &[&c.alice])).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));
}

#[tokio::test]
async fn sequence_preconditions_hold() {
    let c = Classic::new().await;
    // The account's own sequence number moves once, so that its age and gap count from there.
    c.run(vec![pay(&c.bob, Asset::Native, 1)]).await;
    let current = c.world.next_sequence(&c.alice).await - 1;
    let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
    draft.conditions = conditions(|c| c.min_seq_ledger_gap = 3);
    let gap = draft.signed(c.id, &[&c.alice]);
    assert_eq!(
        c.refused(&gap).await,
        TransactionResultResult::TxBadMinSeqAgeOrGap
    );
    c.world.network.advance_ledgers(2).await.unwrap();
    let result = c.apply(&gap).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));

    // With a minimum, the number may leap.
    draft.sequence = current + 100;
    draft.conditions = conditions(|c| c.min_seq_num = Some(SequenceNumber(current)));
    let result = c.apply(&draft.signed(c.id, &[&c.alice])).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));

    draft.sequence = current + 101;
    draft.conditions = conditions(|conditions| {
        conditions.extra_signers = vec![signer(&c.bob, 1).key].try_into().unwrap();
    });
    assert_eq!(
        c.refused(&draft.signed(c.id, &[&c.alice])).await,
        TransactionResultResult::TxBadAuth
    );
    let result = c.apply(&draft.signed(c.id, &[&c.alice, &c.bob])).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));
}

#[tokio::test]
async fn fees_must_be_offered_and_payable() {
    let c = Classic::new().await;
    let mut draft = c
        .draft(vec![
            pay(&c.bob, Asset::Native, 1),
            pay(&c.bob, Asset::Native, 1),
        ])
        .await;
    draft.fee = 199;
    assert_eq!(
        c.refused(&draft.signed(c.id, &[&c.alice])).await,
        TransactionResultResult::TxInsufficientFee
    );
    let poor = SecretKey::from_seed([6; 32]);
    c.run(vec![create(&poor, 10_000_050)]).await;
    let draft = Draft::new(
        &poor,
        c.world.next_sequence(&poor).await,
        vec![pay(&c.bob, Asset::Native, 1)],
    );
    assert_eq!(
        c.refused(&draft.signed(c.id, &[&poor])).await,
        TransactionResultResult::TxInsufficientBalance
    );
    let nobody = SecretKey::from_seed([7; 32]);
    let draft = Draft::new(&nobody, 1, vec![pay(&c.bob, Asset::Native, 1)]);
    assert_eq!(
        c.refused(&draft.signed(c.id, &[&nobody])).await,
        TransactionResultResult::TxNoAccount
    );
    let draft = c.draft(vec![]).await;
    assert_eq!(
        c.refused(&draft.signed(c.id, &[&c.alice])).await,
        TransactionResultResult::TxMissingOperation
    );
    let draft = c.draft(vec![OperationBody::Inflation]).await;
    assert_eq!(
        first(c.refused(&draft.signed(c.id, &[&c.alice])).await),
        OperationResult::OpNotSupported
    );
}

#[tokio::test]
async fn a_fee_bump_is_paid_by_another_and_known_by_both_hashes() {
    let c = Classic::new().await;
    let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 1_000)]).await;
    draft.memo = Memo::Id(7);
    draft.fee = 0;
    let inner_envelope = draft.sign(c.id, &[&c.alice]);
    let inner_hash = hex::encode(inner_envelope.tx.hash(c.id).unwrap());
    let low = fee_bump(inner_envelope.clone(), &c.bob, 199, c.id);
    assert_eq!(
        c.refused(&low).await,
        TransactionResultResult::TxInsufficientFee
    );
    let (alice, bob) = (
        c.world.stroops(&c.alice).await,
        c.world.stroops(&c.bob).await,
    );
    let result = c
        .apply(&fee_bump(inner_envelope, &c.bob, 1_000, c.id))
        .await;
    assert_eq!(result.fee_charged, 200);
    let TransactionResultResult::TxFeeBumpInnerSuccess(pair) = &result.result else {
        panic!("{result:?}")
    };
    assert_eq!(hex::encode(pair.transaction_hash.0), inner_hash);
    assert_eq!(c.world.stroops(&c.alice).await, alice - 1_000);
    assert_eq!(c.world.stroops(&c.bob).await, bob + 1_000 - 200);
    let by_inner = c
        .world
        .call("getTransaction", json!({ "hash": inner_hash }))
        .await;
    assert_eq!(by_inner["status"], "SUCCESS");
    assert_eq!(by_inner["feeBump"], true);

    let unsigned = c
        .draft(vec![pay(&c.bob, Asset::Native, 1)])
        .await
        .sign(c.id, &[&c.bob]);
    let refused = c.refused(&fee_bump(unsigned, &c.bob, 1_000, c.id)).await;
    let TransactionResultResult::TxFeeBumpInnerFailed(pair) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        pair.result.result,
        stellar_xdr::InnerTransactionResultResult::TxBadAuth
    );
}
