//! The thread that owns the connection, and group commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::failure::again;
use crate::{OpenStoreError, Outage, StoreError};

/// Operations that may wait before callers wait for room.
const QUEUE: usize = 4096;

/// Operations that share one transaction at most, so that none waits long for its answer.
const MAX_BATCH: usize = 512;

/// How long a commit is put off at the most, for others to come.
const LONGEST_PATIENCE: Duration = Duration::from_millis(5);

/// Between two looks for others.
const PAUSE: Duration = Duration::from_micros(100);

/// What an operation needs of the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// To change one thing, by one statement.
    Statement,
    Write,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Worker {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Worker {
    /// Starts the thread and opens the connection on it.
    pub(super) async fn start(
        open: impl FnOnce() -> Result<Connection, OpenStoreError> + Send + 'static,
    ) -> Result<Self, OpenStoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (ready, opened) = oneshot::channel();
        thread::Builder::new()
            .name("payment-store".to_owned())
            .spawn(move || match open() {
                Ok(db) => {
                    if ready.send(Ok(())).is_ok() {
                        serve(&db, jobs);
                    }
                }
                Err(error) => drop(ready.send(Err(error))),
            })
            .map_err(OpenStoreError::Thread)?;
        opened.await.map_err(|_| Outage::Closed)??;
        Ok(Self { queue })
    }

    /// Has the thread do `work` inside a transaction; answers when that is committed.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        access: Access,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Operation {
            access,
            work: Some(work),
            outcome: None,
            reply,
        });
        self.queue.send(job).await.map_err(|_| Outage::Closed)?;
        answer.await.map_err(|_| Outage::Closed)?
    }
}

/// An operation on its way: done inside the transaction, answered behind it.
trait Job: Send {
    fn access(&self) -> Access;

    /// Does the work; tells whether to keep what it changed.
    fn run(&mut self, db: &Connection) -> bool;

    /// The outage that the work met, if it met one.
    fn outage(&self) -> Option<Outage>;

    /// Answers: its own outcome, or the outage that took the transaction with it.
    fn answer(self: Box<Self>, lost: Option<&Outage>);
}

struct Operation<T, F> {
    access: Access,
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Operation<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn access(&self) -> Access {
        self.access
    }

    fn run(&mut self, db: &Connection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // A panic is this operation's failure; the thread serves the others on.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|_| Err(Outage::Engine("an operation panicked".into()).into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn outage(&self) -> Option<Outage> {
        match &self.outcome {
            Some(Err(StoreError::Outage(outage))) => Some(again(outage)),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, lost: Option<&Outage>) {
        let outcome = match (lost, self.outcome) {
            (None, Some(outcome)) => outcome,
            // A refusal too: it may rest on what another operation of the transaction wrote.
            (Some(outage), _) => Err(again(outage).into()),
            (None, None) => Err(Outage::Closed.into()),
        };
        // Nobody may be waiting any more.
        drop(self.reply.send(outcome));
    }
}

fn serve(db: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut batch = Vec::new();
    let mut patience = Duration::ZERO;
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        gather(&mut jobs, &mut batch, patience);
        let begun = Instant::now();
        let lost = commit(db, &mut batch).err();
        // Whoever comes alone does not wait for others.
        patience = if batch.len() > 1 {
            begun.elapsed().min(LONGEST_PATIENCE)
        } else {
            Duration::ZERO
        };
        if lost.is_some() && !db.is_autocommit() {
            // Nothing can be done about a rollback that fails: the next BEGIN will.
            drop(db.execute_batch("ROLLBACK"));
        }
        for job in batch.drain(..) {
            job.answer(lost.as_ref());
        }
    }
}

/// Takes what waits already, and what comes while others keep coming: a commit that is waited for as long as it takes
/// serves twice as many.
fn gather(
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    batch: &mut Vec<Box<dyn Job>>,
    patience: Duration,
) {
    let begun = Instant::now();
    loop {
        let before = batch.len();
        while batch.len() < MAX_BATCH {
            match jobs.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        let writes = batch.iter().any(|job| job.access() != Access::Read);
        let keeps_coming = batch.len() > before || before == 1;
        if !writes || !keeps_coming || batch.len() >= MAX_BATCH || begun.elapsed() >= patience {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// Does all operations in one transaction: all of them are durable, or none changed anything.
fn commit(db: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Outage> {
    let writes = batch.iter().any(|job| job.access() != Access::Read);
    db.prepare_cached(if writes { "BEGIN IMMEDIATE" } else { "BEGIN" })?
        .execute([])?;
    for job in batch {
        match job.access() {
            Access::Read => {
                job.run(db);
            }
            Access::Statement => {
                job.run(db);
                if db.is_autocommit() {
                    // The engine has rolled everything back.
                    return Err(job.outage().unwrap_or(Outage::Closed));
                }
            }
            Access::Write => {
                db.prepare_cached("SAVEPOINT operation")?.execute([])?;
                if !job.run(db) {
                    if db.is_autocommit() {
                        // The engine has rolled everything back.
                        return Err(job.outage().unwrap_or(Outage::Closed));
                    }
                    db.prepare_cached("ROLLBACK TO operation")?.execute([])?;
                }
                db.prepare_cached("RELEASE operation")?.execute([])?;
            }
        }
    }
    db.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests;
