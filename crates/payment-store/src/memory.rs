//! A store in memory, for tests and for what need not outlive the process.

mod state;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::state::State;
use crate::store::bounded;
use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimUpdate, PaymentId, PaymentStore, Record, Scope, StoreError,
    UnixMillis,
};

/// A [`PaymentStore`] that forgets everything with the process.
///
/// It serves one process, and it is not durable: a server that takes money needs a database.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Each step leaves a valid state behind at every point where it could panic, so a poisoned
    /// lock still guards good data.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl PaymentStore for MemoryStore {
    async fn claim(
        &self,
        key: &ClaimKey,
        detail: &[u8],
        now: UnixMillis,
        lease_until: UnixMillis,
    ) -> Result<ClaimOutcome, StoreError> {
        Ok(self.lock().claim(key, bounded(detail)?, now, lease_until))
    }

    async fn load(&self, key: &ClaimKey) -> Result<Option<Claim>, StoreError> {
        Ok(self.lock().find(key).cloned())
    }

    async fn update(&self, claim: &Claim, next: ClaimUpdate) -> Result<Claim, StoreError> {
        bounded(&next.detail)?;
        self.lock().update(claim, next)
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.lock().release(claim)
    }

    async fn pending(
        &self,
        scope: Scope,
        after: Option<&PaymentId>,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        Ok(self.lock().pending(scope, after, limit))
    }

    async fn record(&self, collection: &str, key: &str) -> Result<Option<Record>, StoreError> {
        Ok(self.lock().record(collection, key).cloned())
    }

    async fn put_record(
        &self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        self.lock()
            .put_record(collection, key, expected, bounded(value)?)
    }

    async fn remove_record(
        &self,
        collection: &str,
        key: &str,
        expected: u64,
    ) -> Result<(), StoreError> {
        self.lock().remove_record(collection, key, expected)
    }

    async fn records(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        Ok(self.lock().records(collection, after, limit))
    }

    async fn purge(&self, scope: Scope, settled_before: UnixMillis) -> Result<u64, StoreError> {
        Ok(self.lock().purge(scope, settled_before))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
