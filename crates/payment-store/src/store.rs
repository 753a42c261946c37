//! The trait that every store implements.

use async_trait::async_trait;

use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimUpdate, PaymentId, Record, Scope, StoreError, UnixMillis,
};

/// The longest detail of a claim and the longest value of a record, in bytes.
pub const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;

/// Atomic payment state.
///
/// Every operation is one atomic step: of any number of callers on any number of servers, those
/// that race see the others' work done entirely or not at all. When a future is answered, what it
/// did is durable (as far as the store is). A future that is dropped may have done its work.
///
/// An implementation is complete when it passes the kit in the module `conformance`
/// (feature `conformance`).
#[async_trait]
pub trait PaymentStore: Send + Sync + 'static {
    /// Claims a payment, in state [`Claimed`](crate::ClaimState::Claimed), unless a claim has this
    /// key or an alias equal to it.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Outage`].
    async fn claim(
        &self,
        key: &ClaimKey,
        detail: &[u8],
        now: UnixMillis,
        lease_until: UnixMillis,
    ) -> Result<ClaimOutcome, StoreError>;

    /// The claim with this key, or with an alias equal to it.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn load(&self, key: &ClaimKey) -> Result<Option<Claim>, StoreError>;

    /// Moves a claim on, if it is still at the version of `claim`, and answers the new claim.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it moved or is gone, [`StoreError::AliasTaken`] when an alias
    /// belongs to another claim, [`StoreError::SettledIsFinal`], [`StoreError::TooLarge`],
    /// [`StoreError::Outage`].
    async fn update(&self, claim: &Claim, next: ClaimUpdate) -> Result<Claim, StoreError>;

    /// Forgets a claim on which nothing was broadcast, and its aliases, if it is still at the
    /// version of `claim`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it moved or is gone, [`StoreError::NotReleasable`] when it is
    /// past [`Claimed`](crate::ClaimState::Claimed), [`StoreError::Outage`].
    async fn release(&self, claim: &Claim) -> Result<(), StoreError>;

    /// The open claims (`Claimed` and `Pending`) of a scope in the order of their ids, at most
    /// `limit` of them, beginning behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn pending(
        &self,
        scope: Scope,
        after: Option<&PaymentId>,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError>;

    /// The record with this key.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn record(&self, collection: &str, key: &str) -> Result<Option<Record>, StoreError>;

    /// Writes a record if it is at version `expected`, or, with `None`, if there is none; answers
    /// the new version.
    ///
    /// # Errors
    /// [`StoreError::RecordConflict`], [`StoreError::TooLarge`], [`StoreError::Outage`].
    async fn put_record(
        &self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError>;

    /// Removes a record if it is at version `expected`.
    ///
    /// # Errors
    /// [`StoreError::RecordConflict`], [`StoreError::Outage`].
    async fn remove_record(
        &self,
        collection: &str,
        key: &str,
        expected: u64,
    ) -> Result<(), StoreError>;

    /// The records of a collection in the order of their keys, at most `limit` of them, beginning
    /// behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn records(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError>;

    /// Forgets the claims of a scope that are `Settled` or `Failed` and did not change since
    /// `settled_before`, and their aliases; answers how many. Open claims are never purged.
    ///
    /// Purge no claim whose payment the chain would still take: its authorization must have
    /// expired.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn purge(&self, scope: Scope, settled_before: UnixMillis) -> Result<u64, StoreError>;

    /// Whether the store can answer and be written to.
    ///
    /// # Errors
    /// [`StoreError::Outage`].
    async fn ping(&self) -> Result<(), StoreError>;
}

/// The value, if a store may keep it.
pub(crate) const fn bounded(value: &[u8]) -> Result<&[u8], StoreError> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(StoreError::TooLarge { bytes: value.len() });
    }
    Ok(value)
}
