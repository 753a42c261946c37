//! One payment has one identity through every door.

use super::{LEASE, NOW, key, loaded, moved, new_claim, payment};
use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, PaymentStore, StoreError, UnixMillis,
};

async fn with_alias(store: &dyn PaymentStore, claim: &Claim, alias: &str) -> Claim {
    let update = ClaimUpdate::of(claim, ClaimState::Pending, NOW).alias(payment(alias));
    store
        .update(claim, update)
        .await
        .expect("the alias is free")
}

pub(super) async fn a_claim_is_found_by_its_aliases(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("nonce")).await;
    let update = ClaimUpdate::of(&claim, ClaimState::Pending, NOW)
        .alias(payment("inner"))
        .alias(payment("outer"))
        .alias(payment("outer"))
        .alias(payment("nonce"));
    let claim = store
        .update(&claim, update)
        .await
        .expect("its own ids are no conflict");
    for door in ["nonce", "inner", "outer"] {
        assert_eq!(
            loaded(store, &key(door)).await.as_ref(),
            Some(&claim),
            "by {door}"
        );
        let again = store
            .claim(&key(door), b"thief", NOW, LEASE)
            .await
            .expect("answered");
        assert_eq!(again, ClaimOutcome::Existing(claim.clone()), "by {door}");
    }
    // The same aliases again, and one more.
    let claim = with_alias(store, &claim, "inner").await;
    let claim = with_alias(store, &claim, "late").await;
    for door in ["nonce", "inner", "outer", "late"] {
        assert_eq!(
            loaded(store, &key(door)).await.as_ref(),
            Some(&claim),
            "by {door}"
        );
    }
    // A claim that names an alias as its key is updated as the claim that it is.
    let by_alias = Claim {
        key: key("outer"),
        ..claim.clone()
    };
    let settled = moved(store, &by_alias, ClaimState::Settled).await;
    assert_eq!(settled.key, key("nonce"));
    assert_eq!(loaded(store, &key("nonce")).await, Some(settled));
}

pub(super) async fn an_alias_of_another_claim_is_a_conflict(store: &dyn PaymentStore) {
    let first = new_claim(store, &key("first")).await;
    let first = with_alias(store, &first, "shared").await;
    let second = new_claim(store, &key("second")).await;
    for taken in ["shared", "first"] {
        let update = ClaimUpdate::of(&second, ClaimState::Pending, NOW).alias(payment(taken));
        match store.update(&second, update).await {
            Err(StoreError::AliasTaken { alias, holder }) => {
                assert_eq!((alias, *holder), (payment(taken), first.clone()));
            }
            other => panic!("{taken} belongs to another claim, and gave {other:?}"),
        }
    }
    assert_eq!(loaded(store, &key("shared")).await, Some(first));
}

pub(super) async fn a_refused_alias_changes_nothing(store: &dyn PaymentStore) {
    new_claim(store, &key("holder")).await;
    let claim = new_claim(store, &key("claim")).await;
    let update = ClaimUpdate::of(&claim, ClaimState::Settled, NOW)
        .detail(*b"changed")
        .alias(payment("free"))
        .alias(payment("holder"));
    assert!(
        store
            .update(&claim, update)
            .await
            .is_err_and(|error| error.is_conflict())
    );
    assert_eq!(loaded(store, &key("claim")).await, Some(claim));
    assert_eq!(
        loaded(store, &key("free")).await,
        None,
        "the free alias was not added either"
    );
}

pub(super) async fn aliases_go_with_their_claim(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("gone")).await;
    let update = ClaimUpdate::of(&claim, ClaimState::Claimed, NOW).alias(payment("released"));
    let claim = store
        .update(&claim, update)
        .await
        .expect("the alias is free");
    store
        .release(&claim)
        .await
        .expect("nothing was sent for it");
    assert_eq!(loaded(store, &key("released")).await, None);

    let claim = new_claim(store, &key("gone")).await;
    let claim = with_alias(store, &claim, "purged").await;
    moved(store, &claim, ClaimState::Settled).await;
    let purged = store
        .purge(claim.key.scope, UnixMillis::new(i64::MAX))
        .await
        .expect("answered");
    assert_eq!(purged, 1);
    assert_eq!(loaded(store, &key("purged")).await, None);

    for free in ["released", "purged", "gone"] {
        new_claim(store, &key(free)).await;
    }
}

pub(super) async fn aliases_of_one_scope_do_not_show_in_another(store: &dyn PaymentStore) {
    let settlement = new_claim(store, &ClaimKey::settlement(payment("id"))).await;
    with_alias(store, &settlement, "alias").await;
    new_claim(store, &ClaimKey::delivery(payment("alias"))).await;
    let delivery = new_claim(store, &ClaimKey::delivery(payment("id"))).await;
    let update = ClaimUpdate::of(&delivery, ClaimState::Pending, NOW).alias(payment("alias"));
    match store.update(&delivery, update).await {
        Err(StoreError::AliasTaken { holder, .. }) => {
            assert_eq!(holder.key, ClaimKey::delivery(payment("alias")));
        }
        other => panic!("the alias is a claim of this scope, and gave {other:?}"),
    }
}
