//! Records: compare-and-set, removal, scans.

use crate::{PaymentStore, Record, StoreError};

pub(super) async fn compare_and_set(store: &dyn PaymentStore) {
    assert_eq!(store.record("c", "k").await.expect("answered"), None);
    conflict(store.put_record("c", "k", Some(1), b"x").await, None);
    let first = store
        .put_record("c", "k", None, b"one")
        .await
        .expect("there is none yet");
    let one = Record {
        version: first,
        value: b"one".to_vec(),
    };
    assert_eq!(
        store.record("c", "k").await.expect("answered").as_ref(),
        Some(&one)
    );
    conflict(store.put_record("c", "k", None, b"x").await, Some(&one));
    let second = store
        .put_record("c", "k", Some(first), b"")
        .await
        .expect("the newest version");
    assert_ne!(first, second, "every write changes the version");
    let two = Record {
        version: second,
        value: Vec::new(),
    };
    conflict(
        store.put_record("c", "k", Some(first), b"x").await,
        Some(&two),
    );
    conflict(
        store.put_record("c", "k", Some(u64::MAX), b"x").await,
        Some(&two),
    );
    assert_eq!(store.record("c", "k").await.expect("answered"), Some(two));
    assert_eq!(store.record("k", "c").await.expect("answered"), None);
    assert_eq!(store.record("c", "").await.expect("answered"), None);
}

pub(super) async fn removal(store: &dyn PaymentStore) {
    let first = store
        .put_record("c", "k", None, b"one")
        .await
        .expect("there is none yet");
    let one = Record {
        version: first,
        value: b"one".to_vec(),
    };
    conflict(
        store.remove_record("c", "k", first + 1).await.map(|()| 0),
        Some(&one),
    );
    store
        .remove_record("c", "k", first)
        .await
        .expect("the newest version");
    assert_eq!(store.record("c", "k").await.expect("answered"), None);
    conflict(store.remove_record("c", "k", first).await.map(|()| 0), None);
    let second = store
        .put_record("c", "k", None, b"two")
        .await
        .expect("there is none again");
    assert_ne!(first, second, "a version is never given twice");
    let two = Record {
        version: second,
        value: b"two".to_vec(),
    };
    conflict(
        store.put_record("c", "k", Some(first), b"x").await,
        Some(&two),
    );
}

pub(super) async fn records_come_in_pages(store: &dyn PaymentStore) {
    let mut names = vec![
        "",
        " ",
        "B",
        "a",
        "aa",
        "a\u{0}",
        "é",
        "日",
        "'; DROP TABLE records; --",
    ];
    for name in &names {
        store
            .put_record("pages", name, None, name.as_bytes())
            .await
            .expect("there is none yet");
    }
    store
        .put_record("page", "a", None, b"other")
        .await
        .expect("there is none yet");
    names.sort_unstable();
    for limit in [1, 2, names.len(), usize::MAX] {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store
                .records("pages", after.as_deref(), limit)
                .await
                .expect("answered");
            assert!(page.len() <= limit, "a page keeps to its limit");
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (name, record) in page {
                assert_eq!(record.value, name.as_bytes());
                found.push(name);
            }
        }
        assert_eq!(found, names, "in pages of {limit}");
    }
    assert!(
        store
            .records("none", None, 10)
            .await
            .expect("answered")
            .is_empty()
    );
}

fn conflict(outcome: Result<u64, StoreError>, current: Option<&Record>) {
    match outcome {
        Err(StoreError::RecordConflict(found)) => assert_eq!(found.as_ref(), current),
        other => panic!("an unexpected version must conflict, and gave {other:?}"),
    }
}
