//! Opening the file: its settings, its schema and the migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{OpenStoreError, Outage, StoreError};

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements kept prepared: all that this store has.
const STATEMENTS: usize = 32;

/// Marks the file as ours: `coin` in ASCII.
const APPLICATION_ID: i64 = 0x636f_696e;

/// The steps from one schema version to the next; the version is their count.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// Opens the file with this store's settings and its newest schema.
pub(super) fn open(path: &Path) -> Result<Connection, OpenStoreError> {
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        return Err(OpenStoreError::NoFile);
    }
    create_private(path);
    // Without SQLITE_OPEN_URI, so that a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(Outage::from)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.busy_timeout(BUSY_TIMEOUT).map_err(Outage::from)?;
    check_ours(&db)?;
    use_write_ahead_log(&db)?;
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )
    .map_err(Outage::from)?;
    migrate(&mut db)?;
    Ok(db)
}

/// Shows that the file can be written to, by writing nothing new.
pub(super) fn touch(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE versions SET last = last")?
        .execute([])?;
    Ok(())
}

/// Creates the file so that only its owner can read it; it will hold signed payments.
/// An existing file is left as it is, and what fails here fails with its reason on opening.
fn create_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn check_ours(db: &Connection) -> Result<(), OpenStoreError> {
    // Both as of one moment: another process may be making the file just now.
    let snapshot = db.unchecked_transaction().map_err(Outage::from)?;
    let application: i64 = pragma(&snapshot, "application_id")?;
    let tables: i64 = snapshot
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(Outage::from)?;
    if application == APPLICATION_ID || (application == 0 && tables == 0) {
        Ok(())
    } else {
        Err(OpenStoreError::NotOurs)
    }
}

/// Turns the log on. SQLite does not wait its busy time-out here, so this does.
fn use_write_ahead_log(db: &Connection) -> Result<(), OpenStoreError> {
    let step = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        let mode = db.query_row("PRAGMA journal_mode = WAL", [], |row| {
            row.get::<_, String>(0)
        });
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(OpenStoreError::NoWriteAheadLog),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && waited < BUSY_TIMEOUT =>
            {
                std::thread::sleep(step);
                waited = waited.saturating_add(step);
            }
            Err(error) => return Err(Outage::from(error).into()),
        }
    }
}

fn migrate(db: &mut Connection) -> Result<(), OpenStoreError> {
    let supported = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    // The lock first: another process may be migrating the same file.
    let step = db
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(Outage::from)?;
    let found: i64 = pragma(&step, "user_version")?;
    if found > supported {
        return Err(OpenStoreError::TooNew { found, supported });
    }
    let done = usize::try_from(found).map_err(|_| OpenStoreError::NotOurs)?;
    for migration in MIGRATIONS.iter().skip(done) {
        step.execute_batch(migration).map_err(Outage::from)?;
    }
    if found < supported {
        step.pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(Outage::from)?;
        step.pragma_update(None, "user_version", supported)
            .map_err(Outage::from)?;
    }
    step.commit().map_err(Outage::from)?;
    Ok(())
}

fn pragma(db: &Connection, name: &str) -> Result<i64, Outage> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}
