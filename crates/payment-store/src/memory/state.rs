//! What a memory store holds, and the atomic steps on it.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, PaymentId, Record, Scope, StoreError,
    UnixMillis,
};

/// **Invariant**: no key is both a claim's and an alias; an alias is in `aliases` exactly if it
/// is in its entry.
#[derive(Default)]
pub(super) struct State {
    claims: BTreeMap<ClaimKey, Entry>,
    aliases: BTreeMap<ClaimKey, PaymentId>,
    records: BTreeMap<String, BTreeMap<String, Record>>,
    last_version: u64,
}

struct Entry {
    claim: Claim,
    aliases: Vec<PaymentId>,
}

impl State {
    pub(super) fn find(&self, key: &ClaimKey) -> Option<&Claim> {
        let entry = match self.aliases.get(key) {
            Some(payment) => self.claims.get(&in_scope(key, payment)),
            None => self.claims.get(key),
        };
        entry.map(|entry| &entry.claim)
    }

    pub(super) fn claim(
        &mut self,
        key: &ClaimKey,
        detail: &[u8],
        now: UnixMillis,
        lease_until: UnixMillis,
    ) -> ClaimOutcome {
        if let Some(existing) = self.find(key) {
            return ClaimOutcome::Existing(existing.clone());
        }
        let claim = Claim {
            key: key.clone(),
            version: self.next_version(),
            state: ClaimState::Claimed,
            detail: detail.to_vec(),
            claimed_at: now,
            updated_at: now,
            lease_until,
        };
        self.claims.insert(
            key.clone(),
            Entry {
                claim: claim.clone(),
                aliases: Vec::new(),
            },
        );
        ClaimOutcome::New(claim)
    }

    pub(super) fn update(&mut self, claim: &Claim, next: ClaimUpdate) -> Result<Claim, StoreError> {
        let current = self.expect_version(claim)?.clone();
        if current.state == ClaimState::Settled && next.state != ClaimState::Settled {
            return Err(StoreError::SettledIsFinal(next.state));
        }
        let mut new_aliases = Vec::new();
        for alias in next.aliases {
            match self.find(&in_scope(&current.key, &alias)) {
                None => new_aliases.push(alias),
                Some(holder) if holder.key == current.key => {}
                Some(holder) => {
                    return Err(StoreError::AliasTaken {
                        alias,
                        holder: Box::new(holder.clone()),
                    });
                }
            }
        }
        let updated = Claim {
            version: self.next_version(),
            state: next.state,
            detail: next.detail,
            updated_at: next.now,
            lease_until: next.lease_until,
            ..current
        };
        for alias in &new_aliases {
            self.aliases
                .insert(in_scope(&updated.key, alias), updated.key.payment.clone());
        }
        if let Some(entry) = self.claims.get_mut(&updated.key) {
            entry.claim = updated.clone();
            entry.aliases.append(&mut new_aliases);
        }
        Ok(updated)
    }

    pub(super) fn release(&mut self, claim: &Claim) -> Result<(), StoreError> {
        let current = self.expect_version(claim)?;
        if current.state != ClaimState::Claimed {
            return Err(StoreError::NotReleasable(current.state));
        }
        self.remove(&current.key.clone());
        Ok(())
    }

    pub(super) fn pending(
        &self,
        scope: Scope,
        after: Option<&PaymentId>,
        limit: usize,
    ) -> Vec<Claim> {
        self.claims
            .values()
            .map(|entry| &entry.claim)
            .filter(|claim| claim.key.scope == scope && claim.state.is_open())
            .filter(|claim| after.is_none_or(|after| claim.key.payment > *after))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn purge(&mut self, scope: Scope, settled_before: UnixMillis) -> u64 {
        let finished: Vec<ClaimKey> = self
            .claims
            .values()
            .map(|entry| &entry.claim)
            .filter(|claim| claim.key.scope == scope && !claim.state.is_open())
            .filter(|claim| claim.updated_at < settled_before)
            .map(|claim| claim.key.clone())
            .collect();
        for key in &finished {
            self.remove(key);
        }
        u64::try_from(finished.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn record(&self, collection: &str, key: &str) -> Option<&Record> {
        self.records.get(collection)?.get(key)
    }

    pub(super) fn put_record(
        &mut self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        self.expect_record(collection, key, expected)?;
        let version = self.next_version();
        let record = Record {
            version,
            value: value.to_vec(),
        };
        self.records
            .entry(collection.to_owned())
            .or_default()
            .insert(key.to_owned(), record);
        Ok(version)
    }

    pub(super) fn remove_record(
        &mut self,
        collection: &str,
        key: &str,
        expected: u64,
    ) -> Result<(), StoreError> {
        self.expect_record(collection, key, Some(expected))?;
        if let Some(records) = self.records.get_mut(collection) {
            records.remove(key);
        }
        Ok(())
    }

    pub(super) fn records(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Vec<(String, Record)> {
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.records
            .get(collection)
            .into_iter()
            .flat_map(|records| records.range::<str, _>((behind, Bound::Unbounded)))
            .take(limit)
            .map(|(key, record)| (key.clone(), record.clone()))
            .collect()
    }

    /// The claim that the caller knew, if it has not moved since.
    fn expect_version(&self, known: &Claim) -> Result<&Claim, StoreError> {
        match self.find(&known.key) {
            Some(current) if current.version == known.version => Ok(current),
            other => Err(StoreError::Conflict(other.cloned().map(Box::new))),
        }
    }

    fn expect_record(
        &self,
        collection: &str,
        key: &str,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let current = self.record(collection, key);
        if current.map(|record| record.version) == expected {
            Ok(())
        } else {
            Err(StoreError::RecordConflict(current.cloned()))
        }
    }

    fn remove(&mut self, key: &ClaimKey) {
        if let Some(entry) = self.claims.remove(key) {
            for alias in &entry.aliases {
                self.aliases.remove(&in_scope(key, alias));
            }
        }
    }

    fn next_version(&mut self) -> u64 {
        self.last_version = self.last_version.saturating_add(1);
        self.last_version
    }
}

fn in_scope(key: &ClaimKey, payment: &PaymentId) -> ClaimKey {
    ClaimKey {
        scope: key.scope,
        payment: payment.clone(),
    }
}
