//! Scans over claims: what is open, what may be forgotten.

use super::{LEASE, NOW, key, loaded, moved, new_claim, payment};
use crate::{ClaimKey, ClaimState, ClaimUpdate, PaymentId, PaymentStore, Scope, UnixMillis};

pub(super) async fn pending_comes_in_pages(store: &dyn PaymentStore) {
    let mut open = Vec::new();
    // Ids whose order as bytes differs from that of a dictionary.
    for name in ["b", "a", "B", "~", "aa", "a:1", "a:10", "a:2", "0"] {
        let claim = new_claim(store, &key(name)).await;
        let state = if name.len() == 1 {
            ClaimState::Pending
        } else {
            ClaimState::Claimed
        };
        open.push(moved(store, &claim, state).await);
    }
    for (name, state) in [("a:3", ClaimState::Settled), ("aaa", ClaimState::Failed)] {
        let claim = new_claim(store, &key(name)).await;
        moved(store, &claim, state).await;
    }
    new_claim(store, &ClaimKey::delivery(payment("a:4"))).await;
    open.sort_by(|one, other| one.key.cmp(&other.key));

    for limit in [1, 2, 3, open.len(), open.len() + 1, usize::MAX] {
        let mut found = Vec::new();
        let mut after: Option<PaymentId> = None;
        loop {
            let page = store
                .pending(Scope::Settlement, after.as_ref(), limit)
                .await
                .expect("answered");
            assert!(page.len() <= limit, "a page keeps to its limit");
            let Some(last) = page.last() else { break };
            after = Some(last.key.payment.clone());
            found.extend(page);
        }
        assert_eq!(found, open, "in pages of {limit}");
    }
    let none = store
        .pending(Scope::Settlement, None, 0)
        .await
        .expect("answered");
    assert!(none.is_empty());
    let behind = store
        .pending(Scope::Settlement, Some(&payment("a:15")), 1)
        .await;
    assert_eq!(
        behind.expect("answered")[0].key,
        key("a:2"),
        "the mark itself need not exist"
    );
}

pub(super) async fn purge_takes_only_what_is_finished(store: &dyn PaymentStore) {
    let (old, new) = (UnixMillis::new(1000), UnixMillis::new(2000));
    let states = [
        ClaimState::Claimed,
        ClaimState::Pending,
        ClaimState::Settled,
        ClaimState::Failed,
    ];
    for scope in [Scope::Settlement, Scope::Delivery] {
        for state in states {
            for (age, time) in [("old", old), ("new", new)] {
                let key = ClaimKey {
                    scope,
                    payment: payment(&format!("{state}-{age}")),
                };
                let claim = store.claim(&key, b"", old, LEASE).await.expect("answered");
                let claim = claim.into_claim();
                let update = ClaimUpdate::of(&claim, state, time);
                store
                    .update(&claim, update)
                    .await
                    .expect("the newest version");
            }
        }
    }
    assert_eq!(
        store.purge(Scope::Settlement, old).await.expect("answered"),
        0,
        "before, not at"
    );
    assert_eq!(
        store.purge(Scope::Settlement, new).await.expect("answered"),
        2
    );
    assert_eq!(
        store.purge(Scope::Settlement, new).await.expect("answered"),
        0
    );
    for state in states {
        for age in ["old", "new"] {
            let name = format!("{state}-{age}");
            let gone = age == "old" && !state.is_open();
            assert_eq!(loaded(store, &key(&name)).await.is_none(), gone, "{name}");
            let other = ClaimKey::delivery(payment(&name));
            assert!(
                loaded(store, &other).await.is_some(),
                "{name} of the other scope"
            );
        }
    }
    new_claim(store, &key("settled-old")).await;
    assert_eq!(
        store.purge(Scope::Settlement, NOW).await.expect("answered"),
        2
    );
}
