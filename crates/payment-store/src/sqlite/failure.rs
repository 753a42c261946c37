//! SQLite's errors as [`Outage`]s.

use rusqlite::ErrorCode;

use crate::{Outage, StoreError};

impl From<rusqlite::Error> for Outage {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::CannotOpen) => Self::CannotOpen,
            _ => Self::Engine(Box::new(error)),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Outage(error.into())
    }
}

/// The same outage once more, for the next of those that it hit.
pub(super) fn again(outage: &Outage) -> Outage {
    match outage {
        Outage::Busy => Outage::Busy,
        Outage::ReadOnly => Outage::ReadOnly,
        Outage::DiskFull => Outage::DiskFull,
        Outage::Corrupt => Outage::Corrupt,
        Outage::CannotOpen => Outage::CannotOpen,
        Outage::Closed => Outage::Closed,
        Outage::Engine(source) => Outage::Engine(source.to_string().into()),
    }
}

#[cfg(test)]
mod tests;
