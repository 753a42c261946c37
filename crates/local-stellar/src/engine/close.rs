//! The close of a ledger: its time, its header, and the transactions that it takes in.

use std::time::Instant;

use sha2::{Digest, Sha256};
use stellar_xdr::{
    Hash, LedgerHeader, LedgerHeaderExt, StellarValue, StellarValueExt, TimePoint, VecM,
};

use super::apply::{Applied, apply};
use super::context::LedgerContext;
use super::frame::Frame;
use super::history::{EventRecord, LedgerRecord, TransactionRecord};
use super::results::Outcome;
use super::xdr::{encode, sha256};
use super::{Engine, EngineError, fees};
use crate::settings::{BASE_FEE, BASE_RESERVE, PROTOCOL_VERSION};

/// All lumens there are, in stroops.
pub(crate) const TOTAL_COINS: i64 = 1_000_000_000_000_000_000;

/// The newest ledger, and what its header is made of.
///
/// The hashes of the transaction set, the results and the state are running digests over what each ledger added. They
/// commit to the same content as the public network's, by a simpler construction.
pub(crate) struct Tip {
    newest: LedgerRecord,
    transactions: u32,
    fee_pool: i64,
    set_digest: [u8; 32],
    result_digest: [u8; 32],
}

impl Tip {
    /// Goes on from a header.
    pub(crate) fn resume(header: &LedgerHeader) -> Result<Self, EngineError> {
        Ok(Self {
            newest: record(header.clone())?,
            transactions: 0,
            fee_pool: header.fee_pool,
            set_digest: header.scp_value.tx_set_hash.0,
            result_digest: header.tx_set_result_hash.0,
        })
    }

    pub(crate) fn record(&self, header: &LedgerHeader) -> Result<LedgerRecord, EngineError> {
        record(header.clone())
    }

    pub(crate) fn newest(&self) -> &LedgerRecord {
        &self.newest
    }

    pub(crate) fn sequence(&self) -> u32 {
        self.newest.sequence()
    }

    /// Starts the ledger after the newest one.
    fn next(&self, close_time: u64) -> Result<Self, EngineError> {
        let sequence = self
            .sequence()
            .checked_add(1)
            .ok_or(EngineError::LedgerOverflow)?;
        let mut header = self.newest.header.clone();
        header.previous_ledger_hash = Hash(self.newest.hash);
        header.ledger_seq = sequence;
        header.scp_value.close_time = TimePoint(close_time);
        Ok(Self {
            newest: record(header)?,
            transactions: 0,
            fee_pool: self.fee_pool,
            set_digest: [0; 32],
            result_digest: [0; 32],
        })
    }

    fn add(&mut self, frame: &Frame, applied: &Applied, result: &[u8]) -> u32 {
        self.transactions = self.transactions.saturating_add(1);
        self.set_digest = chain(&self.set_digest, &frame.hash());
        self.result_digest = chain(&self.result_digest, result);
        self.fee_pool = self.fee_pool.saturating_add(applied.result.fee_charged);
        let counter = if applied.succeeded {
            let operations = u32::try_from(frame.tx.operations.len()).unwrap_or(u32::MAX);
            self.newest.operations = self.newest.operations.saturating_add(operations);
            &mut self.newest.succeeded
        } else {
            &mut self.newest.failed
        };
        *counter = counter.saturating_add(1);
        self.transactions
    }

    /// Writes the header for what the ledger holds now.
    fn seal(&mut self) -> Result<(), EngineError> {
        let header = &mut self.newest.header;
        header.scp_value.tx_set_hash = Hash(self.set_digest);
        header.tx_set_result_hash = Hash(self.result_digest);
        header.bucket_list_hash = Hash(chain(&header.previous_ledger_hash.0, &self.result_digest));
        header.fee_pool = self.fee_pool;
        self.newest.hash = sha256(&encode(header)?);
        Ok(())
    }
}

fn record(header: LedgerHeader) -> Result<LedgerRecord, EngineError> {
    Ok(LedgerRecord {
        hash: sha256(&encode(&header)?),
        header,
        succeeded: 0,
        failed: 0,
        operations: 0,
    })
}

fn chain(before: &[u8; 32], more: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(more);
    digest.finalize().into()
}

/// The header of the first ledger.
pub(crate) fn first_header() -> LedgerHeader {
    LedgerHeader {
        ledger_version: PROTOCOL_VERSION,
        previous_ledger_hash: Hash([0; 32]),
        scp_value: StellarValue {
            tx_set_hash: Hash([0; 32]),
            close_time: TimePoint(0),
            upgrades: VecM::default(),
            ext: StellarValueExt::Basic,
        },
        tx_set_result_hash: Hash([0; 32]),
        bucket_list_hash: Hash([0; 32]),
        ledger_seq: 1,
        total_coins: TOTAL_COINS,
        fee_pool: 0,
        inflation_seq: 0,
        id_pool: 0,
        base_fee: BASE_FEE,
        base_reserve: BASE_RESERVE,
        max_tx_set_size: 100,
        skip_list: [const { Hash([0; 32]) }; 4],
        ext: LedgerHeaderExt::V0,
    }
}

impl Engine {
    /// The close time that the next ledger would have now, in Unix seconds: the clock's, but always later than the
    /// newest ledger's.
    pub(crate) fn next_close_time(&self) -> u64 {
        self.clock
            .now()
            .as_secs()
            .max(self.latest().close_time().saturating_add(1))
    }

    /// Closes a ledger with all that is pending.
    pub(crate) fn close_ledger(&mut self) -> Result<(), EngineError> {
        self.start_ledger()?;
        for frame in self.pending.take() {
            self.enter(&frame)?;
        }
        self.finish_ledger()
    }

    /// Closes ledgers that are due by now. Says when the next one is, if ever by itself.
    pub(crate) fn close_due(&mut self, now: Instant) -> Result<Option<Instant>, EngineError> {
        match self.pace.due(!self.pending.is_empty()) {
            Some(due) if due <= now => {
                self.close_ledger()?;
                Ok(self.pace.due(false))
            }
            due => Ok(due),
        }
    }

    /// Takes in one of the network's own transactions at once: into the newest ledger while that is young, else into a
    /// new one. What is pending stays pending.
    pub(crate) fn enter_now(&mut self, frame: &Frame) -> Result<Outcome, EngineError> {
        if !self.pace.can_join(Instant::now()) {
            self.start_ledger()?;
        }
        let outcome = self.enter(frame)?;
        self.finish_ledger()?;
        Ok(outcome)
    }

    fn start_ledger(&mut self) -> Result<(), EngineError> {
        self.tip = self.tip.next(self.next_close_time())?;
        self.state.evict(self.tip.sequence());
        self.pace.closed(Instant::now());
        Ok(())
    }

    fn finish_ledger(&mut self) -> Result<(), EngineError> {
        self.tip.seal()?;
        self.history.put_ledger(self.tip.newest().clone());
        Ok(())
    }

    fn enter(&mut self, frame: &Frame) -> Result<Outcome, EngineError> {
        let context = LedgerContext {
            sequence: self.tip.sequence(),
            close_time: self.tip.newest().close_time(),
            network_id: self.network_id,
            config: &self.config,
        };
        let applied = apply(frame, &mut self.state, &context, &self.modules)?;
        let result = encode(&applied.result)?;
        let index = self.tip.add(frame, &applied, &result);
        let record = self.transaction_record(frame, &applied, result, index)?;
        self.history.add_transaction(record);
        Ok(applied.outcome)
    }

    fn transaction_record(
        &self,
        frame: &Frame,
        applied: &Applied,
        result: Vec<u8>,
        index: u32,
    ) -> Result<TransactionRecord, EngineError> {
        let operations = i64::try_from(frame.tx.operations.len()).unwrap_or(i64::MAX);
        let inclusion = fees::inclusion_bid(frame).min(fees::min_inclusion(frame));
        Ok(TransactionRecord {
            ledger: self.tip.sequence(),
            index,
            closed_at: self.tip.newest().close_time(),
            hash: frame.hash(),
            inner_hash: frame.bump.as_ref().map(|_| frame.inner_hash),
            succeeded: applied.succeeded,
            is_soroban: frame.is_soroban(),
            inclusion_fee: u64::try_from(inclusion / operations.max(1)).unwrap_or(0),
            envelope: frame.bytes.clone(),
            result,
            meta: encode(&applied.meta)?,
            events: EventRecord::all(&applied.meta)?,
        })
    }
}
