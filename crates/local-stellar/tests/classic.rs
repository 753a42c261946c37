//! Classic transactions: operations, signers and thresholds, fees, preconditions; and the codes of what is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::{CloseMode, LocalStellar};
use coinslot_soroban_authorization::SecretKey;
use serde_json::{Value, json};
use stellar_xdr::{
    Asset, LedgerBounds, Memo, OperationBody, OperationResult, OperationResultTr, PaymentResult,
    Preconditions, PreconditionsV2, SequenceNumber, SetOptionsOp, TimeBounds, TimePoint,
    TransactionEnvelope, TransactionResult, TransactionResultResult,
};
use support::World;
use support::classic::{
    Draft, asset, create, fee_bump, hash_x, options, pay, read, signatures, signer, text, trust,
};

/// A network that closes by hand, with two funded accounts.
struct Classic {
    world: World,
    id: [u8; 32],
    alice: SecretKey,
    bob: SecretKey,
}

impl Classic {
    async fn new() -> Self {
        let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
        let alice = world.network.create_funded_account().await.unwrap();
        let bob = world.network.create_funded_account().await.unwrap();
        let id = *world.network.network_id().as_bytes();
        Self {
            world,
            id,
            alice,
            bob,
        }
    }

    async fn draft(&self, bodies: Vec<OperationBody>) -> Draft {
        let sequence = self.world.next_sequence(&self.alice).await;
        Draft::new(&self.alice, sequence, bodies)
    }

    async fn submit(&self, envelope: &str) -> Value {
        self.world
            .call("sendTransaction", json!({ "transaction": envelope }))
            .await
    }

    /// Submits what must be accepted, closes the ledger, and answers the result.
    async fn apply(&self, envelope: &str) -> TransactionResult {
        let sent = self.submit(envelope).await;
        assert_eq!(sent["status"], "PENDING", "{:?}", refusal(&sent));
        self.world.network.close_ledger().await.unwrap();
        let done = self
            .world
            .call("getTransaction", json!({ "hash": sent["hash"] }))
            .await;
        read(done["resultXdr"].as_str().unwrap())
    }

    async fn run(&self, bodies: Vec<OperationBody>) -> TransactionResultResult {
        let draft = self.draft(bodies).await;
        self.apply(&draft.signed(self.id, &[&self.alice]))
            .await
            .result
    }

    async fn refused(&self, envelope: &str) -> TransactionResultResult {
        let sent = self.submit(envelope).await;
        assert_eq!(sent["status"], "ERROR", "{sent}");
        refusal(&sent).unwrap()
    }
}

fn refusal(sent: &Value) -> Option<TransactionResultResult> {
    sent["errorResultXdr"]
        .as_str()
        .map(|text| read::<TransactionResult>(text).result)
}

fn first(result: TransactionResultResult) -> OperationResult {
    match result {
        TransactionResultResult::TxSuccess(results)
        | TransactionResultResult::TxFailed(results) => results[0].clone(),
        other => panic!("{other:?}"),
    }
}

fn inner(result: TransactionResultResult) -> OperationResultTr {
    match first(result) {
        OperationResult::OpInner(inner) => inner,
        other => panic!("{other:?}"),
    }
}

fn conditions(change: impl FnOnce(&mut PreconditionsV2)) -> Preconditions {
    let mut conditions = PreconditionsV2::default();
    change(&mut conditions);
    Preconditions::V2(conditions)
}

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
