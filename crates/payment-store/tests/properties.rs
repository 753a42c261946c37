//! Random operations, against a model that is a plain list.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "properties/model.rs"]
mod model;

use coinslot_payment_store::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, MemoryStore, PaymentId, PaymentStore,
    Scope, SqliteStore, StoreError, UnixMillis,
};
use model::Model;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Operation {
    Claim {
        scope: Scope,
        name: u8,
        now: i64,
    },
    Load {
        scope: Scope,
        name: u8,
    },
    /// `stale`: from the version before the last that was seen under the name.
    Update {
        scope: Scope,
        name: u8,
        stale: bool,
        state: ClaimState,
        aliases: Vec<u8>,
        now: i64,
    },
    Release {
        scope: Scope,
        name: u8,
        stale: bool,
    },
    Pending {
        scope: Scope,
        after: Option<u8>,
        limit: usize,
    },
    Purge {
        scope: Scope,
        before: i64,
    },
    Put {
        name: u8,
        stale: bool,
        value: Vec<u8>,
    },
    Remove {
        name: u8,
        stale: bool,
    },
    Scan {
        after: Option<u8>,
        limit: usize,
    },
    Reopen,
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![4 => Just(Scope::Settlement), 1 => Just(Scope::Delivery)]
}

fn state() -> impl Strategy<Value = ClaimState> {
    prop_oneof![
        Just(ClaimState::Claimed),
        Just(ClaimState::Pending),
        Just(ClaimState::Settled),
        Just(ClaimState::Failed),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = 0..6_u8;
    let stale = prop::bool::weighted(0.2);
    let aliases = prop::collection::vec(0..6_u8, 0..3);
    let value = prop::collection::vec(any::<u8>(), 0..4);
    prop_oneof![
        6 => (scope(), name.clone(), 0..50_i64)
            .prop_map(|(scope, name, now)| Operation::Claim { scope, name, now }),
        2 => (scope(), name.clone()).prop_map(|(scope, name)| Operation::Load { scope, name }),
        8 => (scope(), name.clone(), stale, state(), aliases, 0..50_i64).prop_map(
            |(scope, name, stale, state, aliases, now)| Operation::Update {
                scope, name, stale, state, aliases, now
            }
        ),
        2 => (scope(), name.clone(), stale)
            .prop_map(|(scope, name, stale)| Operation::Release { scope, name, stale }),
        2 => (scope(), prop::option::of(name.clone()), 0..4_usize)
            .prop_map(|(scope, after, limit)| Operation::Pending { scope, after, limit }),
        1 => (scope(), 0..50_i64).prop_map(|(scope, before)| Operation::Purge { scope, before }),
        3 => (name.clone(), stale, value)
            .prop_map(|(name, stale, value)| Operation::Put { name, stale, value }),
        1 => (name.clone(), stale).prop_map(|(name, stale)| Operation::Remove { name, stale }),
        1 => (prop::option::of(name), 0..4_usize)
            .prop_map(|(after, limit)| Operation::Scan { after, limit }),
        1 => Just(Operation::Reopen),
    ]
}

fn payment(name: u8) -> PaymentId {
    format!("test:{name}").parse().unwrap()
}

fn key(scope: Scope, name: u8) -> ClaimKey {
    ClaimKey {
        scope,
        payment: payment(name),
    }
}

/// What came of an update or a release, without the versions, which the model does not know.
fn outcome<T>(result: &Result<T, StoreError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(StoreError::Conflict(_)) => "conflict",
        Err(StoreError::AliasTaken { .. }) => "alias taken",
        Err(StoreError::SettledIsFinal(_)) => "settled is final",
        Err(StoreError::NotReleasable(_)) => "not releasable",
        Err(StoreError::RecordConflict(_)) => "record conflict",
        Err(_) => "another error",
    }
}

/// The claim as the caller knows it: of an old version if it is to be stale.
async fn known(store: &dyn PaymentStore, key: &ClaimKey, stale: bool) -> Claim {
    let mut claim = store.load(key).await.unwrap().unwrap_or_else(|| Claim {
        key: key.clone(),
        version: 1,
        state: ClaimState::Claimed,
        detail: Vec::new(),
        claimed_at: UnixMillis::new(0),
        updated_at: UnixMillis::new(0),
        lease_until: UnixMillis::new(0),
    });
    if stale {
        claim.version -= 1;
    }
    claim
}

async fn agree(store: &dyn PaymentStore, model: &mut Model, operation: Operation) {
    match operation {
        Operation::Claim { scope, name, now } => {
            let now = UnixMillis::new(now);
            let outcome = store
                .claim(&key(scope, name), b"d", now, now)
                .await
                .unwrap();
            let new = matches!(outcome, ClaimOutcome::New(_));
            assert_eq!(new, model.claim(scope, name, now), "claim {name}");
            model.assert_is(&outcome.into_claim(), scope, name);
        }
        Operation::Load { scope, name } => match store.load(&key(scope, name)).await.unwrap() {
            Some(claim) => model.assert_is(&claim, scope, name),
            None => assert!(model.find(scope, name).is_none(), "load {name}"),
        },
        Operation::Update {
            scope,
            name,
            stale,
            state,
            aliases,
            now,
        } => {
            let claim = known(store, &key(scope, name), stale).await;
            let now = UnixMillis::new(now);
            let mut update = ClaimUpdate::of(&claim, state, now).detail(vec![name]);
            for alias in &aliases {
                update = update.alias(payment(*alias));
            }
            let result = store.update(&claim, update).await;
            let expected = model.update(scope, name, stale, state, &aliases, now);
            assert_eq!(outcome(&result), expected, "update {name}");
            if let Ok(claim) = result {
                model.assert_is(&claim, scope, name);
            }
        }
        Operation::Release { scope, name, stale } => {
            let claim = known(store, &key(scope, name), stale).await;
            let result = store.release(&claim).await;
            assert_eq!(
                outcome(&result),
                model.release(scope, name, stale),
                "release {name}"
            );
        }
        Operation::Pending {
            scope,
            after,
            limit,
        } => {
            let after_id = after.map(payment);
            let page = store
                .pending(scope, after_id.as_ref(), limit)
                .await
                .unwrap();
            let ids: Vec<_> = page.into_iter().map(|claim| claim.key.payment).collect();
            let expected = model.pending(scope, after, limit);
            assert_eq!(ids, expected.into_iter().map(payment).collect::<Vec<_>>());
        }
        Operation::Purge { scope, before } => {
            let before = UnixMillis::new(before);
            assert_eq!(
                store.purge(scope, before).await.unwrap(),
                model.purge(scope, before)
            );
        }
        Operation::Put { name, stale, value } => {
            let name_text = name.to_string();
            let record = store.record("c", &name_text).await.unwrap();
            let expected = record.map(|record| record.version - u64::from(stale));
            let result = store.put_record("c", &name_text, expected, &value).await;
            assert_eq!(
                outcome(&result),
                model.put(name, stale, value),
                "put {name}"
            );
        }
        Operation::Remove { name, stale } => {
            let name_text = name.to_string();
            let record = store.record("c", &name_text).await.unwrap();
            let expected = record.map_or(1, |record| record.version) - u64::from(stale);
            let result = store.remove_record("c", &name_text, expected).await;
            assert_eq!(outcome(&result), model.remove(name, stale), "remove {name}");
        }
        Operation::Scan { after, limit } => {
            let after_text = after.map(|name| name.to_string());
            let page = store
                .records("c", after_text.as_deref(), limit)
                .await
                .unwrap();
            let values: Vec<_> = page
                .into_iter()
                .map(|(name, record)| (name, record.value))
                .collect();
            assert_eq!(values, model.scan(after, limit));
        }
        Operation::Reopen => {}
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_memory_store_is_its_model(operations in prop::collection::vec(operation(), 1..60)) {
        runtime().block_on(async {
            let (store, mut model) = (MemoryStore::new(), Model::default());
            for operation in operations {
                agree(&store, &mut model, operation).await;
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_sqlite_store_is_its_model(operations in prop::collection::vec(operation(), 1..60)) {
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("payments.db");
            let mut store = SqliteStore::open(&file).await.unwrap();
            let mut model = Model::default();
            for operation in operations {
                if matches!(operation, Operation::Reopen) {
                    drop(store);
                    store = SqliteStore::open(&file).await.unwrap();
                } else {
                    agree(&store, &mut model, operation).await;
                }
            }
        });
    }
}

proptest! {
    #[test]
    fn a_payment_id_is_its_text(text in "\\PC{0,12}|[!-~]{0,40}|[a-z]{1,4}:[!-~]{1,260}") {
        if let Ok(id) = text.parse::<PaymentId>() {
            prop_assert_eq!(id.as_str(), &text);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
