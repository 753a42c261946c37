//! Records in SQL. Each function is one operation inside a transaction that its caller began.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::claims::{next_version, signed, unsigned};
use crate::{Record, StoreError};

const FIND: &str = "SELECT version, value FROM records WHERE collection = ?1 AND name = ?2";

const INSERT: &str = "
    INSERT INTO records (collection, name, version, value) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (collection, name) DO NOTHING";

const UPDATE: &str = "
    UPDATE records SET version = ?3, value = ?4
    WHERE collection = ?1 AND name = ?2 AND version = ?5";

const REMOVE: &str = "DELETE FROM records WHERE collection = ?1 AND name = ?2";

const SCAN: &str = "
    SELECT version, value, name FROM records
    WHERE collection = ?1 AND (?2 IS NULL OR name > ?2)
    ORDER BY name LIMIT ?3";

pub(super) fn find(
    db: &Connection,
    collection: &str,
    key: &str,
) -> Result<Option<Record>, StoreError> {
    Ok(db
        .prepare_cached(FIND)?
        .query_row([collection, key], read)
        .optional()?)
}

/// One statement that changes anything that is seen: there is nothing to roll back when it fails.
pub(super) fn put(
    db: &Connection,
    collection: &str,
    key: &str,
    expected: Option<u64>,
    value: &[u8],
) -> Result<u64, StoreError> {
    let version = next_version(db)?;
    let written = match expected {
        None => db
            .prepare_cached(INSERT)?
            .execute(params![collection, key, version, value])?,
        Some(expected) => db.prepare_cached(UPDATE)?.execute(params![
            collection,
            key,
            version,
            value,
            signed(expected)
        ])?,
    };
    if written == 0 {
        return Err(StoreError::RecordConflict(find(db, collection, key)?));
    }
    Ok(unsigned(version))
}

pub(super) fn remove(
    db: &Connection,
    collection: &str,
    key: &str,
    expected: u64,
) -> Result<(), StoreError> {
    let current = find(db, collection, key)?;
    if current.as_ref().map(|record| record.version) != Some(expected) {
        return Err(StoreError::RecordConflict(current));
    }
    db.prepare_cached(REMOVE)?.execute([collection, key])?;
    Ok(())
}

pub(super) fn scan(
    db: &Connection,
    collection: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Record)>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(SCAN)?;
    let rows = statement.query_map(params![collection, after, limit], |row| {
        Ok((row.get(2)?, read(row)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        version: unsigned(row.get(0)?),
        value: row.get(1)?,
    })
}
