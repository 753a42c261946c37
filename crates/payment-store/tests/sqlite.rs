//! The file on the disk: several processes, sudden death, damage, and files that are not ours.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use coinslot_payment_store::{
    ClaimKey, ClaimOutcome, OpenStoreError, Outage, PaymentStore, SqliteStore, StoreError,
    UnixMillis,
};

const FILE: &str = "payments.db";
const KEYS: usize = 200;

fn key(number: usize) -> ClaimKey {
    ClaimKey::settlement(format!("test:{number}").parse().unwrap())
}

async fn claim(store: &dyn PaymentStore, number: usize) -> ClaimOutcome {
    let now = UnixMillis::new(0);
    store.claim(&key(number), b"", now, now).await.unwrap()
}

/// Marks a folder as one in which a child's part may run.
const MARK: &str = "for a child";

/// This very test program once more, running only the child's part in `folder`.
fn child(test: &str, folder: &Path) -> Child {
    std::fs::write(folder.join(MARK), "").unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = usize> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.filter_map(|line| line.unwrap().strip_prefix("claimed ")?.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn child_that_claims_all() {
    if !Path::new(MARK).exists() {
        return;
    }
    let store = SqliteStore::open(FILE).await.unwrap();
    for number in 0..KEYS {
        if claim(&store, number).await.is_new() {
            println!("claimed {number}");
        }
    }
}

#[test]
fn two_processes_claim_each_payment_once() {
    let folder = tempfile::tempdir().unwrap();
    // The children also race to create the file and its schema.
    let mut children: Vec<Child> = (0..3)
        .map(|_| child("child_that_claims_all", folder.path()))
        .collect();
    let mut claimed: Vec<usize> = children.iter_mut().flat_map(lines).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    claimed.sort_unstable();
    assert_eq!(claimed, (0..KEYS).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_make_the_file_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let opening: Vec<_> = (0..6)
            .map(|_| tokio::spawn(SqliteStore::open(file.clone())))
            .collect();
        for opened in opening {
            opened.await.unwrap().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn child_that_claims_until_it_is_killed() {
    if !Path::new(MARK).exists() {
        return;
    }
    let store = Arc::new(SqliteStore::open(FILE).await.unwrap());
    for round in 0.. {
        let claims: Vec<_> = (round * 8..round * 8 + 8)
            .map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    assert!(claim(&*store, number).await.is_new());
                    println!("claimed {number}");
                })
            })
            .collect();
        for claim in claims {
            claim.await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child("child_that_claims_until_it_is_killed", folder.path());
    let mut lines = lines(&mut child);
    let mut claimed: Vec<usize> = lines.by_ref().take(100).collect();
    // SIGKILL, wherever it is now.
    child.kill().unwrap();
    child.wait().unwrap();
    claimed.extend(lines);
    assert!(claimed.len() >= 100);
    let store = SqliteStore::open(folder.path().join(FILE)).await.unwrap();
    for number in claimed {
        assert!(
            !claim(&store, number).await.is_new(),
            "claim {number} was answered and is gone"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_dropped_finishes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = Arc::new(SqliteStore::open(&file).await.unwrap());
    let claims: Vec<_> = (0..50)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { claim(&*store, number).await.is_new() })
        })
        .collect();
    drop(store);
    for claim in claims {
        assert!(claim.await.unwrap());
    }
    let store = SqliteStore::open(&file).await.unwrap();
    for number in 0..50 {
        assert!(!claim(&store, number).await.is_new());
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    drop(SqliteStore::open(&file).await.unwrap());
    let raw = rusqlite::Connection::open(&file).unwrap();
    let version: i64 = raw
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    raw.pragma_update(None, "user_version", version + 1)
        .unwrap();
    match SqliteStore::open(&file).await {
        Err(OpenStoreError::TooNew { found, supported }) => {
            assert_eq!((found, supported), (version + 1, version));
        }
        other => panic!("a newer schema must be refused, and gave {other:?}"),
    }
    raw.pragma_update(None, "user_version", version).unwrap();
    SqliteStore::open(&file)
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute_batch("CREATE TABLE theirs (x); PRAGMA user_version = 1;")
        .unwrap();
    drop(raw);
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(
        SqliteStore::open(&file).await,
        Err(OpenStoreError::NotOurs)
    ));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(
        &text,
        "this is a text and not a database, however long it may be.",
    )
    .unwrap();
    let error = SqliteStore::open(&text).await.unwrap_err();
    assert!(
        matches!(error, OpenStoreError::Outage(Outage::Corrupt)),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("restore it from a backup"),
        "{error}"
    );

    let missing = folder.path().join("no such folder").join(FILE);
    let error = SqliteStore::open(&missing).await.unwrap_err();
    assert!(
        matches!(error, OpenStoreError::Outage(Outage::CannotOpen)),
        "{error:?}"
    );
    let error = SqliteStore::open(folder.path()).await.unwrap_err();
    assert!(
        matches!(error, OpenStoreError::Outage(Outage::CannotOpen)),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_operation_on_a_damaged_file_is_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = SqliteStore::open(&file).await.unwrap();
    claim(&store, 1).await;
    // Pull a table out from under the store, by another connection.
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute_batch("DROP TABLE records").unwrap();
    let error = store.record("c", "k").await.unwrap_err();
    assert!(error.is_outage() && !error.is_conflict(), "{error:?}");
    assert!(
        !claim(&store, 1).await.is_new(),
        "the store goes on with what it can do"
    );
    assert!(claim(&store, 2).await.is_new());
}

#[tokio::test]
async fn a_lock_that_stays_is_busy_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = SqliteStore::open(&file).await.unwrap();
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let now = UnixMillis::new(0);
    let error = store.claim(&key(1), b"", now, now).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Outage(Outage::Busy)),
        "{error:?}"
    );
    assert!(
        store.load(&key(1)).await.unwrap().is_none(),
        "reading goes on"
    );
    raw.execute_batch("ROLLBACK").unwrap();
    assert!(claim(&store, 1).await.is_new());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = SqliteStore::open(&file).await.unwrap();
    claim(&store, 1).await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.file_name());
    }
}
