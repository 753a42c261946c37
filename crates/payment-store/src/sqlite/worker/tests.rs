use std::path::Path;
use std::sync::{Arc, mpsc};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Access, Worker};
use crate::sqlite::schema;
use crate::{Outage, StoreError};

type Work<T> = Box<dyn FnOnce(&Connection) -> Result<T, StoreError> + Send>;

fn put(db: &Connection, name: i64) -> Result<usize, StoreError> {
    Ok(db.execute(
        "INSERT INTO records VALUES ('c', ?1, 1, zeroblob(3000))",
        [name],
    )?)
}

fn count(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?)
}

async fn worker(path: &Path) -> Worker {
    let path = path.to_owned();
    Worker::start(move || schema::open(&path)).await.unwrap()
}

/// Holds the thread until all of `works` wait, so that they share the next transaction.
async fn together<T: Send + 'static>(
    worker: &Arc<Worker>,
    works: Vec<Work<T>>,
) -> Vec<Result<T, StoreError>> {
    let (release, held) = mpsc::channel::<()>();
    let (started, start) = oneshot::channel();
    let first = Arc::clone(worker);
    let holding = tokio::spawn(async move {
        let hold = move |_: &Connection| {
            started.send(()).unwrap();
            Ok(held.recv())
        };
        first.call(Access::Read, hold).await
    });
    start.await.unwrap();
    let tasks: Vec<_> = works
        .into_iter()
        .map(|work| {
            let worker = Arc::clone(worker);
            tokio::spawn(async move { worker.call(Access::Write, work).await })
        })
        .collect();
    // On a runtime of one thread, each task has queued its work when this task runs again.
    tokio::task::yield_now().await;
    release.send(()).unwrap();
    holding.await.unwrap().unwrap().unwrap();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

#[tokio::test]
async fn what_waits_shares_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("1.db");
    let worker = Arc::new(worker(&file).await);
    let outside = Connection::open(&file).unwrap();
    let outcomes = together::<i64>(
        &worker,
        vec![
            Box::new(|db| put(db, 1).map(|_| 0)),
            Box::new(|db| put(db, 2).map(|_| 0)),
            // Inside both are there; outside nothing is, because nothing is durable yet.
            Box::new(move |db| Ok(count(db)? * 10 + count(&outside)?)),
        ],
    )
    .await;
    assert_eq!(
        outcomes.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
        [0, 0, 20]
    );
}

#[tokio::test]
async fn an_operation_that_fails_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(worker(&folder.path().join("1.db")).await);
    let outcomes = together::<usize>(
        &worker,
        vec![
            Box::new(|db| put(db, 1)),
            Box::new(|db| {
                put(db, 2)?;
                Err(StoreError::RecordConflict(None))
            }),
            Box::new(|db| {
                put(db, 3)?;
                panic!("an operation that panics")
            }),
            Box::new(|db| put(db, 4)),
        ],
    )
    .await;
    let done: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(done, [true, false, false, true]);
    assert_eq!(worker.call(Access::Read, count).await.unwrap(), 2);
}

#[tokio::test]
async fn a_transaction_that_is_lost_is_an_outage_for_all_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Arc::new(worker(&folder.path().join("1.db")).await);
    let outcomes = together::<usize>(
        &worker,
        vec![
            Box::new(|db| put(db, 1)),
            Box::new(|_| Err(StoreError::RecordConflict(None))),
            Box::new(|db| {
                // As the engine does on its own when the disk fails.
                db.execute_batch("ROLLBACK")?;
                Err(Outage::DiskFull.into())
            }),
            Box::new(|db| put(db, 4)),
        ],
    )
    .await;
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(StoreError::Outage(Outage::DiskFull))),
            "{outcome:?}"
        );
    }
    assert_eq!(worker.call(Access::Read, count).await.unwrap(), 0);
    worker.call(Access::Write, |db| put(db, 5)).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_named_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let worker = worker(&folder.path().join("1.db")).await;
    let limit = |pages: i64| {
        worker.call(Access::Read, move |db| {
            db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
                row.get(0)
            })
            .map_err(StoreError::from)
        })
    };
    let pages: i64 = limit(1).await.unwrap();
    let error = worker.call(Access::Write, |db| put(db, 1)).await;
    let error = match error {
        Ok(_) => worker
            .call(Access::Write, |db| put(db, 2))
            .await
            .unwrap_err(),
        Err(error) => error,
    };
    assert!(
        matches!(error, StoreError::Outage(Outage::DiskFull)),
        "{error:?}"
    );
    limit(pages + 100).await.unwrap();
    worker.call(Access::Write, |db| put(db, 3)).await.unwrap();
}
