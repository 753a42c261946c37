//! Many at once: whoever comes second learns so.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{LEASE, NOW, key, loaded, new_claim, payment};
use crate::{Claim, ClaimOutcome, ClaimState, ClaimUpdate, PaymentStore, StoreError};

const CALLERS: usize = 300;

pub(super) async fn one_of_many_claims_wins(store: &Arc<dyn PaymentStore>) {
    let outcomes = at_once(store, |store, caller| async move {
        store
            .claim(&key("race"), &detail(caller), NOW, LEASE)
            .await
            .expect("answered")
    })
    .await;
    let new: Vec<&ClaimOutcome> = outcomes.iter().filter(|outcome| outcome.is_new()).collect();
    assert_eq!(new.len(), 1, "exactly one caller makes the claim");
    let claim = new[0].clone().into_claim();
    for outcome in outcomes {
        assert_eq!(outcome.into_claim(), claim, "all see the one claim");
    }
    assert_eq!(loaded(&**store, &key("race")).await, Some(claim));
}

pub(super) async fn one_of_many_updates_wins(store: &Arc<dyn PaymentStore>) {
    let claim = new_claim(&**store, &key("race")).await;
    let outcomes = at_once(store, |store, caller| {
        let claim = claim.clone();
        async move {
            let update = ClaimUpdate::of(&claim, ClaimState::Pending, NOW).detail(detail(caller));
            // Some would release it instead.
            if caller % 3 == 0 {
                store.release(&claim).await.map(|()| None)
            } else {
                store.update(&claim, update).await.map(Some)
            }
        }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "exactly one caller moves a version on");
    let current = won.into_iter().find_map(Result::ok).expect("one won");
    assert_eq!(loaded(&**store, &key("race")).await, current);
    for outcome in lost {
        match outcome {
            Err(StoreError::Conflict(found)) => assert_eq!(found.map(|claim| *claim), current),
            other => panic!("whoever comes second conflicts, and got {other:?}"),
        }
    }
}

pub(super) async fn one_of_two_claims_gets_an_alias(store: &Arc<dyn PaymentStore>) {
    let mut claims: Vec<Claim> = Vec::new();
    for caller in 0..CALLERS {
        claims.push(new_claim(&**store, &key(&format!("claim-{caller}"))).await);
    }
    let outcomes = at_once(store, |store, caller| {
        let claim = claims[caller].clone();
        async move {
            let update = ClaimUpdate::of(&claim, ClaimState::Pending, NOW).alias(payment("hash"));
            store.update(&claim, update).await
        }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "an alias has exactly one claim");
    let holder = won.into_iter().find_map(Result::ok).expect("one won");
    for outcome in lost {
        match outcome {
            Err(StoreError::AliasTaken { holder: found, .. }) => assert_eq!(*found, holder),
            other => panic!("the alias is taken, and gave {other:?}"),
        }
    }
}

pub(super) async fn no_increment_is_lost(store: &Arc<dyn PaymentStore>) {
    const CALLERS: u64 = 24;
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            loop {
                let current = store.record("counter", "n").await.expect("answered");
                let count = current.as_ref().map_or(0, |record| record.value.len());
                let version = current.map(|record| record.version);
                match store
                    .put_record("counter", "n", version, &vec![0; count + 1])
                    .await
                {
                    Ok(_) => break,
                    Err(StoreError::RecordConflict(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no caller panics");
    }
    let record = store
        .record("counter", "n")
        .await
        .expect("answered")
        .expect("it was written");
    assert_eq!(u64::try_from(record.value.len()), Ok(CALLERS));
}

/// A payment that is known by its nonce and, from some moment on, by its hash: callers through
/// either door see one claim, and the hash is never claimed beside it.
pub(super) async fn a_payment_is_claimed_once_through_all_its_doors(store: &Arc<dyn PaymentStore>) {
    let outcomes = at_once(store, |store, caller| async move {
        if caller % 2 == 1 {
            let by_hash = store.claim(&key("hash"), b"", NOW, LEASE).await;
            return by_hash.expect("answered").is_new();
        }
        match store
            .claim(&key("nonce"), b"", NOW, LEASE)
            .await
            .expect("answered")
        {
            ClaimOutcome::Existing(_) => false,
            ClaimOutcome::New(claim) => {
                let update =
                    ClaimUpdate::of(&claim, ClaimState::Pending, NOW).alias(payment("hash"));
                match store.update(&claim, update).await {
                    Ok(_) => true,
                    Err(StoreError::AliasTaken { .. }) => false,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    })
    .await;
    let won = outcomes.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1, "one payment is served once, through whichever door");
}

fn detail(caller: usize) -> Vec<u8> {
    caller.to_string().into_bytes()
}

/// Runs `work` for every caller at once, and collects what came of it.
async fn at_once<T, F>(
    store: &Arc<dyn PaymentStore>,
    work: impl Fn(Arc<dyn PaymentStore>, usize) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for caller in 0..CALLERS {
        tasks.spawn(work(Arc::clone(store), caller));
    }
    tasks.join_all().await
}
