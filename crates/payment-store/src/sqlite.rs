//! A store in one SQLite file.
//!
//! One thread owns the connection. It takes all operations that wait, applies them in one
//! transaction, each in its own savepoint, makes them durable with one `fsync`, and only then
//! answers them all: so a disk that syncs 500 times a second still takes tens of thousands of
//! claims a second when they come at once.
//!
//! Several processes may open one file: each transaction that writes begins with the write lock.

mod claims;
mod failure;
mod records;
mod schema;
mod worker;

use std::path::Path;

use async_trait::async_trait;
use rusqlite::Connection;

use self::worker::{Access, Worker};
use crate::store::bounded;
use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimUpdate, OpenStoreError, PaymentId, PaymentStore, Record,
    Scope, StoreError, UnixMillis,
};

/// A [`PaymentStore`] in a SQLite file: write-ahead log, `synchronous=FULL`, group commit.
///
/// What was answered survives `kill -9` and a power cut. Dropping the store lets the operations
/// that wait finish, then closes the file.
#[derive(Debug)]
pub struct SqliteStore {
    worker: Worker,
}

impl SqliteStore {
    /// Opens the file, creating it (readable by its owner only) and bringing its schema up to date
    /// when needed.
    ///
    /// # Errors
    /// [`OpenStoreError`], each with a sentence that says what to do.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenStoreError> {
        let path = path.as_ref().to_owned();
        Ok(Self {
            worker: Worker::start(move || schema::open(&path)).await?,
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.worker.call(Access::Read, work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.worker.call(Access::Write, work).await
    }
}

#[async_trait]
impl PaymentStore for SqliteStore {
    async fn claim(
        &self,
        key: &ClaimKey,
        detail: &[u8],
        now: UnixMillis,
        lease_until: UnixMillis,
    ) -> Result<ClaimOutcome, StoreError> {
        let (key, detail) = (key.clone(), bounded(detail)?.to_vec());
        self.write(move |db| claims::claim(db, key, detail, now, lease_until))
            .await
    }

    async fn load(&self, key: &ClaimKey) -> Result<Option<Claim>, StoreError> {
        let key = key.clone();
        self.read(move |db| claims::find(db, &key)).await
    }

    async fn update(&self, claim: &Claim, next: ClaimUpdate) -> Result<Claim, StoreError> {
        bounded(&next.detail)?;
        let (key, version) = (claim.key.clone(), claim.version);
        self.write(move |db| claims::update(db, &key, version, next))
            .await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let (key, version) = (claim.key.clone(), claim.version);
        self.write(move |db| claims::release(db, &key, version))
            .await
    }

    async fn pending(
        &self,
        scope: Scope,
        after: Option<&PaymentId>,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let after = after.cloned();
        self.read(move |db| claims::pending(db, scope, after.as_ref(), limit))
            .await
    }

    async fn record(&self, collection: &str, key: &str) -> Result<Option<Record>, StoreError> {
        let (collection, key) = (collection.to_owned(), key.to_owned());
        self.read(move |db| records::find(db, &collection, &key))
            .await
    }

    async fn put_record(
        &self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        let (collection, key) = (collection.to_owned(), key.to_owned());
        let value = bounded(value)?.to_vec();
        let put = move |db: &Connection| records::put(db, &collection, &key, expected, &value);
        self.worker.call(Access::Statement, put).await
    }

    async fn remove_record(
        &self,
        collection: &str,
        key: &str,
        expected: u64,
    ) -> Result<(), StoreError> {
        let (collection, key) = (collection.to_owned(), key.to_owned());
        self.write(move |db| records::remove(db, &collection, &key, expected))
            .await
    }

    async fn records(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let (collection, after) = (collection.to_owned(), after.map(str::to_owned));
        self.read(move |db| records::scan(db, &collection, after.as_deref(), limit))
            .await
    }

    async fn purge(&self, scope: Scope, settled_before: UnixMillis) -> Result<u64, StoreError> {
        self.write(move |db| claims::purge(db, scope, settled_before))
            .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.write(schema::touch).await
    }
}
