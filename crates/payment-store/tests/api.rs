//! What the types promise to those who hold them.

use std::fmt::Debug;
use std::sync::Arc;

use coinslot_payment_store::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, Clock, ManualClock, MemoryStore,
    Outage, PaymentId, PaymentStore, Record, Scope, StoreError, SystemClock, UnixMillis,
};

fn send_sync<T: Send + Sync + 'static>() {}
fn value<T: Clone + Debug + PartialEq + Eq + Send + Sync + 'static>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}

#[test]
fn traits() {
    value::<PaymentId>();
    value::<ClaimKey>();
    value::<Claim>();
    value::<ClaimOutcome>();
    value::<ClaimState>();
    value::<Record>();
    value::<Scope>();
    value::<UnixMillis>();
    send_sync::<ClaimUpdate>();
    send_sync::<MemoryStore>();
    send_sync::<Arc<dyn PaymentStore>>();
    send_sync::<Arc<dyn Clock>>();
    error::<StoreError>();
    error::<Outage>();
}

#[cfg(feature = "sqlite")]
#[test]
fn traits_of_sqlite() {
    send_sync::<coinslot_payment_store::SqliteStore>();
    error::<coinslot_payment_store::OpenStoreError>();
}

#[tokio::test]
async fn debug_does_not_print_what_is_kept() {
    let store = MemoryStore::new();
    let key = ClaimKey::delivery("test:1".parse().unwrap());
    let now = SystemClock.now();
    let claim = store
        .claim(&key, b"secret body", now, now)
        .await
        .unwrap()
        .into_claim();
    let update = ClaimUpdate::of(&claim, ClaimState::Settled, now);
    let version = store
        .put_record("c", "k", None, b"secret body")
        .await
        .unwrap();
    let record = store.record("c", "k").await.unwrap().unwrap();
    assert_eq!(record.version, version);
    for text in [
        format!("{claim:?}"),
        format!("{update:?}"),
        format!("{record:?}"),
    ] {
        assert!(text.contains("11 bytes"), "{text}");
        assert!(!text.contains("secret") && !text.contains("115"), "{text}");
    }
}

#[test]
fn clocks() {
    let now = SystemClock.now();
    assert!(now > UnixMillis::from_seconds(1_700_000_000), "{now:?}");
    let clock = ManualClock::new(UnixMillis::new(5));
    clock.advance(std::time::Duration::from_millis(7));
    assert_eq!(clock.now(), UnixMillis::new(12));
    clock.set(UnixMillis::new(1));
    assert_eq!(clock.now(), UnixMillis::new(1));
}
