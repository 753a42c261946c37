//! Classic operations, signers and thresholds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_soroban_authorization::SecretKey;
use serde_json::Value;
use stellar_xdr::{
    Asset, OperationBody, OperationResult, OperationResultTr, PaymentResult, SetOptionsOp,
    TransactionEnvelope, TransactionResultResult,
};
use support::by_hand::{Classic, first, inner};
use support::classic::{
    Draft, asset, create, hash_x, options, pay, signatures, signer, text, trust,
};

#[tokio::test]
async fn lumens_move_and_the_fee_is_the_base_fee() {
    let c = Classic::new().await;
    let mut draft = c.draft(vec![pay(&c.bob, Asset::Native, 5_000_000)]).await;
    draft.fee = 10_000;
    let (alice, bob) = (
        c.world.stroops(&c.alice).await,
        c.world.stroops(&c.bob).await,
    );
    let result = c.apply(&draft.signed(c.id, &[&c.alice])).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));
    assert_eq!(result.fee_charged, 100);
    assert_eq!(c.world.stroops(&c.alice).await, alice - 5_000_000 - 100);
    assert_eq!(c.world.stroops(&c.bob).await, bob + 5_000_000);
}

#[tokio::test]
async fn accounts_are_created_above_the_reserve_only() {
    use stellar_xdr::CreateAccountResult as R;
    let c = Classic::new().await;
    let carol = SecretKey::from_seed([3; 32]);
    let low = inner(c.run(vec![create(&carol, 9_999_999)]).await);
    assert_eq!(low, OperationResultTr::CreateAccount(R::LowReserve));
    let made = inner(c.run(vec![create(&carol, 10_000_000)]).await);
    assert_eq!(made, OperationResultTr::CreateAccount(R::Success));
    let again = inner(c.run(vec![create(&carol, 10_000_000)]).await);
    assert_eq!(again, OperationResultTr::CreateAccount(R::AlreadyExist));
    let much = inner(
        c.run(vec![create(
            &SecretKey::from_seed([4; 32]),
            100_000_000_000,
        )])
        .await,
    );
    assert_eq!(much, OperationResultTr::CreateAccount(R::Underfunded));
    let malformed = c
        .draft(vec![create(&c.alice, 10_000_000)])
        .await
        .signed(c.id, &[&c.alice]);
    assert_eq!(
        inner(c.refused(&malformed).await),
        OperationResultTr::CreateAccount(R::Malformed)
    );
}

#[tokio::test]
async fn issued_assets_need_trust_on_both_sides() {
    use PaymentResult as R;
    let c = Classic::new().await;
    let issuer = c.world.network.create_funded_account().await.unwrap();
    let gold = asset(*b"GOLD", &issuer);
    let paid = |result| OperationResultTr::Payment(result);
    let pay_gold = |amount| pay(&c.bob, gold.clone(), amount);

    assert_eq!(inner(c.run(vec![pay_gold(1)]).await), paid(R::NoTrust));
    let bob_trusts = Draft::new(
        &c.bob,
        c.world.next_sequence(&c.bob).await,
        vec![trust(*b"GOLD", &issuer, 1_000)],
    );
    c.apply(&bob_trusts.signed(c.id, &[&c.bob])).await;
    assert_eq!(inner(c.run(vec![pay_gold(1)]).await), paid(R::SrcNoTrust));
    c.run(vec![trust(*b"GOLD", &issuer, 2_000)]).await;
    assert_eq!(inner(c.run(vec![pay_gold(1)]).await), paid(R::Underfunded));

    let issue = Draft::new(
        &issuer,
        c.world.next_sequence(&issuer).await,
        vec![pay(&c.alice, gold.clone(), 2_000)],
    );
    c.apply(&issue.signed(c.id, &[&issuer])).await;
    assert_eq!(inner(c.run(vec![pay_gold(1_000)]).await), paid(R::Success));
    assert_eq!(inner(c.run(vec![pay_gold(1)]).await), paid(R::LineFull));
    let nobody = SecretKey::from_seed([9; 32]);
    assert_eq!(
        inner(c.run(vec![pay(&nobody, gold.clone(), 1)]).await),
        paid(R::NoDestination)
    );
    // Back to the issuer, where it ends.
    assert_eq!(
        inner(c.run(vec![pay(&issuer, gold, 1_000)]).await),
        paid(R::Success)
    );
    use stellar_xdr::ChangeTrustResult as T;
    let line = |result| OperationResultTr::ChangeTrust(result);
    assert_eq!(
        inner(c.run(vec![trust(*b"GOLD", &issuer, 0)]).await),
        line(T::Success)
    );
    assert_eq!(
        inner(c.run(vec![trust(*b"GOLD", &issuer, 0)]).await),
        line(T::InvalidLimit)
    );
    assert_eq!(
        inner(c.run(vec![trust(*b"GOLD", &nobody, 5)]).await),
        line(T::NoIssuer)
    );
}

#[tokio::test]
async fn one_failing_operation_undoes_the_others_and_costs_the_fee() {
    let c = Classic::new().await;
    let bob = c.world.stroops(&c.bob).await;
    let result = c
        .run(vec![
            pay(&c.bob, Asset::Native, 1_000),
            pay(&c.bob, Asset::Native, i64::MAX),
        ])
        .await;
    let TransactionResultResult::TxFailed(results) = result else {
        panic!("{result:?}")
    };
    assert_eq!(
        results[1],
        OperationResult::OpInner(OperationResultTr::Payment(PaymentResult::Underfunded))
    );
    assert_eq!(c.world.stroops(&c.bob).await, bob);
    assert_eq!(c.world.stroops(&c.alice).await, 100_000_000_000 - 200);
}

#[tokio::test]
async fn thresholds_and_signers_decide_who_may_spend() {
    let c = Classic::new().await;
    let helper = SecretKey::from_seed([5; 32]);
    let set = |change: fn(&mut SetOptionsOp)| {
        let mut op = options();
        change(&mut op);
        op
    };
    let mut op = set(|op| {
        op.low_threshold = Some(1);
        op.med_threshold = Some(2);
        op.high_threshold = Some(2);
    });
    op.signer = Some(signer(&helper, 1));
    c.run(vec![OperationBody::SetOptions(op)]).await;

    let payment = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
    let alone = c.refused(&payment.signed(c.id, &[&c.alice])).await;
    assert_eq!(first(alone), OperationResult::OpBadAuth);
    let strangers = c.refused(&payment.signed(c.id, &[&c.bob])).await;
    assert_eq!(strangers, TransactionResultResult::TxBadAuth);
    let extra = c
        .refused(&payment.signed(c.id, &[&c.alice, &helper, &c.bob]))
        .await;
    assert_eq!(extra, TransactionResultResult::TxBadAuthExtra);
    let both = c.apply(&payment.signed(c.id, &[&c.alice, &helper])).await;
    assert!(matches!(both.result, TransactionResultResult::TxSuccess(_)));

    // The signer is an entry of the account: it raises the reserve.
    let account: Value = c
        .world
        .http
        .get(format!(
            "{}/accounts/{}",
            c.world.network.horizon_url(),
            c.alice.account_id()
        ))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(account["subentry_count"], 1);
    assert_eq!(account["thresholds"]["med_threshold"], 2);
    assert_eq!(account["signers"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn hash_signers_sign_with_the_preimage() {
    let c = Classic::new().await;
    let mut op = options();
    op.signer = Some(stellar_xdr::Signer {
        key: hash_x(b"open sesame"),
        weight: 1,
    });
    c.run(vec![OperationBody::SetOptions(op)]).await;
    let draft = c.draft(vec![pay(&c.bob, Asset::Native, 1)]).await;
    let mut envelope = draft.sign(c.id, &[]);
    let digest: [u8; 32] = {
        use sha2::Digest as _;
        sha2::Sha256::digest(b"open sesame").into()
    };
    let mut signature = signatures([0; 32], &[&c.alice])[0].clone();
    signature.hint = stellar_xdr::SignatureHint(digest[28..].try_into().unwrap());
    signature.signature = stellar_xdr::Signature(b"open sesame".to_vec().try_into().unwrap());
    envelope.signatures = vec![signature].try_into().unwrap();
    let result = c.apply(&text(&TransactionEnvelope::Tx(envelope))).await;
    assert!(matches!(
        result.result,
        TransactionResultResult::TxSuccess(_)
    ));
}

#[tokio::test]
async fn bad_options_are_refused() {
    use stellar_xdr::SetOptionsResult as R;
    let c = Classic::new().await;
    type Change = fn(&mut SetOptionsOp);
    let cases: [(Change, R); 4] = [
        (|op| op.master_weight = Some(256), R::ThresholdOutOfRange),
        (|op| op.set_flags = Some(0x100), R::UnknownFlag),
        (
            |op| {
                op.set_flags = Some(1);
                op.clear_flags = Some(1);
            },
            R::BadFlags,
        ),
        (
            |op| op.home_domain = Some(stellar_xdr::String32("a\u{7f}".try_into().unwrap())),
            R::InvalidHomeDomain,
        ),
    ];
    for (change, expected) in cases {
        let mut op = options();
        change(&mut op);
        let draft = c.draft(vec![OperationBody::SetOptions(op)]).await;
        assert_eq!(
            inner(c.refused(&draft.signed(c.id, &[&c.alice])).await),
            OperationResultTr::SetOptions(expected)
        );
    }
    let mut op = options();
    op.signer = Some(signer(&c.alice, 1));
    let draft = c.draft(vec![OperationBody::SetOptions(op)]).await;
    assert_eq!(
        inner(c.refused(&draft.signed(c.id, &[&c.alice])).await),
        OperationResultTr::SetOptions(R::BadSigner)
    );
}
