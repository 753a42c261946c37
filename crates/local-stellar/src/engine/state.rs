//! The ledger's entries, and the snapshot of them that the host reads.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use soroban_env_host::HostError;
use soroban_env_host::storage::{EntryWithLiveUntil, SnapshotSource};
use stellar_xdr::{ContractDataDurability, LedgerEntry, LedgerKey};

/// One entry with the ledger up to which it lives, for contract data and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) entry: Rc<LedgerEntry>,
    pub(crate) live_until: Option<u32>,
}

/// All entries by key.
#[derive(Clone, Default)]
pub(crate) struct Entries(HashMap<Rc<LedgerKey>, Stored>);

impl Entries {
    pub(crate) fn load(&self, key: &LedgerKey) -> Option<&Stored> {
        self.0.get(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Rc<LedgerKey>, &Stored)> {
        self.0.iter()
    }
}

impl SnapshotSource for Entries {
    fn get(&self, key: &Rc<LedgerKey>) -> Result<Option<EntryWithLiveUntil>, HostError> {
        Ok(self
            .0
            .get(key)
            .map(|stored| (Rc::clone(&stored.entry), stored.live_until)))
    }
}

/// The entries and the order in which temporary ones expire.
///
/// A reader holds a cheap [`snapshot`](Self::snapshot); writing while one is held would copy the map, so readers drop
/// theirs before they answer.
#[derive(Default)]
pub(crate) struct State {
    entries: Rc<Entries>,
    expiring: BTreeMap<u32, Vec<Rc<LedgerKey>>>,
}

impl State {
    pub(crate) fn entries(&self) -> &Entries {
        &self.entries
    }

    pub(crate) fn snapshot(&self) -> Rc<Entries> {
        Rc::clone(&self.entries)
    }

    /// Writes, or with `None` removes, entries.
    pub(crate) fn commit(
        &mut self,
        changed: impl IntoIterator<Item = (Rc<LedgerKey>, Option<Stored>)>,
    ) {
        let entries = Rc::make_mut(&mut self.entries);
        for (key, stored) in changed {
            match stored {
                Some(stored) => {
                    if let (true, Some(live_until)) = (is_temporary(&key), stored.live_until) {
                        self.expiring
                            .entry(live_until)
                            .or_default()
                            .push(Rc::clone(&key));
                    }
                    entries.0.insert(key, stored);
                }
                None => {
                    entries.0.remove(&key);
                }
            }
        }
    }

    /// Drops the temporary entries that no longer live at `ledger`. Persistent ones stay: they are archived, not lost.
    pub(crate) fn evict(&mut self, ledger: u32) {
        let live = self.expiring.split_off(&ledger);
        let expired = std::mem::replace(&mut self.expiring, live);
        if expired.is_empty() {
            return;
        }
        let entries = Rc::make_mut(&mut self.entries);
        for key in expired.into_values().flatten() {
            let dead = entries.0.get(&key).and_then(|stored| stored.live_until) < Some(ledger);
            if dead {
                entries.0.remove(&key);
            }
        }
    }
}

pub(crate) fn is_temporary(key: &LedgerKey) -> bool {
    matches!(key, LedgerKey::ContractData(data) if data.durability == ContractDataDurability::Temporary)
}

pub(crate) fn is_soroban(key: &LedgerKey) -> bool {
    matches!(key, LedgerKey::ContractData(_) | LedgerKey::ContractCode(_))
}

/// Whether an entry counts as present at `ledger`.
pub(crate) fn is_live(stored: &Stored, ledger: u32) -> bool {
    stored
        .live_until
        .is_none_or(|live_until| live_until >= ledger)
}
