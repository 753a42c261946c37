//! The past that the network still knows: ledgers, their transactions and events, up to a bounded number.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use stellar_xdr::{
    ContractEvent, ContractEventBody, ContractEventType, LedgerHeader, TransactionMeta,
};

use super::EngineError;
use super::xdr::encode;

/// How much of the past is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    pub(crate) ledgers: usize,
    pub(crate) transactions: usize,
}

/// A closed ledger.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRecord {
    pub(crate) header: LedgerHeader,
    pub(crate) hash: [u8; 32],
    pub(crate) succeeded: u32,
    pub(crate) failed: u32,
    /// Operations of successful transactions.
    pub(crate) operations: u32,
}

impl LedgerRecord {
    pub(crate) fn sequence(&self) -> u32 {
        self.header.ledger_seq
    }

    pub(crate) fn close_time(&self) -> u64 {
        self.header.scp_value.close_time.0
    }
}

/// A transaction that entered a ledger.
#[derive(Clone, Debug)]
pub(crate) struct TransactionRecord {
    pub(crate) ledger: u32,
    /// Position in its ledger, from 1.
    pub(crate) index: u32,
    pub(crate) closed_at: u64,
    pub(crate) hash: [u8; 32],
    /// The inner hash of a fee bump.
    pub(crate) inner_hash: Option<[u8; 32]>,
    pub(crate) succeeded: bool,
    pub(crate) is_soroban: bool,
    /// Inclusion fee per operation, in stroops.
    pub(crate) inclusion_fee: u64,
    pub(crate) envelope: Vec<u8>,
    pub(crate) result: Vec<u8>,
    pub(crate) meta: Vec<u8>,
    pub(crate) events: Vec<EventRecord>,
}

/// An event of a successful operation, in the parts that `getEvents` filters by and shows.
#[derive(Clone, Debug)]
pub(crate) struct EventRecord {
    pub(crate) operation: u32,
    pub(crate) index: u32,
    pub(crate) is_system: bool,
    pub(crate) contract: Option<[u8; 32]>,
    /// Each topic's `ScVal` bytes.
    pub(crate) topics: Vec<Vec<u8>>,
    /// The data's `ScVal` bytes.
    pub(crate) value: Vec<u8>,
}

impl EventRecord {
    /// The events of a transaction, as its metadata has them.
    pub(crate) fn all(meta: &TransactionMeta) -> Result<Vec<Self>, EngineError> {
        let TransactionMeta::V4(meta) = meta else {
            return Ok(Vec::new());
        };
        let mut events = Vec::new();
        for (operation, done) in (0..).zip(meta.operations.iter()) {
            for (index, event) in (0..).zip(done.events.iter()) {
                events.push(Self::new(operation, index, event)?);
            }
        }
        Ok(events)
    }

    fn new(operation: u32, index: u32, event: &ContractEvent) -> Result<Self, EngineError> {
        let ContractEventBody::V0(body) = &event.body;
        Ok(Self {
            operation,
            index,
            is_system: event.type_ == ContractEventType::System,
            contract: event.contract_id.as_ref().map(|id| id.0.0),
            topics: body.topics.iter().map(encode).collect::<Result<_, _>>()?,
            value: encode(&body.data)?,
        })
    }
}

/// A transaction's place: ledger, and position in it from 1.
pub(crate) type Place = (u32, u32);

pub(crate) struct History {
    retention: Retention,
    ledgers: BTreeMap<u32, LedgerRecord>,
    transactions: BTreeMap<Place, Arc<TransactionRecord>>,
    by_hash: HashMap<[u8; 32], Place>,
}

impl History {
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            retention,
            ledgers: BTreeMap::new(),
            transactions: BTreeMap::new(),
            by_hash: HashMap::new(),
        }
    }

    pub(crate) fn retention(&self) -> Retention {
        self.retention
    }

    /// Adds the newest ledger, or puts a grown one in its place.
    pub(crate) fn put_ledger(&mut self, ledger: LedgerRecord) {
        self.ledgers.insert(ledger.sequence(), ledger);
        self.prune();
    }

    pub(crate) fn add_transaction(&mut self, record: TransactionRecord) {
        let place = (record.ledger, record.index);
        self.by_hash.insert(record.hash, place);
        if let Some(inner) = record.inner_hash {
            self.by_hash.insert(inner, place);
        }
        self.transactions.insert(place, Arc::new(record));
    }

    /// Drops the oldest ledgers, whole, but never the newest.
    fn prune(&mut self) {
        while self.ledgers.len() > 1
            && (self.ledgers.len() > self.retention.ledgers
                || self.transactions.len() > self.retention.transactions)
        {
            let Some((oldest, _)) = self.ledgers.pop_first() else {
                return;
            };
            while let Some(entry) = self.transactions.first_entry() {
                if entry.key().0 > oldest {
                    break;
                }
                let record = entry.remove();
                self.by_hash.remove(&record.hash);
                if let Some(inner) = record.inner_hash {
                    self.by_hash.remove(&inner);
                }
            }
        }
    }

    pub(crate) fn transaction(&self, hash: &[u8; 32]) -> Option<Arc<TransactionRecord>> {
        self.transactions.get(self.by_hash.get(hash)?).cloned()
    }

    /// Transactions strictly after a place, oldest first.
    pub(crate) fn transactions_after(
        &self,
        place: Place,
    ) -> impl Iterator<Item = &Arc<TransactionRecord>> {
        self.transactions
            .range((Bound::Excluded(place), Bound::Unbounded))
            .map(|(_, record)| record)
    }

    /// Transactions from a ledger on, oldest first.
    pub(crate) fn transactions_from(
        &self,
        ledger: u32,
    ) -> impl Iterator<Item = &Arc<TransactionRecord>> {
        self.transactions
            .range((ledger, 0)..)
            .map(|(_, record)| record)
    }

    pub(crate) fn ledger(&self, sequence: u32) -> Option<&LedgerRecord> {
        self.ledgers.get(&sequence)
    }

    pub(crate) fn ledgers(&self) -> impl DoubleEndedIterator<Item = &LedgerRecord> {
        self.ledgers.values()
    }

    pub(crate) fn oldest(&self) -> Option<&LedgerRecord> {
        self.ledgers.values().next()
    }

    pub(crate) fn transactions(&self) -> impl Iterator<Item = &Arc<TransactionRecord>> {
        self.transactions.values()
    }
}
