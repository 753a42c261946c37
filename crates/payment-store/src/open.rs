//! Opening a store by its address.

use std::path::Path;
use std::sync::Arc;

use crate::{MemoryStore, Outage, PaymentStore, SqliteStore};

/// Opens stores by their address, as it stands in a configuration.
#[derive(Debug)]
pub enum Store {}

impl Store {
    /// Opens `sqlite:<path>`, a file that is created when it is missing, or `memory:`, which
    /// forgets everything with the process.
    ///
    /// # Errors
    /// [`OpenStoreError`], each with a sentence that says what to do.
    pub async fn open(address: &str) -> Result<Arc<dyn PaymentStore>, OpenStoreError> {
        if address == "memory:" {
            return Ok(Arc::new(MemoryStore::new()));
        }
        match address.strip_prefix("sqlite:") {
            Some(path) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                Ok(Arc::new(SqliteStore::open(Path::new(path)).await?))
            }
            None => Err(OpenStoreError::UnknownAddress),
        }
    }
}

/// A store did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// The address names no kind of store that is known.
    #[error("a store's address is \"sqlite:<path of a file>\" or \"memory:\"")]
    UnknownAddress,
    /// The path is empty or names SQLite's own database in memory.
    #[error("a SQLite store needs the path of a file, such as \"sqlite:payments.db\"")]
    NoFile,
    /// The file is a SQLite database of another program.
    #[error("the file is a database of another program; name a file of its own for the payments")]
    NotOurs,
    /// A newer version of this program wrote the file.
    #[error(
        "the payment database has schema {found}, and this program knows up to {supported}; \
         run the newer program that wrote it"
    )]
    TooNew {
        /// The file's schema version.
        found: i64,
        /// The newest that this program knows.
        supported: i64,
    },
    /// The file system cannot keep a write-ahead log.
    #[error(
        "the payment database cannot use a write-ahead log; put it on a local disk, not on a network share"
    )]
    NoWriteAheadLog,
    /// The database itself refused.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// No thread could be started for the database.
    #[error("no thread could be started for the payment database")]
    Thread(#[source] std::io::Error),
}
