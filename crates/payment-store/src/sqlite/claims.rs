//! Claims in SQL. Each function is one operation inside a transaction that its caller began.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, PaymentId, Scope, StoreError,
    UnixMillis,
};

const FIND: &str = "
    SELECT payment, version, state, claimed_at, updated_at, lease_until, detail FROM claims
    WHERE scope = ?1 AND payment = coalesce(
        (SELECT payment FROM aliases WHERE scope = ?1 AND alias = ?2), ?2)";

const INSERT: &str = "
    INSERT INTO claims (scope, payment, version, state, claimed_at, updated_at, lease_until, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const UPDATE: &str = "
    UPDATE claims SET version = ?3, state = ?4, updated_at = ?5, lease_until = ?6, detail = ?7
    WHERE scope = ?1 AND payment = ?2";

const INSERT_ALIAS: &str = "INSERT INTO aliases (scope, alias, payment) VALUES (?1, ?2, ?3)";

const DELETE: &str = "DELETE FROM claims WHERE scope = ?1 AND payment = ?2";

// An id is never empty, so all are behind ''.
const PENDING: &str = "
    SELECT payment, version, state, claimed_at, updated_at, lease_until, detail FROM claims
    WHERE scope = ?1 AND payment > ?2 AND state IN (0, 1)
    ORDER BY payment LIMIT ?3";

const PURGE: &str = "DELETE FROM claims WHERE scope = ?1 AND updated_at < ?2 AND state IN (2, 3)";

const COUNT_UP: &str = "UPDATE versions SET last = last + 1";

const LAST_VERSION: &str = "SELECT last FROM versions";

pub(super) fn find(db: &Connection, key: &ClaimKey) -> Result<Option<Claim>, StoreError> {
    Ok(db
        .prepare_cached(FIND)?
        .query_row(
            params![scope_code(key.scope), key.payment.as_str()],
            |row| read(row, key.scope),
        )
        .optional()?)
}

pub(super) fn claim(
    db: &Connection,
    key: ClaimKey,
    detail: Vec<u8>,
    now: UnixMillis,
    lease_until: UnixMillis,
) -> Result<ClaimOutcome, StoreError> {
    if let Some(existing) = find(db, &key)? {
        return Ok(ClaimOutcome::Existing(existing));
    }
    let version = next_version(db)?;
    let state = ClaimState::Claimed;
    let claim = Claim {
        key,
        version: unsigned(version),
        state,
        detail,
        claimed_at: now,
        updated_at: now,
        lease_until,
    };
    db.prepare_cached(INSERT)?.execute(params![
        scope_code(claim.key.scope),
        claim.key.payment.as_str(),
        version,
        state_code(state),
        now.as_millis(),
        now.as_millis(),
        lease_until.as_millis(),
        claim.detail,
    ])?;
    Ok(ClaimOutcome::New(claim))
}

pub(super) fn update(
    db: &Connection,
    key: &ClaimKey,
    version: u64,
    next: ClaimUpdate,
) -> Result<Claim, StoreError> {
    let current = expect_version(db, key, version)?;
    if current.state == ClaimState::Settled && next.state != ClaimState::Settled {
        return Err(StoreError::SettledIsFinal(next.state));
    }
    for alias in next.aliases {
        add_alias(db, &current.key, alias)?;
    }
    let version = next_version(db)?;
    let claim = Claim {
        version: unsigned(version),
        state: next.state,
        detail: next.detail,
        updated_at: next.now,
        lease_until: next.lease_until,
        ..current
    };
    db.prepare_cached(UPDATE)?.execute(params![
        scope_code(claim.key.scope),
        claim.key.payment.as_str(),
        version,
        state_code(claim.state),
        claim.updated_at.as_millis(),
        claim.lease_until.as_millis(),
        claim.detail,
    ])?;
    Ok(claim)
}

pub(super) fn release(db: &Connection, key: &ClaimKey, version: u64) -> Result<(), StoreError> {
    let current = expect_version(db, key, version)?;
    if current.state != ClaimState::Claimed {
        return Err(StoreError::NotReleasable(current.state));
    }
    db.prepare_cached(DELETE)?.execute(params![
        scope_code(current.key.scope),
        current.key.payment.as_str()
    ])?;
    Ok(())
}

pub(super) fn pending(
    db: &Connection,
    scope: Scope,
    after: Option<&PaymentId>,
    limit: usize,
) -> Result<Vec<Claim>, StoreError> {
    let after = after.map_or("", PaymentId::as_str);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(PENDING)?;
    let rows = statement.query_map(params![scope_code(scope), after, limit], |row| {
        read(row, scope)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn purge(
    db: &Connection,
    scope: Scope,
    settled_before: UnixMillis,
) -> Result<u64, StoreError> {
    let count = db
        .prepare_cached(PURGE)?
        .execute(params![scope_code(scope), settled_before.as_millis()])?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A version that no claim and no record ever had. Two statements: for one with `RETURNING` the
/// engine makes a table of its own each time, which costs more than all the rest of a write.
pub(super) fn next_version(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached(COUNT_UP)?.execute([])?;
    db.prepare_cached(LAST_VERSION)?
        .query_row([], |row| row.get(0))
}

/// Versions begin at 1.
pub(super) fn unsigned(version: i64) -> u64 {
    version.unsigned_abs()
}

/// No version that was given is as large as the one in place of one that is too large.
pub(super) fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// The claim that the caller knew, if it has not moved since.
fn expect_version(db: &Connection, key: &ClaimKey, version: u64) -> Result<Claim, StoreError> {
    match find(db, key)? {
        Some(current) if current.version == version => Ok(current),
        other => Err(StoreError::Conflict(other.map(Box::new))),
    }
}

fn add_alias(db: &Connection, key: &ClaimKey, alias: PaymentId) -> Result<(), StoreError> {
    match find(
        db,
        &ClaimKey {
            scope: key.scope,
            payment: alias.clone(),
        },
    )? {
        None => {
            db.prepare_cached(INSERT_ALIAS)?.execute(params![
                scope_code(key.scope),
                alias.as_str(),
                key.payment.as_str()
            ])?;
            Ok(())
        }
        Some(holder) if holder.key == *key => Ok(()),
        Some(holder) => Err(StoreError::AliasTaken {
            alias,
            holder: Box::new(holder),
        }),
    }
}

fn read(row: &Row<'_>, scope: Scope) -> rusqlite::Result<Claim> {
    Ok(Claim {
        key: ClaimKey {
            scope,
            payment: PaymentId::from_stored(row.get(0)?),
        },
        version: unsigned(row.get(1)?),
        state: read_state(row.get(2)?)?,
        claimed_at: UnixMillis::new(row.get(3)?),
        updated_at: UnixMillis::new(row.get(4)?),
        lease_until: UnixMillis::new(row.get(5)?),
        detail: row.get(6)?,
    })
}

const fn scope_code(scope: Scope) -> i64 {
    match scope {
        Scope::Delivery => 0,
        Scope::Settlement => 1,
    }
}

const fn state_code(state: ClaimState) -> i64 {
    match state {
        ClaimState::Claimed => 0,
        ClaimState::Pending => 1,
        ClaimState::Settled => 2,
        ClaimState::Failed => 3,
    }
}

fn read_state(code: i64) -> rusqlite::Result<ClaimState> {
    match code {
        0 => Ok(ClaimState::Claimed),
        1 => Ok(ClaimState::Pending),
        2 => Ok(ClaimState::Settled),
        3 => Ok(ClaimState::Failed),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(2, other)),
    }
}
