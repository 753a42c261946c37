//! The kit, on both stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use coinslot_payment_store::{MemoryStore, PaymentStore, SqliteStore, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory() {
    conformance::check(async || Arc::new(MemoryStore::new()) as Arc<dyn PaymentStore>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let count = AtomicU32::new(0);
    conformance::check(async || {
        let name = format!("{}.db", count.fetch_add(1, Ordering::Relaxed));
        let store = SqliteStore::open(folder.path().join(name)).await.unwrap();
        Arc::new(store) as Arc<dyn PaymentStore>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("payments.db");
    conformance::check_durable(async || {
        Arc::new(SqliteStore::open(&file).await.unwrap()) as Arc<dyn PaymentStore>
    })
    .await;
}

/// A kit that passes everything proves nothing: a store that forgets must not pass.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "assertion")]
async fn a_store_that_forgets_is_not_durable() {
    conformance::check_durable(async || Arc::new(MemoryStore::new()) as Arc<dyn PaymentStore>)
        .await;
}
