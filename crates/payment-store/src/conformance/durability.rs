//! What was answered is there after the store was closed and opened again.

use std::sync::Arc;

use super::{LEASE, NOW, key, loaded, moved, new_claim, payment};
use crate::{ClaimOutcome, ClaimState, ClaimUpdate, PaymentStore, Scope, UnixMillis};

pub(super) async fn everything_survives_reopening(
    reopen: &impl AsyncFn() -> Arc<dyn PaymentStore>,
) {
    let states = [
        ClaimState::Claimed,
        ClaimState::Pending,
        ClaimState::Settled,
        ClaimState::Failed,
    ];
    let mut written = Vec::new();
    let store = reopen().await;
    for state in states {
        let claim = new_claim(&*store, &key(state.as_str())).await;
        let update = ClaimUpdate::of(&claim, state, UnixMillis::new(NOW.as_millis() + 1))
            .detail(vec![0, 255, 10])
            .alias(payment(&format!("alias-of-{state}")));
        written.push(
            store
                .update(&claim, update)
                .await
                .expect("the newest version"),
        );
    }
    let version = store
        .put_record("c", "k", None, &[0, 255])
        .await
        .expect("there is none yet");
    let released = new_claim(&*store, &key("released")).await;
    store
        .release(&released)
        .await
        .expect("nothing was sent for it");
    drop(store);

    let store = reopen().await;
    for claim in &written {
        assert_eq!(loaded(&*store, &claim.key).await.as_ref(), Some(claim));
        let alias = key(&format!("alias-of-{}", claim.state));
        let again = store
            .claim(&alias, b"", NOW, LEASE)
            .await
            .expect("answered");
        assert_eq!(again, ClaimOutcome::Existing(claim.clone()));
    }
    assert_eq!(loaded(&*store, &key("released")).await, None);
    let record = store
        .record("c", "k")
        .await
        .expect("answered")
        .expect("it was written");
    assert_eq!((record.version, record.value), (version, vec![0, 255]));
    let open = store
        .pending(Scope::Settlement, None, 10)
        .await
        .expect("answered");
    assert_eq!(open, written[..2]);
    // The versions of before still compare.
    moved(&*store, &written[0], ClaimState::Pending).await;
    store
        .put_record("c", "k", Some(version), b"")
        .await
        .expect("the newest version");
}

pub(super) async fn versions_go_on_after_reopening(
    reopen: &impl AsyncFn() -> Arc<dyn PaymentStore>,
) {
    let first = new_claim(&*reopen().await, &key("aba")).await;
    reopen()
        .await
        .release(&first)
        .await
        .expect("nothing was sent for it");
    let second = new_claim(&*reopen().await, &key("aba")).await;
    assert_ne!(
        first.version, second.version,
        "a version is never given twice"
    );
}
