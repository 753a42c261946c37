//! What is submitted and valid, and waits for a ledger.

use std::collections::{HashMap, HashSet};

use stellar_xdr::AccountId;

use super::frame::Frame;

/// The waiting transactions in the order of their submission.
#[derive(Default)]
pub(crate) struct Pending {
    frames: Vec<Frame>,
    hashes: HashSet<[u8; 32]>,
    sequences: HashMap<AccountId, i64>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether the transaction waits already, in this envelope or in another around the same inner transaction.
    pub(crate) fn contains(&self, frame: &Frame) -> bool {
        self.hashes.contains(&frame.inner_hash)
    }

    /// The last sequence number that the account's waiting transactions use.
    pub(crate) fn sequence(&self, source: &AccountId) -> Option<i64> {
        self.sequences.get(source).copied()
    }

    pub(crate) fn push(&mut self, frame: Frame) {
        self.hashes.insert(frame.inner_hash);
        self.sequences.insert(frame.source(), frame.tx.seq_num.0);
        self.frames.push(frame);
    }

    /// Takes all of them.
    pub(crate) fn take(&mut self) -> Vec<Frame> {
        self.hashes.clear();
        self.sequences.clear();
        std::mem::take(&mut self.frames)
    }
}
