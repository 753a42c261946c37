//! The file in which a local network outlives its process.
//!
//! JSON, so that it can be looked into: a format number, the passphrase, the newest ledger's header, and each entry
//! with its lifetime, all XDR in base64; then the transactions that are remembered. It is written to a temporary file
//! beside it, flushed, and renamed, so that a crash leaves the old one or the new one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use stellar_xdr::{LedgerEntry, LedgerHeader};

use crate::engine::history::{EventRecord, TransactionRecord};
use crate::engine::state::{State, Stored};
use crate::engine::xdr::{decode, encode};
use crate::engine::{Engine, EngineOptions};
use crate::error::LocalStellarError;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct StateFile {
    format: u32,
    passphrase: String,
    header: String,
    /// Entry, and the ledger up to which it lives.
    entries: Vec<(String, Option<u32>)>,
    transactions: Vec<SavedTransaction>,
}

/// A [`TransactionRecord`] with its bytes in base64. Its events are in its metadata.
#[derive(Serialize, Deserialize)]
struct SavedTransaction {
    ledger: u32,
    index: u32,
    closed_at: u64,
    hash: String,
    inner_hash: Option<String>,
    succeeded: bool,
    is_soroban: bool,
    inclusion_fee: u64,
    envelope: String,
    result: String,
    meta: String,
}

impl SavedTransaction {
    fn new(record: &TransactionRecord) -> Self {
        Self {
            ledger: record.ledger,
            index: record.index,
            closed_at: record.closed_at,
            hash: STANDARD.encode(record.hash),
            inner_hash: record.inner_hash.map(|hash| STANDARD.encode(hash)),
            succeeded: record.succeeded,
            is_soroban: record.is_soroban,
            inclusion_fee: record.inclusion_fee,
            envelope: STANDARD.encode(&record.envelope),
            result: STANDARD.encode(&record.result),
            meta: STANDARD.encode(&record.meta),
        }
    }

    fn into_record(self) -> Result<TransactionRecord, StateFileErrorKind> {
        let hash = |text: &str| -> Result<[u8; 32], StateFileErrorKind> {
            bytes(text)?
                .try_into()
                .map_err(|_| StateFileErrorKind::Entry)
        };
        let meta = bytes(&self.meta)?;
        let decoded = decode(&meta).map_err(|_| StateFileErrorKind::Entry)?;
        Ok(TransactionRecord {
            ledger: self.ledger,
            index: self.index,
            closed_at: self.closed_at,
            hash: hash(&self.hash)?,
            inner_hash: self.inner_hash.as_deref().map(hash).transpose()?,
            succeeded: self.succeeded,
            is_soroban: self.is_soroban,
            inclusion_fee: self.inclusion_fee,
            envelope: bytes(&self.envelope)?,
            result: bytes(&self.result)?,
            events: EventRecord::all(&decoded).map_err(|_| StateFileErrorKind::Entry)?,
            meta,
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, StateFileErrorKind> {
    STANDARD.decode(text).map_err(|_| StateFileErrorKind::Entry)
}

/// Why a state file was not read or written.
#[derive(Debug, thiserror::Error)]
#[error("state file {}: {kind}", path.display())]
pub struct StateFileError {
    path: PathBuf,
    #[source]
    kind: StateFileErrorKind,
}

impl StateFileError {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &StateFileErrorKind {
        &self.kind
    }
}

/// What is wrong with a state file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileErrorKind {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no state file.
    #[error("not a state file: {0}")]
    Json(#[from] serde_json::Error),
    /// It was written by another version.
    #[error("its format is {found}, this program reads {FORMAT}: delete it to start afresh")]
    Format {
        /// The format that was found.
        found: u32,
    },
    /// It belongs to a network with another passphrase.
    #[error("it belongs to the network {found:?}")]
    OtherNetwork {
        /// The passphrase that was found.
        found: String,
    },
    /// An entry in it cannot be decoded.
    #[error("an entry cannot be decoded")]
    Entry,
}

/// Writes an engine's state.
pub(crate) fn save(path: &Path, engine: &Engine) -> Result<(), StateFileError> {
    write(path, engine).map_err(|kind| StateFileError {
        path: path.to_owned(),
        kind,
    })
}

fn write(path: &Path, engine: &Engine) -> Result<(), StateFileErrorKind> {
    let text = |bytes: Result<Vec<u8>, stellar_xdr::Error>| {
        bytes
            .map(|bytes| STANDARD.encode(bytes))
            .map_err(|_| StateFileErrorKind::Entry)
    };
    let mut entries = engine
        .state()
        .entries()
        .iter()
        .map(|(_, stored)| Ok((text(encode(stored.entry.as_ref()))?, stored.live_until)))
        .collect::<Result<Vec<_>, StateFileErrorKind>>()?;
    entries.sort_unstable();
    let file = StateFile {
        format: FORMAT,
        passphrase: engine.passphrase().to_owned(),
        header: text(encode(&engine.latest().header))?,
        entries,
        transactions: engine
            .history()
            .transactions()
            .map(|record| SavedTransaction::new(record))
            .collect(),
    };
    let temporary = path.with_extension("tmp");
    let mut out = std::fs::File::create(&temporary)?;
    out.write_all(&serde_json::to_vec(&file)?)?;
    out.sync_all()?;
    std::fs::rename(&temporary, path)?;
    Ok(())
}

/// Reads an engine's state.
pub(crate) fn load(path: &Path, options: EngineOptions) -> Result<Engine, LocalStellarError> {
    let failed = |kind| StateFileError {
        path: path.to_owned(),
        kind,
    };
    let (state, header, transactions) = read(path, &options).map_err(failed)?;
    let mut engine = Engine::from_state(options, state, &header)?;
    for record in transactions {
        engine.history_mut().add_transaction(record);
    }
    Ok(engine)
}

type Loaded = (State, LedgerHeader, Vec<TransactionRecord>);

fn read(path: &Path, options: &EngineOptions) -> Result<Loaded, StateFileErrorKind> {
    let file: StateFile = serde_json::from_slice(&std::fs::read(path)?)?;
    if file.format != FORMAT {
        return Err(StateFileErrorKind::Format { found: file.format });
    }
    if file.passphrase != options.passphrase {
        return Err(StateFileErrorKind::OtherNetwork {
            found: file.passphrase,
        });
    }
    let header = decode(&bytes(&file.header)?).map_err(|_| StateFileErrorKind::Entry)?;
    let mut loaded = Vec::with_capacity(file.entries.len());
    for (text, live_until) in &file.entries {
        let entry: LedgerEntry = decode(&bytes(text)?).map_err(|_| StateFileErrorKind::Entry)?;
        let stored = Stored {
            live_until: *live_until,
            entry: Rc::new(entry),
        };
        loaded.push((Rc::new(stored.entry.to_key()), Some(stored)));
    }
    let mut state = State::default();
    state.commit(loaded);
    let transactions = file
        .transactions
        .into_iter()
        .map(SavedTransaction::into_record)
        .collect::<Result<_, _>>()?;
    Ok((state, header, transactions))
}
