//! One claim at a time: made once, moved by compare-and-set, released before anything was sent.

use super::{LEASE, NOW, key, loaded, moved, new_claim, payment};
use crate::{
    ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, MAX_VALUE_BYTES, PaymentStore, StoreError,
    UnixMillis,
};

pub(super) async fn a_claim_is_made_once(store: &dyn PaymentStore) {
    assert_eq!(
        loaded(store, &key("once")).await,
        None,
        "nothing was claimed yet"
    );
    let claim = new_claim(store, &key("once")).await;
    assert_eq!(claim.key, key("once"));
    assert_eq!(claim.state, ClaimState::Claimed);
    assert_eq!(claim.detail, b"new");
    assert_eq!(
        (claim.claimed_at, claim.updated_at, claim.lease_until),
        (NOW, NOW, LEASE)
    );
    assert_eq!(loaded(store, &key("once")).await.as_ref(), Some(&claim));

    let later = UnixMillis::new(NOW.as_millis() + 1);
    let again = store
        .claim(&key("once"), b"other", later, later)
        .await
        .expect("answered");
    assert_eq!(
        again,
        ClaimOutcome::Existing(claim.clone()),
        "the first claim stands unchanged"
    );
    assert_eq!(loaded(store, &key("once")).await, Some(claim));
}

pub(super) async fn scopes_are_apart(store: &dyn PaymentStore) {
    let settlement = new_claim(store, &ClaimKey::settlement(payment("both"))).await;
    let delivery = new_claim(store, &ClaimKey::delivery(payment("both"))).await;
    moved(store, &delivery, ClaimState::Failed).await;
    assert_eq!(loaded(store, &settlement.key).await, Some(settlement));
}

pub(super) async fn an_update_moves_a_claim(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("moves")).await;
    let later = UnixMillis::new(NOW.as_millis() + 5);
    let update = ClaimUpdate::of(&claim, ClaimState::Pending, later)
        .detail(*b"pending")
        .lease_until(later);
    let pending = store
        .update(&claim, update)
        .await
        .expect("the version is the newest");
    assert_ne!(
        pending.version, claim.version,
        "every update changes the version"
    );
    assert_eq!(pending.key, claim.key);
    assert_eq!(pending.state, ClaimState::Pending);
    assert_eq!(pending.detail, b"pending");
    assert_eq!(
        (pending.claimed_at, pending.updated_at, pending.lease_until),
        (NOW, later, later)
    );
    assert_eq!(loaded(store, &key("moves")).await.as_ref(), Some(&pending));
    let settled = moved(store, &pending, ClaimState::Settled).await;
    assert_eq!(loaded(store, &key("moves")).await, Some(settled));
}

pub(super) async fn a_stale_update_changes_nothing(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("stale")).await;
    let pending = moved(store, &claim, ClaimState::Pending).await;
    let update = ClaimUpdate::of(&claim, ClaimState::Failed, NOW).alias(payment("stale-alias"));
    match store.update(&claim, update).await {
        Err(StoreError::Conflict(Some(current))) => assert_eq!(*current, pending),
        other => panic!("an old version must conflict, and gave {other:?}"),
    }
    assert_eq!(loaded(store, &key("stale")).await, Some(pending));
    assert_eq!(
        loaded(store, &key("stale-alias")).await,
        None,
        "its alias was not added"
    );
}

pub(super) async fn a_settled_claim_stays_settled(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("final")).await;
    let settled = moved(store, &claim, ClaimState::Settled).await;
    for state in [ClaimState::Claimed, ClaimState::Pending, ClaimState::Failed] {
        match store
            .update(&settled, ClaimUpdate::of(&settled, state, NOW))
            .await
        {
            Err(StoreError::SettledIsFinal(refused)) => assert_eq!(refused, state),
            other => panic!("a settled claim must not become {state}, and gave {other:?}"),
        }
    }
    assert_eq!(loaded(store, &key("final")).await.as_ref(), Some(&settled));
    let update = ClaimUpdate::of(&settled, ClaimState::Settled, NOW).detail(*b"shorter");
    let shorter = store
        .update(&settled, update)
        .await
        .expect("its detail may change");
    assert_eq!(shorter.detail, b"shorter");
}

pub(super) async fn a_failed_claim_may_settle(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("found-later")).await;
    let failed = moved(store, &claim, ClaimState::Failed).await;
    let settled = moved(store, &failed, ClaimState::Settled).await;
    assert_eq!(loaded(store, &key("found-later")).await, Some(settled));
}

pub(super) async fn only_a_claimed_claim_is_released(store: &dyn PaymentStore) {
    let claim = new_claim(store, &key("released")).await;
    store
        .release(&claim)
        .await
        .expect("nothing was sent for it");
    assert_eq!(loaded(store, &key("released")).await, None);
    match store.release(&claim).await {
        Err(StoreError::Conflict(None)) => {}
        other => panic!("a second release must conflict, and gave {other:?}"),
    }
    for state in [ClaimState::Pending, ClaimState::Settled, ClaimState::Failed] {
        let claim = new_claim(store, &key(state.as_str())).await;
        let current = moved(store, &claim, state).await;
        match store.release(&claim).await {
            Err(StoreError::Conflict(Some(found))) => assert_eq!(*found, current),
            other => panic!("an old version must conflict, and gave {other:?}"),
        }
        match store.release(&current).await {
            Err(StoreError::NotReleasable(found)) => assert_eq!(found, state),
            other => panic!("a {state} claim must not be released, and gave {other:?}"),
        }
        assert_eq!(loaded(store, &key(state.as_str())).await, Some(current));
    }
}

/// Whoever held a claim that was released and taken by another must not move the other's.
pub(super) async fn versions_are_never_given_twice(store: &dyn PaymentStore) {
    let first = new_claim(store, &key("aba")).await;
    store
        .release(&first)
        .await
        .expect("nothing was sent for it");
    let second = new_claim(store, &key("aba")).await;
    assert_ne!(first.version, second.version);
    match store
        .update(&first, ClaimUpdate::of(&first, ClaimState::Failed, NOW))
        .await
    {
        Err(StoreError::Conflict(Some(current))) => assert_eq!(*current, second),
        other => panic!("a claim of someone else must conflict, and gave {other:?}"),
    }
    match store.release(&first).await {
        Err(StoreError::Conflict(Some(current))) => assert_eq!(*current, second),
        other => panic!("a claim of someone else must conflict, and gave {other:?}"),
    }
}

pub(super) async fn leases_are_data(store: &dyn PaymentStore) {
    let past = UnixMillis::new(1);
    let first = store
        .claim(&key("lease"), b"", NOW, past)
        .await
        .expect("answered")
        .into_claim();
    let again = store
        .claim(&key("lease"), b"", NOW, LEASE)
        .await
        .expect("answered");
    assert_eq!(
        again,
        ClaimOutcome::Existing(first.clone()),
        "an ended lease frees nothing"
    );
    let taken = store
        .update(
            &first,
            ClaimUpdate::of(&first, ClaimState::Claimed, NOW).lease_until(LEASE),
        )
        .await
        .expect("a lease is taken over by compare-and-set");
    assert_eq!(taken.lease_until, LEASE);
    assert!(
        store
            .release(&first)
            .await
            .is_err_and(|error| error.is_conflict())
    );
    for time in [i64::MIN, -1, 0, i64::MAX].map(UnixMillis::new) {
        let at = key(&format!("at-{}", time.as_millis()));
        let claim = store
            .claim(&at, b"", time, time)
            .await
            .expect("answered")
            .into_claim();
        assert_eq!((claim.claimed_at, claim.lease_until), (time, time));
        assert_eq!(loaded(store, &at).await, Some(claim));
    }
}

pub(super) async fn long_values_are_refused(store: &dyn PaymentStore) {
    let longest = vec![7; MAX_VALUE_BYTES];
    let too_long = vec![7; MAX_VALUE_BYTES + 1];
    let refused = |error: StoreError| match error {
        StoreError::TooLarge { bytes } => assert_eq!(bytes, too_long.len()),
        other => panic!("a value past the limit must be refused, and gave {other:?}"),
    };
    refused(
        store
            .claim(&key("long"), &too_long, NOW, LEASE)
            .await
            .expect_err("too long"),
    );
    assert_eq!(loaded(store, &key("long")).await, None);
    let claim = new_claim(store, &key("long")).await;
    let update = ClaimUpdate::of(&claim, ClaimState::Claimed, NOW);
    refused(
        store
            .update(&claim, update.clone().detail(&*too_long))
            .await
            .expect_err("too long"),
    );
    let claim = store
        .update(&claim, update.detail(&*longest))
        .await
        .expect("at the limit");
    assert_eq!(claim.detail.len(), MAX_VALUE_BYTES);
    assert_eq!(loaded(store, &key("long")).await, Some(claim));
    refused(
        store
            .put_record("long", "long", None, &too_long)
            .await
            .expect_err("too long"),
    );
}
