//! The writes of one transaction above the ledger's entries, with a journal from which its metadata is made.

use std::collections::BTreeMap;
use std::rc::Rc;

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1Ext, AccountId, Asset, LedgerEntry,
    LedgerEntryChange, LedgerEntryChanges, LedgerEntryData, LedgerEntryExt, LedgerKey,
    LedgerKeyAccount, LedgerKeyTrustLine, SponsorshipDescriptor, TrustLineAsset, TrustLineEntry,
    TtlEntry,
};

use super::EngineError;
use super::state::{Entries, Stored, is_temporary};
use super::xdr::{encode, sha256};

/// What a key held, and what it holds now.
pub(crate) type Writes = BTreeMap<Rc<LedgerKey>, Option<Stored>>;

pub(crate) struct Overlay<'a> {
    base: &'a Entries,
    ledger: u32,
    writes: Writes,
    /// What each key written since the last [`Self::take_changes`] held before.
    before: Writes,
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(base: &'a Entries, ledger: u32) -> Self {
        Self {
            base,
            ledger,
            writes: Writes::new(),
            before: Writes::new(),
        }
    }

    /// The ledger that is being built.
    pub(crate) fn ledger(&self) -> u32 {
        self.ledger
    }

    /// The entry as this transaction sees it: an expired temporary entry is absent, an archived one is present.
    pub(crate) fn load(&self, key: &LedgerKey) -> Option<Stored> {
        let stored = match self.writes.get(key) {
            Some(written) => written.as_ref(),
            None => self.base.load(key),
        }?;
        let expired =
            is_temporary(key) && stored.live_until.is_some_and(|until| until < self.ledger);
        (!expired).then(|| stored.clone())
    }

    /// Writes an entry. Who sponsors it, which no operation here changes, stays as it was.
    pub(crate) fn put(
        &mut self,
        key: Rc<LedgerKey>,
        data: LedgerEntryData,
        live_until: Option<u32>,
    ) {
        let ext = self
            .load(&key)
            .map_or(LedgerEntryExt::V0, |before| before.entry.ext.clone());
        let entry = LedgerEntry {
            last_modified_ledger_seq: self.ledger,
            data,
            ext,
        };
        self.write(
            key,
            Some(Stored {
                entry: Rc::new(entry),
                live_until,
            }),
        );
    }

    /// Raises only the lifetime of an entry.
    pub(crate) fn extend(&mut self, key: Rc<LedgerKey>, live_until: u32) {
        if let Some(stored) = self.load(&key) {
            self.write(
                key,
                Some(Stored {
                    live_until: Some(live_until),
                    ..stored
                }),
            );
        }
    }

    pub(crate) fn remove(&mut self, key: Rc<LedgerKey>) {
        self.write(key, None);
    }

    fn write(&mut self, key: Rc<LedgerKey>, stored: Option<Stored>) {
        if !self.before.contains_key(&key) {
            self.before.insert(Rc::clone(&key), self.load(&key));
        }
        self.writes.insert(key, stored);
    }

    pub(crate) fn account(&self, id: &AccountId) -> Option<AccountEntry> {
        match &self.load(&account_key(id))?.entry.data {
            LedgerEntryData::Account(account) => Some(account.clone()),
            _ => None,
        }
    }

    pub(crate) fn put_account(&mut self, mut account: AccountEntry) {
        name_signer_sponsors(&mut account);
        let key = Rc::new(account_key(&account.account_id));
        self.put(key, LedgerEntryData::Account(account), None);
    }

    pub(crate) fn trustline(
        &self,
        id: &AccountId,
        asset: &TrustLineAsset,
    ) -> Option<TrustLineEntry> {
        match &self.load(&trustline_key(id, asset))?.entry.data {
            LedgerEntryData::Trustline(line) => Some(line.clone()),
            _ => None,
        }
    }

    pub(crate) fn put_trustline(&mut self, line: TrustLineEntry) {
        let key = Rc::new(trustline_key(&line.account_id, &line.asset));
        self.put(key, LedgerEntryData::Trustline(line), None);
    }

    /// The changes since the last call, as transaction metadata tells them.
    pub(crate) fn take_changes(&mut self) -> Result<LedgerEntryChanges, EngineError> {
        let mut changes = Vec::new();
        for (key, before) in std::mem::take(&mut self.before) {
            let after = self.writes.get(&key).and_then(Option::as_ref);
            push_entry_changes(&mut changes, &key, before.as_ref(), after, self.ledger)?;
        }
        Ok(LedgerEntryChanges(changes.try_into()?))
    }

    pub(crate) fn into_writes(self) -> Writes {
        self.writes
    }
}

/// An account that lists its signers' sponsors lists one per signer; signers pay for themselves here.
fn name_signer_sponsors(account: &mut AccountEntry) {
    let signers = account.signers.len();
    if let AccountEntryExt::V1(v1) = &mut account.ext
        && let AccountEntryExtensionV1Ext::V2(v2) = &mut v1.ext
        && let Ok(sponsors) = vec![SponsorshipDescriptor(None); signers].try_into()
    {
        v2.signer_sponsoring_i_ds = sponsors;
    }
}

fn push_entry_changes(
    changes: &mut Vec<LedgerEntryChange>,
    key: &LedgerKey,
    before: Option<&Stored>,
    after: Option<&Stored>,
    ledger: u32,
) -> Result<(), EngineError> {
    let state = |stored: &Stored| LedgerEntryChange::State(stored.entry.as_ref().clone());
    match (before, after) {
        (None, None) => {}
        (None, Some(after)) => {
            if let Some(ttl) = ttl_entry(key, after, ledger)? {
                changes.push(LedgerEntryChange::Created(ttl));
            }
            changes.push(LedgerEntryChange::Created(after.entry.as_ref().clone()));
        }
        (Some(before), None) => {
            if let Some(ttl) = ttl_entry(key, before, before.entry.last_modified_ledger_seq)? {
                let ttl_key = ttl_key(key)?;
                changes.push(LedgerEntryChange::State(ttl));
                changes.push(LedgerEntryChange::Removed(ttl_key));
            }
            changes.push(state(before));
            changes.push(LedgerEntryChange::Removed(key.clone()));
        }
        (Some(before), Some(after)) => {
            let restored = before.live_until.is_some_and(|until| until < ledger);
            if before.live_until != after.live_until
                && let (Some(old), Some(new)) = (
                    ttl_entry(key, before, before.entry.last_modified_ledger_seq)?,
                    ttl_entry(key, after, ledger)?,
                )
            {
                if restored {
                    changes.push(LedgerEntryChange::Restored(new));
                } else {
                    changes.push(LedgerEntryChange::State(old));
                    changes.push(LedgerEntryChange::Updated(new));
                }
            }
            if restored {
                changes.push(LedgerEntryChange::Restored(before.entry.as_ref().clone()));
            }
            if !Rc::ptr_eq(&before.entry, &after.entry) {
                if !restored {
                    changes.push(state(before));
                }
                changes.push(LedgerEntryChange::Updated(after.entry.as_ref().clone()));
            }
        }
    }
    Ok(())
}

fn ttl_entry(
    key: &LedgerKey,
    stored: &Stored,
    last_modified: u32,
) -> Result<Option<LedgerEntry>, EngineError> {
    let Some(live_until_ledger_seq) = stored.live_until else {
        return Ok(None);
    };
    Ok(Some(LedgerEntry {
        last_modified_ledger_seq: last_modified,
        data: LedgerEntryData::Ttl(TtlEntry {
            key_hash: stellar_xdr::Hash(sha256(&encode(key)?)),
            live_until_ledger_seq,
        }),
        ext: LedgerEntryExt::V0,
    }))
}

fn ttl_key(key: &LedgerKey) -> Result<LedgerKey, EngineError> {
    Ok(LedgerKey::Ttl(stellar_xdr::LedgerKeyTtl {
        key_hash: stellar_xdr::Hash(sha256(&encode(key)?)),
    }))
}

pub(crate) fn account_key(id: &AccountId) -> LedgerKey {
    LedgerKey::Account(LedgerKeyAccount {
        account_id: id.clone(),
    })
}

pub(crate) fn trustline_key(id: &AccountId, asset: &TrustLineAsset) -> LedgerKey {
    LedgerKey::Trustline(LedgerKeyTrustLine {
        account_id: id.clone(),
        asset: asset.clone(),
    })
}

/// The issuer of a credit asset; `None` for the native one.
pub(crate) fn issuer_of(asset: &Asset) -> Option<&AccountId> {
    match asset {
        Asset::Native => None,
        Asset::CreditAlphanum4(credit) => Some(&credit.issuer),
        Asset::CreditAlphanum12(credit) => Some(&credit.issuer),
    }
}
